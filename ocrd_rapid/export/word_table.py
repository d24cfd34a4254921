# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""CSV (RFC 4180): a row for every word, with its place and confidence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..ocr.page_model import ReadDocument, ReadPage
from .certainty import certainty
from .export_options import ExportOptions, Media
from .positions import box_on

COLUMNS = (
    "document", "page", "region", "region_type", "line", "word", "text", "confidence",
    "x0", "y0", "x1", "y1",
)  # fmt: skip


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document; see `ocrd_rapid.export.output_formats.Writer`."""
    out.write(_rows([COLUMNS]))
    for page in pages:
        out.write(_rows(_words(document.name, page)))


def _rows(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8")


def _words(document: str, page: ReadPage) -> Iterator[tuple[object, ...]]:
    """Yield a row for every word of a page, in reading order."""
    for region in page.regions:
        for line in region.lines:
            for word in line.words:
                yield (
                    document,
                    page.number,
                    region.id,
                    region.kind or "",
                    line.id,
                    word.id,
                    word.text,
                    f"{certainty(word, line, region):.4f}",
                    *box_on(page, word.outline),
                )

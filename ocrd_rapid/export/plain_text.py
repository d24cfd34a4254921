# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Plain text in reading order: the lines as printed, or a line a paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..ocr.page_model import ReadDocument, ReadPage
from .cell_grid import TextGrid
from .export_options import ExportOptions, Media
from .line_joining import printed_lines, with_whole_words
from .page_parts import table_of
from .text_flow import FlowChoices, FlowText, PageStart, flow

#: What stands between two pages, as in pdftotext.
FORM_FEED = "\f"


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document as plain text: UTF-8, blank lines between regions, form feeds between pages.

    A document without text is an empty file.
    """
    for piece in _pieces(pages, options):
        out.write(piece.encode("utf-8"))


def page_text(page: ReadPage, options: ExportOptions | None = None) -> str:
    """Return the text of a page: regions in reading order, a blank line between them.

    It ends with a line break unless it is empty.
    """
    return "".join(_pieces([page], options or ExportOptions()))


def _pieces(pages: Iterable[ReadPage], options: ExportOptions) -> Iterator[str]:
    """Yield the text of pages piece by piece."""
    choices = FlowChoices.of(options, paragraphs=False, furniture=True)
    texts = _paragraphs(pages, choices) if choices.paragraphs else _lines(pages, choices)
    first_page, before = True, ""
    for text in texts:
        if text is not None:
            yield f"{before}{text}\n"
            before = "\n"
            continue
        if not first_page:
            yield FORM_FEED
        first_page, before = False, ""


def _lines(pages: Iterable[ReadPage], choices: FlowChoices) -> Iterator[str | None]:
    """Yield the lines of each region, the rows of each table, and ``None`` where a page begins."""
    for page in pages:
        yield None
        texts = [printed_lines(r, modern_spelling=choices.modern_spelling) for r in page.regions]
        tables: set[str] = set()
        for region, printed in zip(page.regions, texts, strict=True):
            lines: Iterable[str] = printed
            if choices.join_hyphens:
                lines = with_whole_words(printed)
            text = "\n".join(lines)
            if region.place is not None:
                name = region.place.table
                grid = None
                if name not in tables:
                    tables.add(name)
                    grid = table_of(page, texts, name, join_hyphens=choices.join_hyphens)
                text = "" if grid is None else _rows(grid)
            if text:
                yield text


def _rows(table: TextGrid) -> str:
    """Return a table with a line for each row, and tabs between the cells."""
    return "\n".join("\t".join(row).rstrip() for row in table.rows)


def _paragraphs(pages: Iterable[ReadPage], choices: FlowChoices) -> Iterator[str | None]:
    """Yield each paragraph, and the rows of each table, and ``None`` where a page begins."""
    for part in flow(pages, choices):
        if isinstance(part, PageStart):
            yield None
        elif isinstance(part, FlowText):
            yield "\n".join(part.lines)
        else:
            yield _rows(part)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The result of a call of `RapidOCR` in the formats of ``ocrd-rapid ocr``."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..export.export_options import ExportOptions, PageMedium
from ..export.line_words import completed
from ..export.output_formats import format_named
from ..files import write_atomically
from ..ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion, ReadWord
from ..ocr.recognition.words import word_confidences
from ..pixels import BgrImage
from ..rasters.encoding import encode_png
from ..temporary_folders import temporary_folder
from ..version import __version__
from .word_boxes import words_of_line

_NAME = "page"


def page_of_lines(
    size: tuple[int, int], regions: Sequence[ReadRegion], kept: Sequence[tuple[int, ReadLine]]
) -> ReadPage:
    """Return the page of a result.

    Args:
        size: height and width of the image.
        regions: the regions of the page; empty if it is a single line.
        kept: the lines of the result, with the indices of their regions.
    """
    lines: dict[int, list[ReadLine]] = {}
    for index, line in kept:
        lines.setdefault(index, []).append(line)
    known = dict(enumerate(regions)) or {0: ReadRegion()}
    found = (replace(known[index], lines=tuple(members)) for index, members in lines.items())
    return ReadPage(size[1], size[0], tuple(found), image=f"{_NAME}.png")


def text_in_format(name: str, page: ReadPage, options: Mapping[str, Any]) -> str:
    """Return a page in a text format.

    Args:
        name: the format, see `ocrd_rapid.export.output_formats`.
        page: the page.
        options: attributes of `ExportOptions`.
    """
    return _written(name, page, options, None).decode("utf-8")


def write_file(
    name: str,
    page: ReadPage,
    pixels: BgrImage | None,
    path: str | os.PathLike[str],
    options: Mapping[str, Any],
) -> None:
    """Write a page to a file, which appears whole or not at all; an existing one is replaced.

    Args:
        name: the format.
        page: the page.
        pixels: its image; ``None`` if it is not known any more.
        path: the file.
        options: attributes of `ExportOptions`.

    Raises:
        InputError: the format shows the image, which is not known.
        MissingExtraError: an optional library is missing.
        OSError: the file cannot be written.
    """
    write_atomically(Path(path), _written(name, page, options, pixels))


def _written(
    name: str, page: ReadPage, options: Mapping[str, Any], pixels: BgrImage | None
) -> bytes:
    export = ExportOptions(**{"generator": f"ocrd-rapid {__version__}", **options})
    page = completed(replace(page, regions=tuple(map(_with_words, page.regions))))
    stream = io.BytesIO()
    with temporary_folder() as folder:
        image = folder / f"{_NAME}.png"

        def medium(read: ReadPage) -> PageMedium:
            if pixels is None:
                raise InputError("the result has no image to show")
            image.write_bytes(encode_png(pixels, read.dpi))
            return PageMedium(image)

        format_named(name).writer()(stream, ReadDocument(_NAME), [page], export, medium)
    return stream.getvalue()


def _with_words(region: ReadRegion) -> ReadRegion:
    """Return a region whose lines have words, where it is known where their characters are."""
    return replace(region, lines=tuple(map(_line_with_words, region.lines)))


def _line_with_words(line: ReadLine) -> ReadLine:
    if line.words or not line.characters:
        return line
    words = tuple(
        ReadWord(text, None, np.asarray(corners, dtype=np.float32))
        for text, _, corners in words_of_line(line.characters, line.corners)
    )
    # Words in RapidOCR's sense may be single characters, which are no words of the text.
    if [word.text for word in words] != line.text.split():
        return line
    sure = word_confidences(line.characters)
    pairs = zip(words, sure, strict=True)
    return replace(line, words=tuple(replace(word, confidence=c) for word, c in pairs))

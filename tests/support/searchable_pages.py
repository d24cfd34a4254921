# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages with text at known places, the PDFs made of them, and where viewers find their words."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name

from ocrd_rapid.documents.pdf_geometry import displayed_page
from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.export.line_words import completed
from ocrd_rapid.export.pdf.assemble import write
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion, ReadWord
from ocrd_rapid.ocr.text_direction import begins_right
from ocrd_rapid.transforms import Transform, transform_points

#: The size of pages in pixels, their resolution, and the height and width of characters.
WIDTH, HEIGHT, DPI = 600, 800, 100.0
LINE, CHARACTER = 30, 12

Box = tuple[float, float, float, float]


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, dtype=np.float32)


def line_at(left: float, top: float, text: str, **attributes: Any) -> ReadLine:
    words = []
    x = left
    # The first word is the rightmost one where a script runs from right to left.
    backwards = -1 if begins_right(text) else 1
    for word in text.split()[::backwards]:
        words.append(ReadWord(word, 0.9, rectangle(x, top, x + CHARACTER * len(word), top + LINE)))
        x += CHARACTER * (len(word) + 1)
    words = words[::backwards]
    outline = rectangle(left, top, x - CHARACTER, top + LINE)
    return ReadLine(outline, text, 0.9, tuple(words), **attributes)


def region_of(top: float, *texts: str, kind: str = "paragraph", **attributes: Any) -> ReadRegion:
    lines = tuple(line_at(60, top + 40 * i, text) for i, text in enumerate(texts))
    return ReadRegion(lines, kind, **attributes)


def page_of(*regions: ReadRegion, **attributes: Any) -> ReadPage:
    return completed(ReadPage(WIDTH, HEIGHT, regions, **{"dpi": DPI, **attributes}))


def moved(page: ReadPage, transform: Transform) -> ReadPage:
    """Return a page whose outlines are moved; its size and orientation stay."""

    def line(line: ReadLine) -> ReadLine:
        words = tuple(replace(w, outline=_moved(w.outline, transform)) for w in line.words)
        return replace(line, outline=_moved(line.outline, transform), words=words)

    regions = tuple(
        replace(region, lines=tuple(map(line, region.lines))) for region in page.regions
    )
    return replace(page, regions=regions)


def _moved(points: Points, transform: Transform) -> Points:
    return np.asarray(transform_points(transform, points), dtype=np.float32)


def written(
    pages: Sequence[ReadPage],
    media: Mapping[int, PageMedium] | Path,
    options: ExportOptions | None = None,
    document: ReadDocument | None = None,
) -> bytes:
    """Return the PDF of pages; of media by number, or of a PDF with all of them."""

    def medium(page: ReadPage) -> PageMedium:
        return PageMedium(media, page.number - 1) if isinstance(media, Path) else media[page.number]

    stream = io.BytesIO()
    record = document or ReadDocument("name", len(pages))
    write(stream, record, pages, options or ExportOptions(generator="test 1"), medium)
    return stream.getvalue()


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def text_of(data: bytes, index: int = 0) -> str:
    """Return the text that pdfium copies from a page."""
    text: str = pypdfium2.PdfDocument(data)[index].get_textpage().get_text_range()
    return text.replace("\r\n", "\n")


def words_in(data: bytes, index: int = 0) -> list[tuple[str, Box]]:
    """Return the words that pdfium sees on a page, and their boxes in displayed pixels."""
    with opened(data) as pdf:
        to_pixels = displayed_page(pdf.pages[index]).to_pixels(WIDTH, HEIGHT)
    text = pypdfium2.PdfDocument(data)[index].get_textpage()
    found: list[tuple[str, Box]] = []
    letters: list[tuple[str, NDArray[np.float64]]] = []
    for i in range(text.count_chars() + 1):
        character = text.get_text_range(i, 1) if i < text.count_chars() else " "
        if character.strip():
            left, bottom, right, top = text.get_charbox(i)
            corners = transform_points(to_pixels, np.array([(left, bottom), (right, top)]))
            letters.append((character, corners))
        elif letters:
            points = np.concatenate([corners for _, corners in letters])
            box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
            found.append(("".join(letter for letter, _ in letters), box))
            letters = []
    return found


def overlap(one: Box, two: Box) -> float:
    """Return the intersection over the union of two boxes."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, two))
    return width * height / (sum(areas) - width * height)


def misplaced(page: ReadPage, data: bytes, index: int = 0, least: float = 0.9) -> list[str]:
    """Return the words of a page that pdfium does not see where they are."""
    seen = words_in(data, index)
    lost = []
    for line in page.lines:
        for word in line.words:
            low, high = word.outline.min(axis=0).tolist(), word.outline.max(axis=0).tolist()
            box = (*low, *high)
            if not any(text == word.text and overlap(place, box) >= least for text, place in seen):
                lost.append(word.text)
    return lost


def gray_page(pdf: pikepdf.Pdf, box: Sequence[float] = (0, 0, 432, 576), **entries: Any) -> None:
    """Add a page to a PDF that a gray image fills."""
    image = pdf.make_stream(
        bytes([200]) * 16,
        Type=Name.XObject, Subtype=Name.Image, Width=4, Height=4, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
    )  # fmt: skip
    left, bottom, right, top = box
    pdf.add_blank_page(page_size=(right - left, top - bottom))
    page = pdf.pages[-1].obj
    page.MediaBox = Array(list(box))
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    drawn = f"q {right - left} 0 0 {top - bottom} {left} {bottom} cm /Im0 Do Q"
    page.Contents = pdf.make_stream(drawn.encode("ascii"))
    for key, value in entries.items():
        page[f"/{key}"] = value

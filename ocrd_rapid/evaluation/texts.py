# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines of a page with their text, from PAGE-XML, ALTO or plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from ..errors import InputError, PageXmlError
from ..files import read_regular
from ..ocr.page_model import ReadPage
from ..workspace import xml
from ..workspace.page import PageDocument
from ..workspace.transcripts import passages
from ..workspace.values import Polygon

#: Endings of the names of readable files.
SUFFIXES = (".xml", ".txt")
#: That of the JSON of `ocrd_rapid.export`, which is read for its confidences only.
JSON = ".json"


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text.

    Attributes:
        id: the ID in the file, or the number of the line, from 1.
        text: the text in the file.
        outline: shape (N, 2), in pixels of the page's image; ``None`` if there is no usable one.
        confidence: expected share of right characters, 0 to 1; ``None`` if the file has none.
    """

    id: str
    text: str
    outline: Polygon | None = None
    confidence: float | None = None


@dataclass(frozen=True, eq=False)
class Page:
    """The lines of a page in reading order.

    Attributes:
        lines: the lines with text.
        size: width and height of the image; ``None`` if outlines are not in known pixels.
    """

    lines: tuple[Line, ...]
    size: tuple[float, float] | None = None


def page_of(page: ReadPage) -> Page:
    """Return the lines of a page as the processors read it."""
    lines = []
    for region in page.regions:
        if region.lines:
            lines += [
                Line(line.id, line.text, _usable(line.outline), line.confidence)
                for line in region.lines
            ]
        else:
            lines += _lines_of_text(
                region.own_text, region.id, region.own_outline, region.confidence
            )
    return Page(tuple(line for line in lines if line.text.strip()), (page.width, page.height))


def read_pages(path: Path) -> list[Page]:
    """Read the pages of a file: those of plain text end in form feeds; see `read_page`.

    Raises:
        InputError: the file is missing, cannot be read, or has another format.
    """
    if path.suffix.lower() != ".txt":
        return [read_page(path)]
    pages = _decoded(_read(path), path).split("\f")
    if len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    return [_plain(page) for page in pages]


def read_page(path: Path) -> Page:
    """Read a page: PAGE-XML of any version, ALTO of any version, or plain text in UTF-8.

    The content determines the format, except that a file named ``.txt`` is always text.

    Raises:
        InputError: the file is missing, cannot be read, or has another format.
    """
    data = _read(path)
    if path.suffix.lower() == ".txt":
        return _plain(_decoded(data, path))
    try:
        root = xml.parse(data)
        kind = etree.QName(root).localname
        if kind not in ("alto", "PcGts"):
            raise InputError(f"{path}: neither PAGE-XML nor ALTO (root element {kind})")
        if kind == "alto":
            lines, size = _alto(root)
        else:
            document = PageDocument.parse(data)
            lines, size = list(_page_lines(document)), (document.width, document.height)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{path}: not well-formed XML: {error.msg}") from error
    except PageXmlError as error:
        raise InputError(f"{path}: {error}") from error
    return Page(tuple(line for line in lines if line.text.strip()), size)


def _read(path: Path) -> bytes:
    try:
        return read_regular(path)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: byte {error.start + 1} is wrong") from error


def _plain(text: str) -> Page:
    lines = enumerate(text.splitlines(), start=1)
    return Page(tuple(Line(str(number), line) for number, line in lines if line.strip()))


# PAGE-XML


def _page_lines(document: PageDocument) -> Iterator[Line]:
    """Yield the lines of a page, or of the text of a region whose lines have none."""
    for passage in passages(document):
        if passage.lines:
            for line in passage.lines:
                yield Line(line.id, line.transcript, _usable(line.polygon), line.confidence)
        else:
            region = passage.region
            yield from _lines_of_text(passage.text, region.id, region.polygon, region.confidence)


def _lines_of_text(
    content: str, region: str, polygon: Polygon, confidence: float | None
) -> list[Line]:
    """Return the lines of the text of a region, from its ID, outline and confidence."""
    texts = content.splitlines()
    # The outline of a region says nothing of one line among several.
    outline = _usable(polygon) if len(texts) == 1 else None
    return [
        Line(f"{region}:{number}" if len(texts) > 1 else region, text, outline, confidence)
        for number, text in enumerate(texts, start=1)
    ]


def _usable(outline: Polygon) -> Polygon | None:
    return outline if len(outline) >= 3 and np.isfinite(outline).all() else None


# ALTO


def _alto(root: etree._Element) -> tuple[list[Line], tuple[float, float] | None]:
    """Return the lines of an ALTO document in its order, and the size of the page in pixels.

    The size is ``None`` if the document uses another unit.
    """
    lines = [
        Line(str(element.get("ID") or number), _alto_text(element), _alto_outline(element))
        for number, element in enumerate(root.iter("{*}TextLine"), start=1)
    ]
    unit = root.findtext(".//{*}MeasurementUnit", "pixel").strip()
    page = root.find(".//{*}Page")
    if page is None or unit != "pixel":
        return lines, None
    try:
        return lines, (float(page.get("WIDTH", "")), float(page.get("HEIGHT", "")))
    except ValueError:
        return lines, None


def _alto_text(line: etree._Element) -> str:
    """Return the strings of a line with spaces between them, and a hyphen at its end."""
    text = " ".join(str(e.get("CONTENT") or "") for e in line.iterfind("{*}String"))
    hyphen = line.find("{*}HYP")
    mark = "" if hyphen is None else str(hyphen.get("CONTENT") or "")
    return text if text.endswith(mark) else text + mark


def _alto_outline(line: etree._Element) -> Polygon | None:
    """Return the polygon of a line, else its box, or ``None`` if neither can be read."""
    polygon = line.find("{*}Shape/{*}Polygon")
    try:
        if polygon is not None:
            # Both "x,y x,y" and "x y x y" are in use.
            values = [float(v) for v in str(polygon.get("POINTS", "")).replace(",", " ").split()]
            return _usable(np.array(values, dtype=np.float32).reshape(-1, 2))
        sides = (line.get(name, "") for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
        x, y, width, height = (float(value) for value in sides)
    except ValueError:
        return None
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return _usable(np.array(corners, dtype=np.float32))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A sheet on which pages are typeset, its wear, and its ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from lxml import etree
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from typeset_text import Breaker, Face

from ocrd_rapid.workspace.page_scripts import set_scripts

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
Align = Literal["justified", "left", "right", "centre"]


@dataclass(frozen=True)
class Frame:
    """A box to be filled with lines, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    def columns(self, count: int, gutter: float) -> list[Frame]:
        """Return so many frames of the same width beside each other."""
        room = (self.width - (count - 1) * gutter) / count
        lefts = [self.left + i * (room + gutter) for i in range(count)]
        return [Frame(left, self.top, left + room, self.bottom) for left in lefts]


@dataclass(frozen=True)
class Printed:
    """A printed line.

    Attributes:
        text: its text, in logical order.
        box: left, top, right and bottom on the flat sheet.
        scripts: the codes of its scripts, the most frequent first; empty if nobody asks.
        right_to_left: its direction.
    """

    text: str
    box: tuple[float, float, float, float]
    scripts: tuple[str, ...] = ()
    right_to_left: bool = False


@dataclass
class Region:
    """Lines that belong together, and their type in PAGE (``None``: a picture)."""

    kind: str | None
    lines: list[Printed] = field(default_factory=list)
    box: tuple[float, float, float, float] | None = None

    def bounds(self) -> tuple[float, float, float, float]:
        if self.box is not None:
            return self.box
        boxes = np.array([line.box for line in self.lines])
        left, top = boxes[:, :2].min(0)
        right, bottom = boxes[:, 2:].max(0)
        return float(left), float(top), float(right), float(bottom)


@dataclass(frozen=True)
class Cell:
    """A cell of a table with text: first row and column, and how many of each it takes."""

    region: Region
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    is_head: bool = False


@dataclass(frozen=True)
class TablePart:
    """A table: its cells with text, row by row."""

    cells: list[Cell]
    rows: int
    columns: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Wear:
    """What happened to a sheet: the warp, and how the scan lost in quality."""

    skew: float = 0.0  # degrees
    bend: float = 0.0  # pixels by which the middle of the page is higher than its sides
    blur: float = 0.0  # pixels
    noise: float = 3.0  # grey values
    paper: int = 240
    ink: int = 30
    show_through: float = 0.0  # share of the other side's ink


class Sheet:
    """A sheet in grey: what is printed on it, and the regions in reading order."""

    def __init__(self, width: int, height: int, dpi: int, random: np.random.Generator) -> None:
        self.width, self.height, self.dpi = width, height, dpi
        self.random = random
        self.parts: list[Region | TablePart] = []
        self._image = Image.new("L", (width, height), 255)
        self._draw = ImageDraw.Draw(self._image)

    def points(self, points: float) -> float:
        """Return points in pixels."""
        return points * self.dpi / 72

    def inset(self, margin: float) -> Frame:
        """Return the frame inside a margin in points."""
        m = self.points(margin)
        return Frame(m, m, self.width - m, self.height - m)

    def add(self, part: Region | TablePart) -> None:
        """Note a part of the page as the next in reading order, unless nothing is in it."""
        if isinstance(part, TablePart) or part.lines or part.kind is None:
            self.parts.append(part)

    def word(self, text: str, left: float, top: float, face: Face, fill: int = 0) -> Printed:
        """Print a text whose line begins at a point; return it."""
        self._draw.text((round(left), round(top)), text, fill=fill, font=face.font())
        _, above, _, below = face.font().getbbox("Ädpqj()")
        box = (round(left), top + above - 1, round(left) + face.width(text), top + below + 1)
        return Printed(text, box)

    def ink(
        self, text: str, left: float, baseline: float, font: ImageFont.FreeTypeFont, direction: str
    ) -> tuple[float, float, float, float]:
        """Print a text on a baseline; return the box of its ink.

        Args:
            text: in logical order.
            left: where it begins, or ends if it runs from right to left.
            baseline: its height.
            font: laid out with Raqm.
            direction: ``ltr`` or ``rtl``.
        """
        place = (round(left), round(baseline))
        self._draw.text(place, text, fill=0, font=font, anchor="ls", direction=direction)
        return self._draw.textbbox(place, text, font=font, anchor="ls", direction=direction)

    def line(
        self, text: str, left: float, right: float, top: float, face: Face, align: Align = "left"
    ) -> Printed:
        """Print a line of its own between two edges; return it."""
        spare = right - left - face.width(text)
        shift = {"right": spare, "centre": spare / 2}.get(align, 0.0)
        return self.word(text, left + shift, top, face)

    def justified(self, words: Sequence[str], left: float, right: float, top: float, face: Face
                  ) -> Printed:  # fmt: skip
        """Print words with the white between them stretched to both edges; return the line."""
        widths = [face.width(word) for word in words]
        space = (right - left - sum(widths)) / (len(words) - 1)
        boxes = []
        for word, width in zip(words, widths, strict=True):
            boxes.append(self.word(word, left, top, face).box)
            left += width + space
        return Printed(" ".join(words), (boxes[0][0], boxes[0][1], boxes[-1][2], boxes[0][3]))

    def box(self, frame: Frame, thickness: float = 2, fill: int | None = None) -> None:
        """Draw a box."""
        box = (frame.left, frame.top, frame.right, frame.bottom)
        self._draw.rectangle(box, outline=0, width=max(1, round(thickness)), fill=fill)

    def rule(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        thickness: float = 2,
        ink: int = 0,
        gaps: Iterable[tuple[float, float]] = (),
        bow: float = 0,
    ) -> None:
        """Draw a rule, with gaps (shares of its length) and bowed by so many pixels."""
        places = np.linspace(0, 1, 65)
        direction = np.subtract(end, start)
        across = np.array([-direction[1], direction[0]]) / max(1.0, float(np.hypot(*direction)))
        points = np.outer(1 - places, start) + np.outer(places, end)
        points += np.outer(4 * places * (1 - places) * bow, across)
        gaps = tuple(gaps)
        for i, place in enumerate((places[:-1] + places[1:]) / 2):
            if not any(a <= place <= b for a, b in gaps):
                ends = [tuple(points[i]), tuple(points[i + 1])]
                self._draw.line(ends, fill=ink, width=max(1, round(thickness)))

    def picture(self, frame: Frame) -> None:
        """Draw a halftone of clouds with a frame, and note it as a picture."""
        width, height = round(frame.width), round(frame.bottom - frame.top)
        clouds = self.random.random((max(2, height // 60), max(2, width // 60)))
        tones = cv2.resize(
            clouds.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        grey = (70 + 150 * tones).clip(0, 255).astype(np.uint8)
        self._image.paste(Image.fromarray(grey), (round(frame.left), round(frame.top)))
        self.box(frame)
        box = (frame.left, frame.top, frame.right, frame.bottom)
        self.add(Region(None, box=box))

    def paragraph(
        self,
        text: str,
        frame: Frame,
        face: Face,
        leading: float,
        *,
        kind: str = "paragraph",
        align: Align = "justified",
        indent: float = 0,
        hang: float = 0,
    ) -> float:
        """Print a paragraph into a frame, as much as fits; return where the next line begins."""
        breaker = Breaker(text, face, hyphens=align == "justified")
        region = Region(kind)
        top = self.lines(breaker, region, frame, face, leading, align, indent=indent, hang=hang)
        self.add(region)
        return top

    def lines(
        self,
        breaker: Breaker,
        region: Region,
        frame: Frame,
        face: Face,
        leading: float,
        align: Align = "justified",
        *,
        indent: float = 0,
        hang: float = 0,
    ) -> float:
        """Print lines into a region as long as the frame has room; return where the next begins.

        Args:
            breaker: the text; what does not fit stays in it.
            region: gets the lines.
            frame: where they go.
            face: their type.
            leading: from line to line, in pixels.
            align: how a line fills the frame; the last line of a justified paragraph does not.
            indent: of the first line, in pixels.
            hang: of all others, in pixels.
        """
        top, first = frame.top, True
        while breaker and top + leading <= frame.bottom + 1:
            left = frame.left + (indent if first else hang)
            words = breaker.line(frame.right - left)
            if align == "justified" and breaker and len(words) > 1:
                printed = self.justified(words, left, frame.right, top, face)
            else:
                printed = self.line(" ".join(words), left, frame.right, top, face, align)
            region.lines.append(printed)
            top, first = top + leading, False
        return top

    def say(
        self, text: str, left: float, right: float, top: float, face: Face,
        kind: str = "paragraph", align: Align = "left",
    ) -> None:  # fmt: skip
        """Print a line that is a region of its own."""
        self.add(Region(kind, [self.line(text, left, right, top, face, align)]))

    def scan(self, wear: Wear) -> NDArray[np.uint8]:
        """Return the picture of the worn sheet, shape (height, width)."""
        ink = 1 - np.asarray(self._image, dtype=np.float32) / 255
        if wear.show_through:
            ink = np.maximum(ink, wear.show_through * cv2.GaussianBlur(ink[:, ::-1], (0, 0), 2.5))
        x, y = self._flat_places(wear)
        ink = cv2.remap(ink, x, y, cv2.INTER_LINEAR, borderValue=0)
        if wear.blur:
            ink = cv2.GaussianBlur(ink, (0, 0), wear.blur)
        grey = wear.paper - (wear.paper - wear.ink) * ink
        grey += self.random.normal(0, wear.noise, grey.shape)
        return np.asarray(grey.clip(0, 255), np.uint8)

    def _flat_places(self, wear: Wear) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return, for every pixel of the scan, its place on the flat sheet."""
        x, y = np.meshgrid(
            np.arange(self.width, dtype=np.float32), np.arange(self.height, dtype=np.float32)
        )
        angle = np.radians(wear.skew)
        dx, dy = x - self.width / 2, y - self.height / 2
        across = np.cos(angle) * dx + np.sin(angle) * dy
        down = -np.sin(angle) * dx + np.cos(angle) * dy
        down = down + wear.bend * (1 - (2 * across / self.width) ** 2)
        flat = (across + self.width / 2, down + self.height / 2)
        return flat[0].astype(np.float32), flat[1].astype(np.float32)

    def outline(self, box: tuple[float, float, float, float], wear: Wear) -> NDArray[np.int64]:
        """Return where a box of the flat sheet is on the scan, shape (2 N, 2)."""
        left, top, right, bottom = box
        steps = np.linspace(left, right, 2 + round((right - left) / 400))
        edge = np.concatenate(
            [[(x, top) for x in steps], [(x, bottom) for x in steps[::-1]]]
        )  # the upper edge to the right, the lower one back
        angle = np.radians(wear.skew)
        across, down = edge[:, 0] - self.width / 2, edge[:, 1] - self.height / 2
        down = down - wear.bend * (1 - (2 * across / self.width) ** 2)
        x = np.cos(angle) * across - np.sin(angle) * down + self.width / 2
        y = np.sin(angle) * across + np.cos(angle) * down + self.height / 2
        points = np.stack([x.clip(0, self.width - 1), y.clip(0, self.height - 1)], 1)
        return np.asarray(points.round(), np.int64)


def write_truth(path: Path, image: str, sheet: Sheet, wear: Wear) -> None:
    """Write the ground truth of a sheet as PAGE-XML, with its reading order."""
    root = etree.Element(f"{{{NAMESPACE}}}PcGts", nsmap={None: NAMESPACE})
    meta = child(root, "Metadata")
    child(meta, "Creator").text = "tests/bench/synthetic.py"
    for name in ("Created", "LastChange"):
        child(meta, name).text = "2026-01-01T00:00:00"
    size = {"imageWidth": str(sheet.width), "imageHeight": str(sheet.height)}
    page = child(root, "Page", imageFilename=image, **size)
    order = child(child(page, "ReadingOrder"), "OrderedGroup", id="ro")
    for number, part in enumerate(sheet.parts, start=1):
        identifier, index = f"r{number}", str(number - 1)
        if isinstance(part, TablePart):
            group = child(
                order, "OrderedGroupIndexed", id=f"ro_{number}", regionRef=identifier, index=index
            )
            _write_table(page, group, identifier, part, sheet, wear)
            continue
        child(order, "RegionRefIndexed", index=index, regionRef=identifier)
        _write_region(page, identifier, part, sheet, wear)
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write_table(
    page: etree._Element, group: etree._Element, name: str, table: TablePart, sheet: Sheet,
    wear: Wear,
) -> None:  # fmt: skip
    size = {"rows": str(table.rows), "columns": str(table.columns)}
    region = child(page, "TableRegion", id=name, **size)
    child(region, "Coords", points=joined(sheet.outline(table.box, wear)))
    for index, cell in enumerate(table.cells):
        identifier = f"{name}_c{index + 1}"
        child(group, "RegionRefIndexed", index=str(index), regionRef=identifier)
        element = _write_region(region, identifier, cell.region, sheet, wear)
        roles = etree.Element(f"{{{NAMESPACE}}}Roles")
        child(
            roles, "TableCellRole",
            rowIndex=str(cell.row), columnIndex=str(cell.column),
            rowSpan=str(cell.rows), colSpan=str(cell.columns),
            header="true" if cell.is_head else "false",
        )  # fmt: skip
        element.insert(1, roles)


def _write_region(
    parent: etree._Element, name: str, region: Region, sheet: Sheet, wear: Wear
) -> etree._Element:
    coords = joined(sheet.outline(region.bounds(), wear))
    if region.kind is None:
        picture = child(parent, "ImageRegion", id=name)
        child(picture, "Coords", points=coords)
        return picture
    element = child(parent, "TextRegion", id=name, type=region.kind)
    counts = Counter(script for line in region.lines for script in line.scripts[:1])
    scripts = [script for script, _ in counts.most_common(2)]
    _say_script(element, scripts, right_to_left=all(line.right_to_left for line in region.lines))
    child(element, "Coords", points=coords)
    for number, line in enumerate(region.lines, start=1):
        printed = child(element, "TextLine", id=f"{name}_l{number}")
        _say_script(printed, line.scripts, right_to_left=line.right_to_left)
        child(printed, "Coords", points=joined(sheet.outline(line.box, wear)))
        child(child(printed, "TextEquiv"), "Unicode").text = line.text
    return element


def _say_script(element: etree._Element, scripts: Sequence[str], *, right_to_left: bool) -> None:
    set_scripts(element, scripts)
    if scripts:
        direction = "right-to-left" if right_to_left else "left-to-right"
        element.set("readingDirection", direction)


def child(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    """Append an element of PAGE."""
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)


def joined(points: Iterable[Iterable[int]]) -> str:
    """Return points as PAGE has them."""

    def pairs() -> Iterator[str]:
        for x, y in points:
            yield f"{x},{y}"

    return " ".join(pairs())

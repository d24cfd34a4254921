# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages as a clean scan shows them, with ground truth: to measure where no scans are.

Usage: python tests/bench/synthetic.py FOLDER [--count 10]

Pages of A4 at 300 dpi, in grey, in one or two columns of 9 to 12 pt: sentences of this project's
licence in an order drawn by lot. The type is Aileron, which comes with Pillow, so that the pages
are the same everywhere. ``NAME.png`` and ``NAME.page.xml`` are written for every page.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from lxml import etree
from PIL import Image, ImageDraw, ImageFont

_LICENCE = Path(__file__).parents[2] / "LICENSE"
_NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
_WIDTH, _HEIGHT, _DPI = 2480, 3508, 300
_MARGIN, _GUTTER = 300, 100
#: Of the distance of lines to the size of the type, and of the first line of a paragraph.
_LEADING, _INDENT = 1.3, 1.5
_PAPER, _INK, _GRAIN = 240, 30, 4.0
#: Size in points and number of columns, in turn.
_LAYOUTS = ((10, 1), (11, 1), (9, 2), (12, 1), (10, 2))


@dataclass(frozen=True)
class Line:
    """A printed line: its text and its box, left, top, right and bottom in pixels."""

    text: str
    box: tuple[int, int, int, int]


def make_pages(folder: Path, count: int) -> list[Path]:
    """Write so many pages; return the paths of their images."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = _sentences(_LICENCE.read_text(encoding="ascii"))
    scans = []
    for number, (points, columns) in zip(range(count), cycle(_LAYOUTS), strict=False):
        random = np.random.default_rng(number)
        regions, image = _typeset(_drawn(sentences, random), points, columns)
        pixels = np.asarray(image) + random.normal(0, _GRAIN, (_HEIGHT, _WIDTH))
        scan = folder / f"page_{number + 1:02}.png"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(scan, dpi=(_DPI, _DPI))
        _write_truth(scan.with_suffix(".page.xml"), scan.name, regions)
        scans.append(scan)
    return scans


def _sentences(text: str) -> list[str]:
    """Return what has the form of sentences, headings and blank forms left out."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    found = (s for p in paragraphs for s in re.findall(r"[A-Z][^.]{40,400}\.(?= |$)", p))
    return sorted({s for s in found if not re.search(r"[\[\]_/]", s)})


def _drawn(sentences: list[str], random: np.random.Generator) -> Iterator[str]:
    """Yield paragraphs of some sentences, without end."""
    while True:
        order = random.permutation(len(sentences))
        for begin in range(0, len(order), 4):
            yield " ".join(sentences[i] for i in order[begin : begin + 4])


def _typeset(
    paragraphs: Iterator[str], points: int, columns: int
) -> tuple[list[list[Line]], Image.Image]:
    """Fill a page; return its lines by column, and its image in grey."""
    size = points * _DPI // 72
    font = ImageFont.load_default(size)
    image = Image.new("L", (_WIDTH, _HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    pitch = round(size * _LEADING)
    room = (_WIDTH - 2 * _MARGIN - (columns - 1) * _GUTTER) // columns
    regions: list[list[Line]] = []
    for column in range(columns):
        left, top = _MARGIN + column * (room + _GUTTER), _MARGIN
        lines: list[Line] = []
        while top < _HEIGHT - _MARGIN:
            for text, indent in _broken(next(paragraphs), font, room, size):
                if top >= _HEIGHT - _MARGIN:
                    break
                draw.text((left + indent, top), text, fill=_INK, font=font)
                end = left + indent + round(font.getlength(text))
                lines.append(Line(text, (left + indent, top, end, top + pitch)))
                top += pitch
        regions.append(lines)
    return regions, image


def _broken(
    paragraph: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: int, size: int
) -> Iterator[tuple[str, int]]:
    """Yield the lines of a paragraph, and by how much each is indented."""
    indent, line = round(size * _INDENT), ""
    for word in paragraph.split():
        longer = f"{line} {word}".lstrip()
        if line and font.getlength(longer) > room - indent:
            yield line, indent
            indent, line = 0, word
        else:
            line = longer
    yield line, indent


def _write_truth(path: Path, image: str, regions: list[list[Line]]) -> None:
    """Write the ground truth of a page as PAGE-XML."""
    root = etree.Element(f"{{{_NAMESPACE}}}PcGts")
    page = _child(
        root, "Page", imageFilename=image, imageWidth=str(_WIDTH), imageHeight=str(_HEIGHT)
    )
    for number, lines in enumerate(regions, start=1):
        region = _child(page, "TextRegion", id=f"r{number}")
        boxes = np.array([line.box for line in lines])
        _child(region, "Coords", points=_points(*boxes[:, :2].min(0), *boxes[:, 2:].max(0)))
        for position, line in enumerate(lines, start=1):
            element = _child(region, "TextLine", id=f"r{number}_l{position}")
            _child(element, "Coords", points=_points(*line.box))
            _child(_child(element, "TextEquiv"), "Unicode").text = line.text
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _child(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)


def _points(left: int, top: int, right: int, bottom: int) -> str:
    return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    print(*make_pages(arguments.folder, arguments.count), sep="\n")


if __name__ == "__main__":
    main()

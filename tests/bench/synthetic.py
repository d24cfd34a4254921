# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages as a scan shows them, with ground truth: to measure where no scans are.

Usage: python tests/bench/synthetic.py FOLDER [--kinds KIND,…] [--count 10] [--seed 0]

Two sorts of pages. ``plain``: A4 at 300 dpi, in grey, clean, in one or two columns of 9 to 12 pt;
sentences of this project's licence in an order drawn by lot, in Aileron, which comes with Pillow,
so that the pages are the same everywhere. All other kinds are layouts drawn by lot: newspapers,
books, offices, tables. Their text runs on in sentences (of the files ``*.txt`` in --texts, else of
the licences in ``LICENSES/``), so that what goes on in the next column can be told from what does
not; their types are drawn from those in --fonts and in the system's folders; they are skewed, bent,
blurred and grainy, from 150 to 300 dpi (receipts less). The same seed, fonts and texts give the
same files.

``KIND/NAME.png`` and ``KIND/NAME.page.xml`` are written for every page, the latter with its
regions, tables and reading order. Notes in the margin and numbers of lines follow the text, from
top to bottom; footnotes follow the text of all columns; a picture's caption follows the picture.
"""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import typeset_books
import typeset_news
import typeset_office
import typeset_tables
from lxml import etree
from PIL import Image, ImageDraw, ImageFont
from typeset_lot import Lot
from typeset_sheet import NAMESPACE, Sheet, Wear, child, write_truth
from typeset_text import FAMILIES, FONT_FOLDERS, Family, find_families, read_texts

_LICENCE = Path(__file__).parents[2] / "LICENSE"
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


#: Maker of each kind of layout.
LAYOUTS: dict[str, Callable[[Lot], Sheet]] = {
    "newspaper": typeset_news.newspaper,
    "newspaper-open": typeset_news.newspaper_open,
    "feuilleton": typeset_news.feuilleton,
    "headlines": typeset_news.headlines,
    "advertisements": typeset_news.advertisements,
    "magazine": typeset_news.magazine,
    "footnotes": typeset_books.footnotes,
    "marginalia": typeset_books.marginalia,
    "verse": typeset_books.verse,
    "play": typeset_books.play,
    "lists": typeset_books.lists,
    "double-page": typeset_books.double_page,
    "dictionary": typeset_books.dictionary,
    "typescript": typeset_books.typescript,
    "paper": typeset_office.paper,
    "letter": typeset_office.letter,
    "form": typeset_office.form,
    "invoice": typeset_office.invoice,
    "receipt": typeset_office.receipt,
    "table-ruled": typeset_tables.table_ruled,
    "table-half-ruled": typeset_tables.table_half_ruled,
    "table-open": typeset_tables.table_open,
    "contents": typeset_tables.contents,
    "index": typeset_tables.index,
    "price-list": typeset_tables.price_list,
    "catalogue": typeset_tables.catalogue,
}

#: Layouts with rows as wide as the page. On them the skew stays so small that each piece of a row
#: is nearer to its own row than to the next.
_ROWS = {"contents", "invoice", "price-list", "receipt"}


def make_layout(
    folder: Path,
    kind: str,
    seed: int,
    families: Mapping[str, Sequence[Family]],
    texts: Sequence[Sequence[str]],
    spread: float = 1.0,
) -> Path:
    """Write a page of a kind of layout; return the path of its image.

    Args:
        folder: gets ``KIND-SEED.png`` and ``KIND-SEED.page.xml``.
        kind: one of ``LAYOUTS``.
        seed: of all that is drawn by lot.
        families: the families of type, by class.
        texts: the sentences of the texts.
        spread: factor by which sizes, distances and wear vary more than usual.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lot = Lot(np.random.default_rng([seed, zlib.crc32(kind.encode())]), families, texts, spread)
    sheet = LAYOUTS[kind](lot)
    wear = _wear(lot, sheet, 0.8 if kind in _ROWS else 1.5, faint=kind == "receipt")
    scan = folder / f"{kind}-{seed}.png"
    Image.fromarray(sheet.scan(wear)).save(scan, dpi=(sheet.dpi, sheet.dpi))
    write_truth(scan.with_suffix(".page.xml"), scan.name, sheet, wear)
    return scan


def _wear(lot: Lot, sheet: Sheet, skew: float, *, faint: bool) -> Wear:
    """Return the wear of a page, skewed by so many degrees at most; every third is straight."""
    straight = lot.chance(0.33)
    return Wear(
        skew=0.0 if straight else float(lot.random.uniform(-skew, skew)),
        bend=0.0 if straight or lot.chance(0.5) else lot.between(-4, 4) * sheet.dpi / 150,
        blur=lot.between(0.2, 0.9) * sheet.dpi / 200,
        noise=lot.between(2, 9),
        paper=lot.count(205, 250),
        ink=lot.count(90, 140) if faint else lot.count(20, 80),
        show_through=lot.between(0.03, 0.1) if lot.chance(0.25) else 0.0,
    )


def make_pages(folder: Path, count: int) -> list[Path]:
    """Write so many plain pages; return the paths of their images."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = _sentences(_LICENCE.read_text(encoding="ascii"))
    scans = []
    for number, (points, columns) in zip(range(count), cycle(_LAYOUTS), strict=False):
        random = np.random.default_rng(number)
        regions, image = _typeset(_drawn(sentences, random), points, columns)
        pixels = np.asarray(image) + random.normal(0, _GRAIN, (_HEIGHT, _WIDTH))
        scan = folder / f"page_{number + 1:02}.png"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(scan, dpi=(_DPI, _DPI))
        _write_plain_truth(scan.with_suffix(".page.xml"), scan.name, regions)
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


def _write_plain_truth(path: Path, image: str, regions: list[list[Line]]) -> None:
    """Write the ground truth of a plain page as PAGE-XML."""
    root = etree.Element(f"{{{NAMESPACE}}}PcGts")
    page = child(
        root, "Page", imageFilename=image, imageWidth=str(_WIDTH), imageHeight=str(_HEIGHT)
    )
    for number, lines in enumerate(regions, start=1):
        region = child(page, "TextRegion", id=f"r{number}")
        boxes = np.array([line.box for line in lines])
        child(region, "Coords", points=_points(*boxes[:, :2].min(0), *boxes[:, 2:].max(0)))
        for position, line in enumerate(lines, start=1):
            element = child(region, "TextLine", id=f"r{number}_l{position}")
            child(element, "Coords", points=_points(*line.box))
            child(child(element, "TextEquiv"), "Unicode").text = line.text
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _points(left: int, top: int, right: int, bottom: int) -> str:
    return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default="plain", help="plain, all, or kinds with commas between")
    parser.add_argument("--count", type=int, default=10, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of the first page of each kind")
    parser.add_argument("--texts", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--fonts", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--spread", type=float, default=1.0, help="above 1: more unusual pages")
    arguments = parser.parse_args()
    if arguments.kinds == "plain":
        print(*make_pages(arguments.folder, arguments.count), sep="\n")
        return
    kinds = list(LAYOUTS) if arguments.kinds == "all" else arguments.kinds.split(",")
    unknown = ", ".join(sorted(set(kinds) - set(LAYOUTS)))
    if unknown:
        parser.error(f"no such kind of page: {unknown}; there are plain, {', '.join(LAYOUTS)}")
    families = find_families([*arguments.fonts, *FONT_FOLDERS])
    for missing in sorted(set(FAMILIES) - set(families)):
        print(f"no {missing} font is installed: another one stands in", file=sys.stderr)
    texts = read_texts(arguments.texts)
    for kind in kinds:
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            folder = arguments.folder / kind
            print(make_layout(folder, kind, seed, families, texts, arguments.spread))


if __name__ == "__main__":
    main()

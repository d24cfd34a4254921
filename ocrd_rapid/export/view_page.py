# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The markup of one page of the view: its scan, and its text in regions, lines and words.

Outlines are in attributes, in pixels of the page: ``data-at`` of regions and lines is the points
of a polygon; ``data-words`` of a line has for each word, separated by semicolons, its confidence
in percent, a colon, and its points, of which two are the corners of a rectangle. What shows them
is ``view.js``. Lines that may be corrected have their text in ``data-text``, what a person said
about them before in ``data-state``, and in ``data-turn`` the clockwise rotation that sets them
upright, if any; ``view_correct.js`` makes fields of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..ocr.geometry import Points
from ..ocr.page_model import ReadGraphic, ReadLine, ReadPage, ReadRegion, ReadWord
from .cell_grid import grid_of
from .escaping import attributes, escaped
from .export_options import PageOrigin
from .marked_words import Run

#: Words whose confidence is lower are shaded: doubtful ones, and those that are likely wrong.
DOUBTFUL, LOW = 0.8, 0.6

#: Characters of lines, and the classes of the pages that have no longer ones.
_LENGTHS = ((46, ""), (58, "long"), (70, "longer"))

#: What the marks of differences mean.
_LEGEND = (
    '<span>Marked: <mark class="replaced">read</mark><mark class="replaced" data-reference="right">'
    '</mark> replaced, <mark class="missing" data-reference="missing"></mark>,'
    ' <mark class="added">superfluous</mark></span>'
)


@dataclass(frozen=True)
class ShownScan:
    """The picture of a page in the view.

    Attributes:
        width: in pixels; 0 if there is no picture.
        height: in pixels.
    """

    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class PageText:
    """The text of a page as the view shows it.

    Attributes:
        page: the page, whose lines all have words, see `ocrd_rapid.export.line_words.completed`.
        whole: the words that are divided at the end of a line, undivided, by the number of their
            first half among the words of the page, from 0.
        first: the number of the first half of a divided word, by that of the second half.
        runs: the differences from a reference within each word of the page; empty without one.
        note: how well the page agrees with the reference; empty without one.
        failure: why the page could not be read; empty if it was.
        language: the language of the text (BCP 47); empty if unknown.
        origin: where the page was read, if its lines may be corrected.
    """

    page: ReadPage
    whole: Mapping[int, str]
    first: Mapping[int, int]
    runs: Sequence[Sequence[Run]] = ()
    note: str = ""
    failure: str = ""
    language: str = ""
    origin: PageOrigin | None = None


def page_name(page: ReadPage) -> str:
    """Return the name of a page for readers: its number, and the one printed on it."""
    label = f" ({page.label})" if page.label and page.label != str(page.number) else ""
    return f"Page {page.number}{label}"


def before_picture(text: PageText, scan: ShownScan) -> str:
    """Return the markup of a page up to the address of its picture."""
    page = text.page
    name = page_name(page)
    section = attributes(
        id=f"page={page.number}",
        data_page=page.number,
        data_size=f"{page.width} {page.height}",
        data_page_id=None if text.origin is None else text.origin.page_id,
        data_sha256=None if text.origin is None else text.origin.sha256,
        aria_label=name,
    )
    figure = attributes(aria_label=f"Scan: {name}")
    beginning = f"<section{section}>\n<h2>{escaped(name)}</h2>\n<figure{figure}><div>"
    if not scan.width:
        return f"{beginning}<p>The scan of this page cannot be shown."
    size = attributes(width=scan.width, height=scan.height, alt=f"Scan: {name}")
    return f'{beginning}<img{size} loading="lazy" decoding="async" src="'


def after_picture(text: PageText, scan: ShownScan) -> Iterator[str]:
    """Yield the markup of a page from the end of the address of its picture on."""
    page = text.page
    yield '">' if scan.width else "</p>"
    yield "</div></figure>\n"
    values = attributes(
        class_=f"text {_length(page)}".strip(),
        tabindex=0,
        role="group",
        lang=text.language,
        aria_label=f"Text: {page_name(page)}",
    )
    yield f"<div{values}>\n"
    if text.note:
        yield f'<p class="note" lang="en">{escaped(text.note)} {_LEGEND}</p>\n'
    if text.failure:
        yield f'<p class="failure" lang="en">Not read: {escaped(text.failure)}</p>\n'
    elif not page.text.strip():
        yield '<p class="note" lang="en">No text.</p>\n'
    words = _Words(text)
    numbered = list(enumerate(page.regions, start=1))
    for table, members in groupby(numbered, key=lambda item: _table_of(item[1])):
        regions = list(members)
        if table:
            yield from _table(table, regions, words)
        else:
            yield from (_region(number, region, words) for number, region in regions)
    yield from _barcodes([graphic for graphic in page.graphics if graphic.barcode])
    yield "</div>\n</section>\n"


def _length(page: ReadPage) -> str:
    """Return how long most lines of a page are, a class of ``view.css``; empty for short ones."""
    lengths = sorted(len(line.text) for line in page.lines if line.text)
    # Without the longest, which may be two lines taken for one.
    longest = lengths[len(lengths) * 24 // 25 - 1] if lengths else 0
    return next((name for most, name in _LENGTHS if longest <= most), "longest")


class _Words:
    """Makes the markup of the lines and words of a page, one after the other."""

    def __init__(self, text: PageText) -> None:
        self._text = text
        self._number = -1

    def line(self, line: ReadLine, region: ReadRegion) -> str:
        """Return the markup of the next line."""
        origin = self._text.origin
        may_change = origin is not None and line.id in origin.lines
        turn = round(region.orientation / 90) * 90 % 360
        values = attributes(
            data_line=line.id,
            data_at=_points(line.outline),
            data_words=";".join(map(_place, line.words)),
            data_text=line.text if may_change else None,
            data_state=(line.ground_truth or None) if may_change else None,
            data_turn=(turn or None) if may_change else None,
            dir="rtl" if line.right_to_left else None,
        )
        return f"<span{values}>{' '.join(self.word(word) for word in line.words)}</span>"

    def word(self, word: ReadWord) -> str:
        """Return the markup of the next word."""
        self._number += 1
        number = self._number
        confidence = 1.0 if word.confidence is None else word.confidence
        values = attributes(
            data_word=word.id,
            class_="low" if confidence < LOW else "doubtful" if confidence < DOUBTFUL else None,
            data_whole=self._text.whole.get(number),
            data_first=self._text.first.get(number),
        )
        runs = self._text.runs
        content = "".join(map(_run, runs[number])) if runs else escaped(word.text)
        return f"<span{values}>{content}</span>"


def _run(run: Run) -> str:
    """Return a part of a word, marked if it differs from the reference."""
    if run.kind == "same":
        return escaped(run.text)
    title = f"reference: {run.reference}" if run.reference else "not in the reference"
    values = attributes(class_=run.kind, data_reference=run.reference or None, title=title)
    return f"<mark{values}>{escaped(run.text)}</mark>"


def _table_of(region: ReadRegion) -> str:
    """Return the ID of the table whose cell a region is; empty if it is none."""
    return "" if region.place is None else region.place.table


def _region(number: int, region: ReadRegion, words: _Words) -> str:
    heading = region.kind == "heading"
    values = attributes(
        data_region=region.id,
        data_kind=region.kind,
        data_order=number,
        data_at=_points(region.outline),
        role="heading" if heading else None,
        aria_level=3 if heading else None,
        dir="rtl" if region.right_to_left else None,
    )
    lines = "\n".join(words.line(line, region) for line in region.lines)
    return f"<div{values}>\n{lines}\n</div>\n"


def _place(word: ReadWord) -> str:
    confidence = "" if word.confidence is None else str(round(100 * word.confidence))
    return f"{confidence}:{_corners(word.outline)}"


def _corners(outline: Points) -> str:
    """Return the points of an outline; of a rectangle along the axes, two."""
    points = np.rint(outline).astype(int)
    low, high = points.min(axis=0), points.max(axis=0)
    upright = len(points) == 4 and bool(((points == low) | (points == high)).all())
    return _points(np.array([low, high], dtype=np.float32) if upright else outline)


def _points(outline: Points) -> str:
    return " ".join(f"{x},{y}" for x, y in np.rint(outline).astype(int).tolist())


def _table(table: str, cells: Sequence[tuple[int, ReadRegion]], words: _Words) -> Iterator[str]:
    """Yield the cells of a table as its rows, or one after the other if their order is another."""
    regions = [region for _, region in cells]
    lines = [line.right_to_left for region in regions for line in region.lines]
    backwards = 2 * sum(lines) > len(lines)
    # In place of their texts, the cells of the grid have the numbers of their regions.
    numbers = [str(number) for number in range(len(cells))]
    grid = grid_of(regions, numbers, right_to_left=backwards)
    if " ".join(cell.text for cell in grid.cells) != " ".join(numbers):
        yield from (_region(number, region, words) for number, region in cells)
        return
    begun = {(cell.row, cell.column): cell for cell in grid.cells}
    covered = {
        (row, column)
        for cell in grid.cells
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    }
    yield f"<table{attributes(data_table=table, dir='rtl' if backwards else None)}>\n"
    for row in range(grid.row_count):
        yield "<tr>\n"
        for place in ((row, column) for column in range(grid.column_count)):
            if place in begun:
                cell = begun[place]
                values = attributes(
                    rowspan=cell.rows if cell.rows > 1 else None,
                    colspan=cell.columns if cell.columns > 1 else None,
                )
                within = (_region(*cells[int(number)], words) for number in cell.text.split())
                yield f"<td{values}>{''.join(within)}</td>\n"
            elif place not in covered:
                yield "<td></td>\n"
        yield "</tr>\n"
    yield "</table>\n"


def _barcodes(graphics: Sequence[ReadGraphic]) -> Iterator[str]:
    """Yield the contents of barcodes, which are no part of the text."""
    if not graphics:
        return
    yield '<aside lang="en" aria-label="Barcodes"><h3>Barcodes</h3><ul>\n'
    for graphic in graphics:
        if graphic.barcode is not None:
            values = attributes(data_barcode=graphic.id, data_at=_points(graphic.outline))
            code = graphic.barcode
            yield f"<li{values}>{escaped(code.format)}: <code>{escaped(code.text)}</code></li>\n"
    yield "</ul></aside>\n"

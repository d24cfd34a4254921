# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The markup of one page of the view: its scan, and its text in regions, lines and words.

Outlines are in attributes, in pixels of the page: ``data-at`` of regions and lines is the points
of a polygon; ``data-words`` of a line has for each word, separated by semicolons, its confidence
in percent, a colon, and its points, of which two are the corners of a rectangle. What shows them
is ``view.js``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..ocr.geometry import Points
from ..ocr.page_model import ReadGraphic, ReadLine, ReadPage, ReadRegion, ReadWord
from .escaping import attributes, escaped
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
    """

    page: ReadPage
    whole: Mapping[int, str]
    first: Mapping[int, int]
    runs: Sequence[Sequence[Run]] = ()
    note: str = ""
    failure: str = ""
    language: str = ""


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
    """Makes the markup of the words of a page, one after the other."""

    def __init__(self, text: PageText) -> None:
        self._text = text
        self._number = -1

    def markup(self, word: ReadWord) -> str:
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
    """Return the ID of the table whose cell a region is, if its place is known; else nothing."""
    place = region.place
    known = place is not None and place.row is not None and place.column is not None
    return place.table if place is not None and known else ""


def _region(number: int, region: ReadRegion, words: _Words, element: str = "div") -> str:
    outline = region.outline
    place = region.place
    span = place is not None and element == "td"
    values = attributes(
        data_region=region.id,
        data_kind=region.kind,
        data_order=number,
        data_at=_points(outline),
        role="heading" if region.kind == "heading" and element == "div" else None,
        aria_level=3 if region.kind == "heading" and element == "div" else None,
        rowspan=place.rows if span and place is not None and place.rows > 1 else None,
        colspan=place.columns if span and place is not None and place.columns > 1 else None,
        dir="rtl" if _mostly_right_to_left(region.lines) else None,
    )
    lines = "\n".join(_line(line, words) for line in region.lines)
    return f"<{element}{values}>\n{lines}\n</{element}>\n"


def _line(line: ReadLine, words: _Words) -> str:
    places = ";".join(map(_place, line.words))
    values = attributes(
        data_line=line.id,
        data_at=_points(line.outline),
        data_words=places,
        dir="rtl" if line.right_to_left else None,
    )
    return f"<span{values}>{' '.join(words.markup(word) for word in line.words)}</span>"


def _mostly_right_to_left(lines: Sequence[ReadLine]) -> bool:
    return 2 * sum(line.right_to_left for line in lines) > len(lines)


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
    placed = [(region.place.row or 0, region.place.column or 0) for _, region in cells
              if region.place is not None]  # fmt: skip
    if sorted(set(placed)) != placed:
        yield from (_region(number, region, words) for number, region in cells)
        return
    taken: set[tuple[int, int]] = set()
    yield f"<table{attributes(data_table=table)}>\n"
    for row, members in groupby(zip(placed, cells, strict=True), key=lambda item: item[0][0]):
        yield "<tr>\n"
        column = 0
        for (_, wanted), (number, region) in members:
            for empty in range(column, wanted):
                if (row, empty) not in taken:
                    yield "<td></td>\n"
            yield _region(number, region, words, "td")
            place = region.place
            rows, columns = (place.rows, place.columns) if place is not None else (1, 1)
            taken |= {(row + r, wanted + c) for r in range(rows) for c in range(columns)}
            column = wanted + columns
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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cut blocks of lines into the regions that a person would draw.

A block is cut at gaps between rows that are wider than usual, at printed rules, where the size of
the letters changes, around centred lines, and where an indentation begins a paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from . import region_measures
from .row_roles import RowPlaces, roles
from .sheet import Lines, Numbers, Sheet


@dataclass(frozen=True)
class Block:
    """Lines of one column, or of a note beside it, in reading order.

    Attributes:
        lines: the lines.
        is_note: whether they are a note.
    """

    lines: Lines
    is_note: bool = False


@dataclass(frozen=True)
class Rows:
    """The rows of a block, from top to bottom.

    Attributes:
        members: lines of each row, from left to right.
        extents: (left, top, right, bottom) of each row, shape (N, 4).
        heights: heights of their letters, shape (N,).
    """

    members: list[list[int]]
    extents: Numbers
    heights: Numbers

    @classmethod
    def of(cls, sheet: Sheet, lines: Lines) -> Rows:
        """Return the rows of lines in reading order: a row continues to the right."""
        members: list[list[int]] = [[int(lines[0])]]
        for last, line in pairwise(lines):
            one, two = sheet.extents[last], sheet.extents[line]
            goes_on = two[0] > (one[0] + one[2]) / 2
            if goes_on and one[1] < (two[1] + two[3]) / 2 < one[3]:
                members[-1].append(int(line))
            else:
                members.append([int(line)])
        bounds = [sheet.bounds(np.array(row)) for row in members]
        heights = [float(np.median(sheet.heights[row])) for row in members]
        return cls(members, np.array(bounds, np.float32), np.array(heights, np.float32))


def split(sheet: Sheet, block: Block) -> list[Lines]:
    """Return the regions of a block in reading order."""
    rows = Rows.of(sheet, block.lines)
    starts = _separate(sheet, rows)
    parts = np.split(np.arange(len(rows.members)), np.flatnonzero(starts))
    parts = [piece for part in parts if len(part) for piece in _split_notes(rows, part)]
    if not block.is_note:
        parts = [piece for part in parts for piece in _split_paragraphs(sheet, rows, part)]
    return [np.array(lines) for part in parts for lines in _pieces(sheet, rows, part)]


def _separate(sheet: Sheet, rows: Rows) -> NDArray[np.bool_]:
    """Return which rows follow a printed rule, or a lone row at the head or foot."""
    extents = rows.extents
    result = np.zeros(len(extents), dtype=bool)
    if len(extents) < 2:
        return result
    middle = (extents[:, 1] + extents[:, 3]) / 2
    left, right = extents[:, 0].min(), extents[:, 2].max()
    for start, end, y in sheet.horizontal:
        i = int(np.searchsorted(middle, y))
        if left <= (start + end) / 2 <= right and 0 < i < len(middle):
            result[i] = True
    # Running heads and page numbers. If the next row is in pieces, too, it is a table.
    apart = np.array([len(_row_pieces(sheet, row)) > 1 for row in rows.members])
    indent = np.minimum(extents[:, 0] - left, right - extents[:, 2]) / sheet.line_height
    width = (extents[:, 2] - extents[:, 0]) / sheet.line_height
    apart |= (width <= region_measures.LONE_ROW_WIDTH) & (indent >= region_measures.LONE_ROW_INDENT)
    result[1] |= apart[0] and not apart[1]
    result[-1] |= apart[-1] and not apart[-2]
    return result


def _split_notes(rows: Rows, part: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Cut where all rows that follow are a little smaller than all rows before."""
    heights = rows.heights[part]
    best, place = 0.0, 0
    for i in range(2, len(part) - 1):
        before, after = heights[:i], heights[i:]
        # A few lines of either may have boxes that are too high or too low.
        least, most = np.quantile(before, 0.25, method="lower"), np.quantile(after, 0.75)
        smaller = least > region_measures.NOTES_SIZE_CHANGE * most
        difference = float(before.mean() - after.mean()) * (len(before) * len(after)) ** 0.5
        if smaller and difference > best:
            best, place = difference, i
    return [part[:place], part[place:]] if place else [part]


def _split_paragraphs(sheet: Sheet, rows: Rows, part: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Cut where paragraphs begin, and around what is centred or aside."""
    if len(part) < 2:
        return [part]
    _, begins = roles(_places(sheet, rows, part))
    return np.split(part, np.flatnonzero(begins)[1:])


def _places(sheet: Sheet, rows: Rows, part: NDArray[np.intp]) -> RowPlaces:
    """Return where rows are, in line heights."""
    extents = rows.extents[part] / sheet.line_height
    left, top, right, bottom = extents.T
    # The distances of rows, and the gaps between their boxes: letters with strokes above or below
    # the line change one of them only.
    gaps = np.stack([top[1:] - bottom[:-1], np.diff(top + bottom) / 2])
    usual = np.quantile(gaps, 0.45, axis=1, method="lower", keepdims=True)
    white = np.append(0, (gaps - usual).min(axis=0))
    resized = np.append(0, np.abs(np.diff(np.log(np.maximum(rows.heights[part], 1e-6)))))
    return RowPlaces(
        left,
        left - _margin(left, 0),
        -right - _margin(-right, 1),
        float(right.max() - left.min()),
        white.astype(np.float32),
        resized.astype(np.float32),
    )


def _margin(edges: Numbers, beyond: int) -> Numbers:
    """Return the outermost edge near every row, but for so many: the margin there."""
    reach = region_measures.MARGIN_ROWS
    padded = np.pad(edges, reach, mode="edge" if len(edges) <= reach else "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.sort(windows, axis=1)[:, beyond if len(edges) > reach else 0])


def _pieces(sheet: Sheet, rows: Rows, part: NDArray[np.intp]) -> list[list[int]]:
    """Return the lines of the regions of a part; a single row with wide gaps gives several."""
    if len(part) == 1:
        return _row_pieces(sheet, rows.members[part[0]])
    return [[line for row in part for line in rows.members[row]]]


def _row_pieces(sheet: Sheet, row: list[int]) -> list[list[int]]:
    """Cut a row at its wide gaps."""
    gaps = [sheet.extents[two, 0] - sheet.extents[one, 2] for one, two in pairwise(row)]
    wide = [
        i + 1 for i, gap in enumerate(gaps) if gap > region_measures.ROW_GAP * sheet.line_height
    ]
    return [row[start:end] for start, end in pairwise([0, *wide, len(row)])]

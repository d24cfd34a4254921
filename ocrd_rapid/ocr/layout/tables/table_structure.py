# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The rows, columns and cells that lines form, whether they are a table or not.

A column ends where a printed rule runs down most of the block, or where white is crossed by few
lines (headings over several columns) compared with the rows that have text on both sides of it. A
row is what stands at one height; where rules or wider gaps between the rows show that cells have
several lines, it is what stands between these.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import measures
from ..sheet import Lines, Numbers, Sheet
from . import table_measures


@dataclass(frozen=True)
class TableStructure:
    """Rows and columns of a block of lines.

    Attributes:
        lines: the lines, row by row.
        rows: the row of each, from 0.
        firsts: the first column of each, from 0.
        lasts: its last column.
        separators: x between the columns, from left to right.
        ruled: number of separators with a printed rule.
        row_rules: y of the printed rules between rows.
    """

    lines: Lines
    rows: NDArray[np.intp]
    firsts: NDArray[np.intp]
    lasts: NDArray[np.intp]
    separators: tuple[float, ...]
    ruled: int
    row_rules: tuple[float, ...]

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return int(self.rows.max()) + 1

    @property
    def column_count(self) -> int:
        """The number of columns."""
        return len(self.separators) + 1

    def column(self, number: int) -> Lines:
        """Return the lines of a column, but not those that span others."""
        return np.asarray(self.lines[(self.firsts == number) & (self.lasts == number)])


def structure_of(sheet: Sheet, lines: Lines) -> TableStructure:
    """Return the rows and columns of a block of at least one line."""
    lines = lines[np.lexsort((sheet.extents[lines, 0], sheet.middle(lines)))]
    rows = rows_of(sheet, lines)
    ruled = _column_rules(sheet, lines)
    separators = _separators(sheet, lines, rows, ruled)
    firsts, lasts = _columns(sheet, lines, separators)
    order = np.lexsort((sheet.extents[lines, 0], rows))
    close = table_measures.RULES_MEET * sheet.line_height
    return TableStructure(
        lines[order], rows[order], firsts[order], lasts[order], tuple(separators),
        sum(min(abs(x - rule) for rule in ruled) <= close for x in separators) if ruled else 0,
        tuple(_row_rules(sheet, lines)),
    )  # fmt: skip


def rows_of(sheet: Sheet, lines: Lines) -> NDArray[np.intp]:
    """Return the row of each line, from 0: lines at one height, none below another."""
    middle = sheet.middle(lines)
    order = np.argsort(middle, kind="stable")
    step = table_measures.ROW_STEP * sheet.line_height
    starts = np.flatnonzero(np.diff(middle[order]) > step) + 1
    rows = np.zeros(len(lines), dtype=np.intp)
    number = 0
    for part in np.split(order, starts):
        for members in _unstacked(sheet, lines, part):
            rows[members] = number
            number += 1
    return rows


def _unstacked(sheet: Sheet, lines: Lines, members: Lines) -> list[Lines]:
    """Cut a row, sorted by height, at its widest gaps until no line of it is below another."""
    left, right = sheet.extents[lines[members], 0], sheet.extents[lines[members], 2]
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    width = np.minimum((right - left)[:, None], right - left)
    stacked = shared > table_measures.STACKED * width
    np.fill_diagonal(stacked, val=False)
    if len(members) < 2 or not stacked.any():
        return [members]
    cut = int(np.argmax(np.diff(sheet.middle(lines[members])))) + 1
    return _unstacked(sheet, lines, members[:cut]) + _unstacked(sheet, lines, members[cut:])


def _column_rules(sheet: Sheet, lines: Lines) -> list[float]:
    """Return x of the rules that run down most of a block, inside of it."""
    left, top, right, bottom = sheet.bounds(lines)
    edge = sheet.line_height
    covered: dict[int, float] = defaultdict(float)
    places: dict[int, list[float]] = defaultdict(list)
    inside = (sheet.vertical[:, 0] > left + edge / 2) & (sheet.vertical[:, 0] < right - edge / 2)
    for x, start, end in sorted(map(tuple, sheet.vertical[inside])):
        near = [k for k in places if abs(places[k][-1] - x) <= edge * table_measures.RULES_MEET / 2]
        key = near[0] if near else len(places)
        covered[key] += max(0.0, min(end, bottom) - max(start, top))
        places[key].append(float(x))
    least = table_measures.COLUMN_RULE * (bottom - top)
    return [float(np.median(places[k])) for k in places if covered[k] >= least]


def _row_rules(sheet: Sheet, lines: Lines) -> list[float]:
    """Return y of the rules across most of a block, inside of it."""
    left, top, right, bottom = sheet.bounds(lines)
    edge = sheet.line_height * table_measures.RULES_MEET / 2
    found: list[tuple[float, float]] = []
    for start, end, y in sorted(map(tuple, sheet.horizontal), key=lambda rule: rule[2]):
        if top + edge / 2 < y < bottom - edge / 2:
            covered = max(0.0, float(min(end, right) - max(start, left)))
            if found and y - found[-1][0] <= edge:
                found[-1] = (found[-1][0], found[-1][1] + covered)
            else:
                found.append((float(y), covered))
    least = table_measures.ROW_RULE * (right - left)
    return [y for y, covered in found if covered >= least]


def _separators(
    sheet: Sheet, lines: Lines, rows: NDArray[np.intp], ruled: list[float]
) -> list[float]:
    """Return x between the columns: of rules, and of white that few lines cross."""
    growth = measures.BOX_GROWTH * sheet.line_height
    left, right = sheet.extents[lines, 0] + growth, sheet.extents[lines, 2] - growth
    right = np.maximum(left, right)
    edges = np.unique(np.concatenate([left, right]))
    places = (edges[1:] + edges[:-1]) / 2
    before, after = right[:, None] <= places, left[:, None] >= places
    crossing = (~before & ~after).sum(axis=0)
    count = int(rows.max()) + 1
    onehot = np.zeros((count, len(lines)), dtype=np.float32)
    onehot[rows, np.arange(len(lines))] = 1
    beside = ((onehot @ before > 0) & (onehot @ after > 0)).sum(axis=0)
    # A place is white, if few lines cross it compared with the rows that it divides.
    free = crossing <= table_measures.ACROSS_WHITE * beside
    free &= beside >= max(2.0, table_measures.ROWS_BESIDE * count)
    found: list[float] = list(ruled)
    order = np.lexsort((-np.diff(edges), crossing))
    for k in order[free[order]]:
        x = float(places[k])
        if _is_separate(sheet, left, right, rows, found, x):
            found.append(x)
    return sorted(found)


def _is_separate(
    sheet: Sheet, left: Numbers, right: Numbers, rows: NDArray[np.intp], found: list[float],
    x: float,
) -> bool:  # fmt: skip
    """Return whether white at x is wide enough, and columns stay between it and those found."""
    ends, starts = right[right <= x], left[left >= x]
    low = max((s for s in found if s < x), default=-np.inf)
    high = min((s for s in found if s > x), default=np.inf)
    for begin, end in ((low, x), (x, high)):
        between = (left + right > 2 * begin) & (left + right < 2 * end)
        between &= (left >= begin - sheet.line_height) & (right <= end + sheet.line_height)
        filled = len(np.unique(rows[between]))
        if filled < max(2.0, table_measures.COLUMN_FILLED * (int(rows.max()) + 1)):
            return False
    # The nearest lines on both sides, but for a few that stick out.
    nearest_end = float(np.quantile(ends[ends > low], 0.9)) if (ends > low).any() else x
    nearest_start = float(np.quantile(starts[starts < high], 0.1)) if (starts < high).any() else x
    return nearest_start - nearest_end >= table_measures.COLUMN_WHITE * sheet.line_height


def _columns(
    sheet: Sheet, lines: Lines, separators: list[float]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and the last column of each line."""
    overhang = table_measures.CELL_OVERHANG * sheet.line_height
    left, right = sheet.extents[lines, 0] + overhang, sheet.extents[lines, 2] - overhang
    centre = sheet.centre(lines)
    firsts = np.searchsorted(separators, np.minimum(left, centre))
    lasts = np.searchsorted(separators, np.maximum(right, centre))
    return firsts.astype(np.intp), lasts.astype(np.intp)

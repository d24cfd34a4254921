# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes that printed rules close on all four sides, side by side: the fields of a form.

What such a box holds is read as a whole, a label and what was filled in below it, before the next
box of the row. White says nothing there: labels and values of neighbors stand at one height.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..sheet import Lines, Numbers, Sheet
from . import table_measures
from .table_structure import TableStructure, rows_of


@dataclass(frozen=True)
class RuledBox:
    """A box with text.

    Attributes:
        lines: its lines in reading order.
        left: number of its left side among the sides of all boxes, from left to right.
        top: number of its upper side, from top to bottom.
        right: number of its right side.
        bottom: number of its lower side.
    """

    lines: Lines
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class BoxRows:
    """Rows of boxes one below the other.

    Attributes:
        rows: the boxes of each row, from left to right.
        across: x of all sides of boxes.
        down: y of all sides of boxes.
    """

    rows: tuple[tuple[RuledBox, ...], ...]
    across: Numbers
    down: Numbers

    @property
    def boxes(self) -> list[RuledBox]:
        """The boxes, row by row."""
        return [box for row in self.rows for box in row]

    @property
    def has_columns(self) -> bool:
        """Whether, of any two rows, one parts the page where the other does, as in a table."""
        return not any(
            _parts(one, two) and _parts(two, one) for one, two in combinations(self.rows, 2)
        )

    def structure(self) -> TableStructure:
        """Return the boxes as the cells of a table."""
        sides = sorted({side for box in self.boxes for side in (box.left, box.right)})
        boxes = [(number, box) for number, row in enumerate(self.rows) for box in row]

        def of_each_line(values: list[int]) -> NDArray[np.intp]:
            return np.repeat(values, [len(box.lines) for _, box in boxes]).astype(np.intp)

        return TableStructure(
            np.concatenate([box.lines for _, box in boxes]),
            of_each_line([number for number, _ in boxes]),
            of_each_line([sides.index(box.left) for _, box in boxes]),
            of_each_line([sides.index(box.right) - 1 for _, box in boxes]),
            tuple(float(self.across[side]) for side in sides[1:-1]),
            len(sides) - 2,
            tuple(float(self.down[row[0].top]) for row in self.rows[1:]),
        )


def _parts(one: tuple[RuledBox, ...], two: tuple[RuledBox, ...]) -> bool:
    """Return whether a side of a box of one row is in the middle of a box of the other."""
    sides = {side for box in one for side in (box.left, box.right)}
    return any(box.left < side < box.right for box in two for side in sides)


def rows_of_boxes(sheet: Sheet) -> list[BoxRows]:
    """Return the boxes of a page that stand side by side, from top to bottom.

    A box alone in its row stays out: it is read in its place anyhow. So do boxes with more text
    than a field of a form has, such as advertisements.
    """
    boxes, across, down = _boxes(sheet)
    beside: dict[tuple[int, int], list[RuledBox]] = defaultdict(list)
    for box in boxes:
        beside[box.top, box.bottom].append(box)
    found: list[list[tuple[RuledBox, ...]]] = []
    for key in sorted(beside):
        row = tuple(sorted(beside[key], key=lambda box: box.left))
        if len(row) < 2 or not _are_fields(sheet, row):
            continue
        above = next((rows for rows in found if _goes_on(rows[-1], row)), None)
        if above is None:
            found.append([row])
        else:
            above.append(row)
    return [BoxRows(tuple(rows), across, down) for rows in found]


def _goes_on(above: tuple[RuledBox, ...], below: tuple[RuledBox, ...]) -> bool:
    """Return whether one row of boxes stands right below another."""
    touches = above[-1].right > below[0].left and below[-1].right > above[0].left
    return above[0].bottom == below[0].top and touches


def _are_fields(sheet: Sheet, row: tuple[RuledBox, ...]) -> bool:
    """Return whether boxes are as low, and their text as small and as short, as in a form."""
    lines = np.concatenate([box.lines for box in row])
    _, top, _, bottom = sheet.bounds(lines)
    low = bottom - top <= table_measures.FIELD_HEIGHT * sheet.line_height
    large = sheet.heights[lines].max() > table_measures.FIELD_LETTERS * sheet.line_height
    return low and not large


def _boxes(sheet: Sheet) -> tuple[list[RuledBox], Numbers, Numbers]:
    """Return the boxes of a page, and the places of their sides across and down the page."""
    none = np.zeros(0, dtype=np.float32)
    if len(sheet.horizontal) < 2 or len(sheet.vertical) < 2:
        return [], none, none
    far = table_measures.RULES_MEET * sheet.line_height / 2
    every = np.arange(len(sheet.extents), dtype=np.intp)
    x, y = sheet.centre(every), sheet.middle(every)
    start, end, level = sheet.horizontal.T
    place, upper, lower = sheet.vertical.T
    across, columns = _places(place, far)
    down, rows = _places(level, far)
    passes = (upper <= y[:, None]) & (y[:, None] <= lower)
    before, after = _nearest(x, place, passes)
    left, right = place[before], place[after]
    shared = np.minimum(end, right[:, None]) - np.maximum(start, left[:, None])
    covered = np.maximum(shared, 0) @ (rows[:, None] == np.arange(len(down)))
    above, below = _nearest(y, down, covered >= table_measures.BOX_SIDE * (right - left)[:, None])
    closed = (before >= 0) & (after >= 0) & (above >= 0) & (below >= 0)
    for side in (before, after):
        reach = np.minimum(lower[side], down[below]) - np.maximum(upper[side], down[above])
        closed &= reach >= table_measures.BOX_SIDE * (down[below] - down[above])
    members: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    for i in np.flatnonzero(closed):
        sides = columns[before[i]], above[i], columns[after[i]], below[i]
        members[int(sides[0]), int(sides[1]), int(sides[2]), int(sides[3])].append(int(i))
    boxes = [RuledBox(_in_order(sheet, lines), *key) for key, lines in members.items()]
    return boxes, across, down


def _in_order(sheet: Sheet, members: list[int]) -> Lines:
    """Return lines of a box from top to bottom, and in a row from left to right."""
    lines = np.array(members, dtype=np.intp)
    return lines[np.lexsort((sheet.extents[lines, 0], rows_of(sheet, lines)))]


def _nearest(
    at: Numbers, places: Numbers, are_beside: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the nearest places before and after each point; -1 where there is none.

    Args:
        at: the points, shape (N,).
        places: the places, shape (M,).
        are_beside: which of them are beside each point, shape (N, M).
    """
    distance = places - at[:, None]
    found = []
    for side in (-1, 1):
        far = np.where(are_beside & (side * distance > 0), side * distance, np.inf)
        nearest = far.argmin(axis=1)
        found.append(np.where(np.isfinite(far.min(axis=1)), nearest, -1).astype(np.intp))
    return found[0], found[1]


def _places(values: Numbers, far: float) -> tuple[Numbers, NDArray[np.intp]]:
    """Return the places of values that are near each other, in order, and the place of each."""
    order = np.argsort(values)
    number = np.concatenate([[0], np.cumsum(np.diff(values[order]) > far)])
    places = np.zeros(len(values), dtype=np.intp)
    places[order] = number
    means = np.bincount(places, values) / np.bincount(places)
    return means.astype(np.float32), places

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables: cells in rows and columns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..ocr.geometry import rotate_points
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadRegion

#: Most places that a table may have for each of its cells; beyond, its rows and columns are wrong.
_MOST_PLACES = 20

#: Share of the smaller of two extents by which cells of neighbouring rows or columns may overlap.
_OVERLAP = 0.5


@dataclass(frozen=True)
class GridCell:
    """A cell.

    Attributes:
        row: from 0.
        column: from 0.
        rows: number of rows that it spans.
        columns: number of columns that it spans.
        text: its text in one line.
    """

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True)
class TextGrid:
    """A table.

    Attributes:
        cells: its cells row by row; none begins in the place of another. A place without a cell is
            empty, or part of a cell that spans it.
        row_count: number of rows.
        column_count: number of columns.
        right_to_left: whether the first column is the rightmost.
    """

    cells: tuple[GridCell, ...]
    row_count: int
    column_count: int
    right_to_left: bool = False

    @property
    def rows(self) -> list[list[str]]:
        """The texts of all places, row by row; empty where no cell begins."""
        texts = [[""] * self.column_count for _ in range(self.row_count)]
        for cell in self.cells:
            texts[cell.row][cell.column] = cell.text
        return texts


def grid_of(
    regions: Sequence[ReadRegion], texts: Sequence[str], *, right_to_left: bool
) -> TextGrid:
    """Return the cells of a table in rows and columns.

    Where the place of a cell is unknown, all places are guessed from the positions; where a
    position is unknown, or the places cannot be true, each cell is a row.

    Args:
        regions: the cells of the table, at least one.
        texts: their texts; a cell without text only takes its place.
        right_to_left: whether the first column is the rightmost.
    """
    places = _known(regions)
    if places is None:
        places = _guessed(regions, right_to_left=right_to_left)
    if places is None or not _credible(places):
        places = [(i, 0, i + 1, 1) for i in range(len(regions))]
    rows = sorted({row for row, _, _, _ in places})
    columns = sorted({column for _, column, _, _ in places})
    cells: dict[tuple[int, int], GridCell] = {}
    for (top, left, bottom, right), text in zip(places, texts, strict=True):
        place = bisect_left(rows, top), bisect_left(columns, left)
        spans = bisect_left(rows, bottom) - place[0], bisect_left(columns, right) - place[1]
        before = cells.get(place)
        whole = f"{before.text} {text}".strip() if before else text
        cells[place] = GridCell(*place, *spans, whole)
    return TextGrid(_apart(cells), len(rows), len(columns), right_to_left)


def _apart(cells: Mapping[tuple[int, int], GridCell]) -> tuple[GridCell, ...]:
    """Return cells row by row; one that would span the place of another spans only its own."""
    taken = set(cells)
    found = []
    for place in sorted(cells):
        cell = cells[place]
        spanned = set(
            product(
                range(cell.row, cell.row + cell.rows),
                range(cell.column, cell.column + cell.columns),
            )
        )
        if spanned & taken != {place}:
            cell = replace(cell, rows=1, columns=1)
        else:
            taken |= spanned
        found.append(cell)
    return tuple(found)


#: Row and column where a cell begins, and those behind its end.
_Place = tuple[int, int, int, int]


def _known(regions: Sequence[ReadRegion]) -> list[_Place] | None:
    """Return the places of cells as given, or ``None`` if one of them is not."""
    found = []
    for region in regions:
        place = region.place
        if place is None or place.row is None or place.column is None:
            return None
        found.append(
            (place.row, place.column, place.row + place.rows, place.column + place.columns)
        )
    return found


def _guessed(regions: Sequence[ReadRegion], *, right_to_left: bool) -> list[_Place] | None:
    """Return the places of cells by their positions, or ``None`` if one has no outline."""
    if not all(usable(region.outline) for region in regions):
        return None
    boxes = []
    for region in regions:
        upright = rotate_points(region.outline, region.orientation)
        boxes.append((*upright.min(axis=0), *upright.max(axis=0)))
    left, top, right, bottom = np.array(boxes, dtype=np.float64).T
    if right_to_left:
        left, right = -right, -left
    return [
        (row, column, row + 1, column + 1)
        for row, column in zip(_bands(top, bottom), _bands(left, right), strict=True)
    ]


def _bands(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> list[int]:
    """Number extents on an axis: those that overlap by more than `_OVERLAP` have one number.

    A band ends where the first of its extents does, so that a heading across columns does not
    make one column of them.
    """
    numbers = [0] * len(starts)
    band, end, size = -1, -np.inf, 0.0
    for i in np.argsort(starts, kind="stable"):
        own = float(ends[i] - starts[i])
        if starts[i] > end - _OVERLAP * min(own, size):
            band, end, size = band + 1, float(ends[i]), own
        elif ends[i] < end:
            end, size = float(ends[i]), own
        numbers[i] = band
    return numbers


def _credible(places: Sequence[_Place]) -> bool:
    rows = len({row for row, _, _, _ in places})
    columns = len({column for _, column, _, _ in places})
    return rows * columns <= _MOST_PLACES * len(places)

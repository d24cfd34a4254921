# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Rows of a table whose cells have several lines, and the cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..sheet import Numbers, Sheet
from . import table_measures
from .column_kinds import ends_evenly, is_number_column
from .table_structure import TableStructure


@dataclass(frozen=True)
class TableCell:
    """A cell of a table.

    Attributes:
        lines: its lines in reading order, at least one.
        row: its first row, from 0.
        column: its first column, from 0.
        rows: number of rows that it spans.
        columns: number of columns that it spans.
    """

    lines: tuple[int, ...]
    row: int
    column: int
    rows: int = 1
    columns: int = 1


def cells_of_structure(sheet: Sheet, structure: TableStructure) -> tuple[TableCell, ...]:
    """Return the cells of a table, row by row.

    Rows without a rule or a wider gap between are one row, see `merged_rows`. Lines of one row
    whose columns overlap are in one cell.
    """
    rows = merged_rows(sheet, structure)
    cells: list[TableCell] = []
    for row in range(int(rows.max()) + 1):
        inside = np.flatnonzero(rows == row)
        spans: list[list[int]] = []
        for first, last in sorted(
            {(int(structure.firsts[i]), int(structure.lasts[i])) for i in inside}
        ):
            if spans and first <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], last)
            else:
                spans.append([first, last])
        for first, last in spans:
            members = [i for i in inside if first <= structure.firsts[i] <= last]
            lines = tuple(int(structure.lines[i]) for i in members)
            cells.append(TableCell(lines, row, first, columns=last - first + 1))
    return tuple(cells)


def merged_rows(sheet: Sheet, structure: TableStructure) -> NDArray[np.intp]:
    """Return the row of each line, where rows that belong together are one.

    Between rules, if there are about as many rules as rows between them; else, if the distances of
    the rows are of two kinds, at the wider ones; else a row goes on where no number begins another
    and the line above is full. A number has one line: two of a column are in two rows.
    """
    filled = [
        {int(column) for column in structure.firsts[structure.rows == row]}
        for row in range(structure.row_count)
    ]
    numbers = {
        number
        for number in range(structure.column_count)
        if is_number_column(sheet, column := structure.column(number))
        and ends_evenly(sheet, column)
    }
    starts = _row_starts(sheet, structure, filled, numbers)
    return np.cumsum(starts)[structure.rows].astype(np.intp) - 1


def _row_starts(
    sheet: Sheet, structure: TableStructure, filled: list[set[int]], numbers: set[int]
) -> NDArray[np.bool_]:
    """Return which of the rows begin a row of the table.

    Args:
        sheet: the page.
        structure: the table.
        filled: the columns that each row fills.
        numbers: the columns of numbers.
    """
    middles = np.array(
        [
            float(np.median(sheet.middle(structure.lines[structure.rows == row])))
            for row in range(structure.row_count)
        ]
    )
    steps = np.diff(middles)
    band = np.searchsorted(np.array(structure.row_rules), middles)
    ruled = np.diff(band) > 0
    fewer = np.array([two < one for one, two in pairwise(filled)], dtype=bool)
    closed = np.zeros(len(middles), dtype=bool)
    if len(np.unique(band)) >= max(3, np.bincount(band).max()):
        # The rule between two full rows may have been missed: they are as far apart as others.
        far = steps * table_measures.ROW_DISTANCE >= np.median(steps[ruled])
        most = max(table_measures.TABLE_COLUMNS, table_measures.FULL_ROW * structure.column_count)
        begin = ruled | (far & ~fewer & (np.array([len(row) for row in filled]) >= most)[1:])
        closed = _between_rules(sheet, structure, band)
    else:
        wide = (
            steps > table_measures.ROW_DISTANCE * np.quantile(steps, 0.1) if len(steps) else ruled
        )
        narrow = ~wide & ~ruled
        of_two_kinds = narrow.any() and wide.mean() >= table_measures.DISTANT_ROWS
        begin = (
            ~narrow
            if of_two_kinds and fewer[narrow].mean() > 0.5
            else ruled | ~_go_on(sheet, structure, filled, numbers, steps)
        )
    return _with_each_number(np.concatenate([[True], begin]), closed, filled, numbers)


def _between_rules(
    sheet: Sheet, structure: TableStructure, band: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which rows have a rule above and below, those of the frame among them.

    Args:
        sheet: the page.
        structure: the table.
        band: the number of rules of the table above each row.
    """
    left, top, right, bottom = sheet.bounds(structure.lines)
    far = table_measures.LINE_STEP * sheet.line_height
    low, high = np.array([top - far, bottom], np.float32), np.array([top, bottom + far], np.float32)
    above, below = sheet.ruled(low, high, left, right)[0] >= table_measures.ROW_RULE
    return np.asarray(((band > 0) | above) & ((band < len(structure.row_rules)) | below))


def _go_on(
    sheet: Sheet, structure: TableStructure, filled: list[set[int]], numbers: set[int],
    steps: Numbers,
) -> NDArray[np.bool_]:  # fmt: skip
    """Return which rows but the first are the next lines of cells that the row before has begun.

    They fill fewer columns, and none of numbers; they are no farther down than rows that do; and
    the line above each is so full that they would not have fitted beside it.

    Args:
        sheet: the page.
        structure: the table.
        filled: the columns that each row fills.
        numbers: the columns of numbers.
        steps: how far each row is below the one before.
    """
    goes_on = np.zeros(len(steps), dtype=bool)
    counts = np.array([len(row & numbers) for row in filled])
    if not counts[1:].any():
        return goes_on
    usual = float(np.median(steps[counts[1:] > 0]))
    # Where numbers are left out elsewhere, too, only nearer lines go on.
    complete = counts[counts > 0].mean() >= table_measures.NUMBERS_LABELED * len(numbers)
    near = steps * table_measures.ROW_DISTANCE ** (-1 if complete else 1) <= usual
    first = 0
    for row in range(1, len(filled)):
        fits = filled[row] < filled[first] and counts[first] > 0 and counts[row] == 0
        goes_on[row - 1] = fits and near[row - 1] and _continues(sheet, structure, row)
        if not goes_on[row - 1]:
            first = row
    return goes_on


def _continues(sheet: Sheet, structure: TableStructure, row: int) -> bool:
    """Return whether each line of a row may be the next of the cell above it.

    It is close below, and wider than the room that is left there.
    """
    close = (sheet.usual_gap + table_measures.LOOSE_LINES) * sheet.line_height
    for i in np.flatnonzero(structure.rows == row):
        column = structure.firsts == structure.firsts[i]
        above = structure.lines[column & (structure.rows == row - 1)]
        if not len(above) or structure.lasts[i] != structure.firsts[i]:
            return False
        within = structure.lines[column & (structure.lasts == structure.lasts[i])]
        left, top, right, _ = sheet.extents[structure.lines[i]]
        _, _, end, bottom = sheet.bounds(above)
        if right - left <= sheet.extents[within, 2].max() - end or top - bottom > close:
            return False
    return True


def _with_each_number(
    starts: NDArray[np.bool_], closed: NDArray[np.bool_], filled: list[set[int]],
    numbers: set[int],
) -> NDArray[np.bool_]:  # fmt: skip
    """Return which rows begin one, where a second number of a column does.

    Between two rules it takes two numbers: a cell may have two.
    """
    found = starts.copy()
    seen: set[int] = set()
    for row, columns in enumerate(filled):
        again = len(columns & numbers & seen)
        found[row] |= again >= (2 if closed[row] else 1)
        seen = (set() if found[row] else seen) | (columns & numbers)
    return found

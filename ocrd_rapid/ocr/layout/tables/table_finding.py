# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Find the tables of a page: candidates, their rows and columns, and the evidence for them.

Algorithm: candidates come from rules that meet, from rules of equal ends and from short lines in
rows (`table_candidates`); each gets rows and columns (`table_structure`), and is a table if these
explain it better than columns of running text do (`table_evidence`).
"""

from __future__ import annotations

import numpy as np

from .. import measures
from ..sheet import Lines, Sheet
from . import table_candidates, table_measures
from .column_kinds import is_running_text
from .ruled_boxes import rows_of_boxes
from .table_evidence import evidence
from .table_structure import TableStructure, structure_of


def find_tables(sheet: Sheet) -> list[TableStructure]:
    """Return the tables of a page, from top to bottom; no line is in two of them."""
    ruled = [*table_candidates.in_grids(sheet), *table_candidates.between_rules(sheet)]
    fields = [rows for rows in rows_of_boxes(sheet) if len(rows.rows) > 1]
    # Rules that make no columns are those of a form: lines below each other have little in common.
    chosen = [rows.structure() for rows in fields if not rows.has_columns]
    free = np.ones(len(sheet.extents), dtype=bool)
    for form in chosen:
        free[form.lines] = False
    candidates = [*ruled, *table_candidates.of_short_lines(sheet)]
    found = [table for lines in candidates if (table := _table(sheet, lines)) is not None]
    # What is explained counts, too: a part of a table may have more evidence than the whole.
    found.sort(key=lambda table: -evidence(sheet, table) * len(table.lines) ** 0.5)
    found += [rows.structure() for rows in fields]
    for table in found:
        if free[table.lines].all():
            chosen.append(table)
            free[table.lines] = False
    return sorted(chosen, key=lambda table: sheet.bounds(table.lines)[1])


def _table(sheet: Sheet, lines: Lines) -> TableStructure | None:
    """Return the table of some lines, without text beside, above and below it."""
    while len(lines) >= table_measures.GRID_ROWS * table_measures.GRID_COLUMNS:
        width = sheet.extents[lines, 2] - sheet.extents[lines, 0]
        if np.median(width) > table_measures.CELL_WIDTH * sheet.line_height:
            return None
        structure = structure_of(sheet, lines)
        beside = _text_around(sheet, structure)
        if not len(beside):
            is_table = evidence(sheet, structure) >= table_measures.EVIDENCE
            return structure if is_table else None
        lines = lines[~np.isin(lines, beside)]
    return None


def _text_around(sheet: Sheet, structure: TableStructure) -> Lines:
    """Return lines of a block that are not part of its table.

    Running text in the first or the last column, without a rule across; what stands above the
    table; and lone lines above and below.
    """
    if not structure.ruled:
        for number in (0, structure.column_count - 1):
            column = structure.column(number)
            if structure.column_count > 1 and is_running_text(sheet, column):
                left, top, right, bottom = sheet.bounds(column)
                inside = np.array([top], np.float32), np.array([bottom], np.float32)
                if sheet.ruled(*inside, left, right)[0][0] < measures.RULED_COLUMN:
                    return column
    above = _rows_above(sheet, structure)
    if above:
        return np.asarray(structure.lines[structure.rows < above])
    for side in (-1, 1):
        outside = _lone_lines(sheet, structure, side)
        if len(outside):
            return outside
    return np.zeros(0, dtype=np.intp)


def _lone_lines(sheet: Sheet, structure: TableStructure, side: int) -> Lines:
    """Return the lines alone in their rows at the upper (-1) or lower edge that are not its own.

    Those are text that reaches across columns, the last lines of such text, and a line nearer to
    the text outside.
    """
    outside: list[int] = []
    lone: list[int] = []
    for row in range(structure.row_count)[::-side]:
        inside = np.flatnonzero(structure.rows == row)
        if len(inside) > 1 or len(lone) + 1 == structure.row_count:
            break
        lone.append(int(structure.lines[inside[0]]))
        spans = structure.lasts[inside[0]] - structure.firsts[inside[0]] > 1
        if spans or (len(lone) == 1 and _belongs_outside(sheet, structure, lone[0], side)):
            outside = lone.copy()
    return np.array(outside, dtype=np.intp)


def _rows_above(sheet: Sheet, structure: TableStructure) -> int:
    """Return the number of rows above a table, such as the address above that of an invoice.

    None of them reaches across more than half of the columns, as the head of the table does, or
    has as many cells as half of these, if they are too many for a head of several rows. A rule or
    white parts them from the table.
    """
    filled = np.zeros((structure.row_count, structure.column_count), dtype=bool)
    for row, first, last in zip(structure.rows, structure.firsts, structure.lasts, strict=True):
        filled[row, first : last + 1] = True
    cells = np.array(
        [len(np.unique(structure.firsts[structure.rows == row])) for row in range(len(filled))]
    )
    edges = [
        sheet.bounds(structure.lines[structure.rows == row])[1::2] for row in range(len(filled))
    ]
    for row in range(len(filled) - 1, 0, -1):
        across = cells if row > table_measures.HEAD_ROWS else filled.sum(axis=1)
        (top, end), (begin, bottom) = edges[row - 1], edges[row]
        ruled = any(top + end < 2 * y < begin + bottom for y in structure.row_rules)
        white = begin - end > table_measures.ABOVE_WHITE * sheet.line_height
        if (ruled or white) and (2 * across[:row] <= structure.column_count).all():
            return row
    return 0


def _belongs_outside(sheet: Sheet, structure: TableStructure, line: int, side: int) -> bool:
    """Return whether a line at the edge of a table is nearer to the text above (-1) or below."""
    left, top, right, bottom = sheet.extents[line]
    outside = np.ones(len(sheet.extents), dtype=bool)
    outside[structure.lines] = False
    outside &= (sheet.extents[:, 0] < right) & (sheet.extents[:, 2] > left)
    others = structure.lines[structure.lines != line]
    if side < 0:
        beyond = top - sheet.extents[outside & (sheet.extents[:, 1] < top), 3]
        within = sheet.extents[others, 1].min() - bottom
    else:
        beyond = sheet.extents[outside & (sheet.extents[:, 3] > bottom), 1] - bottom
        within = top - sheet.extents[others, 3].max()
    return bool((beyond < within).any())

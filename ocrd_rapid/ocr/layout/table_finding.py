# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Find the tables of a page: candidates, their rows and columns, and the evidence for them.

Algorithm: candidates come from rules that meet, from rules of equal ends and from short lines in
rows (`table_candidates`); each gets rows and columns (`table_structure`), and is a table if these
explain it better than columns of running text do (`table_evidence`).
"""

from __future__ import annotations

import numpy as np

from . import table_candidates, table_measures
from .sheet import Lines, Sheet
from .table_evidence import evidence, is_running_text
from .table_structure import Structure, structure_of


def find_tables(sheet: Sheet) -> list[Structure]:
    """Return the tables of a page, from top to bottom; no line is in two of them."""
    found: list[Structure] = []
    taken = np.zeros(0, dtype=np.intp)
    for lines in [*table_candidates.in_grids(sheet), *table_candidates.between_rules(sheet)]:
        table = _table(sheet, lines[~np.isin(lines, taken)])
        if table is not None:
            found.append(table)
            taken = np.concatenate([taken, table.lines])
    for lines in table_candidates.of_short_lines(sheet, taken):
        table = _table(sheet, lines)
        if table is not None:
            found.append(table)
    return sorted(found, key=lambda table: sheet.bounds(table.lines)[1])


def _table(sheet: Sheet, lines: Lines) -> Structure | None:
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


def _text_around(sheet: Sheet, structure: Structure) -> Lines:
    """Return lines of a block that are not part of its table.

    Running text in the first or the last column, and lone lines above and below.
    """
    if not structure.ruled:
        for number in (0, structure.column_count - 1):
            column = structure.column(number)
            if structure.column_count > 1 and is_running_text(sheet, column):
                return column
    for row in (0, structure.row_count - 1):
        inside = structure.lines[structure.rows == row]
        if len(inside) == 1 and structure.row_count > 1:
            place = int(np.flatnonzero(structure.lines == inside[0])[0])
            if structure.lasts[place] - structure.firsts[place] > 1:
                return np.asarray(inside)
    return np.zeros(0, dtype=np.intp)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Units of a page that are read as a whole: lines, rows with numbers, blocks in a row, and tables.

For the reading order, a row of several lines is one line, and so are a row of blocks and a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from .blocks_beside import blocks_beside
from .sheet import Lines, Sheet
from .tables.number_columns import rows_with_numbers
from .tables.ruled_boxes import rows_of_boxes
from .tables.table_finding import find_tables
from .tables.table_structure import TableStructure


@dataclass(frozen=True)
class ReadingUnits:
    """The units of a page.

    Attributes:
        sheet: the page with a line for each unit.
        members: the lines of each unit, in reading order.
        blocks: the rows of blocks among them, by their index: the lines of each block.
        tables: the tables among the units, by their index.
    """

    sheet: Sheet
    members: tuple[Lines, ...]
    blocks: dict[int, list[Lines]]
    tables: dict[int, TableStructure]

    def apart(self, block: Lines) -> Iterator[Lines]:
        """Cut units in reading order so that each row of blocks and each table is alone."""
        alone = {*self.blocks, *self.tables}
        for _, units in groupby(block, key=lambda i: int(i) if int(i) in alone else -1):
            yield np.array(list(units), dtype=np.intp)

    def lines(self, units: Iterable[int]) -> tuple[int, ...]:
        """Return the lines of units, in the order of these."""
        return tuple(int(line) for unit in units for line in self.members[unit])


def units_of(sheet: Sheet, *, tables: bool) -> ReadingUnits:
    """Return the units of a page.

    Args:
        sheet: the page.
        tables: whether to look for tables.
    """
    found = find_tables(sheet) if tables else []
    free = np.setdiff1d(
        np.arange(len(sheet.extents), dtype=np.intp), _lines([t.lines for t in found])
    )
    blocks = [
        [box.lines for box in row]
        for rows in rows_of_boxes(sheet)
        for row in rows.rows
        if np.isin(np.concatenate([box.lines for box in row]), free).all()
    ]
    free = np.setdiff1d(free, _lines([block for row in blocks for block in row]))
    beside = blocks_beside(sheet, free)
    free = np.setdiff1d(free, _lines([block for row in beside for block in row]))
    blocks += beside
    rows = rows_with_numbers(sheet, free)
    free = np.setdiff1d(free, _lines(rows))
    members = [*(np.array([i]) for i in free), *rows, *map(_lines, blocks)]
    first_block, first_table = len(members) - len(blocks), len(members)
    members += [table.lines for table in found]
    return ReadingUnits(
        replace(
            sheet,
            extents=np.array([sheet.bounds(unit) for unit in members], dtype=np.float32),
            heights=np.array([np.median(sheet.heights[unit]) for unit in members], np.float32),
        ),
        tuple(members),
        {first_block + i: row for i, row in enumerate(blocks)},
        {first_table + i: table for i, table in enumerate(found)},
    )


def _lines(parts: Iterable[Lines]) -> Lines:
    """Return the lines of parts one after the other."""
    return np.concatenate([np.zeros(0, dtype=np.intp), *parts])

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Units of a page that are read as a whole: lines, rows with numbers, and tables.

For the reading order, a row of several lines is one line, and so is a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from .sheet import Lines, Sheet
from .tables.number_columns import rows_with_numbers
from .tables.table_finding import find_tables
from .tables.table_structure import TableStructure


@dataclass(frozen=True)
class ReadingUnits:
    """The units of a page.

    Attributes:
        sheet: the page with a line for each unit.
        members: the lines of each unit, in reading order.
        tables: the tables among the units, by their index.
    """

    sheet: Sheet
    members: tuple[Lines, ...]
    tables: dict[int, TableStructure]

    def apart(self, block: Lines) -> Iterator[Lines]:
        """Cut units in reading order so that each table is alone."""
        for _, units in groupby(block, key=lambda i: int(i) if int(i) in self.tables else -1):
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
    in_tables = np.concatenate([np.zeros(0, dtype=np.intp), *(table.lines for table in found)])
    every = np.arange(len(sheet.extents), dtype=np.intp)
    free = every[~np.isin(every, in_tables)]
    rows = rows_with_numbers(sheet, free)
    in_rows = np.concatenate([np.zeros(0, dtype=np.intp), *rows])
    single = [np.array([i]) for i in free[~np.isin(free, in_rows)]]
    members = [*single, *rows, *(table.lines for table in found)]
    first_table = len(members) - len(found)
    return ReadingUnits(
        replace(
            sheet,
            extents=np.array([sheet.bounds(unit) for unit in members], dtype=np.float32),
            heights=np.array([np.median(sheet.heights[unit]) for unit in members], np.float32),
        ),
        tuple(members),
        {first_table + i: table for i, table in enumerate(found)},
    )

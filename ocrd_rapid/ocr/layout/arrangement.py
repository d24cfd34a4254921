# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Group lines into text regions and put both into reading order.

Algorithm: recursive XY-cut (Nagy and Seth, 1984) on the boxes of the lines, changed for print in
three respects. A column gutter need not be free over the whole height: lines and printed rules that
span it (headings, running titles) cut the page into bands, and the columns between two of them
are read before the next. A gutter need not exist in every band: half a page may be in columns.
And columns are cut before rows, as a gutter tells more than a gap.

Lengths are compared with the usual height of a line (`measures`), after the skew is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Points, box_size, median_angle, rotate_points
from . import columns, measures
from .printed_rules import PrintedRule, level_rules
from .reading_units import units_of
from .region_types import kinds_of
from .regions import Block, split
from .sheet import Lines, Sheet
from .table_structure import Structure, cells_of_structure


@dataclass(frozen=True)
class CellPlace:
    """The place of a cell in a table.

    Attributes:
        table: number of the table on the page, from 0.
        row: its first row, from 0.
        column: its first column, from 0.
        rows: number of rows that it spans.
        columns: number of columns that it spans.
    """

    table: int
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Region:
    """A text region.

    Attributes:
        lines: indices of its lines in reading order, at least one.
        kind: type of the region in PAGE-XML, or ``None`` if it is not evident.
        cell: its place in a table, if it is a cell; the cells of a table follow each other.
    """

    lines: tuple[int, ...]
    kind: str | None = None
    cell: CellPlace | None = None


def arrange(boxes: Sequence[Points], rules: Sequence[PrintedRule] = ()) -> list[Region]:
    """Group boxes of lines into regions, in reading order.

    Args:
        boxes: shape (4, 2) each, of upright text (turn the points first if it is not upright).
        rules: printed rules, in the same coordinates; see `printed_rules.find_rules`.

    Returns:
        Regions in reading order, each with the indices of its boxes in reading order. Every box
        is in exactly one region. Tables are read row by row.
    """
    if not boxes:
        return []
    lines = level_sheet(boxes, rules)
    units = units_of(lines)
    sheet = units.sheet
    blocks = _Cutter(sheet).cut(np.arange(len(units.members), dtype=np.intp))
    parts = [
        (part, block.is_note)
        for block in blocks
        for piece in units.apart(block.lines)
        for part in split(sheet, Block(piece, block.is_note))
    ]
    kinds = kinds_of(sheet, [part for part, _ in parts], [is_note for _, is_note in parts])
    regions: list[Region] = []
    tables = 0
    for (part, _), kind in zip(parts, kinds, strict=True):
        table = units.tables.get(int(part[0]))
        if table is None:
            regions.append(Region(units.lines(part), kind))
        else:
            regions += _cells(lines, table, tables)
            tables += 1
    return regions


def _cells(sheet: Sheet, table: Structure, number: int) -> list[Region]:
    """Return the cells of a table, row by row."""
    return [
        Region(cell.lines, None, CellPlace(number, cell.row, cell.column, cell.rows, cell.columns))
        for cell in cells_of_structure(sheet, table)
    ]


def level_sheet(boxes: Sequence[Points], rules: Sequence[PrintedRule]) -> Sheet:
    """Return lines and rules of a page without its skew."""
    angle = median_angle(boxes)
    level = np.array([rotate_points(box, -angle) for box in boxes])
    extents = np.concatenate([level.min(axis=1), level.max(axis=1)], axis=1)
    heights = np.array([min(box_size(box)) for box in boxes], dtype=np.float32)
    horizontal, vertical = level_rules(rules, angle)
    return Sheet.of(extents, heights, horizontal, vertical)


@dataclass(frozen=True)
class _Cutter:
    """Cuts a page into blocks of one column each."""

    sheet: Sheet

    def cut(self, lines: Lines) -> list[Block]:
        """Return the blocks of lines, both in reading order."""
        parts = self._between_rules(lines)
        if len(parts) > 1:
            return [block for part in parts for block in self.cut(part)]
        gutter = columns.best_gutter(self.sheet, lines)
        if gutter is None:
            return self._column(lines)
        blocks = []
        for band in columns.bands(self.sheet, lines, gutter.x):
            before, after = columns.sides(self.sheet, band, gutter.x)
            spans = columns.spanning(self.sheet, band, gutter.x).any()
            if len(before) and len(after) and not spans:
                blocks += self._side_by_side(before, after)
            else:
                blocks += self.cut(band) if len(band) < len(lines) else self._column(band)
        return blocks

    def _between_rules(self, lines: Lines) -> list[Lines]:
        """Cut lines at rules that reach from one side to the other."""
        left, _, right, _ = self.sheet.bounds(lines)
        long = [
            y
            for start, end, y in self.sheet.horizontal
            if min(end, right) - max(start, left) >= measures.FULL_WIDTH_RULE * (right - left)
        ]
        row = np.searchsorted(np.sort(np.array(long)), self.sheet.middle(lines))
        return [lines[row == i] for i in np.unique(row)]

    def _side_by_side(self, before: Lines, after: Lines) -> list[Block]:
        """Return the blocks of two columns; a marginal note at either side follows the text."""
        for note, text in ((before, after), (after, before)):
            widths = [columns.usual_width(self.sheet, side) for side in (note, text)]
            narrow = widths[0] <= measures.NOTE_COLUMN_WIDTH * widths[1]
            if narrow and len(note) <= measures.NOTE_COLUMN_LINES * len(text):
                blocks = [Block(block.lines, is_note=True) for block in self.cut(note)]
                return self.cut(text) + blocks
        return self.cut(before) + self.cut(after)

    def _column(self, lines: Lines) -> list[Block]:
        """Return the block of a single column, followed by the notes beside it."""
        text, notes = columns.beside(self.sheet, lines)
        return [
            Block(self._in_rows(text)),
            *(Block(self._in_rows(note), is_note=True) for note in notes),
        ]

    def _in_rows(self, lines: Lines) -> Lines:
        """Sort lines from top to bottom, and within a row from left to right."""
        ordered = lines[np.argsort(self.sheet.middle(lines), kind="stable")]
        rows: list[list[int]] = []
        for line in ordered:
            if rows and self._same_row(rows[-1][-1], int(line)):
                rows[-1].append(int(line))
            else:
                rows.append([int(line)])
        by_left = (sorted(row, key=lambda i: float(self.sheet.extents[i, 0])) for row in rows)
        return np.array([i for row in by_left for i in row], dtype=np.intp)

    def _same_row(self, first: int, second: int) -> bool:
        """Return whether two boxes are side by side at the same height."""
        one, two = self.sheet.extents[first], self.sheet.extents[second]
        shared = min(one[3], two[3]) - max(one[1], two[1])
        beside = min(one[2], two[2]) - max(one[0], two[0]) < self.sheet.line_height
        return bool(beside and shared >= measures.SAME_ROW * min(one[3] - one[1], two[3] - two[1]))

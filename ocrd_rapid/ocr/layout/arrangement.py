# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Group lines into text regions and put both into reading order.

Algorithm: recursive XY-cut (Nagy and Seth, 1984) on the boxes of the lines, with a score for every
cut in place of thresholds. The score of a cut between columns (`columns`) and of one across them
(`row_cuts`) is a sum of log odds, so that two cuts that cross each other can be compared:

* a cut across columns is made where the evidence is for it: the rule above a feuilleton, in one
  piece or in several, white across the page, a running head in two parts;
* else columns are parted, first those on both sides of a cut across some of them;
* a feuilleton under the first columns is read after the others (`column_feet`);
* lines that span a gutter are headings, with a cut above and below them, or two lines that
  detection took for one: whichever costs less.

Lengths are compared with the usual height of a line (`measures`), on a flat page (`flattening`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..geometry import Points, box_size
from . import columns, measures
from .column_feet import foot_of_first_columns
from .columns import Gutter
from .flattening import Flattening
from .initials import Initial, find_initials, without_initials
from .margin_notes import beside
from .printed_rules import PrintedRule
from .reading_units import units_of
from .region_types import kinds_of
from .regions import Block, split
from .row_cuts import RowCut, RowCuts
from .sheet import Lines, Sheet
from .tables.table_rows import cells_of_structure
from .tables.table_structure import TableStructure, structure_of


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


def arrange(
    boxes: Sequence[Points], rules: Sequence[PrintedRule] = (), *, tables: bool = True
) -> list[Region]:
    """Group boxes of lines into regions, in reading order.

    Args:
        boxes: shape (4, 2) each, of upright text (turn the points first if it is not upright).
        rules: printed rules, in the same coordinates; see `printed_rules.find_rules`.
        tables: whether to look for tables, which are read row by row.

    Returns:
        Regions in reading order, each with the indices of its boxes in reading order. Every box
        is in exactly one region.
    """
    if not boxes:
        return []
    sheet = level_sheet(boxes, rules)
    initials = find_initials(sheet)
    text, kept = without_initials(sheet, initials)
    regions = [
        replace(region, lines=tuple(int(kept[i]) for i in region.lines))
        for region in _arranged(text, tables=tables)
    ]
    for initial in initials:
        regions = list(_with_initial(regions, initial))
    return regions


def _with_initial(regions: Sequence[Region], initial: Initial) -> Iterator[Region]:
    """Yield regions, an initial letter before the first line beside it."""
    for region in regions:
        if initial.beside[0] not in region.lines:
            yield region
            continue
        place = region.lines.index(int(initial.beside[0]))
        before, after = region.lines[:place], region.lines[place:]
        if before:
            yield replace(region, lines=before)
        yield Region((initial.letter,), "drop-capital")
        yield replace(region, lines=after)


def _arranged(lines: Sheet, *, tables: bool) -> list[Region]:
    """Return the regions of a page without initial letters; see `arrange`."""
    units = units_of(lines, tables=tables)
    sheet = units.sheet
    blocks = _Cutter(sheet).cut(np.arange(len(units.members), dtype=np.intp))
    parts = [
        (part, block.is_note)
        for block in blocks
        for piece in units.apart(block.lines)
        for part in split(sheet, Block(piece, block.is_note))
    ]
    kinds = kinds_of(
        sheet,
        [part for part, _ in parts],
        [is_note for _, is_note in parts],
        [int(part[0]) in units.tables for part, _ in parts],
        [int(part[0]) in units.blocks for part, _ in parts],
    )
    regions: list[Region] = []
    count = 0
    for (part, _), kind in zip(parts, kinds, strict=True):
        table, row = units.tables.get(int(part[0])), units.blocks.get(int(part[0]))
        if row is not None:
            regions += [Region(tuple(map(int, block)), kind) for block in row]
        elif table is None:
            regions.append(Region(units.lines(part), kind))
        else:
            regions += _cells(lines, table, count)
            count += 1
    return regions


def arrange_table(boxes: Sequence[Points], rules: Sequence[PrintedRule] = ()) -> list[Region]:
    """Return the cells of a table whose lines are known, row by row.

    Args:
        boxes: shape (4, 2) each, of upright text.
        rules: printed rules, in the same coordinates.

    Returns:
        Cells with their places; empty if the lines make fewer than two rows or two columns.
    """
    if not boxes:
        return []
    sheet = level_sheet(boxes, rules)
    table = structure_of(sheet, np.arange(len(boxes), dtype=np.intp))
    if min(table.row_count, table.column_count) < 2:
        return []
    return _cells(sheet, table, 0)


def _cells(sheet: Sheet, table: TableStructure, number: int) -> list[Region]:
    """Return the cells of a table, row by row."""
    return [
        Region(
            cell.lines,
            None,
            CellPlace(number, cell.row, cell.column, cell.rows, cell.columns),
        )
        for cell in cells_of_structure(sheet, table)
    ]


def level_sheet(boxes: Sequence[Points], rules: Sequence[PrintedRule]) -> Sheet:
    """Return lines and rules of a page without its skew and its bend."""
    flattening = Flattening.of(boxes)
    flat = flattening.flat_boxes(boxes)
    extents = np.concatenate([flat.min(axis=1), flat.max(axis=1)], axis=1)
    heights = np.array([min(box_size(box)) for box in boxes], dtype=np.float32)
    return Sheet.of(extents, heights, [flattening.flat(rule.points) for rule in rules])


@dataclass(frozen=True)
class _Cutter:
    """Cuts a page into blocks of one column each."""

    sheet: Sheet

    def cut(
        self, lines: Lines, *, is_part: bool = False, known: Sequence[Gutter] = ()
    ) -> list[Block]:
        """Return the blocks of lines, both in reading order.

        Args:
            lines: at least one line.
            is_part: whether columns stand beside the lines that no cut parts from them.
            known: gutters above them.
        """
        gutters = columns.find_gutters(self.sheet, lines, known)
        if not gutters:
            return self._column(lines)
        cuts = RowCuts(self.sheet, lines, gutters, is_part=is_part)
        likely = cuts.all()
        whole = max((cut for cut in likely if cut.whole), key=_evidence, default=None)
        if whole is not None:
            return self._in_parts(
                [lines[whole.above], lines[~whole.above]], is_part=is_part, known=gutters
            )
        foot = None if is_part else foot_of_first_columns(self.sheet, lines, gutters)
        if foot is not None:
            return self._in_parts([lines[~foot], lines[foot]], is_part=is_part)
        gutter = self._first_gutter(gutters, cuts, likely)
        bands = self._bands(lines, gutter, cuts)
        if len(bands) > 1:
            return self._in_parts(bands, is_part=is_part)
        before, after = columns.sides(self.sheet, lines, gutter.x)
        # Pages and blocks far apart are laid out each by itself; columns are equally far apart.
        others = max((other.width for other in gutters if other is not gutter), default=0.0)
        alike = measures.ALIKE_GUTTERS * others
        near = gutter.width <= max(measures.WIDE_GUTTER * self.sheet.line_height, alike)
        return self._side_by_side(before, after, is_part=is_part or near)

    def _first_gutter(self, gutters: list[Gutter], cuts: RowCuts, likely: list[RowCut]) -> Gutter:
        """Return the gutter at which lines are parted first."""
        costs = [
            sum(
                max(min(self._crossing_cost(run, cuts), -cuts.beside(run)), 0.0)
                + measures.BAND_COST
                for run in gutter.across
            )
            for gutter in gutters
        ]
        worth = [gutter.evidence - cost for gutter, cost in zip(gutters, costs, strict=True)]
        # A cut across some columns needs these to be parted from the others first.
        for cut in likely:
            for i in (cut.first - 1, cut.last):
                if 0 <= i < len(gutters):
                    worth[i] += cut.evidence
        return gutters[int(np.argmax(worth))]

    def _bands(self, lines: Lines, gutter: Gutter, cuts: RowCuts) -> list[Lines]:
        """Cut lines above and below the headings across a gutter; return the bands."""
        middle = self.sheet.middle(lines)
        places: list[float] = []
        for run in gutter.across:
            if cuts.beside(run) + self._crossing_cost(run, cuts) > 0:
                heights = self.sheet.middle(run)
                places += [float(heights.min()), float(heights.max())]
        for number in columns.numbers_beyond(self.sheet, lines, gutter):
            places += [float(self.sheet.middle(number))] * 2
        if not places:
            return [lines]
        places.sort()
        # Lines that span nothing are above, between or below the headings.
        part = np.zeros(len(lines), dtype=np.intp)
        for start, end in zip(places[::2], places[1::2], strict=True):
            part += (middle >= start).astype(np.intp) + (middle > end)
        return [lines[part == i] for i in np.unique(part)]

    def _crossing_cost(self, run: Lines, cuts: RowCuts) -> float:
        """Return the cost of parting columns although lines span the gutter."""
        is_large = self.sheet.are_large(run).any()
        first = measures.LARGE_CROSSING_COST if is_large else measures.CROSSING_COST
        cost = first + measures.NEXT_CROSSING_COST * (len(run) - 1)
        return cost * max(cuts.crossed(run), 1)

    def _in_parts(
        self, parts: list[Lines], *, is_part: bool, known: Sequence[Gutter] = ()
    ) -> list[Block]:
        """Return the blocks of parts that are read one after the other.

        Args:
            parts: the lines, from top to bottom.
            is_part: see `cut`.
            known: gutters of the whole; titles above columns stand in rows, notes below in columns.
        """
        first, *others = parts
        return self.cut(first, is_part=is_part) + [
            block for part in others for block in self.cut(part, is_part=is_part, known=known)
        ]

    def _side_by_side(self, before: Lines, after: Lines, *, is_part: bool) -> list[Block]:
        """Return the blocks of two columns; a marginal note at either side follows the text."""
        for note, text in ((before, after), (after, before)):
            widths = [columns.usual_width(self.sheet, side) for side in (note, text)]
            narrow = widths[0] <= measures.NOTE_COLUMN_WIDTH * widths[1]
            if narrow and len(note) <= measures.NOTE_COLUMN_LINES * len(text):
                notes = [replace(block, is_note=True) for block in self.cut(note)]
                return self.cut(text) + notes
        return self._in_parts([before, after], is_part=is_part)

    def _column(self, lines: Lines) -> list[Block]:
        """Return the block of a single column, followed by the notes beside it."""
        text, notes = beside(self.sheet, lines)
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


def _evidence(cut: RowCut) -> float:
    return cut.evidence

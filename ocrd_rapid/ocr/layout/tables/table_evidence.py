# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whether rows and columns explain a block of lines better than columns of running text do.

A table has columns of numbers, rules between columns and rows, and rows that most columns share.
Columns of running text have lines that fill their width; columns of an index have all the same
form. A false table costs more than a missed one: it is read across the columns of the text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import measures
from ..sheet import Lines, Sheet
from . import table_measures
from .column_kinds import ends_evenly, is_number_column, is_running_text, joined_rows
from .table_rows import merged_rows
from .table_structure import TableStructure


def evidence(sheet: Sheet, structure: TableStructure) -> float:
    """Return the evidence for a table; a table has at least `table_measures.EVIDENCE`.

    It is a sum: of columns of numbers, of rules, of rows that columns share, of places that are
    filled, less the columns of running text.
    """
    rows = merged_rows(sheet, structure)
    row_count, gaps = int(rows.max()) + 1, structure.column_count - 1
    is_grid = structure.ruled > 0 and len(structure.row_rules) > 0
    least = (
        (table_measures.GRID_ROWS, table_measures.GRID_COLUMNS)
        if is_grid
        else (table_measures.TABLE_ROWS, table_measures.TABLE_COLUMNS)
    )
    columns = [structure.column(i) for i in range(structure.column_count)]
    filled_rows = [len(np.unique(structure.rows[np.isin(structure.lines, c)])) for c in columns]
    full = sum(n >= table_measures.FULL_COLUMN * structure.row_count for n in filled_rows)
    if row_count < least[0] or full < least[1]:
        return -np.inf
    numbers = [is_number_column(sheet, column) for column in columns]
    texts = [is_running_text(sheet, column) for column in columns]
    framed = is_framed(sheet, structure.lines)
    if (
        _is_display(sheet, structure.lines)
        or _is_amid_text(sheet, structure)
        or not (
            2 * sum(numbers) >= gaps
            or 2 * len(structure.row_rules) >= row_count - 1
            or (framed and not structure.ruled and not _are_phrases(sheet, columns))
        )
    ):
        return -np.inf
    # A single rule may be that below the running head of an index.
    few_rules = not (structure.ruled or framed) and 2 * len(structure.row_rules) < row_count - 1
    if few_rules and (
        _are_pairs(sheet, columns, numbers)
        or (not structure.row_rules and sum(numbers) < table_measures.NUMBER_COLUMNS * gaps)
    ):
        return -np.inf
    filled = {(int(r), int(c)) for r, c in zip(rows, structure.firsts, strict=True)}
    beside = np.bincount([r for r, _ in filled], minlength=row_count)
    return float(
        2 * min(1.0, sum(numbers) / gaps)
        + structure.ruled / gaps
        + min(1.0, 2 * len(structure.row_rules) / max(1, row_count - 1))
        + framed
        + (beside > 1).mean()
        + 0.5 * len(filled) / (row_count * structure.column_count)
        - 1.5 * max(0, sum(texts) - (structure.ruled > 0 or sum(numbers) > 1))
    )


def _is_display(sheet: Sheet, lines: Lines) -> bool:
    """Return whether lines are of many sizes, as those of advertisements and mastheads are."""
    heights = sheet.heights[lines]
    large = heights > measures.FUSED_LINE_HEIGHT * np.median(heights)
    return bool(large.mean() > table_measures.LARGE_LINES)


def _is_amid_text(sheet: Sheet, structure: TableStructure) -> bool:
    """Return whether columns of text go on above and below rows, or several on one side.

    Then the rows are lines of this text, with wide spaces between the words.
    """
    above = _text_going_on(sheet, structure, structure.rows == 0, -1)
    below = _text_going_on(sheet, structure, structure.rows == structure.row_count - 1, 1)
    return min(above, below) > 0 or max(above, below) > 1


def _text_going_on(
    sheet: Sheet, structure: TableStructure, row: NDArray[np.bool_], side: int
) -> int:
    """Return the number of lines of text right above (-1) or below (1) that are as wide as a row.

    Each has the edges of those lines of the row that it is next to, and no rule between.
    """
    edge = sheet.extents[structure.lines[row]]
    far = table_measures.EDGES_APART * sheet.line_height
    others = np.delete(sheet.extents, structure.lines, axis=0)
    others = others[others[:, 2] - others[:, 0] >= table_measures.SHORT_LINE * sheet.line_height]
    count = 0
    for left, top, right, bottom in others:
        near = edge[(edge[:, 0] < right) & (edge[:, 2] > left)]
        if not len(near):
            continue
        y = (bottom, near[:, 1].min()) if side < 0 else (near[:, 3].max(), top)
        gap = (y[1] - y[0]) / sheet.line_height
        edges = abs(near[:, 0].min() - left) <= far and abs(near[:, 2].max() - right) <= far
        if edges and abs(gap) < table_measures.TEXT_GAP:
            between = np.array([min(y)], np.float32), np.array([max(y)], np.float32)
            count += sheet.ruled(*between, float(left), float(right))[0][0] < measures.RULED_COLUMN
    return int(count)


def _are_phrases(sheet: Sheet, columns: list[Lines]) -> bool:
    """Return whether most columns are of phrases rather than of words."""
    wide = [
        len(column) > 0 and _usual_width(sheet, column) >= table_measures.WORDS_WIDTH
        for column in columns
    ]
    return 2 * sum(wide) > len(wide)


def _usual_width(sheet: Sheet, lines: Lines) -> float:
    """Return the median width of lines, in line heights."""
    return float(np.median(sheet.extents[lines, 2] - sheet.extents[lines, 0])) / sheet.line_height


def _are_pairs(sheet: Sheet, columns: list[Lines], numbers: list[bool]) -> bool:
    """Return whether columns are labels and numbers in turn: columns of an index, not of a table.

    Labels may be as short as numbers, but begin at one place; then all pairs are equally wide.

    Args:
        sheet: the page.
        columns: the lines of each column.
        numbers: of each column, whether it is of numbers.
    """
    half = len(numbers) // 2
    if numbers in ([False, True] * half, [True, False] * half):
        return True
    if len(columns) % 2 or half < 2:
        return False
    edges = [joined_rows(sheet, column)[:, [0, 2]] for column in columns]
    starts = np.array([np.median(edge[:, 0]) for edge in edges[::2]])
    ends = np.array([np.median(edge[:, 1]) for edge in edges[1::2]])
    equal = float(np.ptp(ends - starts)) <= table_measures.EDGES_APART * sheet.line_height
    in_turn = all(
        ends_evenly(sheet, column) == bool(number % 2) for number, column in enumerate(columns)
    )
    return equal and in_turn


def is_framed(sheet: Sheet, lines: Lines) -> bool:
    """Return whether a rule as wide as a block stands above it, and one below."""
    left, top, right, bottom = sheet.bounds(lines)
    far = table_measures.LINE_STEP * sheet.line_height
    close = table_measures.FRAME_OVERHANG * sheet.line_height
    start, end, y = sheet.horizontal.T
    equal = (start <= left + close) & (end >= right - close)
    equal &= (start >= left - far) & (end <= right + far)
    above, below = equal & (y <= top + close / 2), equal & (y >= bottom - close / 2)
    return bool((above & (y >= top - far)).any() and (below & (y <= bottom + far)).any())

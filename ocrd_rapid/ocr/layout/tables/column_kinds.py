# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What lines below each other are: a column of numbers, or running text."""

from __future__ import annotations

import numpy as np

from .. import measures
from ..sheet import Lines, Numbers, Sheet
from . import table_measures
from .table_structure import rows_of


def is_number_column(sheet: Sheet, lines: Lines) -> bool:
    """Return whether lines below each other are numbers, or words as short as numbers.

    They are narrow and end at one place, or very narrow and begin at one. So are the words of
    justified lines with wide spaces, but not these lines.
    """
    rows = joined_rows(sheet, lines)
    if len(rows) < table_measures.NUMBER_ROWS:
        return False
    # Words in small print are not as short as numbers in that of the page.
    size = min(sheet.line_height, float(np.median(sheet.heights[lines])) or 1.0)
    width = float(np.median(rows[:, 2] - rows[:, 0])) / size
    if width > table_measures.NUMBER_WIDTH:
        return False
    starts = _spread(rows[:, 0]) / sheet.line_height
    narrow = width <= table_measures.NUMBER_WIDTH / 2 and starts <= table_measures.NUMBER_SPREAD
    return narrow or ends_evenly(sheet, lines)


def ends_evenly(sheet: Sheet, lines: Lines) -> bool:
    """Return whether the rows of a column end at one place rather than begin at one: numbers."""
    rows = joined_rows(sheet, lines)
    starts, ends = (_spread(edge) / sheet.line_height for edge in (rows[:, 0], rows[:, 2]))
    return ends <= table_measures.NUMBER_SPREAD and ends <= starts + measures.BOX_GROWTH


def is_running_text(sheet: Sheet, lines: Lines) -> bool:
    """Return whether lines fill the width of their column, one below the other."""
    rows = joined_rows(sheet, lines)
    if len(rows) < table_measures.TEXT_LINES:
        return False
    left, top, right, bottom = rows.T
    width = right - left
    wide = np.median(width) >= table_measures.TEXT_COLUMN * sheet.line_height
    full = np.median(width) >= table_measures.TEXT_FILL * (right.max() - left.min())
    order = np.argsort(top)
    gaps = top[order][1:] - bottom[order][:-1]
    close = np.mean(gaps < table_measures.TEXT_GAP * sheet.line_height)
    return bool(wide and full and close > 0.5)


def joined_rows(sheet: Sheet, lines: Lines) -> Numbers:
    """Return the extents of the rows of a column, shape (rows, 4): of pieces of one line each."""
    if not len(lines):
        return sheet.extents[lines]
    rows = rows_of(sheet, lines)
    extents = sheet.extents[lines[np.argsort(rows, kind="stable")]]
    starts = np.flatnonzero(np.diff(np.sort(rows), prepend=-1))
    low, high = np.minimum.reduceat(extents, starts), np.maximum.reduceat(extents, starts)
    return np.concatenate([low[:, :2], high[:, 2:]], axis=1)


def _spread(values: np.typing.NDArray[np.float32]) -> float:
    """Return the usual distance of values from their median."""
    return float(np.median(np.abs(values - np.median(values))))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Feuilletons at the foot of the first columns, below a rule, beside columns that have none.

The article above the rule goes on at the head of the next column, so the foot is read last. That
it goes on shows in its edges: the last row above the rule fills its column, as the first row of the
next column does, but the last row of the foot does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import measures
from .columns import Gutter
from .sheet import Lines, Sheet


def foot_of_first_columns(
    sheet: Sheet, lines: Lines, gutters: list[Gutter]
) -> NDArray[np.bool_] | None:
    """Return which lines are below a rule under the first columns, and are read after the others.

    Args:
        sheet: the page.
        lines: lines of columns that no cut parts as a whole.
        gutters: the gutters between them, from left to right, at least one.

    Returns:
        One flag for each line; ``None`` if there is no such foot.
    """
    number = np.searchsorted([gutter.x for gutter in gutters], sheet.centre(lines))
    columns = [lines[number == i] for i in range(len(gutters) + 1)]
    if min(map(len, columns)) < measures.FOOT_LINES:
        return None
    _, top, _, bottom = sheet.bounds(lines)
    middle = sheet.middle(lines)
    for y in np.sort(sheet.horizontal[:, 2]):
        ruled = [_is_ruled(sheet, column, float(y)) for column in columns]
        count = ruled.index(False) if False in ruled else 0
        if not count or any(ruled[count:]) or y < (top + bottom) / 2:
            continue
        last, following = columns[count - 1], columns[count]
        is_below = sheet.middle(last) > y
        if min(is_below.sum(), (~is_below).sum()) < measures.FOOT_LINES:
            continue
        goes_on = _fills(sheet, last[~is_below], last=True) and _fills(sheet, following, last=False)
        if goes_on and not _fills(sheet, last[is_below], last=True):
            return np.asarray((number < count) & (middle > y))
    return None


def _is_ruled(sheet: Sheet, column: Lines, y: float) -> bool:
    """Return whether a rule at a height covers a column."""
    left, right = _margins(sheet, column)
    near = np.array([y], np.float32)
    share, _ = sheet.ruled(near, near, left, right)
    return float(share[0]) >= measures.FOOT_RULE


def _fills(sheet: Sheet, column: Lines, *, last: bool) -> bool:
    """Return whether the first row of a column, or the last one, reaches from edge to edge."""
    middle = sheet.middle(column)
    row = np.abs(middle - (middle.max() if last else middle.min())) < sheet.line_height / 2
    start, _, end, _ = sheet.bounds(column[row])
    left, right = _margins(sheet, column)
    near = measures.FOOT_EDGE * sheet.line_height
    return start <= left + near and end >= right - near


def _margins(sheet: Sheet, column: Lines) -> tuple[float, float]:
    """Return the usual left and right edges of a column."""
    extents = sheet.extents[column]
    return float(np.quantile(extents[:, 0], 0.25)), float(np.quantile(extents[:, 2], 0.75))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Notes in the margins of a column."""

from __future__ import annotations

import numpy as np

from . import measures
from .columns import usual_width
from .sheet import Lines, Sheet


def beside(sheet: Sheet, lines: Lines) -> tuple[Lines, list[Lines]]:
    """Separate the lines of a column from notes in its margins.

    Returns:
        The lines of the column, and the notes from top to bottom.
    """
    left, right = sheet.extents[lines, 0], sheet.extents[lines, 2]
    is_wide = right - left >= measures.TEXT_LINE_WIDTH * np.quantile(right - left, 0.9)
    text = lines[is_wide]
    growth = measures.BOX_GROWTH * sheet.line_height
    start = float(np.quantile(sheet.extents[text, 0], 0.1)) + growth
    end = float(np.quantile(sheet.extents[text, 2], 0.9)) - growth
    before, after = ~is_wide & (right - growth < start), ~is_wide & (left + growth > end)
    notes = []
    for outside in (lines[before], lines[after & ~before]):
        notes += [group for group in _stacks(sheet, outside) if _is_note(sheet, group, text)]
    if not notes:
        return lines, []
    notes.sort(key=lambda note: sheet.bounds(note)[1])
    return lines[~np.isin(lines, np.concatenate(notes))], notes


def _stacks(sheet: Sheet, lines: Lines) -> list[Lines]:
    """Cut lines at gaps of more than one line."""
    if not len(lines):
        return []
    ordered = lines[np.argsort(sheet.middle(lines), kind="stable")]
    gaps = sheet.extents[ordered[1:], 1] - sheet.extents[ordered[:-1], 3]
    return np.split(ordered, np.flatnonzero(gaps > sheet.line_height) + 1)


def _is_note(sheet: Sheet, group: Lines, text: Lines) -> bool:
    """Return whether lines in the margin are a note on the text beside them."""
    left, top, right, bottom = sheet.bounds(group)
    middle = sheet.middle(text)
    if not ((top < middle) & (middle < bottom)).any():
        return False
    if usual_width(sheet, group) <= measures.ROW_NUMBER_WIDTH:
        return False
    wide = right - left >= measures.MARGIN_NOTE_WIDTH * sheet.line_height
    return wide or len(group) >= measures.MARGIN_NOTE_LINES

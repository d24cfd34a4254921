# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Initial letters several lines high, at the beginning of a text that runs around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import region_measures
from .sheet import Lines, Numbers, Sheet


@dataclass(frozen=True)
class Initial:
    """An initial letter.

    Attributes:
        letter: index of its line.
        beside: the lines to its right, from top to bottom.
    """

    letter: int
    beside: Lines


def find_initials(sheet: Sheet) -> list[Initial]:
    """Return the initial letters of a page.

    One is as high as several lines that begin right of it, the first of them at its top; and the
    line below these begins at its left edge.
    """
    low, high = region_measures.INITIAL_HEIGHT
    sizes = sheet.heights / sheet.line_height
    widths = sheet.extents[:, 2] - sheet.extents[:, 0]
    likely = (sizes >= low) & (sizes <= high)
    likely &= widths <= region_measures.INITIAL_WIDTH * sheet.heights
    found = (_initial(sheet, int(letter)) for letter in np.flatnonzero(likely))
    return [initial for initial in found if initial is not None]


def _initial(sheet: Sheet, letter: int) -> Initial | None:
    left, top, right, bottom = sheet.extents[letter] / sheet.line_height
    starts, tops, ends, _ = sheet.extents.T / sheet.line_height
    middle = sheet.middle(np.arange(len(starts))) / sheet.line_height
    nearest, farthest = region_measures.INITIAL_DISTANCE
    near = (starts - right >= nearest) & (starts - right <= farthest)
    near &= sheet.heights < region_measures.INITIAL_HEIGHT[0] * sheet.line_height
    beside = np.flatnonzero(near & (middle > top) & (middle < bottom))
    beside = beside[np.argsort(middle[beside], kind="stable")]
    if len(beside) < region_measures.INITIAL_ROWS or tops[beside[0]] - top > 1.0:
        return None
    pitch = (middle[beside[-1]] - middle[beside[0]]) / (len(beside) - 1)
    below = middle - middle[beside[-1]]
    next_row = (below > pitch / 2) & (below < 1.5 * pitch) & (ends > right)
    next_row &= np.abs(starts - left) <= region_measures.INITIAL_OFF
    return Initial(letter, beside) if next_row.any() else None


def without_initials(sheet: Sheet, initials: Sequence[Initial]) -> tuple[Sheet, Lines]:
    """Return a page as if the lines beside initial letters began where these do.

    Returns:
        The page without the letters, and the indices of its lines in the given one.
    """
    extents: Numbers = sheet.extents.copy()
    for initial in initials:
        extents[initial.beside, 0] = extents[initial.letter, 0]
    letters = [initial.letter for initial in initials]
    kept = np.setdiff1d(np.arange(len(extents), dtype=np.intp), letters)
    return replace(sheet, extents=extents[kept], heights=sheet.heights[kept]), kept

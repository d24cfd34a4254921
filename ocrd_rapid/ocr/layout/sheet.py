# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines and rules of a page, deskewed, as plain numbers: the input of the layout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import measures

#: Indices of lines.
Lines = NDArray[np.intp]
Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Sheet:
    """A page whose skew has been removed.

    Attributes:
        extents: (left, top, right, bottom) of the lines, shape (N, 4).
        heights: heights of the lines, without the effect of their slant, shape (N,).
        line_height: the usual height of a line.
        horizontal: printed rules between lines, (left, right, y), shape (M, 3).
        vertical: printed rules, (x, top, bottom), shape (K, 3).
    """

    extents: Numbers
    heights: Numbers
    line_height: float
    horizontal: Numbers
    vertical: Numbers

    @classmethod
    def of(
        cls, extents: Numbers, heights: Numbers, horizontal: Numbers, vertical: Numbers
    ) -> Sheet:
        """Return the page without horizontal rules that touch lines (underlines)."""
        between = [rule for rule in horizontal if not _touches_line(rule, extents, heights)]
        kept = np.array(between, dtype=np.float32).reshape(-1, 3)
        # Boxes may have no height; then any divisor will do.
        line_height = float(np.median(heights)) or 1.0
        return cls(extents, heights, line_height, kept, vertical)

    def bounds(self, lines: Lines) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of one or more lines."""
        low, high = self.extents[lines, :2].min(axis=0), self.extents[lines, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def middle(self, lines: Lines) -> Numbers:
        """Return the middle of the height of lines."""
        return np.asarray((self.extents[lines, 1] + self.extents[lines, 3]) / 2)

    def centre(self, lines: Lines) -> Numbers:
        """Return the middle of the width of lines."""
        return np.asarray((self.extents[lines, 0] + self.extents[lines, 2]) / 2)


def _touches_line(rule: Numbers, extents: Numbers, heights: Numbers) -> bool:
    """Return whether most of a rule runs through lines or close to their edges."""
    left, right, y = rule
    edge = -measures.UNDERLINE_EDGE * heights
    across = (extents[:, 1] + edge < y) & (y < extents[:, 3] - edge)
    shared = np.minimum(extents[:, 2], right) - np.maximum(extents[:, 0], left)
    return bool(np.clip(shared, 0, None)[across].sum() > 0.5 * (right - left))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines and rules of a page, deskewed, as plain numbers: the input of the layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..geometry import Points
from . import measures
from .printed_rules import level_rules

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
        usual_gap: the usual gap between a line and the next below it, in line heights.
        horizontal: printed rules between lines, (left, right, y), shape (M, 3).
        tilt: slopes of these rules, shape (M,).
        vertical: printed rules, (x, top, bottom), shape (K, 3).
    """

    extents: Numbers
    heights: Numbers
    line_height: float
    usual_gap: float
    horizontal: Numbers
    tilt: Numbers
    vertical: Numbers

    @classmethod
    def of(cls, extents: Numbers, heights: Numbers, rules: Sequence[Points]) -> Sheet:
        """Return the page without horizontal rules that touch lines (underlines).

        Args:
            extents: (left, top, right, bottom) of the lines, shape (N, 4).
            heights: their heights, shape (N,).
            rules: the ends of printed rules, shape (2, 2) each.
        """
        horizontal, vertical = level_rules(rules)
        kept = [not _touches_line(rule, extents, heights) for rule in horizontal]
        between = horizontal[np.array(kept, dtype=bool)]
        # Boxes may have no height; then any divisor will do.
        line_height = float(np.median(heights)) or 1.0
        gap = _usual_gap(extents, line_height)
        return cls(extents, heights, line_height, gap, between[:, :3], between[:, 3], vertical)

    def ruled(
        self, low: Numbers, high: Numbers, left: float, right: float
    ) -> tuple[Numbers, Numbers]:
        """Return the share of a stretch of each gap that printed rules cover, in any pieces.

        Args:
            low: where each gap begins, shape (N,).
            high: where it ends.
            left: where the stretch begins.
            right: where it ends.

        Returns:
            The share for each gap, and the height (y) of the lowest rule in it, the gap's end if
            there is none; shape (N,) each.
        """
        if not len(self.horizontal):
            return np.zeros(len(low), dtype=np.float32), high
        edge = measures.RULE_LEVEL * self.line_height
        places = np.linspace(left, right, measures.RULE_SAMPLES)
        start, end, y = self.horizontal.T
        covered = (start[:, None] <= places) & (places <= end[:, None])
        centre = np.clip((left + right) / 2, start, end)
        level = y + self.tilt * (centre - (start + end) / 2)
        inside = (low[:, None] - edge <= level) & (level <= high[:, None] + edge)
        count = inside.astype(np.float32) @ covered.astype(np.float32)
        touched = inside & covered.any(axis=1)
        lowest = np.where(touched, level, -np.inf).max(axis=1)
        share = (count > 0).mean(axis=1).astype(np.float32)
        return share, np.where(np.isfinite(lowest), lowest, high).astype(np.float32)

    def bounds(self, lines: Lines) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of one or more lines."""
        low, high = self.extents[lines, :2].min(axis=0), self.extents[lines, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def are_large(self, lines: Lines) -> NDArray[np.bool_]:
        """Return which lines are of letters as large as those of titles."""
        return np.asarray(self.heights[lines] > measures.FUSED_LINE_HEIGHT * self.line_height)

    def middle(self, lines: Lines) -> Numbers:
        """Return the middle of the height of lines."""
        return np.asarray((self.extents[lines, 1] + self.extents[lines, 3]) / 2)

    def centre(self, lines: Lines) -> Numbers:
        """Return the middle of the width of lines."""
        return np.asarray((self.extents[lines, 0] + self.extents[lines, 2]) / 2)


def _touches_line(rule: Numbers, extents: Numbers, heights: Numbers) -> bool:
    """Return whether most of a rule runs through a line or close to its edge."""
    left, right, y = rule[:3]
    # A rule right above a line is none of its own: it parts notes from the text, for one.
    across = (extents[:, 1] < y) & (y < extents[:, 3] + measures.UNDERLINE_EDGE * heights)
    shared = np.minimum(extents[:, 2], right) - np.maximum(extents[:, 0], left)
    # A rule across several columns is no underline, even if it is close to lines of all of them.
    return bool((shared[across] > 0.5 * (right - left)).any())


def _usual_gap(extents: Numbers, line_height: float) -> float:
    """Return the median gap between a line and the nearest below it, in line heights."""
    left, top, right, bottom = extents.T
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    narrower = np.minimum((right - left)[:, None], right - left)
    middle = (top + bottom) / 2
    below = middle[None, :] - middle[:, None] > measures.SAME_ROW * line_height
    below &= shared > measures.SAME_COLUMN * narrower
    gaps = np.where(below, top[None, :] - bottom[:, None], np.inf).min(axis=1)
    near = gaps[gaps < measures.NEXT_LINE * line_height]
    return float(np.median(near)) / line_height if len(near) else 0.0

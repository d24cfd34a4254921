"""Group lines into text regions and put both into reading order.

Algorithm: recursive XY-cut (Nagy and Seth, 1984) on the boxes of the lines, in two respects
changed for print. A column gutter need not be free over the whole height: a few lines that
span it (headings, running titles) cut the page into bands, and the columns between two of
them are read before the next. Columns are cut before rows, as a gutter says more than a gap.

Everything is measured in line heights, after the skew has been taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .geometry import Points, box_size, median_angle, rotate_points

#: Narrowest column gutter, in line heights, and what is taken off both ends of a box to find
#: it: detection grows boxes by about as much.
GUTTER = 0.25
BOX_GROWTH = 0.25
#: Lines on either side that a gutter must separate.
GUTTER_LINES = 3
#: Share of the lines that may span a gutter, beside two headings.
SPANNING = 0.15
#: How far a line must reach into the other column to span the gutter, in line heights.
OVERHANG = 1.0
#: The same for short lines, as a share of their width.
NARROW_OVERHANG = 0.25
#: Vertical gap that begins a new region, in line heights, beyond the usual gap.
PARAGRAPH_GAP = 0.8
#: Overlap in height from which two boxes are in the same row.
SAME_ROW = 0.5


def arrange(boxes: Sequence[Points]) -> list[tuple[int, ...]]:
    """Group boxes of lines into regions, in reading order.

    Args:
        boxes: shape (4, 2) each, of upright text (turn the points first if it is not).

    Returns:
        Regions in reading order, each the indices of its boxes in reading order. Every box is in
        exactly one of them.
    """
    if not boxes:
        return []
    angle = median_angle(boxes)
    level = np.array([rotate_points(box, -angle) for box in boxes])
    extents = np.concatenate([level.min(axis=1), level.max(axis=1)], axis=1)
    heights = np.array([min(box_size(box)) for box in boxes])
    page = _Page(extents, float(np.median(heights)))
    groups = [group for block in page.cut(np.arange(len(boxes))) for group in page.split(block)]
    return [tuple(int(i) for i in group) for group in groups]


@dataclass(frozen=True)
class _Page:
    """Extents of the boxes, (left, top, right, bottom) per row, and the usual line height."""

    extents: NDArray[np.float32]
    line_height: float

    def cut(self, lines: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """Cut lines into blocks of one column each, in reading order."""
        gutter = self._gutter(lines)
        if gutter is None:
            return [self._in_rows(lines)]
        blocks = []
        for band, spanning in self._bands(lines, gutter):
            if spanning:
                blocks.append(self._in_rows(band))
                continue
            centres = self._centres(band)
            for column in (band[centres < gutter], band[centres >= gutter]):
                if len(column):
                    blocks += self.cut(column)
        return blocks

    def _centres(self, lines: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.asarray((self.extents[lines, 0] + self.extents[lines, 2]) / 2)

    def _gutter(self, lines: NDArray[np.intp]) -> float | None:
        """Return the x of the best column gutter, or ``None``.

        The best one is spanned by the fewest lines; among equals, the widest.
        """
        if len(lines) < 2 * GUTTER_LINES:
            return None
        growth = BOX_GROWTH * self.line_height
        left, right = self.extents[lines, 0] + growth, self.extents[lines, 2] - growth
        allowed = 2 + SPANNING * len(lines)
        best: tuple[float, float, float] | None = None
        for start, end in pairwise(np.unique(np.concatenate([left, right]))):
            middle = float(start + end) / 2
            spanning = self._spanning(lines, middle)
            count = int(spanning.sum())
            if count > allowed:
                continue
            before = ~spanning & (self._centres(lines) < middle)
            after = ~spanning & ~before
            if min(before.sum(), after.sum()) < GUTTER_LINES:
                continue
            # A few lines may stick out: columns are not perfectly straight.
            start_after = float(np.quantile(left[after], 0.1))
            end_before = float(np.quantile(right[before], 0.9))
            width = start_after - end_before
            if width < GUTTER * self.line_height:
                continue
            if not self._side_by_side(lines[before], lines[after]):
                continue
            # The middle of the gap, not of the two edges: what lies across it spans it.
            candidate = (count, -width, (start_after + end_before) / 2)
            if best is None or candidate < best:
                best = candidate
        return None if best is None else best[2]

    def _spanning(self, lines: NDArray[np.intp], gutter: float) -> NDArray[np.bool_]:
        """Return which lines reach well beyond a gutter on both sides."""
        left, right = self.extents[lines, 0], self.extents[lines, 2]
        overhang = np.minimum(gutter - left, right - gutter)
        # A page number below the gutter is narrow, and spans it nevertheless.
        enough = np.minimum(OVERHANG * self.line_height, NARROW_OVERHANG * (right - left))
        return np.asarray(overhang > enough)

    def _side_by_side(self, before: NDArray[np.intp], after: NDArray[np.intp]) -> bool:
        """Return whether two groups share enough of their height to be columns."""
        top = max(self.extents[before, 1].min(), self.extents[after, 1].min())
        bottom = min(self.extents[before, 3].max(), self.extents[after, 3].max())
        return bool(bottom - top >= GUTTER_LINES * self.line_height)

    def _bands(self, lines: NDArray[np.intp], gutter: float) -> list[tuple[NDArray[np.intp], bool]]:
        """Cut at the lines that span the gutter; return bands and whether they are spanning."""
        middle = (self.extents[lines, 1] + self.extents[lines, 3]) / 2
        ordered = lines[np.argsort(middle, kind="stable")]
        spans = self._spanning(ordered, gutter)
        bands = []
        start = 0
        for end in range(1, len(ordered) + 1):
            if end == len(ordered) or spans[end] != spans[start]:
                bands.append((ordered[start:end], bool(spans[start])))
                start = end
        return bands

    def _in_rows(self, lines: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort lines from top to bottom, and what is in the same row from left to right."""
        top, bottom = self.extents[lines, 1], self.extents[lines, 3]
        ordered = lines[np.argsort((top + bottom) / 2, kind="stable")]
        rows: list[list[int]] = []
        for line in ordered:
            if rows and self._same_row(rows[-1][-1], line):
                rows[-1].append(int(line))
            else:
                rows.append([int(line)])
        by_left = (sorted(row, key=lambda i: float(self.extents[i, 0])) for row in rows)
        return np.array([i for row in by_left for i in row], dtype=np.intp)

    def _same_row(self, first: int, second: int) -> bool:
        """Return whether two boxes are side by side at the same height."""
        one, two = self.extents[first], self.extents[second]
        shared = min(one[3], two[3]) - max(one[1], two[1])
        beside = min(one[2], two[2]) - max(one[0], two[0]) < self.line_height
        return bool(beside and shared >= SAME_ROW * min(one[3] - one[1], two[3] - two[1]))

    def split(self, block: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """Split the ordered lines of a block where the gap is wider than usual."""
        if len(block) < 2:
            return [block]
        gaps = self.extents[block[1:], 1] - self.extents[block[:-1], 3]
        usual = float(np.median(gaps))
        limit = max(usual, 0.0) + PARAGRAPH_GAP * self.line_height
        return np.split(block, np.flatnonzero(gaps > limit) + 1)

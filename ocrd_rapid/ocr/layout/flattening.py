# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Flatten the positions on a page: remove its skew, its bend and the lean of its columns.

The slopes of the lines give the bend: they change from side to side where the paper curls, and from
top to bottom where a camera stood askew. The edges of the lines give the lean: along columns, edges
stand below each other, so the lean that piles up most edges at few places is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..geometry import Points, box_size, median_angle, rotate_points
from . import measures


@dataclass(frozen=True)
class Flattening:
    """A smooth change of positions on a page, so that lines are level and columns upright.

    Attributes:
        angle: skew in degrees, clockwise positive.
        centre: (x, y) of the middle of the text without skew, in pixels.
        half: half the width and height of the text, in pixels, at least one.
        slope: slope of lines that are left without skew: in the middle, its change towards the
            right edge, its change towards the foot.
        lean: pixels to the right per pixel down: in the middle, its change towards the right edge.
    """

    angle: float
    centre: tuple[float, float]
    half: tuple[float, float]
    slope: tuple[float, float, float]
    lean: tuple[float, float]

    @classmethod
    def of(cls, boxes: Sequence[Points]) -> Flattening:
        """Return the flattening of a page.

        Args:
            boxes: its lines, at least one, shape (4, 2) each.
        """
        angle = median_angle(boxes)
        level = rotate_points(np.concatenate(boxes), -angle).reshape(-1, 4, 2)
        low, high = level.min(axis=(0, 1)), level.max(axis=(0, 1))
        centre, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        skewless = cls(angle, (centre[0], centre[1]), (half[0], half[1]), (0, 0, 0), (0, 0))
        line_height = float(np.median([min(box_size(box)) for box in boxes])) or 1.0
        slope = _slopes(level, centre, half)
        # Lines may stand a little askew between rules that do not.
        moved = half[0] * (abs(slope[0]) + abs(slope[1]) / 2 + abs(slope[2]))
        if moved < measures.LEAST_BEND * line_height:
            slope = 0.0, 0.0, 0.0
        bent = cls(angle, skewless.centre, skewless.half, slope, (0, 0))
        lean = _lean(bent.flat_boxes(boxes), centre, half, line_height)
        return cls(angle, skewless.centre, skewless.half, bent.slope, lean)

    def flat(self, points: Points) -> Points:
        """Return flattened points, shape (N, 2)."""
        level = rotate_points(points, -self.angle)
        x, y = level[:, 0] - self.centre[0], level[:, 1] - self.centre[1]
        u, v = x / self.half[0], y / self.half[1]
        middle, sideways, down = self.slope
        dy = x * (middle + sideways * u / 2 + down * v)
        dx = (y - dy) * (self.lean[0] + self.lean[1] * u)
        return np.stack([level[:, 0] - dx, level[:, 1] - dy], axis=1).astype(np.float32)

    def flat_boxes(self, boxes: Sequence[Points]) -> NDArray[np.float32]:
        """Return flattened boxes, shape (N, 4, 2)."""
        return self.flat(np.concatenate(boxes)).reshape(-1, 4, 2)


def _slopes(level: Points, centre: Points, half: Points) -> tuple[float, float, float]:
    """Return the slope of lines and its change, fitted to boxes without skew, shape (N, 4, 2)."""
    along = (level[:, 1] - level[:, 0] + level[:, 2] - level[:, 3]) / 2
    across = np.abs(level[:, 3] - level[:, 0]).max(axis=1)
    long = along[:, 0] > measures.SLOPE_LINE_WIDTH * np.maximum(across, 1.0)
    if long.sum() < measures.FLATTENING_LINES:
        return 0.0, 0.0, 0.0
    along, place = along[long].astype(np.float64), (level[long].mean(axis=1) - centre) / half
    slope = along[:, 1] / along[:, 0]
    terms = np.column_stack([np.ones(len(place)), place])
    weight = along[:, 0]
    # Iteratively reweighted least squares: single lines may have any slope.
    for _ in range(5):
        fitted = np.linalg.lstsq(terms * weight[:, None], slope * weight, rcond=None)[0]
        off = np.abs(slope - terms @ fitted)
        scale = 2 * float(np.median(off)) + 1e-6
        weight = along[:, 0] / (1 + (off / scale) ** 2)
    bound = measures.LARGEST_SLOPE
    a, b, c = (float(value) for value in np.clip(fitted, -bound, bound))
    return a, b, c


def _lean(flat: Points, centre: Points, half: Points, line_height: float) -> tuple[float, float]:
    """Return the lean of columns and its change, from boxes whose lines are level."""
    if len(flat) < measures.FLATTENING_LINES:
        return 0.0, 0.0
    left, right = flat[:, :, 0].min(axis=1), flat[:, :, 0].max(axis=1)
    middle = flat[:, :, 1].mean(axis=1) - centre[1]
    x, y = np.concatenate([left, right]) - centre[0], np.concatenate([middle, middle])
    u = x / half[0]
    step = measures.LEAN_STEP
    count = round(measures.LARGEST_LEAN / step)
    best, chosen = 0.0, (0.0, 0.0)
    for i in range(-count, count + 1):
        for k in range(-count // 2, count // 2 + 1):
            bins = ((x - y * step * (i + k * u)) / (measures.LEAN_EDGE * line_height)).round()
            filled = np.bincount((bins - bins.min()).astype(np.intp))
            # Edges at the boundary of two bins are in one place, too.
            piled = float(((filled[1:] + filled[:-1]) ** 2.0).sum()) if len(filled) > 1 else 0.0
            if not i and not k:
                piled *= measures.LEAN_GAIN
            if piled > best:
                best, chosen = piled, (i * step, k * step)
    moved = half[1] * (abs(chosen[0]) + abs(chosen[1]))
    return chosen if moved >= measures.LEAST_LEAN * line_height else (0.0, 0.0)

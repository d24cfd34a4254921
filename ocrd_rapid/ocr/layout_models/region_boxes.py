# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions as a model finds them, and the selection among overlapping ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Left, top, right and bottom of rectangles, shape (N, 4).
Boxes = NDArray[np.float32]

#: Greatest overlap of two regions of one label (area shared over area covered); as in
#: PaddleDetection's selection.
SAME_LABEL_OVERLAP = 0.5
#: The same for two labels: above it, they are two opinions about one region.
OTHER_LABEL_OVERLAP = 0.8


@dataclass(frozen=True)
class ModelRegion:
    """A region of a page found by a layout model.

    Attributes:
        box: left, top, right and bottom in pixels of the page, shape (4,), float32.
        label: the model's name for its kind.
        score: the model's confidence, 0 to 1.
        rank: its place in the model's reading order, smallest first; ``None`` if the model gives
            none.
    """

    box: NDArray[np.float32]
    label: str
    score: float
    rank: int | None = None

    @property
    def area(self) -> float:
        """Its area in square pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))

    @property
    def corners(self) -> NDArray[np.float32]:
        """Its corners, clockwise from the top left, shape (4, 2)."""
        left, top, right, bottom = self.box
        return np.array(
            [(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32
        )

    def holds(self, point: NDArray[np.float32]) -> bool:
        """Return whether a point (x, y) lies in it."""
        left, top, right, bottom = self.box
        return bool(left <= point[0] <= right and top <= point[1] <= bottom)


def overlaps(box: NDArray[np.float32], others: Boxes) -> NDArray[np.float32]:
    """Return the area that a box shares with others over the area that both cover, shape (N,)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    covered = np.prod(box[2:] - box[:2]) + areas - shared
    return np.asarray(shared / np.maximum(covered, 1e-6), dtype=np.float32)


def best_boxes(boxes: Boxes, scores: NDArray[np.float32], most: float) -> list[int]:
    """Return the indices of boxes that overlap no better one too much, best first.

    Non-maximum suppression, as usual for detectors.

    Args:
        boxes: shape (N, 4).
        scores: shape (N,).
        most: greatest overlap, see `overlaps`.
    """
    rest = np.argsort(-scores, kind="stable")
    kept = []
    while len(rest):
        best, rest = int(rest[0]), rest[1:]
        kept.append(best)
        rest = rest[overlaps(boxes[best], boxes[rest]) <= most]
    return kept


def selected(regions: Sequence[ModelRegion]) -> list[ModelRegion]:
    """Return the regions that are not other opinions about a region with a better score."""
    result: list[ModelRegion] = []
    for region in sorted(regions, key=lambda r: -r.score):
        shared = overlaps(region.box, np.array([r.box for r in result]).reshape(-1, 4))
        limits = [
            SAME_LABEL_OVERLAP if r.label == region.label else OTHER_LABEL_OVERLAP for r in result
        ]
        if all(value <= limit for value, limit in zip(shared, limits, strict=True)):
            result.append(region)
    return result

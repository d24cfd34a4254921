# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Plane geometry of images that are cropped and turned: matrices, angles, bounding boxes.

All coordinates are continuous: pixel (column, row) covers the square from (column, row) to
(column + 1, row + 1), and the y axis points down. Angles are in degrees, clockwise, as PAGE's
``@orientation`` is. A transform is a 3 x 3 matrix for homogeneous column vectors. Where there is
a choice, these are the rules of OCR-D core 3.13.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Transform = NDArray[np.float64]

#: Angles below this make no difference even on the largest scan (less than 0.001 pixel).
_NO_ANGLE = 1e-6

#: Far more than any image has pixels on a side; keeps coordinates within 32 bit.
_MAX_SIDE = 1 << 20


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels: columns from left to right, rows from top to bottom.

    It may reach beyond the image that it is a part of. ``right`` and ``bottom`` are exclusive.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.bottom - self.top


def transform_points(transform: Transform, points: NDArray[Any]) -> NDArray[np.float64]:
    """Apply a transform to points of shape (N, 2); the result has the same shape."""
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return np.asarray(array @ transform[:2, :2].T + transform[:2, 2], dtype=np.float64)


def shift(x: float, y: float) -> Transform:
    """Return the transform that moves by (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def quarter_turn(quarter: int, width: float, height: float) -> Transform:
    """Return the transform of an image of this size that is turned by 90, 180 or 270 degrees."""
    matrices = {
        90: [[0, -1, height], [1, 0, 0], [0, 0, 1]],
        180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        270: [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
    }
    return np.array(matrices[quarter], dtype=np.float64)


def rotation(degrees: float, width: float, height: float) -> tuple[Transform, tuple[float, float]]:
    """Return the transform of an image that is rotated on a canvas just large enough for it.

    Returns:
        The transform, and the width and height of the canvas, which are not whole numbers.
    """
    radians = math.radians(degrees)
    cos, sin = math.cos(radians), math.sin(radians)
    new_width = abs(cos) * width + abs(sin) * height
    new_height = abs(sin) * width + abs(cos) * height
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], dtype=np.float64)
    matrix = shift(new_width / 2, new_height / 2) @ turn @ shift(-width / 2, -height / 2)
    return np.asarray(matrix, dtype=np.float64), (new_width, new_height)


def split_angle(degrees: float) -> tuple[int, float]:
    """Split an angle into quarter turns (0, 90, 180, 270) and a skew of at most 45 degrees.

    Halfway between two quarter turns, the one that leaves a skew of +45 is chosen, as in core.
    """
    angle = math.fmod(degrees, 360)
    turns = math.ceil((angle - 45) / 90)
    skew = angle - 90 * turns
    return turns % 4 * 90, 0.0 if abs(skew) < _NO_ANGLE else skew


def normalized_angle(degrees: float) -> float:
    """Return an angle within PAGE's range of -180 (exclusive) to 180."""
    angle = math.fmod(degrees, 360)
    if angle > 180:
        angle -= 360
    elif angle <= -180:
        angle += 360
    return angle + 0.0


def bounding_box(points: NDArray[np.float64]) -> Box | None:
    """Return the box of points of shape (N, 2), N > 0, rounded to whole pixels as core does.

    It holds at least one pixel. ``None`` if it is so large or so far out that it belongs to no
    image.
    """
    low, high = np.rint(points.min(axis=0)), np.rint(points.max(axis=0))
    if np.abs([low, high]).max() > _MAX_SIDE:
        return None
    left, top = int(low[0]), int(low[1])
    return Box(left, top, max(int(high[0]), left + 1), max(int(high[1]), top + 1))

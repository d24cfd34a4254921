# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Curved lines: their course, and their straightening."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, by_plane

#: A line is curved if it departs from a straight one by more than this share of its height.
_CURVED = 0.3
#: Degree of the polynomial that a curved line follows.
_DEGREE = 3


@dataclass(frozen=True)
class Course:
    """The course of a curved line in its box.

    Attributes:
        middle: shape (width,): y of the middle of the line in every column.
        top: y of the upper edge relative to the middle, negative.
        height: distance from there to the lower edge.
    """

    middle: NDArray[np.float64]
    top: float
    height: float


def course_of(polygon: NDArray[np.float64], width: int) -> Course | None:
    """Return the course of a line, or ``None`` if it is roughly straight.

    A polynomial is fitted to the middle between the upper and the lower edge of the outline.

    Args:
        polygon: outline of the line, shape (N, 2), in the coordinates of its box; y >= 0.
        width: width of the box.
    """
    if len(polygon) < 2 * (_DEGREE + 1):  # too few corners to follow a curve
        return None
    height = max(1, int(np.ceil(polygon[:, 1].max())) + 1)
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon).astype(np.int32)], 1)
    columns = np.flatnonzero(mask.any(axis=0))
    if len(columns) <= _DEGREE:
        return None
    inside = mask[:, columns]
    top = inside.argmax(axis=0)
    bottom = height - inside[::-1].argmax(axis=0)
    if len(columns) <= np.median(bottom - top):  # too short to have a course
        return None
    scale = 2 / width
    fit = np.polyfit(columns * scale - 1, (top + bottom) / 2, _DEGREE)
    # Beyond the ends of its points, a polynomial runs away.
    places = np.clip(np.arange(width), columns[0], columns[-1])
    middle = np.polyval(fit, places * scale - 1)
    if np.ptp(middle) <= _CURVED * float(np.median(bottom - top)):
        return None
    # Single peaks of the outline do not count for the line's height.
    upper = float(np.percentile(top - middle[columns], 5))
    lower = float(np.percentile(bottom - middle[columns], 95))
    return Course(middle, upper, lower - upper)


def straighten(
    image: BgrImage, matrix: NDArray[np.float64], bend: NDArray[np.float64], height: int
) -> BgrImage:
    """Return a curved line, cut out with its columns moved so that it is straight.

    Args:
        image: the image that it is cut out of; pixels outside the image repeat its border.
        matrix: 3 x 3, from points in the line's box to points on the image.
        bend: shape (width,): y in the box at which each column of the result begins.
        height: height of the result.
    """
    x, y = np.meshgrid(np.arange(len(bend)), np.arange(height, dtype=np.float64))
    places = np.stack([x, y + bend], axis=-1)
    source = cv2.perspectiveTransform(places, matrix).astype(np.float32)
    return by_plane(
        lambda pixels: cv2.remap(
            pixels, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        image,
    )

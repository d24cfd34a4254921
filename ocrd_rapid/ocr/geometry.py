# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes: order of corners, size, direction; cutting them out of an image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..pixels import BgrImage, by_plane, quarter_turned

Points = NDArray[np.float32]

#: Ratio of height to width from which a box is that of a vertical line (RapidOCR's value).
TALL = 1.5

#: A polygon is slanted, and cut out along its slant, if its smallest rectangle has less than this
#: share of the area of its upright bounding box.
_SLANTED = 0.8

#: Distance in pixels that OpenCV treats as zero: it interpolates in steps of 1/32.
_NO_DISTANCE = 1e-3

#: The corner after each of the four.
_NEXT = [1, 2, 3, 0]


def order_corners(corners: Points) -> Points:
    """Order the corners of a rectangle: clockwise from the top left.

    The top is the side closest to the horizontal, whatever the tilt: sorting the corners by x, as
    is common, turns tilted tall boxes over.

    Args:
        corners: shape (4, 2), in cyclic order, either direction.

    Returns:
        The same corners, shape (4, 2), float32.
    """
    corners = np.asarray(corners, dtype=np.float32)
    edge = corners[_NEXT] - corners
    x, y = (corners.astype(np.float64) - corners.mean(axis=0)).T
    area = float(np.sum(x * y[_NEXT] - x[_NEXT] * y))
    if area < 0:  # anticlockwise as seen, as y points down
        return order_corners(corners[::-1])
    # The top side leads to the right: of the four directions it has the largest x component.
    length = np.maximum(np.linalg.norm(edge, axis=1), 1e-6)
    first = int(np.argmax(edge[:, 0] / length))
    return corners[[*range(first, 4), *range(first)]]


def box_size(box: Points) -> tuple[float, float]:
    """Return width and height of a box in pixels."""
    width = max(_length(box[1] - box[0]), _length(box[2] - box[3]))
    height = max(_length(box[3] - box[0]), _length(box[2] - box[1]))
    return width, height


def _length(vector: Points) -> float:
    """Return the length of a vector, in a third of the time of `numpy.linalg.norm`."""
    return float(np.sqrt(vector.dot(vector)))


def is_tall(box: Points) -> bool:
    """Return whether a box looks like a vertical line."""
    width, height = box_size(box)
    return height >= TALL * max(width, 1e-6)


def grown(box: Points, pixels: float) -> Points:
    """Return a box with its sides moved outwards.

    Args:
        box: shape (4, 2), in the order of `order_corners`, or turned from there.
        pixels: distance of the move, 0 or more.
    """
    along, down = box[1] - box[0], box[3] - box[0]
    right = pixels * along / max(float(np.linalg.norm(along)), 1e-6)
    below = pixels * down / max(float(np.linalg.norm(down)), 1e-6)
    moves = np.array([-right - below, right - below, right + below, below - right])
    return np.asarray(box + moves, dtype=np.float32)


def box_of_polygon(polygon: Points) -> Points:
    """Return the box from which the text inside a polygon is read.

    Args:
        polygon: shape (N, 2), N >= 3, in either direction. Four points are the corners of the box;
            more points give their bounding box or, if the polygon is slanted, the smallest
            rectangle around it.
    """
    polygon = np.asarray(polygon, dtype=np.float32)
    if len(polygon) == 4:
        return order_corners(polygon)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    upright = np.array([low, (high[0], low[1]), high, (low[0], high[1])], dtype=np.float32)
    rectangle = cv2.minAreaRect(polygon)
    smallest = rectangle[1][0] * rectangle[1][1]
    around = float((high[0] - low[0]) * (high[1] - low[1]))
    if smallest < _SLANTED * around:
        return order_corners(cv2.boxPoints(rectangle))
    return upright


def hull(polygons: Sequence[Points]) -> Points:
    """Return the convex hull of polygons, shape (N, 2), clockwise as seen (y points down).

    Its corners are corners of the polygons, so integers stay integers.
    """
    points = np.concatenate([np.asarray(p, dtype=np.float32) for p in polygons])
    return np.asarray(cv2.convexHull(points, clockwise=False)[:, 0], dtype=np.float32)


def cut_box(image: BgrImage, box: Points, *, quarter_turn_tall: bool = True) -> BgrImage:
    """Cut a box out of an image and set it upright.

    Algorithm: perspective transform of the four corners, as in PaddleOCR's
    ``get_rotate_crop_image``; pixels outside the image repeat its border.

    Args:
        image: the image that the box refers to.
        box: shape (4, 2), in the order of `order_corners`.
        quarter_turn_tall: turn a tall box by 90 degrees anticlockwise, so that its line lies.

    Returns:
        BGR array of at least 1 x 1 pixels.
    """
    size = box_size(box)
    width, height = max(1, int(size[0])), max(1, int(size[1]))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(box, dtype=np.float32), target)
    cut = warped(image, matrix, (width, height))
    if quarter_turn_tall and is_tall(box):
        cut = quarter_turned(cut, 1)
    return cut


def warped(image: BgrImage, matrix: NDArray[np.float64], size: tuple[int, int]) -> BgrImage:
    """Return the content of a box; pixels outside the image repeat its border.

    For a box that is not turned, it is a view of the image: interpolation would give the same.

    Args:
        image: the image.
        matrix: 3 x 3, from points on the image to points in the box.
        size: width and height of the box.
    """
    column, row = (-round(float(place)) for place in matrix[:2, 2])
    height, width = image.shape[:2]
    if 0 <= column <= width - size[0] and 0 <= row <= height - size[1]:
        corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float64)
        shift = np.array([column, row])
        moved = cv2.perspectiveTransform((corners + shift)[None], matrix)[0]
        if np.abs(moved - corners).max() < _NO_DISTANCE:
            return image[row : row + size[1], column : column + size[0]]
    return by_plane(
        lambda pixels: cv2.warpPerspective(
            pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        image,
    )


def median_angle(boxes: Sequence[Points]) -> float:
    """Return the skew of a set of boxes in degrees, clockwise positive.

    It is the weighted median angle of their tops; the weight is the length, as short boxes have no
    reliable direction.
    """
    if not boxes:
        return 0.0
    tops = np.array([box[1] - box[0] + box[2] - box[3] for box in boxes])
    angles = np.degrees(np.arctan2(tops[:, 1], tops[:, 0]))
    weights = np.linalg.norm(tops, axis=1)
    order = np.argsort(angles)
    cumulative = np.cumsum(weights[order])
    middle = int(np.searchsorted(cumulative, cumulative[-1] / 2))
    return float(angles[order][min(middle, len(angles) - 1)])


def rotate_points(points: Points, degrees: float) -> Points:
    """Rotate points about the origin; positive angles are clockwise as seen."""
    radians = np.radians(degrees)
    cos, sin = np.cos(radians), np.sin(radians)
    matrix = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(np.asarray(points) @ matrix.T, dtype=np.float32)


def rotate_box(box: Points, degrees: float) -> Points:
    """Rotate a box of shape (4, 2) about the origin, and order its corners again."""
    return order_corners(rotate_points(box, degrees))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Ink of neighbouring lines in the image of a line.

Outlines of lines touch and overlap, and the box around an outline holds even more. Ink of
neighbours in it is painted over. The decision is made for whole connected components, not for
pixels: an ascender that reaches into the neighbour's outline stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, by_plane, grey_of
from ..geometry import Points

#: An outline, shape (N, 2).
Outline = NDArray[np.float32] | NDArray[np.float64]

#: A component is a neighbour's if more than this share of it is in the neighbour's outline only.
_SHARE = 0.5


class Neighbours:
    """The outlines of a page's lines, searchable for those near a given one."""

    def __init__(self, outlines: Sequence[Points]) -> None:
        """Take outlines, shape (N, 2) each."""
        self._outlines = outlines
        self._low = np.array([outline.min(axis=0) for outline in outlines]).reshape(-1, 2)
        self._high = np.array([outline.max(axis=0) for outline in outlines]).reshape(-1, 2)

    def of(self, outline: Points) -> list[Points]:
        """Return the outlines whose extents overlap that of an outline, itself included."""
        low, high = outline.min(axis=0), outline.max(axis=0)
        near = (self._low < high).all(axis=1) & (self._high > low).all(axis=1)
        return [self._outlines[i] for i in map(int, np.flatnonzero(near))]


def hide_neighbours(image: BgrImage, own: Outline, others: Sequence[Outline]) -> BgrImage:
    """Return the image of a line without the ink of its neighbours.

    Args:
        image: the line; not changed.
        own: outline of the line, shape (N, 2), in pixels of the image.
        others: outlines of its neighbours.
    """
    inside = _mask(image, [own])
    beyond = _mask(image, others) & ~inside
    if not inside.any() or not beyond.any():
        return image
    grey = grey_of(image)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, labels = cv2.connectedComponents(ink, connectivity=8)
    size = np.bincount(labels.ravel(), minlength=count)
    foreign = np.bincount(labels[beyond], minlength=count) > _SHARE * size
    foreign[0] = False  # the paper
    if not foreign.any():
        return image
    # The rim of a stroke is lighter than the threshold.
    painted = cv2.dilate(foreign[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return by_plane(lambda pixels: _paint(pixels, painted & ~inside, inside), image)


def _paint(
    pixels: NDArray[np.uint8], where: NDArray[np.bool_], paper: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return an image with the pixels in ``where`` replaced by the median of those in ``paper``."""
    result = pixels.copy()
    result[where] = np.median(pixels[paper], axis=0).astype(np.uint8)
    return result


def _mask(image: BgrImage, polygons: Sequence[Outline]) -> NDArray[np.bool_]:
    """Return which pixels are inside at least one polygon."""
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    far = 4 * max(image.shape[:2])  # OpenCV cannot represent corners much farther away
    for polygon in polygons:
        cv2.fillPoly(mask, [np.rint(np.clip(polygon, -far, far)).astype(np.int32)], 1)
    return mask > 0

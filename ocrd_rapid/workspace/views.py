# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cropping and turning of pixels together with the transform from PAGE coordinates.

A `View` is an image on its way from the file to the processor. Each step gives a new view. A step
that the pixels have had already, because they come from a derived image, is ``done``: then only
transform and size change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..config import environment
from ..errors import ImageError
from ..pixels import BgrImage, by_plane, plane_of, quarter_turned
from ..transforms import (
    Box,
    Transform,
    bounding_box,
    quarter_turn,
    rotation,
    shift,
    transform_points,
)
from .values import Polygon

#: OpenCV takes vertices in fractions of a pixel, as integers with this many fractional bits.
_FRACTION_BITS = 4

#: From OpenCV's coordinates, where (0, 0) is the middle of the first pixel, to ours.
_TO_CORNERS, _TO_MIDDLES = shift(0.5, 0.5), shift(-0.5, -0.5)


@dataclass(frozen=True)
class View:
    """A part of a page, perhaps turned.

    Attributes:
        pixels: BGR, shape (height, width, 3).
        transform: from PAGE coordinates to pixels.
        size: width and height that the pixels should have; not whole numbers once rotated.
    """

    pixels: BgrImage
    transform: Transform
    size: tuple[float, float]

    @property
    def fits(self) -> bool:
        """Whether the pixels have the right size, give or take one."""
        height, width = self.pixels.shape[:2]
        return bool(abs(width - self.size[0]) < 2 and abs(height - self.size[1]) < 2)

    def cropped(self, outline: Polygon, *, done: bool) -> View:
        """Crop to an outline in PAGE coordinates, shape (N, 2), N > 0.

        Outside the outline, and where it reaches beyond the image, the result has the median
        colour of the inside.

        Raises:
            ImageError: the outline is larger than an image may be.
        """
        points = transform_points(self.transform, outline)
        box = bounding_box(points)
        if box is None or box.width * box.height > environment.max_pixels():
            low, high = (",".join(f"{v:g}" for v in f(outline, axis=0)) for f in (np.min, np.max))
            raise ImageError(f"an outline from {low} to {high} does not belong to any image")
        pixels = self.pixels if done else _cut(self.pixels, box, points)
        transform = np.asarray(shift(-box.left, -box.top) @ self.transform)
        return View(pixels, transform, (box.width, box.height))

    def turned(self, quarter: int, *, done: bool) -> View:
        """Turn clockwise by 90, 180 or 270 degrees, or not at all by 0."""
        if not quarter:
            return self
        pixels, (width, height) = self.pixels, self.size
        if not done:
            height, width = pixels.shape[:2]
            pixels = quarter_turned(pixels, -(quarter // 90))
        transform = np.asarray(quarter_turn(quarter, width, height) @ self.transform)
        return View(pixels, transform, (width, height) if quarter == 180 else (height, width))

    def deskewed(self, degrees: float, *, done: bool) -> View:
        """Rotate clockwise about the centre, on a canvas that holds the whole image.

        New areas of the canvas have the median colour of the image.
        """
        matrix, canvas = rotation(degrees, *self.size)
        pixels = self.pixels if done else _warp(self.pixels, matrix, canvas)
        return View(pixels, np.asarray(matrix @ self.transform), canvas)


def _cut(pixels: BgrImage, box: Box, points: NDArray[np.float64]) -> BgrImage:
    """Return a box of an image with the outside of a polygon painted; both in its pixels."""
    height, width = pixels.shape[:2]
    left, top = max(box.left, 0), max(box.top, 0)
    right, bottom = max(min(box.right, width), left), max(min(box.bottom, height), top)
    inside = pixels[top:bottom, left:right]
    within = np.s_[top - box.top : bottom - box.top, left - box.left : right - box.left]
    mask = np.zeros((box.height, box.width), dtype=np.uint8)
    _fill(mask, points - (box.left, box.top))
    kept = mask[within]
    if kept.size == mask.size and mask.all():
        return inside
    colour = median_colour(inside, kept) if kept.any() else median_colour(pixels)

    def framed(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
        result = np.empty((box.height, box.width, *part.shape[2:]), dtype=np.uint8)
        result[:] = colour if part.ndim == 3 else colour[0]
        np.copyto(result[within], part, where=(kept[:, :, None] if part.ndim == 3 else kept) > 0)
        return result

    return by_plane(framed, inside)


def _fill(mask: NDArray[np.uint8], points: NDArray[np.float64]) -> None:
    """Set all pixels of a mask that a polygon covers or touches to 255."""
    middles = transform_points(_TO_MIDDLES, points)
    vertices = np.rint(middles * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [vertices], 255, shift=_FRACTION_BITS)


def _warp(pixels: BgrImage, matrix: Transform, canvas: tuple[float, float]) -> BgrImage:
    # Whole numbers may come out a tiny bit larger.
    width, height = (math.ceil(length - 1e-6) for length in canvas)
    affine, colour = (_TO_MIDDLES @ matrix @ _TO_CORNERS)[:2], median_colour(pixels)
    return by_plane(
        lambda part: cv2.warpAffine(
            part, affine, (width, height),
            flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=colour,
        ),
        pixels,
    )  # fmt: skip


def median_colour(pixels: BgrImage, mask: NDArray[np.uint8] | None = None) -> tuple[int, ...]:
    """Return the median of each channel, of the pixels where a mask is not 0.

    Args:
        pixels: shape (height, width, channels), at least one pixel.
        mask: shape (height, width), or ``None`` for all pixels.
    """
    plane = plane_of(pixels)
    if plane is not None:
        return (_median(plane, 0, mask),) * 3
    return tuple(_median(pixels, channel, mask) for channel in range(pixels.shape[2]))


def _median(pixels: NDArray[np.uint8], channel: int, mask: NDArray[np.uint8] | None) -> int:
    counts = cv2.calcHist([pixels], [channel], mask, [256], [0, 256])
    sums = np.cumsum(counts.ravel(), dtype=np.float64)
    return int(np.searchsorted(sums, sums[-1] // 2, side="right"))

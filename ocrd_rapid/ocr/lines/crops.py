# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cut lines out of their page, whatever segmentation they come from.

The box around the outline is cut out. Ink of neighbours whose outlines reach into it is painted
over, curved lines are straightened. Painting over everything outside the outline makes reading
worse, as outlines cut off parts of letters (docs/quality.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, quarter_turned
from ..geometry import Points, box_of_polygon, box_size, grown, is_tall, order_corners, warped
from .bands import Band, text_band
from .curves import course_of, straighten
from .neighbours import hide_neighbours

#: Heights of the image of a line in heights of its text: above the first, it is cut out again with
#: the second. Lines found by ``ocrd-rapid-detect`` have 1.2 to 1.9. Measured in docs/quality.md.
_LOOSE, _FITTING = 1.95, 1.5
#: Margin beyond the text, in heights of it, that shows which ink is a neighbour's, and whether the
#: outline cuts through the text.
_BEYOND = 0.5
#: An outline that cuts off more than this share of the height of the text is ignored.
_CUT = 0.1


@dataclass(frozen=True)
class LineImage:
    """A line cut out of its page.

    Attributes:
        pixels: the line, upright, BGR.
        matrix: 3 x 3, from a point in ``pixels`` to one on the image that the line was cut out of,
            for a straight line.
        bend: shape (width,): number of pixels that every column was moved up to straighten it.
        as_outlined: the line with the height of its outline, if the ink decided otherwise.
    """

    pixels: BgrImage
    matrix: NDArray[np.float64]
    bend: NDArray[np.float64]
    as_outlined: LineImage | None = None

    @classmethod
    def whole(cls, pixels: BgrImage) -> LineImage:
        """Return the line image for an image that shows nothing but a line."""
        return cls(pixels, np.eye(3), np.zeros(pixels.shape[1]))

    @property
    def corners(self) -> Points:
        """Its corners on the image that it was cut out of, shape (4, 2).

        Top left, top right, bottom right and bottom left as the text is read; those at the ends of
        a curved line.
        """
        height, width = self.pixels.shape[:2]
        first, last = float(self.bend[0]), float(self.bend[-1])
        places = [(0, first), (width, last), (width, last + height), (0, first + height)]
        return _moved(np.array(places, dtype=np.float64), self.matrix).astype(np.float32)

    def upside_down(self) -> LineImage:
        """Return the same line, turned by 180 degrees."""
        height, width = self.pixels.shape[:2]
        back = np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]], dtype=np.float64)
        if np.ptp(self.bend):  # then the rows do not begin at 0
            back[1, 2] = 0
        pixels = quarter_turned(self.pixels, 2)
        bend = -(self.bend[::-1] + height) if np.ptp(self.bend) else self.bend
        other = self.as_outlined and self.as_outlined.upside_down()
        return LineImage(pixels, self.matrix @ back, bend, other)

    def outline(self, left: float, right: float) -> Points:
        """Return the outline of a part of the line.

        Args:
            left: where the part begins, as a share of the width.
            right: where it ends.

        Returns:
            Shape (N, 2), N >= 4, in pixels of the image that the line was cut out of; at least 2
            pixels wide.
        """
        height, width = self.pixels.shape[:2]
        begin, end = left * width, right * width
        if end - begin < 2:
            middle = (begin + end) / 2
            begin, end = middle - 1, middle + 1
        curved = bool(np.ptp(self.bend))
        count = 2 + int((end - begin) / height * 2) if curved else 2
        x = np.linspace(begin, end, count)
        bend = self.bend[np.clip(x.astype(int), 0, width - 1)]
        top, bottom = np.column_stack([x, bend]), np.column_stack([x, bend + height])
        strip = np.concatenate([top, bottom[::-1]])
        return _moved(strip, self.matrix).astype(np.float32)


def cut_line(
    source: BgrImage,
    polygon: Points,
    baseline: Points,
    *,
    others: Sequence[Points] = (),
    turns: int = 0,
    padding: float = 0.0,
    fits: bool = False,
) -> LineImage:
    """Cut a line out of its page and set it upright.

    If the outline is much higher than the text, or cuts through it, the ink decides the height of
    the image.

    Args:
        source: the image of the page, or of the region around the line; BGR.
        polygon: outline of the line, shape (N, 2), N >= 3, in pixels of that image.
        baseline: shape (N, 2); N may be 0.
        others: outlines of other lines, whose ink is painted over.
        turns: clockwise quarter turns that set the line upright, from its region's orientation.
        padding: number of pixels added on all sides.
        fits: the outline is known to fit the text, so the ink is not consulted.
    """
    box = _box(polygon)
    # A narrow box is a vertical line, unless a baseline or the region's orientation disagrees.
    if turns % 2 == 0 and (is_tall(box) if len(baseline) < 2 else _is_vertical(baseline)):
        box = np.roll(box, -1, axis=0)
    box = grown(np.roll(box, turns, axis=0), padding)
    to_cut, (width, _) = _to_cut(box)
    course = course_of(_moved(polygon, to_cut), width)
    if course is None:
        image = _cut_straight(source, box, polygon, others)
        return image if fits else _fit(source, image, box, baseline, padding)
    bend = course.middle + course.top - padding
    height = max(1, round(course.height + 2 * padding))
    matrix = _inverse(to_cut)
    pixels = straighten(source, matrix, bend, height)
    band = None if fits else text_band(pixels)
    if band is None or height - 2 * padding <= _LOOSE * band.height:
        return LineImage(pixels, matrix, bend)
    outlined = bend
    top, height = _rows(band, padding)
    bend = bend + top + band.slope * (np.arange(width) - width / 2)
    fitted = straighten(source, matrix, bend, height)
    return LineImage(fitted, matrix, bend, LineImage(pixels, matrix, outlined))


def _to_cut(box: Points) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Return the matrix from an image to the cut of a box, and width and height of the cut."""
    size = box_size(box)
    width, height = max(1, int(size[0])), max(1, int(size[1]))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_cut = np.asarray(cv2.getPerspectiveTransform(box, target), dtype=np.float64)
    return to_cut, (width, height)


def _cut_straight(
    source: BgrImage, box: Points, polygon: Points, others: Sequence[Points]
) -> LineImage:
    """Cut out a box, and paint over ink of other lines in it."""
    to_cut, size = _to_cut(box)
    cut = warped(source, to_cut, size)
    own = _moved(polygon, to_cut)
    pixels = hide_neighbours(cut, own, [_moved(other, to_cut) for other in others])
    return LineImage(pixels, _inverse(to_cut), np.zeros(size[0]))


def _fit(
    source: BgrImage, image: LineImage, box: Points, baseline: Points, padding: float
) -> LineImage:
    """Return a line cut out with the height of its text, unless it is close to that already."""
    matrix = image.matrix
    row = None
    if len(baseline) >= 2:
        row = float(_moved(baseline, _inverse(matrix))[:, 1].mean())
    band = text_band(image.pixels, row)
    if band is not None and band.is_cut:
        band, matrix = _beyond_the_edges(source, box, band, matrix, row)
    elif band is not None and image.pixels.shape[0] - 2 * padding <= _LOOSE * band.height:
        band = None
    if band is None:
        return image
    width = image.pixels.shape[1]
    top, height = _rows(band, padding)
    beyond = max(1, round(_BEYOND * band.height))
    strip = _strip(width, top - beyond, height + 2 * beyond, band.slope)
    context = _moved(strip, matrix).astype(np.float32)
    text = _moved(_strip(width, band.top, band.height, band.slope), matrix)
    cut = _cut_straight(source, context, text.astype(np.float32), [context])
    pixels = cut.pixels[beyond:-beyond]
    shift = np.array([[1, 0, 0], [0, 1, beyond], [0, 0, 1]], dtype=np.float64)
    return LineImage(pixels, cut.matrix @ shift, image.bend, image)


def _beyond_the_edges(
    source: BgrImage, box: Points, band: Band, matrix: NDArray[np.float64], row: float | None
) -> tuple[Band | None, NDArray[np.float64]]:
    """Find the text of a line whose outline may cut through it.

    Returns:
        Its band in a higher image, ``None`` if it is not cut; and the matrix of that image.
    """
    beyond = max(1.0, round(_BEYOND * band.height))
    width, height = (round(side) for side in box_size(box))
    strip = _moved(_strip(width, -beyond, height + 2 * beyond, 0.0), matrix).astype(np.float32)
    to_cut, size = _to_cut(strip)
    found = text_band(warped(source, to_cut, size), None if row is None else row + beyond)
    if found is None or found.is_cut:
        return None, matrix
    cut = _CUT * found.height
    if found.top >= beyond - cut and found.bottom <= beyond + height + cut:
        return None, matrix
    return found, _inverse(to_cut)


def _rows(band: Band, padding: float) -> tuple[float, int]:
    """Return the first row and the number of rows of an image that fits the text."""
    margin = (_FITTING - 1) / 2 * band.height + padding
    return band.top - margin, max(1, round(band.height + 2 * margin))


def _strip(width: float, top: float, height: float, slope: float) -> Points:
    """Return the corners of a slanted strip; ``top`` is its place in the middle of the width."""
    fall = slope * width / 2
    corners = [
        (0, top - fall), (width, top + fall),
        (width, top + height + fall), (0, top + height - fall),
    ]  # fmt: skip
    return np.array(corners, dtype=np.float32)


def _moved(
    points: Points | NDArray[np.float64], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Apply a perspective transform to points of shape (N, 2)."""
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0]
    return np.asarray(moved, dtype=np.float64)


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _box(polygon: Points) -> Points:
    """Return the box around a line; see `box_of_polygon`."""
    polygon = np.asarray(polygon, dtype=np.float32)
    if len(polygon) == 3 or (len(polygon) == 4 and not cv2.isContourConvex(polygon)):
        return order_corners(cv2.boxPoints(cv2.minAreaRect(polygon)))
    return box_of_polygon(polygon)


def _is_vertical(baseline: Points) -> bool:
    x, y = np.abs(baseline[-1] - baseline[0])
    return bool(y > x)

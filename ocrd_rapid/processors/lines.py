"""Lines as images: cutting them out of their page, whatever segmentation they come from.

The box around the outline is cut out. Ink of neighbours whose outlines reach into it is painted
over, curved lines are straightened. Reading gets worse when all that is outside of the outline is
painted over, as outlines cut off parts of letters (docs/quality.md).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..ocr.curves import course_of, straighten
from ..ocr.geometry import Points, box_of_polygon, box_size, is_tall, order_corners, warped
from ..ocr.images import BgrImage
from ..ocr.neighbours import hide_neighbours
from ..workspace.decoding import ImageStore
from ..workspace.images import PageImage, segment_image
from ..workspace.polygons import clip
from ..workspace.segments import TextLine, TextRegion
from ..workspace.values import Polygon

LOG = logging.getLogger(__name__)

#: Of the distance between baselines, what is above the baseline and what is below it.
_ABOVE, _BELOW = 0.75, 0.25
#: Distance of baselines as a share of their length, where nothing else is known.
_LEADING = 0.05
#: Distance of baselines, as a share of their length, within which they are of one line.
_SAME_LINE = 0.01


@dataclass(frozen=True)
class LineImage:
    """A line cut out of its page.

    Attributes:
        pixels: the line, upright, BGR.
        matrix: 3 x 3, from a place in ``pixels`` to one on ``source``, for a straight line.
        bend: shape (width,): by how many pixels every column was moved up to straighten it.
        source: what it was cut out of.
    """

    pixels: BgrImage
    matrix: NDArray[np.float64]
    bend: NDArray[np.float64]
    source: PageImage

    def outline(self, left: float, right: float) -> Polygon:
        """Return the outline of a part of the line.

        Args:
            left: where it begins, as a share of the width.
            right: where it ends.

        Returns:
            Shape (N, 2), N >= 4, in pixels of the original image; at least 2 pixels wide.
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
        return self.source.to_page(_moved(strip, self.matrix).astype(np.float32))


def cut_lines(
    page: PageImage,
    images: ImageStore,
    wanted: Sequence[tuple[TextRegion, TextLine]],
    every: Sequence[TextLine],
    padding: float,
) -> list[tuple[TextRegion, TextLine, LineImage]]:
    """Cut lines out of their page.

    Where regions or lines have images of their own, these are taken. A line that has a baseline
    but no usable outline is given one. A line that has neither cannot be read, and is left out
    with a warning.

    Args:
        page: the page image.
        images: the image files of the page.
        wanted: the lines, with the regions they belong to.
        every: all lines of the page, the neighbours.
        padding: pixels that are added on all sides.

    Raises:
        ImageError: the image of a region or line cannot be read, or does not fit it.
    """
    readable = [pair for pair in wanted if _has_outline(page, *pair, every)]
    outlines = [line.polygon for line in every if usable(line.polygon)]
    bounds = np.array([_bounds(outline) for outline in outlines])
    sources: dict[etree._Element, PageImage] = {}
    found = []
    for region, line in readable:
        source = page
        if region.has_derived_image or line.has_derived_image:
            if region.element not in sources:
                sources[region.element] = segment_image(page, region, images)
            source = sources[region.element]
        if line.has_derived_image:
            image = _whole(segment_image(source, line, images))
        else:
            left, top, right, bottom = _bounds(line.polygon)
            near = (bounds[:, :2] < (right, bottom)).all(1) & (bounds[:, 2:] > (left, top)).all(1)
            others = [outlines[i] for i in np.flatnonzero(near)]
            image = _cut(source, region, line, others, padding)
        found.append((region, line, image))
    return found


def _whole(source: PageImage) -> LineImage:
    """Return an image that is one of a line already."""
    return LineImage(source.pixels, np.eye(3), np.zeros(source.pixels.shape[1]), source)


def _cut(
    source: PageImage,
    region: TextRegion,
    line: TextLine,
    others: Sequence[Polygon],
    padding: float,
) -> LineImage:
    """Cut a line out of the image of its page or region, see `cut_line`."""
    turns = 0
    if region.orientation is not None:
        turns = round((region.orientation - source.angle) / 90) % 4
    return cut_line(
        source,
        source.to_pixels(line.polygon),
        source.to_pixels(line.baseline),
        others=[source.to_pixels(other) for other in others],
        turns=turns,
        padding=padding,
    )


def _has_outline(
    page: PageImage, region: TextRegion, line: TextLine, every: Sequence[TextLine]
) -> bool:
    """Return whether a line has a usable outline, if need be one made from its baseline."""
    if usable(line.polygon):
        return True
    if not usable(line.baseline, corners=2):
        LOG.warning("Line %s has neither outline nor baseline: it is not read", line.id)
        return False
    others = [other for other in every if other.element is not line.element]
    line.set_polygon(_outline_for(page, region, line, others))
    return True


def _outline_for(
    page: PageImage, region: TextRegion, line: TextLine, others: Sequence[TextLine]
) -> Polygon:
    """Return an outline in PAGE coordinates for a line that has only a baseline."""
    places = [other.baseline if len(other.baseline) else other.polygon for other in others]
    outline = outline_of_baseline(
        page.to_pixels(line.baseline),
        [page.to_pixels(place) for place in places],
        page.to_pixels(region.polygon),
    )
    height, width = page.pixels.shape[:2]
    on_page = page.to_page(np.clip(outline, 0, (width - 1, height - 1)))
    around = region.polygon
    return clip(on_page, around) if usable(around) else on_page


def cut_line(
    source: PageImage,
    polygon: Points,
    baseline: Points,
    *,
    others: Sequence[Points] = (),
    turns: int = 0,
    padding: float = 0.0,
) -> LineImage:
    """Cut a line out of its page and set it upright.

    Args:
        source: the image of the page, or of the region around the line.
        polygon: outline of the line, shape (N, 2), N >= 3, in pixels of that image.
        baseline: shape (N, 2); N may be 0.
        others: outlines of other lines, whose ink is painted over.
        turns: clockwise quarter turns that set the line upright, from its region's orientation.
        padding: pixels that are added on all sides.
    """
    box = _box(polygon)
    # A narrow box is a vertical line, unless a baseline or the region's orientation says else.
    if turns % 2 == 0 and (is_tall(box) if len(baseline) < 2 else _is_vertical(baseline)):
        box = np.roll(box, -1, axis=0)
    box = _grow(np.roll(box, turns, axis=0), padding)
    size = box_size(box)
    width, height = max(1, int(size[0])), max(1, int(size[1]))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_cut = cv2.getPerspectiveTransform(box, target)
    matrix = np.linalg.inv(to_cut)
    own = _moved(polygon, to_cut)
    course = course_of(own, width)
    if course is None:
        cut = warped(source.pixels, to_cut, (width, height))
        pixels = hide_neighbours(cut, own, [_moved(other, to_cut) for other in others])
        return LineImage(pixels, matrix, np.zeros(width), source)
    bend = course.middle + course.top - padding
    height = max(1, round(course.height + 2 * padding))
    pixels = straighten(source.pixels, matrix, bend, height)
    return LineImage(pixels, matrix, bend, source)


def usable(points: Polygon, corners: int = 3) -> bool:
    """Return whether an outline has an area, or a line (``corners`` 2) a length."""
    if len(points) < corners:
        return False
    if corners == 2:
        return bool(np.ptp(points, axis=0).max() >= 1)
    return cv2.contourArea(cv2.convexHull(points)) >= 1


def outline_of_baseline(baseline: Points, others: Sequence[Points], region: Points) -> Points:
    """Return an outline for a line that has only a baseline.

    Its height is the distance to the nearest other line that runs beside it; else the height of
    the region, else a twentieth of its length.

    Args:
        baseline: shape (N, 2), N >= 2. It may run in the direction of reading or against it
            where it is about horizontal; a vertical one runs in the direction of reading.
        others: the other baselines of the page, or outlines of lines that have none.
        region: outline of the region, shape (M, 2); M may be 0.
    """
    chord = baseline[-1] - baseline[0]
    if chord[0] < -abs(chord[1]):  # drawn from the right to the left
        baseline, chord = baseline[::-1], -chord
    length = max(float(np.linalg.norm(chord)), 1.0)
    along = chord / length
    down = np.array([-along[1], along[0]])
    begin, end = (baseline @ along).min(), (baseline @ along).max()
    distances = [
        abs(float((other.mean(axis=0) - baseline.mean(axis=0)) @ down))
        for other in others
        if len(other) and (other @ along).min() < end and (other @ along).max() > begin
    ]
    # What is nearer is a part of the same line.
    beside = [distance for distance in distances if distance > _SAME_LINE * length]
    room = float(np.ptp(region @ down)) if len(region) else 0.0
    height = min(beside, default=room or _LEADING * length)
    upper, lower = baseline - _ABOVE * height * down, baseline + _BELOW * height * down
    return np.concatenate([upper, lower[::-1]]).astype(np.float32)


def _bounds(polygon: Points) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a polygon."""
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _moved(points: Points, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply a perspective transform to points of shape (N, 2)."""
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0]
    return np.asarray(moved, dtype=np.float64)


def _box(polygon: Points) -> Points:
    """Return the box around a line; see `box_of_polygon`."""
    polygon = np.asarray(polygon, dtype=np.float32)
    if len(polygon) == 3 or (len(polygon) == 4 and not cv2.isContourConvex(polygon)):
        return order_corners(cv2.boxPoints(cv2.minAreaRect(polygon)))
    return box_of_polygon(polygon)


def _is_vertical(baseline: Points) -> bool:
    x, y = np.abs(baseline[-1] - baseline[0])
    return bool(y > x)


def _grow(box: Points, pixels: float) -> Points:
    """Move the sides of a box outwards."""
    right, down = (box[i] - box[0] for i in (1, 3))
    width, height = (max(float(np.linalg.norm(side)), 1e-6) for side in (right, down))
    right, down = right / width * pixels, down / height * pixels
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float32)
    return np.asarray(box + signs @ np.stack([right, down]), dtype=np.float32)

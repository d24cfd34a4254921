# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Owners of detected lines, and the orientation of regions, from a page's segmentation.

Coordinates are PAGE's (pixels of the original image) unless stated otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..ocr.detection.strips import STRIDE
from ..ocr.geometry import Points
from ..ocr.lines.line_outlines import has_area
from ..pixels import by_plane
from ..transforms import split_angle
from ..workspace.page_images import PageImage
from ..workspace.segments import TextSegment, known_orientation, tag
from ..workspace.values import Polygon

#: Background around a region, in pixels of the network's input: text that touches the edge of an
#: image is not detected.
_MARGIN = 16


def region_elements(root: etree._Element) -> list[etree._Element]:
    """Return all regions of any kind below an element, in document order."""
    return [e for e in root.iter(etree.Element) if etree.QName(e).localname.endswith("Region")]


@dataclass(frozen=True)
class Occupied:
    """The outlines of a page's regions and lines.

    Separators are excluded: a rule between columns holds no text, and its outline may be the frame
    around all the text.

    Attributes:
        elements: regions and lines with an outline, outer ones before inner ones.
        polygons: their outlines.
        extents: (left, top, right, bottom) of each, shape (N, 4).
    """

    elements: tuple[etree._Element, ...]
    polygons: tuple[Polygon, ...]
    extents: NDArray[np.float32]

    @classmethod
    def on(cls, page: etree._Element) -> Occupied:
        """Return the present outlines of a page."""
        kinds = [
            e
            for e in page.iter(etree.Element)
            if e.tag == tag("TextLine") or etree.QName(e).localname.endswith("Region")
        ]
        outlined = [
            (e, polygon)
            for e in kinds
            if e.tag != tag("SeparatorRegion") and has_area(polygon := TextSegment(e).polygon)
        ]
        extents = [np.concatenate([p.min(axis=0), p.max(axis=0)]) for _, p in outlined]
        return cls(
            tuple(e for e, _ in outlined),
            tuple(p for _, p in outlined),
            np.array(extents, dtype=np.float32).reshape(-1, 4),
        )

    def owner(self, point: Points) -> etree._Element | None:
        """Return the region or line that a point belongs to; ``None`` if it is outside all.

        It is the innermost one around the point; if several overlap there, the smallest.
        """
        x, y = float(point[0]), float(point[1])
        left, top, right, bottom = self.extents.T
        near = np.flatnonzero((left <= x) & (x <= right) & (top <= y) & (y <= bottom))
        around = [i for i in near if cv2.pointPolygonTest(self.polygons[i], (x, y), False) >= 0]
        outer = {e for i in around for e in self.elements[i].iterancestors()}
        inner = [i for i in around if self.elements[i] not in outer]
        if not inner:
            return None
        return self.elements[min(inner, key=lambda i: cv2.contourArea(self.polygons[i]))]


def turn_of_region(region: etree._Element, image: PageImage) -> int:
    """Return the clockwise turn, in degrees, that a region needs on the image of its page.

    Returns:
        0, 90, 180 or 270, whichever is nearest; 0 without ``@orientation``.
    """
    known = known_orientation(region)
    return 0 if known is None else split_angle(known - image.angle)[0]


def region_image(
    image: PageImage, outline: Polygon, orientation: float | None, scale: float
) -> PageImage:
    """Cut a region out of its page, upright, and paint over its surroundings.

    Args:
        image: the image of the page.
        outline: outline of the region, shape (N, 2), N >= 3.
        orientation: ``@orientation`` of the region; ``None`` for that of the page.
        scale: factor by which the image will be resized for the network: the painted margin makes
            its sides multiples of 32 then.
    """
    angle = image.angle if orientation is None else orientation
    turn = _rotation(angle - image.angle)
    transform = turn @ image.transform
    points = np.column_stack([outline, np.ones(len(outline))]) @ transform.T
    low, high = np.floor(points.min(axis=0)[:2]), np.ceil(points.max(axis=0)[:2])
    width, height = (_padded(float(length), scale) for length in high - low + 1)
    shift = np.eye(3)
    shift[:2, 2] = (np.array([width, height]) - (high - low)) // 2 - low
    matrix = shift @ turn
    # Points are measured from the corner of the first pixel, but OpenCV measures from its centre.
    centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    affine = (np.linalg.inv(centre) @ matrix @ centre)[:2]
    pixels = by_plane(
        lambda plane: cv2.warpAffine(
            plane, affine, (width, height),
            flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
        ),
        image.pixels,
    )  # fmt: skip
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(points[:, :2] + shift[:2, 2]).astype(np.int32)], 255)
    return PageImage(by_plane(lambda p: _painted_over(p, mask), pixels), shift @ transform, angle)


def _rotation(degrees: float) -> NDArray[np.float64]:
    """Return the matrix of a clockwise rotation, with whole numbers for quarter turns."""
    radians = np.radians(degrees)
    cos, sin = round(float(np.cos(radians)), 12), round(float(np.sin(radians)), 12)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], dtype=np.float64)


def _padded(length: float, scale: float) -> int:
    strides = np.ceil((length * scale + 2 * _MARGIN) / STRIDE)
    return round(float(strides * STRIDE / scale))


def _painted_over(pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image with the median of the pixels inside a mask painted around it."""
    result = pixels.copy()
    step = max(1, max(mask.shape) // 1024)
    inside = result[::step, ::step][mask[::step, ::step] > 0]
    if len(inside):
        result[mask == 0] = np.rint(np.median(inside, axis=0)).astype(np.uint8)
    return result

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines that lie inside those around them, as core's validator demands."""

from __future__ import annotations

import cv2
import numpy as np

from ..ocr.lines.line_outlines import with_four_corners
from .outlines import SLACK, holds, self_contact
from .polygons import clip
from .values import Polygon

#: Largest deviation of a simplified outline in pixels, as in core's validator.
_TOLERANCE = 1.0


def fitting(outline: Polygon, parent: Polygon) -> Polygon:
    """Return an outline in the form of PAGE: as it is, if it is sound, else as `inside` makes it.

    Args:
        outline: shape (N, 2), N >= 3.
        parent: shape (M, 2), M >= 3.

    Returns:
        Corners in integers, at least four.
    """
    whole = np.asarray(np.rint(outline), dtype=np.float32)
    if len(whole) >= 4 and whole.min() >= 0:
        if _is_convex(whole) and _is_convex(parent):  # nearly always, and quick
            places = (cv2.pointPolygonTest(parent, (float(x), float(y)), True) for x, y in whole)
            if min(places) >= -SLACK:
                return whole
        elif is_simple(whole) and holds(parent, whole):
            return whole
    return inside(outline, parent)


def _is_convex(polygon: Polygon) -> bool:
    return bool(cv2.isContourConvex(polygon) and cv2.contourArea(polygon) >= 1)


def inside(outline: Polygon, parent: Polygon) -> Polygon:
    """Return the part of an outline inside another, with the four corners that PAGE requires.

    If it is completely outside its parent, or in several pieces inside, the result is the outline
    of the parent, as the place is not known any better.

    Args:
        outline: shape (N, 2), N >= 3.
        parent: shape (M, 2), M >= 3.

    Returns:
        Corners in integers, as few as describe the outline to the pixel.
    """
    found = clip(outline, simplified(parent))
    if found is outline:
        return parent
    # With an outline as jagged as a star, moving corners to whole pixels can make sides cross.
    forms = map(with_four_corners, (simplified(found), found))
    return next((form for form in forms if is_simple(form)), parent)


def simplified(polygon: Polygon) -> Polygon:
    """Return a polygon without the corners that matter less than a pixel.

    Outlines that follow the ink have hundreds of these. Core's validator compares outlines without
    them: to it, an outline that follows its parent exactly would be outside the parent.
    """
    found = cv2.approxPolyDP(polygon, _TOLERANCE, True)[:, 0]
    return np.asarray(found, dtype=np.float32) if len(found) >= 3 else polygon


def is_simple(polygon: Polygon) -> bool:
    """Return whether no sides of a polygon cross or touch, except neighbours at their corner.

    Args:
        polygon: shape (N, 2), N >= 3, integers.
    """
    points = polygon.astype(np.float64)
    repeated = (points == np.roll(points, 1, axis=0)).all(axis=1).any()
    return not repeated and self_contact(points) is None

"""Outlines as PAGE wants them: integers, inside of the page and of the segment around them."""

from __future__ import annotations

import numpy as np

from .values import Polygon


def inside_page(polygon: Polygon, width: int, height: int) -> Polygon:
    """Return a polygon rounded and moved into the page, with at least one pixel of extent.

    Args:
        polygon: shape (N, 2), N >= 1.
        width: of the page in pixels.
        height: of the page in pixels.
    """
    limits = np.array([width - 1, height - 1], dtype=np.float32)
    inside = np.clip(np.rint(polygon), 0, limits)
    low, high = inside.min(axis=0), inside.max(axis=0)
    if (high - low).min() < 1:
        low = np.minimum(low, limits - 1)
        high = np.maximum(high, low + 1)
        inside = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    return np.asarray(inside, dtype=np.float32)


def clip(polygon: Polygon, parent: Polygon) -> Polygon:
    """Return what of a polygon is inside another one, or the polygon itself if nothing is.

    Of several pieces the largest is taken. Corners that the cut makes are rounded, and may be
    outside by less than one pixel.

    Args:
        polygon: shape (N, 2), N >= 3.
        parent: shape (M, 2), M >= 3.
    """
    import pyclipper

    clipper = pyclipper.Pyclipper()
    try:
        clipper.AddPath(np.rint(polygon).astype(int).tolist(), pyclipper.PT_SUBJECT, True)
        clipper.AddPath(np.rint(parent).astype(int).tolist(), pyclipper.PT_CLIP, True)
        pieces = clipper.Execute(pyclipper.CT_INTERSECTION)
    except pyclipper.ClipperException:  # a degenerate outline: nothing to cut with
        return polygon
    if not pieces:
        return polygon
    largest = max(pieces, key=lambda piece: abs(pyclipper.Area(piece)))
    return np.asarray(largest, dtype=np.float32)

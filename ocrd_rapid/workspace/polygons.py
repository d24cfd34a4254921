"""Outlines as PAGE wants them: integers, inside of the page and of the segment around them."""

from __future__ import annotations

import numpy as np

from .values import Polygon


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

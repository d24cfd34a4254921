# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines as PAGE requires them: integers, inside the page and the segment around them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .values import Polygon

#: Outlines of no more points need no check, however the points lie.
_FEW = 200
#: Most expected self-crossings of an outline. More take minutes to compute with.
_CROSSINGS = 20_000


def is_tangle(points: NDArray[Any]) -> bool:
    """Return whether an outline is not that of anything, but a scrawl that fills its box.

    A random path of length L on an area A crosses itself L² / (π A) times (Santaló 1976).

    Args:
        points: shape (N, 2).
    """
    if len(points) <= _FEW:
        return False
    steps = np.diff(points.astype(np.float64), axis=0)
    length = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    box = max(float(np.prod(np.ptp(points.astype(np.float64), axis=0))), 1.0)
    return length * length / (math.pi * box) > _CROSSINGS


def clip(polygon: Polygon, parent: Polygon) -> Polygon:
    """Return the part of a polygon inside another one, or the polygon itself if nothing is.

    Of several pieces, the largest counts. Corners made by the cut are rounded, and may be outside
    by less than one pixel.

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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines of detected lines in the form of PAGE: integers, inside their page and region.

Lines are cut out of a page for recognition by these outlines, so that a line gives the same text
whether or not it has been written to a file in between.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pyclipper

from ..geometry import Points, grown


def has_area(outline: Points) -> bool:
    """Return whether an outline, shape (N, 2), encloses anything."""
    return len(outline) >= 3 and cv2.contourArea(outline) >= 1


def page_outline(width: int, height: int) -> Points:
    """Return the outline of a page, from the first pixel to the last."""
    right, bottom = width - 1, height - 1
    return np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], dtype=np.float32)


def outline_of_box(box: Points, padding: float, bounds: Iterable[Points]) -> Points | None:
    """Return the outline of a line from its box.

    Args:
        box: shape (4, 2), in the order of `order_corners`.
        padding: number of pixels by which its sides move outwards.
        bounds: see `visible`.

    Returns:
        See `visible`.
    """
    return visible(grown(box, padding), bounds)


def visible(outline: Points, bounds: Iterable[Points]) -> Points | None:
    """Return the part of an outline inside others, in the form of PAGE.

    Args:
        outline: shape (N, 2), N >= 3.
        bounds: outlines around it: those of the page and of the region.

    Returns:
        The largest piece, shape (M, 2), M >= 4, of integers that may be outside ``bounds`` by
        less than one pixel; ``None`` if no piece has an area.
    """
    piece = np.rint(outline).astype(int)
    for bound in bounds:
        clipper = pyclipper.Pyclipper()
        try:
            clipper.AddPath(piece.tolist(), pyclipper.PT_SUBJECT, True)
            clipper.AddPath(np.rint(bound).astype(int).tolist(), pyclipper.PT_CLIP, True)
        except pyclipper.ClipperException:  # one of them has no area
            return None
        # An outline that crosses itself means everything that it encloses.
        rule = pyclipper.PFT_NONZERO
        pieces = clipper.Execute(pyclipper.CT_INTERSECTION, rule, rule)
        if not pieces:
            return None
        piece = np.array(max(pieces, key=lambda p: abs(pyclipper.Area(p))))
    found = np.asarray(piece, dtype=np.float32)
    if not has_area(found):
        return None
    return with_four_corners(found)


def with_four_corners(outline: Points) -> Points:
    """Return an outline; a triangle gets a point in its longest side, as PAGE requires four.

    Args:
        outline: shape (N, 2), N >= 3, integers.
    """
    if len(outline) != 3:
        return outline
    ends = np.roll(outline, -1, axis=0)
    longest = int(np.argmax(np.linalg.norm(ends - outline, axis=1)))
    middle = np.rint((outline[longest] + ends[longest]) / 2)
    return np.asarray(np.insert(outline, longest + 1, middle, axis=0), dtype=np.float32)

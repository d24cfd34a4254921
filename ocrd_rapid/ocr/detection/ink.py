# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Find ink that may be a line on a page with hardly any text.

The detection network weighs its channels by their means over its whole input: on a page that is
nearly all paper, it may miss a single short line, which it finds in an image of that line with some
paper around. This module tells where to look: at ink, which is darker than the paper around it
however uneven that is, in pieces of the size of letters that stand in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, grey_of
from ..geometry import Points

#: Longer side to which the image is reduced, in pixels. The strokes of 6 pt at 300 dpi stay dark.
_WORKING_SIDE = 2000
#: Ink is darker than the paper around it by this share. Ink that shines through is lighter.
_DARKER = 0.35
#: Radius within which there is paper, as a share of the longer side: more than half a stroke.
_PAPER = 1 / 60
#: Least and largest height of a piece of ink that may be a letter, in pixels and as a share of the
#: longer side: pictures, rules and the edge of the page are higher.
_LOWEST, _HIGHEST = 7, 1 / 8
#: Longest piece as a share of the longer side, and in its heights: a dash, but not a rule.
_LONGEST, _DASH = 1 / 3, 12.0
#: Distance between pieces that belong together, in heights of the higher one.
_APART = 0.8
#: Fewest letters of a line: a blot alone looks like a digit.
_LETTERS = 2
#: Largest number of places to look at, those with the most letters first.
_PLACES = 12


@dataclass(frozen=True)
class InkPlace:
    """A place that may have a line.

    Attributes:
        low, high: corners (x, y) of the box around the ink, in pixels of the image.
        letter: height of a letter, in pixels of the image.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    letter: float


def places_of_ink(image: BgrImage, known: Sequence[Points] = ()) -> list[InkPlace]:
    """Return the places of an image with ink that may be a line of text.

    Args:
        image: a page, or a part of one.
        known: boxes of lines, shape (4, 2) each, whose ink is ignored.

    Returns:
        At most twelve places, those with the most letters first.
    """
    scale = min(1.0, _WORKING_SIDE / max(image.shape[:2]))
    grey = grey_of(image)
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in grey.shape)
        reduced = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
        grey = np.asarray(reduced, dtype=np.uint8)
    ink = _ink(grey)
    for box in known:
        cv2.fillPoly(ink, [np.rint(box * scale).astype(np.int32)], 0)
    pieces = _pieces(ink)
    found = sorted(_groups(pieces, ink.shape), key=lambda group: -group[:, 3].sum())
    return [_place(group, scale) for group in found[:_PLACES]]


def _ink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a mask of the ink, 0 or 1."""
    radius = max(2, round(_PAPER * max(grey.shape)))
    kernel = np.ones((2 * radius + 1, 1), np.uint8)
    paper = cv2.medianBlur(grey, 3)
    for step in (kernel, kernel.T):
        paper = cv2.dilate(paper, step)
    for step in (kernel, kernel.T):
        paper = cv2.erode(paper, step)
    return np.asarray(grey < (1 - _DARKER) * paper.astype(np.float32), dtype=np.uint8)


def _pieces(ink: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return (left, top, width, height) of possible letters and dashes, shape (N, 4)."""
    height, width = ink.shape
    longer = max(ink.shape)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, w, h, _ = stats[1:].T
    long, short = np.maximum(w, h), np.minimum(w, h)
    inside = (x > 0) & (y > 0) & (x + w < width) & (y + h < height)
    fitting = (long >= _LOWEST) & (h <= _HIGHEST * longer) & (long <= _LONGEST * longer)
    fitting &= long <= _DASH * short
    return np.asarray(stats[1:][inside & fitting, :4], dtype=np.int32)


def _groups(pieces: NDArray[np.int32], shape: tuple[int, ...]) -> list[NDArray[np.int32]]:
    """Return groups of pieces near each other with two letters or more."""
    near = np.zeros(shape, dtype=np.uint8)
    for x, y, w, h in pieces.tolist():
        far = round(_APART * max(w, h) / 2) + 1
        cv2.rectangle(near, (x - far, y - far), (x + w + far, y + h + far), 1, cv2.FILLED)
    _, labels = cv2.connectedComponents(near, connectivity=8)
    owners = labels[pieces[:, 1], pieces[:, 0]]
    groups = [pieces[owners == owner] for owner in np.unique(owners)]
    return [group for group in groups if len(_letters(group)) >= _LETTERS]


def _letters(group: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the sizes of the pieces that are at least half as large as the largest."""
    sizes = group[:, 2:].max(axis=1)
    return np.asarray(sizes[sizes >= sizes.max() / 2])


def _place(group: NDArray[np.int32], scale: float) -> InkPlace:
    low, high = group[:, :2].min(axis=0), (group[:, :2] + group[:, 2:]).max(axis=0)
    (left, top), (right, bottom) = (low / scale).tolist(), (high / scale).tolist()
    return InkPlace((left, top), (right, bottom), float(np.median(_letters(group))) / scale)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kernels of lines in the probability map: their scores, and lines whose kernels run together.

Where a stamp, a signature or a stroke of a pen crosses lines of print, the network's kernels of
these lines become one area with branches and bridges. Its rectangle holds more paper than text, so
its mean probability is low, and all its lines would be lost, over their whole width. Bridges are
narrow along the lines, so an opening with a bar that is longer than they are wide removes them; a
higher threshold parts what is joined by doubtful pixels only; what is left is cut where it forks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Points

Contour: TypeAlias = NDArray[np.int32]
_Mask: TypeAlias = NDArray[np.uint8]

#: Least side of a kernel, in pixels of the map.
_MIN_SIDE = 3.0
#: Least mean probability of the pixels of an area that may be several lines joined.
_JOINED_SCORE = 0.6
#: Thresholds of probability, the detector's own before them.
_HIGHER = (0.6, 0.85)
#: Length of the bar in thicknesses of a kernel: bridges are narrower, words are longer.
_BAR = 4.0


def kernel_score(probabilities: NDArray[np.float32], contour: Contour, *, fast: bool) -> float:
    """Return the mean probability of a kernel; 0 if it is too thin for a line.

    Args:
        probabilities: shape (H, W), 0 to 1.
        contour: outline of the kernel, shape (N, 1, 2).
        fast: take the smallest rectangle around it instead of its own pixels.
    """
    rectangle = cv2.minAreaRect(contour)
    if min(rectangle[1]) < _MIN_SIDE:
        return 0.0
    return mean_inside(probabilities, cv2.boxPoints(rectangle) if fast else _corners(contour))


def mean_inside(values: NDArray[np.float32], corners: Points) -> float:
    """Return the mean of the values inside a polygon."""
    height, width = values.shape
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [np.int32(corners - low)], 1)
    inside = values[low[1] : high[1] + 1, low[0] : high[0] + 1]
    return float(cv2.mean(inside, mask)[0])


def _corners(contour: Contour) -> Points:
    return contour[:, 0].astype(np.float32)


def separated(
    probabilities: NDArray[np.float32],
    contour: Contour,
    threshold: float,
    is_line: Callable[[Contour], bool],
) -> list[Contour]:
    """Return the kernels of the lines in an area that is none.

    Args:
        probabilities: shape (H, W), 0 to 1.
        contour: outline of the area, shape (N, 1, 2), in pixels of the map.
        threshold: probability above which a pixel belongs to it.
        is_line: tells whether an outline is the kernel of a line.

    Returns:
        Outlines for which ``is_line`` holds; they do not overlap. None if the area itself has low
        probabilities.
    """
    if mean_inside(probabilities, _corners(contour)) < _JOINED_SCORE:
        return []
    left, top, width, height = cv2.boundingRect(contour)
    area = np.zeros((height, width), dtype=np.uint8)
    cv2.drawContours(area, [contour], -1, 1, cv2.FILLED, offset=(-left, -top))
    inside = probabilities[top : top + height, left : left + width] * area
    masks = [(inside > least).astype(np.uint8) for least in (threshold, *_HIGHER)]
    across = bool(_opened(masks[0]).sum() >= _opened(masks[0].T).sum())
    corner = np.array([left, top], dtype=np.int32)
    found: list[Contour] = []
    steps = [*((mask, _opened) for mask in masks), (masks[1], _cut_at_forks)]
    for mask, parted in steps:
        free = mask * area if across else (mask * area).T
        pieces = [piece + corner for piece in _outlines(parted(free), across=across)]
        lines = [piece for piece in pieces if is_line(piece)]
        # What sticks to a line is none.
        for fill in (cv2.FILLED, max(1, round(2 * _thickness(free)))):
            cv2.drawContours(area, lines, -1, 0, fill, offset=(-left, -top))
        found += lines
    return found


def _outlines(mask: _Mask, *, across: bool) -> list[Contour]:
    """Return the outlines of the parts of an area; it is transposed if lines run down."""
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.array(part if across else part[:, :, ::-1], dtype=np.int32) for part in found]


def _opened(mask: _Mask) -> _Mask:
    """Return an area without what is short along its lines, which run across."""
    bar = np.ones((1, round(_BAR * _thickness(mask)) | 1), np.uint8)
    opened = cv2.morphologyEx(np.ascontiguousarray(mask), cv2.MORPH_OPEN, bar)
    return np.asarray(opened, dtype=np.uint8)


def _cut_at_forks(mask: _Mask) -> _Mask:
    """Return an area cut where the number of its lines changes, without short pieces."""
    rising = np.diff(np.pad(mask, ((1, 0), (0, 0))).astype(np.int8), axis=0) > 0
    lines = rising.sum(axis=0)
    forks = np.diff(lines, prepend=lines[:1]) != 0
    return _opened(np.asarray(np.where(forks[None], 0, mask), dtype=np.uint8))


def _thickness(mask: _Mask) -> float:
    """Return the median thickness of lines that run across, in pixels; 0 without any."""
    edges = np.diff(np.pad(mask, ((1, 1), (0, 0))).astype(np.int8), axis=0).T.ravel()
    thickness = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return float(np.median(thickness)) if len(thickness) else 0.0

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The direction of a line on its page, its baseline, and parts of outlines along directions.

PAGE tells the direction of a line by the orientation of its region and by its baseline; else the
outline itself shows it.
"""

from __future__ import annotations

import numpy as np

from ..ocr.geometry import Points, box_of_polygon, box_size, is_tall, rotate_points
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadLine

#: Height of the baseline above the lower edge of a line, as a share of the line's height.
BASELINE = 0.2

#: Number of characters that a tall outline can hold side by side.
_SIDE_BY_SIDE = 2

#: Cosine of the largest angle, about 30 degrees, between a line and the axis of its region.
_ALONG_AXIS = 0.86

#: Ratio of width to height from which the slant of an outline tells the direction of its line.
_LONG = 2.0


def axes_of(line: ReadLine, orientation: float) -> tuple[Points, Points]:
    """Return the directions of a line on its page, as unit vectors of shape (2,).

    Args:
        line: the line, with an outline.
        orientation: see `ReadRegion.orientation`.

    Returns:
        The direction that is right, and the direction that is down, for a reader before whom the
        line lies upright. Text that runs from right to left runs against the first.
    """
    right = rotate_points(np.array([[1.0, 0.0]], dtype=np.float32), -orientation)[0]
    if usable(line.baseline, 2):
        right = _along(line.baseline[-1] - line.baseline[0], right)
    elif usable(line.outline):
        right = _slant(box_of_polygon(line.outline), right, len(line.text))
    return right, np.array([-right[1], right[0]], dtype=np.float32)


def _along(chord: Points, right: Points) -> Points:
    """Return the direction of a line from beginning to end, or its opposite, whichever is right.

    A line across the axis of its region is believed as it is drawn.
    """
    chord = np.asarray(chord / np.linalg.norm(chord), dtype=np.float32)
    return -chord if float(chord @ right) < -(1 - _ALONG_AXIS) else chord


def _slant(box: Points, right: Points, characters: int) -> Points:
    """Return the direction of a line that shows only in its box, shape (4, 2)."""
    width, height = box_size(box)
    if max(width, height) < _LONG * max(min(width, height), 1.0):
        return right
    chord = box[1] - box[0] if width > height else box[3] - box[0]
    chord = np.asarray(chord / np.linalg.norm(chord), dtype=np.float32)
    if abs(float(chord @ right)) >= _ALONG_AXIS:
        return chord if float(chord @ right) > 0 else -chord
    # A region without a known orientation may have lines that run down.
    return chord if is_tall(box) and characters > _SIDE_BY_SIDE else right


def baseline_of(line: ReadLine, orientation: float) -> Points:
    """Return the baseline of a line: its own, or one at `BASELINE` above its lower edge.

    Args:
        line: the line, with an outline.
        orientation: see `ReadRegion.orientation`.

    Returns:
        Points from left to right for a reader before whom the line lies upright, shape (N, 2),
        N >= 2.
    """
    right, down = axes_of(line, orientation)
    if usable(line.baseline, 2):
        backwards = float((line.baseline[-1] - line.baseline[0]) @ right) < 0
        return line.baseline[::-1] if backwards else line.baseline
    across, depth = line.outline @ right, line.outline @ down
    height = float(np.ptp(depth))
    level = float(depth.max()) - BASELINE * height
    ends = np.array([across.min(), across.max()])
    return np.asarray(ends[:, None] * right + level * down, dtype=np.float32)


def part_between(outline: Points, axis: Points, low: float, high: float) -> Points:
    """Return the rectangle around the part of an outline between two places on an axis.

    Args:
        outline: shape (N, 2), N >= 3.
        axis: a unit vector, shape (2,).
        low: the lower place: the product of a point and the axis.
        high: the higher place.

    Returns:
        Corners clockwise as seen along the axis, shape (4, 2): two at the lower place, two at the
        higher. Across the axis it reaches as far as the outline does between the places.
    """
    across = np.array([-axis[1], axis[0]], dtype=np.float32)
    along, beside = outline @ axis, outline @ across
    ends_along, ends_beside = np.roll(along, -1), np.roll(beside, -1)
    steps = ends_along - along
    found = [beside[(along >= low) & (along <= high)]]
    for place in (low, high):
        crossed = (np.minimum(along, ends_along) <= place) & (
            np.maximum(along, ends_along) >= place
        )
        crossed &= steps != 0
        shares = (place - along[crossed]) / steps[crossed]
        found.append(beside[crossed] + shares * (ends_beside[crossed] - beside[crossed]))
    reach = np.concatenate(found)
    reach = reach if len(reach) else beside
    near, far = float(reach.min()), float(reach.max())
    corners = [(low, near), (high, near), (high, far), (low, far)]
    return np.array([a * axis + b * across for a, b in corners], dtype=np.float32)

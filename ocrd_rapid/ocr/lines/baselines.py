# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines for lines of which only the baseline is known."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..geometry import Points

#: Shares of the distance between baselines that are above and below the baseline.
_ABOVE, _BELOW = 0.75, 0.25
#: Distance of baselines as a share of their length, if nothing else is known.
_LEADING = 0.05
#: Distance of baselines, as a share of their length, up to which they belong to one line.
_SAME_LINE = 0.01


def usable(points: Points, corners: int = 3) -> bool:
    """Return whether an outline has an area, or a line (``corners`` 2) a length."""
    if len(points) < corners:
        return False
    if corners == 2:
        return bool(np.ptp(points, axis=0).max() >= 1)
    return cv2.contourArea(cv2.convexHull(points)) >= 1


def outline_of_baseline(baseline: Points, others: Sequence[Points], region: Points) -> Points:
    """Return an outline for a line that has only a baseline: the space for its ink.

    Its height is the distance to the nearest line that runs beside it; without one, the height of
    the region or a twentieth of its length.

    Args:
        baseline: shape (N, 2), N >= 2. A roughly horizontal one may run with or against the
            direction of reading; a vertical one must run with it.
        others: the other baselines of the page, or outlines of lines without a baseline.
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
    # Anything nearer is a part of the same line.
    beside = [distance for distance in distances if distance > _SAME_LINE * length]
    room = float(np.ptp(region @ down)) if len(region) else 0.0
    height = min(beside, default=room or _LEADING * length)
    upper, lower = baseline - _ABOVE * height * down, baseline + _BELOW * height * down
    return np.concatenate([upper, lower[::-1]]).astype(np.float32)

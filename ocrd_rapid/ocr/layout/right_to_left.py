# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Reading orders of text that runs from right to left: those of its image in a mirror.

A page is laid out before it is read, with columns from left to right. Once its letters are known,
its lines are laid out again, mirrored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry import Points
from .arrangement import arrange
from .printed_rules import PrintedRule

_MIRROR = np.array([-1, 1], dtype=np.float32)


def order_from_right(parts: Sequence[Sequence[Points]], rules: Sequence[PrintedRule]) -> list[int]:
    """Return the order of the parts of a page with columns from right to left.

    Args:
        parts: for every part the boxes of its lines, at least one, shape (4, 2) each, upright.
        rules: printed rules, in the same coordinates.

    Returns:
        The indices of the parts; each has the place of most of its lines.
    """
    boxes = [box[[1, 0, 3, 2]] * _MIRROR for part in parts for box in part]
    mirrored = [PrintedRule.between(rule.points * _MIRROR) for rule in rules]
    order = [line for region in arrange(boxes, mirrored) for line in region.lines]
    places = np.argsort(order)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    middles = [float(np.median(own)) for own in np.split(places, ends)]
    return sorted(range(len(parts)), key=middles.__getitem__)


def lines_from_right(boxes: Sequence[Points]) -> list[int]:
    """Return the order of the lines of a region, those side by side from right to left.

    Args:
        boxes: shape (4, 2) each, upright, in reading order.
    """
    order: list[int] = []
    row: list[int] = []
    for i, box in enumerate(boxes):
        if row and not _is_left_of(boxes[row[-1]], box):
            order += row[::-1]
            row = []
        row.append(i)
    return order + row[::-1]


def _is_left_of(first: Points, second: Points) -> bool:
    """Return whether two lines stand side by side, the first before the second."""
    (x0, top0), (x1, top1) = first.min(axis=0), second.min(axis=0)
    bottom0, bottom1 = float(first[:, 1].max()), float(second[:, 1].max())
    shared = min(bottom0, bottom1) - max(top0, top1)
    beside = float(first[:, 0].mean()) < float(x1) and float(x0) < float(second[:, 0].mean())
    return beside and 2 * shared > min(bottom0 - top0, bottom1 - top1)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Separators: printed rules as regions of a page, with which its order can be decided later.

Only rules that lie between lines are separators of the text: those across it, which the order of
regions depends on. Rules between columns show in the columns themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ...geometry import Points, box_size, order_corners
from ..flattening import Flattening
from ..printed_rules import PrintedRule
from ..sheet import Sheet
from . import order_measures


def separating_rules(rules: Sequence[PrintedRule], boxes: Sequence[Points]) -> list[PrintedRule]:
    """Return the rules that lie across a page between its lines.

    Args:
        rules: see `find_rules`.
        boxes: its lines, in the same coordinates, shape (4, 2) each.
    """
    if not boxes:
        return []
    flattening = Flattening.of(boxes)
    flat = flattening.flat_boxes(boxes)
    extents = np.concatenate([flat.min(axis=1), flat.max(axis=1)], axis=1)
    heights = np.array([min(box_size(box)) for box in boxes], dtype=np.float32)
    return [
        rule
        for rule in rules
        if len(Sheet.of(extents, heights, [flattening.flat(rule.points)]).horizontal)
    ]


def separator_outline(rule: Points, width: int, height: int) -> Points:
    """Return the outline of a rule as a region of its page, one pixel thick.

    Args:
        rule: its two ends, in pixels of the page, shape (2, 2).
        width: that of the page in pixels.
        height: that of the page in pixels.

    Returns:
        Shape (4, 2), whole numbers, on the page.
    """
    ends = np.clip(np.rint(rule), 0, (width, height)).astype(np.float32)
    along = np.abs(ends[1] - ends[0])
    aside = np.array([0, 1] if along[0] >= along[1] else [1, 0], dtype=np.float32)
    if (ends + aside > (width, height)).any():
        aside = -aside
    return np.array([ends[0], ends[1], ends[1] + aside, ends[0] + aside], dtype=np.float32)


def rule_of_outline(outline: Points) -> PrintedRule | None:
    """Return the rule that a separator is; ``None`` if it is none, but a frame or an ornament.

    Args:
        outline: in pixels of the page, shape (N, 2).
    """
    if len(outline) < 2:
        return None
    corners = order_corners(cv2.boxPoints(cv2.minAreaRect(np.asarray(outline, np.float32))))
    sides = corners[[1, 2]] - corners[[0, 1]]
    lengths = np.linalg.norm(sides, axis=1)
    if lengths.min() > order_measures.SEPARATOR_THICKNESS * lengths.max():
        return None
    first, second = ((0, 3), (1, 2)) if lengths[0] >= lengths[1] else ((0, 1), (3, 2))
    return PrintedRule.between(
        np.array([corners[list(first)].mean(axis=0), corners[list(second)].mean(axis=0)])
    )

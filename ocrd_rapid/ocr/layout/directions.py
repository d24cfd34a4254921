# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whether text runs across or down, told by the shapes of its lines, and which lines are near.

Which way up it is then is decided in `orientation`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry import Points, box_size, is_tall
from . import measures


def lies_on_its_side(boxes: Sequence[Points]) -> bool:
    """Return whether most text of a page or region runs vertically.

    Tall boxes count by their length: a single tall box may be a short word or a number.
    """
    tall = sum(max(box_size(box)) for box in boxes if is_tall(box))
    lying = sum(max(box_size(box)) for box in boxes if not is_tall(box))
    return tall > lying


def surely_runs(box: Points, *, sideways: bool) -> bool:
    """Return whether a box is long enough to show that its text runs down, or across."""
    width, height = box_size(box)
    along, across = (height, width) if sideways else (width, height)
    return along >= measures.LONG_BOX * across


def near_each_other(boxes: Sequence[Points]) -> list[list[int]]:
    """Return the indices of boxes grouped by nearness, the groups from left to right.

    Boxes are near if they are less than two heights of a line apart.
    """
    if not boxes:
        return []
    size = measures.BLOCK_DISTANCE * np.array([min(box_size(box)) for box in boxes])[:, None]
    low = np.array([box.min(axis=0) for box in boxes]) - size
    high = np.array([box.max(axis=0) for box in boxes])
    left = np.lexsort((low[:, 1], low[:, 0]))
    found: list[list[int]] = []
    while len(left):
        block, left = [int(left[0])], left[1:]
        for i in block:
            near = np.maximum(low[i], low[left]) < np.minimum(high[i], high[left])
            block += left[near.all(axis=1)].tolist()
            left = left[~near.all(axis=1)]
        found.append(sorted(block))
    return found

"""Whether text runs across or down, as the shapes of its lines show it, and which are neighbours.

Which of both ways it runs then is for `orientation` to find out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry import Points, box_size, is_tall

#: Ratio of the sides from which a box shows which way its text runs: a short word or a single
#: digit may be taller than wide.
_SURE = 3.0

#: Distance within which sideways lines are of one block, in heights of a line.
_NEAR = 2.0


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
    return height >= _SURE * width if sideways else width >= _SURE * height


def near_each_other(boxes: Sequence[Points]) -> list[list[int]]:
    """Return the indices of boxes that stand near each other, from left to right.

    Near is what is less than two heights of a line away.
    """
    if not boxes:
        return []
    size = _NEAR * np.array([min(box_size(box)) for box in boxes])[:, None]
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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Blocks of a few short lines side by side: address and details, the foot of a letter.

They are too few lines for a gutter of a page. What shows them is that the lines of each begin at
one place and stand close below each other, with more white between the blocks than in them, and
that no column of text goes on above and below.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from . import measures, region_measures
from .sheet import Lines, Sheet
from .tables.column_kinds import is_number_column


def blocks_beside(sheet: Sheet, free: Lines) -> list[list[Lines]]:
    """Return the rows of blocks of a page, the blocks of each from left to right.

    Args:
        sheet: the page.
        free: its lines that may be in a block.
    """
    pitches = measures.BLOCK_PITCH, measures.BLOCK_PITCH * measures.BLOCK_END
    close, far = (_stacks(sheet, free, pitch) for pitch in pitches)
    # What goes on a little farther below is a piece of a column, torn by a hair's breadth.
    whole = {tuple(stack) for stack in far}
    stacks = [
        stack for stack in close if len(stack) <= measures.BLOCK_LINES and tuple(stack) in whole
    ]
    stacks.sort(key=lambda stack: sheet.bounds(stack)[0])
    left = {i for i, stack in enumerate(stacks) if len(stack) > 1}
    found = []
    while left:
        row = [left.pop()]
        for i in sorted(left):
            if any(_are_beside(sheet, stacks[i], stacks[k]) for k in row):
                row.append(i)
        left -= set(row)
        blocks = [stacks[i] for i in sorted(row)]
        if len(blocks) > 1 and _are_blocks(sheet, blocks, free):
            found.append(blocks)
    return found


def _stacks(sheet: Sheet, free: Lines, pitch: float) -> list[Lines]:
    """Return lines that begin at one place, close below each other, in letters of one size.

    Args:
        sheet: the page.
        free: its lines that may be in a stack.
        pitch: of the lines at most, in heights of a line.
    """
    extents, heights = sheet.extents[free], np.maximum(sheet.heights[free], 1e-6)
    begins = extents[:, 0]
    middle = (extents[:, 1] + extents[:, 3]) / 2
    size = np.minimum(heights[:, None], heights)
    apart = (middle - middle[:, None]) / size
    below = (apart > measures.SAME_ROW) & (apart < pitch)
    below &= np.abs(begins - begins[:, None]) < measures.BLOCK_EDGE * size
    below &= np.abs(np.log(heights / heights[:, None])) < region_measures.SAME_SIZE
    order = np.where(below, apart, np.inf)
    follows = {i: int(order[i].argmin()) for i in range(len(free)) if np.isfinite(order[i]).any()}
    firsts = set(range(len(free))) - set(follows.values())
    stacks = []
    for first in sorted(firsts):
        stack = [first]
        while stack[-1] in follows:
            stack.append(follows[stack[-1]])
        stacks.append(free[stack])
    return stacks


def _are_beside(sheet: Sheet, one: Lines, two: Lines) -> bool:
    """Return whether two blocks stand side by side, with wide white between them."""
    first, second = sheet.bounds(one), sheet.bounds(two)
    shared = min(first[3], second[3]) - max(first[1], second[1])
    lower = min(first[3] - first[1], second[3] - second[1])
    white = max(second[0] - first[2], first[0] - second[2])
    size = float(np.median(sheet.heights[np.concatenate([one, two])]))
    return shared > measures.SAME_ROW * lower and white >= measures.BLOCK_WHITE * size


def _are_blocks(sheet: Sheet, blocks: list[Lines], free: Lines) -> bool:
    """Return whether stacks in a row are blocks, no rows of a table and no columns of text."""
    lines = np.concatenate(blocks)
    size = float(np.median(sheet.heights[lines]))
    width = sheet.extents[lines, 2] - sheet.extents[lines, 0]
    values = [
        is_number_column(sheet, block)
        or (sheet.extents[block, 2] - sheet.extents[block, 0]).max() < measures.CELL_WIDTH * size
        for block in blocks
    ]
    if any(values) or width.max() > measures.BLOCK_WIDTH * size:
        return False
    left, top, right, bottom = sheet.bounds(lines)
    others = np.setdiff1d(np.arange(len(sheet.extents)), lines)
    x, y = sheet.centre(others), sheet.middle(others)
    inside = (left < x) & (x < right) & (top < y) & (y < bottom)
    level = sheet.horizontal[:, 2]
    ruled = (level > top + size / 2) & (level < bottom - size / 2)
    ruled &= (sheet.horizontal[:, 0] < right) & (sheet.horizontal[:, 1] > left)
    return (
        not ruled.any()
        and not inside.any()
        and not _goes_on(sheet, blocks, np.intersect1d(others, free))
    )


def _goes_on(sheet: Sheet, blocks: list[Lines], others: Lines) -> bool:
    """Return whether lines above and below blocks stand in the columns of two of these.

    Lines across the white between the blocks are evidence against it, those in it for nothing.
    """
    left, top, right, bottom = sheet.bounds(np.concatenate(blocks))
    near = measures.BLOCK_SURROUNDINGS * sheet.line_height
    extents = sheet.extents[others]
    extents = extents[(extents[:, 3] > top - near) & (extents[:, 1] < bottom + near)]
    extents = extents[(extents[:, 2] > left) & (extents[:, 0] < right)]
    sides = [sheet.bounds(block)[::2] for block in blocks]
    between, across = np.zeros((2, len(extents)), dtype=bool)
    for (_, start), (end, _) in pairwise(sides):
        shared = np.minimum(extents[:, 2], end) - np.maximum(extents[:, 0], start)
        between |= shared > measures.BLOCK_OVERHANG * (end - start)
        between |= 2 * shared > extents[:, 2] - extents[:, 0]
        across |= shared >= end - start
    inside = extents[~between]
    counts = [((inside[:, 2] > start) & (inside[:, 0] < end)).sum() for start, end in sides]
    return bool(sorted(counts)[-2] > across.sum() + measures.BLOCK_LONE_LINES)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cut lines of two columns that detection took for one.

A line is cut where a printed rule crosses it, and where it crosses the gutter between the lines
around it and its own ink leaves that gutter free, as headings across columns do not. The first and
the last line of a page are cut between a running head and a page number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from ...pixels import BgrImage, grey_of
from ..detection.detector import DetectedBox
from ..geometry import Points, box_size, cut_box
from . import columns, measures, region_measures
from .arrangement import level_sheet
from .printed_rules import PrintedRule
from .sheet import Lines, Sheet

#: A free interval, as shares of the width of a line.
_Free = tuple[float, float]


def cut_fused(
    image: BgrImage, found: Sequence[DetectedBox], rules: Sequence[PrintedRule] = ()
) -> list[DetectedBox]:
    """Cut lines that reach across a gutter or a printed rule into the text beside it.

    Args:
        image: the page.
        found: its lines, of upright text.
        rules: its printed rules; see `printed_rules.find_rules`.

    Returns:
        The lines in their order; the parts of a line, from left to right, have its score.
    """
    if not found:
        return []
    sheet = level_sheet([line.box for line in found], rules)
    are_large = sheet.are_large(np.arange(len(found)))
    result: list[DetectedBox] = []
    for i, line in enumerate(found):
        cuts: list[_Free] = []
        if not are_large[i]:
            near = _neighbours(sheet, i)
            cuts = (
                _at_rules(sheet, i, near)
                or _at_gutter(sheet, i, near, image, line.box)
                or _at_number(sheet, i, image, line.box)
            )
        if cuts:
            result += [DetectedBox(part, line.score) for part in _cut(line.box, cuts)]
        else:
            result.append(line)
    return result


def _at_rules(sheet: Sheet, line: int, near: Lines) -> list[_Free]:
    """Return where a line is crossed by rules that separate the lines near it."""
    left, top, right, bottom = sheet.extents[line]
    shortest, height = measures.SHORTEST_PART * sheet.line_height, bottom - top
    crossed = measures.CROSSED_HEIGHT * height
    places = [
        float(x)
        for x, start, end in sheet.vertical
        if left + shortest < x < right - shortest
        and min(end + shortest, bottom) - max(start - shortest, top) >= crossed
        and end - start >= measures.CUTTING_RULE_LENGTH * height
        and _keeps_apart(sheet, near, float(x))
    ]
    kept = [x for i, x in enumerate(places) if i == 0 or x - places[i - 1] > shortest]
    return [((x - left) / (right - left),) * 2 for x in kept]


def _keeps_apart(sheet: Sheet, near: Lines, x: float) -> bool:
    """Return whether lines stand on both sides of a rule, and hardly any across it.

    Folds and scratches are detected as rules, too.
    """
    across = columns.spanning(sheet, near, x)
    before, after = columns.sides(sheet, near[~across], x)
    return len(before) > 0 and len(after) > 0 and across.mean() <= measures.CROSSED_LINES


def _at_gutter(sheet: Sheet, line: int, near: Lines, image: BgrImage, box: Points) -> list[_Free]:
    """Return where a line crosses the gutter of its neighbours without ink."""
    left, _, right, _ = sheet.extents[line]
    shortest = measures.SHORTEST_PART * sheet.line_height
    gutter = columns.best_gutter(sheet, near)
    if gutter is None or not left + shortest < gutter.x < right - shortest:
        return []
    width, half = right - left, max(gutter.width, 0.0) / 2
    start, end = (gutter.x - half - left) / width, (gutter.x + half - left) / width
    free = _paper(cut_box(image, box, quarter_turn_tall=False), start, end)
    if free is None:
        return []
    covered = min(free[1], end) - max(free[0], start)
    wide = (free[1] - free[0]) * width >= measures.INKLESS_WIDTH * sheet.heights[line]
    return [free] if wide and covered >= measures.INKLESS_GUTTER * (end - start) else []


def _at_number(sheet: Sheet, line: int, image: BgrImage, box: Points) -> list[_Free]:
    """Return where the first or last line of a page is cut beside a page number."""
    left, top, right, bottom = sheet.extents[line]
    middle = np.delete(sheet.middle(np.arange(len(sheet.extents))), line)
    if (middle < bottom).any() and (middle > top).any():
        return []
    free = _paper(cut_box(image, box, quarter_turn_tall=False), 0.0, 1.0)
    if free is None or free[0] <= 0 or free[1] >= 1:
        return []
    width = (right - left) / float(sheet.heights[line])
    shorter = min(free[0], 1 - free[1]) * width
    wide = (free[1] - free[0]) * width >= region_measures.PAGE_NUMBER_GAP
    return [free] if wide and shorter <= region_measures.PAGE_NUMBER_WIDTH else []


def _neighbours(sheet: Sheet, line: int) -> Lines:
    """Return the lines above and below a line."""
    left, top, right, bottom = sheet.extents[line]
    near = measures.NEIGHBOURHOOD * sheet.line_height
    extents = sheet.extents
    chosen = (extents[:, 3] > top - near) & (extents[:, 1] < bottom + near)
    chosen &= (extents[:, 2] > left) & (extents[:, 0] < right)
    chosen[line] = False
    return np.flatnonzero(chosen)


def _paper(line: BgrImage, start: float, end: float) -> _Free | None:
    """Return the widest interval without ink that overlaps a given one.

    Both are shares of the width of the line.
    """
    grey = grey_of(line)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    inked = np.flatnonzero(ink.mean(axis=0) > measures.SPECKS)
    width = ink.shape[1]
    edges = np.concatenate([[-1], inked, [width]])
    runs = [(a + 1, b) for a, b in pairwise(edges) if a + 1 < end * width and b > start * width]
    first, last = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return (first / width, last / width) if last > first else None


def _cut(box: Points, cuts: Sequence[_Free]) -> list[Points]:
    """Return the parts of a box; they keep a little of the paper between them."""
    growth = measures.BOX_GROWTH * min(box_size(box)) / max(box_size(box)[0], 1e-6)
    ends = [(min(a + growth, (a + b) / 2), max(b - growth, (a + b) / 2)) for a, b in cuts]
    starts = [0.0, *(b for _, b in ends)]
    stops = [*(a for a, _ in ends), 1.0]
    return [_part(box, start, stop) for start, stop in zip(starts, stops, strict=True)]


def _part(box: Points, start: float, stop: float) -> Points:
    """Return a part of a box, given as shares of its width."""
    top, bottom = box[1] - box[0], box[2] - box[3]
    corners = [
        box[0] + start * top, box[0] + stop * top,
        box[3] + stop * bottom, box[3] + start * bottom,
    ]  # fmt: skip
    return np.array(corners, dtype=np.float32)

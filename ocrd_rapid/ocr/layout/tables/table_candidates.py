# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Blocks of lines that may be tables: in a grid of rules, between rules, or short lines in rows.

They are candidates: newspapers have grids and rules, too. `table_evidence` judges them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .. import measures
from ..sheet import Lines, Numbers, Sheet
from . import table_measures
from .number_columns import divided
from .table_structure import rows_of

_Extent = tuple[float, float, float, float]


def in_grids(sheet: Sheet) -> list[Lines]:
    """Return the lines inside each group of rules that meet, at least two of either direction."""
    horizontal, vertical = sheet.horizontal, sheet.vertical
    if len(horizontal) < 2 or len(vertical) < 2:
        return []
    far = table_measures.RULES_MEET * sheet.line_height
    x, top, bottom = vertical.T
    left, right, y = (column[:, None] for column in horizontal.T)
    meets = (left - far <= x) & (x <= right + far) & (top - far <= y) & (y <= bottom + far)
    found = []
    for rows, columns in _connected(meets):
        if len(rows) < 2 or len(columns) < 2:
            continue
        sides, ends = horizontal[rows], vertical[columns]
        found.append(
            (
                min(float(sides[:, 0].min()), float(ends[:, 0].min())),
                min(float(sides[:, 2].min()), float(ends[:, 1].min())),
                max(float(sides[:, 1].max()), float(ends[:, 0].max())),
                max(float(sides[:, 2].max()), float(ends[:, 2].max())),
            )
        )
    inside = [_inside(sheet, extent) for extent in found]
    parts = [
        part
        for lines in inside
        if len(lines)
        for part in _at_wide_rows(sheet, lines, table_measures.FULL_ROW)
    ]
    return [_with_next_rows(sheet, part) for part in parts]


def _connected(meets: NDArray[np.bool_]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the rows and columns of the parts of a bipartite graph that hang together."""
    left = set(range(len(meets)))
    while left:
        rows, columns = {left.pop()}, set[int]()
        while True:
            more = set(map(int, np.flatnonzero(meets[sorted(rows)].any(axis=0)))) - columns
            columns |= more
            reached = set(map(int, np.flatnonzero(meets[:, sorted(columns)].any(axis=1))))
            if not reached - rows:
                break
            rows |= reached
        left -= rows
        yield sorted(rows), sorted(columns)


def _inside(sheet: Sheet, extent: _Extent) -> Lines:
    """Return the lines whose middles are in a rectangle."""
    left, top, right, bottom = extent
    every = np.arange(len(sheet.extents), dtype=np.intp)
    x, y = sheet.centre(every), sheet.middle(every)
    return np.flatnonzero((left < x) & (x < right) & (top < y) & (y < bottom))


def between_rules(sheet: Sheet) -> list[Lines]:
    """Return the lines between rules of equal ends, as long as most have others beside them."""
    far = table_measures.RULES_MEET * sheet.line_height
    groups: list[list[Numbers]] = []
    for rule in sheet.horizontal[np.argsort(sheet.horizontal[:, 2])]:
        for group in groups:
            if np.abs(group[-1][:2] - rule[:2]).max() <= 2 * far:
                group.append(rule)
                break
        else:
            groups.append([rule])
    found = []
    for group in groups:
        run: list[Lines] = []
        for upper, lower in pairwise(group):
            left, right = min(upper[0], lower[0]), max(upper[1], lower[1])
            lines = _inside(sheet, (left, float(upper[2]), right, float(lower[2])))
            # A single line may be a row whose other cells are empty.
            if len(lines) > 1 and not _in_rows(sheet, lines):
                found.append(run)
                run = []
            elif len(lines):
                run.append(lines)
        found.append(run)
    return [_with_next_rows(sheet, np.concatenate(run)) for run in found if run]


def _with_next_rows(sheet: Sheet, lines: Lines) -> Lines:
    """Return lines with the rows of several lines above and below them: the head, the sums."""
    edge = table_measures.RULES_MEET * sheet.line_height
    for side in (-1, 1):
        far = table_measures.LINE_STEP * sheet.line_height
        while True:
            left, top, right, bottom = sheet.bounds(lines)
            y = (top - far, top) if side < 0 else (bottom, bottom + far)
            every = _inside(sheet, (-np.inf, y[0], np.inf, y[1]))
            beside = (sheet.extents[every, 2] > left) & (sheet.extents[every, 0] < right)
            near = every[beside & ~np.isin(every, lines)]
            if not len(near):
                break
            rows = rows_of(sheet, near)
            nearest = near[rows == (rows.max() if side < 0 else 0)]
            first, _, last, _ = sheet.bounds(nearest)
            if len(nearest) < 2 or first < left - edge or last > right + edge:
                break
            lines = np.concatenate([lines, nearest])
            # Others of these rows are as close below each other as lines of text.
            far = table_measures.TEXT_GAP * sheet.line_height + sheet.line_height / 2
    return lines


def _in_rows(sheet: Sheet, lines: Lines) -> bool:
    """Return whether most lines have another beside them, and all are within one column of text."""
    middle = sheet.middle(lines)
    near = np.abs(middle[:, None] - middle) < table_measures.ROW_STEP * sheet.line_height
    return bool((near.sum(axis=1) > 1).mean() > 0.5)


def of_short_lines(sheet: Sheet) -> list[Lines]:
    """Return groups of short lines in rows and columns, with the labels of the rows."""
    growth = measures.BOX_GROWTH * sheet.line_height
    left, right = sheet.extents[:, 0] + growth, sheet.extents[:, 2] - growth
    short = right - left <= table_measures.SHORT_LINE * sheet.line_height
    free = ~sheet.are_large(np.arange(len(left)))
    seeds = np.flatnonzero(short & free)
    group = np.arange(len(left))
    for one, two in [*_beside(sheet, seeds, free), *_below(sheet, seeds)]:
        group[group == group[two]] = group[one]
    members = free & np.isin(group, group[seeds])
    parts = [np.flatnonzero(members & (group == g)) for g in np.unique(group[members])]
    parts = [
        piece for part in parts for piece in _at_wide_rows(sheet, part, table_measures.WIDE_ROW)
    ]
    parts = [_with_inner_lines(sheet, part, free) for part in parts]
    parts = [piece for part in parts for piece in _at_gutters(sheet, part)]
    return [part for part in parts if len(part) >= table_measures.TABLE_LINES]


def _at_wide_rows(sheet: Sheet, lines: Lines, share: float) -> list[Lines]:
    """Cut lines at the text between tables, and leave it out: rows that fill a share of the width.

    These are lines alone in their row; in grids also their pieces, cut where rules cross the text.
    """
    left, _, right, _ = sheet.bounds(lines)
    widths = sheet.extents[lines, 2] - sheet.extents[lines, 0]
    rows = rows_of(sheet, lines)
    wide = np.bincount(rows, widths)[rows] > share * (right - left)
    wide &= (np.bincount(rows)[rows] == 1) | (share > table_measures.WIDE_ROW)
    part = np.searchsorted(np.unique(rows[wide]), rows)
    return [lines[~wide & (part == i)] for i in np.unique(part[~wide])]


def _with_inner_lines(sheet: Sheet, lines: Lines, free: NDArray[np.bool_]) -> Lines:
    """Return lines with the free ones among them: the second lines of a cell."""
    inner = _inside(sheet, sheet.bounds(lines))
    return np.union1d(lines, inner[free[inner]])


def _at_gutters(sheet: Sheet, lines: Lines) -> list[Lines]:
    """Cut lines at white without lines across, if the lines on both sides are in different rows."""
    order = np.argsort(sheet.extents[lines, 0])
    reach = np.maximum.accumulate(sheet.extents[lines[order], 2])
    gaps = sheet.extents[lines[order][1:], 0] - reach[:-1]
    rows = rows_of(sheet, lines)
    for i in np.flatnonzero(gaps > table_measures.COLUMN_WHITE * sheet.line_height):
        before, after = order[: i + 1], order[i + 1 :]
        one, two = sheet.bounds(lines[before]), sheet.bounds(lines[after])
        top, bottom = max(one[1], two[1]), min(one[3], two[3])
        middle = sheet.middle(lines)
        beside = [
            {int(rows[k]) for k in side if top <= middle[k] <= bottom} for side in (before, after)
        ]
        least = min(map(len, beside))
        if least == 0 or len(beside[0] & beside[1]) < table_measures.SHARED_ROWS * least:
            return _at_gutters(sheet, lines[before]) + _at_gutters(sheet, lines[after])
    return [lines]


def _beside(sheet: Sheet, seeds: Lines, free: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield short lines and their nearest neighbours in their rows, on either side."""
    every = np.flatnonzero(free)
    one, two = sheet.extents[seeds][:, None], sheet.extents[every][None, :]
    shared = np.minimum(one[..., 3], two[..., 3]) - np.maximum(one[..., 1], two[..., 1])
    height = np.minimum(one[..., 3] - one[..., 1], two[..., 3] - two[..., 1])
    for gap in (two[..., 0] - one[..., 2], one[..., 0] - two[..., 2]):
        distance = np.where(
            (shared >= measures.SAME_ROW * height) & (gap > -sheet.line_height / 2), gap, np.inf
        )
        nearest = np.argmin(distance, axis=1)
        for i in np.flatnonzero(np.isfinite(distance[np.arange(len(seeds)), nearest])):
            pair = int(seeds[i]), int(every[nearest[i]])
            if pair[0] != pair[1] and not divided(sheet, *pair):
                yield pair


def _below(sheet: Sheet, seeds: Lines) -> Iterator[tuple[int, int]]:
    """Yield short lines and the nearest below with which they share an edge or their middle."""
    extents = sheet.extents[seeds]
    far = table_measures.EDGES_APART * sheet.line_height
    aligned = np.zeros((len(seeds), len(seeds)), dtype=bool)
    for edge in (extents[:, 0], extents[:, 2], (extents[:, 0] + extents[:, 2]) / 2):
        aligned |= np.abs(edge[:, None] - edge) <= far
    middle = sheet.middle(seeds)
    down = middle - middle[:, None]
    near = (down > sheet.line_height / 2) & (
        extents[:, 1] - extents[:, 3][:, None] <= table_measures.LINE_STEP * sheet.line_height
    )
    distance = np.where(aligned & near, down, np.inf)
    if not len(seeds):
        return
    nearest = np.argmin(distance, axis=1)
    for i in np.flatnonzero(np.isfinite(distance[np.arange(len(seeds)), nearest])):
        yield int(seeds[i]), int(seeds[nearest[i]])

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Gutters between columns of text, each with the evidence for it.

A gutter is a place (x) at which lines end and lines begin side by side. Its evidence is a sum of
log odds: how wide the white is, whether a rule is printed in it, how many lines stand beside it,
whether these begin below each other, and whether they are the cells of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from . import measures
from .sheet import Lines, Numbers, Sheet


@dataclass(frozen=True, eq=False)
class Gutter:
    """A gutter between two columns.

    Attributes:
        evidence: log odds that columns stand on its two sides, in the rows that have both.
        x: its middle.
        width: width of the gap, in pixels; negative if boxes run into a rule.
        across: runs of lines that span it, without a line beside it between them.
        reach: the heights (y) of the first and the last row that has both columns.
    """

    evidence: float
    x: float
    width: float
    across: tuple[Lines, ...]
    reach: tuple[float, float]


def best_gutter(sheet: Sheet, lines: Lines) -> Gutter | None:
    """Return the gutter with the most evidence, or ``None``."""
    return max(find_gutters(sheet, lines), key=lambda gutter: gutter.evidence, default=None)


def find_gutters(sheet: Sheet, lines: Lines, known: Sequence[Gutter] = ()) -> list[Gutter]:
    """Return the gutters with more evidence for than against them, from left to right.

    Of places with the same lines on both sides, the one with the most evidence is the gutter; a
    line across it weighs against it.

    Args:
        sheet: the page.
        lines: lines of it.
        known: gutters above them: a few lines below these stand in the same columns.
    """
    if len(lines) < 2:
        return []
    rows = _Rows.of(sheet, lines)
    found = [gutter for x in _places(sheet, lines) for gutter in _gutters_at(rows, x)]
    worth = {gutter: _worth(sheet, gutter) for gutter in found}
    if max(worth.values(), default=0.0) <= 0:
        # A few short columns below a heading, which is no evidence against them alone.
        worth = {gutter: _worth(sheet, gutter, beyond=False) for gutter in found}
    least = measures.LEAST_WORTH * max(worth.values(), default=0.0)
    found = [gutter for gutter in found if worth[gutter] > max(least, 0.0)]
    found.sort(key=lambda one: (worth[one], one.width, -one.x), reverse=True)
    centres = np.sort(sheet.centre(lines))
    kept: list[Gutter] = []
    for one in found:
        places = np.searchsorted(centres, [[one.x, other.x] for other in kept] or [[0.0, 0.0]])
        between = np.abs(places[:, 1] - places[:, 0])
        if not kept or between.min() >= measures.FEWEST_LINES_BETWEEN_GUTTERS:
            kept.append(one)
    if not kept:
        kept = [again for one in known for again in _known_at(rows, one)]
    return sorted(kept, key=lambda gutter: gutter.x)


def _known_at(rows: _Rows, known: Gutter) -> list[Gutter]:
    """Return a known gutter as one of a few lines more, as a list; empty if it is none of them."""
    found = _gutter_at(rows, known.x)
    if found is None or found.across:
        return []
    evidence = found.evidence + min(known.evidence, measures.KNOWN_GUTTER_EVIDENCE)
    return [replace(found, evidence=evidence)] if evidence > 0 else []


def _worth(sheet: Sheet, gutter: Gutter, *, beyond: bool = True) -> float:
    """Return the evidence of a gutter less the cost of the lines that span it.

    Args:
        sheet: the page.
        gutter: the gutter.
        beyond: whether lines above and below both columns count.
    """
    cost = 0.0
    for run in gutter.across:
        middle = sheet.middle(run)
        if not beyond and (middle.max() < gutter.reach[0] or middle.min() > gutter.reach[1]):
            continue
        is_large = sheet.are_large(run).any()
        cost += measures.LARGE_RUN_COST if is_large else measures.ACROSS_RUN_COST
        cost += measures.ACROSS_LINE_COST * (len(run) - 1)
    return gutter.evidence - cost


def numbers_beyond(sheet: Sheet, lines: Lines, gutter: Gutter) -> Lines:
    """Return the page numbers above and below a gutter, in neither column."""
    outermost = lines[[int(sheet.middle(lines).argmin()), int(sheet.middle(lines).argmax())]]
    first, last = gutter.reach
    middle = sheet.middle(outermost)
    width = sheet.extents[outermost, 2] - sheet.extents[outermost, 0]
    beyond = (middle < first) | (middle > last)
    beyond &= np.abs(sheet.centre(outermost) - gutter.x) < gutter.width / 2
    beyond &= width <= measures.ROW_NUMBER_WIDTH * sheet.line_height
    return np.asarray(outermost[beyond], dtype=np.intp)


def _places(sheet: Sheet, lines: Lines) -> list[float]:
    """Return places that fewer lines cover than the places beside them, and the rules."""
    growth = measures.BOX_GROWTH * sheet.line_height
    left = np.sort(sheet.extents[lines, 0] + growth)
    right = np.sort(sheet.extents[lines, 2] - growth)
    edges = np.unique(np.concatenate([left, right]))
    middles = (edges[1:] + edges[:-1]) / 2
    covering = np.searchsorted(left, middles) - np.searchsorted(right, middles)
    beyond = np.concatenate([[len(lines)], covering, [len(lines)]])
    lowest = (covering <= beyond[:-2]) & (covering <= beyond[2:])
    first, _, last, _ = sheet.bounds(lines)
    rules = [x for x, _, _ in sheet.vertical if first < x < last]
    return [float(x) for x in (*_sparse(middles[lowest], covering[lowest], sheet), *rules)]


def _sparse(places: Numbers, covering: NDArray[np.intp], sheet: Sheet) -> list[float]:
    """Return the places that the fewest lines cover among those close to each other."""
    order = np.lexsort((places, covering))
    kept: list[float] = []
    near = measures.PLACES_APART * sheet.line_height
    for i in order:
        if all(abs(places[i] - other) >= near for other in kept):
            kept.append(float(places[i]))
    return kept


@dataclass(frozen=True)
class _Rows:
    """Where the lines of a set stand along the height of the page.

    Attributes:
        sheet: the page.
        lines: the lines.
        levels: heights (y) at half a line's distance, shape (Y,).
        at: whether each line stands at each level, shape (lines, Y).
    """

    sheet: Sheet
    lines: Lines
    levels: Numbers
    at: NDArray[np.bool_]

    @classmethod
    def of(cls, sheet: Sheet, lines: Lines) -> _Rows:
        _, top, _, bottom = sheet.bounds(lines)
        step = sheet.line_height / 2
        count = min(round((bottom - top) / step) + 1, measures.MOST_LEVELS)
        levels = np.linspace(top, bottom, count, dtype=np.float32)
        extents = sheet.extents[lines]
        # The white between two lines of a column is the column's, too.
        near = step / 2
        at = (extents[:, 1, None] - near <= levels) & (levels <= extents[:, 3, None] + near)
        return cls(sheet, lines, levels, at)


def _gutters_at(rows: _Rows, x: float) -> list[Gutter]:
    """Return the gutter at a place, if there is one, as a list."""
    first = _gutter_at(rows, x)
    if first is None:
        return []
    found = [first]
    if first.x != x and (first.across or first.evidence <= 0):
        # Ragged lines and narrow ones reach into the gap: fewer may span its middle.
        found += [again for again in [_gutter_at(rows, first.x)] if again is not None]
    best = max(found, key=lambda gutter: _worth(rows.sheet, gutter))
    return [best] if best.evidence > 0 else []


def _gutter_at(rows: _Rows, x: float) -> Gutter | None:
    """Return the place as a gutter with its evidence; ``None`` if no lines stand side by side."""
    sheet, lines = rows.sheet, rows.lines
    across = spanning(sheet, lines, x)
    before = ~across & (sheet.centre(lines) < x)
    after = ~across & ~before
    if not before.any() or not after.any():
        return None
    growth = measures.BOX_GROWTH * sheet.line_height
    begins = np.where(rows.at[after], (sheet.extents[lines[after], 0] + growth)[:, None], np.inf)
    ends = np.where(rows.at[before], (sheet.extents[lines[before], 2] - growth)[:, None], -np.inf)
    nearest_after, nearest_before = begins.argmin(axis=0), ends.argmax(axis=0)
    at = np.arange(len(rows.levels))
    begin, end = begins[nearest_after, at], ends[nearest_before, at]
    both = np.isfinite(begin) & np.isfinite(end)
    spanned = np.asarray(rows.at[across].any(axis=0))
    # Between lines that span the place, there is no room for others.
    spanned[1:-1] = spanned[1:-1] | spanned[:-2] | spanned[2:]
    both &= ~spanned
    if not both.any():
        return None
    beside_after = lines[after][np.unique(nearest_after[both])]
    beside_before = lines[before][np.unique(nearest_before[both])]
    # A few lines may stick out: columns are not perfectly straight.
    start = float(np.quantile(begin[both], measures.STICKING_OUT))
    stop = float(np.quantile(end[both], 1 - measures.STICKING_OUT))
    near = max((start - stop) / 2, 0.0) + measures.RULE_ASIDE * sheet.line_height
    middle = (start + stop) / 2
    ruled, place = _ruled(sheet, rows.levels[both], middle, near)
    # Of the places that part the lines alike, the rule or the middle of the gap is the best.
    for better in (middle, place):
        if better is not None and 0 < (sheet.centre(lines) < better).sum() < len(lines):
            x = better
    evidence = (
        _of_lines(sheet, beside_before, beside_after, float(both.sum()) / 2, ruled)
        + _of_width((start - stop) / sheet.line_height, ruled)
        + _of_edges(sheet, begin[both], end[both])
        * min((min(len(beside_before), len(beside_after)) - 1) / measures.ALIGNED_LINES, 1.0)
        + measures.RULED_GUTTER_EVIDENCE * ruled
        + _of_rows(sheet, beside_before, beside_after)
    )
    levels = rows.levels[both]
    reach = float(levels[0]), float(levels[-1])
    return Gutter(evidence, x, start - stop, _runs(rows, across, both), reach)


def _runs(rows: _Rows, across: NDArray[np.bool_], both: NDArray[np.bool_]) -> tuple[Lines, ...]:
    """Return the runs of lines that span a gutter, from top to bottom.

    Args:
        rows: the lines.
        across: which of them span the gutter.
        both: at which levels lines stand on both sides; between two runs, they do for a while.
    """
    middle = rows.sheet.middle(rows.lines)[across]
    order = np.argsort(middle, kind="stable")
    beside = np.searchsorted(rows.levels[both], middle[order])
    apart = np.flatnonzero(np.diff(beside) >= measures.LEVELS_BETWEEN_RUNS) + 1
    run = rows.lines[across][order]
    return tuple(np.split(run, apart)) if len(run) else ()


def _of_lines(sheet: Sheet, before: Lines, after: Lines, levels: float, ruled: float) -> float:
    """Return the evidence of the number of lines that stand side by side.

    Args:
        sheet: the page.
        before: the lines that end at the gutter.
        after: those that begin at it.
        levels: the height that both have, in line heights.
        ruled: share of it with a printed rule.
    """
    fewer = min(_count(sheet, before), _count(sheet, after), levels)
    evidence = measures.RULED_LINE_EVIDENCE if ruled > 0.5 else measures.GUTTER_LINE_EVIDENCE
    return float(np.interp(fewer, measures.GUTTER_LINES, evidence))


def _count(sheet: Sheet, lines: Lines) -> float:
    """Return the number of lines; a line of large letters counts as those that it is as high as."""
    height = sheet.extents[lines, 3] - sheet.extents[lines, 1]
    is_long = sheet.extents[lines, 2] - sheet.extents[lines, 0] > measures.LONG_BOX * height
    return float(np.where(is_long, np.maximum(height / sheet.line_height, 1.0), 1.0).sum())


def _of_width(width: float, ruled: float) -> float:
    """Return the evidence of the width of a gap, in line heights."""
    narrowest = measures.NARROWEST_RULED_GUTTER if ruled > 0.5 else measures.NARROWEST_GUTTER
    excess = measures.GUTTER_WIDTH_EVIDENCE * (width - narrowest)
    return float(np.clip(excess, measures.NO_GUTTER_EVIDENCE, measures.LARGEST_WIDTH_EVIDENCE))


def _of_edges(sheet: Sheet, begin: Numbers, end: Numbers) -> float:
    """Return the evidence of lines that begin, and end, below each other."""
    near = measures.EDGE_ALIGNED * sheet.line_height
    aligned = [
        float((np.abs(edges - np.median(edges)) <= near).mean()) - 0.5 for edges in (begin, end)
    ]
    return measures.LEFT_EDGE_EVIDENCE * aligned[0] + measures.RIGHT_EDGE_EVIDENCE * aligned[1]


def _ruled(sheet: Sheet, levels: Numbers, x: float, near: float) -> tuple[float, float | None]:
    """Return which share of levels has a vertical rule at a place, and where this rule is."""
    rules = sheet.vertical[np.abs(sheet.vertical[:, 0] - x) <= near]
    if not len(rules):
        return 0.0, None
    edge = sheet.line_height
    at = (rules[:, 1, None] - edge <= levels) & (levels <= rules[:, 2, None] + edge)
    share = float(at.any(axis=0).mean())
    return share, float(np.median(rules[:, 0])) if share > 0.5 else None


def _of_rows(sheet: Sheet, before: Lines, after: Lines) -> float:
    """Return the evidence of how lines on both sides stand in rows.

    Cells of a table stand in the same rows, as do the numbers of entries, the fields of forms and
    titles on both sides of a vignette. Notes may, but there are several lines of each note, and
    text without a note.
    """
    if _are_titles(sheet, before, after):
        return -measures.CELL_EVIDENCE
    narrower, wider = sorted((before, after), key=lambda side: usual_width(sheet, side))
    width = usual_width(sheet, narrower)
    apart = np.abs(sheet.middle(narrower)[:, None] - sheet.middle(wider)[None, :])
    same_row = apart < measures.CELL_ROW_HEIGHT * sheet.line_height
    paired, paired_wider = float(same_row.any(axis=1).mean()), float(same_row.any(axis=0).mean())
    evidence = measures.SAME_ROWS_EVIDENCE * (0.5 - paired)
    if _are_fields(sheet, before, after):
        return evidence - measures.CELL_EVIDENCE
    if paired < measures.CELL_ROWS or width > measures.CELL_WIDTH:
        return evidence
    if paired_wider >= measures.CELL_ROWS:
        return evidence - measures.CELL_EVIDENCE
    pitch = np.diff(np.sort(sheet.middle(narrower)))
    stacked = (
        float((pitch < measures.STACKED_PITCH * sheet.line_height).mean()) if len(pitch) else 0
    )
    single = width <= measures.ROW_NUMBER_WIDTH and stacked < measures.STACKED_NOTES
    return evidence - (measures.CELL_EVIDENCE if single else 0.0)


def _are_titles(sheet: Sheet, before: Lines, after: Lines) -> bool:
    """Return whether lines larger than text stand on both sides, each level with another."""
    if min(len(before), len(after)) < 2 or len(before) != len(after):
        return False
    one, two = (side[np.argsort(sheet.middle(side))] for side in (before, after))
    lower = np.minimum(sheet.heights[one], sheet.heights[two])
    apart = np.abs(sheet.middle(one) - sheet.middle(two))
    large = lower >= measures.TITLE_SIZE * sheet.line_height
    return bool(large.all() and (apart < (1 - measures.SAME_ROW) * lower).all())


def _are_fields(sheet: Sheet, before: Lines, after: Lines) -> bool:
    """Return whether lines are rows of fields of a form: far apart, and of all widths."""
    for side in (before, after):
        pitch = np.diff(np.sort(sheet.middle(side)))
        pitch = pitch[pitch > measures.SAME_ROW * sheet.line_height]
        width = sheet.extents[side, 2] - sheet.extents[side, 0]
        if len(pitch) < 2 or np.median(pitch) < measures.FIELD_PITCH * sheet.line_height:
            return False
        if np.median(width) > measures.FIELD_FILL * (
            sheet.extents[side, 2].max() - sheet.extents[side, 0].min()
        ):
            return False
    # Rows so far apart are the same where lines are level at all, as a label and a value are.
    apart = np.abs(sheet.middle(before)[:, None] - sheet.middle(after)[None, :])
    same_row = apart < measures.SAME_ROW * sheet.line_height
    paired = min(float(same_row.any(axis=axis).mean()) for axis in (0, 1))
    return paired >= measures.CELL_ROWS


def usual_width(sheet: Sheet, lines: Lines) -> float:
    """Return the median width of lines, in line heights."""
    width = sheet.extents[lines, 2] - sheet.extents[lines, 0]
    return float(np.median(width)) / sheet.line_height


def spanning(sheet: Sheet, lines: Lines, x: float) -> NDArray[np.bool_]:
    """Return which lines reach well beyond a gutter on both sides."""
    left, right = sheet.extents[lines, 0], sheet.extents[lines, 2]
    overhang = np.minimum(x - left, right - x)
    # A page number below the gutter is narrow, but spans it.
    narrow = measures.NARROW_OVERHANG * (right - left)
    return np.asarray(overhang > np.minimum(measures.OVERHANG * sheet.line_height, narrow))


def sides(sheet: Sheet, lines: Lines, x: float) -> tuple[Lines, Lines]:
    """Return the lines before and after a gutter."""
    before = sheet.centre(lines) < x
    return lines[before], lines[~before]


def intervals(sheet: Sheet, lines: Lines, gutters: list[Gutter]) -> list[tuple[float, float]]:
    """Return left and right of the columns between gutters."""
    left, _, right, _ = sheet.bounds(lines)
    return list(pairwise([left, *(gutter.x for gutter in gutters), right]))

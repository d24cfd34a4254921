# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Gutters between columns of text, and notes beside the text.

A gutter is a place (x) at which enough lines end and enough begin side by side. Lines and rules
that span it cut the page into bands; the gutter holds in bands with lines on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import measures
from .sheet import Lines, Numbers, Sheet


@dataclass(frozen=True, order=True)
class Gutter:
    """A gutter between two columns; the greater the better.

    Attributes:
        separated: number of lines in the bands where it holds.
        width: width of the gap, in pixels; negative if boxes run into a rule.
        x: its middle.
    """

    separated: int
    width: float
    x: float


def best_gutter(sheet: Sheet, lines: Lines) -> Gutter | None:
    """Return the gutter that separates the most lines, the widest of equals, or ``None``."""
    if len(lines) < 2:
        return None
    found = (_gutter_at(sheet, lines, x) for x in _candidates(sheet, lines))
    return max((gutter for gutter in found if gutter is not None), default=None)


def _candidates(sheet: Sheet, lines: Lines) -> list[float]:
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
    return [float(x) for x in (*middles[lowest], *rules)]


@dataclass(frozen=True)
class _Sides:
    """The lines on both sides of a gutter, in all bands where it holds.

    Attributes:
        starts: where the lines after it begin.
        ends: where the lines before it end.
        rules: x of the printed rules in it.
    """

    starts: Numbers
    ends: Numbers
    rules: list[float]

    @property
    def separated(self) -> int:
        return len(self.starts) + len(self.ends)


def _sides_at(sheet: Sheet, lines: Lines, x: float) -> _Sides | None:
    """Return the lines on both sides of a place, if they are columns in some band."""
    found: list[_Sides] = []
    growth = measures.BOX_GROWTH * sheet.line_height
    for band in bands(sheet, lines, x):
        before, after = sides(sheet, band, x)
        if spanning(sheet, band, x).any() or not len(before) or not len(after):
            continue
        rules = _rules_if_columns(sheet, before, after, x)
        if rules is not None:
            starts, ends = sheet.extents[after, 0] + growth, sheet.extents[before, 2] - growth
            found.append(_Sides(starts, ends, rules))
    if not found:
        return None
    return _Sides(
        np.concatenate([band.starts for band in found]),
        np.concatenate([band.ends for band in found]),
        [x for band in found for x in band.rules],
    )


def _gutter_at(sheet: Sheet, lines: Lines, x: float) -> Gutter | None:
    """Return the gutter at a place, if there is one."""
    found = _sides_at(sheet, lines, x)
    if found is None:
        return None
    # A few lines may stick out: columns are not perfectly straight.
    start, end = float(np.quantile(found.starts, 0.1)), float(np.quantile(found.ends, 0.9))
    # Lines across the middle of the gap span it. If there are too many, it is another gap.
    middle = (start + end) / 2
    centred = _sides_at(sheet, lines, middle)
    if centred is not None and centred.separated >= measures.GUTTER_MIDDLE * found.separated:
        found = centred
    else:
        start = min(start, float(found.starts[found.starts >= x].min(initial=start)))
        end = max(end, float(found.ends[found.ends <= x].max(initial=end)))
        middle = (start + end) / 2
    ruled, plain = measures.NARROWEST_RULED_GUTTER, measures.NARROWEST_GUTTER
    if start - end < (ruled if found.rules else plain) * sheet.line_height:
        return None
    place = float(np.median(found.rules)) if found.rules else middle
    return Gutter(found.separated, start - end, place)


def _rules_if_columns(sheet: Sheet, before: Lines, after: Lines, x: float) -> list[float] | None:
    """Return the x of the rules between two groups of lines; ``None`` if they are not columns."""
    rules = _rules_between(sheet, before, after, x)
    fewest = 1 if rules else measures.GUTTER_LINES
    return rules if _are_columns(sheet, before, after, fewest) else None


def _rules_between(sheet: Sheet, before: Lines, after: Lines, place: float) -> list[float]:
    """Return the x of the printed rules between two columns, close to a place."""
    one, two = sheet.bounds(before), sheet.bounds(after)
    top, bottom = max(one[1], two[1]), min(one[3], two[3])
    found = []
    for x, start, end in sheet.vertical:
        covered = min(end, bottom) - max(start, top)
        inside = (sheet.centre(before) < x).all() and (x < sheet.centre(after)).all()
        inside &= abs(x - place) <= measures.RULE_OVERHANG * sheet.line_height
        if inside and covered > measures.GUTTER_RULE * max(bottom - top, sheet.line_height):
            found.append(float(x))
    return found


def _are_columns(sheet: Sheet, before: Lines, after: Lines, fewest: int) -> bool:
    """Return whether two groups of lines stand side by side as columns of text."""
    if min(len(before), len(after)) < fewest:
        return False
    one, two = sheet.bounds(before), sheet.bounds(after)
    shared = min(one[3], two[3]) - max(one[1], two[1])
    # Lines below each other fill their heights, a single line hardly does.
    needed = fewest if fewest > 1 else measures.SAME_ROW
    return shared >= needed * sheet.line_height and not _are_cells(sheet, before, after)


def _are_cells(sheet: Sheet, before: Lines, after: Lines) -> bool:
    """Return whether one of two groups holds the numbers of the other's rows."""
    fewer, more = sorted((before, after), key=lambda side: usual_width(sheet, side))
    width = usual_width(sheet, fewer)
    apart = np.abs(sheet.middle(fewer)[:, None] - sheet.middle(more)[None, :])
    same_row = apart < measures.SAME_ROW * sheet.line_height
    paired_fewer, paired_more = same_row.any(axis=1).mean(), same_row.any(axis=0).mean()
    if paired_fewer < measures.CELL_ROWS:
        return False
    if width <= measures.ROW_NUMBER_WIDTH:
        return True
    return bool(width <= measures.CELL_WIDTH and paired_more >= measures.CELL_ROWS)


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


def bands(sheet: Sheet, lines: Lines, x: float) -> list[Lines]:
    """Cut lines into bands, from top to bottom, wherever lines or rules span a gutter.

    Returns:
        Bands with lines on both sides and no line across the gutter; and between them, bands of
        lines that span it or have nothing beside them.
    """
    across = lines[spanning(sheet, lines, x)]
    found: list[Lines] = []
    # Runs between two bands in columns, and whether they have lines on both sides.
    stretch: list[tuple[Lines, bool]] = []
    for run, is_spanning in _runs(sheet, lines, x):
        before, after = sides(sheet, run, x)
        if is_spanning or not len(before) or not len(after) or _stand_beside(sheet, run, across):
            stretch.append((run, False))
        elif _rules_if_columns(sheet, before, after, x) is None:
            stretch.append((run, True))
        else:
            found += [*_merged(stretch), run]
            stretch = []
    return found + _merged(stretch)


def _merged(stretch: list[tuple[Lines, bool]]) -> list[Lines]:
    """Join runs that have nothing beside them, and the few between them that do.

    A few short columns between headings are columns, a few pairs within a text are its lines.
    """
    single = sum(len(run) for run, is_pair in stretch if not is_pair)
    pairs = sum(len(run) for run, is_pair in stretch if is_pair)
    is_text = single > measures.GUTTER_HEADING_LINES and single >= pairs
    merged: list[list[Lines]] = []
    previous = True
    for run, is_pair in stretch:
        if (is_pair and not is_text) or previous:
            merged.append([])
        merged[-1].append(run)
        previous = is_pair and not is_text
    return [np.concatenate(runs) for runs in merged]


def _stand_beside(sheet: Sheet, run: Lines, across: Lines) -> bool:
    """Return whether most lines of a run are in one row with lines that span the gutter.

    Then the place is not a gutter there, but inside a column between two others.
    """
    one, two = sheet.extents[run][:, None], sheet.extents[across][None, :]
    shared = np.minimum(one[..., 3], two[..., 3]) - np.maximum(one[..., 1], two[..., 1])
    same_row = (shared > measures.SAME_ROW * sheet.line_height).any(axis=1)
    return bool(same_row.mean() > 0.5)


def _runs(sheet: Sheet, lines: Lines, x: float) -> list[tuple[Lines, bool]]:
    """Return runs of lines from top to bottom, and whether they span a gutter."""
    ordered = lines[np.argsort(sheet.middle(lines), kind="stable")]
    spans = spanning(sheet, ordered, x)
    far = measures.RULE_OVERHANG * sheet.line_height
    across = (sheet.horizontal[:, 0] + far < x) & (x < sheet.horizontal[:, 1] - far)
    # The gap between rules that a line is in.
    part = np.searchsorted(np.sort(sheet.horizontal[across, 2]), sheet.middle(ordered))
    changes = np.flatnonzero((spans[1:] != spans[:-1]) | (part[1:] != part[:-1])) + 1
    return [
        (run, bool(spans[start]))
        for start, run in zip([0, *changes], np.split(ordered, changes), strict=True)
    ]


def beside(sheet: Sheet, lines: Lines) -> tuple[Lines, list[Lines]]:
    """Separate the lines of a column from notes in its margins.

    Returns:
        The lines of the column, and the notes from top to bottom.
    """
    left, right = sheet.extents[lines, 0], sheet.extents[lines, 2]
    is_wide = right - left >= measures.TEXT_LINE_WIDTH * np.quantile(right - left, 0.9)
    text = lines[is_wide]
    growth = measures.BOX_GROWTH * sheet.line_height
    start = float(np.quantile(sheet.extents[text, 0], 0.1)) + growth
    end = float(np.quantile(sheet.extents[text, 2], 0.9)) - growth
    before, after = ~is_wide & (right - growth < start), ~is_wide & (left + growth > end)
    notes = []
    for outside in (lines[before], lines[after & ~before]):
        notes += [group for group in _stacks(sheet, outside) if _is_note(sheet, group, text)]
    if not notes:
        return lines, []
    notes.sort(key=lambda note: sheet.bounds(note)[1])
    return lines[~np.isin(lines, np.concatenate(notes))], notes


def _stacks(sheet: Sheet, lines: Lines) -> list[Lines]:
    """Cut lines at gaps of more than one line."""
    if not len(lines):
        return []
    ordered = lines[np.argsort(sheet.middle(lines), kind="stable")]
    gaps = sheet.extents[ordered[1:], 1] - sheet.extents[ordered[:-1], 3]
    return np.split(ordered, np.flatnonzero(gaps > sheet.line_height) + 1)


def _is_note(sheet: Sheet, group: Lines, text: Lines) -> bool:
    """Return whether lines in the margin are a note on the text beside them."""
    left, top, right, bottom = sheet.bounds(group)
    middle = sheet.middle(text)
    if not ((top < middle) & (middle < bottom)).any():
        return False
    if usual_width(sheet, group) <= measures.ROW_NUMBER_WIDTH:
        return False
    wide = right - left >= measures.MARGIN_NOTE_WIDTH * sheet.line_height
    return wide or len(group) >= measures.MARGIN_NOTE_LINES

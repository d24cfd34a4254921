# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cuts across columns: all that stands above is read before all that stands below.

A cut goes from column to column through the gaps between their lines. Each gap is evidence: for the
cut if a rule is printed in it, or if it is white and wide, against it if the text runs on. A rule
need not be in one piece: a piece in each column is as good. So it need not be level, either, as
each column has its own gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import measures
from .columns import Gutter, intervals
from .sheet import Lines, Numbers, Sheet


@dataclass(frozen=True)
class RowCut:
    """A cut across neighboring columns.

    Attributes:
        evidence: log odds that everything above is read before anything below.
        above: which of the lines are above.
        first: number of the first column that is cut, from 0.
        last: number of the last one.
        whole: whether no column goes on beside it.
    """

    evidence: float
    above: NDArray[np.bool_]
    first: int
    last: int
    whole: bool


@dataclass(frozen=True)
class _Column:
    """The gaps of a column, from top to bottom; as many as it has rows, less one.

    Attributes:
        members: positions (among all lines) of its rows from top to bottom, shape (N,).
        top: where each gap begins, shape (N - 1,).
        bottom: where each gap ends.
        white: log odds of its width that it ends what is read together.
        ruled: whether a printed rule is in it.
        rule: height (y) of this rule.
        marked: whether a rule of any length is in it.
        most: most log odds of the gap, as similar ones are frequent in the column.
        size: size of the letters above each gap and below it, as logarithms, shape (N - 1, 2).
        ends: the middle heights of its first row and its last one.
    """

    members: NDArray[np.intp]
    top: Numbers
    bottom: Numbers
    white: Numbers
    ruled: NDArray[np.bool_]
    rule: Numbers
    marked: NDArray[np.bool_]
    most: Numbers
    size: Numbers
    ends: tuple[float, float]

    @property
    def evidence(self) -> Numbers:
        """Log odds that each gap ends what is read together."""
        return np.minimum(_with_rule(self.white, self.ruled), self.most)

    def gap_at(self, y: float, near: float) -> int | None:
        """Return the gap near a height with the most evidence, if the height is in the column.

        ``None`` if the column has no lines above or none below.
        """
        if not len(self.top):
            return None
        apart = np.maximum(np.maximum(self.top - y, y - self.bottom), 0)
        if y < self.top[0] - near or y > self.bottom[-1] + near:
            return None
        close = np.flatnonzero(apart <= near)
        if not len(close):
            return int(apart.argmin())
        best = int(close[np.argmax(self.evidence[close] - apart[close] / (10 * near))])
        beyond = y < self.ends[0] or y > self.ends[1]
        return None if beyond and self.evidence[best] < 0 else best


class RowCuts:
    """The cuts across the columns of a set of lines."""

    def __init__(
        self, sheet: Sheet, lines: Lines, gutters: list[Gutter], *, is_part: bool = False
    ) -> None:
        """Find the gaps of all columns.

        Args:
            sheet: the page.
            lines: at least two lines.
            gutters: the gutters between their columns, from left to right, at least one.
            is_part: whether more columns stand beside them, which are not cut.
        """
        self._is_part = is_part
        self._sheet, self._lines, self._gutters = sheet, lines, gutters
        self._middle = sheet.middle(lines)
        extents = sheet.extents[lines]
        centre = sheet.centre(lines)
        across = np.zeros(len(lines), dtype=bool)
        for gutter in gutters:
            for run in gutter.across:
                across |= np.isin(lines, run)
        self._across = across
        self._columns = []
        for left, right in intervals(sheet, lines, gutters):
            shared = np.minimum(extents[:, 2], right) - np.maximum(extents[:, 0], left)
            inside = (left <= centre) & (centre <= right) & ~across
            inside |= across & (shared > sheet.line_height)
            self._columns.append(self._column(np.flatnonzero(inside), left, right))
        self._home = np.searchsorted([gutter.x for gutter in gutters], centre)

    def _column(self, members: NDArray[np.intp], left: float, right: float) -> _Column:
        sheet = self._sheet
        members = members[np.argsort(self._middle[members], kind="stable")]
        lines = self._lines[members]
        middle = sheet.middle(lines)
        ends = (float(middle[0]), float(middle[-1])) if len(members) else (0.0, 0.0)
        if len(members) < 2:
            none = np.zeros(0, np.float32)
            return _Column(
                members, none, none, none, none > 0, none, none > 0, none, none.reshape(0, 2), ends
            )
        extents, height = sheet.extents[lines], sheet.line_height
        top = np.maximum.accumulate(extents[:, 3])[:-1]
        bottom = np.minimum.accumulate(extents[::-1, 1])[::-1][1:]
        excess = (bottom - top) / height - sheet.usual_gap
        white = np.interp(excess, measures.GAP_EXCESS, measures.GAP_EVIDENCE).astype(np.float32)
        size = _around_gaps(np.log(sheet.heights[lines] / height + 1e-6))
        changes = np.abs(size[:, 0] - size[:, 1]) > measures.TYPE_SIZE_CHANGE
        white += np.where(changes, np.float32(measures.TYPE_SIZE_EVIDENCE), np.float32(0))
        # The width of the column as its lines show it: rules may be longer.
        own = extents[~self._across[members]] if (~self._across[members]).any() else extents
        left = max(left, float(np.quantile(own[:, 0], 0.1)))
        right = min(right, float(np.quantile(own[:, 2], 0.9)))
        low, high = np.minimum(top, bottom), np.maximum(top, bottom)
        share, rule = sheet.ruled(low, high, left, right)
        # No rule is between two lines of one row.
        share = np.where(top - bottom < measures.SAME_ROW * height, share, np.float32(0))
        ruled = share >= measures.RULED_COLUMN
        lines_high = float(extents[:, 3].max() - extents[:, 1].min()) / height
        most = _most(white, ruled, lines_high)
        return _Column(
            members, low, high, white, ruled, rule, share > measures.MARKED_COLUMN, most, size, ends
        )

    def all(self) -> list[RowCut]:
        """Return the cuts with more evidence for than against them."""
        found = (
            self._best_at(float(column.top[i]), float(column.bottom[i]), float(column.rule[i]))
            for column in self._columns
            for i in np.flatnonzero(column.evidence > measures.LIKELY_GAP)
        )
        return [cut for cut in found if cut is not None and cut.evidence > 0]

    def crossed(self, run: Lines) -> int:
        """Return how many gutters lines span."""
        return sum(any(np.isin(run, other).any() for other in g.across) for g in self._gutters)

    def beside(self, run: Lines) -> float:
        """Return the log odds of cuts above and below lines that span a gutter.

        If the text runs on at both sides, they are lines of columns that touch. At one side, they
        may stand close to the text, as titles do.
        """
        extents = self._sheet.extents[run]
        group = np.flatnonzero(np.isin(self._lines, run))
        above = self._middle < self._middle[group].min()
        below = self._middle > self._middle[group].max()
        found = []
        for y, others in ((extents[:, 1].min(), above), (extents[:, 3].max(), below)):
            if others.any():
                found.append(
                    [
                        float(column.evidence[gap])
                        for column in self._columns
                        if np.isin(group, column.members).any()
                        and (gap := column.gap_at(float(y), self._near)) is not None
                    ]
                )
        if len(found) < 2 or max(sum(side) for side in found) >= 0:
            found = [[max(gap, measures.SPANNING_EVIDENCE) for gap in side] for side in found]
        return sum(sum(side) + measures.SPANNING_CUT_PRIOR for side in found)

    @property
    def _near(self) -> float:
        return measures.CUT_LEVEL * self._sheet.line_height

    def _best_at(self, top: float, bottom: float, rule: float) -> RowCut | None:
        """Return the cut at the end of a gap, across the columns that it suits best.

        Args:
            top: where the gap begins.
            bottom: where it ends.
            rule: height of the rule in it.
        """
        y = min(bottom, rule + self._near)
        gaps = [column.gap_at(y, self._near) for column in self._columns]
        above = self._above(gaps, y)
        if above.all() or not above.any():
            return None
        single = [self._few_rows(above), self._few_rows(~above)]
        alone = measures.BESIDE_SINGLE_EVIDENCE if any(single) else 0.0
        of_columns = [
            alone if gap is None else self._of_gap(column, gap, top, bottom, rule)
            for column, gap in zip(self._columns, gaps, strict=True)
        ]
        of_gutters = [self._across_gutter(i, gaps, y) for i in range(len(self._gutters))]
        few = measures.FEW_ROWS_EVIDENCE if any(single) else 0.0
        best: tuple[float, int, int, bool] | None = None
        for first in range(len(gaps)):
            total = few
            for last in range(first, len(gaps)):
                total += of_columns[last]
                if last > first:
                    total += of_gutters[last - 1]
                    cut = sum(gap is not None for gap in gaps[first : last + 1])
                    unlike = self._unlike(gaps, first, last)
                    enough = cut > 1 or (cut == 1 and any(single))
                    beyond = [*gaps[:first], *gaps[last + 1 :]]
                    whole = all(gap is None for gap in beyond)
                    worth = (
                        total
                        - unlike
                        + (
                            measures.CUT_PRIOR
                            if whole and not self._is_part
                            else measures.PART_CUT_PRIOR
                        )
                    )
                    if enough and (best is None or worth > best[0]):
                        best = worth, first, last, whole
        if best is None:
            return None
        evidence, first, last, whole = best
        return RowCut(evidence - self._inconsistent(gaps, above), above, first, last, whole)

    def _unlike(self, gaps: list[int | None], first: int, last: int) -> float:
        """Return the evidence against a cut of columns that differ at it.

        A note has smaller letters than the text beside it, and is not below the other columns, nor
        is the rule above it.
        """
        cut = [
            (column, gap)
            for column, gap in zip(
                self._columns[first : last + 1], gaps[first : last + 1], strict=True
            )
            if gap is not None
        ]
        if len(cut) < 2:
            return 0.0
        above, below = np.ptp([column.size[gap] for column, gap in cut], axis=0)
        marked = [bool(column.marked[gap]) for column, gap in cut]
        result = measures.UNLIKE_TYPE_EVIDENCE if below - above > measures.TYPE_SIZE_CHANGE else 0.0
        return result + (measures.UNLIKE_RULE_EVIDENCE if any(marked) and not all(marked) else 0.0)

    def _of_gap(self, column: _Column, gap: int, top: float, bottom: float, rule: float) -> float:
        """Return the evidence of a gap for a cut at a height, by white and by rules."""
        white = float(column.white[gap])
        apart = abs(float(column.bottom[gap]) - bottom), abs(float(column.top[gap]) - top)
        # A picture may end where another gap does by chance, but hardly begins there, too.
        high = float(column.bottom[gap] - column.top[gap]) / self._sheet.line_height
        if (max(apart) if high > measures.PICTURE_GAP else min(apart)) > self._near:
            white = min(white, measures.PASSED_GAP_EVIDENCE)
        level = abs(float(column.rule[gap]) - rule) <= self._near
        beside_rule = bool(column.ruled[gap]) and level
        with_rule = _with_rule(np.array([white], np.float32), np.array([beside_rule]))
        return min(float(with_rule[0]), float(column.most[gap]))

    def _above(self, gaps: list[int | None], y: float) -> NDArray[np.bool_]:
        """Return which lines are above a cut."""
        above = self._middle < y
        for number, (column, gap) in enumerate(zip(self._columns, gaps, strict=True)):
            if gap is not None:
                own = self._home[column.members] == number
                above[column.members[own]] = (np.arange(len(column.members)) <= gap)[own]
        return above

    def _inconsistent(self, gaps: list[int | None], above: NDArray[np.bool_]) -> float:
        """Return the cost of lines that are above the cut in one column, below it in another."""
        cost = 0.0
        for column, gap in zip(self._columns, gaps, strict=True):
            if gap is not None:
                here = np.arange(len(column.members)) <= gap
                cost += float((here != above[column.members]).sum()) * measures.CROSSING_COST
        return cost

    def _few_rows(self, part: NDArray[np.bool_]) -> bool:
        """Return whether lines are but one or two rows, as running heads are."""
        top, bottom = self._sheet.extents[self._lines[part]][:, [1, 3]].T
        high = float(bottom.max() - top.min()) / self._sheet.line_height
        return high <= measures.FEW_ROWS_HEIGHT

    def _is_between_pages(self, number: int) -> bool:
        """Return whether a gutter looks like the inner margins of a double page."""
        gutter = self._gutters[number]
        others = [other.width for i, other in enumerate(self._gutters) if i != number]
        widest = max(others, default=0.0)
        wide = max(measures.PAGE_GUTTER * self._sheet.line_height, measures.PAGE_GUTTERS * widest)
        return gutter.width >= wide and gutter.evidence >= measures.PAGE_GUTTER_SURENESS

    def _across_gutter(self, number: int, gaps: list[int | None], y: float) -> float:
        """Return the evidence of what a cut meets at a gutter."""
        gutter, height = self._gutters[number], self._sheet.line_height
        sides = [
            (self._columns[i], gap) for i in (number, number + 1) if (gap := gaps[i]) is not None
        ]
        low = min([y, *(float(column.top[gap]) for column, gap in sides)])
        high = max([y, *(float(column.bottom[gap]) for column, gap in sides)])
        wide = max(gutter.width / height - measures.WIDE_GUTTER, 0.0)
        result = -min(measures.WIDE_GUTTER_EVIDENCE * wide, measures.LARGEST_WIDE_EVIDENCE)
        if self._is_between_pages(number):
            result -= measures.PAGE_GUTTER_EVIDENCE
        near = measures.RULE_ASIDE * height
        between = np.array([low], np.float32), np.array([high], np.float32)
        if (
            self._sheet.ruled(*between, gutter.x - near, gutter.x + near)[0][0]
            > measures.RULE_ACROSS
        ):
            # Among many rules, as of advertisements, some are level by chance.
            rarest = -float(np.log(measures.RAREST_GAP))
            rare = max((float(column.most[gap]) for column, gap in sides), default=rarest)
            return result + measures.RULE_ACROSS_EVIDENCE * rare / rarest
        if all(column.ruled[gap] for column, gap in sides):
            return result
        beyond = measures.RULE_BEYOND * height
        near += max(gutter.width / 2, 0.0)
        rules = self._sheet.vertical
        through = (np.abs(rules[:, 0] - gutter.x) <= near) & (rules[:, 1] < low - beyond)
        through &= rules[:, 2] > high + beyond
        return result - (measures.RULE_THROUGH_EVIDENCE if through.any() else 0.0)


def _with_rule(white: Numbers, ruled: NDArray[np.bool_]) -> Numbers:
    """Return the log odds of gaps with their rules: beside a rule, text may stand close."""
    beside = np.maximum(white, 0) + measures.RULED_GAP_EVIDENCE
    return np.asarray(np.where(ruled, beside, white), dtype=np.float32)


def _most(white: Numbers, ruled: NDArray[np.bool_], height: float) -> Numbers:
    """Return the most log odds of gaps: the rarer their kind in the column, the more they say.

    Args:
        white: log odds of the gaps by their width.
        ruled: whether each has a printed rule.
        height: height of the column, in line heights.
    """
    result = np.empty(len(white), dtype=np.float32)
    for kind in (ruled, ~ruled):
        others = max(int((kind & (white > 0)).sum() if kind is not ruled else kind.sum()) - 1, 0)
        chance = 2 * measures.CUT_LEVEL * others / max(height, 1.0) + measures.RAREST_GAP
        result[kind] = max(-float(np.log(min(chance, 1.0))), 0.0)
    return result


def _around_gaps(size: Numbers) -> Numbers:
    """Return the size of the letters above and below each gap between rows, shape (N - 1, 2).

    It is the median of three rows: single boxes vary.
    """
    count = measures.TYPE_SIZE_ROWS
    padded = np.pad(size, count - 1, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, count), axis=1)
    return np.stack([medians[:-count], medians[count:]], axis=1).astype(np.float32)

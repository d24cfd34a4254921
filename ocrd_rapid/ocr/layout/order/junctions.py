# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Junctions: what speaks for and against one region following another.

Each pair of regions has a value of each feature, such as ``next below`` of ``place`` or ``hyphen,
lower case`` of ``sentence``. Every value has a weight, see `junction_weights`.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from . import order_measures
from .region_evidence import BEGINNINGS, ENDS, KINDS, Codes, RegionEvidence

#: A property of all pairs of regions, shape (N, N): the first is followed by the second.
PairFlags = NDArray[np.bool_]

#: How a column ends below a region, and how one begins above it.
_COLUMN_ENDS = ("end", "cut", "inside")

#: Where the text goes on: in the same column, or anywhere else.
_STEPS = ("below", "elsewhere")

#: Names of the values of each feature. The first means that nothing is known.
VALUES: dict[str, tuple[str, ...]] = {
    "place": (
        "elsewhere",
        *(
            f"next below, {edges}, {gap}"
            for edges, gap in product(
                ("aligned", "one edge", "other width"), ("close", "apart", "far", "rule")
            )
        ),
        "below",
        "row",
        *(f"up to the right, {end}, {top}" for end, top in product(_COLUMN_ENDS, _COLUMN_ENDS)),
        "down to the right",
        *(f"down to the left, {end}, {top}" for end, top in product(_COLUMN_ENDS, _COLUMN_ENDS)),
        *(f"up to the left, {end}, {top}" for end, top in product(_COLUMN_ENDS, _COLUMN_ENDS)),
        "above",
    ),
    "neighbour": ("no jump", "next column", "farther column"),
    "crossing": ("none", "up over a rule", "down over a rule"),
    "sentence": tuple(
        f"{step}: {end}, {beginning}" for step, end, beginning in product(_STEPS, ENDS, BEGINNINGS)
    ),
    "paragraph": tuple(
        f"{step}: {last}, {first}"
        for step, last, first in product(
            _STEPS, ("full", "short"), ("flush", "indented", "centred")
        )
    ),
    "kinds": tuple(f"{one}, {two}" for one, two in product(KINDS, KINDS)),
}


def features_of(page: RegionEvidence, geometry: RegionGeometry) -> dict[str, Codes]:
    """Return the value of each feature for all pairs of regions.

    Args:
        page: the regions.
        geometry: the same regions.

    Returns:
        Indices of `VALUES`, shape (N, N): row i and column j is region j after region i.
    """
    elsewhere = 1 - geometry.next_below.astype(np.intp)
    return {
        "place": geometry.place(),
        "neighbour": geometry.neighbour(),
        "crossing": geometry.crossing(),
        "sentence": _sentence(page) + len(ENDS) * len(BEGINNINGS) * elsewhere,
        "paragraph": _paragraph(page, geometry) + 6 * elsewhere,
        "kinds": page.kinds[:, None] * len(KINDS) + page.kinds[None, :],
    }


class RegionGeometry:
    """How the regions of a page lie to each other: flags of all pairs.

    Attributes:
        page: the regions.
        below: whether the second is below the first, in the same column.
        next_below: the same, and no other region is between them.
        right: whether the second is to the right of the first.
    """

    def __init__(self, page: RegionEvidence) -> None:
        self.page = page
        left, top, right, bottom = page.extents.T
        width = np.maximum(right - left, 1.0)
        self._width = width
        shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
        self.overlap = shared / np.minimum(width[:, None], width)
        self._gap = top[None, :] - bottom[:, None]
        middle = (top + bottom) / 2
        self._lower = (self._gap >= -order_measures.TOUCHING * page.unit) & (
            middle > middle[:, None]
        )
        self.below = (self.overlap >= order_measures.BELOW) & self._lower
        self.next_below = self.below & ~_two_steps(self.below, self.below)
        beside = order_measures.BESIDE * page.unit
        centre = (left + right) / 2
        self.right = (left[None, :] >= right[:, None] - beside) & (centre > centre[:, None])
        self._rule = self._rules_between()

    def _rules_between(self) -> PairFlags:
        """Return whether a rule is below the first region and above the second."""
        return self._cut(self.page.extents[:, 3], self.page.extents[:, 1])

    def _cut(self, upper: NDArray[np.float64], lower: NDArray[np.float64]) -> PairFlags:
        """Return whether a rule that covers either region lies between two heights."""
        page = self.page
        left, _, right, _ = page.extents.T
        start, end, y = page.horizontal.T
        shared = np.minimum(right[:, None], end) - np.maximum(left[:, None], start)
        covers = shared >= order_measures.RULE_COVER * self._width[:, None]
        slack = 0.5 * page.unit
        under = y[None, :] >= upper[:, None] - slack
        over = y[None, :] <= lower[:, None] + slack
        first, second = (covers & under).astype(np.intp), (over).astype(np.intp)
        one = first @ second.T > 0
        other = under.astype(np.intp) @ (covers & over).astype(np.intp).T > 0
        return np.asarray(one | other)

    def place(self) -> Codes:
        """Return the values of ``place``."""
        names, page = VALUES["place"], self.page
        left, top, right, bottom = page.extents.T
        near = order_measures.ALIGNED * page.unit
        edges = (np.abs(left[:, None] - left) <= near).astype(np.intp)
        edges += np.abs(right[:, None] - right) <= near
        gap = np.searchsorted(
            np.array([order_measures.SMALL_GAP, order_measures.LARGE_GAP]) * page.unit, self._gap
        )
        gap = np.where(self._rule, 3, gap)
        under = names.index("next below, aligned, close") + 4 * (2 - edges) + gap
        in_row = self._same_row() & self.right
        higher = top[None, :] < bottom[:, None] - order_measures.TOUCHING * page.unit
        ends, tops = self.column_ends()
        jump = 3 * ends[:, None] + tops[None, :]
        cases = [
            (self.next_below, under),
            (self.below, names.index("below")),
            (in_row, names.index("row")),
            (self.right & higher, names.index("up to the right, end, end") + jump),
            (self.right, names.index("down to the right")),
            (self._lower, names.index("down to the left, end, end") + jump),
            (self.below.T, names.index("above")),
            (self.right.T, names.index("up to the left, end, end") + jump),
        ]
        return np.select([case for case, _ in cases], [value for _, value in cases], 0)

    def _same_row(self) -> PairFlags:
        page = self.page
        top, bottom = page.extents[:, 1], page.extents[:, 3]
        shared = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        height = np.minimum((bottom - top)[:, None], bottom - top)
        short = page.rows <= order_measures.ROW_PIECE
        return (shared >= order_measures.SAME_ROW * height) & (short[:, None] | short)

    def column_ends(self) -> tuple[Codes, Codes]:
        """Return how the column ends below each region, and how it begins above each.

        Either is an index of `_COLUMN_ENDS`: nothing follows there; a rule, a wide gap or wider
        text cuts it off; or it goes on.
        """
        far = self._gap > order_measures.LARGE_GAP * self.page.unit
        wider = self._width[None, :] > order_measures.SPANNING * self._width[:, None]
        cut = self._rule | far
        goes_on = self.next_below & ~cut & ~wider
        comes_from = self.next_below & ~cut & ~wider.T
        below = np.where(goes_on.any(axis=1), 2, self.next_below.any(axis=1))
        above = np.where(comes_from.any(axis=0), 2, self.next_below.any(axis=0))
        return below.astype(np.intp), above.astype(np.intp)

    def neighbour(self) -> Codes:
        """Return the values of ``neighbour``: whether a jump to the right skips a column."""
        top, bottom = self.page.extents[:, 1], self.page.extents[:, 3]
        shared = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        level = self.right & (shared > self.page.unit)
        skips = _two_steps(self.right, level)
        jump = self.right & ~self._lower
        return np.where(jump, 1 + skips, 0).astype(np.intp)

    def crossing(self) -> Codes:
        """Return the values of ``crossing``: over a rule between two heights, not in a column."""
        down = self._rule & ~self.below
        up = self._rule.T
        return np.where(down, 2, np.where(up, 1, 0)).astype(np.intp)


def _two_steps(one: PairFlags, other: PairFlags) -> PairFlags:
    """Return which pairs are joined by a third region: one way to it, the other way from it."""
    return np.asarray(one.astype(np.float32) @ other.astype(np.float32) > 0)


def _sentence(page: RegionEvidence) -> Codes:
    """Return how the first of each pair ends, and how the second begins."""
    return page.ends[:, None] * len(BEGINNINGS) + page.beginnings[None, :]


def _paragraph(page: RegionEvidence, geometry: RegionGeometry) -> Codes:
    """Return whether the last line before fills its column, and how the first line stands."""
    left, right = _margins(page, geometry)
    indent = (page.first[:, 0] - left) / page.unit
    spare = (right - page.last[:, 2]) / page.unit
    short = (spare > order_measures.FULL_LINE).astype(np.intp)
    begins = np.searchsorted(np.array([order_measures.INDENT, order_measures.CENTRED]), indent)
    return np.asarray(3 * short[:, None] + begins[None, :], np.intp)


def _margins(
    page: RegionEvidence, geometry: RegionGeometry
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the left and right edges of the columns that regions are in.

    They are those of the region and of its neighbours above and below with which it shares an
    edge, or which are as wide as it at least.
    """
    left, _, right, _ = page.extents.T
    near = order_measures.ALIGNED * 2 * page.unit
    linked = geometry.next_below | geometry.next_below.T
    wide = (right - left)[None, :] <= order_measures.SPANNING * np.maximum(
        (right - left)[:, None], np.median(right - left)
    )
    shares = (np.abs(left[:, None] - left) <= near) | (np.abs(right[:, None] - right) <= near)
    linked &= wide & shares & (geometry.overlap >= 0.8)
    edges_left = np.where(linked, left[None, :], left[:, None]).min(axis=1)
    edges_right = np.where(linked, right[None, :], right[:, None]).max(axis=1)
    return edges_left, edges_right

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How sure the order of the regions of a page is, and a better order.

An order is worth the sum of the weights of its junctions (`junctions`). What it loses by the best
swap of neighbouring blocks of regions that cuts a junction says how sure the junction is. A better
order is found by such swaps, as long as they gain: every block may go everywhere, so no kind of
page has rules of its own.

The layout knows more about its own order than junctions say, so it is judged, and not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....config.packaged import packaged_json
from ..printed_rules import PrintedRule
from . import order_measures
from .junctions import VALUES, RegionGeometry, features_of
from .region_evidence import OrderedPart, RegionEvidence

#: A score of all pairs of regions, shape (N, N).
PairScores = NDArray[np.float64]


@dataclass(frozen=True)
class RegionOrder:
    """An order of regions.

    Attributes:
        order: the indices of the regions, in reading order.
        junctions: confidence that each region but the first follows the one before it in the
            order, 0 to 1.
    """

    order: tuple[int, ...]
    junctions: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The expected share of junctions that are right, 0 to 1."""
        return sum(self.junctions) / len(self.junctions) if self.junctions else 1.0


def judged_order(
    regions: Sequence[OrderedPart], rules: Sequence[PrintedRule] = (), *, change: bool = False
) -> RegionOrder:
    """Return an order of regions, and how sure it is.

    Args:
        regions: the regions in their present order, upright.
        rules: printed rules, in the same coordinates.
        change: whether they are put in a better order.
    """
    count = len(regions)
    if count < 2:
        return RegionOrder(tuple(range(count)), ())
    page = RegionEvidence.of(regions, rules)
    scores = junction_scores(features_of(page, RegionGeometry(page)))
    order = np.arange(count)
    best = best_swap(order, scores)
    while change and best.gain > order_measures.LEAST_GAIN:
        order = best.swapped(order)
        best = best_swap(order, scores)
    loss = np.log1p(np.maximum(-best.gains, 0))
    odds = order_measures.CONFIDENCE_BASE + order_measures.CONFIDENCE_SLOPE * loss
    return RegionOrder(
        tuple(int(i) for i in order), tuple(float(v) for v in 1 / (1 + np.exp(-odds)))
    )


def junction_scores(features: dict[str, NDArray[np.intp]]) -> PairScores:
    """Return the sum of the weights of the values that pairs have."""
    weights = junction_weights()
    return np.asarray(sum(weights[name][values] for name, values in features.items()))


@cache
def junction_weights() -> dict[str, NDArray[np.float64]]:
    """Return the weight of each value of each feature; 0 for values that were not seen."""
    stored = packaged_json("ocr/layout/order/junction_weights.json")
    return {
        name: np.array([stored[name].get(value, 0.0) for value in values])
        for name, values in VALUES.items()
    }


class BlockSwap(NamedTuple):
    """The best swap of two neighbouring blocks of an order.

    Attributes:
        gain: what it makes the order better by; negative if it makes it worse.
        cuts: where the first block begins, the second begins, and the second ends.
        gains: for each junction of the order, the gain of the best swap that cuts it.
    """

    gain: float
    cuts: tuple[int, int, int]
    gains: NDArray[np.float64]

    def swapped(self, order: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the order after the swap."""
        start, middle, end = self.cuts
        return np.concatenate([order[:start], order[middle:end], order[start:middle], order[end:]])


def best_swap(order: NDArray[np.intp], scores: PairScores) -> BlockSwap:
    """Return the best swap of neighbouring blocks.

    Args:
        order: the indices of the regions, at least two.
        scores: what it is worth that the second of a pair follows the first.
    """
    count = len(order)
    ranked = np.zeros((count + 2, count + 2))
    ranked[1:-1, 1:-1] = scores[np.ix_(order, order)]
    kept = np.diagonal(ranked, 1)
    gains = np.full(count + 1, -np.inf)
    found, cuts = -np.inf, (0, 1, 2)
    for middle in _weakest(kept):
        start, end = np.arange(middle)[:, None], np.arange(middle + 1, count + 1)[None, :]
        gain = ranked[start, middle + 1] + ranked[middle, end + 1] + ranked[end, start + 1]
        gain = gain - kept[start] - kept[middle] - kept[end]
        gains[:middle] = np.maximum(gains[:middle], gain.max(axis=1))
        gains[middle + 1 :] = np.maximum(gains[middle + 1 :], gain.max(axis=0))
        best = int(gain.argmax())
        gains[middle] = max(gains[middle], gain.flat[best])
        if gain.flat[best] > found:
            found = float(gain.flat[best])
            row, column = divmod(best, gain.shape[1])
            cuts = (row, int(middle), middle + 1 + column)
    return BlockSwap(found, cuts, gains[1:-1])


def _weakest(kept: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the junctions between which blocks are swapped: the least certain of very many."""
    inner = np.arange(1, len(kept) - 1)
    weakest = np.argsort(kept[1:-1], kind="stable")[: order_measures.MOST_CUTS]
    return np.sort(inner[weakest])

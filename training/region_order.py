# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make ``ocrd_rapid/ocr/layout/order/junction_weights.json``: what signs of the order are worth.

Usage: ``python training/region_order.py OUTPUT.json TRUTH_FOLDER...``

Each folder has PAGE-XML files in which a person, or the program that typeset the page, put regions
into reading order, with their lines and texts; rules count where they are separators. The lines
are laid out anew as `ocrd-rapid-detect` does it, so that the proposals are those of the layout.

Every pair of regions that follow each other in the ground truth, with no line between, is an
example; all other regions of the page could have stood in place of either. The weights are those of
a conditional logit (McFadden, 1974), fitted by Newton's method. They are drawn not to zero but
to the log-likelihood ratios of the counts (half of them, for features that say similar things), so
that values which are rare keep what was counted. The layout's proposal is weighed last, with all
other weights fixed: it is nearly always right, and would leave nothing to learn for the others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.geometry import box_of_polygon
from ocrd_rapid.ocr.layout.order.junctions import VALUES, RegionGeometry, features_of
from ocrd_rapid.ocr.layout.order.region_evidence import OrderedPart, RegionEvidence
from ocrd_rapid.ocr.layout.order.separators import rule_of_outline
from ocrd_rapid.ocr.layout.segmentation import lay_out_free
from ocrd_rapid.workspace.page import PageDocument

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

#: Features of the text: independent of the place, so all of what is counted holds.
TEXT = ("sentence", "paragraph", "word", "number")
#: Share of the counted ratios that weights of other features are drawn to.
HALF = 0.5
#: How strongly weights are drawn: of the text, and of all else.
PULL_OF_TEXT, PULL = 5.0, 1.0
#: Share of the fitted weight of the proposal that is kept: the layout was made on the same pages,
#: and is right on others less often.
TRUST = 0.3
#: Pages with more regions are left out: they would outweigh all others.
MOST_REGIONS = 80
#: Where the values of each feature begin in the vector of weights.
STARTS = dict(zip(VALUES, np.cumsum([0, *map(len, VALUES.values())]).tolist(), strict=False))
COUNT = sum(map(len, VALUES.values()))


@dataclass(frozen=True)
class Example:
    """The features of a page, and the pairs of regions that follow each other."""

    features: dict[str, Codes]
    pairs: list[tuple[int, int]]


def example(path: Path) -> Example | None:
    """Return a page of ground truth; ``None`` if it has no two regions."""
    page = page_from(PageDocument.read(path))
    lines = [line for line in page.lines if line.text]
    boxes = [box_of_polygon(line.outline) for line in lines]
    separators = (rule_of_outline(g.outline) for g in page.graphics if g.kind == "separator")
    rules = [rule for rule in separators if rule is not None]
    regions = lay_out_free(boxes, rules, [True] * len(boxes))
    if not 2 <= len(regions) <= MOST_REGIONS:
        return None
    parts = [
        OrderedPart(
            [boxes[i] for i in region.lines],
            [lines[i].text for i in region.lines],
            region.kind,
            lines[region.lines[0]].typeface,
        )
        for region in regions
    ]
    evidence = RegionEvidence.of(parts, rules)
    found = features_of(evidence, RegionGeometry(evidence))
    # Lines are numbered as the ground truth reads them.
    after = {region.lines[-1] + 1: number for number, region in enumerate(regions)}
    pairs = [
        (after[region.lines[0]], number)
        for number, region in enumerate(regions)
        if after.get(region.lines[0], number) != number
    ]
    return Example(found, pairs)


def counted(examples: Sequence[Example]) -> Numbers:
    """Return the log-likelihood ratio of every value: at true pairs, against all others."""
    ratios = np.zeros(COUNT)
    place = VALUES["place"]
    starts = ("next below", "up to the", "down to the left")
    near = np.array([name.startswith(starts) for name in place])
    for name, values in VALUES.items():
        true, other = np.zeros(len(values)), np.zeros(len(values))
        for page in examples:
            codes = page.features[name]
            counts = ~np.eye(len(codes), dtype=bool)
            if name in ("sentence", "paragraph"):
                counts &= near[page.features["place"]]
            pairs = np.array([codes[pair] for pair in page.pairs if counts[pair]], dtype=np.intp)
            mine = np.bincount(pairs, minlength=len(values))
            true += mine
            other += np.bincount(codes[counts], minlength=len(values)) - mine
        # Where the text goes on is another feature: ratios are those within each case.
        halves = 2 if name in ("sentence", "paragraph") else 1
        for t, o, out in zip(
            np.split(true, halves), np.split(other, halves),
            np.split(ratios[STARTS[name] : STARTS[name] + len(values)], halves),
            strict=True,
        ):  # fmt: skip
            ratio = np.log((t + 1) / (t.sum() + 1)) - np.log((o + 1) / (o.sum() + 1))
            out[:] = np.where(t + o > 0, ratio, 0.0)
    return ratios


def choices(examples: Sequence[Example]) -> Iterator[tuple[Codes, int]]:
    """Yield what could follow, or come before, each region of a pair, and what does."""
    for page in examples:
        codes = np.stack([page.features[n] + STARTS[n] for n in VALUES], axis=-1)
        for one, two in page.pairs:
            others = np.arange(len(codes)) != one
            yield codes[one, others], int(others[:two].sum())
            others = np.arange(len(codes)) != two
            yield codes[others, two], int(others[:one].sum())


def fitted(
    examples: Sequence[Example], goal: Numbers, pull: Numbers, free: NDArray[np.bool_]
) -> Numbers:
    """Return the weights of a conditional logit, drawn to a goal; those not free stay there."""
    groups = list(choices(examples))
    sizes = np.array([len(codes) for codes, _ in groups])
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(groups)), sizes)
    matrix = np.zeros((sizes.sum(), COUNT))
    np.put_along_axis(matrix, np.concatenate([codes for codes, _ in groups]), 1.0, axis=1)
    target = starts + np.array([chosen for _, chosen in groups])

    def likelihood(weights: Numbers) -> tuple[float, Numbers]:
        score = matrix @ weights
        top = np.maximum.reduceat(score, starts)
        odds = np.exp(score - top[owner])
        total = np.add.reduceat(odds, starts)
        fit = float((score[target] - top - np.log(total)).sum())
        return fit - float((pull * (weights - goal) ** 2).sum()) / 2, odds / total[owner]

    weights = goal.copy()
    value, chance = likelihood(weights)
    for _ in range(40):
        weighted = matrix * chance[:, None]
        mean = np.add.reduceat(weighted, starts, axis=0)
        slope = matrix[target].sum(axis=0) - mean.sum(axis=0) - pull * (weights - goal)
        curve = np.diag(pull) + weighted.T @ matrix - mean.T @ mean
        step = np.zeros(COUNT)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        tried = likelihood(weights + step)
        while tried[0] < value and np.abs(step).max() > 1e-6:
            step /= 2
            tried = likelihood(weights + step)
        gain, weights, (value, chance) = tried[0] - value, weights + step, tried
        if gain < 1e-3:
            break
    return weights


def main(output: Path, folders: Sequence[Path]) -> None:
    """Fit the weights to all pages of the folders."""
    paths = sorted(path for folder in folders for path in folder.glob("*.xml"))
    examples = [found for path in paths if (found := example(path)) is not None]
    of_text, of_proposal = np.zeros(COUNT, dtype=bool), np.zeros(COUNT, dtype=bool)
    for name, values in VALUES.items():
        part = slice(STARTS[name], STARTS[name] + len(values))
        of_text[part], of_proposal[part] = name in TEXT, name == "proposal"
    goal = counted(examples) * np.where(of_text, 1.0, HALF)
    goal[of_proposal] = 0.0
    pull = np.where(of_text, PULL_OF_TEXT, PULL)
    weights = fitted(examples, goal, pull, ~of_proposal)
    weights = fitted(examples, weights, pull, of_proposal) * np.where(of_proposal, TRUST, 1.0)
    table = {
        name: {
            value: round(float(weights[STARTS[name] + i]), 3)
            for i, value in enumerate(values)
            if abs(weights[STARTS[name] + i]) >= 5e-4
        }
        for name, values in VALUES.items()
    }
    text = json.dumps(table, ensure_ascii=False, indent=1)
    output.write_text(text + "\n", encoding="utf-8")
    junctions = sum(len(page.pairs) for page in examples)
    print(f"{len(examples)} pages, {junctions} junctions")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make ``ocrd_rapid/ocr/layout/order/junction_weights.json``: what signs of the order are worth.

Usage: ``python training/region_order.py OUTPUT.json TRUTH_FOLDER...``; ``make region-order`` makes
typeset pages, and runs this on them.

Each folder has PAGE-XML files in which a person, or the program that typeset the page, put regions
into reading order, with their lines and texts, and the images of the pages beside them, in which
rules are found. The lines are laid out anew as `ocrd-rapid-detect` does it, so that the regions are
those of the layout.

Every pair of regions that follow each other in the ground truth, with no line between, is an
example; all other regions of the page could have stood in place of either. The weights are those of
a conditional logit (McFadden, 1974), fitted by Newton's method, all at once: where a region
stands and what its text says are no independent witnesses. They are drawn to zero, so that what
was seen a few times weighs little.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.geometry import box_of_polygon
from ocrd_rapid.ocr.layout.order.junctions import VALUES, RegionGeometry, features_of
from ocrd_rapid.ocr.layout.order.region_evidence import OrderedPart, RegionEvidence
from ocrd_rapid.ocr.layout.order.separators import separating_rules
from ocrd_rapid.ocr.layout.printed_rules import find_rules
from ocrd_rapid.ocr.layout.segmentation import lay_out_free
from ocrd_rapid.rasters.load_image import load_image
from ocrd_rapid.workspace.page import PageDocument

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

#: How strongly weights are drawn to zero.
PULL = 3.0
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
    image = path.with_name(path.name.split(".")[0] + ".png")
    rules = find_rules(load_image(image), boxes)
    regions = lay_out_free(boxes, rules, [True] * len(boxes))
    if len(lines) < 2 or not 2 <= len(regions) <= MOST_REGIONS:
        return None
    # The cells of a table stay together.
    wholes = [
        list(members)
        for _, members in groupby(regions, key=lambda r: id(r) if r.cell is None else r.cell.table)
    ]
    members = [[i for region in whole for i in region.lines] for whole in wholes]
    parts = [
        OrderedPart(
            [boxes[i] for i in own],
            [lines[i].text for i in own],
            whole[0].kind,
        )
        for own, whole in zip(members, wholes, strict=True)
    ]
    evidence = RegionEvidence.of(parts, separating_rules(rules, boxes))
    found = features_of(evidence, RegionGeometry(evidence))
    # Lines are numbered as the ground truth reads them.
    after = {own[-1] + 1: number for number, own in enumerate(members)}
    pairs = [
        (after[own[0]], number)
        for number, own in enumerate(members)
        if after.get(own[0], number) != number
    ]
    return Example(found, pairs)


def choices(examples: Sequence[Example]) -> Iterator[tuple[Codes, int]]:
    """Yield what could follow, or come before, each region of a pair, and what does."""
    for page in examples:
        codes = np.stack([page.features[n] + STARTS[n] for n in VALUES], axis=-1)
        for one, two in page.pairs:
            others = np.arange(len(codes)) != one
            yield codes[one, others], int(others[:two].sum())
            others = np.arange(len(codes)) != two
            yield codes[others, two], int(others[:one].sum())


def fitted(examples: Sequence[Example]) -> Numbers:
    """Return the weights of a conditional logit, drawn to zero."""
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
        return fit - PULL * float((weights**2).sum()) / 2, odds / total[owner]

    weights = np.zeros(COUNT)
    value, chance = likelihood(weights)
    for _ in range(40):
        weighted = matrix * chance[:, None]
        mean = np.add.reduceat(weighted, starts, axis=0)
        slope = matrix[target].sum(axis=0) - mean.sum(axis=0) - PULL * weights
        curve = PULL * np.eye(COUNT) + weighted.T @ matrix - mean.T @ mean
        step = np.linalg.solve(curve, slope)
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
    paths = sorted(path for folder in folders for path in folder.rglob("*.page.xml"))
    examples = [found for path in paths if (found := example(path)) is not None]
    weights = fitted(examples)
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

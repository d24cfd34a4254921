# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions and their types against ground truth in PAGE-XML, as tables.

Usage: python tests/bench/region_scores.py PAGES RESULTS

PAGES holds one folder per collection, with ``NAME.page.xml``; RESULTS the PAGE-XML of the
processors, ``NAME.xml`` in folders of the same names. ``quality.py --regions`` calls it.

A *boundary* is between two neighboring lines of the ground truth, one after the other in its
reading order, that are in two regions. It is found if the lines at these places are in two regions
of the result, too, and missed if they are in one; two lines of one region that the result divides
are one boundary too many. Kinds are counted by lines. Cells of tables, and lines that nothing was
detected at, are left out.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.page_model import ReadPage
from ocrd_rapid.workspace.page import PageDocument

#: Of a line's height: how far from a line of the ground truth the middle of its counterpart may be.
_NEAR = 0.75
#: Of a line's height: least distance of the next row.
_NEXT_ROW = 0.4

#: Left, top, right and bottom in pixels.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PlacedLine:
    """A line: its box, the number of its region, and the type of this region."""

    box: Box
    region: int
    kind: str | None = None


@dataclass
class RegionScore:
    """Counts of boundaries between lines, and of lines by types.

    Attributes:
        found: boundaries of the ground truth that the result has.
        extra: boundaries that only the result has.
        missed: boundaries that only the ground truth has.
        kinds: numbers of lines, by the types of their regions in ground truth and result.
    """

    found: int = 0
    extra: int = 0
    missed: int = 0
    kinds: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def add(self, other: RegionScore) -> None:
        """Add the counts of another page."""
        self.found += other.found
        self.extra += other.extra
        self.missed += other.missed
        self.kinds += other.kinds


def score(reference: Sequence[PlacedLine], result: Sequence[PlacedLine]) -> RegionScore:
    """Compare the regions of a page; the lines of both in reading order."""
    given = _counterparts(reference, result)
    total = RegionScore()
    for (one, mine), (two, yours) in pairwise(zip(reference, given, strict=True)):
        if not mine or not yours:
            continue
        together = bool({line.region for line in mine} & {line.region for line in yours})
        if one.region != two.region:
            total.found += not together
            total.missed += together
        else:
            total.extra += not together
    for line, mine in zip(reference, given, strict=True):
        if line.kind and mine:
            total.kinds[line.kind, mine[0].kind] += 1
    return total


def _counterparts(
    reference: Sequence[PlacedLine], result: Sequence[PlacedLine]
) -> list[list[PlacedLine]]:
    """Return the lines of the result at each line of the ground truth."""
    given: list[list[PlacedLine]] = [[] for _ in reference]
    boxes = np.array([line.box for line in reference]).reshape(-1, 4)
    height = boxes[:, 3] - boxes[:, 1]
    for line in result if len(boxes) else ():
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        aside = np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), 0)
        apart = np.abs(y - (boxes[:, 1] + boxes[:, 3]) / 2)
        cost = np.where((aside <= height) & (apart <= _NEAR * height), aside + apart, np.inf)
        best = int(cost.argmin())
        if np.isfinite(cost[best]):
            given[best].append(line)
    return given


def lines_of(page: ReadPage) -> list[PlacedLine]:
    """Return the lines of a page in reading order, without those of tables.

    The lines of a region are put in order: some ground truth lists them in none.
    """
    found = []
    for number, region in enumerate(page.regions):
        if region.place is None:
            boxes = [
                tuple(np.concatenate([line.outline.min(0), line.outline.max(0)]).tolist())
                for line in region.lines
                if len(line.outline)
            ]
            found += [PlacedLine(box, number, region.kind) for box in _in_rows(boxes)]
    return found


def _in_rows(boxes: Iterable[Box]) -> list[Box]:
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box[1] + box[3]):
        top = (box[1] + box[3]) / 2
        if rows and top - sum(rows[-1][0][1::2]) / 2 < _NEXT_ROW * (box[3] - box[1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]


def score_folders(pages: Path, results: Path) -> dict[str, RegionScore]:
    """Return the scores of all pages that have a result, by collection."""
    scores: dict[str, RegionScore] = defaultdict(RegionScore)
    for truth in sorted(pages.glob("*/*.page.xml")):
        result = results / truth.parent.name / f"{truth.name.removesuffix('.page.xml')}.xml"
        if result.exists():
            sides = [lines_of(page_from(PageDocument.read(path))) for path in (truth, result)]
            scores[truth.parent.name].add(score(*sides))
    return scores


def print_tables(scores: dict[str, RegionScore]) -> None:
    """Print boundaries by collection, and types of all collections together."""
    print(f"{'collection':30}{'found':>8}{'too many':>10}{'missed':>8}")
    for name, one in scores.items():
        print(f"{name:30}{one.found:8}{one.extra:10}{one.missed:8}")
    kinds = sum((one.kinds for one in scores.values()), Counter())
    print(f"\n{'type':20}{'lines':>8}{'right':>8}{'not so':>8}  what else these lines are")
    for name in sorted({kind for pair in kinds for kind in pair if kind}):
        own = Counter({got: count for (want, got), count in kinds.items() if want == name})
        wrong = sum(n for (want, got), n in kinds.items() if got == name and want != name)
        others = ", ".join(f"{got or 'none'} {n}" for got, n in own.most_common() if got != name)
        print(f"{name:20}{own.total():8}{own[name]:8}{wrong:8}  {others}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path)
    parser.add_argument("results", type=Path)
    arguments = parser.parse_args()
    print_tables(score_folders(arguments.pages, arguments.results))


if __name__ == "__main__":
    main()

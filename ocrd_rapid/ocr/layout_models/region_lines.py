# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of a page in the regions of a layout model, in reading order.

The regions are the model's, lines and their order are ours. Lines outside of all regions are in
regions of ours. So are lines in pictures: a model that takes text for a picture hides none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..geometry import Points
from ..layout.printed_rules import PrintedRule
from ..layout.segmentation import lay_out_by_direction
from .label_types import TABLE, region_type
from .region_boxes import ModelRegion

#: Least share of a text region's area inside of a table that makes it a part of the table.
PART_OF_TABLE = 0.8


@dataclass(frozen=True)
class FilledRegion:
    """A region with lines.

    Attributes:
        lines: indices of its lines in reading order, at least one.
        kind: the type of a text region in PAGE-XML; ``None`` if it is not evident.
        model_region: the model's region; ``None`` for one of ours.
    """

    lines: tuple[int, ...]
    kind: str | None = None
    model_region: ModelRegion | None = None


def fill_regions(
    boxes: Sequence[Points],
    centres: Sequence[Points],
    rules: Sequence[PrintedRule],
    free: Sequence[bool],
    regions: Sequence[ModelRegion],
) -> list[FilledRegion]:
    """Return the regions with lines, in reading order: that of the model if it gives one.

    Without one, a region stands where the middle one of its lines stands in our order of all
    lines. Regions of ours follow the line that comes before them in our order. The lines of a
    region have that order, too, which knows the printed rules and columns of the whole page: laid
    out by themselves, those of a region that is too wide give 19.8 % errors of the page instead of
    9.2 on 14 newspapers to look at, and 15.8 instead of 10.9 on 9 to judge by.

    Args:
        boxes: boxes of all lines, shape (4, 2) each.
        centres: their centres, shape (2,) each, in the coordinates of ``regions``.
        rules: printed rules, in the coordinates of ``boxes``.
        free: whether each line may be placed; the others belong to regions that are there already.
        regions: the model's regions. Those without text, and those without lines, do not come
            back.
    """
    holders = without_parts_of_tables(
        [r for r in regions if (found := region_type(r.label)) and found.owns_lines]
    )
    owners = [_owner(centre, holders) if is_free else None
              for centre, is_free in zip(centres, free, strict=True)]  # fmt: skip
    ours: list[FilledRegion] = []
    order: list[int] = []
    for part in lay_out_by_direction(boxes, rules, tables=False):
        order += part.lines
        for is_ours, members in groupby(part.lines, key=lambda i: free[i] and owners[i] is None):
            if is_ours:
                ours.append(FilledRegion(tuple(members), part.kind))
    place = {line: number for number, line in enumerate(order)}
    filled = []
    for number, region in enumerate(holders):
        inside = [i for i in order if owners[i] == number]
        if inside:
            kind = region_type(region.label)
            filled.append(FilledRegion(tuple(inside), kind.type if kind else None, region))
    filled.sort(key=lambda f: _key(f, place))
    return _merged(filled, ours, place)


def without_parts_of_tables(regions: Sequence[ModelRegion]) -> list[ModelRegion]:
    """Return regions without those that lie in a table."""
    tables = [r for r in regions if (found := region_type(r.label)) and found.element == TABLE]
    return [r for r in regions if not any(t is not r and _lies_in(r, t) for t in tables)]


def _lies_in(region: ModelRegion, table: ModelRegion) -> bool:
    low, high = np.maximum(region.box[:2], table.box[:2]), np.minimum(region.box[2:], table.box[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return region.area <= table.area and shared >= PART_OF_TABLE * region.area


def _owner(centre: Points, regions: Sequence[ModelRegion]) -> int | None:
    """Return the index of the smallest region around a point; ``None`` if there is none."""
    around = [i for i, region in enumerate(regions) if region.holds(centre)]
    return min(around, key=lambda i: regions[i].area) if around else None


def _key(filled: FilledRegion, place: dict[int, int]) -> tuple[float, float]:
    middle = float(np.median([place[i] for i in filled.lines]))
    region = filled.model_region
    return (middle if region is None or region.rank is None else float(region.rank), middle)


def _merged(
    filled: Sequence[FilledRegion], ours: Sequence[FilledRegion], place: dict[int, int]
) -> list[FilledRegion]:
    """Return the model's regions in their order, with each of ours behind the line before it."""
    result = list(filled)
    owner = {line: region for region in filled for line in region.lines}
    line_at = {number: line for line, number in place.items()}
    for region in ours:
        first = min(place[i] for i in region.lines)
        before = next(
            (owner[line_at[n]] for n in range(first - 1, -1, -1) if line_at[n] in owner), None
        )
        index = (
            0
            if before is None
            else next(i for i, other in enumerate(result) if other is before) + 1
        )
        result.insert(index, region)
        owner |= dict.fromkeys(region.lines, region)
    return result

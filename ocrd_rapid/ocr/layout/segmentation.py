# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From detected lines to lines and regions in reading order.

Text that runs vertically is laid out as if the page were turned, so that columns are columns.
Whether it is then upside down is decided in `orientation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from ...pixels import BgrImage, quarter_turned
from ..detection.detector import DetectedBox
from ..geometry import Points, rotate_box
from .arrangement import Region, arrange
from .directions import lies_on_its_side, near_each_other, surely_runs
from .fused_lines import cut_fused
from .printed_rules import PrintedRule, find_rules


@dataclass(frozen=True)
class Segmentation:
    """The lines and printed rules of a page.

    Attributes:
        lines: text lines, with boxes in pixels of the image.
        rules: printed rules, in pixels of the image.
    """

    lines: tuple[DetectedBox, ...]
    rules: tuple[PrintedRule, ...]


def arrange_turned(
    boxes: Sequence[Points], rules: Sequence[PrintedRule], degrees: float, *, tables: bool = True
) -> list[Region]:
    """Group boxes into regions, in the reading order that they have once turned.

    Args:
        boxes: shape (4, 2) each.
        rules: printed rules, in the same coordinates.
        degrees: the clockwise rotation that sets the text upright.
        tables: see `arrange`.

    Returns:
        See `arrange`.
    """
    if not degrees:
        return arrange(boxes, rules, tables=tables)
    upright = [rotate_box(box, degrees) for box in boxes]
    return arrange(upright, [rule.turned(degrees) for rule in rules], tables=tables)


def layout_turn(boxes: Sequence[Points], known: int = 0) -> int:
    """Return the clockwise rotation of boxes, in degrees, before they are laid out.

    Text that still runs vertically after the known turn is turned by another 90 degrees, so that
    columns are columns. If it is then upside down, the classifier finds out, and the order is
    reversed.

    Args:
        boxes: shape (4, 2) each.
        known: the known clockwise rotation that sets the text upright: 0, 90, 180 or 270.

    Returns:
        0, 90, 180 or 270.
    """
    sideways = lies_on_its_side([rotate_box(box, known) for box in boxes])
    return (known + 90) % 360 if sideways else known


def lay_out(
    boxes: Sequence[Points],
    known: int = 0,
    rules: Sequence[PrintedRule] = (),
    *,
    tables: bool = True,
) -> list[Region]:
    """Group boxes into regions in reading order, whichever way their text runs.

    Args:
        boxes: shape (4, 2) each.
        known: see `layout_turn`.
        rules: printed rules, in the same coordinates.
        tables: see `arrange`.

    Returns:
        See `arrange`.
    """
    return arrange_turned(boxes, rules, layout_turn(boxes, known), tables=tables)


def lay_out_by_direction(
    boxes: Sequence[Points],
    rules: Sequence[PrintedRule] = (),
    known: int = 0,
    *,
    tables: bool = True,
) -> list[Region]:
    """Group boxes as `lay_out` does, so that no region mixes text that runs across and down.

    Text that runs against most of the page, such as notes in the margins, comes last. Each note
    gets regions of its own, as one may run up and another down.
    """
    sideways = lies_on_its_side(boxes)
    against = [i for i, box in enumerate(boxes) if surely_runs(box, sideways=not sideways)]
    groups = [[i for i in range(len(boxes)) if i not in against]]
    groups += [
        [against[k] for k in block] for block in near_each_other([boxes[i] for i in against])
    ]
    regions: list[Region] = []
    for number, members in enumerate(groups):
        count = len({region.cell.table for region in regions if region.cell})
        own = [boxes[i] for i in members]
        for part in lay_out(own, 0 if number else known, rules, tables=tables):
            cell = part.cell and replace(part.cell, table=count + part.cell.table)
            regions.append(replace(part, lines=tuple(members[k] for k in part.lines), cell=cell))
    return regions


def lay_out_free(
    boxes: Sequence[Points],
    rules: Sequence[PrintedRule],
    free: Sequence[bool],
    *,
    tables: bool = True,
) -> list[Region]:
    """Group boxes as `lay_out_by_direction` does, and return the regions of some of them.

    The other boxes are laid out as well, so that no region reaches across one of them.

    Args:
        boxes: shape (4, 2) each.
        rules: printed rules, in the same coordinates.
        free: whether each box is wanted.
        tables: see `arrange`.
    """
    return [
        replace(part, lines=tuple(members))
        for part in lay_out_by_direction(boxes, rules, tables=tables)
        for is_free, members in groupby(part.lines, key=lambda i: free[i])
        if is_free
    ]


def segment(image: BgrImage, found: Sequence[DetectedBox]) -> Segmentation:
    """Find the printed rules of a page and cut lines that reach across columns.

    Args:
        image: the page.
        found: its lines; see `Detector.detect`. The parts of a line keep its score.
    """
    boxes = [line.box for line in found]
    if not lies_on_its_side(boxes):
        rules = find_rules(image, boxes)
        return Segmentation(tuple(cut_fused(image, found, rules)), tuple(rules))
    # A turn by 90 degrees clockwise moves the foot to the left.
    shift = np.array([image.shape[0], 0], dtype=np.float32)
    upright = quarter_turned(image, -1)
    lying = [DetectedBox(rotate_box(line.box, 90) + shift, line.score) for line in found]
    rules = find_rules(upright, [line.box for line in lying])
    lines = cut_fused(upright, lying, rules)
    return Segmentation(
        tuple(DetectedBox(rotate_box(line.box - shift, -90), line.score) for line in lines),
        tuple(rule.moved(-shift).turned(-90) for rule in rules),
    )

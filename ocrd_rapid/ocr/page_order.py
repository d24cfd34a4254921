# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How sure the order of the parts of a page is, and a better one; see `layout.order.region_order`.

A part is a region, or several that stay together: a table with its cells, or a group. Parts
without lines stay behind the part before them. Text that runs against the page, such as notes in
the margins, says nothing about the order of the rest: it stays last, or where it is.

Text that runs from right to left gets its own order: columns, lines side by side and the columns of
tables begin at the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from .geometry import Points, box_of_polygon, rotate_box
from .layout.directions import lies_on_its_side
from .layout.order.region_evidence import OrderedPart
from .layout.order.region_order import judged_order
from .layout.order.separators import rule_of_outline
from .layout.printed_rules import PrintedRule
from .layout.right_to_left import lines_from_right, order_from_right
from .page_model import ReadPage, ReadRegion, columns_from_right
from .text_direction import is_right_to_left


@dataclass(frozen=True)
class PagePiece:
    """A part of a page that is read at once.

    Attributes:
        outlines: outlines of its lines in reading order, in pixels of the page, each of shape
            (N, 2), N >= 3.
        texts: their texts.
        kind: type of the region in PAGE-XML, if known.
        orientation: the clockwise rotation, in degrees, that sets it upright.
    """

    outlines: Sequence[Points]
    texts: Sequence[str]
    kind: str | None
    orientation: float


@dataclass(frozen=True)
class PageOrder:
    """An order of the parts of a page.

    Attributes:
        order: their indices in reading order.
        places: for each place in the order, the confidence that the part there follows the one
            before it, 0 to 1; ``None`` where that was not decided.
        confidence: the mean of these; ``None`` if nothing was decided.
    """

    order: tuple[int, ...]
    places: tuple[float | None, ...]
    confidence: float | None


def order_pieces(
    pieces: Sequence[PagePiece],
    orientation: float,
    separators: Sequence[Points],
    *,
    change: bool = False,
) -> PageOrder:
    """Return an order of the parts of a page, and how sure it is.

    Args:
        pieces: its parts in their present order, with columns from left to right.
        orientation: the clockwise rotation, in degrees, that sets the page upright.
        separators: outlines of its printed rules, in pixels of the page.
        change: whether they are put in a better order.
    """
    degrees = round(orientation / 90) * 90 % 360
    along = [_runs_along(piece, degrees) for piece in pieces]
    last = sum(1 for _ in takewhile(lambda goes: not goes, reversed(along)))
    # Each part that runs along the page, with what stays behind it.
    bundles: list[list[int]] = [[]]
    for index, goes in enumerate(along[: len(along) - last]):
        if goes and any(along[:index]):
            bundles.append([])
        bundles[-1].append(index)
    heads = [next((i for i in bundle if along[i]), None) for bundle in bundles]
    parts = [_part(pieces[head], degrees) for head in heads if head is not None]
    unchanged = PageOrder(tuple(range(len(pieces))), (None,) * len(pieces), None)
    if len(parts) < 2 or lies_on_its_side([box for part in parts for box in part.boxes]):
        return unchanged
    rules = _rules(separators, degrees)
    proposed = list(range(len(parts)))
    if is_right_to_left(" ".join(text for part in parts for text in part.texts)):
        proposed = order_from_right([part.boxes for part in parts], rules)
    best = judged_order([parts[i] for i in proposed], rules, change=change)
    order: list[int] = []
    places: list[float | None] = []
    for place, number in enumerate(best.order):
        bundle, head = bundles[proposed[number]], heads[proposed[number]]
        sure = best.junctions[place - 1] if place else None
        order += bundle
        places += [sure if index == head else None for index in bundle]
    order += range(len(pieces) - last, len(pieces))
    return PageOrder(tuple(order), (*places, *[None] * last), best.confidence)


def _runs_along(piece: PagePiece, degrees: int) -> bool:
    turn = round(piece.orientation / 90) * 90 % 360
    return bool(len(piece.outlines)) and turn == degrees


def _part(piece: PagePiece, degrees: int) -> OrderedPart:
    boxes = [rotate_box(box_of_polygon(outline), degrees) for outline in piece.outlines]
    return OrderedPart(boxes, piece.texts, piece.kind)


def _rules(separators: Sequence[Points], degrees: int) -> list[PrintedRule]:
    found = (rule_of_outline(outline) for outline in separators)
    return [rule.turned(degrees) for rule in found if rule is not None]


def with_judged_order(page: ReadPage) -> ReadPage:
    """Return a page in the order of its script that says how sure the order of its regions is."""
    parts = [list(members) for _, members in groupby(page.regions, key=_whole)]
    separators = [graphic.outline for graphic in page.graphics if graphic.kind == "separator"]
    found = order_pieces([_piece(part) for part in parts], page.orientation or 0, separators)
    regions: list[ReadRegion] = []
    for index, sure in zip(found.order, found.places, strict=True):
        first, *others = map(_in_order, _cells_in_order(parts[index]))
        regions += [replace(first, order_confidence=sure), *others]
    return replace(page, regions=tuple(regions), order_confidence=found.confidence)


def _in_order(region: ReadRegion) -> ReadRegion:
    """Return a region whose lines are in the order of its script."""
    if not region.right_to_left:
        return region
    order = line_order([line.outline for line in region.lines], region.orientation)
    return replace(region, lines=tuple(region.lines[i] for i in order))


def line_order(outlines: Sequence[Points], orientation: float) -> list[int]:
    """Return the order of the lines of a region whose text runs from right to left.

    Args:
        outlines: outlines of its lines in reading order, in pixels of the page.
        orientation: the clockwise rotation, in degrees, that sets it upright.
    """
    return lines_from_right(
        [rotate_box(box_of_polygon(outline), orientation) for outline in outlines]
    )


def _cells_in_order(regions: Sequence[ReadRegion]) -> list[ReadRegion]:
    """Return the cells of a table in the order of its script; other regions as they are."""
    if not is_right_to_left(" ".join(region.text for region in regions)):
        return list(regions)
    places = columns_from_right([region.place for region in regions])
    moved = [replace(r, place=place) for r, place in zip(regions, places, strict=True)]
    return sorted(moved, key=_in_rows)


def _in_rows(region: ReadRegion) -> tuple[int, int]:
    place = region.place
    return (0, 0) if place is None else (place.row or 0, place.column or 0)


def _whole(region: ReadRegion) -> object:
    """Return what a region has in common with those that it stays together with."""
    return id(region) if region.place is None else region.place.table


def _piece(regions: Sequence[ReadRegion]) -> PagePiece:
    lines = [line for region in regions for line in region.lines]
    return PagePiece(
        [line.outline for line in lines],
        [line.text for line in lines],
        regions[0].kind,
        regions[0].orientation,
    )

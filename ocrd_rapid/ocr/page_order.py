# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How sure the order of the parts of a page is, and a better one; see `layout.order.region_order`.

A part is a region, or several that stay together: a table with its cells, or a group. Parts
without lines stay behind the part before them. Text that runs against the page, such as notes in
the margins, says nothing about the order of the rest: it stays last, or where it is.
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
from .page_model import ReadPage, ReadRegion


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
        pieces: its parts in their present order.
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
    best = judged_order(parts, _rules(separators, degrees), change=change)
    order: list[int] = []
    places: list[float | None] = []
    for place, number in enumerate(best.order):
        bundle, head = bundles[number], heads[number]
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


def with_order_confidences(page: ReadPage) -> ReadPage:
    """Return a page that says how sure the order of its regions is."""
    parts = [list(members) for _, members in groupby(page.regions, key=_whole)]
    separators = [graphic.outline for graphic in page.graphics if graphic.kind == "separator"]
    found = order_pieces([_piece(part) for part in parts], page.orientation or 0, separators)
    regions: list[ReadRegion] = []
    for (first, *others), sure in zip(parts, found.places, strict=True):
        regions += [replace(first, order_confidence=sure), *others]
    return replace(page, regions=tuple(regions), order_confidence=found.confidence)


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

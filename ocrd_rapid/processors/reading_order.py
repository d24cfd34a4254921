# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The reading order of a page: places after a region or a table, and how sure it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lxml import etree

from ..ocr.page_order import PageOrder, PagePiece, order_pieces
from ..workspace import order_marks
from ..workspace.page import PageDocument
from ..workspace.segments import TextRegion, TextSegment, known_orientation, tag
from ..workspace.table_cells import cell_role
from ..workspace.values import integer
from .page_regions import region_elements
from .right_to_left_pages import turn_to_right

_ORDERED = (tag("OrderedGroup"), tag("OrderedGroupIndexed"))

#: When an order is judged once the text is known, or made anew.
REORDER = ("auto", "always", "never")


def insert_behind(document: PageDocument, region: str, added: Sequence[str]) -> None:
    """Insert regions directly after another; do nothing if that is not in the reading order.

    Args:
        document: the page.
        region: ID of the region before them.
        added: IDs of the regions to insert, in their order.
    """
    place = _place(document, region)
    group = None if place is None else place.getparent()
    if place is None or group is None:
        return
    with order_marks.keeping_mark(document.page):
        _insert(place, group, added)


def _insert(place: etree._Element, group: etree._Element, added: Sequence[str]) -> None:
    """Insert references to regions directly after another one of their group."""
    index = integer(place, "index")
    for sibling in group:
        if sibling.get("index") and integer(sibling, "index") > index:
            sibling.set("index", str(integer(sibling, "index") + len(added)))
    for offset, identifier in reversed(list(enumerate(added, start=1))):
        place.addnext(_reference(group, identifier, index + offset))


def insert_cells(document: PageDocument, table: str, cells: Sequence[str]) -> None:
    """Insert the cells of a table directly after it; at the end if it has no place yet.

    PAGE also allows a group of cells that refers to the table, but the validator of OCR-D core
    3.13.3 crashes on that.

    Args:
        document: the page.
        table: ID of the table.
        cells: IDs of its cells, in their order.
    """
    if _place(document, table) is None:
        document.append_to_reading_order([table])
    insert_behind(document, table, cells)


def move_before(document: PageDocument, region: str, others: Sequence[str]) -> None:
    """Move a region before others; do nothing if they are not in one group of the reading order.

    Args:
        document: the page.
        region: ID of the region to move.
        others: IDs of the regions to come after it.
    """
    place = _place(document, region)
    places = [found for other in others if (found := _place(document, other)) is not None]
    group = None if place is None else place.getparent()
    if place is None or not places or any(other.getparent() is not group for other in places):
        return
    ordered = sorted(places, key=lambda e: integer(e, "index"))
    if ordered[0].get("index"):
        numbers = sorted(integer(e, "index") for e in (place, *ordered))
        for element, number in zip((place, *ordered), numbers, strict=True):
            element.set("index", str(number))
    first = min(places, key=list(group if group is not None else ()).index)
    first.addprevious(place)


def _place(document: PageDocument, region: str) -> etree._Element | None:
    """Return the element of the reading order that refers to a region."""
    order = document.page.find(tag("ReadingOrder"))
    if order is None:
        return None
    return next((e for e in order.iter(etree.Element) if e.get("regionRef") == region), None)


def _reference(group: etree._Element, region: str, index: int) -> etree._Element:
    if group.tag not in _ORDERED:
        return etree.Element(tag("RegionRef"), regionRef=region)
    return etree.Element(tag("RegionRefIndexed"), index=str(index), regionRef=region)


def improve_order(document: PageDocument, when: str) -> PageOrder | None:
    """Say how sure the order of a page is once its text is known, or put regions in a better one.

    Only the outermost group is touched, if it is ordered. Groups inside it stay as they are, and
    so do tables with their cells.

    Args:
        document: the page.
        when: ``auto`` to judge an order that was made here, and not changed elsewhere; ``always``
            to put regions in a better order, whoever made it, even if there is none yet; ``never``.

    Returns:
        What was decided, by the former places in the group; ``None`` if nothing was.
    """
    page = document.page
    if when == "never" or (when == "auto" and not order_marks.is_marked(page)):
        return None
    if order_marks.outermost_group(page) is None:
        document.append_to_reading_order([])
    group = order_marks.outermost_group(page)
    if group is None or group.tag != tag("OrderedGroup"):
        return None
    regions = {str(e.get("id")): e for e in region_elements(page)}
    turned = turn_to_right(document)
    bundles = [_in_rows(bundle, regions, turned) for bundle in _bundles(group, regions)]
    pieces = [_piece(document, bundle, regions) for bundle in bundles]
    separators = [TextSegment(e).polygon for e in page.iter(tag("SeparatorRegion"))]
    found = order_pieces(pieces, document.orientation, separators, change=when == "always")
    if found.confidence is None:
        return None
    ordered = [bundles[i] for i in found.order]
    with order_marks.keeping_mark(page):
        for index, member in enumerate(member for bundle in ordered for member in bundle):
            member.set("index", str(index))
            group.append(member)
    _write_confidences(page, ordered, found, regions)
    return found


def _bundles(
    group: etree._Element, regions: Mapping[str, etree._Element]
) -> list[list[etree._Element]]:
    """Return the members of a group in their order; those inside of a region stay behind it."""
    members = [e for e in group if e.get("index") is not None]
    bundles: list[list[etree._Element]] = []
    around: etree._Element | None = None
    for member in sorted(members, key=lambda e: integer(e, "index")):
        region = regions.get(str(member.get("regionRef")))
        if around is not None and region is not None and around in region.iterancestors():
            bundles[-1].append(member)
        else:
            bundles.append([member])
            around = region
    return bundles


def _in_rows(
    bundle: Sequence[etree._Element], regions: Mapping[str, etree._Element], cells: Collection[str]
) -> list[etree._Element]:
    """Return members of a group; those that name some cells are ordered by row and column.

    Args:
        bundle: the members.
        regions: all regions by ID.
        cells: the IDs of these cells.
    """
    named = [m for m in bundle if str(m.get("regionRef")) in cells]
    ordered = iter(sorted(named, key=lambda member: _cell_place(member, regions)))
    return [next(ordered) if member in named else member for member in bundle]


def _cell_place(member: etree._Element, regions: Mapping[str, etree._Element]) -> tuple[int, int]:
    role = cell_role(regions[str(member.get("regionRef"))])
    return (0, 0) if role is None else (integer(role, "rowIndex"), integer(role, "columnIndex"))


def _piece(
    document: PageDocument,
    bundle: Sequence[etree._Element],
    regions: Mapping[str, etree._Element],
) -> PagePiece:
    """Return the lines of the regions that members of the reading order name.

    Args:
        document: the page.
        bundle: the members.
        regions: all regions by ID.
    """
    named = _named(bundle, regions)
    inside = [e for e in named if not any(other in named for other in e.iterancestors())]
    found = [TextRegion(e) for region in inside for e in region.iter(tag("TextRegion"))]
    lines = [
        line for region in found for line in region.lines_in_reading_order if len(line.polygon) >= 3
    ]
    turns = (known_orientation(region.element) for region in found)
    turn = next((degrees for degrees in turns if degrees is not None), None)
    return PagePiece(
        [line.polygon for line in lines],
        [" ".join(line.transcript.split()) for line in lines],
        found[0].element.get("type") if found else None,
        document.orientation if turn is None else turn,
    )


def _named(
    bundle: Sequence[etree._Element], regions: Mapping[str, etree._Element]
) -> list[etree._Element]:
    """Return the regions that members of the reading order name, with those of their groups."""
    inner = (e for member in bundle for e in member.iter(etree.Element))
    named = (regions.get(str(e.get("regionRef"))) for e in inner)
    return [e for e in named if e is not None]


def _texts(
    bundle: Sequence[etree._Element], regions: Mapping[str, etree._Element]
) -> list[etree._Element]:
    """Return those of them that are text."""
    return [e for e in _named(bundle, regions) if e.tag == tag("TextRegion")]


def _write_confidences(
    page: etree._Element,
    ordered: Sequence[Sequence[etree._Element]],
    found: PageOrder,
    regions: Mapping[str, etree._Element],
) -> None:
    """Write how sure the order and each place in it is."""
    order_marks.set_order_confidence(page, found.confidence)
    before = ""
    for bundle, confidence in zip(ordered, found.places, strict=True):
        for number, region in enumerate(_texts(bundle, regions)):
            sure = None if number or not before else confidence
            order_marks.set_place_confidence(region, before, sure)
            before = str(region.get("id"))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Places in the reading order of a page: after a region or a table."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from ..workspace.page import PageDocument
from ..workspace.segments import tag
from ..workspace.values import integer

_ORDERED = (tag("OrderedGroup"), tag("OrderedGroupIndexed"))


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

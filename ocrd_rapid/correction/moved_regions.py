# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The order in which the regions of a page are read, changed by a person.

Regions are put to the place of others; groups of the reading order, and regions without text, stay
where they are. Afterwards the order counts as a person's: its mark of a machine does not fit any
more, see `workspace.order_marks`, so no processor improves it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import CorrectionsError
from ..workspace.ground_truth import mark_layout
from ..workspace.page import PageDocument
from ..workspace.segments import TextRegion, tag
from .machine_lines import editable_lines


def order_of(document: PageDocument) -> list[str]:
    """Return the IDs of the regions that can be moved, in reading order.

    They have lines, and stand on the page themselves: a cell stays where its table is.
    """
    return [region.id for region in _movable(document)]


def _movable(document: PageDocument) -> list[TextRegion]:
    regions = document.text_regions()
    return [each for each in regions if each.lines and each.element.getparent() is document.page]


def set_order(document: PageDocument, wanted: Sequence[str]) -> list[str]:
    """Set the order of the regions with lines, and return the order that they had.

    Raises:
        CorrectionsError: the page has other regions now.
    """
    before = order_of(document)
    if sorted(before) != sorted(wanted) or len(set(wanted)) < len(wanted):
        raise CorrectionsError("the page has other regions now")
    known = document.reading_order()
    left = [name for name in before if name not in known]
    if left:
        document.append_to_reading_order(left)
    order = document.page.find(tag("ReadingOrder"))
    references = {} if order is None else {
        str(each.get("regionRef")): each for each in order.iterdescendants()
        if isinstance(each.tag, str) and each.get("regionRef") in before
    }  # fmt: skip
    if len(references) < len(before):
        raise CorrectionsError("the reading order of the page does not have all regions")
    places = [references[name] for name in order_of(document)]
    for place, name in zip(places, wanted, strict=True):
        place.set("regionRef", name)
    for old, region in zip(before, _movable(document), strict=True):
        if old != region.id:
            mark_layout(region)
    return before


def region_moved(document: PageDocument, line: str, *, down: bool) -> list[str]:
    """Return the order in which the region of a line stands after the next, or before the last.

    Raises:
        CorrectionsError: there is no such line, or no region on that side.
    """
    order = order_of(document)
    place = order.index(_region_of(document, line, order))
    other = place + (1 if down else -1)
    if not 0 <= other < len(order):
        raise CorrectionsError("there is no region on that side")
    return _put(order, place, other)


def region_placed(document: PageDocument, line: str, target: str) -> list[str]:
    """Return the order in which the region of a line stands where that of another line stood.

    Raises:
        CorrectionsError: one of them is not there, or both are in one region.
    """
    order = order_of(document)
    region, other = (_region_of(document, name, order) for name in (line, target))
    if region == other:
        raise CorrectionsError("both lines are in one region")
    return _put(order, order.index(region), order.index(other))


def _put(order: list[str], place: int, target: int) -> list[str]:
    rest = [*order[:place], *order[place + 1 :]]
    return [*rest[:target], order[place], *rest[target:]]


def _region_of(document: PageDocument, line: str, order: Sequence[str]) -> str:
    lines = editable_lines(document)
    if line not in lines:
        raise CorrectionsError(f"line {line} is not there")
    region = lines[line][0].id
    if region not in order:
        raise CorrectionsError("this region is part of another one, and stays there")
    return region

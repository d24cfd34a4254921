# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a reading order says about itself: whether it was made here, and how sure it is.

An order made here bears a digest of its members. If a person or another program changes it, or if
it came from there, the digest is wrong or missing, even where the whole history of processing was
kept. The confidence of a place names the region before it, so that it ends with the order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from .custom_tags import custom_tag, set_custom_tag
from .segments import tag
from .values import format_float, integer, number

#: Names of the tags in ``@custom`` of the outermost group and of regions.
_MARK, _PLACE = "ocrdRapidOrder", "orderConfidence"


def outermost_group(page: etree._Element) -> etree._Element | None:
    """Return the outermost group of the reading order of a page; comments do not count."""
    order = page.find(tag("ReadingOrder"))
    if order is None:
        return None
    return next((e for e in order if isinstance(e.tag, str)), None)


def mark_order(page: etree._Element) -> None:
    """Mark the reading order of a page, as it is now, as made here."""
    group = outermost_group(page)
    if group is not None:
        set_custom_tag(group, _MARK, {"digest": _digest(group)})


def is_marked(page: etree._Element) -> bool:
    """Return whether a page has a reading order that was made here, and not changed elsewhere."""
    group = outermost_group(page)
    return group is not None and custom_tag(group, _MARK).get("digest") == _digest(group)


@contextmanager
def keeping_mark(page: etree._Element) -> Iterator[None]:
    """Renew the mark of a reading order that changes here, if it bears a right one."""
    marked = is_marked(page)
    yield
    if marked:
        mark_order(page)


def _digest(group: etree._Element) -> str:
    members = sorted(
        (e for e in group.iterdescendants() if isinstance(e.tag, str)),
        key=lambda e: integer(e, "index"),
    )
    names = (f"{e.get('regionRef', '')}:{etree.QName(e).localname}" for e in members)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def set_order_confidence(page: etree._Element, confidence: float | None) -> None:
    """Set or remove the confidence of the reading order of a page, 0 to 1."""
    order = page.find(tag("ReadingOrder"))
    if order is None:
        return
    if confidence is not None:
        order.set("conf", format_float(round(confidence, 4)))
    elif "conf" in order.attrib:
        del order.attrib["conf"]


def order_confidence(page: etree._Element) -> float | None:
    """Return the confidence of the reading order of a page, 0 to 1; ``None`` if unknown."""
    order = page.find(tag("ReadingOrder"))
    return None if order is None else number(order, "conf")


def set_place_confidence(region: etree._Element, before: str, confidence: float | None) -> None:
    """Set or remove the confidence that a region follows another one, 0 to 1.

    Args:
        region: the region.
        before: ID of the region before it.
        confidence: ``None`` removes it.
    """
    values = {} if confidence is None else {"after": before, "value": f"{confidence:.4f}"}
    set_custom_tag(region, _PLACE, values)


def place_confidence(region: etree._Element, before: str) -> float | None:
    """Return the confidence that a region follows another one; ``None`` if it is unknown."""
    found = custom_tag(region, _PLACE)
    if found.get("after") != before:
        return None
    try:
        return min(1.0, max(0.0, float(found.get("value", ""))))
    except ValueError:
        return None

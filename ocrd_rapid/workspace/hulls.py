# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines for regions and lines without one, from their contents.

eScriptorium writes lines that belong to no region into one without ``Coords``, which the schema
of PAGE does not allow.
"""

from __future__ import annotations

import numpy as np
from lxml import etree

from ..errors import PageXmlError
from .schema import REGIONS
from .segments import TextLine, TextRegion, tag
from .values import Polygon, area, points_of

_COORDS, _LINE = tag("Coords"), tag("TextLine")
_OUTLINED = (*map(tag, REGIONS), _LINE)


def complete_outlines(page: etree._Element) -> None:
    """Give regions and lines without a usable outline the hull of the outlines inside them.

    A region with a line that has a baseline but no outline yet has to wait until it has one:
    the hull of the others would cut it off.
    """
    for element in reversed(list(page.iter(*_OUTLINED))):
        if _outline(element) is None:
            hull = _hull(element)
            if hull is not None:
                segment = TextLine(element) if element.tag == _LINE else TextRegion(element)
                segment.set_polygon(hull)


def _outline(element: etree._Element) -> Polygon | None:
    """Return the outline of an element if it has one that is usable or malformed."""
    coords = element.find(_COORDS)
    if coords is None or not coords.get("points"):
        return None
    if str(coords.get("points")).count(",") > 3:  # not worth looking at
        return np.zeros((0, 2), dtype=np.float32)
    try:
        points = points_of(coords)
    except PageXmlError:
        return np.zeros((0, 2), dtype=np.float32)
    return points if area(points) >= 1 else None


def _hull(element: etree._Element) -> Polygon | None:
    found = []
    for child in element.iterchildren(*_OUTLINED, tag("Word")):
        try:
            points = points_of(child.find(_COORDS))
        except PageXmlError:
            continue
        if area(points) >= 1:
            found.append(points)
        elif child.find(tag("Baseline")) is not None:
            return None
    if not found:
        return None
    import cv2

    hull = cv2.convexHull(np.concatenate(found))[:, 0]
    return np.asarray(hull, dtype=np.float32)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Elements of ALTO and their positions."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from ..workspace.xml import clean_text
from .positions import Box

#: A version of ALTO, such as (4, 4).
Version = tuple[int, ...]


def put(
    parent: etree._Element, name: str, text: str = "", **attributes: str | None
) -> etree._Element:
    """Append an element in the namespace of its parent, without attributes that are ``None``."""
    namespace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for key, value in attributes.items():
        if value is not None:
            element.set(key, clean_text(value))
    if text:
        element.text = clean_text(text)
    return element


def place(element: etree._Element, box: Box) -> None:
    """Set the position and the size of an element."""
    left, top, right, bottom = box
    element.set("HPOS", str(left))
    element.set("VPOS", str(top))
    element.set("WIDTH", str(right - left))
    element.set("HEIGHT", str(bottom - top))


def points_text(points: Iterable[tuple[int, int]]) -> str:
    """Return points as ALTO recommends: "x,y x,y …"."""
    return " ".join(f"{x},{y}" for x, y in points)


def share(confidence: float) -> str:
    """Return a confidence as text, cut to the range 0 to 1."""
    return f"{min(max(confidence, 0.0), 1.0):.4f}"

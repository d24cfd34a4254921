"""Numbers and outlines as PAGE-XML writes them in attributes."""

from __future__ import annotations

import math

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..errors import PageXmlError

#: An outline, shape (N, 2), in pixels of the original image.
Polygon = NDArray[np.float32]


def number(element: etree._Element, name: str) -> float | None:
    """Return an attribute as a number, or ``None`` if it is missing or empty."""
    value = element.get(name)
    if not value:
        return None
    try:
        result = float(value)
    except ValueError:
        result = math.nan
    if not math.isfinite(result):
        where = etree.QName(element).localname
        raise PageXmlError(f"element {where}: attribute {name} is not a number: '{value}'")
    return result


def integer(element: etree._Element, name: str) -> int:
    """Return an attribute as an integer, 0 if it is missing or empty."""
    return int(number(element, name) or 0)


def parse_points(points: str) -> Polygon:
    """Parse ``@points`` ("x,y x,y …") into an array of shape (N, 2).

    Raises:
        PageXmlError: it is not a list of pairs of numbers.
    """
    try:
        pairs = [pair.split(",") for pair in points.split()]
        array = np.array([(float(x), float(y)) for x, y in pairs], dtype=np.float32)
        if not np.isfinite(array).all():
            raise ValueError("not finite")
    except ValueError as error:
        raise PageXmlError(f"malformed points: {points[:60]!r}") from error
    return array.reshape(-1, 2)


def format_points(polygon: Polygon) -> str:
    """Format points as non-negative integers, "x,y x,y …"."""
    rounded = np.maximum(np.rint(polygon), 0).astype(int)
    return " ".join(f"{x},{y}" for x, y in rounded)


def format_float(value: float) -> str:
    """Format a number as core does: at most 15 decimals, at least ``.0``, no exponent."""
    text = f"{value:.15f}".rstrip("0")
    return text + "0" if text.endswith(".") else text

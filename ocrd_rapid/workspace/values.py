# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Numbers and outlines in the attributes of PAGE-XML."""

from __future__ import annotations

import math

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..errors import PageXmlError
from . import xml

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
        raise PageXmlError(
            f"{xml.place(element)}: attribute {name} is not a number: '{value[:60]}'"
        )
    return result


def integer(element: etree._Element, name: str) -> int:
    """Return an attribute as an integer, 0 if it is missing or empty."""
    return int(number(element, name) or 0)


def points_of(element: etree._Element | None) -> Polygon:
    """Return the ``@points`` of ``Coords`` or ``Baseline``, shape (N, 2); N is 0 for ``None``.

    Raises:
        PageXmlError: they are malformed; the message names file and element.
    """
    points = None if element is None else element.get("points")
    if element is None or points is None:
        return parse_points("")
    try:
        return parse_points(points)
    except PageXmlError as error:
        raise PageXmlError(f"{xml.place(element)}: {error}") from error


def parse_points(points: str) -> Polygon:
    """Parse ``@points`` ("x,y x,y …") into an array of shape (N, 2).

    Raises:
        PageXmlError: it is not a list of pairs of numbers, or one of them is beyond float32.
    """
    with np.errstate(over="ignore"):
        array = exact_points(points).astype(np.float32)
    if not np.isfinite(array).all():
        raise _malformed(points)
    return array


def exact_points(points: str) -> NDArray[np.float64]:
    """Parse ``@points`` as `parse_points` does, without loss.

    Raises:
        PageXmlError: it is not a list of pairs of finite numbers.
    """
    try:
        pairs = [pair.split(",") for pair in points.split()]
        array = np.array([(float(x), float(y)) for x, y in pairs], dtype=np.float64)
    except ValueError as error:
        raise _malformed(points) from error
    if not np.isfinite(array).all():
        raise _malformed(points)
    return array.reshape(-1, 2)


def _malformed(points: str) -> PageXmlError:
    return PageXmlError(f"malformed points: {points[:60]!r}")


def area(polygon: Polygon) -> float:
    """Return the area of an outline of shape (N, 2), 0 for one of fewer than 3 points.

    An outline that crosses itself counts with the area of its hull.
    """
    if len(polygon) < 3:
        return 0.0
    import cv2

    return float(cv2.contourArea(cv2.convexHull(polygon.astype(np.float32))))


def format_points(polygon: Polygon) -> str:
    """Format points as non-negative integers, "x,y x,y …"."""
    rounded = np.maximum(np.rint(polygon), 0).astype(int)
    return " ".join(f"{x},{y}" for x, y in rounded)


def format_float(value: float) -> str:
    """Format a number as core does: at most 15 decimals, at least ``.0``, no exponent."""
    text = f"{value:.15f}".rstrip("0")
    return text + "0" if text.endswith(".") else text

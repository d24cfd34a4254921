# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines and baselines brought onto the page, in whole numbers.

Other programs write outlines that reach beyond the image, by a pixel or by a billion. The part
outside shows nothing, and some such numbers could not even be computed with.
"""

from __future__ import annotations

import contextlib
import logging

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..config import environment
from ..errors import PageXmlError
from ..transforms import bounding_box
from . import xml
from .hulls import complete_outlines
from .page import PageDocument
from .polygons import is_tangle
from .segments import tag
from .values import exact_points, format_points

LOG = logging.getLogger(__name__)

Points = NDArray[np.float64]

#: Points of more characters than this are examined more closely.
_LONG = 4000

#: Beyond this all coordinates are alike, if one has to be chosen.
_BESIDE = 1e12

#: Most elements named in a warning; the others are counted.
_NAMED = 3


def keep_on_page(document: PageDocument) -> None:
    """Clip outlines that leave the page, round fractions, drop a border without area on the page.

    An outline that crosses itself all over, too often to compute with, is replaced by its hull.

    A warning names the elements. Elements without an outline get one from their contents. An
    outline wholly off the page is left without area on its edge. Outlines of segments with
    derived images stay unchanged as long as there can be such an image, because its size depends
    on the outline. Malformed points stay, too; whoever needs them complains.
    """
    complete_outlines(document.page)
    size = (document.width, document.height)
    if min(size) < 1:
        return
    outside, tangled = [], []
    for coords in document.page.iter(tag("Coords"), tag("Baseline")):
        owner, points = coords.getparent(), str(coords.get("points", ""))
        if owner is None or (len(points) < _LONG and _is_on_page(points, size)):
            continue
        closed = coords.tag == tag("Coords")
        name = xml.describe(owner if closed else coords)
        with contextlib.suppress(PageXmlError):
            exact = exact_points(points)
            if closed and is_tangle(exact):
                exact = _hull(exact, size)
                tangled.append(name)
            if len(exact) and _clip(coords, owner, exact, size):
                outside.append(name)
    _warn(
        document, outside, f"leave the page of {size[0]} x {size[1]} pixels and are clipped to it"
    )
    _warn(document, tangled, "cross themselves all over, and are replaced by their hulls")
    _drop_useless_border(document)


def _warn(document: PageDocument, names: list[str], what: str) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        where = ", ".join(names[:_NAMED])
        LOG.warning("%s: outlines %s: %s%s", _file(document), what, where, more)


def _file(document: PageDocument) -> str:
    return document.root.getroottree().docinfo.URL or f"page {document.image_filename}"


def _hull(points: Points, size: tuple[int, int]) -> Points:
    """Return the convex hull of the part of an outline that is on the page."""
    import cv2

    on_page = clipped(points, size).astype(np.float32)
    return np.asarray(cv2.convexHull(on_page)[:, 0], dtype=np.float64)


def _clip(
    coords: etree._Element, owner: etree._Element, exact: Points, size: tuple[int, int]
) -> bool:
    """Clip an outline or baseline; return whether it was outside."""
    closed = coords.tag == tag("Coords")
    if closed and _is_that_of_an_image(owner, exact):
        return False
    coords.set("points", format_points(clipped(exact, size, closed=closed).astype(np.float32)))
    outside = bool(np.abs(exact - np.clip(exact, 0, size)).max() >= 1)
    if closed and outside and owner.tag != tag("Page"):  # its images show another outline
        for image in owner.findall(tag("AlternativeImage")):
            owner.remove(image)
    return outside


def _is_on_page(points: str, size: tuple[int, int]) -> bool:
    """Return whether points need no change; quickly, as most do not."""
    numbers = points.replace(",", " ").split(" ")
    if len(numbers) % 2 or not all(map(str.isdecimal, numbers)) or not points.isascii():
        return False
    width, height = size
    short = max(map(len, numbers)) < 10
    return short and max(map(int, numbers[::2])) <= width and max(map(int, numbers[1::2])) <= height


def _is_that_of_an_image(owner: etree._Element, points: Points) -> bool:
    """Return whether a segment has a derived image, as large as the box of its outline."""
    images = owner.iterfind(tag("AlternativeImage"))
    if owner.tag == tag("Border"):
        page = owner.getparent()
        images = iter(()) if page is None else page.iterfind(tag("AlternativeImage"))
    if not any(str(image.get("comments", "")).strip(" ,") for image in images):
        return False
    box = bounding_box(points)
    return box is not None and box.width * box.height <= environment.max_pixels()


def clipped(points: Points, size: tuple[float, float], *, closed: bool = True) -> Points:
    """Return the part of an outline or line in the rectangle from (0, 0) to a width and height.

    Sutherland and Hodgman (1974), one side of the rectangle after another. An outline wholly
    outside leaves one point on the edge of the rectangle, twice.

    Args:
        points: shape (N, 2), N >= 1, finite.
        size: width and height.
        closed: whether the last point is joined with the first.

    Returns:
        Shape (M, 2), M >= 1.
    """
    result = points
    for axis, limit in enumerate(size):
        for sign, bound in ((1.0, 0.0), (-1.0, -float(limit))):
            if len(result):
                result = _on_one_side(result, axis, sign, bound, closed)
    if not len(result):
        result = np.clip(points, -_BESIDE, _BESIDE).mean(axis=0, keepdims=True).repeat(2, axis=0)
    return np.clip(result, 0.0, size)


def _on_one_side(points: Points, axis: int, sign: float, bound: float, closed: bool) -> Points:
    """Return the part of a path where ``sign`` times a coordinate is not below a bound."""
    value = sign * points[:, axis] - bound
    inside = value >= 0
    if inside.all():
        return points
    following, after = np.roll(points, -1, axis=0), np.roll(value, -1)
    crossing = inside != (after >= 0)
    if not closed:
        crossing[-1] = False
    # Scaled, because the difference of two of the largest numbers overflows.
    here, there = value[crossing], after[crossing]
    scale = np.maximum(np.abs(here), np.abs(there))
    share = (here / scale) / (here / scale - there / scale)
    where = points[crossing] * (1 - share[:, None]) + following[crossing] * share[:, None]
    where[:, axis] = sign * bound
    both = np.concatenate([points[inside], where])
    place = np.concatenate([np.flatnonzero(inside), np.flatnonzero(crossing) + 0.5])
    return both[np.argsort(place, kind="stable")]


def _drop_useless_border(document: PageDocument) -> None:
    border = document.page.find(tag("Border"))
    if border is not None and _is_readable(border) and document.border is None:
        document.page.remove(border)
        LOG.warning("%s: Border has no area on the page, and is left out", _file(document))


def _is_readable(border: etree._Element) -> bool:
    coords = border.find(tag("Coords"))
    try:
        exact_points("" if coords is None else str(coords.get("points", "")))
    except PageXmlError:
        return False
    return True

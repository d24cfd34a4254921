# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Checks of the outlines in a PAGE-XML: each by itself, and within its parent.

The tolerances are those of OCR-D core 3.13.3: an outline that crosses itself is accepted if it
no longer does so when simplified by one pixel, and may leave its parent by 1.5 pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyclipper
from lxml import etree
from numpy.typing import NDArray

from ..errors import PageXmlError
from .findings import Finding, error, warning
from .page import PageDocument
from .polygons import is_tangle
from .schema import REGIONS
from .segments import tag
from .values import parse_points

Points = NDArray[np.float64]

_TOLERANCE = 1.0
#: Distance in pixels that an outline may be outside the one around it.
SLACK = 1.5
#: Clipper counts in integers: this many per pixel.
_SCALE = 256
#: Rows of the matrix of all pairs of edges that are computed together.
_CHUNK = 256
#: Outlines of more points are simplified before they are checked.
_MANY = 5000
#: Area outside, in square pixels, that is due to rounding.
_NEGLIGIBLE = 0.01

_CHILDREN = {
    "Page": REGIONS,
    **dict.fromkeys(REGIONS, REGIONS),
    "TextRegion": (*REGIONS, "TextLine"),
    "TextLine": ("Word",),
    "Word": ("Glyph",),
}


@dataclass(frozen=True)
class _Parent:
    """The outline around the children of an element, shape (N, 2)."""

    points: Points

    @cached_property
    def grown(self) -> list[list[list[int]]]:
        """The outline with its slack, for Clipper."""
        path = _scaled(self.points)
        if not pyclipper.Orientation(path):
            path.reverse()
        offset = pyclipper.PyclipperOffset()
        offset.AddPath(path, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
        grown: list[list[list[int]]] = offset.Execute(SLACK * _SCALE)
        return grown

    def holds(self, points: Points) -> bool:
        """Return whether a polygon lies inside."""
        clipper = pyclipper.Pyclipper()
        try:
            clipper.AddPath(_scaled(points), pyclipper.PT_SUBJECT, True)
            clipper.AddPaths(self.grown, pyclipper.PT_CLIP, True)
            fill = pyclipper.PFT_NONZERO
            outside = clipper.Execute(pyclipper.CT_DIFFERENCE, fill, fill)
        except pyclipper.ClipperException:  # nothing is left of one of them
            return True
        area = sum(abs(pyclipper.Area(piece)) for piece in outside)
        return bool(area <= _NEGLIGIBLE * _SCALE**2)

    def holds_line(self, points: Points) -> bool:
        """Return whether a line lies inside."""
        clipper = pyclipper.Pyclipper()
        try:
            clipper.AddPath(_scaled(points), pyclipper.PT_SUBJECT, False)
            clipper.AddPaths(self.grown, pyclipper.PT_CLIP, True)
            fill = pyclipper.PFT_NONZERO
            outside = clipper.Execute2(pyclipper.CT_DIFFERENCE, fill, fill)
        except pyclipper.ClipperException:
            return True
        return not pyclipper.OpenPathsFromPolyTree(outside)


def holds(parent: NDArray[np.floating], points: NDArray[np.floating]) -> bool:
    """Return whether an outline, shape (N, 2), lies inside another, give or take 1.5 pixels."""
    return _Parent(parent.astype(np.float64)).holds(points.astype(np.float64))


def outline_findings(
    document: PageDocument, where: str, *, polygons: bool = True, baselines: bool = False
) -> Iterator[Finding]:
    """Yield the faults of the outlines of a page.

    Args:
        document: the page.
        where: the file, for the findings.
        polygons: check border, regions, lines, words and glyphs.
        baselines: check baselines, too.
    """
    size = (document.width, document.height)
    border = document.page.find(tag("Border"))
    parent = None
    if border is not None:
        points, findings = _outline(border, f"{where}, Border", size)
        if polygons:
            yield from findings
        parent = None if points is None else _Parent(points)
    yield from _inside(document.page, parent, size, where, polygons, baselines)


def _inside(
    element: etree._Element,
    parent: _Parent | None,
    size: tuple[int, int],
    where: str,
    polygons: bool,
    baselines: bool,
) -> Iterator[Finding]:
    """Yield the findings for all children of an element, whose outline is the parent."""
    for name in _CHILDREN.get(etree.QName(element).localname, ()):
        for child in element.iterfind(tag(name)):
            place = f"{where}, {name} {child.get('id', '')}"
            points, findings = _outline(child, place, size)
            if polygons:
                yield from findings
                if points is not None and parent is not None and not parent.holds(points):
                    owner = f"{etree.QName(element).localname} {element.get('id', '')}".strip()
                    yield error("page", place, f"is not inside {owner}")
            own = None if points is None else _Parent(points)
            if baselines and name == "TextLine":
                yield from _baseline(child, own, place)
            yield from _inside(child, own, size, where, polygons, baselines)


def _baseline(line: etree._Element, parent: _Parent | None, where: str) -> Iterator[Finding]:
    baseline = line.find(tag("Baseline"))
    if baseline is None:
        return
    points = _points(baseline)
    if points is None or len(points) < 2:
        yield error("page", where, "its Baseline has fewer than 2 usable points")
    elif points.min() < 0:
        yield error("page", where, "its Baseline has negative coordinates")
    elif parent is not None and not parent.holds_line(points):
        yield error("page", where, "its Baseline is not inside its outline")


def _outline(
    element: etree._Element, where: str, size: tuple[int, int]
) -> tuple[Points | None, list[Finding]]:
    """Return the outline, or ``None`` if it cannot be compared, and the findings."""
    coords = element.find(tag("Coords"))
    points = None if coords is None else _points(coords)
    if points is None:
        return None, [error("page", where, "has no readable outline")]
    if len(points) < 3:
        return None, [error("page", where, f"its outline has only {len(points)} points")]
    if points.min() < 0:
        return None, [error("page", where, "its outline has negative coordinates")]
    found = []
    if (points > size).any():
        x, y = points.max(axis=0)
        what = f"its outline ({x:g}, {y:g}) leaves the page of {size[0]} x {size[1]} pixels"
        found.append(error("page", where, what))
    if is_tangle(points):
        return None, [*found, error("page", where, "its outline crosses itself all over")]
    if len(points) > _MANY:
        points = simplified(points, _TOLERANCE)
    crossing = self_contact(points)
    if crossing is not None:
        points = simplified(points, _TOLERANCE)
        if len(points) < 3 or self_contact(points) is not None:
            x, y = crossing
            what = f"its outline crosses or touches itself near {x:g},{y:g}"
            return None, [*found, error("page", where, what)]
    if len(points) == 3:
        found.append(warning("page", where, "its outline has 3 points; OCR-D core wants 4"))
        return None, found
    return points, found


def _points(element: etree._Element) -> Points | None:
    try:
        return parse_points(str(element.get("points", ""))).astype(np.float64)
    except PageXmlError:
        return None


def self_contact(points: Points) -> tuple[float, float] | None:
    """Return where a closed outline crosses or touches itself, or ``None`` if nowhere.

    Args:
        points: shape (N, 2). Repeated points count once.
    """
    points = points[np.any(points != np.roll(points, 1, axis=0), axis=1)]
    count = len(points)
    if count < 3:
        return (float(points[0, 0]), float(points[0, 1])) if count else (0.0, 0.0)
    ends = np.roll(points, -1, axis=0)
    direction = ends - points
    following = np.roll(direction, -1, axis=0)
    back = (_cross(direction, following) == 0) & ((direction * following).sum(axis=1) < 0)
    if back.any():
        return _at(ends[int(np.argmax(back))])
    for start in range(0, count, _CHUNK):
        rows = slice(start, start + _CHUNK)
        touching = _touch(points[rows, None], ends[rows, None], points[None], ends[None])
        # An edge naturally touches itself and its two neighbours.
        number = np.arange(start, min(start + _CHUNK, count))
        for neighbour in (-1, 0, 1):
            touching[number - start, (number + neighbour) % count] = False
        if touching.any():
            row = int(np.argmax(touching.any(axis=1)))
            return _at(points[start + row])
    return None


def _at(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _cross(a: Points, b: Points) -> Points:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _touch(a: Points, b: Points, c: Points, d: Points) -> NDArray[np.bool_]:
    """Return which of the edges a-b and c-d have a point in common."""
    sides = _cross(b - a, c - a) * _cross(b - a, d - a)
    others = _cross(d - c, a - c) * _cross(d - c, b - c)
    near = (np.minimum(a, b) <= np.maximum(c, d)) & (np.minimum(c, d) <= np.maximum(a, b))
    return np.asarray((sides <= 0) & (others <= 0) & near.all(axis=-1))


def simplified(points: Points, tolerance: float) -> Points:
    """Return a closed outline without points that are within a distance of the rest.

    Douglas and Peucker (1973), from the first point around to itself.
    """
    ring = np.vstack([points, points[:1]])
    keep = np.zeros(len(ring), dtype=bool)
    keep[0] = True
    pending = [(0, len(ring) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        distance = _distance(ring[first + 1 : last], ring[first], ring[last])
        farthest = int(np.argmax(distance))
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            pending += [(first, middle), (middle, last)]
    return ring[keep]


def _distance(points: Points, start: Points, end: Points) -> Points:
    """Return the distances of points from the edge between two points."""
    edge = end - start
    length = float(edge @ edge)
    share = np.clip((points - start) @ edge / length, 0, 1) if length else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - start - share[:, None] * edge, axis=1))


def _scaled(points: Points) -> list[list[int]]:
    path: list[list[int]] = np.rint(points * _SCALE).astype(int).tolist()
    return path

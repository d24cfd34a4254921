# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines inside of the page and of the segment around them."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.workspace.page import Polygon
from ocrd_rapid.workspace.polygons import clip


def polygon(*points: tuple[float, float]) -> Polygon:
    return np.array(points, dtype=np.float32)


def area(outline: Polygon) -> float:
    x, y = outline.T.astype(np.float64)
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


SQUARE = polygon((10, 10), (30, 10), (30, 30), (10, 30))


def test_what_is_outside_of_the_parent_is_cut_off() -> None:
    clipped = clip(polygon((0, 15), (40, 15), (40, 20), (0, 20)), SQUARE)
    assert sorted(map(tuple, clipped.tolist())) == [(10, 15), (10, 20), (30, 15), (30, 20)]


def test_what_is_inside_keeps_its_area() -> None:
    inner = polygon((12, 12), (20, 12), (20, 18))
    assert area(clip(inner, SQUARE)) == area(inner)


def test_what_has_nothing_inside_is_left_alone() -> None:
    outside = polygon((50, 50), (60, 50), (60, 60), (50, 60))
    assert clip(outside, SQUARE).tolist() == outside.tolist()


@pytest.mark.parametrize("mirrored", [False, True])
def test_of_several_pieces_the_largest_stays(mirrored: bool) -> None:
    notched = polygon((0, 0), (60, 0), (60, 40), (50, 40), (50, 10), (20, 10), (20, 40), (0, 40))
    if mirrored:
        notched[:, 0] = 60 - notched[:, 0]
    clipped = clip(polygon((0, 20), (60, 20), (60, 30), (0, 30)), notched)
    assert sorted(set(clipped[:, 0].tolist())) == ([40, 60] if mirrored else [0, 20])
    assert area(clipped) == 200


@pytest.mark.parametrize(
    "parent", [polygon((0, 0), (0, 0), (0, 0)), polygon((0, 0), (5, 0), (9, 0))]
)
def test_a_parent_without_area_cuts_nothing(parent: Polygon) -> None:
    assert clip(SQUARE, parent).tolist() == SQUARE.tolist()

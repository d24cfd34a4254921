# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines of words and glyphs: inside of their parent, simple, with four corners."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.workspace.nesting import inside, is_simple, simplified
from ocrd_rapid.workspace.values import Polygon


def polygon(*corners: tuple[float, float]) -> Polygon:
    return np.array(corners, dtype=np.float32)


SQUARE = polygon((10, 10), (90, 10), (90, 50), (10, 50))


def corners(found: Polygon) -> list[list[float]]:
    return sorted(found.tolist())


def test_what_is_inside_stays() -> None:
    part = polygon((20, 20), (40, 20), (40, 30), (20, 30))
    assert corners(inside(part, SQUARE)) == corners(part)


def test_what_is_outside_is_cut_off() -> None:
    part = polygon((20, 0), (40, 0), (40, 60), (20, 60))
    assert corners(inside(part, SQUARE)) == [[20, 10], [20, 50], [40, 10], [40, 50]]


def test_what_is_outside_altogether_becomes_its_parent() -> None:
    part = polygon((200, 0), (240, 0), (240, 60), (200, 60))
    assert inside(part, SQUARE) is SQUARE


def test_a_triangle_gets_a_fourth_corner() -> None:
    parent = polygon((0, 0), (40, 0), (0, 40), (-40, 0))
    found = inside(polygon((20, -10), (60, -10), (60, 60), (20, 60)), parent)
    assert corners(found) == [[20, 0], [20, 20], [30, 10], [40, 0]]


def test_corners_that_matter_less_than_a_pixel_go() -> None:
    steps = [(x, 10 + x % 2) for x in range(10, 91)]
    assert len(simplified(polygon(*steps, (90, 50), (10, 50)))) <= 6


def test_an_outline_thinner_than_a_pixel_stays() -> None:
    thin = polygon((0, 0), (50, 0), (50, 1), (0, 1))
    assert simplified(thin).tolist() == thin.tolist()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (SQUARE, True),
        (SQUARE[::-1], True),
        (polygon((0, 0), (10, 0), (0, 10)), True),
        (polygon((0, 0), (10, 10), (10, 0), (0, 10)), False),  # crosses
        (polygon((0, 0), (10, 0), (10, 10), (5, 0), (0, 10)), False),  # touches a side
        (polygon((0, 0), (5, 5), (10, 0), (10, 10), (5, 5), (0, 10)), False),  # a corner twice
        (polygon((0, 0), (10, 0), (20, 0), (10, 0), (10, 10)), False),  # there and back
        (polygon((0, 0), (10, 0), (10, 0), (10, 10)), False),  # a side without length
        (polygon((0, 0), (5, 0), (10, 0), (10, 10)), True),  # a corner of 180 degrees
    ],
)
def test_an_outline_is_simple_if_it_does_not_meet_itself(given: Polygon, expected: bool) -> None:
    assert is_simple(given) is expected

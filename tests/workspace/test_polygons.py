"""Outlines inside of the page and of the segment around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocrd_rapid.workspace.page import Polygon
from ocrd_rapid.workspace.polygons import clip, inside_page


def polygon(*points: tuple[float, float]) -> Polygon:
    return np.array(points, dtype=np.float32)


def area(outline: Polygon) -> float:
    x, y = outline.T.astype(np.float64)
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


SQUARE = polygon((10, 10), (30, 10), (30, 30), (10, 30))


def test_an_outline_inside_of_the_page_is_only_rounded() -> None:
    outline = polygon((1.4, 2.6), (50, 2.6), (50, 20))
    assert inside_page(outline, 100, 100).tolist() == [[1, 3], [50, 3], [50, 20]]


def test_an_outline_is_moved_into_the_page() -> None:
    outline = polygon((-5, -5), (200, -5), (200, 90), (-5, 90))
    assert inside_page(outline, 100, 80).tolist() == [[0, 0], [99, 0], [99, 79], [0, 79]]


@example([(99.0, 20.0), (99.0, 40.0)], 100, 80)
@given(
    st.lists(st.tuples(*[st.floats(-50, 150, width=32)] * 2), min_size=1, max_size=6),
    st.integers(2, 100),
    st.integers(2, 100),
)
def test_the_result_is_always_inside_and_has_extent(
    points: list[tuple[float, float]], width: int, height: int
) -> None:
    inside = inside_page(polygon(*points), width, height)
    assert inside.min() >= 0
    assert (inside.max(axis=0) <= (width - 1, height - 1)).all()
    assert (inside == np.rint(inside)).all()
    assert (np.ptp(inside, axis=0) >= 1).all()


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

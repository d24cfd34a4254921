# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes: their corners, size and direction, and what is cut out along them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.ocr.geometry import (
    Points,
    box_of_polygon,
    box_size,
    cut_box,
    hull,
    is_tall,
    median_angle,
    order_corners,
    rotate_points,
    warped,
)

RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def rectangle(
    width: float, height: float, degrees: float = 0.0, centre: tuple[float, float] = (0.0, 0.0)
) -> Points:
    """Return the corners of a rectangle, clockwise from its top left, turned clockwise."""
    x, y = width / 2, height / 2
    corners = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(corners @ turn.T + centre, dtype=np.float32)


def upright(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def signed_area(polygon: Points) -> float:
    """Return the area, positive if the polygon runs clockwise as seen."""
    x, y = np.asarray(polygon, dtype=np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


lengths = st.floats(5, 4000)
tilts = st.floats(-44.5, 44.5)
centres = st.tuples(st.floats(0, 9000), st.floats(0, 9000))
starts = st.integers(0, 3)


@given(lengths, lengths, tilts, centres, starts, st.booleans())
def test_corners_are_ordered_whatever_their_start_and_direction(
    width: float,
    height: float,
    tilt: float,
    centre: tuple[float, float],
    start: int,
    backwards: bool,
) -> None:
    expected = rectangle(width, height, tilt, centre)
    given_corners = np.roll(expected, start, axis=0)
    if backwards:
        given_corners = given_corners[::-1]
    assert np.array_equal(order_corners(given_corners), expected)


@pytest.mark.parametrize("tilt", [-40, -10, -3, 0, 3, 10, 40])
def test_a_tilted_tall_box_keeps_its_top(tilt: float) -> None:
    box = rectangle(20, 400, tilt, (500, 500))
    assert np.array_equal(order_corners(np.roll(box, 1, axis=0)), box)


@pytest.mark.parametrize(("tilt", "turned"), [(50, 1), (-50, -1), (130, 1), (180, 2), (-91, -1)])
def test_beyond_45_degrees_another_side_is_the_top(tilt: float, turned: int) -> None:
    box = rectangle(100, 80, tilt)
    assert np.array_equal(order_corners(box), np.roll(box, turned, axis=0))


def test_ordered_corners_stay_as_they_are() -> None:
    ordered = order_corners(rectangle(30, 10, 20, (50, 50))[::-1])
    assert np.array_equal(order_corners(ordered), ordered)


def test_corners_may_be_integers_and_come_out_as_floats() -> None:
    corners: Any = [[10, 40], [10, 20], [70, 20], [70, 40]]
    ordered = order_corners(corners)
    assert ordered.dtype == np.float32
    assert ordered.tolist() == [[10, 20], [70, 20], [70, 40], [10, 40]]


@given(st.integers(0, 9000), st.integers(0, 9000), st.integers(0, 50), st.integers(0, 50), starts)
def test_ordering_ends_for_boxes_without_area(
    x: int, y: int, width: int, height: int, start: int
) -> None:
    line = np.array([[x, y], [x + width, y + height]] * 2, dtype=np.float32)[[0, 1, 1, 0]]
    ordered = order_corners(np.roll(line, start, axis=0))
    assert sorted(ordered.tolist()) == sorted(line.tolist())


def test_a_box_of_a_few_pixels_is_ordered_far_from_the_origin() -> None:
    rng = np.random.default_rng(0)
    for _ in range(2000):
        width, height = rng.uniform(1, 3, 2)
        x, y = rng.uniform(5_000, 10_000, 2)
        box = rectangle(width, height, rng.uniform(-40, 40), (x, y))
        assert np.array_equal(order_corners(box[::-1]), box)


@given(lengths, lengths, tilts, centres)
def test_size_is_measured_along_the_sides(
    width: float, height: float, tilt: float, centre: tuple[float, float]
) -> None:
    assert box_size(rectangle(width, height, tilt, centre)) == pytest.approx(
        (width, height), abs=0.01
    )


def test_size_of_a_quadrangle_is_that_of_its_longer_sides() -> None:
    box = np.array([[0, 0], [80, 0], [100, 30], [0, 20]], dtype=np.float32)
    width, height = box_size(box)
    assert width == pytest.approx(np.hypot(100, 10))
    assert height == pytest.approx(np.hypot(20, 30))


@pytest.mark.parametrize(
    ("width", "height", "tall"),
    [(100, 20, False), (100, 149, False), (100, 150, True), (20, 100, True), (0, 5, True)],
)
def test_a_box_is_tall_from_one_and_a_half_times_its_width(
    width: float, height: float, tall: bool
) -> None:
    assert is_tall(upright(1000, 1000, 1000 + width, 1000 + height)) is tall


def test_four_points_of_a_polygon_are_the_corners_of_its_box() -> None:
    corners = np.array([[10, 12], [110, 8], [112, 30], [9, 33]], dtype=np.float32)
    assert np.array_equal(box_of_polygon(corners[[2, 1, 0, 3]]), corners)


def test_the_box_of_an_upright_polygon_is_its_bounding_box() -> None:
    polygon = np.array(
        [[10, 20], [60, 18], [110, 20], [110, 40], [60, 43], [10, 40]], dtype=np.float32
    )
    assert np.array_equal(box_of_polygon(polygon), upright(10, 18, 110, 43))


@pytest.mark.parametrize("tilt", [-15, -5, 5, 15])
def test_the_box_of_a_slanted_polygon_follows_its_slant(tilt: float) -> None:
    box = rectangle(400, 30, tilt, (500, 300))
    polygon = np.concatenate(
        [np.linspace(a, b, 5) for a, b in zip(box, np.roll(box, -1, 0), strict=True)]
    )
    assert box_of_polygon(polygon[::-1]) == pytest.approx(box, abs=0.5)


def test_a_polygon_of_three_points_has_a_box() -> None:
    triangle = np.array([[0, 0], [100, 0], [50, 40]], dtype=np.float32)
    assert signed_area(box_of_polygon(triangle)) == pytest.approx(100 * 40)


boxes = st.builds(
    lambda x, y, w, h: upright(x, y, x + w, y + h),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.integers(1, 900),
    st.integers(1, 900),
)


@given(st.lists(boxes, min_size=1, max_size=6))
def test_a_hull_contains_all_points_and_has_no_others(polygons: list[Points]) -> None:
    outline = hull(polygons)
    points = np.concatenate(polygons)
    assert all(cv2.pointPolygonTest(outline, p.tolist(), True) >= -1e-3 for p in points)
    assert {tuple(p) for p in outline.tolist()} <= {tuple(p) for p in points.tolist()}


@given(st.lists(boxes, min_size=1, max_size=6))
def test_a_hull_is_convex(polygons: list[Points]) -> None:
    outline = np.asarray(hull(polygons), dtype=np.float64)
    one, two = np.roll(outline, -1, 0) - outline, np.roll(outline, -2, 0) - np.roll(outline, -1, 0)
    turns = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    assert (turns > 0).all() or (turns < 0).all()


def test_the_hull_of_a_rectangle_is_the_rectangle() -> None:
    box = upright(10, 20, 70, 40)
    assert sorted(hull([box, upright(20, 25, 60, 35)]).tolist()) == sorted(box.tolist())


def test_a_hull_is_clockwise_as_seen() -> None:
    assert signed_area(hull([upright(0, 0, 10, 5), upright(20, 0, 30, 9)])) > 0


def drawn(box: Points, shape: tuple[int, int] = (300, 400)) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Draw a box in green on white, the quarter at its first corner in red."""
    image = np.full((*shape, 3), 255, dtype=np.uint8)
    middle = box.mean(axis=0)
    quarter = np.array([box[0], (box[0] + box[1]) / 2, middle, (box[0] + box[3]) / 2])
    cv2.fillPoly(image, [np.rint(box).astype(np.int32)], GREEN)
    cv2.fillPoly(image, [np.rint(quarter).astype(np.int32)], RED)
    return image


def quarters(cut: np.ndarray[Any, Any]) -> list[tuple[int, ...]]:
    """Return the colours in the middle of the quarters, from the top left by rows."""
    height, width = cut.shape[:2]
    return [
        tuple(int(v) for v in cut[height * y // 4, width * x // 4])
        for y, x in ((1, 1), (1, 3), (3, 1), (3, 3))
    ]


@pytest.mark.parametrize("tilt", [-40, -20, -3, 0, 3, 20, 40])
def test_a_tilted_box_is_cut_out_upright(tilt: float) -> None:
    box = rectangle(160, 60, tilt, (200, 150))
    cut = cut_box(drawn(box), box)
    assert abs(cut.shape[0] - 60) <= 1 and abs(cut.shape[1] - 160) <= 1
    assert quarters(cut) == [RED, GREEN, GREEN, GREEN]
    assert cut[3:-3, 3:-3].reshape(-1, 3)[:, 0].max() < 60, "something white is inside"


@pytest.mark.parametrize("tilt", [-20, 0, 20])
def test_a_tall_box_is_turned_anticlockwise(tilt: float) -> None:
    box = rectangle(60, 160, tilt, (200, 150))
    cut = cut_box(drawn(box), box)
    assert abs(cut.shape[0] - 60) <= 1 and abs(cut.shape[1] - 160) <= 1
    # The first corner, at the top left, comes to the bottom left.
    assert quarters(cut) == [GREEN, GREEN, RED, GREEN]
    assert cut.flags.c_contiguous


def test_a_tall_box_stays_tall_where_its_direction_is_known() -> None:
    box = rectangle(60, 160, 10, (200, 150))
    cut = cut_box(drawn(box), box, quarter_turn_tall=False)
    assert abs(cut.shape[0] - 160) <= 1 and abs(cut.shape[1] - 60) <= 1
    assert quarters(cut) == [RED, GREEN, GREEN, GREEN]


def test_an_upright_box_is_cut_out_pixel_by_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    cut = cut_box(image, upright(10, 20, 70, 50))
    assert np.array_equal(cut, image[20:50, 10:70])


def test_beyond_the_edge_of_the_image_its_border_is_repeated() -> None:
    image = np.full((50, 100, 3), 255, dtype=np.uint8)
    image[:, 0], image[:, -1] = BLUE, RED
    cut = cut_box(image, upright(-20, 10, 120, 30))
    assert cut.shape == (20, 140, 3)
    assert (cut[:, :20] == BLUE).all()
    assert (cut[:, 21:119] == WHITE).all()
    assert (cut[:, 120:] == RED).all()


def test_a_box_outside_of_the_image_is_filled_from_its_border() -> None:
    image = np.full((50, 100, 3), 7, dtype=np.uint8)
    assert (cut_box(image, upright(200, 200, 240, 220)) == np.full((20, 40, 3), 7)).all()


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (upright(5, 5, 6, 6), (1, 1)),
        (upright(5, 5, 5, 5), (1, 1)),
        (upright(5, 5, 25, 5), (1, 20)),
        (upright(5, 5, 25, 6), (1, 20)),
        (upright(5, 5, 5, 25), (1, 20)),
        (upright(5, 5, 5.4, 5.2), (1, 1)),
    ],
)
def test_a_cut_has_at_least_one_pixel(box: Points, size: tuple[int, int]) -> None:
    cut = cut_box(np.full((30, 30, 3), 9, dtype=np.uint8), box)
    assert cut.shape == (*size, 3)
    assert cut.dtype == np.uint8


def test_no_boxes_have_no_angle() -> None:
    assert median_angle([]) == 0.0


@given(tilts, st.lists(st.tuples(st.floats(20, 900), st.floats(8, 40)), min_size=1, max_size=9))
def test_the_angle_of_parallel_boxes_is_theirs(
    tilt: float, sizes: list[tuple[float, float]]
) -> None:
    found = median_angle([rectangle(w, h, tilt, (500, 500)) for w, h in sizes])
    assert found == pytest.approx(tilt, abs=0.01)


def test_clockwise_is_positive() -> None:
    falling = np.array([[0, 0], [100, 10], [98, 30], [-2, 20]], dtype=np.float32)
    assert median_angle([falling]) == pytest.approx(np.degrees(np.arctan2(10, 100)), abs=0.01)


def test_short_boxes_do_not_decide_the_angle() -> None:
    words = [rectangle(20, 15, -30) for _ in range(10)]
    lines = [rectangle(500, 15, 2) for _ in range(3)]
    assert median_angle([*words, *lines]) == pytest.approx(2, abs=0.01)


def test_one_crooked_line_does_not_change_the_angle() -> None:
    lines = [rectangle(500, 15, tilt) for tilt in (1, 1.1, 1.2, 30, 1.3)]
    assert median_angle(lines) == pytest.approx(1.2, abs=0.01)


def test_boxes_without_extent_have_an_angle() -> None:
    assert median_angle([upright(5, 5, 5, 5)] * 3) == 0.0


def test_points_turn_clockwise_as_seen() -> None:
    right: Points = np.array([[1, 0]], dtype=np.float32)
    assert rotate_points(right, 90) == pytest.approx(np.array([[0, 1]]), abs=1e-6)
    assert rotate_points(right, -90) == pytest.approx(np.array([[0, -1]]), abs=1e-6)


@given(st.floats(-360, 360), lengths, lengths, centres)
def test_turning_back_gives_the_points_again(
    degrees: float, width: float, height: float, centre: tuple[float, float]
) -> None:
    box = rectangle(width, height, 0, centre)
    turned = rotate_points(box, degrees)
    assert turned.dtype == np.float32
    assert rotate_points(turned, -degrees) == pytest.approx(box, abs=0.01)


@given(tilts)
def test_a_turned_rectangle_has_that_angle(degrees: float) -> None:
    assert rotate_points(rectangle(80, 20), degrees) == pytest.approx(
        rectangle(80, 20, degrees), abs=1e-3
    )


@given(
    st.integers(-3, 60), st.integers(-3, 40), st.integers(1, 70), st.integers(1, 50),
    st.sampled_from([0.0, 0.0, 1e-5, 0.02, 0.5]),
)  # fmt: skip
def test_a_straight_box_is_cut_out_as_interpolation_would(
    left: int, top: int, width: int, height: int, off: float
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    matrix = np.array([[1, 0, -left - off], [0, 1, off - top], [0, 0, 1]], dtype=np.float64)
    expected = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    found = warped(image, matrix, (width, height))
    assert np.array_equal(found, expected)
    inside = left >= 0 and top >= 0 and left + width <= 60 and top + height <= 40
    assert np.shares_memory(found, image) == (inside and off < 1e-3)

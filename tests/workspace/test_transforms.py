# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Matrices, angles and boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.transforms import (
    Box,
    bounding_box,
    normalized_angle,
    quarter_turn,
    rotation,
    shift,
    split_angle,
    transform_points,
)


@pytest.mark.parametrize(
    ("orientation", "quarter", "skew"),
    [
        (0, 0, 0), (5, 0, 5), (-5, 0, -5), (44, 0, 44), (45, 0, 45), (46, 90, -44), (90, 90, 0),
        (95, 90, 5), (135, 90, 45), (180, 180, 0), (-180, 180, 0), (-45, 270, 45), (-44, 0, -44),
        (-90, 270, 0), (270, 270, 0), (-95, 270, -5), (360, 0, 0), (359.5, 0, -0.5),
        (3 - 2.9 - 0.1, 0, 0), (90 + 1e-9, 90, 0),
    ],
)  # fmt: skip
def test_angles_are_split_into_quarter_turns_and_skew(
    orientation: float, quarter: int, skew: float
) -> None:
    assert split_angle(orientation) == (quarter, skew)


@given(st.floats(-1e12, 1e12))
def test_quarter_turn_and_skew_make_up_the_angle(orientation: float) -> None:
    quarter, skew = split_angle(orientation)
    assert quarter in (0, 90, 180, 270)
    assert skew + 1e-9 > -45
    assert skew <= 45
    off = (quarter + skew - orientation) % 360
    assert min(off, 360 - off) <= 1e-6


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(0, 0), (180, 180), (-180, 180), (181, -179), (-181, 179), (270, -90), (720, 0), (-95, -95)],
)
def test_angles_are_brought_into_the_range_of_page(degrees: float, expected: float) -> None:
    assert normalized_angle(degrees) == expected


@given(st.floats(-1e6, 1e6))
def test_a_normalized_angle_is_the_same_angle(degrees: float) -> None:
    angle = normalized_angle(degrees)
    assert -180 < angle <= 180
    off = (angle - degrees) % 360
    assert min(off, 360 - off) <= 1e-6
    assert str(normalized_angle(-0.0)) == "0.0"


@pytest.mark.parametrize(("quarter", "corner"), [(90, (30, 0)), (180, (20, 30)), (270, (0, 20))])
def test_a_quarter_turn_moves_the_upper_left_corner_clockwise(
    quarter: int, corner: tuple[int, int]
) -> None:
    moved = transform_points(quarter_turn(quarter, 20, 30), np.zeros((1, 2)))
    assert moved.tolist() == [list(corner)]


@pytest.mark.parametrize("quarter", [90, 180, 270])
def test_a_quarter_turn_is_a_rotation_by_that_angle(quarter: int) -> None:
    matrix, canvas = rotation(quarter, 20, 30)
    assert matrix == pytest.approx(quarter_turn(quarter, 20, 30))
    assert canvas == pytest.approx((20, 30) if quarter == 180 else (30, 20))


@given(st.floats(-45, 45), st.integers(1, 20000), st.integers(1, 20000))
def test_the_canvas_just_holds_the_corners(degrees: float, width: int, height: int) -> None:
    matrix, canvas = rotation(degrees, width, height)
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    moved = transform_points(matrix, np.array(corners))
    assert moved.min(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert moved.max(axis=0) == pytest.approx(canvas)


def test_no_points_are_transformed_to_no_points() -> None:
    assert transform_points(shift(1, 2), np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("points", "box"),
    [
        ([(1, 2), (4, 8)], Box(1, 2, 4, 8)),
        ([(0.5, 1.5), (2.5, 3.49)], Box(0, 2, 2, 3)),
        ([(-3.6, 7), (4, 7.2)], Box(-4, 7, 4, 8)),
        ([(5, 5)], Box(5, 5, 6, 6)),
        ([(0, 0), (2e6, 5)], None),
        ([(-1e30, 0), (2, 5)], None),
    ],
)
def test_boxes_are_rounded_and_never_empty(
    points: list[tuple[float, float]], box: Box | None
) -> None:
    assert bounding_box(np.array(points, dtype=np.float64)) == box

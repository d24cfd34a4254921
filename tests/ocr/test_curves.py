# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The course of curved lines, and how they are straightened."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.ocr.lines.curves import course_of, straighten

Points = NDArray[np.float64]
WIDTH, HEIGHT = 600, 30


def outline(middle: Points, height: float = HEIGHT) -> Points:
    """Return the outline of a line that follows these places of its middle."""
    x = np.linspace(0, WIDTH, len(middle))
    upper, lower = middle - height / 2, middle + height / 2
    return np.concatenate([np.column_stack([x, upper]), np.column_stack([x, lower])[::-1]])


def arc(rise: float, count: int = 40) -> Points:
    """Return places of the middle that rise and fall again."""
    x = np.linspace(-1, 1, count)
    return np.asarray(100 + rise * x**2)


@pytest.mark.parametrize("rise", [20, 60, -60])
def test_the_course_is_that_of_the_middle(rise: float) -> None:
    course = course_of(outline(arc(rise)), WIDTH)
    assert course is not None
    assert course.middle.shape == (WIDTH,)
    assert course.middle == pytest.approx(arc(rise, WIDTH), abs=1.5)
    assert course.top == pytest.approx(-HEIGHT / 2, abs=2)
    assert course.height == pytest.approx(HEIGHT, abs=3)


def test_a_wave_is_followed() -> None:
    x = np.linspace(-1, 1, 60)
    middle = 100 + 80 * (x**3 - x)
    course = course_of(outline(middle), WIDTH)
    assert course is not None
    expected = np.interp(np.arange(WIDTH), np.linspace(0, WIDTH, 60), middle)
    assert course.middle == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("rise", [0, 5, -5])
def test_an_almost_straight_line_has_no_course(rise: float) -> None:
    assert course_of(outline(arc(rise)), WIDTH) is None


def test_single_peaks_of_the_outline_do_not_make_the_line_higher() -> None:
    points = outline(arc(60))
    points[20, 1] -= 40
    course = course_of(points, WIDTH)
    assert course is not None
    assert course.height == pytest.approx(HEIGHT, abs=6)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (600, 0), (600, 30), (0, 30)],
        [(0, 0), (600, 200), (600, 230), (0, 30)],
    ],
)
def test_few_corners_are_no_curve(points: list[tuple[float, float]]) -> None:
    assert course_of(np.array(points), WIDTH) is None


def test_a_line_higher_than_long_has_no_course() -> None:
    angles = np.linspace(0, 2 * np.pi, 30)
    circle = np.column_stack([10 + 10 * np.cos(angles), 50 + 50 * np.sin(angles)])
    assert course_of(circle, 20) is None


def test_an_outline_beside_its_box_has_no_course() -> None:
    assert course_of(np.add(outline(arc(60)), (1000, 0)), WIDTH) is None


def test_a_straightened_line_lies_level() -> None:
    image = np.full((200, WIDTH, 3), 255, dtype=np.uint8)
    middle = arc(60, WIDTH)
    for x in range(WIDTH):
        image[round(middle[x]) - 2 : round(middle[x]) + 3, x] = 0
    found = straighten(image, np.eye(3), middle - 15, 30)
    assert found.shape == (30, WIDTH, 3)
    assert (found[14:17].mean(axis=(0, 2)) < 30).all()
    assert (found[:10] > 220).all()
    assert (found[-10:] > 220).all()


def test_a_straightened_line_is_taken_from_where_its_box_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (80, 90, 3), dtype=np.uint8)
    shift = np.array([[1, 0, 20], [0, 1, 30], [0, 0, 1]], dtype=np.float64)
    found = straighten(image, shift, np.zeros(40), 25)
    assert (found == image[30:55, 20:60]).all()


def test_beyond_the_image_its_edge_goes_on() -> None:
    image = np.random.default_rng(0).integers(0, 256, (10, 20, 3), dtype=np.uint8)
    found = straighten(image, np.eye(3), np.full(20, -5.0), 20)
    assert (found[:5] == image[0]).all()
    assert (found[5:15] == image).all()
    assert (found[15:] == image[-1]).all()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Ink of neighbouring lines is painted over, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.ocr.lines.neighbours import hide_neighbours

Image = NDArray[np.uint8]
PAPER, INK = 230, 20

#: The line is in the middle of the image, a neighbour above and one below.
OWN = np.array([(0, 20), (200, 20), (200, 40), (0, 40)], dtype=np.float32)
ABOVE, BELOW = np.subtract(OWN, (0, 20)), np.add(OWN, (0, 20))


def image(*boxes: tuple[int, int, int, int]) -> Image:
    """Return paper with ink in these boxes: left, top, right, bottom."""
    found = np.full((60, 200, 3), PAPER, dtype=np.uint8)
    for left, top, right, bottom in boxes:
        found[top:bottom, left:right] = INK
    return found


def inked(found: Image) -> NDArray[np.bool_]:
    return np.asarray(found[..., 0] < 128)


def test_ink_of_neighbours_is_painted_over_and_own_ink_stays() -> None:
    own = image((10, 24, 30, 36))
    found = hide_neighbours(image((10, 24, 30, 36), (50, 2, 70, 12), (90, 50, 99, 58)), OWN,
                            [ABOVE, BELOW])  # fmt: skip
    assert (found == own).all()


def test_an_ascender_that_reaches_into_the_neighbour_stays_whole() -> None:
    given = image((10, 14, 14, 36))
    assert hide_neighbours(given, OWN, [ABOVE]) is given


def test_a_descender_of_the_neighbour_is_painted_over_outside_of_the_own_outline() -> None:
    found = hide_neighbours(image((50, 2, 54, 24), (10, 24, 30, 36)), OWN, [ABOVE])
    assert inked(found)[:20].sum() == 0
    assert inked(found)[21:24, 50:54].all()


def test_ink_that_is_in_no_outline_stays() -> None:
    given = image((10, 24, 30, 36), (50, 2, 70, 12))
    assert hide_neighbours(given, OWN, [BELOW]) is given


def test_ink_in_both_outlines_stays() -> None:
    given = image((10, 24, 30, 36))
    assert hide_neighbours(given, OWN, [OWN, np.add(OWN, (0, 2))]) is given


def test_the_given_image_is_not_changed() -> None:
    given = image((10, 24, 30, 36), (50, 2, 70, 12))
    before = given.copy()
    assert (hide_neighbours(given, OWN, [ABOVE]) != before).any()
    assert (given == before).all()


def test_paint_has_the_colour_of_the_paper() -> None:
    given = image((50, 2, 70, 12))
    given[given[..., 0] == PAPER] = (200, 220, 240)
    found = hide_neighbours(given, OWN, [ABOVE])
    assert found[5, 60].tolist() == [200, 220, 240]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [np.array([(1e9, 1e9), (2e9, 1e9), (2e9, 2e9)])],
        [np.array([(-1e9, -1e9), (-2e9, -1e9), (-2e9, -2e9)])],
    ],
)
def test_without_neighbours_in_the_image_nothing_changes(others: list[NDArray[np.float64]]) -> None:
    given = image((10, 24, 30, 36))
    assert hide_neighbours(given, OWN, others) is given


def test_an_outline_outside_of_the_image_hides_nothing() -> None:
    given = image((50, 2, 70, 12))
    assert hide_neighbours(given, np.add(OWN, (0, 500)), [ABOVE]) is given

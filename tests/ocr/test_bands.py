# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The rows that the text of a line takes, whatever is above and below."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.ocr.lines.bands import Band, text_band

Image = NDArray[np.uint8]

X_HEIGHT, ASCENT, DESCENT = 20, 12, 8


def blank(height: int = 120, width: int = 800) -> Image:
    return np.full((height, width, 3), 255, dtype=np.uint8)


def write(image: Image, top: int, *, ascenders: bool = True, descenders: bool = True) -> Image:
    """Paint letters whose bodies begin at a row: every fifth has an ascender or a descender."""
    for number, x in enumerate(range(20, image.shape[1] - 20, 15)):
        first = top - ASCENT if ascenders and number % 5 == 0 else top
        end = top + X_HEIGHT + (DESCENT if descenders and number % 5 == 2 else 0)
        image[max(0, first) : max(0, end), x : x + 6] = 20
    return image


def found(image: Image, baseline: float | None = None) -> Band:
    band = text_band(image, baseline)
    assert band is not None
    return band


@pytest.mark.parametrize("top", [15, 40, 60, 80])
@pytest.mark.parametrize("scale", [1, 3])
def test_a_line_alone_is_found_wherever_it_is(top: int, scale: int) -> None:
    image = write(blank(), top)
    band = found(np.asarray(cv2.resize(image, None, fx=scale, fy=scale), dtype=np.uint8))
    expected = (scale * (top - ASCENT), scale * (top + X_HEIGHT + DESCENT))
    assert (band.top, band.bottom) == pytest.approx(expected, abs=3 * scale)
    assert band.slope == 0
    assert not band.is_cut


@pytest.mark.parametrize("pitch", [45, 60])
def test_lines_above_and_below_are_left_out(pitch: int) -> None:
    image = blank(3 * pitch)
    middle = pitch + (pitch - X_HEIGHT) // 2
    for top in (middle - pitch, middle, middle + pitch):
        write(image, top)
    band = found(image)
    assert band.top == pytest.approx(middle - ASCENT, abs=4)
    assert band.bottom == pytest.approx(middle + X_HEIGHT + DESCENT, abs=4)


def test_small_letters_alone_take_their_own_height() -> None:
    band = found(write(blank(), 50, ascenders=False, descenders=False))
    assert (band.top, band.bottom) == pytest.approx((50, 70), abs=2)


def test_the_baseline_tells_which_line_is_meant() -> None:
    image = write(write(blank(240), 30), 190)
    assert found(image, 50).top == pytest.approx(18, abs=3)
    assert found(image, 210).top == pytest.approx(178, abs=3)


@pytest.mark.parametrize("slope", [-0.03, -0.01, 0.02])
def test_a_line_that_is_not_level_is_found_with_its_slope(slope: float) -> None:
    image = write(blank(160), 70)
    fall = np.array([[1, 0, 0], [slope, 1, -400 * slope]])
    tilted = cv2.warpAffine(image, fall, (800, 160), borderValue=(255, 255, 255))
    band = found(np.asarray(tilted, dtype=np.uint8))
    assert band.slope == pytest.approx(slope, abs=0.003)
    assert (band.top, band.bottom) == pytest.approx((58, 98), abs=4)


def test_specks_and_what_shines_through_change_nothing() -> None:
    image = write(blank(), 50)
    rng = np.random.default_rng(0)
    for x, y in rng.integers(0, (800, 120), (60, 2)).tolist():
        cv2.circle(image, (x, y), 1, (90, 90, 90), cv2.FILLED)
    noisy = np.clip(image + rng.normal(0, 12, image.shape), 0, 255).astype(np.uint8)
    band = found(noisy)
    assert (band.top, band.bottom) == pytest.approx((38, 78), abs=6)


@pytest.mark.parametrize(("top", "is_cut"), [(-8, True), (8, True), (20, False), (90, True)])
def test_it_shows_where_an_outline_cuts_the_text(top: int, is_cut: bool) -> None:
    assert found(write(blank(), top), top + X_HEIGHT).is_cut is is_cut


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_nothing_is_found_without_text(shade: int) -> None:
    assert text_band(np.full((60, 400, 3), shade, dtype=np.uint8)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 2)])
def test_tiny_images_have_no_text(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert text_band(image) is None

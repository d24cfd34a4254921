# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Skew, noise, contrast and light of typeset pages: measured, and mended."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typeset_pages import (
    HEIGHT,
    WIDTH,
    blank,
    picture,
    rotated,
    typeset,
    with_contrast,
    with_grain,
    with_impulses,
    with_shadow,
)

from ocrd_rapid.ocr.preprocessing import (
    even_out,
    find_skew,
    measure_background,
    measure_levels,
    measure_noise,
    remove_grain,
    remove_impulses,
    stretch,
    unevenness,
)
from ocrd_rapid.pixels import BgrImage

PAGE = typeset()
SETTINGS = settings(max_examples=15)


def distance(one: BgrImage, other: BgrImage) -> float:
    """Return the root of the mean squared difference."""
    return float(np.sqrt(np.mean((one.astype(np.float64) - other) ** 2)))


# Skew


@given(degrees=st.floats(-14.5, 14.5))
@SETTINGS
def test_the_skew_of_a_page_is_found(degrees: float) -> None:
    assert find_skew(rotated(PAGE, degrees)) == pytest.approx(-degrees, abs=0.15)


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("degrees", [-9.3, -1.1, 0.5, 2.8, 13.2])
def test_columns_that_do_not_stand_in_line_do_not_mislead(columns: int, degrees: float) -> None:
    assert find_skew(rotated(typeset(columns), degrees)) == pytest.approx(-degrees, abs=0.25)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_the_skew_is_found_whichever_way_the_page_lies(quarter: int) -> None:
    lying = np.ascontiguousarray(np.rot90(rotated(PAGE, 3.3), quarter))
    assert find_skew(lying) == pytest.approx(-3.3, abs=0.1)


def test_a_level_page_has_no_skew() -> None:
    assert find_skew(PAGE) == 0.0


def test_a_picture_that_hangs_askew_does_not_mislead() -> None:
    page = PAGE.copy()
    picture(page, 100, 100, 900, 800, degrees=6)
    assert find_skew(rotated(page, 2)) == pytest.approx(-2, abs=0.1)


def test_the_dark_rim_of_a_scan_does_not_mislead() -> None:
    skewed = rotated(PAGE, 2.5)
    skewed[:, :70] = 10
    skewed[-60:] = 10
    assert find_skew(skewed) == pytest.approx(-2.5, abs=0.1)


@pytest.mark.parametrize("spoil", [
    lambda page: with_grain(page, 20),
    lambda page: with_impulses(page, 0.02),
    lambda page: with_shadow(page, 0.4),
    lambda page: with_contrast(page, 0.3),
    lambda page: np.where(page > 128, np.uint8(255), np.uint8(0)),
], ids=["grain", "impulses", "shadow", "contrast", "1-bit"])  # fmt: skip
def test_the_skew_of_a_bad_scan_is_found(spoil: Callable[[BgrImage], BgrImage]) -> None:
    assert find_skew(spoil(rotated(PAGE, -4.2))) == pytest.approx(4.2, abs=0.1)


def test_the_skew_of_a_large_scan_is_found() -> None:
    large = cv2.resize(rotated(PAGE, 1.7), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert find_skew(np.asarray(large, dtype=np.uint8)) == pytest.approx(-1.7, abs=0.1)


def only_a_picture() -> BgrImage:
    page = blank()
    picture(page, 100, 100, 900, 1200, degrees=6)
    return page


def static() -> BgrImage:
    return np.random.default_rng(0).integers(0, 256, (800, 600, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "page",
    [blank(), blank(level=0), only_a_picture(), static(), with_grain(blank(level=200), 20)],
    ids=["white", "black", "picture", "static", "grain"],
)
def test_what_has_no_text_has_no_skew(page: BgrImage) -> None:
    assert find_skew(page) == 0.0


# Noise


@pytest.mark.parametrize("sigma", [5, 10, 20])
def test_the_grain_is_measured_beside_text(sigma: float) -> None:
    assert measure_noise(with_grain(PAGE, sigma)).sigma == pytest.approx(sigma, rel=0.2)


@pytest.mark.parametrize("page", [blank(), PAGE, rotated(PAGE, 3)], ids=["blank", "text", "skew"])
def test_a_clean_page_has_no_noise(page: BgrImage) -> None:
    noise = measure_noise(page)
    assert noise.sigma < 1
    assert noise.impulses < 0.0005


def test_grain_is_smoothed_while_the_edges_stay() -> None:
    noisy = with_grain(PAGE, 20)
    smooth = remove_grain(noisy, measure_noise(noisy).sigma)
    assert distance(smooth, PAGE) < 0.6 * distance(noisy, PAGE)
    # A stroke still goes from paper to ink within as few pixels.
    assert measure_levels(smooth).contrast > 0.85 * measure_levels(PAGE).contrast


def test_colours_stay_where_grain_is_smoothed() -> None:
    page = PAGE.copy()
    page[:700, :, 2] //= 2
    smooth = remove_grain(with_grain(page, 15), 15)
    assert smooth[:60].mean(axis=(0, 1)) == pytest.approx(page[0, 0], abs=3)
    assert smooth[-60:].mean(axis=(0, 1)) == pytest.approx(page[-1, 0], abs=3)


@pytest.mark.parametrize("share", [0.01, 0.03, 0.06])
def test_impulses_are_removed_and_little_else(share: float) -> None:
    noisy = with_impulses(PAGE, share)
    assert measure_noise(noisy).impulses > share / 4
    cleaned = remove_impulses(noisy)
    assert measure_noise(cleaned).impulses < share / 20
    assert distance(cleaned, PAGE) < 0.35 * distance(noisy, PAGE)


def test_without_impulses_nearly_nothing_is_replaced() -> None:
    solid = blank()
    cv2.rectangle(solid, (100, 100), (400, 130), (0, 0, 0), -1)
    cv2.rectangle(solid, (100, 200), (400, 201), (0, 0, 0), -1)  # a thin rule
    cleaned = remove_impulses(solid)
    assert np.count_nonzero((cleaned != solid).any(axis=2)) <= 8  # the corners


# Contrast


def test_faint_text_becomes_black_on_white() -> None:
    faint = with_contrast(PAGE, 0.3)
    levels = measure_levels(faint)
    assert levels.contrast == pytest.approx(0.3 * 205, abs=8)
    clear = measure_levels(stretch(faint, levels))
    assert (clear.ink, clear.paper) == pytest.approx((0, 255), abs=3)


def test_stretching_keeps_the_order_of_grey_levels() -> None:
    ramp = np.repeat(np.arange(60, 160, dtype=np.uint8)[None, :, None], 3, axis=2)
    values = stretch(np.repeat(ramp, 10, axis=0), measure_levels(ramp))[0, :, 0].astype(int)
    assert (np.diff(values) >= 0).all()
    assert (values[0], values[-1]) == (0, 255)


# Light


@pytest.mark.parametrize("darkest", [0.3, 0.5, 0.7])
def test_a_shadow_is_measured_and_removed(darkest: float) -> None:
    dark = with_shadow(PAGE, darkest)
    background = measure_background(dark)
    # Nine tenths of the way from the lightest column to the darkest, against one tenth.
    tenth, ninth = 0.9 + 0.1 * darkest, 0.1 + 0.9 * darkest
    assert unevenness(background) == pytest.approx(1 - ninth / tenth, abs=0.05)
    even = even_out(dark, background)
    assert unevenness(measure_background(even)) < 0.05
    assert distance(even, PAGE) < 0.25 * distance(dark, PAGE)


def test_letters_are_no_shadow() -> None:
    assert unevenness(measure_background(PAGE)) < 0.05


def test_light_is_not_raised_beyond_measure() -> None:
    page = blank(level=200)
    page[:, :500] = 2
    even = even_out(page, measure_background(page))
    assert (even[:, :400] == 8).all()
    assert (even[:, 600:] == 200).all()


# Anything


@given(
    width=st.integers(1, 40), height=st.integers(1, 40), seed=st.integers(0, 1000),
    levels=st.sampled_from([1, 2, 256]),
)  # fmt: skip
@settings(max_examples=60)
def test_tiny_images_go_through_every_step(width: int, height: int, seed: int, levels: int) -> None:
    values = np.random.default_rng(seed).integers(0, levels, (height, width, 3))
    image = (values * (255 // max(levels - 1, 1))).astype(np.uint8)
    before = image.copy()
    results = [
        remove_impulses(image),
        remove_grain(image, measure_noise(image).sigma),
        stretch(image, measure_levels(image)),
        even_out(image, measure_background(image)),
    ]
    assert abs(find_skew(image)) <= 15
    assert (image == before).all()
    for result in results:
        assert result.shape == image.shape
        assert result.dtype == np.uint8
        assert not np.shares_memory(result, image)


def test_an_image_that_must_not_be_written_to_is_no_obstacle() -> None:
    page = with_impulses(with_shadow(with_grain(PAGE, 8), 0.6), 0.02)
    page.setflags(write=False)
    results = [
        remove_impulses(page),
        remove_grain(page, 8),
        stretch(page, measure_levels(page)),
        even_out(page, measure_background(page)),
    ]
    assert [result.shape for result in results] == [(HEIGHT, WIDTH, 3)] * 4

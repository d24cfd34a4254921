# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every kind of image that Pillow knows becomes the same kind of array."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from ocrd_rapid.errors import ImageError
from ocrd_rapid.pixels import (
    by_plane,
    grey_as_bgr,
    grey_of,
    on_paper,
    plane_of,
    quarter_turned,
    to_8_bit,
    to_bgr,
)

#: Four pixels, RGB: red, green, blue, an orange whose channels all differ.
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (230, 120, 40)]


def image_of(pixels: list[Any], mode: str) -> Image.Image:
    """Return an image of one row."""
    image = Image.new(mode, (len(pixels), 1))
    for x, pixel in enumerate(pixels):
        image.putpixel((x, 0), pixel)
    return image


def rgb(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the only row of the converted image as RGB."""
    return [tuple(int(v) for v in pixel[::-1]) for pixel in to_bgr(image)[0]]


def grey(image: Image.Image) -> list[int]:
    """Return the only row of the converted image, which must be grey."""
    pixels = rgb(image)
    assert all(len(set(pixel)) == 1 for pixel in pixels), "not grey"
    return [pixel[0] for pixel in pixels]


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV",
     "I", "F", "I;16", "I;16B", "I;16L", "I;16N", "La"],
)  # fmt: skip
def test_every_mode_gives_a_contiguous_array_of_height_by_width(mode: str) -> None:
    array = to_bgr(Image.new(mode, (5, 3)))
    assert array.shape == (3, 5, 3)
    assert array.dtype == np.uint8
    assert array[:, :, 0].flags.c_contiguous or array.flags.c_contiguous


SHADES = st.integers(1, 40).flatmap(
    lambda width: st.binary(min_size=width, max_size=12 * width).map(
        lambda data: np.frombuffer(data[: len(data) // width * width], np.uint8).reshape(-1, width)
    )
)


@given(SHADES, st.integers(-4, 4), st.integers(1, 60), st.integers(1, 60))
def test_what_is_done_by_plane_is_the_same_as_with_three(
    grey: NDArray[np.uint8], quarters: int, height: int, width: int
) -> None:
    one = grey_as_bgr(grey)
    three = np.ascontiguousarray(one)
    assert plane_of(one) is not None
    assert plane_of(three) is None
    assert np.array_equal(grey_of(one), grey_of(three))
    assert np.array_equal(quarter_turned(one, quarters), np.rot90(three, quarters))
    for method in (cv2.INTER_AREA, cv2.INTER_LINEAR):
        small = by_plane(lambda p, m=method: cv2.resize(p, (width, height), interpolation=m), one)
        expected = cv2.resize(three, (width, height), interpolation=method)
        assert np.array_equal(small, expected)
        assert small.strides[2] == 0


@given(
    st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255),
    st.booleans(),
)  # fmt: skip
def test_paper_shows_through_as_much_as_alpha_says(
    blue: int, green: int, red: int, alpha: int, light_on_dark: bool
) -> None:
    image = np.array([[[blue, green, red], [blue, green, red]]], np.uint8)
    share = np.array([[alpha, 0]], np.uint8)
    found = on_paper(image, share, light_on_dark=light_on_dark)
    light = 0.114 * blue + 0.587 * green + 0.299 * red
    paper = 0 if light_on_dark and alpha and light >= 128 else 255
    expected = [(c * alpha + paper * (255 - alpha)) / 255 for c in (blue, green, red)]
    assert found[0, 1].tolist() == [paper] * 3
    assert np.abs(found[0, 0] - np.array(expected)).max() <= 0.5


def test_the_channels_are_blue_green_red() -> None:
    assert to_bgr(image_of(COLOURS, "RGB"))[0].tolist() == [list(c[::-1]) for c in COLOURS]


def test_rows_and_columns_stay() -> None:
    values = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(to_bgr(Image.fromarray(values)), values[:, :, ::-1])


@pytest.mark.parametrize("size", [(700, 800), (1, 300_000), (300_000, 1)])
def test_large_images_are_converted_whole(size: tuple[int, int]) -> None:
    """More pixels than are converted at once."""
    values = np.random.default_rng(1).integers(0, 256, (*size, 4), dtype=np.uint8)
    colour = Image.fromarray(np.ascontiguousarray(values[:, :, :3]))
    assert np.array_equal(to_bgr(colour), values[:, :, 2::-1])
    share = values[:, :, 3:].astype(float) / 255
    on_white = values[:, :, 2::-1] * share + 255 * (1 - share)
    assert np.abs(to_bgr(Image.fromarray(values)) - on_white).max() <= 0.6


def test_bilevel_becomes_black_and_white() -> None:
    assert grey(image_of([0, 1, 255], "1")) == [0, 255, 255]


def test_grey_stays_grey() -> None:
    assert grey(image_of([0, 1, 100, 255], "L")) == [0, 1, 100, 255]


def test_a_palette_is_looked_up() -> None:
    image = image_of([2, 0, 1, 3], "P")
    image.putpalette([v for colour in COLOURS for v in colour])
    assert rgb(image) == [COLOURS[2], COLOURS[0], COLOURS[1], COLOURS[3]]


def test_transparent_grey_becomes_white_paper() -> None:
    assert grey(image_of([(0, 0), (0, 255), (200, 255), (0, 127)], "LA")) == [255, 0, 200, 128]


def test_transparent_colour_becomes_white_paper() -> None:
    pixels = [(10, 20, 30, 0), (10, 20, 30, 255), (255, 0, 0, 127), (0, 0, 0, 0)]
    assert rgb(image_of(pixels, "RGBA")) == [
        (255, 255, 255), (10, 20, 30), (255, 128, 128), (255, 255, 255),
    ]  # fmt: skip


def test_premultiplied_colour_becomes_white_paper() -> None:
    image = image_of([(0, 0, 0, 0), (10, 20, 30, 255)], "RGBA").convert("RGBa")
    assert rgb(image) == [(255, 255, 255), (10, 20, 30)]


def test_a_palette_with_alpha_becomes_white_paper() -> None:
    image = image_of([(0, 0), (1, 255)], "PA")
    image.putpalette([v for colour in COLOURS for v in colour])
    assert rgb(image) == [(255, 255, 255), COLOURS[1]]


def reopened(image: Image.Image, transparency: Any) -> Image.Image:
    """Return an image as it comes out of a PNG file with a transparent colour."""
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=transparency)
    opened = Image.open(io.BytesIO(stream.getvalue()))
    opened.load()
    assert "transparency" in opened.info
    return opened


def test_the_transparent_index_of_a_palette_becomes_white_paper() -> None:
    image = image_of([0, 1, 2, 3], "P")
    image.putpalette([v for colour in COLOURS for v in colour])
    assert rgb(reopened(image, 2)) == [COLOURS[0], COLOURS[1], (255, 255, 255), COLOURS[3]]


def test_alpha_of_the_entries_of_a_palette_is_honoured() -> None:
    image = image_of([0, 1, 2, 3], "P")
    image.putpalette([v for colour in COLOURS for v in colour])
    assert rgb(reopened(image, bytes([255, 0, 255, 255]))) == [
        COLOURS[0], (255, 255, 255), COLOURS[2], COLOURS[3],
    ]  # fmt: skip


def test_the_transparent_colour_of_a_picture_becomes_white_paper() -> None:
    opened = reopened(image_of(COLOURS, "RGB"), COLOURS[3])
    assert rgb(opened) == [*COLOURS[:3], (255, 255, 255)]


def test_the_transparent_grey_becomes_white_paper() -> None:
    assert grey(reopened(image_of([0, 7, 100], "L"), 7)) == [0, 255, 100]


def test_transparent_black_of_a_bilevel_image_becomes_white_paper() -> None:
    assert grey(reopened(image_of([0, 255], "1"), 0)) == [255, 255]
    assert grey(reopened(image_of([0, 255], "1"), 255)) == [0, 255]


def test_16_bit_grey_with_a_transparent_grey_is_scaled() -> None:
    deep = Image.fromarray(np.array([[0, 0x4000, 0x8000, 0xFFFF]], dtype=np.uint16))
    assert grey(reopened(deep, 0x4000)) == [0, 255, 128, 255]


def test_ink_of_cmyk_is_subtracted() -> None:
    pixels = [(0, 0, 0, 0), (0, 0, 0, 255), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0)]
    assert rgb(image_of(pixels, "CMYK")) == [
        (255, 255, 255), (0, 0, 0), (0, 255, 255), (255, 0, 255), (255, 255, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["YCbCr", "HSV"])
def test_other_colour_spaces_are_converted(mode: str) -> None:
    back = np.array(rgb(image_of(COLOURS, "RGB").convert(mode)), dtype=int)
    assert np.abs(back - np.array(COLOURS)).max() <= 4


def test_lab_is_converted() -> None:
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(image_of([(255, 255, 255), (0, 0, 0)], "RGB"), to_lab)
    assert lab is not None and lab.mode == "LAB"
    white, black = rgb(lab)
    assert min(white) >= 250
    assert max(black) <= 5


def deep(values: list[int], dtype: Any) -> NDArray[Any]:
    return np.array([values], dtype=dtype)


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(deep([0, 0x4000, 0x8000, 0xFFFF], np.uint16)),
        Image.frombytes("I;16B", (4, 1), deep([0, 0x4000, 0x8000, 0xFFFF], ">u2").tobytes()),
        Image.frombytes("I;16L", (4, 1), deep([0, 0x4000, 0x8000, 0xFFFF], "<u2").tobytes()),
        Image.fromarray(deep([0, 0x4000, 0x8000, 0xFFFF], np.int32)),
        Image.fromarray(deep([0, 0x4000, 0x8000, 0xFFFF], np.float32)),
    ],
    ids=["I;16", "I;16B", "I;16L", "I", "F"],
)
def test_16_bit_grey_is_scaled(image: Image.Image) -> None:
    assert grey(image) == [0, 64, 128, 255]


def test_what_is_deeper_than_16_bit_is_scaled_by_its_brightest() -> None:
    assert grey(Image.fromarray(deep([0, 500_000, 1_000_000], np.int32))) == [0, 128, 255]


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.uint16])
def test_8_bit_values_in_a_deep_image_stay(dtype: Any) -> None:
    assert grey(Image.fromarray(deep([0, 7, 255], dtype))) == [0, 7, 255]


def test_floats_up_to_one_are_shares_of_white() -> None:
    values = np.array([[0.0, 0.25, 0.5, 1.0]], dtype=np.float32)
    assert grey(Image.fromarray(values)) == [0, 64, 128, 255]


def test_values_below_black_are_black() -> None:
    assert grey(Image.fromarray(deep([-70000, -1, 0, 255], np.int32))) == [0, 0, 0, 255]


def test_the_image_itself_is_not_changed() -> None:
    image = image_of([(10, 20, 30, 0), (1, 2, 3, 255)], "RGBA")
    before = image.tobytes()
    to_bgr(image)[:] = 0
    assert (image.mode, image.tobytes()) == ("RGBA", before)


def test_premultiplied_grey_becomes_white_paper() -> None:
    image = image_of([(0, 0), (60, 255)], "LA").convert("La")
    assert grey(image) == [255, 60]


# Deep samples


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 100, 255], [0, 100, 255]),  # 8 bits in 16
        ([0, 512, 1023], [0, 128, 255]),
        ([0, 2048, 4095], [0, 128, 255]),
        ([0, 8192, 16383], [0, 128, 255]),
        ([0, 32896, 65535], [0, 128, 255]),
        ([0, 3000, 3000], [0, 187, 187]),  # of 12 bits, though none is white
    ],
)
@pytest.mark.parametrize("kind", ["<u2", ">u2", "<i4", "<f4"])
def test_the_largest_sample_tells_how_many_bits_are_in_use(
    values: list[int], expected: list[int], kind: str
) -> None:
    assert to_8_bit(np.array([values], kind)).tolist() == [expected]


def test_samples_that_are_no_numbers_are_white_and_spoil_no_others() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 0.0, 0.5, 1.0]], np.float32)
    assert to_8_bit(values).tolist() == [[255, 255, 0, 0, 128, 255]]
    assert to_8_bit(values * 4095).tolist() == [[255, 255, 0, 0, 128, 255]]
    image = Image.fromarray(values)
    assert to_bgr(image)[0, :, 0].tolist() == [255, 255, 0, 0, 128, 255]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_image_without_a_number_is_refused(value: float) -> None:
    image = Image.fromarray(np.full((3, 4), value, np.float32))
    with pytest.raises(ImageError, match=r"image a\.tif has no sample that is a number"):
        to_bgr(image, what="image a.tif")


def test_large_arrays_are_scaled_in_blocks() -> None:
    values = np.zeros((2000, 1500), np.uint16)
    values[-1, -1], values[1000, 700] = 4095, 2048
    scaled = to_8_bit(values)
    assert (scaled[-1, -1], scaled[1000, 700], int(scaled.sum())) == (255, 128, 383)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_a_mask_of_0_and_1_is_black_and_white(dtype: Any) -> None:
    image = Image.fromarray(np.array([[0, 1], [1, 0]], dtype))
    assert to_bgr(image)[:, :, 0].tolist() == [[0, 255], [255, 0]]

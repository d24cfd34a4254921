# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whatever stands for an image."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.errors import ImageError, OfflineError
from ocrd_rapid.rasters.load_image import load_image

#: Two pixels: blue and orange, as BGR.
BGR = np.array([[[255, 0, 0], [0, 128, 255]]], dtype=np.uint8)


def png(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, options.pop("format", "PNG"), **options)
    return stream.getvalue()


@pytest.fixture
def colours() -> Image.Image:
    """Return `BGR` as a Pillow image."""
    return Image.fromarray(BGR[:, :, ::-1].copy())


def test_path_bytes_array_and_pillow_are_the_same(colours: Image.Image, nowhere: Path) -> None:
    path = nowhere / "a.png"
    path.write_bytes(png(colours))
    sources = (path, "a.png", path.read_bytes(), bytearray(path.read_bytes()), BGR, colours)
    for source in sources:
        loaded = load_image(source)
        assert loaded.tolist() == BGR.tolist()
        assert loaded.dtype == np.uint8
        assert loaded.flags.c_contiguous


@pytest.mark.parametrize("kind", ["png", "pillow", "array"])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA"])
def test_an_image_without_colour_is_kept_as_one_plane(mode: str, kind: str) -> None:
    image = Image.new("L", (5, 3), 255).convert(mode)
    sources = {"png": png(image), "pillow": image, "array": np.full((3, 5), 255, np.uint8)}
    loaded = load_image(sources[kind])
    assert loaded.shape == (3, 5, 3)
    assert loaded.strides[2] == 0
    assert (loaded == 255).all()


def test_a_single_pixel_of_colour_is_seen() -> None:
    image = Image.new("RGB", (5, 300), (9, 9, 9))
    image.putpixel((4, 200), (9, 9, 10))
    loaded = load_image(image)
    assert loaded[200, 4].tolist() == [10, 9, 9]
    assert loaded.flags.writeable


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[7, 9]], np.uint8), [[[7] * 3, [9] * 3]]),
        (np.array([[[7], [9]]], np.uint8), [[[7] * 3, [9] * 3]]),
        (np.array([[False, True]]), [[[0] * 3, [255] * 3]]),
        (np.array([[0x0700, 0xFFFF]], np.uint16), [[[7] * 3, [255] * 3]]),
        (np.array([[7, 255]], np.uint16), [[[7] * 3, [255] * 3]]),  # 8 bits in 16
        (np.array([[0, 1]], np.uint8), [[[0] * 3, [255] * 3]]),  # a mask
        (np.array([[0, 1]], np.uint16), [[[0] * 3, [255] * 3]]),
        (np.array([[2048, 4095]], ">u2"), [[[128] * 3, [255] * 3]]),  # 12 bits in 16
        (np.array([[[1, 2, 3, 255], [1, 2, 3, 0]]], np.uint16), [[[1, 2, 3], [255] * 3]]),
        (np.array([[[7, 255], [9, 0]]], np.uint8), [[[7] * 3, [255] * 3]]),  # grey and alpha
        (np.array([[[1, 2, 3, 255], [1, 2, 3, 0]]], np.uint8), [[[1, 2, 3], [255] * 3]]),
        (np.array([[[250, 250, 250, 255], [1, 2, 3, 0]]], np.uint8), [[[250] * 3, [0] * 3]]),
        (np.array([[[0, 0, 0, 127], [0, 0, 0, 0]]], np.uint8), [[[128] * 3, [255] * 3]]),
    ],
)
def test_arrays(array: np.ndarray[Any, Any], expected: list[Any]) -> None:
    assert load_image(array).tolist() == expected


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((2, 2, 5), np.uint8), "an array of 5 channels is not an image"),
        (np.zeros((2,), np.uint8), "an array of shape (2,) is not an image"),
        (np.zeros((0, 2, 3), np.uint8), "an array of shape (0, 2, 3) is not an image"),
        (np.zeros((2, 2), np.float32), "an array of float32 is not an image"),
    ],
)
def test_arrays_that_are_no_images(array: np.ndarray[Any, Any], problem: str) -> None:
    with pytest.raises(ImageError) as caught:
        load_image(array)
    assert problem in str(caught.value)


def test_the_limit_on_pixels_holds_for_all_kinds_of_images(
    colours: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in (2, 1):
        monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", str(limit))
        for source in (png(colours), colours, BGR):
            if limit == 2:
                assert load_image(source).shape == (1, 2, 3)
                continue
            with pytest.raises(ImageError, match="has 2 x 1 pixels, more than the 1 allowed"):
                load_image(source)


@pytest.mark.parametrize("share", [np.nan, np.inf])
def test_a_tiff_of_floats_is_read_where_it_has_numbers(share: float, nowhere: Path) -> None:
    values = np.array([[share, 0.0, 1000.0, 4095.0]], np.float32)
    Image.fromarray(values).save(nowhere / "page.tif")
    assert load_image("page.tif")[0, :, 0].tolist() == [255, 0, 62, 255]
    Image.fromarray(np.full((2, 2), share, np.float32)).save(nowhere / "page.tif")
    with pytest.raises(ImageError, match=r"image page\.tif has no sample that is a number"):
        load_image("page.tif")


def test_light_text_without_paper_gets_black_paper() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((0, 0), (255, 255, 255, 255))
    assert load_image(image).tolist() == [[[255] * 3, [0] * 3]]
    image.putpixel((0, 0), (20, 20, 20, 255))
    assert load_image(png(image)).tolist() == [[[20] * 3, [255] * 3]]


def test_files_are_turned_as_exif_says_images_of_pillow_are_not(colours: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by 90 degrees
    data = png(colours, exif=exif)
    assert load_image(data).shape == (2, 1, 3)
    assert load_image(Image.open(io.BytesIO(data))).shape == (1, 2, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "YCbCr"])
def test_modes(mode: str, colours: Image.Image) -> None:
    assert load_image(colours.convert("L").convert(mode)).shape == (1, 2, 3)


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "http://example.org/a.png", "FTP://example.org/a"]
)
def test_web_addresses_are_refused(address: str) -> None:
    with pytest.raises(OfflineError, match="nothing is fetched here"):
        load_image(address)


def test_files_that_are_no_images(nowhere: Path, colours: Image.Image) -> None:
    (nowhere / "text.png").write_text("no image")
    (nowhere / "half.png").write_bytes(png(Image.effect_noise((64, 64), 9))[:-400])
    for source, problem in (
        ("none.png", "image none.png does not exist"),
        (nowhere, "is a directory"),
        ("text.png", "image text.png is not one of the image formats"),
        ("half.png", "image half.png is damaged"),
        (b"no image", "given as bytes is not one of the image formats"),
        (7, "an object of type int is not an image"),
        (None, "an object of type NoneType is not an image"),
    ):
        with pytest.raises(ImageError) as caught:
            load_image(source)
        assert problem in str(caught.value)


def test_of_several_pages_one_has_to_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pages = [Image.new("L", (9 + n, 9), 100 + n) for n in range(3)]
    pages[0].save(path)
    assert load_image(path).shape == load_image(path, page=0).shape == (9, 9, 3)
    pages[0].save(path, save_all=True, append_images=pages[1:])
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError, match=r"holds 3 pages; name one .*page=0 to page=2"):
            load_image(source)
        for number in range(3):
            found = load_image(source, page=number)
            assert found.shape == (9, 9 + number, 3)
            assert found.min() == found.max() == 100 + number
        for wrong in (3, -1):
            with pytest.raises(ImageError, match=rf"no page={wrong}; the last is page=2"):
                load_image(source, page=wrong)
    with pytest.raises(ImageError, match="single page"):
        load_image(np.zeros((9, 9, 3), np.uint8), page=1)


@pytest.mark.parametrize("page", ["1", 1.0, True])
def test_a_page_is_a_whole_number(page: Any) -> None:
    with pytest.raises(ImageError, match=rf"^page={page!r} is not a page; give its number, from 0"):
        load_image(np.zeros((9, 9, 3), np.uint8), page=page)
    assert load_image(np.zeros((9, 9, 3), np.uint8), page=np.int64(0)).shape == (9, 9, 3)

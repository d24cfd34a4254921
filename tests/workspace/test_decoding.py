# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files: headers, pixels, and what is refused."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_images import png_chunk
from page_with_images import BLUE, GREEN, RED, plain
from PIL import Image, ImageOps, TiffImagePlugin

from ocrd_rapid.errors import ConfigurationError, ImageError
from ocrd_rapid.rasters.headers import ImageHeader
from ocrd_rapid.workspace import decoding
from ocrd_rapid.workspace.decoding import (
    ImageStore,
    image_header,
    image_size,
    open_image,
)

OPEN_FILES = Path("/proc/self/fd")

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF|Truncated File:UserWarning")


def noise(path: Path, **options: Any) -> None:
    values = np.random.default_rng(1).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    mode = "1" if options.get("compression") == "group4" else "RGB"
    Image.fromarray(values).convert(mode).save(path, **options)


# Modes


def grey16(value: int) -> Image.Image:
    return Image.fromarray(np.full((4, 6), value, dtype=np.uint16))


def real(value: float) -> Image.Image:
    return Image.fromarray(np.full((4, 6), value, dtype=np.float32))


@pytest.mark.parametrize(
    ("image", "suffix", "expected"),
    [
        (Image.new("1", (6, 4), 0), ".png", (0, 0, 0)),
        (Image.new("1", (6, 4), 1), ".tif", (255, 255, 255)),
        (Image.new("L", (6, 4), 77), ".png", (77, 77, 77)),
        (Image.new("P", (6, 4), 1), ".png", (10, 20, 30)),
        (Image.new("RGB", (6, 4), (10, 20, 30)), ".tif", (10, 20, 30)),
        (Image.new("RGB", (6, 4), (10, 20, 30)), ".jp2", (10, 20, 30)),
        (Image.new("L", (6, 4), 77), ".jp2", (77, 77, 77)),
        (Image.new("RGBA", (6, 4), (10, 20, 30, 255)), ".png", (10, 20, 30)),
        (Image.new("RGBA", (6, 4), (10, 20, 30, 0)), ".png", (255, 255, 255)),
        (Image.new("LA", (6, 4), (77, 255)), ".png", (77, 77, 77)),
        (Image.new("LA", (6, 4), (77, 0)), ".png", (255, 255, 255)),
        (Image.new("CMYK", (6, 4), (0, 255, 255, 0)), ".tif", (255, 0, 0)),
        (Image.new("CMYK", (6, 4), (0, 0, 0, 255)), ".tif", (0, 0, 0)),
        (grey16(0), ".png", (0, 0, 0)),
        (grey16(32896), ".png", (128, 128, 128)),
        (grey16(65535), ".tif", (255, 255, 255)),
        (real(0.5), ".tif", (128, 128, 128)),
        (real(200), ".tif", (200, 200, 200)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else str(value),
)
def test_images_of_all_modes_are_read_as_colour(
    tmp_path: Path, image: Image.Image, suffix: str, expected: tuple[int, ...]
) -> None:
    if image.mode == "P":
        image.putpalette([0, 0, 0, 10, 20, 30])
    path = tmp_path / f"page{suffix}"
    image.save(path)
    assert open_image(path).mode in (image.mode, "I", "I;16")
    assert image_header(path) == ImageHeader(6, 4, 0, None)
    pixels = ImageStore(tmp_path).pixels(path.name)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (4, 6, 3)
    assert (pixels == expected[::-1]).all()


def png(width: int, height: int, bits: int, rows: bytes) -> bytes:
    """Return a grey PNG; each row starts with a byte 0."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("bits", "row", "expected"),
    [
        (2, 0b00_01_10_11, [0, 85, 170, 255]),
        (4, 0b0000_0101, [0, 85]),
        (1, 0b0101_0101, [0, 255] * 4),
    ],
)
def test_grey_of_few_bits_is_spread_over_the_whole_range(
    tmp_path: Path, bits: int, row: int, expected: list[int]
) -> None:
    (tmp_path / "page.png").write_bytes(png(len(expected), 1, bits, bytes([0, row])))
    assert ImageStore(tmp_path).pixels("page.png")[0, :, 0].tolist() == expected


# Headers


def exif(orientation: Any) -> Image.Exif:
    result = Image.Exif()
    result[0x0112] = orientation
    return result


@pytest.mark.parametrize(
    ("value", "degrees"),
    [(1, 0), (3, 180), (6, 90), (8, 270), (2, 0), (4, 0), (5, 0), (7, 0), (0, 0), (9, 0)],
)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_exif_orientation_is_reported_and_never_applied(
    tmp_path: Path, value: int, degrees: int, suffix: str
) -> None:
    path = tmp_path / f"page{suffix}"
    Image.new("RGB", (60, 40), "white").save(path, exif=exif(value))
    header = image_header(path)
    assert (header.width, header.height) == (60, 40)
    assert header.orientation == degrees
    assert image_size(path) == (60, 40)
    assert ImageStore(tmp_path).pixels(path.name).shape == (40, 60, 3)


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_tiff_is_read_upright(
    tmp_path: Path, value: int, compression: str | None, mode: str
) -> None:
    path = tmp_path / "page.tif"
    stored = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6)).convert(mode)
    stored.save(path, exif=exif(value), compression=compression)
    stored.getexif()[0x0112] = value
    upright = np.asarray(ImageOps.exif_transpose(stored).convert("L"))
    height, width = upright.shape
    assert image_header(path) == ImageHeader(width, height, 0, None)
    assert image_size(path) == (width, height)
    assert (ImageStore(tmp_path).pixels("page.tif")[:, :, 0] == upright).all()


def test_the_turn_that_is_reported_sets_the_image_upright(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    upright = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6))
    for value in (1, 3, 6, 8):
        upright.save(path, exif=exif(value))
        turned = np.rot90(np.asarray(upright), -(image_header(path).orientation // 90))
        with Image.open(path) as image:
            assert (np.asarray(ImageOps.exif_transpose(image)) == turned).all()


def test_damaged_exif_data_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    Image.new("RGB", (60, 40), "white").save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert image_header(path) == ImageHeader(60, 40, 0, None)


@pytest.mark.parametrize("dpi", [72, 150, 299, 300, 301, 400, 600, 1200])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_the_resolution_is_that_which_was_saved(tmp_path: Path, dpi: int, suffix: str) -> None:
    path = tmp_path / f"page{suffix}"
    Image.new("L", (60, 40)).save(path, dpi=(dpi, dpi))
    found = image_header(path).dpi
    assert found == dpi
    assert isinstance(found, float)


def test_a_resolution_in_centimetres_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "page.tif"
    Image.new("L", (60, 40)).save(path, resolution_unit="cm", resolution=118.11)
    assert image_header(path).dpi == 300


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".jp2"])
def test_without_a_resolution_there_is_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"page{suffix}"
    Image.new("L", (60, 40)).save(path)
    assert image_header(path).dpi is None


def test_exif_data_without_a_resolution_does_not_make_one_up(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    Image.new("L", (60, 40)).save(path, exif=exif(6))
    assert image_header(path) == ImageHeader(60, 40, 90, None)
    tags = exif(6)
    tags[0x011A], tags[0x0128] = TiffImagePlugin.IFDRational(400, 1), 2
    Image.new("L", (60, 40)).save(path, exif=tags)
    assert image_header(path) == ImageHeader(60, 40, 90, 400)


def test_a_resolution_of_nothing_is_none(tmp_path: Path) -> None:
    path = tmp_path / "page.tif"
    Image.new("L", (60, 40)).save(path, dpi=(TiffImagePlugin.IFDRational(0, 0), 0))
    assert image_header(path).dpi is None


def test_a_header_is_read_without_decoding(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    noise(path, dpi=(300, 300))
    path.write_bytes(path.read_bytes()[:200])
    assert image_header(path) == ImageHeader(90, 90, 0, 300)
    with pytest.raises(ImageError, match="is damaged"):
        open_image(path)


@pytest.mark.scans
def test_headers_of_real_scans_are_true(scans: Path) -> None:
    paths = sorted(p for p in scans.rglob("*") if p.suffix in (".jpg", ".png", ".tif"))
    assert len(paths) >= 40
    for path in paths[::5]:
        header = image_header(path)
        assert (header.width, header.height) == image_size(path)
        assert header.orientation == 0
        assert header.dpi is None or 60 <= header.dpi <= 1200


# Several images in one file


def pages(path: Path, *subfile_types: int) -> None:
    """Write a TIFF with an image for each of the types (``NewSubfileType``)."""
    frames = []
    for i, kind in enumerate(subfile_types):
        frame = Image.new("L", (60 >> i, 40 >> i), 50 * i)
        frame.encoderinfo = {"tiffinfo": {254: kind}}
        frames.append(frame)
    frames[0].save(path, save_all=True, append_images=frames[1:], tiffinfo={254: subfile_types[0]})


@pytest.mark.parametrize("read", [open_image, image_size, image_header])
def test_a_tiff_of_several_pages_is_refused(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "book.tif"
    pages(path, 0, 0, 2)
    with pytest.raises(ImageError, match="holds 3 images; OCR-D wants one file per page"):
        read(path)


@pytest.mark.parametrize("subfile_types", [(0, 1), (0, 1, 1, 1), (0, 4), (0, 5)])
def test_thumbnails_pyramids_and_masks_are_no_pages(
    tmp_path: Path, subfile_types: tuple[int, ...]
) -> None:
    path = tmp_path / "page.tif"
    pages(path, *subfile_types)
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == len(subfile_types)
    assert image_size(path) == (60, 40)
    assert (image_header(path).width, image_header(path).height) == (60, 40)
    assert ImageStore(tmp_path).pixels("page.tif").shape == (40, 60, 3)


def test_of_an_animation_the_first_image_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "page.gif"
    frames = [Image.new("RGB", (6, 4), colour) for colour in (RED, GREEN)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert (ImageStore(tmp_path).pixels("page.gif") == RED[::-1]).all()


# What is not an image of a page

FILES: list[tuple[str, dict[str, Any]]] = [
    ("page.png", {}), ("page.jpg", {}), ("page.jpg", {"progressive": True}), ("page.bmp", {}),
    ("page.tif", {}), ("page.tif", {"compression": "tiff_lzw"}), ("page.jp2", {}),
    ("page.tif", {"compression": "tiff_adobe_deflate"}), ("page.tif", {"compression": "jpeg"}),
    ("page.tif", {"compression": "group4"}), ("page.webp", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), FILES, ids=str)
@pytest.mark.parametrize("share", [0.98, 0.9, 0.5, 0.1, 0.01])
def test_a_truncated_image_is_an_error(
    tmp_path: Path, name: str, options: dict[str, Any], share: float
) -> None:
    path = tmp_path / name
    noise(path, **options)
    assert image_size(path) == (90, 90)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageError) as caught:
        image_size(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_png_with_broken_content_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    noise(path)
    broken = bytearray(path.read_bytes())
    broken[200:400] = bytes(200)
    path.write_bytes(broken)
    with pytest.raises(ImageError, match=r"page\.png is damaged or cannot be read"):
        image_size(path)


@pytest.mark.parametrize("name", sorted({name for name, _ in FILES}))
def test_whatever_bytes_are_changed_the_error_is_ours(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    noise(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(40):
        broken = bytearray(whole)
        for place in rng.integers(0, min(len(broken), 400), 6):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(broken)
        for read in (image_header, open_image):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    read(path)
            except ImageError:
                refused += 1
    assert refused > 0


@pytest.mark.parametrize("read", [open_image, image_header])
@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"])
def test_what_is_no_image_is_said_to_be_none(tmp_path: Path, content: bytes, read: Any) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"is not one of the image formats|is damaged"):
        read(path)


@pytest.mark.parametrize("read", [open_image, image_header])
def test_a_missing_image_and_a_directory_are_told_apart(tmp_path: Path, read: Any) -> None:
    with pytest.raises(ImageError, match=r"page\.png does not exist"):
        read(tmp_path / "page.png")
    with pytest.raises(ImageError, match="is a directory"):
        read(tmp_path)


# Too many pixels


def test_an_image_with_too_many_pixels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.png"
    plain(path, RED, (11, 10))
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "110")
    assert image_size(path) == (11, 10)
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "109")
    for read in (open_image, image_header):
        with pytest.raises(
            ImageError, match=r"has 11 x 10 pixels, more than the 109 .*OCRD_RAPID_MAX_PIXELS"
        ):
            read(path)


def test_a_wrong_limit_is_no_fault_of_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(tmp_path / "page.png", RED)
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "lots")
    with pytest.raises(ConfigurationError, match="OCRD_RAPID_MAX_PIXELS: 'lots'"):
        open_image(tmp_path / "page.png")


def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(100_000, 100_000, 1, bytes(1000)))

    def load(image: Image.Image) -> None:
        pytest.fail("the image is decoded")

    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(ImageError, match=r"has 100000 x 100000 pixels \(10000 megapixels\), more"):
        open_image(path)


def test_only_our_own_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(tmp_path / "page.png", RED, (50, 50))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert image_size(tmp_path / "page.png") == (50, 50)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(tmp_path / "page.png", RED)

    def load(image: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(ImageError, match=r"page\.png is too large for the available memory"):
        open_image(tmp_path / "page.png")


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="no /proc: open files cannot be counted")
@pytest.mark.parametrize("name", ["page.png", "page.jpg", "page.tif", "page.gif", "page.jp2"])
def test_no_file_is_left_open(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    plain(path, RED)
    before = len(list(OPEN_FILES.iterdir()))
    header, image = image_header(path), open_image(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImageError) as caught:
        open_image(path)
    assert len(list(OPEN_FILES.iterdir())) == before
    assert image.size == (header.width, header.height) == (60, 40)
    assert name in str(caught.value)


# The store


def test_each_image_is_decoded_once_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(tmp_path / "page.png", RED)
    read: list[Path] = []

    def count(path: Path) -> Image.Image:
        read.append(path)
        return open_image(path)

    monkeypatch.setattr(decoding, "open_image", count)
    store = ImageStore(tmp_path)
    names = ["page.png", str(tmp_path / "page.png"), (tmp_path / "page.png").as_uri()]
    start = threading.Barrier(6)

    def fetch(name: str) -> Any:
        start.wait(600)
        return store.pixels(name)

    with ThreadPoolExecutor(6) as pool:
        arrays = list(pool.map(fetch, names * 2))
    assert all(array is arrays[0] for array in arrays)
    assert read == [tmp_path / "page.png"]


def test_pixels_cannot_be_written_to(tmp_path: Path) -> None:
    plain(tmp_path / "page.png", RED)
    pixels = ImageStore(tmp_path).pixels("page.png")
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    with pytest.raises(ImageError, match=r"page\.png does not exist"):
        store.pixels("page.png")
    plain(tmp_path / "page.png", RED)
    assert store.pixels("page.png").shape == (40, 60, 3)


@pytest.mark.parametrize("folder", ["plain", "with blank", "50%", "ä#?", "a%20b"])
def test_files_are_found_by_name_path_and_url(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "page.png"
    path.parent.mkdir()
    plain(path, BLUE)
    store = ImageStore(tmp_path)
    for name in (
        f"{folder}/page.png", str(path), path.as_uri(), f"file://{path}", f"FILE://{path}",
        path.as_uri().replace("file://", "file://localhost"),
    ):  # fmt: skip
        assert (store.pixels(name) == BLUE[::-1]).all(), name


@pytest.mark.parametrize("name", ["http://example.org/a.png", "https://example.org/a.png"])
def test_addresses_are_not_fetched(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match=f"image {name} is not a local file; download it"):
        ImageStore(tmp_path).pixels(name)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match="has an empty file name"):
        ImageStore(tmp_path).pixels(name)

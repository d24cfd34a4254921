# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pictures of pages for the view."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.errors import ImageError
from ocrd_rapid.export.scan_images import PICTURE_SIDE, picture_of


def decoded(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    assert image.format == "JPEG"
    return image


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_large_scans_are_made_smaller(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"page.{suffix}"
    Image.new("RGB", (2400, 3600), (200, 40, 40)).save(path)
    picture = picture_of(path)
    image = decoded(picture.jpeg)
    assert image.size == (picture.width, picture.height) == (1067, PICTURE_SIDE)
    assert np.abs(np.asarray(image)[800, 500].astype(int) - (200, 40, 40)).max() < 12
    assert max(decoded(picture.thumbnail).size) < 200


def test_small_scans_keep_their_size_and_grey_ones_have_one_channel(tmp_path: Path) -> None:
    Image.new("L", (300, 200), 120).save(tmp_path / "page.png")
    image = decoded(picture_of(tmp_path / "page.png").jpeg)
    assert image.size == (300, 200) and image.mode == "L"


def test_a_small_jpeg_stays_as_it_is_unless_it_has_to_be_turned(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    Image.effect_noise((300, 200), 50).save(path, quality=70)
    assert picture_of(path).jpeg == path.read_bytes()
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.effect_noise((300, 200), 50).save(path, exif=exif)
    assert decoded(picture_of(path).jpeg).size == (200, 300)


def test_a_scan_is_turned_as_its_exif_data_say(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (3000, 2000), "white").save(tmp_path / "page.jpg", exif=exif)
    picture = picture_of(tmp_path / "page.jpg")
    assert (picture.width, picture.height) == (1067, 1600)


def test_two_tone_scans_become_grey_where_pixels_are_averaged(tmp_path: Path) -> None:
    pixels = np.indices((4000, 4000)).sum(axis=0) % 2 * 255
    Image.fromarray(pixels.astype(np.uint8)).convert("1", dither=0).save(
        tmp_path / "page.tif", compression="group4"
    )
    values = np.asarray(decoded(picture_of(tmp_path / "page.tif").jpeg))
    assert values.shape == (1600, 1600) and 100 < values.mean() < 155


def test_broken_files_are_errors(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(b"\x89PNG\r\n\x1a\nxx")
    with pytest.raises(ImageError):
        picture_of(tmp_path / "page.png")

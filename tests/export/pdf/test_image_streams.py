# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Images in PDFs: the same pixels, and where possible the same bytes."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageOps

from ocrd_rapid.errors import ImageError
from ocrd_rapid.export.pdf.image_pdf import ImagePdf, page_size
from ocrd_rapid.export.pdf.image_streams import ImageStream, as_jpeg, of_image, stream_of

SIZE = (37, 53)


def noise(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Return an image that no orientation leaves as it is."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def two_tone(*colors: Any, mode: str = "L") -> Image.Image:
    image = Image.new(mode, (64, 48), colors[1])
    image.paste(colors[0], (3, 5, 30, 11))
    return image


def saved(folder: Path, image: Image.Image, name: str, **options: Any) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def shown(stream: ImageStream, folder: Path) -> Image.Image:
    """Return what pdfium shows of an image, at its own resolution."""
    with ImagePdf(folder / "shown.pdf") as pdf:
        pdf.add(stream, page_size(*stream.displayed_size, 150))
    page = pypdfium2.PdfDocument(folder / "shown.pdf")[0]
    picture = page.render(scale=stream.displayed_size[0] / page.get_width()).to_pil()
    assert picture.size == stream.displayed_size
    return picture.convert("RGB")


def differ(one: Image.Image, two: Image.Image) -> int:
    values = (np.asarray(image.convert("RGB"), dtype=int) for image in (one, two))
    return int(np.abs(next(values) - next(values)).max())


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_pixels_stay(tmp_path: Path, mode: str, name: str) -> None:
    image = noise(mode)
    assert differ(shown(stream_of(saved(tmp_path, image, name)), tmp_path), image) == 0


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "packbits"])
def test_pixels_of_two_tone_tiffs_stay(tmp_path: Path, compression: str) -> None:
    image = noise("1", (301, 207))
    path = saved(tmp_path, image, "a.tif", compression=compression)
    stream = stream_of(path)
    assert "CCITTFaxDecode" in stream.entries
    assert differ(shown(stream, tmp_path), image) == 0


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("predictor", [1, 2])
def test_deflated_strips_of_tiffs_are_taken_as_they_are(
    tmp_path: Path, mode: str, predictor: int
) -> None:
    image = noise(mode)
    tags = {278: image.height, 317: predictor}
    path = saved(tmp_path, image, "a.tif", compression="tiff_adobe_deflate", tiffinfo=tags)
    stream = stream_of(path)
    assert stream.data in path.read_bytes()
    assert differ(shown(stream, tmp_path), image) == 0


def test_coded_bytes_of_a_png_are_taken_as_they_are(tmp_path: Path) -> None:
    path = saved(tmp_path, noise(), "a.png")
    stream = stream_of(path)
    assert stream.data in path.read_bytes()


def test_coded_bytes_of_a_small_png_are_taken_as_they_are(tmp_path: Path) -> None:
    image = Image.new("L", (900, 900), 255)
    image.paste(0, (10, 10, 600, 30))
    image.paste(128, (10, 50, 600, 70))
    path = saved(tmp_path, image, "a.png", compress_level=1)
    stream = stream_of(path)
    assert stream.data in path.read_bytes()
    assert differ(shown(stream, tmp_path), image) == 0


def test_the_bytes_of_a_jpeg_stay(tmp_path: Path) -> None:
    path = saved(tmp_path, noise(size=(400, 300)), "a.jpg", quality=90)
    stream = stream_of(path)
    assert stream.data == path.read_bytes() and stream.entries.endswith("/Filter/DCTDecode")


def test_a_jpeg_that_compresses_is_wrapped_and_its_bytes_stay(tmp_path: Path) -> None:
    image = Image.new("L", (2000, 2000), 255)
    image.paste(0, (10, 10, 900, 30))
    path = saved(tmp_path, image, "a.jpg", quality=95)
    stream = stream_of(path)
    assert "[/FlateDecode/DCTDecode]" in stream.entries
    assert zlib.decompress(stream.data) == path.read_bytes()
    assert len(stream.data) <= 0.95 * path.stat().st_size


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_images_are_shown_as_exif_says(tmp_path: Path, orientation: int, name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = noise("RGB", (40, 24)).resize((80, 48))
    path = saved(tmp_path, image, name, exif=exif)
    with Image.open(path) as read:
        upright = ImageOps.exif_transpose(read).convert("RGB")
    assert differ(shown(stream_of(path), tmp_path), upright) <= 2


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_an_opaque_alpha_channel_is_dropped(tmp_path: Path, mode: str) -> None:
    image = noise(mode)
    image.putalpha(255)
    stream = stream_of(saved(tmp_path, image, "a.png"))
    assert stream.components == {"LA": 1, "RGBA": 3}[mode]
    assert differ(shown(stream, tmp_path), image) == 0


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    image = noise("RGBA")
    image.putalpha(noise("L").point(lambda value: 255 * (value > 128)))
    paper = Image.new("RGBA", image.size, "white")
    expected = Image.alpha_composite(paper, image)
    assert differ(shown(stream_of(saved(tmp_path, image, "a.png")), tmp_path), expected) == 0


@pytest.mark.parametrize(
    "image",
    [
        two_tone(0, 255),
        two_tone(255, 0),
        two_tone(30, 200),
        two_tone((60, 40, 20), (250, 240, 220), mode="RGB"),
        two_tone((200, 0, 0), (0, 0, 200), mode="RGB"),
        two_tone((60, 40, 20), (250, 240, 220), mode="RGB").quantize(2),
        two_tone(90, 90),
    ],
    ids=["black", "inverted", "gray", "colored", "crossed", "palette", "empty"],
)
def test_two_colors_are_coded_in_one_bit(tmp_path: Path, image: Image.Image) -> None:
    stream = stream_of(saved(tmp_path, image, "a.png"))
    assert "CCITTFaxDecode" in stream.entries
    assert differ(shown(stream, tmp_path), image) == 0


def test_cmyk_of_adobe_is_inverted(tmp_path: Path) -> None:
    image = Image.new("CMYK", (40, 40), (0, 0, 0, 0))
    path = saved(tmp_path, image, "a.jpg")
    stream = stream_of(path)
    assert stream.components == 4 and "/Decode[1 0 1 0 1 0 1 0]" in stream.entries
    assert shown(stream, tmp_path).getpixel((5, 5)) == (255, 255, 255)


def test_16_bits_stay(tmp_path: Path) -> None:
    image = Image.fromarray(np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32))
    stream = stream_of(saved(tmp_path, image, "a.png"))
    assert "/BitsPerComponent 16" in stream.entries
    assert differ(shown(stream, tmp_path), image.point(lambda v: v / 256).convert("L")) <= 1


def test_a_profile_is_embedded_once_for_all_pages(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    fake = profile[:16] + b"RGB " + profile[20:]
    path = saved(tmp_path, noise(), "a.jpg", icc_profile=fake)
    with ImagePdf(tmp_path / "a.pdf") as pdf:
        for _ in range(2):
            pdf.add(stream_of(path), (100, 100))
    with pikepdf.open(tmp_path / "a.pdf") as read:
        spaces = [page.obj.Resources.XObject.Im.ColorSpace for page in read.pages]
        assert all(space[0] == "/ICCBased" for space in spaces)
        assert spaces[0][1].objgen == spaces[1][1].objgen
        assert spaces[0][1].read_bytes() == fake


def test_the_profile_of_srgb_is_not_needed(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert not stream_of(saved(tmp_path, noise(), "a.jpg", icc_profile=profile)).profile


def test_pages_that_become_images(tmp_path: Path) -> None:
    colored = as_jpeg(saved(tmp_path, noise(), "a.png"), 85)
    assert Image.open(io.BytesIO(colored.data)).format == "JPEG"
    assert "CCITTFaxDecode" in as_jpeg(saved(tmp_path, two_tone(0, 255), "b.png"), 85).entries
    photograph = saved(tmp_path, noise(size=(400, 300)), "c.jpg", quality=60)
    assert as_jpeg(photograph, 85).data == photograph.read_bytes()


def test_modes_without_a_png_are_converted() -> None:
    values = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    assert of_image(Image.fromarray(values)).components == 1
    assert of_image(noise("YCbCr")).components == 3
    assert of_image(noise("CMYK")).components == 4


def test_what_is_no_image_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    path.write_text("not an image\n")
    with pytest.raises(ImageError, match=r"text\.png"):
        stream_of(path)


@pytest.mark.parametrize(
    ("pixels", "dpi", "points"),
    [
        ((2550, 3300), 300, (612, 792)),
        ((1000, 2000), None, (420.9, 841.9)),
        ((30000, 15000), 72, (14400, 7200)),
        ((1000, 1), None, (841.9, 3)),
    ],
)
def test_sizes_of_pages(
    pixels: tuple[int, int], dpi: float | None, points: tuple[float, float]
) -> None:
    assert page_size(*pixels, dpi) == pytest.approx(points, abs=0.05)

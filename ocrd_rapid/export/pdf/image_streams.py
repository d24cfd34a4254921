# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files as image streams of a PDF, without loss.

The coded bytes of JPEG, JPEG 2000, PNG and TIFF (Group 4, Deflate) are taken as they are. All else
is decoded, and compressed as PNG is; images of two colours as Group 4.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...files import read_regular
from ...rasters import opening

if TYPE_CHECKING:
    from PIL import Image

#: Share of the bytes that compressing the bytes of a JPEG once more must save.
_WORTH = 0.05
#: Bytes of a JPEG that tell whether it may, before all of it is compressed.
_SAMPLE = 1 << 16

#: Bits per pixel up to which a PNG may hold nothing but two colours.
_TWO_COLOR_BITS = 1.2

_EXIF_ORIENTATION = 0x0112
_TIFF_PHOTOMETRIC, _TIFF_OFFSETS, _TIFF_ROWS, _TIFF_COUNTS = 262, 273, 278, 279
_TIFF_DEPTH, _TIFF_PREDICTOR = 258, 317
#: Values of tags without which coded bytes are not taken: the order of bits and of rows and
#: columns, and how components lie.
_TIFF_USUAL = {266: 1, 274: 1, 284: 1}
_DEFLATE = ("tiff_adobe_deflate", "tiff_deflate")
_WHITE_IS_ZERO = 0

_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_COMPONENTS = {"1": 1, "L": 1, "RGB": 3, "CMYK": 4}
_PROFILES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}

#: PNG's numbers of colour types: grey, colour, palette.
_PNG_COMPONENTS = {0: 1, 2: 3, 3: 1}
_PNG_PALETTE = 3


@dataclass(frozen=True)
class ImageStream:
    """An image as the stream of a PDF.

    Attributes:
        width: columns as stored.
        height: rows as stored.
        entries: entries of its dictionary besides its size and colour space, as in a PDF.
        data: its coded bytes.
        components: the number of colour components; 1 with a palette, too.
        palette: a colour space for ``data`` of two colours or with a palette; else empty.
        orientation: the value of EXIF's orientation, 1 to 8: how it is shown.
        profile: its colour profile; empty for sRGB, or if there is none.
    """

    width: int
    height: int
    entries: str
    data: bytes
    components: int = 1
    palette: str = ""
    orientation: int = 1
    profile: bytes = b""

    @property
    def space(self) -> str:
        """Its colour space without a profile."""
        return self.palette or _SPACES[self.components]

    @property
    def displayed_size(self) -> tuple[int, int]:
        """Width and height as shown."""
        size = self.width, self.height
        return size if self.orientation < 5 else size[::-1]


def stream_of(path: Path) -> ImageStream:
    """Return an image file of one page as an image stream.

    Raises:
        ImageError: it is missing, damaged, or not an image.
    """
    kind = opening.kind_of(path)
    media_type = getattr(kind, "media_type", "")
    taken = {
        "image/jpeg": _of_jpeg,
        "image/jp2": _of_jpeg_2000,
        "image/png": _of_png,
        "image/tiff": _of_tiff,
    }
    found = taken[media_type](path) if media_type in taken else None
    return found or of_image(opening.page_of(path, 0))


def of_image(image: Image.Image) -> ImageStream:
    """Return a decoded image as an image stream; transparent ones are laid on white."""
    from PIL import ImageOps

    profile = _profile(image)
    image = _opaque(ImageOps.exif_transpose(image))
    two = _two_colors(image)
    if two is not None:
        return two
    if image.mode == "CMYK":
        data = zlib.compress(image.tobytes())
        entries = "/BitsPerComponent 8/Filter/FlateDecode"
        return ImageStream(*image.size, entries, data, 4, profile=_fitting(profile, 4))
    coded = io.BytesIO()
    image.save(coded, "PNG")
    found = _of_png_bytes(coded.getvalue())
    assert found is not None, image.mode
    return replace(found, profile=_fitting(profile, found.components))


def as_jpeg(path: Path, quality: int) -> ImageStream:
    """Return an image file as a JPEG stream, or as Group 4 if it has two colours.

    A file that is a JPEG is taken as it is.

    Raises:
        ImageError: it is missing, damaged, or not an image.
    """
    found = _of_jpeg(path) if _is_jpeg(path) else None
    if found is not None:
        return found
    image = _opaque(opening.page_of(path, 0))
    two = _two_colors(image)
    if two is not None:
        return two
    coded = io.BytesIO()
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    image.save(coded, "JPEG", quality=quality, optimize=True)
    entries = "/BitsPerComponent 8/Filter/DCTDecode"
    return ImageStream(*image.size, entries, coded.getvalue(), _COMPONENTS[image.mode])


def _is_jpeg(path: Path) -> bool:
    return getattr(opening.kind_of(path), "media_type", "") == "image/jpeg"


def _of_jpeg(path: Path) -> ImageStream | None:
    """Return a JPEG file as it is, compressed once more where that saves much."""
    with opening.opened_file(path) as image:
        mode, size, info = image.mode, image.size, dict(image.info)
        profile, orientation = _profile(image), _orientation(image)
    if mode not in _COMPONENTS:
        return None
    data = read_regular(path)
    filters = "/DCTDecode"
    if _may_shrink(data):
        smaller = zlib.compress(data, 9)
        if len(smaller) <= (1 - _WORTH) * len(data):
            data, filters = smaller, "[/FlateDecode/DCTDecode]"
    components = _COMPONENTS[mode]
    # Adobe's programs store CMYK inverted, and mark the file.
    decode = "/Decode[1 0 1 0 1 0 1 0]" if components == 4 and "adobe" in info else ""
    return ImageStream(
        *size,
        f"/BitsPerComponent 8{decode}/Filter{filters}",
        data,
        components,
        orientation=orientation,
        profile=_fitting(profile, components),
    )


def _may_shrink(data: bytes) -> bool:
    middle = len(data) // 2
    sample = data[:_SAMPLE] + data[middle : middle + _SAMPLE] + data[-_SAMPLE:]
    return len(zlib.compress(sample, 1)) < (1 - _WORTH / 2) * len(sample)


def _of_jpeg_2000(path: Path) -> ImageStream | None:
    """Return a JPEG 2000 file as it is; ``None`` if it is a mere code stream, or has alpha."""
    with opening.opened_file(path) as image:
        mode, size, profile = image.mode, image.size, _profile(image)
    data = read_regular(path)
    if mode not in ("L", "RGB") or data[4:8] != b"jP  ":
        return None
    components = _COMPONENTS[mode]
    entries = "/BitsPerComponent 8/Filter/JPXDecode"
    return ImageStream(*size, entries, data, components, profile=_fitting(profile, components))


def _of_png(path: Path) -> ImageStream | None:
    """Return the coded bytes of a PNG file.

    Returns:
        The image; ``None`` if it is interlaced, transparent, or may have only two colours.
    """
    with opening.opened_file(path) as image:
        profile, orientation = _profile(image), _orientation(image)
    data = read_regular(path)
    found = _of_png_bytes(data)
    if found is None or 8 * len(data) <= _TWO_COLOR_BITS * found.width * found.height:
        return None
    profile = _fitting(profile, found.components)
    return replace(found, profile=profile, orientation=orientation)


def _of_png_bytes(data: bytes) -> ImageStream | None:
    """Return the coded bytes of a PNG that is neither interlaced nor transparent."""
    width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    if interlace or color not in _PNG_COMPONENTS:
        return None
    coded, palette = [], ""
    for name, content in _chunks(data):
        if name == b"tRNS":
            return None
        if name == b"PLTE" and color == _PNG_PALETTE:
            last = len(content) // 3 - 1
            palette = f"[/Indexed/DeviceRGB {last}<{content[: 3 * last + 3].hex()}>]"
        elif name == b"IDAT":
            coded.append(content)
    components = _PNG_COMPONENTS[color]
    entries = (
        f"/BitsPerComponent {depth}/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors"
        f" {components}/BitsPerComponent {depth}/Columns {width}>>"
    )
    return ImageStream(width, height, entries, b"".join(coded), components, palette)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        yield name, data[place + 8 : place + 8 + length]
        place += length + 12


def _of_tiff(path: Path) -> ImageStream | None:
    """Return the coded bytes of a TIFF of one strip in Group 4 or Deflate; else ``None``."""
    with opening.opened_file(path) as image:
        tags: Any = image.tag_v2  # type: ignore[attr-defined]
        compression, mode, size = image.info.get("compression"), image.mode, image.size
        offsets, counts = tags.get(_TIFF_OFFSETS, ()), tags.get(_TIFF_COUNTS, ())
        unusual = any(tags.get(tag, value) != value for tag, value in _TIFF_USUAL.items())
        white = tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
        predictor = int(tags.get(_TIFF_PREDICTOR, 1))
        depth = int(tags.get(_TIFF_DEPTH, (1,))[0])
        profile = _profile(image)
    if unusual or len(offsets) != 1 or "transparency" in image.info:
        return None

    def strip() -> bytes:
        return read_regular(path)[offsets[0] : offsets[0] + counts[0]]

    if compression == "group4" and mode == "1":
        return _group4(strip(), size, black_is_one=not white)
    few = 8 * counts[0] <= _TWO_COLOR_BITS * size[0] * size[1]
    if compression not in _DEFLATE or mode not in ("L", "RGB") or white or predictor > 2 or few:
        return None
    components = _COMPONENTS[mode]
    parameters = (
        f"/DecodeParms<</Predictor 2/Colors {components}/BitsPerComponent {depth}"
        f"/Columns {size[0]}>>"
    )
    entries = f"/BitsPerComponent {depth}/Filter/FlateDecode{parameters if predictor == 2 else ''}"
    return ImageStream(*size, entries, strip(), components, profile=_fitting(profile, components))


def _group4(
    data: bytes, size: tuple[int, int], *, black_is_one: bool = False, palette: str = ""
) -> ImageStream:
    black = "/BlackIs1 true" if black_is_one else ""
    entries = (
        f"/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns {size[0]}"
        f"/Rows {size[1]}{black}>>"
    )
    return ImageStream(*size, entries, data, palette=palette)


def _two_colors(image: Image.Image) -> ImageStream | None:
    """Return an image of at most two colours in Group 4; ``None`` if it has more."""
    from PIL import Image

    palette = ""
    if image.mode != "1":
        if image.mode not in ("L", "P", "RGB"):
            return None
        found = image.getcolors(2)
        if found is None:
            return None
        colors = sorted({_rgb(image, color): color for _, color in found}.items())
        dark, light = colors[0][0], colors[-1][0]
        if (dark, light) != ((0, 0, 0), (255, 255, 255)):
            palette = f"[/Indexed/DeviceRGB 1<{bytes(dark + light).hex()}>]"
        # The darker of two colours has a smaller value in the first component that differs.
        channel = next((i for i in range(3) if dark[i] != light[i]), 0)
        grey = image.convert("RGB").getchannel(channel)
        image = grey.point(lambda v: 255 * (v > dark[channel])).convert(
            "1", dither=Image.Dither.NONE
        )
    coded = io.BytesIO()
    image.save(coded, "TIFF", compression="group4", tiffinfo={_TIFF_ROWS: image.height})
    with opening.opened(coded, "an image in Group 4") as written:
        tags: Any = written.tag_v2  # type: ignore[attr-defined]
        offset, count = tags[_TIFF_OFFSETS][0], tags[_TIFF_COUNTS][0]
        white = tags[_TIFF_PHOTOMETRIC] == _WHITE_IS_ZERO
    data = coded.getvalue()[offset : offset + count]
    return _group4(data, image.size, black_is_one=not white, palette=palette)


def _rgb(image: Image.Image, color: Any) -> tuple[int, int, int]:
    if image.mode == "P":
        palette = image.getpalette("RGB") or []
        return tuple(palette[3 * color : 3 * color + 3])  # type: ignore[return-value]
    return color if image.mode == "RGB" else (color, color, color)


def _opaque(image: Image.Image) -> Image.Image:
    """Return an image in a mode that PNG has, without alpha: on white, unless it is opaque."""
    from PIL import Image

    from ...pixels import to_8_bit

    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        mode = "L" if image.mode in ("LA", "L", "1") else "RGB"
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, layers).convert(mode)
    if image.mode in ("I", "F"):
        import numpy as np

        return Image.fromarray(to_8_bit(np.asarray(image)))
    return image if image.mode in ("1", "L", "P", "RGB", "CMYK", "I;16") else image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    """Return the value of EXIF's orientation, 1 to 8."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would decode the whole image to see whether any comes after it
    try:
        value = image.getexif().get(_EXIF_ORIENTATION)
    except Exception:  # Pillow lets anything out of damaged data
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _profile(image: Image.Image) -> bytes:
    """Return the colour profile of an image; empty for sRGB, which is meant without one."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or profile[36:40] != b"acsp":
        return b""
    return b"" if b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile else profile


def _fitting(profile: bytes, components: int) -> bytes:
    return profile if _PROFILES.get(profile[16:20]) == components else b""

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pictures of pages that outlast their images: small ones to look at, and whole ones for a PDF."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..pixels import BgrImage
from ..rasters.encoding import encode_tiff
from ..rasters.load_image import load_image

#: Long side of a picture to look at, in pixels.
_LONG_SIDE = 1600

_SMALL_QUALITY, _WHOLE_QUALITY = 80, 85


def write_small(image: Path, picture: Path) -> None:
    """Write a picture of a page for the screen, as JPEG.

    Raises:
        ImageError: the image cannot be read.
        OSError: the picture cannot be written.
    """
    pixels = _without_colour(load_image(image))
    scale = _LONG_SIDE / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    picture.write_bytes(_jpeg(pixels, _SMALL_QUALITY))


def write_whole(image: Path, picture: Path, dpi: float | None) -> None:
    """Write a picture that takes the place of a page: two-tone as TIFF (G4), else as JPEG.

    Args:
        image: the image of the page.
        picture: the file to write.
        dpi: the resolution that the file records.

    Raises:
        ImageError: the image cannot be read.
        OSError: the picture cannot be written.
    """
    from PIL import Image

    pixels = _without_colour(load_image(image))
    two_tone = pixels.ndim == 2 and bool(((pixels == 0) | (pixels == 255)).all())
    if two_tone:
        page = Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE)
        if dpi:
            page.info["dpi"] = (dpi, dpi)
        picture.write_bytes(encode_tiff(page))
        return
    page = Image.fromarray(pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1]))
    options = {"dpi": (math.ceil(dpi), math.ceil(dpi))} if dpi else {}
    page.save(picture, "JPEG", quality=_WHOLE_QUALITY, **options)


def _without_colour(pixels: BgrImage) -> NDArray[np.uint8]:
    """Return pixels of shape (height, width) if all channels are the same."""
    first = pixels[:, :, 0]
    same = np.array_equal(first, pixels[:, :, 1]) and np.array_equal(first, pixels[:, :, 2])
    return np.ascontiguousarray(first) if same else pixels


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()

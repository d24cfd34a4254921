# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files to write."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..errors import ImageError
from ..pixels import BgrImage

if TYPE_CHECKING:
    from PIL import Image


def encode_png(pixels: BgrImage, dpi: float | None = None) -> bytes:
    """Return an image as a PNG file; one without colour as grey, one in black and white as 1 bit.

    Args:
        pixels: shape (height, width, 3), BGR.
        dpi: pixels per inch, recorded in the file.
    """
    from PIL import Image

    grey = pixels[:, :, 0]
    colourless = bool((pixels[:, :, 1] == grey).all() and (pixels[:, :, 2] == grey).all())
    image = Image.fromarray(grey if colourless else pixels[:, :, ::-1])
    if colourless and bool(((grey == 0) | (grey == 255)).all()):
        image = image.convert("1", dither=Image.Dither.NONE)
    stream = io.BytesIO()
    options = {"dpi": (dpi, dpi)} if dpi else {}
    # The lowest level takes a third of the time of the usual one, for a tenth more bytes.
    image.save(stream, "PNG", compress_level=1, **options)
    return stream.getvalue()


def encode_tiff(image: Image.Image) -> bytes:
    """Return an image as a lossless TIFF file, with its resolution and colour profile.

    Raises:
        ImageError: Pillow cannot write images of this mode.
    """
    stream = io.BytesIO()
    options = {key: image.info[key] for key in ("dpi", "icc_profile") if image.info.get(key)}
    compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
    try:
        image.save(stream, "TIFF", compression=compression, **options)
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(f"an image of mode {image.mode} cannot be written: {error}") from error
    return stream.getvalue()

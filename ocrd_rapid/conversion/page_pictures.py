# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pictures that take the place of pages in a PDF."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..pixels import plane_of
from ..rasters.encoding import encode_tiff
from ..rasters.load_image import load_image

#: Quality of JPEG, 0 to 100.
_QUALITY = 85


def write_page_picture(image: Path, picture: Path, dpi: float | None) -> None:
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

    pixels = load_image(image)
    plane = plane_of(pixels)
    if plane is not None and bool(((plane == 0) | (plane == 255)).all()):
        page = Image.fromarray(plane).convert("1", dither=Image.Dither.NONE)
        if dpi:
            page.info["dpi"] = (dpi, dpi)
        picture.write_bytes(encode_tiff(page))
        return
    page = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]) if plane is None else plane)
    options = {"dpi": (math.ceil(dpi), math.ceil(dpi))} if dpi else {}
    page.save(picture, "JPEG", quality=_QUALITY, **options)

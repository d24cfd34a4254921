# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the header of an image file says about its pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

_EXIF_ORIENTATION = 0x0112
_X_RESOLUTION = 0x011A
#: Clockwise turn that sets the image upright. The other values of EXIF mean mirrored images.
_TURNS = {3: 180, 6: 90, 8: 270}

#: Values whose rows are columns when upright, mirrored or not.
_ON_ITS_SIDE = {5, 6, 7, 8}

#: Values of images that are not shown as they are stored.
_TURNED = range(2, 9)

_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257


@dataclass(frozen=True)
class ImageHeader:
    """The header of an image file.

    Attributes:
        width: columns of the pixel grid that a decoder gives.
        height: rows of that grid.
        orientation: clockwise rotation in degrees (0, 90, 180, 270) that sets these pixels upright
            according to EXIF. Mirrored images count as 0; a TIFF always does, because it is read
            upright.
        dpi: horizontal pixels per inch as a whole number, or ``None`` if the file does not say.
        turned: whether the stored rows are shown turned or mirrored.
    """

    width: int
    height: int
    orientation: int
    dpi: float | None
    turned: bool = field(default=False, compare=False)


def header_of(image: Image.Image) -> ImageHeader:
    """Return the header of an image that is open, see `opening.opened`; it is not decoded."""
    exif = _exif(image)
    dpi = _dpi(image, exif)
    turn = exif.get(_EXIF_ORIENTATION)
    if not isinstance(turn, int):
        return ImageHeader(*image.size, 0, dpi)
    if image.format != "TIFF":
        return ImageHeader(*image.size, _TURNS.get(turn, 0), dpi, turn in _TURNED)
    # Versions of Pillow differ in the size they report before they turn the image.
    width, height = int(exif[_TIFF_WIDTH]), int(exif[_TIFF_HEIGHT])
    size = (height, width) if turn in _ON_ITS_SIDE else (width, height)
    return ImageHeader(*size, 0, dpi, turn in _TURNED)


def _exif(image: Image.Image) -> dict[int, Any]:
    """Return the EXIF tags; none if they are damaged, which says nothing about the pixels."""
    if image.format == "PNG" and "exif" not in image.info:
        return {}  # Pillow would decode the whole image to see whether any come after it
    try:
        return dict(image.getexif())
    except Exception:  # Pillow lets anything out, see `opening`
        return {}


def _dpi(image: Image.Image, exif: dict[int, Any]) -> float | None:
    """Return pixels per inch, rounded: PNG counts per metre, so 300 is stored as 299.9994."""
    # Where a JPEG has EXIF data without a resolution, Pillow makes up 72.
    made_up = image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2)
    if made_up and _X_RESOLUTION not in exif:
        return None
    try:
        dpi = float(image.info["dpi"][0])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return None
    return float(round(dpi)) if math.isfinite(dpi) and dpi > 1 else None

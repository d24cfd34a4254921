"""From a decoded image of any kind to the array that OCR works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

BgrImage = NDArray[np.uint8]

_WITH_ALPHA = {"LA", "RGBA", "PA"}
_PREMULTIPLIED = {"La", "RGBa"}
_DEEP_GREY = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}


def to_bgr(image: Image.Image) -> BgrImage:
    """Convert an image of any mode of Pillow's to BGR, 8 bit.

    Transparency becomes white paper; 16 and 32 bit grey is scaled to 8 bit; palettes, CMYK,
    YCbCr and Lab are converted.

    Returns:
        Array of shape (height, width, 3), uint8, C-contiguous.
    """
    from PIL import Image

    if image.mode in _DEEP_GREY:
        image = _to_8_bit(image)
    if image.mode in _PREMULTIPLIED:
        image = image.convert(image.mode.upper())
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, "white")
        image.paste(rgba, mask=rgba.getchannel("A"))
    rgb = np.asarray(image.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale deep grey to 8 bit; a grey that stands for transparency becomes white."""
    from PIL import Image

    values = np.asarray(image, dtype=np.float64)
    transparent = image.info.get("transparency")
    clear = values == transparent if isinstance(transparent, int) else None
    top = float(values.max(initial=0.0))
    if top <= 1.0 and image.mode == "F":
        values = values * 255.0
    elif top > 255.0:
        values = values * (255.0 / (65535.0 if top <= 65535.0 else top))
    if clear is not None:
        values = np.where(clear, 255.0, values)
    return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))

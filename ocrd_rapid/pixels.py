# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a decoded image of any kind to the array that OCR works on.

An image without colour is kept as one plane, and seen as three: an array of shape (height, width,
3) whose last stride is 0. It may be used like any other, but OpenCV would copy it to three planes
first; `by_plane` and `grey_of` work on the one plane. What comes out is the same, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

BgrImage = NDArray[np.uint8]
GreyImage = NDArray[np.uint8]

_PREMULTIPLIED = {"La", "RGBa"}
_DEEP_GREY = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_GREY = {"1", "L"}

#: Opaque pixels that are lighter than this on average stand on dark paper.
_DARK = 128

#: Bits commonly in use in samples of 16, and in floats that stand for such.
_DEPTHS = (8, 10, 12, 14, 16)

#: Samples, and pixels, converted at once; they stay in the processor's cache.
_BLOCK, _PIXELS = 1 << 16, 1 << 18

#: Of this many rows, one is checked for colour first.
_ROWS = 61


def to_bgr(image: Image.Image, *, light_on_dark: bool = False, what: str = "the image") -> BgrImage:
    """Convert an image of any mode of Pillow's to BGR, 8 bit.

    Transparency becomes white paper; 16 and 32 bit grey is scaled to 8 bit, see `to_8_bit`;
    palettes, CMYK, YCbCr and Lab are converted.

    Args:
        image: the image.
        light_on_dark: transparency becomes black paper if its content is light; not in mode LA.
        what: the name of the image in messages.

    Returns:
        Array of shape (height, width, 3), uint8; see `grey_as_bgr` for those without colour.

    Raises:
        ImageError: none of its samples is a number.
    """
    import cv2

    if image.mode in _DEEP_GREY:
        transparent = image.info.get("transparency")
        clear = transparent if isinstance(transparent, int) else None
        return grey_as_bgr(to_8_bit(np.asarray(image), clear=clear, what=what))
    if image.mode in _PREMULTIPLIED:
        image = image.convert(image.mode.upper())
    if image.mode == "LA":
        values = np.asarray(image)
        return on_paper(grey_as_bgr(values[:, :, 0]), values[:, :, 1])
    shape = image.size[::-1]
    if "A" in image.getbands() or "transparency" in image.info:
        bgr, alpha = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)
        for rows, rgba in _by_rows(_in_mode(image, "RGBA")):
            cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGR, dst=bgr[rows])
            alpha[rows] = rgba[:, :, 3]
        return on_paper(_without_colour(bgr), alpha, light_on_dark=light_on_dark)
    if image.mode in _GREY:
        return grey_as_bgr(without_mask(np.asarray(_in_mode(image, "L"))))
    bgr = np.empty((*shape, 3), np.uint8)
    for rows, rgb in _by_rows(_in_mode(image, "RGB")):
        cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR, dst=bgr[rows])
    return _without_colour(bgr)


def _by_rows(image: Image.Image) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
    """Yield the samples of an image, some rows at a time, and which rows these are.

    Pillow copies what it is asked for twice, at once a multiple of the memory of a page.
    """
    width, height = image.size
    step = max(1, _PIXELS // max(1, width))
    for top in range(0, height, step):
        bottom = min(height, top + step)
        yield slice(top, bottom), np.asarray(image.crop((0, top, width, bottom)))


def without_mask(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return samples unchanged, but as black and white if they are nothing but 0 and 1."""
    return values * np.uint8(255) if values.size and values.max() <= 1 else values


def to_8_bit(
    values: NDArray[Any], *, clear: int | None = None, what: str = "the image"
) -> NDArray[np.uint8]:
    """Scale deep samples to 8 bit.

    The largest tells how many bits are in use, because files with 12 of 16 seldom say so: up to
    255, samples are kept; above that, their white is that of 10, 12, 14 or 16 bits. Samples of
    nothing but 0 and 1 are black and white, and floats up to 1 are fractions of white. Infinities
    are black and white, NaN is white.

    Args:
        values: integers or floats, of any shape.
        clear: the value that stands for transparency; it becomes white.
        what: the name of the image in messages.

    Returns:
        Array of the same shape.

    Raises:
        ImageError: none of the samples is a number.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    blocks = [slice(start, start + _BLOCK) for start in range(0, flat.size, _BLOCK)]
    top = max((_largest(flat[block]) for block in blocks), default=0.0)
    if top == -math.inf:
        raise ImageError(f"{what} has no sample that is a number (all are NaN or infinite)")
    factor = 255.0 if top <= 1.0 else 255.0 / _white(top)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        table = _scaled(np.arange(int(top) + 1), factor, clear)
        return np.asarray(table[flat].reshape(values.shape), np.uint8)
    scaled = np.empty(flat.shape, np.uint8)
    for block in blocks:
        scaled[block] = _scaled(flat[block], factor, clear)
    return scaled.reshape(values.shape)


def _scaled(values: NDArray[Any], factor: float, clear: int | None) -> NDArray[np.uint8]:
    samples = np.multiply(values, factor, dtype=np.float64)
    samples += 0.5
    np.clip(samples, 0.0, 255.0, out=samples)
    if values.dtype.kind == "f":
        samples[np.isnan(samples)] = 255.0
    if clear is not None:
        samples[values == clear] = 255.0
    return np.asarray(samples, np.uint8)


def _largest(values: NDArray[Any]) -> float:
    """Return the largest finite value; minus infinity if there is none."""
    top = float(values.max())
    if math.isfinite(top):
        return top
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else -math.inf


def _white(top: float) -> float:
    """Return the value of white in samples whose largest is ``top``."""
    whites = (2.0**bits - 1 for bits in _DEPTHS)
    return next((white for white in whites if top <= white), top)


def on_paper(image: BgrImage, alpha: GreyImage, *, light_on_dark: bool = False) -> BgrImage:
    """Put a transparent image on white paper.

    Args:
        image: shape (height, width, 3).
        alpha: shape (height, width), 255 where opaque.
        light_on_dark: on black if its opaque pixels are light, as RapidOCR does.
    """
    import cv2

    if int(alpha.min(initial=255)) == 255:  # it looks the same on any paper
        return contiguous(image)
    paper = 255
    if light_on_dark:
        colour = cv2.mean(np.ascontiguousarray(image), (alpha > 0).astype(np.uint8))
        paper = 0 if np.dot(colour[:3], (0.114, 0.587, 0.299)) >= _DARK else 255
    share = alpha.astype(np.uint16)
    below = (255 - share) * np.uint16(paper) + np.uint16(127)

    def mix(plane: GreyImage) -> GreyImage:
        return np.asarray((plane * share + below) // np.uint16(255), dtype=np.uint8)

    plane = plane_of(image)
    if plane is not None:
        return grey_as_bgr(mix(plane))
    return np.asarray(cv2.merge([mix(image[:, :, i]) for i in range(3)]), dtype=np.uint8)


def grey_as_bgr(grey: GreyImage) -> BgrImage:
    """Return a grey image of shape (height, width) as BGR, without copying it.

    Returns:
        Read-only array of shape (height, width, 3) whose last stride is 0.
    """
    return np.broadcast_to(grey[:, :, None], (*grey.shape, 3))


def plane_of(image: BgrImage) -> GreyImage | None:
    """Return the plane of an image made by `grey_as_bgr`, shape (height, width); else ``None``."""
    return image[:, :, 0] if image.strides[2] == 0 else None


def by_plane(operation: Callable[[NDArray[np.uint8]], Any], image: BgrImage) -> BgrImage:
    """Apply an operation of OpenCV's that does the same to all channels, each by itself.

    Args:
        operation: from an image of one or three channels to one with as many.
        image: shape (height, width, 3).
    """
    plane = plane_of(image)
    if plane is None:
        return np.asarray(operation(image), dtype=np.uint8)
    return grey_as_bgr(np.asarray(operation(plane), dtype=np.uint8))


def grey_of(image: BgrImage) -> GreyImage:
    """Return the brightness of an image, shape (height, width); do not write to it."""
    import cv2

    plane = plane_of(image)
    if plane is not None:
        return plane
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def quarter_turned(image: BgrImage, quarters: int) -> BgrImage:
    """Return an image turned by quarters, anticlockwise as in `numpy.rot90`; itself for 0."""
    return contiguous(np.rot90(image, quarters)) if quarters % 4 else image


def contiguous(image: BgrImage) -> BgrImage:
    """Return an image with C-contiguous planes, itself if it has them already."""
    return by_plane(np.ascontiguousarray, image)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert an image; Pillow would copy one that needs no conversion."""
    return image if image.mode == mode and "transparency" not in image.info else image.convert(mode)


def _without_colour(image: BgrImage) -> BgrImage:
    """Return an image as one plane if it has no colour."""
    blue, green, red = (image[:, :, channel] for channel in range(3))
    for rows in (np.s_[::_ROWS], np.s_[:]):
        if not (np.array_equal(blue[rows], green[rows]) and np.array_equal(blue[rows], red[rows])):
            return image
    return grey_as_bgr(np.ascontiguousarray(blue))

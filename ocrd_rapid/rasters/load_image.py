# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From any representation of an image to the array that OCR works on."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..config.directories import expanded
from ..errors import ImageError, OfflineError
from ..pixels import BgrImage, contiguous, grey_as_bgr, on_paper, to_8_bit, to_bgr, without_mask
from . import opening

_WEB_ADDRESS = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)


def load_image(source: Any, page: int | None = None) -> BgrImage:
    """Return an image as BGR.

    Args:
        source: a path (`str` or `Path`); the content of an image file (`bytes`); an array in
            OpenCV's order of channels (grey, grey and alpha, BGR or BGRA; uint8, uint16 or bool);
            or an image of Pillow's. Files are turned as their EXIF data say. Transparent images
            get white paper, or black if their content is light. Of 16 bits, as many are taken to
            be in use as the lightest pixel needs: 8, 10, 12, 14 or all. An image of nothing but 0
            and 1 is black and white.
        page: index of the page, from 0, of a file of several pages (TIFF).

    Returns:
        Array of shape (height, width, 3), uint8; see `grey_as_bgr` for those without colour.

    Raises:
        ImageError: it does not exist, is not an image, has more pixels than are allowed, or has
            several pages and ``page`` is not one of them.
        OfflineError: it is a web address.
    """
    from PIL.Image import Image

    if page is not None and (isinstance(page, bool) or not isinstance(page, (int, np.integer))):
        raise ImageError(f"page={page!r} is not a page; give its number, from 0")
    if isinstance(source, (str, os.PathLike)):
        path = _local(os.fspath(source))
        what = f"image {path}"
        with opening.content_of(path, what) as content:
            return _of_file(content, what, page)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _of_file(io.BytesIO(bytes(source)), "image given as bytes", page)
    if page:
        raise ImageError(f"page={page}: the image is a single page; only files have several")
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image):
        what = "the Pillow image"
        return to_bgr(opening.loaded(source, what), light_on_dark=True, what=what)
    raise ImageError(
        f"an object of type {type(source).__name__} is not an image;"
        " allowed are a path, bytes, an array, and a Pillow image"
    )


def _local(name: str) -> Path:
    if _WEB_ADDRESS.match(name):
        raise OfflineError(f"image {name} is a web address: nothing is fetched here; give a file")
    return expanded(name)


def _of_file(content: IO[bytes], what: str, page: int | None) -> BgrImage:
    """Return a page of a file, turned as its EXIF data say."""
    from PIL import ImageOps

    pages = opening.page_indices(content, what)
    if page is None and len(pages) > 1:
        raise ImageError(
            f"{what} holds {len(pages)} pages; name one of them: page=0 to page={len(pages) - 1}"
        )
    if not 0 <= (page or 0) < len(pages):
        last = f"; the last is page={len(pages) - 1}"
        raise ImageError(f"{what} has no page={page}{last}")
    image = opening.page_in(content, what, pages[page or 0])
    ImageOps.exif_transpose(image, in_place=True)
    return to_bgr(image, light_on_dark=True, what=what)


def _from_array(array: NDArray[Any]) -> BgrImage:
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ImageError(
            f"an array of shape {array.shape} is not an image; expected (H, W) or (H, W, C)"
        )
    opening.check_pixels((array.shape[1], array.shape[0]), "the array", opening.PixelLimit.usual())
    values = _to_8_bit(array)
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels not in (1, 2, 3, 4):
        raise ImageError(f"an array of {channels} channels is not an image; expected 1 to 4")
    if channels == 3:
        return contiguous(values)
    if channels == 4:
        return on_paper(values[:, :, :3], values[:, :, 3], light_on_dark=True)
    grey = grey_as_bgr(values if values.ndim == 2 else values[:, :, 0])
    return on_paper(grey, values[:, :, 1]) if channels == 2 else contiguous(grey)


def _to_8_bit(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return without_mask(array)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:  # in either byte order
        return to_8_bit(array)
    raise ImageError(f"an array of {array.dtype} is not an image; expected uint8, uint16 or bool")

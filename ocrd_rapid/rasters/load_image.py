"""From whatever stands for an image to the array that OCR works on."""

from __future__ import annotations

import io
import logging
import os
import re
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..config import environment
from ..config.directories import expanded
from ..errors import ImageError, OfflineError
from ..pixels import BgrImage, contiguous, grey_as_bgr, on_paper, to_8_bit, to_bgr, without_mask
from . import opening

if TYPE_CHECKING:
    from PIL import Image

LOG = logging.getLogger(__name__)

_WEB_ADDRESS = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)


def load_image(source: Any) -> BgrImage:
    """Return an image as BGR.

    Args:
        source: a path (`str` or `Path`); the content of an image file (`bytes`); an array in
            OpenCV's order of channels (grey, grey and alpha, BGR or BGRA; uint8, uint16 or bool);
            or an image of Pillow's. Files are turned as their EXIF data say. Transparent images
            get white paper, or black if what is on them is light. Of 16 bits, as many are taken
            to be in use as the lightest pixel needs: 8, 10, 12, 14 or all. Nothing but 0 and 1 is
            black and white.

    Returns:
        Array of shape (height, width, 3), uint8; see `grey_as_bgr` for those without colour.

    Raises:
        ImageError: it does not exist, is no image, or has more pixels than are allowed.
        OfflineError: it is a web address.
    """
    from PIL.Image import Image

    if isinstance(source, (str, os.PathLike)):
        return _from_path(os.fspath(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        what = "image given as bytes"
        content = io.BytesIO(bytes(source))
        with opening.opened(content, what) as opened:
            image = _upright(opened)
        if image.format == "TIFF":
            _warn_of_pages(content, what)
        return to_bgr(image, light_on_dark=True, what=what)
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image):
        what = "the image of Pillow's"
        return to_bgr(opening.loaded(source, what), light_on_dark=True, what=what)
    raise ImageError(
        f"an object of type {type(source).__name__} is no image;"
        " allowed are a path, bytes, an array, and an image of Pillow's"
    )


def _from_path(name: str) -> BgrImage:
    if _WEB_ADDRESS.match(name):
        raise OfflineError(f"image {name} is a web address: nothing is fetched here, give a file")
    path = expanded(name)
    with opening.opened_file(path) as opened:
        image = _upright(opened)
    if image.format == "TIFF":
        with path.open("rb") as file:
            _warn_of_pages(file, f"image {path}")
    return to_bgr(image, light_on_dark=True, what=f"image {path}")


def _warn_of_pages(file: IO[bytes], what: str) -> None:
    """Say so if a TIFF has further pages, which nobody reads."""
    pages = len(opening.page_indices(file, what))
    if pages > 1:
        LOG.warning(
            "%s holds %d pages, and only the first is read; open it with Pillow and give each page"
            " after image.seek(0), image.seek(1), …", what, pages,
        )  # fmt: skip


def _upright(image: Image.Image) -> Image.Image:
    """Return an image decoded and turned as its EXIF data say."""
    from PIL import ImageOps

    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _from_array(array: NDArray[Any]) -> BgrImage:
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ImageError(
            f"an array of shape {array.shape} is no image; expected (H, W) or (H, W, C)"
        )
    opening.check_pixels((array.shape[1], array.shape[0]), "the array", environment.max_pixels())
    values = _to_8_bit(array)
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels not in (1, 2, 3, 4):
        raise ImageError(f"an array of {channels} channels is no image; expected 1 to 4")
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
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:  # of either order of bytes
        return to_8_bit(array)
    raise ImageError(f"an array of {array.dtype} is no image; expected uint8, uint16 or bool")

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files: their headers and their pixels.

Pixels are those stored in the file: a rotation that EXIF asks for is reported, never applied,
because PAGE coordinates refer to the stored grid. The exception is TIFFs with an orientation
tag: Pillow always turns those upright, OCR-D core reads images with Pillow, and so there PAGE
coordinates refer to the grid turned upright.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ImageError
from ..pixels import BgrImage, to_bgr
from ..rasters import opening
from .file_locations import is_remote, local_path

if TYPE_CHECKING:
    from PIL import Image

_EXIF_ORIENTATION = 0x0112
_X_RESOLUTION = 0x011A
#: Clockwise turn that sets the image upright. The other values of EXIF mean mirrored images.
_TURNS = {3: 180, 6: 90, 8: 270}

#: Values whose rows are columns when upright, mirrored or not.
_ON_ITS_SIDE = {5, 6, 7, 8}

_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257


@dataclass(frozen=True)
class ImageHeader:
    """The header of an image file.

    Attributes:
        width: columns of the pixel grid that `open_image` gives.
        height: rows of that grid.
        orientation: clockwise rotation in degrees (0, 90, 180, 270) that sets these pixels upright
            according to EXIF. Mirrored images count as 0; a TIFF always does, because it is read
            upright.
        dpi: horizontal pixels per inch as a whole number, or ``None`` if the file does not say.
    """

    width: int
    height: int
    orientation: int
    dpi: float | None


def image_header(path: Path) -> ImageHeader:
    """Read the header of an image file; the pixels are not decoded.

    Raises:
        ImageError: it is missing, not an image, too large, or contains several images.
    """
    with _opened(path) as image:
        exif = _exif(image)
        dpi = _dpi(image, exif)
        turn = exif.get(_EXIF_ORIENTATION)
        if not isinstance(turn, int):
            return ImageHeader(*image.size, 0, dpi)
        if image.format != "TIFF":
            return ImageHeader(*image.size, _TURNS.get(turn, 0), dpi)
        # Versions of Pillow differ in the size they report before they turn the image.
        width, height = int(exif[_TIFF_WIDTH]), int(exif[_TIFF_HEIGHT])
        return ImageHeader(*((height, width) if turn in _ON_ITS_SIDE else (width, height)), 0, dpi)


def open_image(path: Path) -> Image.Image:
    """Open and decode an image file.

    Raises:
        ImageError: it is missing, damaged, not an image, too large, or contains several images.
    """
    with _opened(path) as image:
        image.load()
        return image


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height of an image file, decoding it to check that it is whole.

    Raises:
        ImageError: see `open_image`.
    """
    return open_image(path).size


class ImageStore:
    """The decoded images of a page, each decoded once.

    Threads may share it.
    """

    def __init__(self, directory: Path) -> None:
        """Make an empty store; relative file names refer to ``directory``."""
        self._directory = directory
        self._decoded: dict[Path, BgrImage] = {}
        self._lock = threading.Lock()

    def path(self, filename: str) -> Path:
        """Return the path of an image: relative to the workspace, absolute, or ``file://`` URL.

        Raises:
            ImageError: the name is empty, or an address that is not that of a file.
        """
        if not filename.strip():
            raise ImageError("an image of the PAGE-XML has an empty file name")
        if is_remote(filename):
            raise ImageError(
                f"image {filename} is not a local file; download it into the workspace first"
            )
        return local_path(self._directory, filename)

    def add(self, filename: str, pixels: BgrImage) -> None:
        """Keep an image that is about to be written, so that nobody has to decode it."""
        kept = pixels.view()
        kept.setflags(write=False)
        with self._lock:
            self._decoded[self.path(filename)] = kept

    def pixels(self, filename: str) -> BgrImage:
        """Return the pixels of an image, shape (height, width, 3), BGR; do not write to them.

        Raises:
            ImageError: see `path` and `open_image`.
        """
        path = self.path(filename)
        with self._lock:
            if path not in self._decoded:
                pixels = to_bgr(open_image(path), what=f"image {path}")
                pixels.setflags(write=False)
                self._decoded[path] = pixels
            return self._decoded[path]


def encode_png(pixels: BgrImage, dpi: float | None = None) -> bytes:
    """Return an image as a PNG file; one without colour as grey, one in black and white as 1 bit.

    Args:
        pixels: shape (height, width, 3), BGR.
        dpi: pixels per inch, recorded in the file.
    """
    import io

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
    import io

    stream = io.BytesIO()
    options = {key: image.info[key] for key in ("dpi", "icc_profile") if image.info.get(key)}
    compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
    try:
        image.save(stream, "TIFF", compression=compression, **options)
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(f"an image of mode {image.mode} cannot be written: {error}") from error
    return stream.getvalue()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open an image of one page.

    Raises:
        ImageError: see `opening.opened_file`; or it has several pages.
    """
    with opening.opened_file(path) as image:
        if image.format == "TIFF":
            _check_one_page(path)
        yield image


def _check_one_page(path: Path) -> None:
    """Reject a TIFF of several pages; thumbnails and the steps of a pyramid are not pages."""
    with path.open("rb") as file:
        pages = len(opening.page_indices(file, f"image {path}"))
    if pages > 1:
        raise ImageError(
            f"image {path} holds {pages} images; OCR-D wants one file per page:"
            " ocrd-rapid workspace add-images splits it"
        )


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

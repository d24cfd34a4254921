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
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ImageError
from ..pixels import BgrImage, to_bgr
from ..rasters import opening
from ..rasters.headers import ImageHeader, header_of
from .file_locations import is_remote, local_path

if TYPE_CHECKING:
    from PIL import Image


def image_header(path: Path) -> ImageHeader:
    """Read the header of an image file; the pixels are not decoded.

    Raises:
        ImageError: it is missing, not an image, too large, or contains several images.
    """
    with _opened(path) as image:
        return header_of(image)


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

    Attributes:
        directory: the base of relative file names.
    """

    def __init__(self, directory: Path) -> None:
        """Make an empty store; relative file names refer to ``directory``."""
        self.directory = directory
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
        return local_path(self.directory, filename)

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

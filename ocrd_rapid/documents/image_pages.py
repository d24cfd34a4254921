# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages that are images, or stand for files that cannot be read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..errors import InputError
from ..files import replace_quickly
from ..ocr.page_model import ReadPage
from ..pixels import to_bgr
from ..rasters import opening
from ..rasters.encoding import encode_png
from ..rasters.formats import HEIC
from ..rasters.headers import header_of
from .document import LEAST_DPI, DocumentOptions, Treatment

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class _OfOneFile:
    """What pages that are no part of a PDF have in common.

    Attributes:
        file: see `DocumentPage.file`.
        number: see `DocumentPage.number`.
    """

    file: Path
    number: int

    @property
    def label(self) -> str:
        """See `DocumentPage.label`; an image has none."""
        return ""

    @property
    def pdf_page(self) -> int | None:
        """See `DocumentPage.pdf_page`."""
        return None

    @property
    def plain_file(self) -> Path:
        """See `DocumentPage.plain_file`."""
        return self.file


@dataclass(frozen=True)
class ImagePage(_OfOneFile):
    """A page that is an image, see `DocumentPage`.

    Attributes:
        index: index of the image in the file, from 0; ``None`` if the file has only one.
        stored_dpi: its resolution as it is known; ``None`` if there is no credible one.
        as_it_is: whether all programs show the pixels of the file alike.
        limit: the largest number of pixels that it may have.
    """

    index: int | None
    stored_dpi: float | None
    as_it_is: bool
    limit: opening.PixelLimit

    @property
    def name(self) -> str:
        """See `DocumentPage.name`."""
        return (
            self.file.name if self.index is None else f"page {self.index + 1} of {self.file.name}"
        )

    def treatment(self) -> Treatment:
        """See `DocumentPage.treatment`."""
        return Treatment.RECOGNIZE

    def layer(self) -> str:
        """See `DocumentPage.layer`."""
        return "add"

    def notes(self) -> Sequence[str]:
        """See `DocumentPage.notes`."""
        return ()

    def dpi(self) -> float | None:
        """See `DocumentPage.dpi`."""
        return self.stored_dpi

    def image(self, folder: Path, stem: str) -> Path:
        """See `DocumentPage.image`."""
        from PIL import ImageOps

        # A file that is handed on is decoded as well, as only that shows whether it is whole.
        what = f"image {self.file}" if self.index is None else self.name
        with opening.content_of(self.file, what) as content:
            image = opening.page_in(content, what, self.index or 0, self.limit)
        if self.as_it_is:
            return self.file
        ImageOps.exif_transpose(image, in_place=True)
        pixels = to_bgr(_in_srgb(image), what=what)
        path = folder / f"{stem}.png"
        replace_quickly(path, encode_png(pixels, self.stored_dpi))
        return path

    def text(self) -> ReadPage:
        """See `DocumentPage.text`; an image has none.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.name} is an image, which has no text")


@dataclass(frozen=True)
class UnreadablePage(_OfOneFile):
    """The page that stands for a file of a document that cannot be read; all methods say so.

    Attributes:
        error: why it cannot be read.
    """

    error: InputError

    @property
    def name(self) -> str:
        """See `DocumentPage.name`."""
        return self.file.name

    def treatment(self) -> Treatment:
        """See `DocumentPage.treatment`."""
        self._fail()

    def layer(self) -> str:
        """See `DocumentPage.layer`."""
        self._fail()

    def notes(self) -> Sequence[str]:
        """See `DocumentPage.notes`."""
        self._fail()

    def dpi(self) -> float | None:
        """See `DocumentPage.dpi`."""
        return None

    def image(self, folder: Path, stem: str) -> Path:
        """See `DocumentPage.image`."""
        self._fail()

    def text(self) -> ReadPage:
        """See `DocumentPage.text`."""
        self._fail()

    def _fail(self) -> NoReturn:
        raise self.error


def image_pages(path: Path, first: int, options: DocumentOptions) -> Iterator[ImagePage]:
    """Yield the pages of an image file; only headers are read.

    Args:
        path: the file.
        first: number of the first page in the document.
        options: how it is opened.

    Raises:
        ImageError: it is no image or damaged, or has more pixels than are allowed.
    """
    limit = opening.PixelLimit(options.max_pixels, "--max-megapixels raises the limit")
    kind, indices = opening.inspected(path, limit)
    with opening.opened_file(path, limit=limit) as image:
        for number, index in enumerate(indices):
            if index:
                image.info.clear()  # those of the first page
                image.seek(index)
            header = header_of(image)
            opening.check_pixels((header.width, header.height), f"image {path}", limit)
            alone = len(indices) == 1 and not index  # a thumbnail may come before the page
            plain = alone and kind is not HEIC and not header.turned
            yield ImagePage(
                path,
                first + number,
                None if alone else index,
                _credible(options.image_dpi or header.dpi),
                plain and not _is_transparent(image) and image.mode != "CMYK",
                limit,
            )


def _credible(dpi: float | None) -> float | None:
    return dpi if dpi is not None and dpi >= LEAST_DPI else None


def _is_transparent(image: Image.Image) -> bool:
    return "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return an image for print in the colours of screens: its profile says what its inks mean."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if image.mode != "CMYK" or not profile:
        return image
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )  # fmt: skip
    except (ImageCms.PyCMSError, OSError):  # a damaged profile, or one of another kind of ink
        return image
    return converted or image

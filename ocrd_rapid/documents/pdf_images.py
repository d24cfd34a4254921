# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The images of a PDF page: how much of it they cover, their resolution, and their damage."""

from __future__ import annotations

import ctypes
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import ImageError
from ..pixels import BgrImage, to_bgr
from ..rasters import opening
from ..transforms import transform_points
from .pdf_geometry import DisplayedPage
from .pdfium import PageObject, PdfiumPage, api, matrix_of

#: [share of the page] Images that cover more are the page, and give its resolution.
WHOLE_PAGE = 0.9
#: [share of the page] Smaller images are not checked for damage: they are no scan.
_CHECKED = 0.1

#: [ratio] Of the resolutions of strips of one scan, whose heights are rounded.
_SAME_DPI = 1.05

#: Bytes after the end of an image that some writers leave.
_SLACK = 64
#: What libjpeg puts in place of rows that are missing, within rounding.
_MISSING_GREY = 128
_ROUNDING = 2

_BLOCK = 1 << 20
_NAME_LENGTH = 64


@dataclass(frozen=True)
class PlacedImage:
    """An image on a page.

    Attributes:
        item: the object.
        width: its columns.
        height: its rows.
        share: the part of the displayed page that it covers, 0 to 1.
        dpi: its resolution on the page, the higher of both directions.
        shown_size: width and height of its pixels as displayed, if it is the whole page and nothing
            is cut off; else ``None``.
    """

    item: PageObject
    width: int
    height: int
    share: float
    dpi: float
    shown_size: tuple[int, int] | None = None


def images_on(page: PdfiumPage, shown: DisplayedPage) -> Iterator[PlacedImage]:
    """Yield the images on an open page.

    Args:
        page: the page.
        shown: what is displayed of it.
    """
    pdfium = api()
    left, bottom, right, top = shown.box
    inside = np.array([(left, bottom), (right, bottom), (right, top), (left, top)], np.float32)
    for item in page.objects():
        if item.kind != pdfium.FPDF_PAGEOBJ_IMAGE:
            continue
        width, height = ctypes.c_uint(), ctypes.c_uint()
        if not pdfium.FPDFImageObj_GetImagePixelSize(item.handle, width, height):
            continue
        matrix = item.transform @ matrix_of(item.handle)
        corners = transform_points(matrix, np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))
        across, up = np.linalg.norm(matrix[:2, 0]), np.linalg.norm(matrix[:2, 1])
        if min(across, up) <= 0 or not width.value or not height.value:
            continue
        common, _ = cv2.intersectConvexConvex(corners.astype(np.float32), inside)
        share = min(float(common) / ((right - left) * (top - bottom)), 1.0)
        dpi = 72 * width.value / float(across), 72 * height.value / float(up)
        size = width.value, height.value
        # Both directions have one resolution but for the rounding of the sides of the page.
        even = max(dpi) <= _SAME_DPI * min(dpi)
        place = transform_points(shown.to_pixels(1, 1), corners) if even else corners
        yield PlacedImage(item, *size, share, max(dpi), _size_on_page(place, size))


def _size_on_page(place: NDArray[np.float64], size: tuple[int, int]) -> tuple[int, int] | None:
    """Return the size of an image as displayed if its corners are those of the page.

    Args:
        place: the corners in shares of the page, shape (4, 2): from the image's foot and start.
        size: its columns and rows.
    """
    if np.abs(place - place.round()).max() > 1 / max(size):
        return None
    if np.ptp(place.round(), axis=0).tolist() != [1, 1]:
        return None
    upright = abs(place[1, 0] - place[0, 0]) > 0.5
    return size if upright else size[::-1]


def scans(images: Iterable[PlacedImage]) -> list[tuple[float, float, int]]:
    """Return what may be scans: their share of the page, resolution, and longer side in pixels.

    Many scanners cut a scan into strips or tiles: images of one resolution and width.
    """
    groups: list[list[PlacedImage]] = []
    for image in sorted(images, key=lambda image: (image.width, image.dpi)):
        first = groups[-1][0] if groups else None
        if first and first.width == image.width and image.dpi <= _SAME_DPI * first.dpi:
            groups[-1].append(image)
        else:
            groups.append([image])
    return [
        (
            min(sum(part.share for part in parts), 1.0),
            parts[0].dpi,
            max(parts[0].width, sum(part.height for part in parts)),
        )
        for parts in groups
    ]


def check_whole(images: Sequence[PlacedImage], what: str) -> None:
    """Check the images that make up a page for missing parts, which pdfium leaves white or grey.

    JPEG and JPEG 2000 are decoded if they lack their end, as whole ones seldom do; streams of
    deflated pixels are inflated. Damage within an image is not found.

    Args:
        images: the images of an open page.
        what: the page, for messages.

    Raises:
        ImageError: a part is missing.
    """
    for image in images:
        if image.share < _CHECKED:
            continue
        raw, filters = _raw(image.item.handle)
        size = f"an image on it ({image.width} x {image.height} pixels)"
        if not raw:
            raise ImageError(f"{what} cannot be read: {size} is empty")
        if filters[:1] == ["FlateDecode"] and not _inflates(raw):
            raise ImageError(f"{what} cannot be read: {size} is truncated")
        if filters in (["DCTDecode"], ["JPXDecode"]) and b"\xff\xd9" not in raw[-_SLACK:]:
            _check_decodes(raw, what, size)


def _raw(handle: Any) -> tuple[bytes, list[str]]:
    """Return the content of an image as stored, and the names of its filters."""
    pdfium = api()
    size = pdfium.FPDFImageObj_GetImageDataRaw(handle, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFImageObj_GetImageDataRaw(handle, buffer, size)
    names = []
    for i in range(pdfium.FPDFImageObj_GetImageFilterCount(handle)):
        name = ctypes.create_string_buffer(_NAME_LENGTH)
        pdfium.FPDFImageObj_GetImageFilter(handle, i, name, _NAME_LENGTH)
        names.append(name.value.decode("ascii", "replace"))
    return buffer.raw, names


def _inflates(raw: bytes) -> bool:
    """Return whether deflated data reaches its end; the checksum after it is often missing."""
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    rest = raw[2:]
    try:
        while rest and not inflater.eof:
            inflater.decompress(rest, _BLOCK)
            rest = inflater.unconsumed_tail
        return inflater.eof
    except zlib.error:
        return False


def _check_decodes(raw: bytes, what: str, size: str) -> None:
    """Check an image without the mark of its end.

    Raises:
        ImageError: rows of it are missing.
    """
    try:
        _decoded(raw, what)
    except ImageError as error:
        # With the mark, libjpeg makes up what is missing.
        if raw[:2] != b"\xff\xd8" or _lacks_rows(_decoded(raw + b"\xff\xd9", what)):
            raise ImageError(f"{what} cannot be read: {size} is truncated") from error


def _decoded(raw: bytes, what: str) -> BgrImage:
    return to_bgr(opening.page_in(io.BytesIO(raw), f"an image on {what}", 0))


def _lacks_rows(image: BgrImage) -> bool:
    last = image[-1].astype(np.int16)
    return bool((np.abs(last - _MISSING_GREY) <= _ROUNDING).all())

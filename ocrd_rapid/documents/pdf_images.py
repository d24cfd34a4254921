# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The images of a PDF page: how much of it they cover, their resolution, and their damage."""

from __future__ import annotations

import ctypes
import io
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..errors import ImageError
from ..pixels import BgrImage, to_bgr
from ..rasters import opening
from ..transforms import transform_points
from .pdf_geometry import UserBox
from .pdfium import PageObject, PdfiumPage, api, matrix_of

#: [share of the page] Images that cover more are the page, and give its resolution.
WHOLE_PAGE = 0.9
#: [share of the page] Smaller images are not checked for damage: they are no scan.
_CHECKED = 0.1

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
    """

    item: PageObject
    width: int
    height: int
    share: float
    dpi: float


def images_on(page: PdfiumPage, box: UserBox) -> Iterator[PlacedImage]:
    """Yield the images on an open page.

    Args:
        page: the page.
        box: the displayed part of user space.
    """
    pdfium = api()
    left, bottom, right, top = box
    shown = np.array([(left, bottom), (right, bottom), (right, top), (left, top)], np.float32)
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
        common, _ = cv2.intersectConvexConvex(corners.astype(np.float32), shown)
        share = min(float(common) / ((right - left) * (top - bottom)), 1.0)
        dpi = 72 * max(width.value / float(across), height.value / float(up))
        yield PlacedImage(item, width.value, height.value, share, dpi)


def scans(images: Iterable[PlacedImage]) -> list[tuple[float, float, int]]:
    """Return what may be scans: their share of the page, resolution, and longer side in pixels.

    Many scanners cut a scan into strips or tiles: images of one resolution and width.
    """
    strips: dict[tuple[int, int], list[PlacedImage]] = defaultdict(list)
    for image in images:
        strips[image.width, round(image.dpi)].append(image)
    return [
        (
            min(sum(part.share for part in parts), 1.0),
            parts[0].dpi,
            max(parts[0].width, sum(part.height for part in parts)),
        )
        for parts in strips.values()
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

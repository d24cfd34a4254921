# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Barcodes on a page: QR codes, DataMatrix, EAN, Code 128 and others, read by zxing-cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..config.extras import required
from ..pixels import grey_of, plane_of
from .geometry import Points
from .page_model import Barcode, ReadGraphic

if TYPE_CHECKING:
    from ..pixels import BgrImage

#: Least extent of an outline in pixels: that of a linear code may be that of one row.
_THINNEST = 4.0


def find_barcodes(image: BgrImage) -> list[ReadGraphic]:
    """Return the barcodes on a page from top to bottom, whichever way up they are.

    Only those without errors in their checksums are returned.

    Args:
        image: shape (height, width, 3), BGR.

    Raises:
        MissingExtraError: zxing-cpp is not installed.
    """
    zxing = required("zxingcpp", "barcodes")
    plane = plane_of(image)
    grey = np.ascontiguousarray(grey_of(image) if plane is None else plane)
    height, width = grey.shape
    found = [
        ReadGraphic(
            "graphic",
            _outline(result.position, width, height),
            barcode=Barcode(result.format.name, result.text, bytes(result.bytes)),
        )
        for result in zxing.read_barcodes(grey, text_mode=zxing.TextMode.Plain)
        if result.valid
    ]
    return sorted(found, key=lambda graphic: tuple(graphic.outline.min(axis=0)[::-1].tolist()))


def _outline(position: Any, width: int, height: int) -> Points:
    """Return the corners of a barcode as it is read, inside of the page, shape (4, 2)."""
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    points = np.array([(corner.x, corner.y) for corner in corners], dtype=np.float32)
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).min() < _THINNEST:
        (left, top), (right, bottom) = low - _THINNEST / 2, high + _THINNEST / 2
        points = np.array(
            [(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32
        )
    return np.clip(points, 0, np.array([width - 1, height - 1], dtype=np.float32))

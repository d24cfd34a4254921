# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The barcodes of a page, found on its original image and entered in its PAGE-XML."""

from __future__ import annotations

from ..ocr.barcode_reading import find_barcodes
from ..runtime.processor import OpenPage
from ..workspace.barcode_regions import set_barcodes


def add_barcodes(page: OpenPage) -> None:
    """Enter the barcodes of a page as regions, which are no part of its reading order.

    Args:
        page: the page; after the detection of regions, which removes all others.

    Raises:
        ImageError: its image cannot be read.
        MissingExtraError: zxing-cpp is not installed.
    """
    pixels = page.images.pixels(page.document.image_filename)
    set_barcodes(page.document, find_barcodes(pixels))

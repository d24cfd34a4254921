# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Barcodes on pages; the tests make them with the library that reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ocrd_rapid.ocr.barcode_reading import find_barcodes
from ocrd_rapid.pixels import BgrImage, grey_as_bgr

zxing: Any = pytest.importorskip("zxingcpp", reason="needs zxing-cpp")


def paste(page: BgrImage, kind: str, content: str, x: int, y: int, scale: int = 4) -> BgrImage:
    """Return a page with a barcode, whose quiet zone begins at (x, y)."""
    code = zxing.create_barcode(content, getattr(zxing.BarcodeFormat, kind))
    image = np.asarray(zxing.write_barcode_to_image(code, scale=scale))
    height, width = image.shape
    page = page.copy()
    page[y : y + height, x : x + width] = image[:, :, None]
    return page


@pytest.fixture
def paper() -> BgrImage:
    return np.full((900, 1200, 3), (200, 225, 235), dtype=np.uint8)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("QRCode", "Grüße aus https://example.org/?a=1&b=2"), ("DataMatrix", "SIGNATUR 2° 4711"),
        ("EAN13", "4006381333931"), ("Code128", "Mag-0815/a"), ("Aztec", "aztec"),
        ("PDF417", "eine längere Angabe"),
    ],
)  # fmt: skip
def test_kinds_and_contents(paper: BgrImage, kind: str, content: str) -> None:
    [found] = find_barcodes(paste(paper, kind, content, 100, 80))
    assert found.kind == "graphic" and found.barcode is not None
    assert (found.barcode.format, found.barcode.text) == (kind, content)


def test_the_outline_is_that_of_the_code(paper: BgrImage) -> None:
    code = np.asarray(
        zxing.write_barcode_to_image(zxing.create_barcode("x", zxing.BarcodeFormat.QRCode), scale=4)
    )
    rows, columns = np.nonzero(code == 0)
    [found] = find_barcodes(paste(paper, "QRCode", "x", 300, 200))
    low = np.array([300 + columns.min(), 200 + rows.min()])
    high = np.array([300 + columns.max(), 200 + rows.max()])
    assert np.abs(found.outline.min(axis=0) - low).max() <= 4
    assert np.abs(found.outline.max(axis=0) - high).max() <= 4


def test_bytes_that_are_no_text_are_kept(paper: BgrImage) -> None:
    content = bytes([0, 1, 255, 65])
    code = zxing.create_barcode(content, zxing.BarcodeFormat.QRCode)
    image = np.asarray(zxing.write_barcode_to_image(code, scale=4))
    paper[50 : 50 + image.shape[0], 50 : 50 + image.shape[1]] = image[:, :, None]
    [found] = find_barcodes(paper)
    assert found.barcode is not None and found.barcode.data == content


@pytest.mark.parametrize("quarters", range(4))
def test_several_on_a_page_in_any_direction_from_top_to_bottom(
    paper: BgrImage, quarters: int
) -> None:
    page = paste(paste(paper, "QRCode", "b", 100, 600), "EAN13", "4006381333931", 700, 60)
    found = find_barcodes(np.ascontiguousarray(np.rot90(page, quarters)))
    tops = [float(graphic.outline[:, 1].min()) for graphic in found]
    assert tops == sorted(tops)
    assert {g.barcode.text for g in found if g.barcode} == {"b", "4006381333931"}


def test_pages_without_colour_and_pages_without_codes(paper: BgrImage) -> None:
    assert find_barcodes(paper) == []
    grey = paste(paper, "QRCode", "grau", 10, 10)[:, :, 0]
    [found] = find_barcodes(grey_as_bgr(grey))
    assert found.barcode is not None and found.barcode.text == "grau"

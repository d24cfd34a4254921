# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Barcodes of a page on their way into its PAGE-XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.processors.barcodes import add_barcodes
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.barcode_regions import barcode_of
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.values import points_of

zxing: Any = pytest.importorskip("zxingcpp", reason="needs zxing-cpp")


def test_the_codes_of_the_original_image_are_entered_beside_the_text() -> None:
    code = zxing.create_barcode("4711", zxing.BarcodeFormat.QRCode)
    image = np.asarray(zxing.write_barcode_to_image(code, scale=4))
    pixels = np.full((500, 700, 3), 255, dtype=np.uint8)
    pixels[100 : 100 + image.shape[0], 200 : 200 + image.shape[1]] = image[:, :, None]
    store = ImageStore(Path())
    store.add("page.png", pixels)
    document = PageDocument.for_image("page.png", 700, 500, "me")
    # An image cut out of the page does not move the codes.
    document.add_alternative_image("cropped.png", ["cropped"])
    region = document.add_region("r1", np.array([[0, 0], [9, 0], [9, 9]], dtype=np.float32))
    document.append_to_reading_order(["r1"])
    add_barcodes(OpenPage("P_1", document, store))
    [element] = document.page.iter(tag("GraphicRegion"))
    found = barcode_of(element)
    assert found is not None and (found.format, found.text, found.data) == (
        "QRCode",
        "4711",
        b"4711",
    )
    points = points_of(element.find(tag("Coords")))
    assert points[:, 0].min() > 200 and points[:, 1].min() > 100
    assert document.reading_order() == ["r1"] and document.text_regions()[0].id == region.id

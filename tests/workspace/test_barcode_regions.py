# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Barcodes in PAGE-XML."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ocrd_rapid.ocr.page_model import Barcode, ReadGraphic
from ocrd_rapid.workspace import schema
from ocrd_rapid.workspace.barcode_regions import barcode_of, set_barcodes
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.xml import clean_text

OUTLINE = np.array([[10, 10], [90, 10], [90, 90], [10, 90]], dtype=np.float32)


def graphic(text: str, data: bytes, kind: str = "QRCode") -> ReadGraphic:
    return ReadGraphic("graphic", OUTLINE, barcode=Barcode(kind, text, data))


def regions(document: PageDocument) -> list[etree._Element]:
    return list(document.page.iter(tag("GraphicRegion")))


@given(st.text(), st.binary(), st.sampled_from(["QRCode", "EAN13", "DataMatrix"]))
def test_content_survives_the_file(text: str, data: bytes, kind: str) -> None:
    document = PageDocument.for_image("a.png", 100, 100, "me")
    set_barcodes(document, [graphic(text, data, kind)])
    parsed = PageDocument.parse(document.to_bytes())
    root = parsed.page.getparent()
    assert root is not None
    assert not [*schema.violations(root, schema.PAGE), *schema.value_violations(root)]
    [region] = regions(parsed)
    assert region.get("type") == "barcode"
    assert region.get("custom") == f"barcode {{format:{kind};}}"
    assert barcode_of(region) == Barcode(kind, clean_text(text), data)


def test_a_second_time_replaces_and_leaves_other_graphics() -> None:
    document = PageDocument.for_image("a.png", 100, 100, "me")
    etree.SubElement(document.page, tag("GraphicRegion"), id="stamp", type="stamp")
    for text in ("first", "second"):
        set_barcodes(document, [graphic(text, b""), graphic(text, b""), ReadGraphic("x", OUTLINE)])
    found = regions(document)
    assert [region.get("id") for region in found] == ["stamp", "barcode_0001", "barcode_0002"]
    assert [code.text for code in map(barcode_of, found) if code] == ["second", "second"]
    set_barcodes(document, [])
    assert [region.get("id") for region in regions(document)] == ["stamp"]


@pytest.mark.parametrize(
    "attributes",
    [{}, {"type": "barcode"}, {"type": "logo", "custom": "barcode {format:QRCode;}"}],
)
def test_other_regions_are_no_barcodes(attributes: dict[str, str]) -> None:
    assert barcode_of(etree.Element(tag("GraphicRegion"), attributes)) is None


def test_a_barcode_without_bytes_has_those_of_its_text() -> None:
    document = PageDocument.for_image("a.png", 100, 100, "me")
    set_barcodes(document, [graphic("ä", b"")])
    [region] = regions(document)
    values = region.findall(f".//{tag('UserAttribute')}")
    values[1].set("value", "no Base64!")
    assert barcode_of(region) == Barcode("QRCode", "ä", "ä".encode())

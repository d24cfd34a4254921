# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Barcodes in PAGE-XML.

A barcode is a ``GraphicRegion`` of the type ``barcode``, with its symbology in ``@custom``, such as
``barcode {format:QRCode;}``, and its content in ``UserDefined``: as text, and as bytes in Base64
(RFC 4648), since a text cannot hold all of them.
"""

from __future__ import annotations

import base64
import binascii
import re

from lxml import etree

from ..ocr.page_model import Barcode, ReadGraphic
from .page import PageDocument
from .segments import add_user_attributes, new_segment, tag

_CUSTOM = re.compile(r"\bbarcode\s*\{\s*format\s*:\s*([^;{}\s]+)\s*;?\s*\}")
_TEXT, _BYTES = "content", "bytes"


def set_barcodes(document: PageDocument, graphics: list[ReadGraphic]) -> None:
    """Put barcodes into a document in place of those that it has.

    Args:
        document: the document.
        graphics: those with a barcode are taken; outlines in pixels of the original image.
    """
    for element in list(document.page.iter(tag("GraphicRegion"))):
        parent = element.getparent()
        if barcode_of(element) is not None and parent is not None:
            parent.remove(element)
    document.refresh_ids()
    for number, graphic in enumerate(graphics, start=1):
        if graphic.barcode is None:
            continue
        name = document.new_id(f"barcode_{number:04d}")
        region = new_segment("GraphicRegion", name, graphic.outline, None)
        set_barcode(region, graphic.barcode)
        document.page.append(region)


def set_barcode(element: etree._Element, barcode: Barcode) -> None:
    """Make a region without content a barcode."""
    element.set("type", "barcode")
    element.set("custom", f"barcode {{format:{barcode.format};}}")
    encoded = base64.b64encode(barcode.data).decode("ascii")
    add_user_attributes(element, {_TEXT: barcode.text, _BYTES: encoded})


def barcode_of(element: etree._Element) -> Barcode | None:
    """Return the content of a region that is a barcode; ``None`` if it is none.

    One without bytes that can be decoded has those of its text in UTF-8.
    """
    if element.get("type") != "barcode":
        return None
    found = _CUSTOM.search(str(element.get("custom", "")))
    if found is None:
        return None
    values = {
        str(e.get("name")): str(e.get("value", ""))
        for e in element.iterfind(f"{tag('UserDefined')}/{tag('UserAttribute')}")
    }
    text = values.get(_TEXT, "")
    try:
        data = base64.b64decode(values[_BYTES], validate=True)
    except (KeyError, binascii.Error):
        data = text.encode()
    return Barcode(found[1], text, data)

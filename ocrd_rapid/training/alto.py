# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ALTO as ground truth: its lines as those of a PAGE document.

Specification: ALTO 2 to 4 of the Library of Congress. Positions in tenths of a millimetre or
1200ths of an inch need the resolution of the image, which its file must then say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from lxml import etree

from ..errors import ImageError, PageXmlError
from ..workspace.decoding import image_header
from ..workspace.page import PageDocument
from ..workspace.values import Polygon

_IMAGES = (".jpg", ".png", ".tif", ".tiff", ".jpeg", ".jp2", ".webp")
#: Units per inch.
_UNITS = {"mm10": 254.0, "inch1200": 1200.0}


def is_alto(root: etree._Element) -> bool:
    """Return whether a document is ALTO."""
    return _local(root) == "alto"


def page_of_alto(root: etree._Element, path: Path) -> PageDocument:
    """Return the lines of an ALTO document, with their text, as a PAGE document.

    Args:
        root: the document.
        path: its file; the image is in the same directory, or in the one above.

    Raises:
        PageXmlError: it has no page, or a position is not a number.
        ImageError: its image cannot be found, or has no resolution where one is needed.
    """
    page = root.find("{*}Layout/{*}Page")
    if page is None:
        raise PageXmlError("the ALTO document has no page")
    image = _image(root, path)
    header = image_header(image)
    unit = (root.findtext("{*}Description/{*}MeasurementUnit") or "pixel").strip()
    scale = 1.0
    if unit in _UNITS:
        if not header.dpi:
            raise ImageError(f"its positions are in {unit}, but image {image} has no resolution")
        scale = header.dpi / _UNITS[unit]
    document = PageDocument.for_image(
        str(image.absolute()), header.width, header.height, "ocrd-rapid"
    )
    corners = [(0, 0), (header.width, 0), (header.width, header.height), (0, header.height)]
    region = document.add_region("r", np.array(corners, dtype=np.float32))
    for index, line in enumerate(page.iter("{*}TextLine"), start=1):
        identifier = str(line.get("ID") or f"l{index}")
        region.add_line(identifier, _outline(line, identifier) * scale, None).set_text(_text(line))
    return document


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _image(root: etree._Element, path: Path) -> Path:
    named = root.findtext("{*}Description/{*}sourceImageInformation/{*}fileName") or ""
    names = [Path(named.strip().replace("\\", "/")).name] if named.strip() else []
    names += [f"{path.name.partition('.')[0]}{suffix}" for suffix in _IMAGES]
    candidates = [path.parent / named.strip()] if named.strip() else []
    candidates += [folder / name for folder in (path.parent, path.parent.parent) for name in names]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ImageError(f"image {names[0]} is neither beside {path.name} nor in the directory above")


def _outline(line: etree._Element, identifier: str) -> Polygon:
    """Return the polygon of a line, or its box if it has no polygon."""
    try:
        shape = line.find("{*}Shape/{*}Polygon")
        if shape is not None:
            values = str(shape.get("POINTS", "")).replace(",", " ").split()
            return np.array(values, dtype=np.float32).reshape(-1, 2)
        names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
        left, top, width, height = (float(line.get(name, "nan")) for name in names)
        if np.isnan([left, top, width, height]).any():
            return np.zeros((0, 2), dtype=np.float32)
    except ValueError as error:
        raise PageXmlError(f"line {identifier}: a position is not a number: {error}") from error
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, dtype=np.float32)


def _text(line: etree._Element) -> str:
    """Return the text of a line; a hyphen at its end stands in an element of its own."""
    parts: list[str] = []
    for element in line:
        kind = _local(element)
        if kind == "String":
            if parts and parts[-1] != " ":
                parts.append(" ")
            parts.append(str(element.get("CONTENT", "")))
        elif kind == "SP":
            parts.append(" ")
        elif kind == "HYP":
            parts.append(str(element.get("CONTENT", "-")))
    return "".join(parts)

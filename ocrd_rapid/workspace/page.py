"""One PAGE-XML document.

The tree stays what it was read as; only what a step adds or changes is touched, so all that
we do not know survives. Specification: PAGE 2019-07-15 and https://ocr-d.de/en/spec/page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..errors import PageXmlError
from . import xml

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_OLDER = re.compile(
    rb"http://schema\.primaresearch\.org/PAGE/gts/pagecontent/(?:2010-01-12|2010-03-19|2013-07-15|2016-07-15"
    rb"|2017-07-15|2018-07-15)"
)

#: Order of the elements, as far as we insert some (PAGE 2019-07-15).
_PAGE_ORDER = (
    "AlternativeImage", "Border", "PrintSpace", "ReadingOrder", "Layers", "Relations",
    "TextStyle", "UserDefined", "Labels",
)  # fmt: skip
_REGION_ORDER = (
    "AlternativeImage", "Coords", "UserDefined", "Labels", "Roles", "TextRegion", "ImageRegion",
    "LineDrawingRegion", "GraphicRegion", "TableRegion", "ChartRegion", "SeparatorRegion",
    "MathsRegion", "ChemRegion", "MusicRegion", "AdvertRegion", "NoiseRegion", "UnknownRegion",
    "CustomRegion", "TextLine", "TextEquiv", "TextStyle",
)  # fmt: skip
_LINE_ORDER = (
    "AlternativeImage", "Coords", "Baseline", "Word", "TextEquiv", "TextStyle", "UserDefined",
    "Labels",
)  # fmt: skip

Polygon = NDArray[np.float32]


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


@dataclass(frozen=True)
class AlternativeImage:
    """A derived image of a page: its file and the features it has (``binarized``, …)."""

    filename: str
    features: tuple[str, ...]


class TextSegment:
    """What text regions and text lines have in common: an outline and text."""

    _order: Sequence[str] = ()

    def __init__(self, element: etree._Element) -> None:
        """Wrap an element of the tree."""
        self.element = element

    @property
    def id(self) -> str:
        """The ID of the element."""
        return str(self.element.get("id", ""))

    @property
    def polygon(self) -> Polygon:
        """The outline, shape (N, 2), in pixels of the original image; N may be 0."""
        coords = self.element.find(_tag("Coords"))
        return parse_points("" if coords is None else str(coords.get("points", "")))

    @property
    def text(self) -> str | None:
        """The first text (lowest ``@index``), or ``None`` if there is none."""
        first = self._first_equiv()
        if first is None:
            return None
        unicode = first.find(_tag("Unicode"))
        return "" if unicode is None else (unicode.text or "")

    def _first_equiv(self) -> etree._Element | None:
        found = self.element.findall(_tag("TextEquiv"))
        return min(found, key=lambda e: _integer(e, "index"), default=None)

    @property
    def confidence(self) -> float | None:
        """The confidence of the first text, or ``None``."""
        first = self._first_equiv()
        return None if first is None else _number(first, "conf")

    def set_text(self, text: str, confidence: float | None = None) -> None:
        """Replace all text of this element (not of the elements inside)."""
        self.remove_text()
        equiv = etree.Element(_tag("TextEquiv"))
        if confidence is not None:
            equiv.set("conf", format_float(min(max(confidence, 0.0), 1.0)))
        etree.SubElement(equiv, _tag("Unicode")).text = xml.clean_text(text)
        insert_in_order(self.element, equiv, self._order)

    def remove_text(self) -> None:
        """Remove all text of this element."""
        for equiv in self.element.findall(_tag("TextEquiv")):
            self.element.remove(equiv)


class TextLine(TextSegment):
    """A text line."""

    _order = _LINE_ORDER

    def remove_words(self) -> None:
        """Remove the words, which a new text of the line makes untrue."""
        for word in self.element.findall(_tag("Word")):
            self.element.remove(word)


class TextRegion(TextSegment):
    """A text region; regions may lie within each other."""

    _order = _REGION_ORDER

    @property
    def lines(self) -> list[TextLine]:
        """The lines of this region itself, in document order."""
        return [TextLine(element) for element in self.element.iterfind(_tag("TextLine"))]

    @property
    def orientation(self) -> float | None:
        """Clockwise rotation in degrees that sets the region upright, or ``None``."""
        return _number(self.element, "orientation")

    def set_orientation(self, degrees: float) -> None:
        """Set ``@orientation`` and drop images that were turned by another angle."""
        self.element.set("orientation", format_float(degrees))
        _remove_turned_images(self.element)

    def add_line(self, identifier: str, polygon: Polygon, confidence: float | None) -> TextLine:
        """Append a line."""
        element = _new_segment("TextLine", identifier, polygon, confidence)
        insert_in_order(self.element, element, _REGION_ORDER)
        return TextLine(element)

    def reverse_lines(self) -> None:
        """Put the lines in the opposite order."""
        lines = [line.element for line in self.lines]
        for line in lines:
            self.element.remove(line)
        for line in reversed(lines):
            insert_in_order(self.element, line, _REGION_ORDER)


class PageDocument:
    """A PAGE-XML document with its one page."""

    def __init__(self, root: etree._Element) -> None:
        """Wrap a parsed document; use `read` or `for_image`.

        Raises:
            PageXmlError: it has no page, or the page has no image.
        """
        page = root.find(_tag("Page"))
        if root.tag != _tag("PcGts") or page is None:
            raise PageXmlError(f"not a PAGE-XML document (root element {root.tag})")
        self.root = root
        self.page = page
        try:
            self.image_filename = str(page.attrib["imageFilename"])
            self.width = int(page.attrib["imageWidth"])
            self.height = int(page.attrib["imageHeight"])
        except (KeyError, ValueError) as error:
            raise PageXmlError(f"element Page: attribute missing or wrong: {error}") from error
        self._ids = _all_ids(root)

    @classmethod
    def read(cls, path: Path) -> PageDocument:
        """Read a PAGE-XML file of any version from 2010 to 2019.

        Raises:
            PageXmlError: it is missing, unreadable, not XML, or not PAGE.
        """
        try:
            data = path.read_bytes()
            # The older versions are subsets of the newest as far as we are concerned.
            root = xml.parse(_OLDER.sub(NAMESPACE.encode(), data))
            _points_as_attributes(root)
            return cls(root)
        except FileNotFoundError as error:
            raise PageXmlError(f"PAGE-XML file {path} does not exist") from error
        except OSError as error:
            raise PageXmlError(f"PAGE-XML file {path} cannot be read: {error.strerror}") from error
        except etree.XMLSyntaxError as error:
            raise PageXmlError(f"{path} is not well-formed XML: {error.msg}") from error
        except PageXmlError as error:
            raise PageXmlError(f"{path}: {error}") from error

    @classmethod
    def for_image(cls, filename: str, width: int, height: int, creator: str) -> PageDocument:
        """Return the document of a page that has nothing but an image."""
        root = etree.Element(_tag("PcGts"), nsmap={"pc": NAMESPACE, "xsi": _XSI})
        root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {NAMESPACE}/pagecontent.xsd")
        metadata = etree.SubElement(root, _tag("Metadata"))
        now = datetime.now().isoformat()
        for name, value in (("Creator", creator), ("Created", now), ("LastChange", now)):
            etree.SubElement(metadata, _tag(name)).text = value
        page = etree.SubElement(root, _tag("Page"), imageFilename=filename)
        page.set("imageWidth", str(width))
        page.set("imageHeight", str(height))
        return cls(root)

    @property
    def pcgts_id(self) -> str:
        """``@pcGtsId``: the ID of the file in the METS."""
        return str(self.root.get("pcGtsId", ""))

    @pcgts_id.setter
    def pcgts_id(self, value: str) -> None:
        self.root.set("pcGtsId", value)

    @property
    def orientation(self) -> float:
        """Clockwise rotation in degrees that sets the page upright."""
        return _number(self.page, "orientation") or 0.0

    def set_orientation(self, degrees: float) -> None:
        """Set ``@orientation`` and drop images that were turned by another angle."""
        self.page.set("orientation", format_float(degrees))
        _remove_turned_images(self.page)

    @property
    def border(self) -> Polygon | None:
        """The outline of the page on the image, shape (N, 2), or ``None``."""
        coords = self.page.find(f"{_tag('Border')}/{_tag('Coords')}")
        points = None if coords is None else parse_points(str(coords.get("points", "")))
        return points if points is not None and len(points) else None

    @property
    def alternative_images(self) -> list[AlternativeImage]:
        """The derived images of the page, in document order."""
        return [
            AlternativeImage(
                str(element.get("filename", "")),
                tuple(f for f in str(element.get("comments", "")).split(",") if f),
            )
            for element in self.page.iterfind(_tag("AlternativeImage"))
        ]

    def text_regions(self) -> list[TextRegion]:
        """Return all text regions, also those inside of tables and other regions.

        They come in reading order as far as there is one, the others after them.
        """
        found = [TextRegion(e) for e in self.page.iter(_tag("TextRegion"))]
        rank = {identifier: i for i, identifier in enumerate(self.reading_order())}
        return sorted(found, key=lambda region: rank.get(region.id, len(rank)))

    def remove_regions(self) -> None:
        """Remove all regions of any kind and the reading order."""
        for element in list(self.page):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name.endswith("Region") or name == "ReadingOrder":
                self.page.remove(element)
        self._ids = _all_ids(self.root)

    def add_region(
        self, identifier: str, polygon: Polygon, confidence: float | None = None
    ) -> TextRegion:
        """Append a text region to the page; the reading order is another matter."""
        element = _new_segment("TextRegion", identifier, polygon, confidence)
        self.page.append(element)
        return TextRegion(element)

    def reading_order(self) -> list[str]:
        """Return the IDs of the regions in reading order, flattened."""
        order = self.page.find(_tag("ReadingOrder"))
        return [] if order is None else list(_flatten(order))

    def append_to_reading_order(self, identifiers: Iterable[str]) -> None:
        """Put regions at the end of the reading order.

        Where there is none it is created, and the text regions that were there come first.
        """
        order = self.page.find(_tag("ReadingOrder"))
        if order is None or _group(order) is None:
            new = list(identifiers)
            before = (str(e.get("id")) for e in self.page.iterfind(_tag("TextRegion")))
            identifiers = [*(i for i in before if i not in new), *new]
        if order is None:
            order = etree.Element(_tag("ReadingOrder"))
            insert_in_order(self.page, order, _PAGE_ORDER)
        group = _group(order)
        if group is None:
            group = etree.SubElement(order, _tag("OrderedGroup"), id=self.new_id("ro"))
        ordered = group.tag == _tag("OrderedGroup")
        index = 1 + max((_integer(e, "index") for e in group if e.get("index")), default=-1)
        for offset, identifier in enumerate(identifiers):
            reference = etree.SubElement(
                group, _tag("RegionRefIndexed" if ordered else "RegionRef")
            )
            if ordered:
                reference.set("index", str(index + offset))
            reference.set("regionRef", identifier)

    def reverse_reading_order(self) -> None:
        """Reverse the order of what the outermost group holds."""
        order = self.page.find(_tag("ReadingOrder"))
        group = None if order is None else _group(order)
        if group is None:
            return
        members = sorted(
            (e for e in group if e.get("index") is not None),
            key=lambda e: _integer(e, "index"),
        )
        for index, element in enumerate(reversed(members)):
            element.set("index", str(index))
            group.append(element)

    def new_id(self, stem: str) -> str:
        """Return an ID that is new to the document: ``stem``, or ``stem`` with a number."""
        identifier, number = stem, 0
        while identifier in self._ids:
            number += 1
            identifier = f"{stem}_{number}"
        self._ids.add(identifier)
        return identifier

    def add_processing_step(
        self, *, step: str, executable: str, parameters: Mapping[str, Any],
        versions: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Record a processing step in the metadata, as OCR-D core does."""
        metadata = self.root.find(_tag("Metadata"))
        if metadata is None:
            metadata = etree.Element(_tag("Metadata"))
            self.root.insert(0, metadata)
        item = etree.SubElement(
            metadata, _tag("MetadataItem"), type="processingStep", name=step, value=executable
        )
        for kind, values in (("parameters", parameters), ("version", versions)):
            labels = etree.SubElement(
                item, _tag("Labels"), externalModel="ocrd-tool", externalId=kind
            )
            for name, value in values.items():
                text = xml.clean_text(str(value))
                etree.SubElement(labels, _tag("Label"), value=text, type=name)

    def to_bytes(self) -> bytes:
        """Serialise as core does: four blanks of indentation, a line end at the end."""
        etree.indent(self.root, space="    ")
        text: bytes = etree.tostring(self.root, encoding="UTF-8", xml_declaration=False)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _group(order: etree._Element) -> etree._Element | None:
    """Return the outermost group of a reading order; comments are none."""
    return next((e for e in order if isinstance(e.tag, str)), None)


def _number(element: etree._Element, name: str) -> float | None:
    """Return an attribute as a number, or ``None`` if it is missing or empty."""
    value = element.get(name)
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        where = etree.QName(element).localname
        raise PageXmlError(f"element {where}: attribute {name} is not a number: '{value}'")
    return number


def _integer(element: etree._Element, name: str) -> int:
    """Return an attribute as an integer, 0 if it is missing or empty."""
    return int(_number(element, name) or 0)


def _all_ids(root: etree._Element) -> set[str]:
    return {str(e.get("id")) for e in root.iter(etree.Element) if e.get("id")}


def _flatten(element: etree._Element) -> Iterator[str]:
    members = [e for e in element if isinstance(e.tag, str)]
    for member in sorted(members, key=lambda e: _integer(e, "index")):
        reference = member.get("regionRef")
        if reference:
            yield str(reference)
        yield from _flatten(member)


def _points_as_attributes(root: etree._Element) -> None:
    """Turn the Point elements of PAGE 2010 into ``@points``."""
    for outline in root.iter(_tag("Coords"), _tag("Baseline")):
        points = outline.findall(_tag("Point"))
        if points:
            outline.set("points", " ".join(f"{p.get('x')},{p.get('y')}" for p in points))
            for point in points:
                outline.remove(point)


def _new_segment(
    name: str, identifier: str, polygon: Polygon, confidence: float | None
) -> etree._Element:
    element = etree.Element(_tag(name), id=identifier)
    coords = etree.SubElement(element, _tag("Coords"), points=format_points(polygon))
    if confidence is not None:
        coords.set("conf", format_float(min(max(confidence, 0.0), 1.0)))
    return element


def _remove_turned_images(parent: etree._Element) -> None:
    for image in parent.findall(_tag("AlternativeImage")):
        features = str(image.get("comments", "")).split(",")
        if any(f == "deskewed" or f.startswith("rotated-") for f in features):
            parent.remove(image)


def insert_in_order(parent: etree._Element, child: etree._Element, order: Sequence[str]) -> None:
    """Insert a child after all that the schema has before it, or beside it."""
    rank = {name: i for i, name in enumerate(order)}
    own = rank[etree.QName(child).localname]
    position = 0
    for i, sibling in enumerate(parent):
        name = etree.QName(sibling).localname if isinstance(sibling.tag, str) else ""
        if rank.get(name, len(order)) <= own:
            position = i + 1
    parent.insert(position, child)


def parse_points(points: str) -> Polygon:
    """Parse ``@points`` ("x,y x,y …") into an array of shape (N, 2).

    Raises:
        PageXmlError: it is not a list of pairs of numbers.
    """
    try:
        pairs = [pair.split(",") for pair in points.split()]
        array = np.array([(float(x), float(y)) for x, y in pairs], dtype=np.float32)
        if not np.isfinite(array).all():
            raise ValueError("not finite")
    except ValueError as error:
        raise PageXmlError(f"malformed points: {points[:60]!r}") from error
    return array.reshape(-1, 2)


def format_points(polygon: Polygon) -> str:
    """Format points as non-negative integers, "x,y x,y …"."""
    rounded = np.maximum(np.rint(polygon), 0).astype(int)
    return " ".join(f"{x},{y}" for x, y in rounded)


def format_float(value: float) -> str:
    """Format a number as core does: at most 15 decimals, at least ``.0``, no exponent."""
    text = f"{value:.15f}".rstrip("0")
    return text + "0" if text.endswith(".") else text

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One PAGE-XML document.

The tree stays as read, except for what a step adds or changes, so everything unknown to us
survives. Specification: PAGE 2019-07-15 and https://ocr-d.de/en/spec/page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from lxml import etree

from ..errors import PageXmlError
from ..files import read_regular
from ..provenance import ProcessingStep
from ..rasters import formats
from . import foreign, order_marks, xml
from .hulls import complete_outlines
from .segments import (
    NAMESPACE,
    TextRegion,
    insert_in_order,
    new_segment,
    remove_turned_images,
    tag,
)
from .values import Polygon, area, format_float, integer, number, points_of

_XSI = "http://www.w3.org/2001/XMLSchema-instance"

#: Order of the elements, as far as we insert any (PAGE 2019-07-15).
_PAGE_ORDER = (
    "AlternativeImage", "Border", "PrintSpace", "ReadingOrder", "Layers", "Relations",
    "TextStyle", "UserDefined", "Labels",
)  # fmt: skip


def _kind_of(data: bytes) -> str:
    """Return the kind of a file given in place of PAGE-XML; empty if it is not evident."""
    head = data[: formats.HEAD]
    found = formats.format_of(head)
    if found is not None:
        return f"not PAGE-XML, but an image ({found.media_type})"
    other = formats.other_kind(head)
    return f"not PAGE-XML: {other}" if other.holds_pages else ""


class PageDocument:
    """A PAGE-XML document with its one page."""

    def __init__(self, root: etree._Element) -> None:
        """Wrap a parsed document; use `read` or `for_image`.

        Raises:
            PageXmlError: it has no page, or the page has no image.
        """
        page = root.find(tag("Page"))
        if root.tag != tag("PcGts") or page is None:
            raise PageXmlError(f"not a PAGE-XML document (root element {root.tag})")
        self.root = root
        self.page = page
        try:
            self.image_filename = str(page.attrib["imageFilename"])
            self.width = _pixels(str(page.attrib["imageWidth"]))
            self.height = _pixels(str(page.attrib["imageHeight"]))
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
            return cls.parse(read_regular(path), path)
        except FileNotFoundError as error:
            raise PageXmlError(f"PAGE-XML file {path} does not exist") from error
        except OSError as error:
            raise PageXmlError(f"PAGE-XML file {path} cannot be read: {error.strerror}") from error
        except PageXmlError as error:
            raise PageXmlError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, data: bytes, path: Path | None = None) -> PageDocument:
        """Parse PAGE-XML of any version from 2010 to 2019, including that of other programs.

        Args:
            data: the document.
            path: its source, for messages.

        Raises:
            PageXmlError: it is not XML, or not PAGE.
        """
        try:
            root = xml.parse(foreign.renamed(data, NAMESPACE), path=path)
            if foreign.is_older(etree.QName(root).namespace):  # in UTF-16, for instance
                data = etree.tostring(root, encoding="UTF-8")
                root = xml.parse(foreign.renamed(data, NAMESPACE), path=path)
        except etree.XMLSyntaxError as error:
            kind = _kind_of(data)
            raise PageXmlError(kind or f"not well-formed XML: {error.msg}") from error
        foreign.adapt(root)
        return cls(root)

    @classmethod
    def for_image(
        cls,
        filename: str,
        width: int,
        height: int,
        creator: str,
        orientation: float = 0.0,
        created: str = "",
    ) -> PageDocument:
        """Return the document of a page with nothing but an image.

        Args:
            filename: the name of the image, as in the METS.
            width: its width in pixels.
            height: its height in pixels.
            creator: the creator of the document.
            orientation: clockwise rotation in degrees that sets the page upright.
            created: the date of the document (ISO 8601); by default now.
        """
        root = etree.Element(tag("PcGts"), nsmap={"pc": NAMESPACE, "xsi": _XSI})
        root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {NAMESPACE}/pagecontent.xsd")
        metadata = etree.SubElement(root, tag("Metadata"))
        now = created or datetime.now().isoformat()
        for name, value in (("Creator", creator), ("Created", now), ("LastChange", now)):
            etree.SubElement(metadata, tag(name)).text = value
        page = etree.SubElement(root, tag("Page"), imageFilename=filename)
        page.set("imageWidth", str(width))
        page.set("imageHeight", str(height))
        if orientation:
            page.set("orientation", format_float(orientation))
        return cls(root)

    def set_image_filename(self, name: str) -> None:
        """Set ``@imageFilename``."""
        self.image_filename = name
        self.page.set("imageFilename", name)

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
        return number(self.page, "orientation") or 0.0

    def set_orientation(self, degrees: float) -> None:
        """Set ``@orientation`` and drop images that were turned by another angle."""
        self.page.set("orientation", format_float(degrees))
        remove_turned_images(self.page)

    @property
    def border(self) -> Polygon | None:
        """The outline of the page on the image, shape (N, 2), or ``None``.

        A border without area on the page, which would show nothing, does not count.
        """
        points = points_of(self.page.find(f"{tag('Border')}/{tag('Coords')}"))
        on_page = np.clip(points, 0, (self.width, self.height))
        return points if area(on_page) >= 1 else None

    def add_alternative_image(self, filename: str, features: Sequence[str]) -> None:
        """Add a derived image of the page, after the others."""
        element = etree.Element(tag("AlternativeImage"), filename=filename)
        if features:
            element.set("comments", ",".join(features))
        insert_in_order(self.page, element, _PAGE_ORDER)

    def text_regions(self) -> list[TextRegion]:
        """Return all text regions, including those inside tables and other regions.

        They are in reading order as far as there is one. Regions missing from it come with the
        region around them, such as the cells of a table, or else at the end.
        """
        found = [TextRegion(e) for e in self.page.iter(tag("TextRegion"))]
        rank = {identifier: i for i, identifier in enumerate(self.reading_order())}

        def place(region: TextRegion) -> int:
            around = (region.element, *region.element.iterancestors())
            named = (str(element.get("id")) for element in around)
            return next((rank[name] for name in named if name in rank), len(rank))

        return sorted(found, key=place)

    def remove_regions(self) -> None:
        """Remove all regions of any kind and the reading order."""
        for element in list(self.page):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name.endswith("Region") or name == "ReadingOrder":
                self.page.remove(element)
        self.refresh_ids()

    def add_region(
        self, identifier: str, polygon: Polygon, confidence: float | None = None
    ) -> TextRegion:
        """Append a text region to the page; the reading order is another matter."""
        element = new_segment("TextRegion", identifier, polygon, confidence)
        self.page.append(element)
        return TextRegion(element)

    def reading_order(self) -> list[str]:
        """Return the IDs of the regions in reading order, flattened."""
        order = self.page.find(tag("ReadingOrder"))
        return [] if order is None else list(_flatten(order))

    def append_to_reading_order(self, identifiers: Iterable[str]) -> None:
        """Put regions at the end of the reading order.

        A missing reading order is created, and the existing text regions come first.
        """
        with order_marks.keeping_mark(self.page):
            self._append_to_reading_order(identifiers)

    def _append_to_reading_order(self, identifiers: Iterable[str]) -> None:
        order = self.page.find(tag("ReadingOrder"))
        group = order_marks.outermost_group(self.page)
        if group is None:
            new = list(identifiers)
            before = (str(e.get("id")) for e in self.page.iterfind(tag("TextRegion")))
            identifiers = [*(i for i in before if i not in new), *new]
        if order is None:
            order = etree.Element(tag("ReadingOrder"))
            insert_in_order(self.page, order, _PAGE_ORDER)
        if group is None:
            group = etree.SubElement(order, tag("OrderedGroup"), id=self.new_id("ro"))
        ordered = group.tag == tag("OrderedGroup")
        index = 1 + max((integer(e, "index") for e in group if e.get("index")), default=-1)
        for offset, identifier in enumerate(identifiers):
            reference = etree.SubElement(group, tag("RegionRefIndexed" if ordered else "RegionRef"))
            if ordered:
                reference.set("index", str(index + offset))
            reference.set("regionRef", identifier)

    def reverse_reading_order(self, last: Collection[str] = ()) -> None:
        """Reverse the order of the members of the outermost group.

        Args:
            last: IDs of regions that stay last, in their present order.
        """
        group = order_marks.outermost_group(self.page)
        if group is None:
            return
        with order_marks.keeping_mark(self.page):
            _reverse(group, last)

    def new_id(self, stem: str) -> str:
        """Return an ID that is new to the document: ``stem``, or ``stem`` with a number."""
        identifier, number = stem, 0
        while identifier in self._ids:
            number += 1
            identifier = f"{stem}_{number}"
        self._ids.add(identifier)
        return identifier

    def refresh_ids(self) -> None:
        """Let `new_id` reuse the IDs of removed elements."""
        self._ids = _all_ids(self.root)

    def add_processing_step(self, done: ProcessingStep) -> None:
        """Record a processing step in the metadata, as OCR-D core does."""
        metadata = self.root.find(tag("Metadata"))
        if metadata is None:
            metadata = etree.Element(tag("Metadata"))
            self.root.insert(0, metadata)
        item = etree.SubElement(metadata, tag("MetadataItem"), type="processingStep")
        item.set("name", done.step)
        item.set("value", done.executable)
        for kind, values in (("parameters", done.parameters), ("version", done.versions)):
            labels = etree.SubElement(
                item, tag("Labels"), externalModel="ocrd-tool", externalId=kind
            )
            for name, value in values.items():
                etree.SubElement(labels, tag("Label"), value=xml.clean_text(value), type=name)

    def processing_steps(self) -> list[ProcessingStep]:
        """Return the processing steps in the metadata, in their order."""
        return [
            ProcessingStep(
                step=str(item.get("name", "")),
                executable=str(item.get("value", "")),
                parameters=_labels(item, "parameters"),
                versions=_labels(item, "version"),
            )
            for item in self.root.iterfind(f"{tag('Metadata')}/{tag('MetadataItem')}")
            if item.get("type") == "processingStep"
        ]

    def to_bytes(self) -> bytes:
        """Serialise as core does: four spaces of indentation, a line end at the end.

        Regions and lines without an outline get one where possible.
        """
        complete_outlines(self.page)
        etree.indent(self.root, space="    ")
        text: bytes = etree.tostring(self.root, encoding="UTF-8", xml_declaration=False)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _pixels(text: str) -> int:
    """Return a width or height.

    Raises:
        ValueError: it is not an integer of 32 bit, as the schema requires.
    """
    if len(text.strip()) > 11 or abs(int(text)) >= 1 << 31:
        raise ValueError(f"not a number of pixels: '{text[:60]}'")
    return int(text)


def _labels(item: etree._Element, kind: str) -> dict[str, str]:
    return {
        str(label.get("type", "")): str(label.get("value", ""))
        for labels in item.iterfind(tag("Labels"))
        if labels.get("externalId") == kind
        for label in labels.iterfind(tag("Label"))
    }


def _reverse(group: etree._Element, last: Collection[str]) -> None:
    """Reverse the members of a group, except the references to some regions, which stay last."""
    members = sorted(
        (e for e in group if e.get("index") is not None),
        key=lambda e: integer(e, "index"),
    )
    kept = [element for element in members if element.get("regionRef") in last]
    turned = [element for element in reversed(members) if element not in kept]
    for index, element in enumerate([*turned, *kept]):
        element.set("index", str(index))
        group.append(element)


def _all_ids(root: etree._Element) -> set[str]:
    return {str(e.get("id")) for e in root.iter(etree.Element) if e.get("id")}


def _flatten(element: etree._Element) -> Iterator[str]:
    members = [e for e in element if isinstance(e.tag, str)]
    for member in sorted(members, key=lambda e: integer(e, "index")):
        reference = member.get("regionRef")
        if reference:
            yield str(reference)
        yield from _flatten(member)

"""Text regions and text lines: views of elements of a PAGE-XML tree."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from . import xml
from .values import Polygon, format_float, format_points, integer, number, parse_points

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

#: Order of the elements, as far as we insert some (PAGE 2019-07-15).
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


def tag(name: str) -> str:
    """Return the name of an element with PAGE's namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


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
        coords = self.element.find(tag("Coords"))
        return parse_points("" if coords is None else str(coords.get("points", "")))

    @property
    def text(self) -> str | None:
        """The first text (lowest ``@index``), or ``None`` if there is none."""
        first = self._first_equiv()
        if first is None:
            return None
        unicode = first.find(tag("Unicode"))
        return "" if unicode is None else (unicode.text or "")

    def _first_equiv(self) -> etree._Element | None:
        found = self.element.findall(tag("TextEquiv"))
        return min(found, key=lambda e: integer(e, "index"), default=None)

    @property
    def confidence(self) -> float | None:
        """The confidence of the first text, or ``None``."""
        first = self._first_equiv()
        return None if first is None else number(first, "conf")

    def set_text(self, text: str, confidence: float | None = None) -> None:
        """Replace all text of this element (not of the elements inside)."""
        self.remove_text()
        equiv = etree.Element(tag("TextEquiv"))
        if confidence is not None:
            equiv.set("conf", format_float(min(max(confidence, 0.0), 1.0)))
        etree.SubElement(equiv, tag("Unicode")).text = xml.clean_text(text)
        insert_in_order(self.element, equiv, self._order)

    def remove_text(self) -> None:
        """Remove all text of this element."""
        for equiv in self.element.findall(tag("TextEquiv")):
            self.element.remove(equiv)


class TextLine(TextSegment):
    """A text line."""

    _order = _LINE_ORDER

    def remove_words(self) -> None:
        """Remove the words, which a new text of the line makes untrue."""
        for word in self.element.findall(tag("Word")):
            self.element.remove(word)


class TextRegion(TextSegment):
    """A text region; regions may lie within each other."""

    _order = _REGION_ORDER

    @property
    def lines(self) -> list[TextLine]:
        """The lines of this region itself, in document order."""
        return [TextLine(element) for element in self.element.iterfind(tag("TextLine"))]

    @property
    def orientation(self) -> float | None:
        """Clockwise rotation in degrees that sets the region upright, or ``None``."""
        return number(self.element, "orientation")

    def set_orientation(self, degrees: float) -> None:
        """Set ``@orientation`` and drop images that were turned by another angle."""
        self.element.set("orientation", format_float(degrees))
        remove_turned_images(self.element)

    def add_line(self, identifier: str, polygon: Polygon, confidence: float | None) -> TextLine:
        """Append a line."""
        element = new_segment("TextLine", identifier, polygon, confidence)
        insert_in_order(self.element, element, _REGION_ORDER)
        return TextLine(element)

    def reverse_lines(self) -> None:
        """Put the lines in the opposite order."""
        lines = [line.element for line in self.lines]
        for line in lines:
            self.element.remove(line)
        for line in reversed(lines):
            insert_in_order(self.element, line, _REGION_ORDER)


def new_segment(
    name: str, identifier: str, polygon: Polygon, confidence: float | None
) -> etree._Element:
    """Return a new region or line with its outline."""
    element = etree.Element(tag(name), id=identifier)
    coords = etree.SubElement(element, tag("Coords"), points=format_points(polygon))
    if confidence is not None:
        coords.set("conf", format_float(min(max(confidence, 0.0), 1.0)))
    return element


def remove_turned_images(parent: etree._Element) -> None:
    """Remove the derived images that were rotated: they show another orientation."""
    for image in parent.findall(tag("AlternativeImage")):
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

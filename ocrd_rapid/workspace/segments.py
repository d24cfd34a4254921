# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text regions, lines, words and glyphs: views of elements of a PAGE-XML tree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from . import xml
from .values import Polygon, format_float, format_points, integer, number, points_of

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

#: Order of the elements, as far as we insert any (PAGE 2019-07-15).
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
_WORD_ORDER = (
    "AlternativeImage", "Coords", "Glyph", "TextEquiv", "TextStyle", "UserDefined", "Labels",
)  # fmt: skip
_GLYPH_ORDER = (
    "AlternativeImage", "Coords", "Graphemes", "TextEquiv", "TextStyle", "UserDefined", "Labels",
)  # fmt: skip

#: The place of an element in the reading order within ``@custom``, as written by Transkribus.
CUSTOM_ORDER = re.compile(r"\breadingOrder\s*\{\s*index\s*:\s*([0-9]{1,9})\s*;?\s*\}")

#: A reading of a segment that is not the best one: text and confidence, if known.
Alternative = tuple[str, float | None]


def tag(name: str) -> str:
    """Return the name of an element with PAGE's namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


class TextSegment:
    """Base of regions, lines, words and glyphs: an outline and text."""

    _order: Sequence[str] = ()

    def __init__(self, element: etree._Element) -> None:
        """Wrap an element of the tree."""
        self.element = element

    @property
    def id(self) -> str:
        """The ID of the element."""
        return str(self.element.get("id", ""))

    def set_right_to_left(self, right_to_left: bool) -> None:
        """Say whether its text runs from right to left.

        Regions say so: with `TextLine.right_to_left`, the order of words would be another.
        """
        if right_to_left:
            self.element.set("readingDirection", "right-to-left")
        elif self.element.get("readingDirection") == "right-to-left":
            del self.element.attrib["readingDirection"]

    @property
    def polygon(self) -> Polygon:
        """The outline, shape (N, 2), in pixels of the original image; N may be 0."""
        return self._points("Coords")

    def _points(self, name: str) -> Polygon:
        return points_of(self.element.find(tag(name)))

    def set_polygon(self, polygon: Polygon) -> None:
        """Replace the outline, and drop derived images, which show the old one."""
        self._remove("AlternativeImage")
        self._remove("Coords")
        coords = etree.Element(tag("Coords"), points=format_points(polygon))
        insert_in_order(self.element, coords, self._order)

    @property
    def has_derived_image(self) -> bool:
        """Whether it has its own image to read from: one with features, not binarized."""
        comments = (
            str(e.get("comments", "")) for e in self.element.iterfind(tag("AlternativeImage"))
        )
        return any(features.strip(" ,") and "binarized" not in features for features in comments)

    @property
    def text(self) -> str | None:
        """The first text, or ``None`` if there is none.

        It is that of the lowest ``@index``; as in core, texts without one only count by themselves.
        """
        first = self.first_equiv()
        return None if first is None else _unicode(first)

    @property
    def readings(self) -> list[tuple[str, float | None]]:
        """All texts that count, best first, with their confidence."""
        return [(_unicode(equiv), number(equiv, "conf")) for equiv in self.equivs()]

    def first_equiv(self) -> etree._Element | None:
        """Return the element of the first text, or ``None``."""
        return next(iter(self.equivs()), None)

    def equivs(self) -> list[etree._Element]:
        """Return the elements of all texts that count, best first."""
        found = self.element.findall(tag("TextEquiv"))
        indexed = [e for e in found if e.get("index")]
        return sorted(indexed or found, key=lambda e: integer(e, "index"))

    @property
    def confidence(self) -> float | None:
        """The confidence of the first text, or ``None``."""
        first = self.first_equiv()
        return None if first is None else number(first, "conf")

    def set_text(
        self,
        text: str,
        confidence: float | None = None,
        alternatives: Sequence[Alternative] = (),
    ) -> None:
        """Replace all text of this element, not that of the elements inside.

        Args:
            text: the best reading.
            confidence: its confidence, clipped to the range 0 to 1.
            alternatives: further readings, best first. If there are any, all readings get an
                ``@index``, 0 for the best one; otherwise there is no index.
        """
        self.remove_text()
        readings = [(text, confidence), *alternatives]
        for index, (reading, value) in enumerate(readings):
            equiv = etree.Element(tag("TextEquiv"))
            if alternatives:
                equiv.set("index", str(index))
            if value is not None:
                equiv.set("conf", format_float(min(max(value, 0.0), 1.0)))
            etree.SubElement(equiv, tag("Unicode")).text = xml.clean_text(reading)
            self.add_equiv(equiv)

    def add_equiv(self, equiv: etree._Element) -> None:
        """Add the element of a text after the others."""
        insert_in_order(self.element, equiv, self._order)

    def set_font_family(self, name: str, confidence: float | None) -> None:
        """Set the group of typefaces of the text in OCR-D's notation: ``Fraktur:0.97``.

        Args:
            name: name of the group, such as ``Fraktur`` or ``Antiqua``.
            confidence: 0 to 1; ``None`` if unknown.
        """
        style = self.element.find(tag("TextStyle"))
        if style is None:
            style = etree.Element(tag("TextStyle"))
            insert_in_order(self.element, style, self._order)
        style.set("fontFamily", name if confidence is None else f"{name}:{confidence:.2f}")

    @property
    def font_family(self) -> tuple[str, float | None]:
        """The group of typefaces and its confidence; empty and ``None`` if unknown."""
        style = self.element.find(tag("TextStyle"))
        family, _, sure = ("" if style is None else str(style.get("fontFamily", ""))).partition(":")
        try:
            return family, float(sure)
        except ValueError:
            return family, None

    def remove_text(self) -> None:
        """Remove all text of this element."""
        self._remove("TextEquiv")

    def _remove(self, name: str) -> None:
        for element in self.element.findall(tag(name)):
            self.element.remove(element)

    def _add(self, name: str, identifier: str, polygon: Polygon) -> etree._Element:
        element = new_segment(name, identifier, polygon, None)
        insert_in_order(self.element, element, self._order)
        return element


class Glyph(TextSegment):
    """A character of a word."""

    _order = _GLYPH_ORDER


class Word(TextSegment):
    """A word of a line."""

    _order = _WORD_ORDER

    @property
    def glyphs(self) -> list[Glyph]:
        """The glyphs, in document order."""
        return [Glyph(element) for element in self.element.iterfind(tag("Glyph"))]

    @property
    def transcript(self) -> str:
        """The text, or else that of the glyphs; empty if there is none."""
        return _said(self) or "".join(map(_said, self.glyphs))

    def remove_glyphs(self) -> None:
        """Remove the glyphs, which a new text of the word makes wrong."""
        self._remove("Glyph")

    def add_glyph(self, identifier: str, polygon: Polygon) -> Glyph:
        """Append a glyph."""
        return Glyph(self._add("Glyph", identifier, polygon))


class TextLine(TextSegment):
    """A text line."""

    _order = _LINE_ORDER

    @property
    def baseline(self) -> Polygon:
        """The baseline, shape (N, 2), in pixels of the original image; N may be 0."""
        return self._points("Baseline")

    def set_baseline(self, baseline: Polygon) -> None:
        """Replace the baseline, shape (N, 2), N >= 2."""
        self._remove("Baseline")
        element = etree.Element(tag("Baseline"), points=format_points(baseline))
        insert_in_order(self.element, element, self._order)

    @property
    def words(self) -> list[Word]:
        """The words, in document order."""
        return [Word(element) for element in self.element.iterfind(tag("Word"))]

    @property
    def transcript(self) -> str:
        """The text, or else that of the words and glyphs; empty if there is none."""
        words = self.words[::-1] if self.right_to_left else self.words
        return _said(self) or " ".join(filter(None, (word.transcript for word in words)))

    @property
    def right_to_left(self) -> bool:
        """Whether the words stand in the opposite order in the document.

        Only the line's own ``@readingDirection`` counts, as for core's validator.
        """
        return self.element.get("readingDirection") == "right-to-left"

    def add_word(self, identifier: str, polygon: Polygon) -> Word:
        """Append a word."""
        return Word(self._add("Word", identifier, polygon))

    def remove_words(self) -> None:
        """Remove the words, which a new text of the line makes wrong."""
        self._remove("Word")

    def replace_words(self, words: Sequence[Word]) -> None:
        """Have these words, in this order in the document, in place of the others."""
        self.remove_words()
        for word, before in zip(words, [None, *words], strict=False):
            if before is None:
                insert_in_order(self.element, word.element, self._order)
            else:
                before.element.addnext(word.element)


class TextRegion(TextSegment):
    """A text region; regions may be nested."""

    _order = _REGION_ORDER

    @property
    def lines(self) -> list[TextLine]:
        """The lines of this region itself, in document order."""
        return [TextLine(element) for element in self.element.iterfind(tag("TextLine"))]

    @property
    def lines_in_reading_order(self) -> list[TextLine]:
        """The lines, in the opposite order if they stand so."""
        return self.lines[::-1] if self.bottom_to_top else self.lines

    @property
    def bottom_to_top(self) -> bool:
        """Whether the lines stand in the opposite order in the document."""
        return self.element.get("textLineOrder") == "bottom-to-top"

    @property
    def right_to_left(self) -> bool:
        """Whether its text runs from right to left; this does not change the order of words."""
        return self.element.get("readingDirection") == "right-to-left"

    @property
    def depth(self) -> int:
        """The number of text regions around this one."""
        return sum(1 for _ in self.element.iterancestors(tag("TextRegion")))

    @property
    def parent_id(self) -> str:
        """The ID of the nearest text region around this one; empty if there is none."""
        return next((str(e.get("id")) for e in self.element.iterancestors(tag("TextRegion"))), "")

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
        """Reverse the order of the lines, whatever their ``@custom`` said."""
        lines = [line.element for line in self.lines]
        for line in lines:
            self.element.remove(line)
            if line.get("custom"):
                line.set("custom", CUSTOM_ORDER.sub("", str(line.get("custom"))).strip())
        for line in reversed(lines):
            insert_in_order(self.element, line, _REGION_ORDER)


def known_orientation(region: etree._Element) -> float | None:
    """Return the ``@orientation`` of a region, else of a region around it, else ``None``.

    Raises:
        PageXmlError: it is not a number.
    """
    for element in (region, *region.iterancestors()):
        if element.tag == tag("Page"):
            return None
        own = number(element, "orientation")
        if own is not None:
            return own
    return None


def _unicode(equiv: etree._Element) -> str:
    found = equiv.find(tag("Unicode"))
    return "" if found is None else (found.text or "")


def _said(segment: TextSegment) -> str:
    """Return the text of a segment itself; white space alone does not count."""
    text = segment.text or ""
    return text if text.strip() else ""


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
    """Remove the rotated derived images, which show another orientation."""
    for image in parent.findall(tag("AlternativeImage")):
        features = str(image.get("comments", "")).split(",")
        if any(f == "deskewed" or f.startswith("rotated-") for f in features):
            parent.remove(image)


def add_user_attributes(element: etree._Element, values: Mapping[str, str]) -> None:
    """Add text of our own to a region: names and values."""
    parent = etree.Element(tag("UserDefined"))
    for name, value in values.items():
        attribute = etree.SubElement(parent, tag("UserAttribute"), name=name)
        attribute.set("type", "xsd:string")
        attribute.set("value", xml.clean_text(value))
    insert_in_order(element, parent, _REGION_ORDER)


def insert_in_order(parent: etree._Element, child: etree._Element, order: Sequence[str]) -> None:
    """Insert a child after all children that the schema puts before it or in the same place."""
    rank = {name: i for i, name in enumerate(order)}
    own = rank[etree.QName(child).localname]
    position = 0
    for i, sibling in enumerate(parent):
        name = etree.QName(sibling).localname if isinstance(sibling.tag, str) else ""
        if rank.get(name, len(order)) <= own:
            position = i + 1
    parent.insert(position, child)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Conversion of older versions of PAGE and other programs' PAGE to PAGE 2019-07-15.

Transkribus extends PAGE 2013 by cells of tables (``TableCell``) and metadata of its own,
eScriptorium writes lines in regions without outlines, and others know types of regions that
PAGE does not. Nothing is dropped: whatever the schema has no place for goes into ``@custom`` in
the notation of Transkribus, ``name {key:value; …}``, or into ``UserDefined``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from lxml import etree

from .custom_tags import add_custom
from .schema import PAGE, REGIONS
from .segments import CUSTOM_ORDER, insert_in_order, tag

_ROOT = "https?://schema\\.primaresearch\\.org/PAGE/gts/pagecontent/"
_OLDER = re.compile(
    f"{_ROOT}(?:2010-01-12|2010-03-19|2013-07-15|2016-07-15|2017-07-15|2018-07-15)".encode()
)
#: Seen in files of kraken, whose template once had it.
_SECURE = re.compile(f"{_ROOT.replace('s?', 's')}2019-07-15".encode())

#: The attributes of a text region, and its types (PAGE 2019-07-15).
_ATTRIBUTES = {
    "id", "custom", "comments", "continuation", "orientation", "type", "leading",
    "readingDirection", "textLineOrder", "readingOrientation", "indented", "align",
    "primaryLanguage", "secondaryLanguage", "primaryScript", "secondaryScript", "production",
}  # fmt: skip
_TYPES = {
    "TextRegion": {
        "paragraph", "heading", "caption", "header", "footer", "page-number", "drop-capital",
        "credit", "floating", "signature-mark", "catch-word", "marginalia", "footnote",
        "footnote-continued", "endnote", "TOC-entry", "list-label", "other",
    },
    "GraphicRegion": {
        "logo", "letterhead", "decoration", "frame", "handwritten-annotation", "stamp",
        "signature", "barcode", "paper-grow", "punch-hole", "other",
    },
    "ChartRegion": {"bar", "line", "pie", "scatter", "surface", "other"},
}  # fmt: skip

#: Possible contents of a text region, in order; regions of all kinds share one place.
_CONTENT = {
    "AlternativeImage": 0, "Coords": 1, "UserDefined": 2, "Labels": 3, "Roles": 4,
    **dict.fromkeys(REGIONS, 5), "TextLine": 6, "TextEquiv": 7, "TextStyle": 8,
}  # fmt: skip
_METADATA = ("Creator", "Created", "LastChange", "Comments", "UserDefined", "MetadataItem")

_GROUPS = [tag(f"{kind}Group{i}") for kind in ("Ordered", "Unordered") for i in ("", "Indexed")]
_REFERENCES = [tag("RegionRef"), tag("RegionRefIndexed")]

#: Attributes of Transkribus' cells that PAGE has in ``TableCellRole``.
_PLACE = {"row": "rowIndex", "col": "columnIndex", "rowSpan": "rowSpan", "colSpan": "colSpan"}
_NUMBER = re.compile("[0-9]{1,9}")
_STRUCTURE = re.compile(r"\bstructure\s*\{")


def renamed(data: bytes, namespace: str) -> bytes:
    """Return a document with the newest namespace in place of older ones, its subsets.

    Args:
        data: the document, in UTF-8 or another encoding that includes ASCII.
        namespace: the newest namespace.
    """
    data = _OLDER.sub(namespace.encode(), data)
    return _SECURE.sub(namespace.encode(), data) if b"https://schema.prima" in data else data


def is_older(namespace: str | None) -> bool:
    """Return whether a namespace is one that `renamed` replaces."""
    name = (namespace or "").encode()
    return bool(_OLDER.fullmatch(name) or _SECURE.fullmatch(name))


def adapt(root: etree._Element) -> None:
    """Convert a document, already in the newest namespace, to PAGE 2019-07-15.

    Whatever already conforms stays unchanged.
    """
    _points_as_attributes(root)
    metadata, page = root.find(tag("Metadata")), root.find(tag("Page"))
    if metadata is not None:
        _adapt_metadata(metadata)
    if page is None:
        return
    _adapt_cells(page)
    _adapt_lines_outside(page)
    _adapt_frames(page)
    _adapt_types(page)
    _adapt_relations(page)
    _adapt_reading_order(page)
    _name(page, "TextRegion", "TextLine", "Relation")
    _follow_custom_order(page)


def _points_as_attributes(root: etree._Element) -> None:
    """Turn the Point elements of PAGE 2010 into ``@points``."""
    for outline in root.iter(tag("Coords"), tag("Baseline")):
        points = outline.findall(tag("Point"))
        if points:
            outline.set("points", " ".join(f"{p.get('x')},{p.get('y')}" for p in points))
            for point in points:
                outline.remove(point)


def _adapt_metadata(metadata: etree._Element) -> None:
    """Move elements that are not PAGE's to ``UserDefined``; complete what the schema requires."""
    for comment in metadata.findall(tag("Comment")):  # PAGE 2010
        comment.tag = tag("Comments")
    for element in metadata.findall(tag("TranskribusMetadata")):
        for name, value in _facts(element):
            _user_attribute(metadata, f"TranskribusMetadata/{name}", value)
        metadata.remove(element)
    # Transkribus leaves out the time of the last change if there was none.
    created = metadata.find(tag("Created"))
    if created is not None and metadata.find(tag("LastChange")) is None:
        changed = etree.Element(tag("LastChange"))
        changed.text = created.text
        insert_in_order(metadata, changed, _METADATA)


def _facts(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield attributes, properties (``key``, ``value``) and text of an element and all inside."""
    for name, value in element.attrib.items():
        yield etree.QName(str(name)).localname, str(value)
    if element.text and element.text.strip():
        yield "text", element.text.strip()
    for child in element.iterchildren(etree.Element):
        inside = dict(_facts(child))
        if set(inside) == {"key", "value"}:
            yield inside["key"], inside["value"]
            continue
        for name, value in inside.items():
            yield f"{etree.QName(child).localname}/{name}", value


def _user_attribute(metadata: etree._Element, name: str, value: str) -> None:
    defined = metadata.find(tag("UserDefined"))
    if defined is None:
        defined = etree.Element(tag("UserDefined"))
        insert_in_order(metadata, defined, _METADATA)
    etree.SubElement(defined, tag("UserAttribute"), name=name, type="xsd:string", value=value)


def _adapt_cells(page: etree._Element) -> None:
    """Make text regions with a role of the cells that Transkribus puts into tables."""
    for cell in list(page.iter(tag("TableCell"))):
        place = {
            new: str(cell.get(old))
            for old, new in _PLACE.items()
            if _NUMBER.fullmatch(str(cell.get(old, "")))
        }
        known = {"rowIndex", "columnIndex"} <= place.keys()
        _make_text_region(cell, {*_PLACE} if known else set())
        if known:
            roles = etree.Element(tag("Roles"))
            role = etree.SubElement(roles, tag("TableCellRole"))
            for name, value in place.items():
                role.set(name, value)
            insert_in_order(cell, roles, [*_CONTENT])


def _make_text_region(element: etree._Element, said: set[str]) -> None:
    """Turn an element into a text region; attributes it may not have go into ``@custom``.

    Args:
        element: the element.
        said: attributes that are expressed in another way.
    """
    name = etree.QName(element).localname
    left: dict[str, str] = {}
    for attribute in [a for a in element.attrib if a not in _ATTRIBUTES]:
        value = element.attrib.pop(attribute)
        if attribute not in said:
            left[etree.QName(str(attribute)).localname] = str(value)
    kept = []
    for child in list(element):
        inside = etree.QName(child).localname if isinstance(child.tag, str) else "TextLine"
        if inside in _CONTENT:
            kept.append((_CONTENT[inside], child))
        elif not len(child):
            left[inside] = (child.text or "").strip()
            element.remove(child)
    for _, child in sorted(kept, key=lambda pair: pair[0]):
        element.append(child)
    element.tag = tag("TextRegion")
    add_custom(element, name, left)


def _adapt_lines_outside(page: etree._Element) -> None:
    """Give lines outside of text regions one of their own, so that nobody overlooks them."""
    region = tag("TextRegion")
    for line in list(page.iter(tag("TextLine"))):
        parent = line.getparent()
        if parent is None or parent.tag == region:
            continue
        name = etree.QName(parent).localname
        if parent is page or name in REGIONS:
            before = line.getprevious()
            if before is None or before.tag != region or before.get("id") is not None:
                before = etree.Element(region)
                line.addprevious(before)
            before.append(line)
        elif name not in PAGE.children:
            _make_text_region(parent, set())


def _name(page: etree._Element, *names: str) -> None:
    """Give an ID to elements of these names that have none."""
    nameless = [e for e in page.iter(*map(tag, names)) if not e.get("id")]
    if not nameless:
        return
    taken = {str(e.get("id")) for e in page.iter(etree.Element) if e.get("id")}
    number = 0
    for element in nameless:
        while not element.get("id"):
            number += 1
            identifier = f"{etree.QName(element).localname.lower()}_{number:04d}"
            if identifier not in taken:
                element.set("id", identifier)


def _adapt_frames(page: etree._Element) -> None:
    """Write the frames of PAGE 2010 as graphics of this type."""
    for frame in list(page.iter(tag("FrameRegion"))):
        frame.tag = tag("GraphicRegion")
        gone = [name for name in ("borderPresent", "bgColour") if name in frame.attrib]
        left = {name: str(frame.attrib.pop(name)) for name in gone}
        frame.set("type", "frame")
        if left:
            add_custom(frame, "FrameRegion", left)


def _adapt_types(page: etree._Element) -> None:
    """Give regions of types unknown to PAGE the type ``other``; ``@custom`` keeps the original."""
    for name, types in _TYPES.items():
        for element in page.iter(tag(name)):
            kind = element.get("type")
            if kind is None or kind in types:
                continue
            if not _STRUCTURE.search(str(element.get("custom", ""))):
                add_custom(element, "structure", {"type": str(kind)})
            element.set("type", "other")


def _adapt_reading_order(page: etree._Element) -> None:
    """Drop groups of the reading order that name nothing, as eScriptorium writes them."""
    order = page.find(tag("ReadingOrder"))
    if order is None:
        return
    for group in reversed(list(order.iter(order.tag, *_GROUPS))):
        parent = group.getparent()
        if parent is not None and next(group.iterchildren(*_GROUPS, *_REFERENCES), None) is None:
            parent.remove(group)


def _follow_custom_order(page: etree._Element) -> None:
    """Put lines in the order given in ``@custom``, and regions too if they have no other order.

    That is how Transkribus, and programs that write for it, store the order.
    """
    for region in page.iter(tag("TextRegion")):
        _arrange(region, region.findall(tag("TextLine")))
    regions = page.findall(tag("TextRegion")) + page.findall(tag("TableRegion"))
    in_order = _by_custom_order(regions)
    if page.find(tag("ReadingOrder")) is not None or in_order is None:
        return
    order = etree.Element(tag("ReadingOrder"))
    group = etree.SubElement(order, tag("OrderedGroup"), id=_new_id(page, "ro"))
    for index, region in enumerate(in_order):
        reference = etree.SubElement(group, tag("RegionRefIndexed"), index=str(index))
        reference.set("regionRef", str(region.get("id")))
    insert_in_order(page, order, ("AlternativeImage", "Border", "PrintSpace", "ReadingOrder"))


def _arrange(parent: etree._Element, lines: list[etree._Element]) -> None:
    in_order = _by_custom_order(lines)
    if in_order is None:
        return
    places = [parent.index(line) for line in lines]
    for line in lines:
        parent.remove(line)
    for place, line in zip(places, in_order, strict=True):
        parent.insert(place, line)


def _by_custom_order(elements: list[etree._Element]) -> list[etree._Element] | None:
    """Return elements in their order by ``@custom``; ``None`` if unclear or already theirs."""
    found = [CUSTOM_ORDER.search(str(element.get("custom", ""))) for element in elements]
    numbers = [int(match[1]) for match in found if match]
    if len({*numbers}) < len(elements) or numbers == sorted(numbers):
        return None
    return [e for _, e in sorted(zip(numbers, elements, strict=True), key=lambda pair: pair[0])]


def _new_id(page: etree._Element, stem: str) -> str:
    taken = {str(e.get("id")) for e in page.iter(etree.Element)}
    return next(i for n in itertools.count() if (i := f"{stem}{n or ''}") not in taken)


def _adapt_relations(page: etree._Element) -> None:
    """Write the relations of PAGE 2013 in the newer way; drop empty lists."""
    relations = page.find(tag("Relations"))
    if relations is None:
        return
    for relation in relations.iterchildren(tag("Relation")):
        references = relation.findall(tag("RegionRef"))
        if len(references) == 2:
            references[0].tag, references[1].tag = tag("SourceRegionRef"), tag("TargetRegionRef")
    if not len(relations):
        page.remove(relations)

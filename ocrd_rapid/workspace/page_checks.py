# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Checks of one PAGE-XML: schema, references, text on all levels, images.

Where core has such a check, its errors are errors here (measured on 3.13.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from ..errors import ImageError
from . import schema, xml
from .decoding import ImageStore, image_header
from .file_locations import is_there
from .findings import Finding, error, notice, warning
from .page import PageDocument
from .segments import NAMESPACE, tag

#: The features that ``AlternativeImage/@comments`` may name.
FEATURES = (
    "binarized", "grayscale_normalized", "despeckled", "cropped", "deskewed", "rotated-90",
    "rotated-180", "rotated-270", "dewarped", "clipped",
)  # fmt: skip

#: Parent, children, and the separator between the texts of the children.
_LEVELS = (("TextRegion", "TextLine", "\n"), ("TextLine", "Word", " "), ("Word", "Glyph", ""))

_SPACE = re.compile(r"\s+")
_INDEX = re.compile("[0-9]{1,18}")


def schema_findings(document: PageDocument, data: bytes, where: str) -> Iterator[Finding]:
    """Yield breaches of the schema, as far as it is known here.

    Args:
        document: the page.
        data: the unchanged file, for what `PageDocument` hides: the version of PAGE, and the
            other programs' own forms.
        where: the file, for the findings.
    """
    root = xml.parse(data)
    if etree.QName(root).namespace != NAMESPACE:
        yield error("page_xsd", where, "is of an older version of PAGE; OCR-D wants 2019-07-15")
        root = document.root
    for found in (schema.violations(root, schema.PAGE), schema.value_violations(root)):
        for element, problem in found:
            yield error("page_xsd", f"{where}, {xml.describe(element)}", problem)


def reference_findings(document: PageDocument, where: str) -> Iterator[Finding]:
    """Yield references to missing regions, and regions that are ordered twice."""
    regions = {
        str(element.get("id"))
        for name in schema.REGIONS
        for element in document.page.iter(tag(name))
    }
    ordered: set[str] = set()
    for element in document.page.iter(etree.Element):
        region = element.get("regionRef")
        if region is None:
            continue
        place = f"{where}, {xml.describe(element)}"
        if region not in regions:
            yield error("page", place, f"regionRef '{region}' is not the ID of a region")
        elif etree.QName(element).localname in ("RegionRef", "RegionRefIndexed"):
            if region in ordered and "ReadingOrder" in _around(element):
                yield notice("page", place, f"region '{region}' occurs more than once")
            ordered.add(region)


def _around(element: etree._Element) -> set[str]:
    return {etree.QName(ancestor).localname for ancestor in element.iterancestors()}


def text_findings(document: PageDocument, where: str, *, strict: bool) -> Iterator[Finding]:
    """Yield regions, lines and words whose text is not that of their children joined.

    Args:
        document: the page.
        where: the file, for the findings.
        strict: whether white space counts.
    """
    joined = {
        (_reference(relation, "SourceRegionRef"), _reference(relation, "TargetRegionRef"))
        for relation in document.page.iter(tag("Relation"))
        if relation.get("type") == "join"
    }
    for parent, child, separator in _LEVELS:
        for element in document.page.iter(tag(parent)):
            text = text_of(element)
            parts = list(element.iterfind(tag(child)))
            if _runs_backwards(element):
                parts.reverse()
            together = _concatenate(parts, separator, joined)
            if not text or not together or text == together:
                continue
            if strict or _SPACE.sub("", text) != _SPACE.sub("", together):
                place = f"{where}, {parent} {element.get('id', '')}"
                what = f"its text '{text}' is not that of its {child}s, '{together}'"
                yield error("page", place, what)


def text_of(element: etree._Element) -> str:
    """Return the text with the lowest ``@index``, or the first if none has one; trimmed."""
    equivs = element.findall(tag("TextEquiv"))
    indexed = [e for e in equivs if _INDEX.fullmatch(str(e.get("index", "")))]
    if len(equivs) > 1 and indexed:
        equivs = [min(indexed, key=lambda e: int(str(e.get("index"))))]
    return (equivs[0].findtext(tag("Unicode")) or "").strip() if equivs else ""


def _reference(relation: etree._Element, name: str) -> str:
    element = relation.find(tag(name))
    return "" if element is None else str(element.get("regionRef", ""))


def _runs_backwards(element: etree._Element) -> bool:
    if element.tag == tag("TextRegion"):
        return element.get("textLineOrder") == "bottom-to-top"
    return element.get("readingDirection") == "right-to-left"


def _concatenate(
    elements: Sequence[etree._Element], separator: str, joined: set[tuple[str, str]]
) -> str:
    result = ""
    before: str | None = None
    for element in elements:
        identifier = str(element.get("id", ""))
        if before is not None and (before, identifier) not in joined:
            result += separator
        result += text_of(element)
        before = identifier
    return result.strip()


def image_findings(
    document: PageDocument, directory: Path, listed: set[str], where: str
) -> Iterator[Finding]:
    """Yield the faults of the image of the page and of derived images.

    Args:
        document: the page.
        directory: the workspace.
        listed: paths and URLs of all files in the METS.
        where: the file, for the findings.
    """
    images = ImageStore(directory)
    name = document.image_filename
    if name not in listed:
        yield warning("imagefilename", where, f"its image '{name}' is not in the METS")
    try:
        path = images.path(name)
        if is_there(path):
            header = image_header(path)
            actual, stated = (header.width, header.height), (document.width, document.height)
            if actual != stated:
                what = "its image has {} x {} pixels, not {} x {}".format(*actual, *stated)
                yield error("dimension", where, what)
        else:
            yield error("imagefilename", where, f"its image '{name}' does not exist")
    except ImageError as problem:
        yield error("dimension", where, str(problem))
    for element in document.page.iter(tag("AlternativeImage")):
        parent = element.getparent()
        place = where if parent is None else f"{where}, {xml.describe(parent)}"
        yield from _alternative_image(element, images, listed, place)


def _alternative_image(
    element: etree._Element, images: ImageStore, listed: set[str], where: str
) -> Iterator[Finding]:
    name = str(element.get("filename", ""))
    if name not in listed:
        what = f"AlternativeImage '{name}' is not in the METS"
        yield warning("alternativeimage_filename", where, what)
    try:
        missing = not is_there(images.path(name))
    except ImageError:  # a remote one
        missing = False
    if missing:
        what = f"AlternativeImage '{name}' does not exist"
        yield error("alternativeimage_filename", where, what)
    comments = element.get("comments")
    if comments is None:
        what = f"AlternativeImage '{name}' has no comments that name its features"
        yield error("alternativeimage_comments", where, what)
        return
    for feature in comments.split(","):
        if feature not in FEATURES:
            what = f"AlternativeImage '{name}' has the feature '{feature}', which is not standard"
            yield error("alternativeimage_comments", where, what)

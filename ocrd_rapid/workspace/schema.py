# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Order and number of child elements, as XML schemas prescribe them.

The schemas themselves are not part of the program. This module has the order of elements of PAGE
2019-07-15 and of METS as far as OCR-D uses it: enough to find what other programs would stumble
over, not a complete validation.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

REGIONS = tuple(
    f"{kind}Region"
    for kind in (
        "Text", "Image", "LineDrawing", "Graphic", "Table", "Chart", "Map", "Separator", "Maths",
        "Chem", "Music", "Advert", "Noise", "Unknown", "Custom",
    )
)  # fmt: skip

_ANY_REGION = "|".join(REGIONS)
_GROUP = "UserDefined? Labels*"
_INDEXED = f"{_GROUP} RegionRefIndexed|OrderedGroupIndexed|UnorderedGroupIndexed+"
_UNORDERED = f"{_GROUP} RegionRef|OrderedGroup|UnorderedGroup+"
_REGION = f"AlternativeImage* Coords UserDefined? Labels* Roles? {_ANY_REGION}*"
_TEXT = "TextEquiv* TextStyle? UserDefined? Labels*"

#: Children by element: names in their order, each with ``?``, ``*``, ``+`` or nothing for once.
_PAGE_CHILDREN = {
    "PcGts": "Metadata Page",
    "Metadata": "Creator Created LastChange Comments? UserDefined? MetadataItem*",
    "MetadataItem": "Labels*",
    "Page": (
        "AlternativeImage* Border? PrintSpace? ReadingOrder? Layers? Relations? TextStyle?"
        f" UserDefined? Labels* {_ANY_REGION}*"
    ),
    "Border": "Coords",
    "PrintSpace": "Coords",
    "ReadingOrder": "OrderedGroup|UnorderedGroup",
    "OrderedGroup": _INDEXED,
    "OrderedGroupIndexed": _INDEXED,
    "UnorderedGroup": _UNORDERED,
    "UnorderedGroupIndexed": _UNORDERED,
    "Relation": "Labels* SourceRegionRef TargetRegionRef",
    "TextLine": f"AlternativeImage* Coords Baseline? Word* {_TEXT}",
    "Word": f"AlternativeImage* Coords Glyph* {_TEXT}",
    "Glyph": f"AlternativeImage* Coords Graphemes? {_TEXT}",
    "TextEquiv": "PlainText? Unicode",
    "Roles": "TableCellRole?",
    **dict.fromkeys(REGIONS, _REGION),
    "TextRegion": f"{_REGION} TextLine* TextEquiv* TextStyle?",
    "TableRegion": f"{_REGION} Grid?",
}

_METS_CHILDREN = {
    "mets": "metsHdr? dmdSec* amdSec* fileSec? structMap+ structLink? behaviorSec*",
    "fileSec": "fileGrp+",
    "fileGrp": "fileGrp* file*",
    "file": "FLocat* FContent? stream* transformFile* file*",
    "structMap": "div",
    "div": "mptr* fptr* div*",
    "agent": "name note*",
}

_PAGE_REQUIRED = {
    "Page": ("imageFilename", "imageWidth", "imageHeight"),
    "Coords": ("points",),
    "Baseline": ("points",),
    "AlternativeImage": ("filename",),
    "MetadataItem": ("value",),
    "Label": ("value",),
    "RegionRef": ("regionRef",),
    "RegionRefIndexed": ("index", "regionRef"),
    "OrderedGroup": ("id",),
    "UnorderedGroup": ("id",),
    "OrderedGroupIndexed": ("id", "index"),
    "UnorderedGroupIndexed": ("id", "index"),
    "TableCellRole": ("rowIndex", "columnIndex"),
    "Relation": ("id",),
    **dict.fromkeys((*REGIONS, "TextLine", "Word", "Glyph"), ("id",)),
}
_METS_REQUIRED = {"agent": ("ROLE",), "file": ("ID",), "FLocat": ("LOCTYPE",)}

#: Accents and vowel signs may be characters of their own.
_MARK = "".join(chr(c) for c in range(0x300, 0x3000) if unicodedata.category(chr(c))[0] == "M")
_NAME = re.compile(rf"[^\W\d][\w.·{_MARK}-]*")
_POINTS = re.compile(r"([0-9]+,[0-9]+ )+[0-9]+,[0-9]+")
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Schema:
    """The known rules of a format.

    Attributes:
        children: allowed children by element name, in the notation of this module.
        required: names of the attributes that an element must have.
        identifier: name of the attribute that identifies an element.
    """

    children: Mapping[str, str]
    required: Mapping[str, tuple[str, ...]]
    identifier: str


PAGE = Schema(_PAGE_CHILDREN, _PAGE_REQUIRED, "id")
METS = Schema(_METS_CHILDREN, _METS_REQUIRED, "ID")


def violations(root: etree._Element, schema: Schema) -> Iterator[tuple[etree._Element, str]]:
    """Yield elements with their faults, in document order.

    Only elements of the root's namespace are checked.
    """
    namespace = etree.QName(root).namespace
    identifiers: Counter[str] = Counter()
    for element in root.iter(f"{{{namespace}}}*"):
        name = etree.QName(element).localname
        if name in schema.children:
            for problem in _children(element, _model(schema.children[name])):
                yield element, problem
        for attribute in schema.required.get(name, ()):
            if element.get(attribute) is None:
                yield element, f"attribute {attribute} is missing"
        identifier = element.get(schema.identifier)
        if identifier is not None:
            identifiers[identifier] += 1
            if not _NAME.fullmatch(identifier):
                yield element, f"{schema.identifier} '{identifier}' is not allowed"
            if identifiers[identifier] == 2:
                yield element, f"{schema.identifier} '{identifier}' occurs more than once"


def value_violations(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield elements of PAGE with attributes whose values are not of the right kind."""
    for element in root.iter(etree.Element):
        points = element.get("points")
        if points is not None and not _POINTS.fullmatch(points):
            yield element, f"points '{points[:60]}' are not pairs of whole numbers, 'x,y x,y …'"
        index = element.get("index")
        if index is not None and not _INTEGER.fullmatch(index.strip()):
            yield element, f"index '{index}' is not a whole number"
        confidence = element.get("conf")
        if confidence is not None and not 0 <= _number(confidence) <= 1:
            yield element, f"conf '{confidence}' is not a number from 0 to 1"
        orientation = element.get("orientation")
        if orientation is not None and not math.isfinite(_number(orientation)):
            yield element, f"orientation '{orientation}' is not a number"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


@dataclass(frozen=True)
class _Place:
    """One place in the sequence of children."""

    names: tuple[str, ...]
    least: int
    most: float


def _model(notation: str) -> list[_Place]:
    bounds = {"?": (0, 1.0), "*": (0, math.inf), "+": (1, math.inf)}
    return [
        _Place(tuple(word.rstrip("?*+").split("|")), *bounds.get(word[-1], (1, 1.0)))
        for word in notation.split()
    ]


def _children(element: etree._Element, model: list[_Place]) -> Iterator[str]:
    rank = {name: i for i, place in enumerate(model) for name in place.names}
    counts: Counter[int] = Counter()
    highest, before = 0, ""
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child).localname
        place = rank.get(name)
        if place is None:
            yield f"{name} is not allowed here"
            continue
        counts[place] += 1
        if place < highest:
            yield f"{name} stands after {before}, but belongs before it"
        else:
            highest, before = place, name
    for i, place_ in enumerate(model):
        names = " or ".join(place_.names[:3])
        if counts[i] < place_.least:
            yield f"{names} is missing"
        elif counts[i] > place_.most:
            yield f"{names} occurs {counts[i]} times"

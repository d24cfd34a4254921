# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE-XML: from a document to the model of a page, and back.

Regions come in reading order, those without text among them. Text of any level is taken, each
part once: see `ocrd_rapid.workspace.transcripts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from lxml import etree

from ..ocr.geometry import Points
from ..ocr.page_model import (
    NO_POINTS,
    ReadGlyph,
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
    TablePlace,
)
from ..workspace.page import PageDocument
from ..workspace.segments import (
    Glyph,
    TextLine,
    TextRegion,
    TextSegment,
    Word,
    known_orientation,
    tag,
)
from ..workspace.transcripts import Passage, passages
from ..workspace.values import integer
from .line_words import completed


def page_from(document: PageDocument) -> ReadPage:
    """Return the page of a PAGE-XML document; its number, label and resolution are not in it.

    It is complete in the sense of `completed`.
    """
    said = {passage.region.id: passage for passage in passages(document)}
    orientation, skew = _angles(document.orientation)
    regions = document.text_regions()
    page = ReadPage(
        document.width,
        document.height,
        tuple(_region(region, said, document.orientation) for region in regions),
        orientation=orientation,
        skew=skew,
        id=document.pcgts_id,
        image=document.image_filename,
        tables=tuple(_tables(document.page)),
        graphics=tuple(_graphics(document.page)),
        steps=tuple(document.processing_steps()),
    )
    return completed(page)


def _angles(degrees: float) -> tuple[int, float]:
    """Divide a rotation into a multiple of 90 degrees and the rest, at most 45."""
    quarter = round(degrees / 90) * 90
    return (quarter + 90) % 360 - 90, degrees - quarter


def _region(region: TextRegion, said: Mapping[str, Passage], page_orientation: float) -> ReadRegion:
    passage = said.get(region.id)
    lines = tuple(_line(line) for line in region.lines_in_reading_order)
    own = "" if passage is None or passage.lines else passage.text
    if own:
        lines = _with_texts(lines, own.splitlines())
    orientation = known_orientation(region.element)
    return ReadRegion(
        lines,
        kind=region.element.get("type"),
        orientation=page_orientation if orientation is None else orientation,
        own_text="" if lines else own,
        own_outline=region.polygon,
        confidence=region.confidence,
        place=_place(region.element),
        id=region.id,
    )


def _with_texts(lines: Sequence[ReadLine], texts: Sequence[str]) -> tuple[ReadLine, ...]:
    """Return lines with the text of their region, if it has as many lines; else none."""
    if len(lines) != len(texts):
        return ()
    return tuple(
        replace(line, text=" ".join(text.split())) for line, text in zip(lines, texts, strict=True)
    )


def _line(line: TextLine) -> ReadLine:
    words = line.words[::-1] if line.right_to_left else line.words
    style = line.element.find(tag("TextStyle"))
    family = "" if style is None else str(style.get("fontFamily", "")).partition(":")[0]
    return ReadLine(
        line.polygon,
        " ".join(line.transcript.split()),
        line.confidence,
        tuple(_word(word) for word in words if word.transcript.strip()),
        baseline=line.baseline,
        right_to_left=line.right_to_left,
        typeface=family,
        id=line.id,
    )


def _word(word: Word) -> ReadWord:
    return ReadWord(
        "".join(word.transcript.split()),
        word.confidence,
        word.polygon,
        tuple(_glyph(glyph) for glyph in word.glyphs),
        _others(word),
        word.id,
    )


def _glyph(glyph: Glyph) -> ReadGlyph:
    return ReadGlyph(glyph.text or "", glyph.confidence, glyph.polygon, _others(glyph), glyph.id)


def _others(segment: TextSegment) -> tuple[tuple[str, float | None], ...]:
    """Return the readings of a segment but the first."""
    return tuple(segment.readings[1:])


def _place(element: etree._Element) -> TablePlace | None:
    """Return the place of a text region that is a cell of a table."""
    table = next(element.iterancestors(tag("TableRegion")), None)
    if table is None:
        return None
    role = element.find(f"{tag('Roles')}/{tag('TableCellRole')}")
    if role is None:
        return TablePlace(str(table.get("id")))
    return TablePlace(
        str(table.get("id")),
        integer(role, "rowIndex"),
        integer(role, "columnIndex"),
        max(1, integer(role, "rowSpan")),
        max(1, integer(role, "colSpan")),
    )


def _tables(page: etree._Element) -> list[ReadTable]:
    return [ReadTable(_outline(e), str(e.get("id"))) for e in page.iter(tag("TableRegion"))]


def _graphics(page: etree._Element) -> list[ReadGraphic]:
    """Return the regions without text, in document order."""
    found = []
    for element in page.iter(etree.Element):
        name = etree.QName(element).localname
        if name.endswith("Region") and name not in ("TextRegion", "TableRegion"):
            kind = name.removesuffix("Region").lower()
            found.append(ReadGraphic(kind, _outline(element), str(element.get("id", ""))))
    return found


def _outline(element: etree._Element) -> Points:
    points = TextSegment(element).polygon
    return np.asarray(points, dtype=np.float32) if len(points) else NO_POINTS

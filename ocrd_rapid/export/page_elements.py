# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the elements of PAGE-XML to the parts of the model of a page."""

from __future__ import annotations

from collections import Counter
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
    ReadRegion,
    ReadTable,
    ReadWord,
    TablePlace,
)
from ..ocr.text_direction import is_right_to_left
from ..workspace import order_marks
from ..workspace.barcode_regions import barcode_of
from ..workspace.ground_truth import state_of
from ..workspace.languages import language_code
from ..workspace.page_scripts import scripts_of_element
from ..workspace.segments import (
    Glyph,
    TextLine,
    TextRegion,
    TextSegment,
    Word,
    known_orientation,
    tag,
)
from ..workspace.table_cells import cell_role
from ..workspace.transcripts import Passage
from ..workspace.values import integer, number


def angles(degrees: float) -> tuple[int, float]:
    """Divide a rotation into a multiple of 90 degrees and the rest, at most 45."""
    quarter = round(degrees / 90) * 90
    return (quarter + 90) % 360 - 90, degrees - quarter


def region_of(
    region: TextRegion, said: Mapping[str, Passage], page_orientation: float, before: str = ""
) -> ReadRegion:
    """Return a region.

    Args:
        region: the region.
        said: the text of regions by their IDs.
        page_orientation: the ``@orientation`` of the page.
        before: ID of the region before it; empty if it is the first.
    """
    passage = said.get(region.id)
    lines = tuple(_line(line, region.right_to_left) for line in region.lines_in_reading_order)
    own = "" if passage is None or passage.lines else passage.text
    if own:
        lines = _with_texts(lines, own.splitlines())
    return ReadRegion(
        lines,
        kind=region.element.get("type"),
        orientation=line_orientation(region, page_orientation),
        own_text="" if lines else own,
        own_outline=region.polygon,
        confidence=region.confidence,
        place=_place(region.element),
        id=region.id,
        order_confidence=order_marks.place_confidence(region.element, before),
    )


def line_orientation(region: TextRegion, page_orientation: float) -> float:
    """Return the clockwise rotation in degrees that sets the lines of a region upright."""
    orientation = known_orientation(region.element)
    return page_orientation if orientation is None else orientation


def _with_texts(lines: Sequence[ReadLine], texts: Sequence[str]) -> tuple[ReadLine, ...]:
    """Return lines with the text of their region, if it has as many lines; else none."""
    if len(lines) != len(texts):
        return ()
    return tuple(
        replace(line, text=" ".join(text.split())) for line, text in zip(lines, texts, strict=True)
    )


def _line(line: TextLine, around: bool) -> ReadLine:
    """Return a line; ``around`` tells whether its region runs from right to left."""
    words = line.words[::-1] if line.right_to_left else line.words
    text = " ".join(line.transcript.split())
    family, sure = line.font_family
    coords = line.element.find(tag("Coords"))
    score = None if coords is None else number(coords, "conf")
    state = state_of(line)
    return ReadLine(
        line.polygon,
        text,
        line.confidence,
        tuple(_word(word) for word in words if word.transcript.strip()),
        baseline=line.baseline,
        right_to_left=line.right_to_left or is_right_to_left(text, before=around),
        typeface=family,
        id=line.id,
        score=1.0 if score is None else score,
        head_confidence=sure,
        scripts=scripts_of_element(line.element),
        ground_truth="" if state is None else state.value,
    )


def _word(word: Word) -> ReadWord:
    return ReadWord(
        " ".join(word.transcript.split()),
        word.confidence,
        word.polygon,
        tuple(_glyph(glyph) for glyph in word.glyphs),
        _others(word),
        word.id,
        "".join(scripts_of_element(word.element)[:1]),
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
    role = cell_role(element)
    if role is None:
        return TablePlace(str(table.get("id")))
    return TablePlace(
        str(table.get("id")),
        integer(role, "rowIndex"),
        integer(role, "columnIndex"),
        max(1, integer(role, "rowSpan")),
        max(1, integer(role, "colSpan")),
    )


def tables_of(page: etree._Element) -> list[ReadTable]:
    """Return the tables of a page, in document order."""
    return [ReadTable(_outline(e), str(e.get("id"))) for e in page.iter(tag("TableRegion"))]


def languages_of(page: etree._Element) -> tuple[str, ...]:
    """Return the languages of a page (BCP 47), the most frequent first.

    Those of a line are its own, or those of what is around it; a second language comes after all
    first ones.
    """
    found: Counter[str] = Counter()
    seconds = []
    for element in page.iter(tag("Page"), tag("TextRegion"), tag("TextLine")):
        text = element.findtext(f"{tag('TextEquiv')}/{tag('Unicode')}") or ""
        if element.tag == tag("TextLine") or element.find(tag("TextLine")) is None:
            around = (element, *element.iterancestors())
            names = (str(e.get("primaryLanguage")) for e in around if e.get("primaryLanguage"))
            found[language_code(next(names, ""))] += len(text)
        seconds.append(language_code(str(element.get("secondaryLanguage", ""))))
    first = [code for code, _ in found.most_common()]
    return tuple(dict.fromkeys(code for code in [*first, *seconds] if code))


def graphics_of(page: etree._Element) -> list[ReadGraphic]:
    """Return the regions without text, in document order."""
    found = []
    for element in page.iter(etree.Element):
        name = etree.QName(element).localname
        if name.endswith("Region") and name not in ("TextRegion", "TableRegion"):
            kind = name.removesuffix("Region").lower()
            identifier = str(element.get("id", ""))
            found.append(ReadGraphic(kind, _outline(element), identifier, barcode_of(element)))
    return found


def _outline(element: etree._Element) -> Points:
    points = TextSegment(element).polygon
    return np.asarray(points, dtype=np.float32) if len(points) else NO_POINTS

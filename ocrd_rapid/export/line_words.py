# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages of which only regions or lines have text: lines and words cut from these.

`completed` makes pages of any origin alike for the writers: every text is within words, every
segment has an outline and an ID, and all text is NFC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from unicodedata import normalize

import numpy as np

from ..ocr.geometry import Points, hull
from ..ocr.lines.baselines import outline_of_baseline, usable
from ..ocr.lines.line_outlines import page_outline
from ..ocr.page_model import (
    NO_POINTS,
    OtherReading,
    ReadGlyph,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
)
from ..ocr.text_direction import begins_right, is_right_to_left
from ..workspace.xml import clean_text
from .character_widths import NARROW, width_of_text
from .line_axes import axes_of, part_between
from .segment_ids import with_ids


def completed(page: ReadPage) -> ReadPage:
    """Return a page whose text is in words, with outlines and IDs everywhere, in NFC.

    * The text of a region without lines becomes lines: parts of equal height of the region.
    * The text of a line without words, or with words that lack a part of it, becomes words: parts
      of the line as wide as their characters usually are.
    * The text of a word with spaces becomes several words.
    * Lines and regions without a usable outline get one from what is in them, or around them.
    * A line most of whose letters run from right to left does so.
    * Parts without text and without a usable outline are left out.
    * All segments have IDs, see `with_ids`.
    """
    whole = page_outline(page.width, page.height)
    regions = tuple(_region(region, whole) for region in page.regions)
    tables = tuple(_table(table, regions) for table in page.tables)
    graphics = tuple(graphic for graphic in page.graphics if usable(graphic.outline))
    return with_ids(replace(page, regions=regions, tables=tables, graphics=graphics))


def nfc(text: str) -> str:
    """Return a text in Unicode's normalization form C, without control characters."""
    return normalize("NFC", clean_text(text))


def _region(region: ReadRegion, page: Points) -> ReadRegion:
    outline = _first_usable(region.own_outline, *_hulls(region.lines))
    around = outline if len(outline) else page
    lines = region.lines or _cut_lines(region, around)
    lines = tuple(_line(_outlined(line, around), region.orientation) for line in lines)
    known = usable(region.own_outline)
    return replace(
        region,
        lines=lines,
        own_text="" if lines else nfc(region.own_text),
        own_outline=region.own_outline if known else NO_POINTS if lines else around,
    )


def _table(table: ReadTable, regions: Sequence[ReadRegion]) -> ReadTable:
    """Return a table with an outline; if it has no cells either, with none."""
    if usable(table.outline):
        return table
    cells = [region for region in regions if region.place and region.place.table == table.id]
    return replace(table, outline=hull([c.outline for c in cells]) if cells else NO_POINTS)


def _hulls(lines: Sequence[ReadLine]) -> list[Points]:
    """Return the hull of the outlines of lines, if any is usable."""
    outlines = [line.outline for line in lines if usable(line.outline)]
    return [hull(outlines)] if outlines else []


def _with_area(outline: Points, around: Points) -> Points:
    """Return an outline with an area: its own, or a pixel where it is, or that around it."""
    if usable(outline) or not len(outline):
        return outline if len(outline) else around
    left, top = outline.min(axis=0)
    right, bottom = np.maximum(outline.max(axis=0), (left + 1, top + 1))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, dtype=np.float32)


def _first_usable(*outlines: Points) -> Points:
    return next((outline for outline in outlines if usable(outline)), NO_POINTS)


def _cut_lines(region: ReadRegion, outline: Points) -> tuple[ReadLine, ...]:
    """Return the lines of the text of a region, as parts of its outline of equal height."""
    texts = [" ".join(text.split()) for text in region.own_text.splitlines()]
    texts = [text for text in texts if text]
    # Without a text, the box of the region tells nothing about the direction of its lines.
    _, down = axes_of(ReadLine(NO_POINTS), region.orientation)
    depth = outline @ down
    edges = np.linspace(float(depth.min()), float(depth.max()), len(texts) + 1)
    return tuple(
        ReadLine(part_between(outline, down, low, high), text, region.confidence)
        for text, (low, high) in zip(texts, pairwise(edges), strict=True)
    )


def _outlined(line: ReadLine, around: Points) -> ReadLine:
    """Return a line with an outline."""
    if usable(line.outline):
        return line
    words = [word.outline for word in line.words if usable(word.outline)]
    if words:
        return replace(line, outline=hull(words))
    if usable(line.baseline, 2):
        return replace(line, outline=outline_of_baseline(line.baseline, (), around))
    return replace(line, outline=_with_area(line.outline, around))


def _line(line: ReadLine, orientation: float) -> ReadLine:
    """Return a line with an outline with its words, in NFC."""
    text = " ".join(nfc(line.text).split())
    line = replace(
        line,
        text=text,
        right_to_left=line.right_to_left or is_right_to_left(text),
        words=tuple(
            part
            for word in line.words
            for part in _parts(_normalized(word, line.outline), line, orientation)
        ),
    )
    parts = text.split()
    if sum(len(word.text) for word in line.words) >= sum(map(len, parts)):
        return line
    if len(line.words) == len(parts):
        found = tuple(replace(w, text=t) for w, t in zip(line.words, parts, strict=True))
        return replace(line, words=found)
    return replace(line, words=tuple(cut_words(line, orientation)))


def _parts(word: ReadWord, line: ReadLine, orientation: float) -> list[ReadWord]:
    """Return a word, or the words that it is made of, none if it has no text."""
    if len(word.text.split()) == 1:
        return [word]
    whole = ReadLine(word.outline, word.text, word.confidence, right_to_left=line.right_to_left)
    right, _ = axes_of(line, orientation)
    return _cut(whole, right)


def _normalized(word: ReadWord, line: Points) -> ReadWord:
    outline = _with_area(word.outline, line)
    return replace(
        word,
        text=nfc(word.text),
        outline=outline,
        alternatives=_readings(word.alternatives),
        glyphs=tuple(
            ReadGlyph(
                nfc(glyph.text),
                glyph.confidence,
                _with_area(glyph.outline, outline),
                _readings(glyph.alternatives),
                glyph.id,
            )
            for glyph in word.glyphs
        ),
    )


def _readings(readings: Sequence[OtherReading]) -> tuple[OtherReading, ...]:
    return tuple((nfc(text), confidence) for text, confidence in readings)


def cut_words(line: ReadLine, orientation: float) -> list[ReadWord]:
    """Return the words of the text of a line, as parts of its outline.

    Each is as wide as its characters usually are, in relation to the others and the spaces.

    Args:
        line: a line with text and an outline.
        orientation: see `ReadRegion.orientation`.
    """
    right, _ = axes_of(line, orientation)
    return _cut(line, right)


def _cut(line: ReadLine, right: Points) -> list[ReadWord]:
    """Return the words of a line whose direction is ``right``, see `axes_of`."""
    texts = line.text.split()
    across = line.outline @ right
    begin, extent = float(across.min()), float(np.ptp(across))
    order = visual_order(texts, right_to_left=line.right_to_left)
    widths = [max(width_of_text(texts[i]), 1) for i in order]
    unit = extent / (sum(widths) + NARROW * (len(widths) - 1)) if widths else 0.0
    places: dict[int, tuple[float, float]] = {}
    for i, width in zip(order, widths, strict=True):
        places[i] = begin, begin + width * unit
        begin += (width + NARROW) * unit
    return [
        ReadWord(text, line.confidence, part_between(line.outline, right, *places[i]))
        for i, text in enumerate(texts)
    ]


def visual_order(words: Sequence[str], *, right_to_left: bool) -> list[int]:
    """Return the indices of the words of a line from left to right.

    Algorithm: rule L2 of Unicode's bidirectional algorithm (UAX 9), for whole words. Words
    without letters, such as numbers, go with the words around them if these agree, else with the
    line.

    Args:
        words: the words in reading order.
        right_to_left: whether the line as a whole runs from right to left.
    """
    own = [begins_right(word) if any(map(str.isalpha, word)) else None for word in words]
    sides = []
    for i, side in enumerate(own):
        before = next((known for known in own[i::-1] if known is not None), right_to_left)
        after = next((known for known in own[i:] if known is not None), right_to_left)
        around = before if before == after else right_to_left
        sides.append(around if side is None else side)
    order: list[int] = []
    run: list[int] = []
    for i, side in enumerate(sides):
        if side != right_to_left:
            run.append(i)
            continue
        order += [*run[::-1], i]
        run = []
    order += run[::-1]
    return order[::-1] if right_to_left else order

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A page as the interface gives it to programs: its lines with words, places and other readings.

The form is described in ``docs/correct-api.md``. All positions are in pixels of the page's image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np

from ..correction.corrections import one_line
from ..correction.machine_lines import editable_lines
from ..export.page_xml import page_from
from ..ocr.geometry import Points
from ..ocr.page_model import ReadGlyph, ReadLine, ReadWord
from ..workspace.ground_truth import state_of
from ..workspace.page import PageDocument
from ..workspace.segments import TextLine

#: Most other readings of a word.
_ALTERNATIVES = 9

#: Room around a line in its picture, as a share of its height.
ROOM = 0.15


class ReadingView(TypedDict):
    """A text, and how sure it is."""

    text: str
    confidence: float | None


class WordView(TypedDict):
    """A word of a line."""

    text: str
    confidence: float | None
    box: list[int]
    alternatives: list[str]


class PictureView(TypedDict):
    """What the picture of a line shows: its size, and where the text begins and ends there."""

    width: int
    height: int
    begin: int
    end: int


class LineView(TypedDict):
    """A line of a page."""

    page: str
    id: str
    number: int
    text: str
    state: str
    confirmed: bool
    base: str
    confidence: float | None
    words: list[WordView]
    readings: list[ReadingView]
    box: list[int]
    outline: list[list[int]]
    turn: int
    rightToLeft: bool
    region: str
    kind: str
    picture: PictureView


class PageView(TypedDict):
    """A page with its lines."""

    id: str
    label: str
    width: int
    height: int
    lines: list[LineView]


def base_of(text: str, state: str) -> str:
    """Return what tells whether a line is as somebody saw it."""
    return hashlib.sha256(f"{state}\n{text}".encode()).hexdigest()[:16]


def page_view(page_id: str, label: str, document: PageDocument) -> PageView:
    """Return a page; lines whose IDs occur several times are left out."""
    lines = editable_lines(document)
    page = page_from(document)
    read = {line.id: (line, region) for region in page.regions for line in region.lines}
    views = []
    for number, (name, (_, line)) in enumerate(lines.items(), start=1):
        if name in read:
            found, region = read[name]
            turn = round(region.orientation / 90) * 90 % 360
            place = region.id, region.kind or ""
            views.append(_line_view(page_id, number, line, found, turn, place))
    return {
        "id": page_id,
        "label": label,
        "width": page.width,
        "height": page.height,
        "lines": views,
    }


def _line_view(
    page_id: str, number: int, line: TextLine, read: ReadLine, turn: int, region: tuple[str, str]
) -> LineView:
    text, said = one_line(line.transcript), state_of(line)
    state = "" if said is None else said.value
    left, top, right, bottom = box_of(read.outline)
    return {
        "page": page_id,
        "id": line.id,
        "number": number,
        "text": text,
        "state": state,
        "confirmed": bool(state),
        "base": base_of(text, state),
        "confidence": line.confidence,
        "words": [_word_view(word) for word in read.words],
        "readings": [
            {"text": one_line(reading), "confidence": sure} for reading, sure in line.readings[1:]
        ],
        "box": [left, top, right, bottom],
        "outline": np.rint(read.outline).astype(int).tolist(),
        "turn": turn,
        "rightToLeft": read.right_to_left,
        "region": region[0],
        "kind": region[1],
        "picture": picture_place(read, turn),
    }


def _word_view(word: ReadWord) -> WordView:
    return {
        "text": word.text,
        "confidence": word.confidence,
        "box": list(box_of(word.outline)),
        "alternatives": list(dict.fromkeys(_alternatives(word)))[:_ALTERNATIVES],
    }


def _alternatives(word: ReadWord) -> Iterator[str]:
    """Yield other readings of a word; of glyphs, the surest first."""
    yield from (text for text, _ in word.alternatives if text and text != word.text)
    found = []
    for place, glyph in enumerate(word.glyphs):
        found += [
            (0.0 if sure is None else sure, -rank, _with(word.glyphs, place, text))
            for rank, (text, sure) in enumerate(glyph.alternatives)
        ]
    yield from (text for _, _, text in sorted(found, reverse=True) if text and text != word.text)


def _with(glyphs: Sequence[ReadGlyph], place: int, text: str) -> str:
    """Return a word with another text of one of its glyphs."""
    before = "".join(glyph.text for glyph in glyphs[:place])
    return before + text + "".join(glyph.text for glyph in glyphs[place + 1 :])


def box_of(points: Points) -> tuple[int, int, int, int]:
    """Return the smallest rectangle around points: left, top, right, bottom."""
    left, top = np.floor(np.min(points, axis=0)).astype(int).tolist()
    right, bottom = np.ceil(np.max(points, axis=0)).astype(int).tolist()
    return left, top, right, bottom


def margin_of(box: Sequence[int]) -> int:
    """Return the room around a line in its picture."""
    left, top, right, bottom = box
    return max(2, round(ROOM * min(right - left, bottom - top)))


def picture_place(line: ReadLine, turn: int) -> PictureView:
    """Return what the picture of a line shows; it stands upright there."""
    box = left, top, right, bottom = box_of(line.outline)
    margin = margin_of(box)
    width, height = right - left + 2 * margin, bottom - top + 2 * margin
    if turn % 180:
        return {"width": height, "height": width, "begin": margin, "end": height - margin}
    places = [box_of(word.outline) for word in line.words]
    begin = min((place[0] for place in places), default=left) - left + margin
    end = max((place[2] for place in places), default=right) - left + margin
    if turn == 180:
        begin, end = width - end, width - begin
    return {"width": width, "height": height, "begin": begin, "end": end}

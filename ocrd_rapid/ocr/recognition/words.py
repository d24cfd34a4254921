# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the characters of a line to its words and glyphs, with their places on the line.

The network tells in which of its columns, 1/6 of the line's height wide, it saw a character.
That is near the middle of the character, but does not give its extent, so edges are sought between
the characters: words are separated at the widest gap in the ink, glyphs where there is least ink.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage, grey_of
from .calibration import word_right
from .ctc_decoding import RecognizedCharacter, RecognizedLine

Ink = NDArray[np.int64]

#: Rows at the top and bottom of a line, as a share of its height, in which ink may belong to
#: neighbours.
_MARGIN = 0.1
#: A gap of this share of the height separates a line from other ink before or after it.
_FAR = 0.5
#: Least difference in brightness between ink and paper.
_CONTRAST = 20


@dataclass(frozen=True)
class PlacedGlyph:
    """A character and its place.

    Attributes:
        text: the character with its combining marks, without white space.
        confidence: probability that it is right, 0 to 1.
        left: its left edge, as a share of the line's width, 0 to 1.
        right: its right edge, not before ``left``.
        alternatives: its alternatives, best first, with their share of what it leaves of 1.
    """

    text: str
    confidence: float
    left: float
    right: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class PlacedWord:
    """A word: the characters between white space.

    Attributes:
        glyphs: its characters in the order of the text, at least one.
        confidence: probability that all of it is right, 0 to 1, see `word_right`.
    """

    glyphs: tuple[PlacedGlyph, ...]
    confidence: float

    @property
    def text(self) -> str:
        """The characters in reading order."""
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def left(self) -> float:
        """The left edge, as a share of the line's width."""
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> float:
        """The right edge, as a share of the line's width."""
        return max(glyph.right for glyph in self.glyphs)


def normalize(line: RecognizedLine, clean: Callable[[str], str] = str) -> RecognizedLine:
    """Return a line with single spaces for all white space, and no white space at its ends.

    Args:
        line: a line from the recognizer.
        clean: function applied to every text first, for example to remove control characters.

    Returns:
        The line; the text of each of its characters is a space, or has no white space.
    """
    parts = {
        text: re.findall(r"\s+|\S+", clean(text)) for text in {c.text for c in line.characters}
    }
    pieces = [
        piece
        for character in line.characters
        for piece in _pieces(character, parts[character.text], clean)
    ]
    found: list[RecognizedCharacter] = []
    for piece in pieces:
        if not piece.text.isspace():
            found.append(piece)
        elif found and found[-1].text != " ":
            is_space = piece.text == " " and not piece.alternatives
            found.append(piece if is_space else replace(piece, text=" ", alternatives=()))
    if found and found[-1].text == " ":
        found.pop()
    return replace(line, text="".join(c.text for c in found), characters=tuple(found))


def _pieces(
    character: RecognizedCharacter, texts: Sequence[str], clean: Callable[[str], str]
) -> list[RecognizedCharacter]:
    """Return copies of a character with each of the texts; itself if, as usual, none changes."""
    if not character.alternatives and len(texts) == 1 and texts[0] == character.text:
        return [character]
    alternatives = _single(character.alternatives, clean)
    return [replace(character, text=text, alternatives=alternatives) for text in texts]


def _single(
    alternatives: Sequence[tuple[str, float]], clean: Callable[[str], str]
) -> tuple[tuple[str, float], ...]:
    """Return the alternatives that are not empty and would not split the word."""
    cleaned = [(clean(text), confidence) for text, confidence in alternatives]
    return tuple((t, c) for t, c in cleaned if t and not re.search(r"\s", t))


def place_words(line: RecognizedLine, image: BgrImage) -> list[PlacedWord]:
    """Return the words of a line with the extent of their characters.

    A line of a script without spaces is one word.

    Args:
        line: a line from `normalize`.
        image: the image that it was read from.
    """
    words = [
        _with_marks(list(members))
        for is_space, members in groupby(line.characters, key=lambda c: c.text == " ")
        if not is_space
    ]
    if not words:
        return []
    extents = iter(_extents(words, image))
    return [
        PlacedWord(
            tuple(PlacedGlyph(c.text, c.confidence, *next(extents), c.alternatives) for c in word),
            confidence,
        )
        for word, confidence in zip(words, word_confidences(line.characters), strict=True)
    ]


def _with_marks(characters: Sequence[RecognizedCharacter]) -> list[RecognizedCharacter]:
    """Return the glyphs of a word: its characters, each with the marks above and below it.

    The alternatives are those of glyphs, with their share of what its confidence leaves of 1.
    """
    glyphs: list[RecognizedCharacter] = []
    for character in characters:
        others = _shares(character)
        if glyphs and unicodedata.category(character.text[0]) in ("Mn", "Me", "Cf"):
            base = glyphs.pop()
            others = (
                *((text + character.text, share) for text, share in base.alternatives),
                *((base.text + text, share) for text, share in others),
            )
            character = replace(
                base,
                text=base.text + character.text,
                confidence=base.confidence * character.confidence,
            )
        glyphs.append(replace(character, alternatives=others))
    return [replace(g, alternatives=_best_first(g.alternatives)) for g in glyphs]


def _best_first(alternatives: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(alternatives, key=lambda other: -other[1]))


def _extents(
    words: Sequence[Sequence[RecognizedCharacter]], image: BgrImage
) -> list[tuple[float, float]]:
    """Return where the glyphs of words begin and end, as shares of the width of their line.

    They follow each other on the line in any order: from right to left, or, in Indic scripts, a
    vowel before the consonant that it follows in the text.
    """
    ink = ink_of_columns(image)
    height, width = image.shape[:2]
    owners = [number for number, word in enumerate(words) for _ in word]
    centres = [min(c.position * width, width - 0.5) for word in words for c in word]
    order = sorted(range(len(centres)), key=centres.__getitem__)
    begin, end = _ends(ink, centres[order[0]], centres[order[-1]], _FAR * height)
    lefts, rights = [begin], []
    for i, j in pairwise(order):
        if owners[i] == owners[j]:
            edge = _thinnest(ink, centres[i], centres[j])
            gap = edge, edge
        else:
            gap = _widest_gap(ink, centres[i], centres[j])
        rights.append(gap[0])
        lefts.append(gap[1])
    rights.append(end)
    places = dict(zip(order, zip(lefts, rights, strict=True), strict=True))
    return [(places[i][0] / width, places[i][1] / width) for i in range(len(centres))]


def word_confidences(characters: Sequence[RecognizedCharacter]) -> list[float]:
    """Return the confidences of the words of a line: the spaces beside a word have to be right.

    Args:
        characters: those of a line from `normalize`, at least one.
    """
    ends = [i for i, character in enumerate(characters) if character.text == " "]
    return [
        word_right(
            [character.confidence for character in characters[max(begin, 0) : end + 1]],
            [character.missing for character in characters[begin + 1 : end + 1]],
        )
        for begin, end in pairwise([-1, *ends, len(characters)])
    ]


def _shares(character: RecognizedCharacter) -> tuple[tuple[str, float], ...]:
    """Return the alternatives of a character with their shares of what its confidence leaves."""
    left = (1 - character.confidence) / max(1 - character.probability, 1e-6)
    most = min(character.confidence, 1 - character.confidence)
    return tuple((text, min(share * left, most)) for text, share in character.alternatives)


def ink_of_columns(image: BgrImage) -> Ink:
    """Return the number of ink pixels in every column; all 1 without contrast.

    Ink is darker than Otsu's threshold, or lighter if most of the image is darker.
    """
    grey = grey_of(image)
    margin = int(_MARGIN * len(grey))
    grey = grey[margin : len(grey) - margin]
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = grey <= threshold
    if not 0 < dark.mean() < 1 or grey[~dark].mean() - grey[dark].mean() < _CONTRAST:
        return np.ones(grey.shape[1], dtype=np.int64)
    if dark.mean() > 0.5:
        dark = ~dark
    return np.asarray(dark.sum(axis=0), dtype=np.int64)


def _widest_gap(ink: Ink, start: float, stop: float) -> tuple[float, float]:
    """Return the ends of the longest run without ink between two places.

    Without such a run, both ends are where there is least ink.
    """
    first, last = int(start), int(stop) + 1
    inkless = np.concatenate(([0], ink[first:last] == 0, [0])).astype(np.int8)
    steps = np.diff(inkless)
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if not len(begins):
        middle = _thinnest(ink, start, stop)
        return middle, middle
    best = int(np.argmax(ends - begins))
    return (
        float(np.clip(first + begins[best], start, stop)),
        float(np.clip(first + ends[best], start, stop)),
    )


def _thinnest(ink: Ink, start: float, stop: float) -> float:
    """Return the place between two others with the least ink, among equals the middle one."""
    middle = (start + stop) / 2
    columns = np.arange(int(start), int(stop) + 1)
    order = np.lexsort((np.abs(columns + 0.5 - middle), ink[columns]))
    return float(np.clip(columns[order[0]] + 0.5, start, stop))


def _ends(ink: Ink, first: float, last: float, far: float) -> tuple[float, float]:
    """Return where the ink of a line begins and ends.

    Ink beyond a gap of ``far`` pixels before the first or after the last character is not the
    line's own.
    """
    columns = np.flatnonzero(ink)
    before = columns[columns <= first][::-1]
    behind = columns[columns >= last]
    return (
        _walk(before, first, far) if len(before) else float(first),
        min(_walk(behind, last, far) + 1, float(len(ink))) if len(behind) else float(last),
    )


def _walk(columns: NDArray[np.intp], start: float, far: float) -> float:
    """Return the last column reached without a step longer than ``far``."""
    steps = np.abs(np.diff(columns, prepend=start))
    too_long = np.flatnonzero(steps > far)
    reached = columns[: too_long[0]] if len(too_long) else columns
    return float(reached[-1]) if len(reached) else float(start)

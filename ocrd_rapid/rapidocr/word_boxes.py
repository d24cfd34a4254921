# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes of words and characters in a line, from the columns in which the network reads them.

The network gives the column in which a character first is the most probable one, not its outline.
So a character extends half of the way to its neighbours, but no farther than an average character:
a wide gap belongs to neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..ocr.geometry import Points
from ..ocr.recognition.ctc_decoding import RecognizedCharacter

#: A word: its text, its score 0 to 1, and the corners of its box in whole pixels.
Word = tuple[str, float, list[list[int]]]

#: A wider gap between the columns of two characters ends a word, in average characters.
_GAP = 3.0

#: RapidOCR's ranges of text without spaces: CJK ideographs, CJK punctuation, full-width forms.
_CJK = (("\u4e00", "\u9fff"), ("\u3000", "\u303f"), ("\uff00", "\uffef"))


def words_of_line(
    characters: Sequence[RecognizedCharacter], corners: Points, *, single: bool = False
) -> list[Word]:
    """Return the words of a line with their places.

    Args:
        characters: the characters of the line.
        corners: see `ReadLine.corners`.
        single: return every character by itself, as always in lines with CJK characters.

    Returns:
        Words in the order of the text; the score of a word is the mean probability of its
        characters.
    """
    extents = _extents([c.position for c in characters])
    groups = _groups(characters)
    if single or any(_is_cjk(c.text) for c in characters):
        groups = [[i] for group in groups for i in group]
    words: list[Word] = []
    for group in groups:
        members = [characters[i] for i in group]
        text = "".join(member.text for member in members)
        score = sum(member.probability for member in members) / len(members)
        start, end = min(extents[i][0] for i in group), max(extents[i][1] for i in group)
        words.append((text, score, _quadrangle(corners, start, end)))
    return words


def _extents(positions: Sequence[float]) -> list[tuple[float, float]]:
    """Return start and end of characters as shares of the line, from their columns."""
    if not positions:
        return []
    half = _usual_distance(positions) / 2
    edges = sorted(positions)
    edges = [edges[0] - 2 * half, *edges, edges[-1] + 2 * half]
    ranks = _ranks(positions)
    extents = []
    for position, rank in zip(positions, ranks, strict=True):
        before, after = position - edges[rank], edges[rank + 2] - position
        start = max(0.0, position - min(before / 2, half))
        extents.append((start, max(start, min(1.0, position + min(after / 2, half)))))
    return extents


def _ranks(positions: Sequence[float]) -> list[int]:
    """Return how many characters are left of each: not its index where they run to the left."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    ranks = dict(zip(order, range(len(order)), strict=True))
    return [ranks[i] for i in range(len(positions))]


def _usual_distance(positions: Sequence[float]) -> float:
    if len(positions) < 2:
        return 1.0
    return (max(positions) - min(positions)) / (len(positions) - 1)


def _groups(characters: Sequence[RecognizedCharacter]) -> list[list[int]]:
    """Return the indices of the characters of each word; white space is left out."""
    positions = [c.position for c in characters]
    limit = _GAP * _usual_distance(positions)
    ranks = _ranks(positions)
    wide = [b - a > limit for a, b in pairwise(sorted(positions))]
    groups: list[list[int]] = []
    previous: int | None = None
    for i, character in enumerate(characters):
        if not character.text.strip():
            previous = None
            continue
        joined = (
            previous is not None
            and _is_cjk(characters[previous].text) == _is_cjk(character.text)
            and not any(wide[min(ranks[previous], ranks[i]) : max(ranks[previous], ranks[i])])
        )
        if joined:
            groups[-1].append(i)
        else:
            groups.append([i])
        previous = i
    return groups


def _is_cjk(text: str) -> bool:
    return any(first <= text[:1] <= last for first, last in _CJK)


def _quadrangle(corners: Points, start: float, end: float) -> list[list[int]]:
    """Return the corners of the part of a line from one share of its width to another."""
    top_left, top_right, bottom_right, bottom_left = np.asarray(corners, dtype=np.float64)
    top, bottom = top_right - top_left, bottom_right - bottom_left
    points = (
        top_left + start * top,
        top_left + end * top,
        bottom_left + end * bottom,
        bottom_left + start * bottom,
    )
    return [[round(float(x)), round(float(y))] for x, y in points]

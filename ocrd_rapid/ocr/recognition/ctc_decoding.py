# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Greedy CTC decoding: from distributions over characters to the text of a line.

Algorithm: Graves et al., "Connectionist Temporal Classification", ICML 2006. Every column gives
its most probable class; repetitions are one character, and the blank, class 0, is not a character.

Single guillemets have the shape of the signs for less and greater, and nearly that of brackets.
Their place tells them apart: as quotation marks, they touch a word on one side. Elsewhere, the most
probable other character of the column is the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray

_GUILLEMETS = frozenset("‹›")


@dataclass(frozen=True)
class RecognizedCharacter:
    """One character with its probability and place.

    Attributes:
        text: one entry of the key file, usually one code point.
        confidence: probability, 0 to 1.
        position: centre of its first output column, as a share of the line's width, 0 to 1.
        alternatives: the next most probable characters of that column with their
            probabilities, best first, without white space. Empty unless requested.
    """

    text: str
    confidence: float
    position: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class RecognizedLine:
    """The text of a line.

    Attributes:
        text: its characters in reading order; empty if nothing was read.
        confidence: mean probability of the characters, 0 to 1; 0 without characters.
        characters: the characters one by one.
        head: name of the head that read it.
        head_confidence: probability that this head was the right one among several, 0 to 1;
            ``None`` if there was no choice.
    """

    text: str
    confidence: float
    characters: tuple[RecognizedCharacter, ...] = ()
    head: str = ""
    head_confidence: float | None = None


def decode(
    probabilities: FloatArray,
    characters: Sequence[str],
    share: float = 1.0,
    alternatives: int = 0,
) -> RecognizedLine:
    """Decode CTC output greedily.

    Args:
        probabilities: shape (T, classes).
        characters: the character of every class; class 0 is the blank.
        share: part of the T columns that is image and not padding, 0 to 1.
        alternatives: number of alternative readings of every character.
    """
    decoder = Decoder(characters, alternatives)
    decoder.add(probabilities)
    return decoder.line(share)


class Decoder:
    """Decoder for CTC output that arrives in parts; the result is that of `decode`."""

    def __init__(self, characters: Sequence[str], alternatives: int = 0) -> None:
        """Take the character of every class, and the number of alternative readings."""
        self._characters = characters
        self._alternatives = alternatives
        # Text, confidence, middle of the column, alternatives; the number of columns is not known
        # yet.
        self._found: list[tuple[str, float, float, tuple[tuple[str, float], ...]]] = []
        # What a guillemet is if it is none, by its index.
        self._instead: dict[int, tuple[str, float]] = {}
        self._count, self._last = 0, 0

    def add(self, part: FloatArray) -> None:
        """Take the next columns, shape (T, classes); the array is not kept."""
        best = part.argmax(axis=1)
        previous = np.concatenate(([self._last], best))
        columns = np.flatnonzero((best != 0) & (best != previous[:-1]))
        others: Iterable[tuple[tuple[str, float], ...]] = repeat((), len(columns))
        if self._alternatives:
            rows = part[columns]
            others = _alternatives(rows, best[columns], self._characters, self._alternatives)
        texts = [self._characters[index] for index in best[columns].tolist()]
        for index, (text, column) in enumerate(zip(texts, columns, strict=True)):
            if text in _GUILLEMETS:
                other = _other_than_guillemets(part[column], self._characters)
                self._instead[len(self._found) + index] = other
        confidences = np.minimum(part[columns, best[columns]], 1).tolist()
        middles = (columns + (self._count + 0.5)).tolist()
        self._found.extend(zip(texts, confidences, middles, others, strict=True))
        self._count, self._last = self._count + len(best), int(previous[-1])

    def line(self, share: float = 1.0) -> RecognizedLine:
        """Return the line; see `decode` for ``share``."""
        width = self._count * share
        found = [
            RecognizedCharacter(text, confidence, min(1.0, middle / width), others)
            for text, confidence, middle, others in self._found
        ]
        placed = _trim(_settled(found, self._instead))
        text = "".join(character.text for character in placed)
        confidence = sum(c.confidence for c in placed) / len(placed) if placed else 0.0
        return RecognizedLine(text, confidence, placed)


def _other_than_guillemets(row: FloatArray, characters: Sequence[str]) -> tuple[str, float]:
    """Return the most probable character of a column, and its probability, without guillemets.

    Args:
        row: shape (classes,).
        characters: the character of every class.
    """
    rest = row.copy()
    rest[[index for index, text in enumerate(characters) if text in _GUILLEMETS]] = 0
    whole = float(rest.sum())
    rest[[index for index, text in enumerate(characters) if not text.strip()]] = 0
    best = int(rest.argmax())
    return characters[best], float(rest[best]) / whole if rest[best] > 0 else 0.0


def _settled(
    characters: Sequence[RecognizedCharacter], instead: Mapping[int, tuple[str, float]]
) -> tuple[RecognizedCharacter, ...]:
    """Return the characters of a line; of guillemets, only those that may be quotation marks.

    Args:
        characters: the characters of the line.
        instead: for every guillemet, by its index, the other character with its probability.
    """
    settled = list(characters)
    for index, (text, confidence) in instead.items():
        around = [
            characters[place].text if 0 <= place < len(characters) else " "
            for place in (index - 1, index + 1)
        ]
        stray = not any(text.strip() for text in around)
        if text and (stray or all(text.isalnum() for text in around)):
            old = settled[index]
            others = tuple(other for other in old.alternatives if other[0] != text)
            settled[index] = replace(old, text=text, confidence=confidence, alternatives=others)
    return tuple(settled)


def _alternatives(
    probabilities: FloatArray, best: NDArray[np.intp], characters: Sequence[str], count: int
) -> list[tuple[tuple[str, float], ...]]:
    """Return the most probable characters of every row except the best.

    Characters of probability 0 are left out, so there may be fewer than ``count``.

    Args:
        probabilities: shape (N, classes).
        best: shape (N,), the class of the best character of every row.
        characters: the character of every class.
        count: number of characters, at least 1.
    """
    rest = probabilities.copy()
    rest[:, [index for index, text in enumerate(characters) if not text.strip()]] = 0
    rest[np.arange(len(best)), best] = 0
    return [_most_probable(row, characters, min(count, len(row))) for row in rest]


def _most_probable(
    row: FloatArray, characters: Sequence[str], count: int
) -> tuple[tuple[str, float], ...]:
    """Return the ``count`` most probable characters; among equals, the lower classes win."""
    # Sorting all of 18 000 classes for every character would take longer than reading them.
    least = np.partition(row, len(row) - count)[len(row) - count]
    candidates = np.flatnonzero((row >= least) & (row > 0)).tolist()
    best = sorted(candidates, key=lambda index: -row[index])[:count]
    return tuple((characters[index], float(min(1.0, row[index]))) for index in best)


def _trim(
    characters: tuple[RecognizedCharacter, ...],
) -> tuple[RecognizedCharacter, ...]:
    """Remove white space from both ends: it is the margin of the crop, not text."""
    inked = [i for i, character in enumerate(characters) if character.text.strip()]
    return characters[inked[0] : inked[-1] + 1] if inked else ()

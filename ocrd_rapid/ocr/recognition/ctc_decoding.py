# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Greedy CTC decoding: from distributions over characters to the text of a line.

Algorithm: Graves et al., "Connectionist Temporal Classification", ICML 2006. Every column gives
its most probable class; repetitions are one character, and the blank, class 0, is not a character.

Signs that only their neighbours decide are settled at the end of a line; see `undecided_signs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray
from .calibration import Calibration, share_right
from .undecided_signs import read_without, undecided_signs, wrong_signs


@dataclass(frozen=True)
class RecognizedCharacter:
    """One character with its probability and place.

    Attributes:
        text: one entry of the key file, usually one code point.
        probability: that of the network in the first column of the character, 0 to 1.
        position: centre of that column, as a share of the line's width, 0 to 1.
        alternatives: the next most probable characters of that column with their
            probabilities, best first, without white space. Empty unless requested.
        confidence: probability that it is right, 0 to 1, see `Calibration.right`.
        missing: probability that a character is missing before it, see `Calibration.missing`.
    """

    text: str
    probability: float
    position: float
    alternatives: tuple[tuple[str, float], ...] = ()
    confidence: float = 1.0
    missing: float = 0.0


@dataclass(frozen=True)
class ScriptRun:
    """A part of a line in one script.

    Attributes:
        script: the code of the script, see `SCRIPTS`; ``Zzzz`` for one that is not known.
        begin: where its first letter begins, as a share of the line's width, 0 to 1.
        end: where its last letter ends.
        columns: number of columns with letters in it.
        probability: probability that it is this script, 0 to 1.
        is_read: whether a head or the model's own output layer reads this script.
    """

    script: str
    begin: float
    end: float
    columns: int = 1
    probability: float = 1.0
    is_read: bool = True


@dataclass(frozen=True)
class RecognizedLine:
    """The text of a line.

    Attributes:
        text: its characters in reading order; empty if nothing was read.
        probability: mean probability of the characters, 0 to 1; 0 without characters.
        characters: the characters one by one.
        head: name of the head that read it.
        head_confidence: probability that this head was the right one among several, 0 to 1;
            ``None`` if there was no choice.
        runs: its scripts, as printed from left to right; empty if nothing tells them.
        model: name of the model that read it, if that was chosen among several; else empty.
    """

    text: str
    probability: float
    characters: tuple[RecognizedCharacter, ...] = ()
    head: str = ""
    head_confidence: float | None = None
    runs: tuple[ScriptRun, ...] = ()
    model: str = ""

    @property
    def scripts(self) -> tuple[str, ...]:
        """The codes of its scripts, the most frequent first."""
        counts: Counter[str] = Counter()
        for run in self.runs:
            counts[run.script] += run.columns
        return tuple(script for script, _ in counts.most_common())

    def script_at(self, place: float) -> str:
        """Return the script at or next to a place, a share of the width; empty if unknown."""
        nearest = min(
            self.runs, key=lambda run: max(run.begin - place, place - run.end, 0), default=None
        )
        return nearest.script if nearest else ""

    @property
    def confidence(self) -> float:
        """The expected share of characters that are right, see `share_right`."""
        return share_right(
            [character.confidence for character in self.characters],
            [character.missing for character in self.characters],
        )


def decode(
    probabilities: FloatArray,
    characters: Sequence[str],
    share: float = 1.0,
    alternatives: int = 0,
    calibration: Calibration | None = None,
) -> RecognizedLine:
    """Decode CTC output greedily.

    Args:
        probabilities: shape (T, classes).
        characters: the character of every class; class 0 is the blank.
        share: part of the T columns that is image and not padding, 0 to 1.
        alternatives: number of alternative readings of every character.
        calibration: makes confidences of probabilities; ``None`` to leave them as they are.
    """
    decoder = Decoder(characters, alternatives, calibration)
    decoder.add(probabilities)
    return decoder.line(share)


class _Found(NamedTuple):
    """A character of a line whose number of columns is not known yet.

    Attributes:
        text: see `RecognizedCharacter`.
        probability: see there.
        middle: that of its first column, in columns.
        best: its highest probability in any of its columns.
        skipped: how probably another character stands in the blank columns before it.
        others: its alternatives.
    """

    text: str
    probability: float
    middle: float
    best: float
    skipped: float
    others: tuple[tuple[str, float], ...]


class Decoder:
    """Decoder for CTC output that arrives in parts; the result is that of `decode`."""

    def __init__(
        self,
        characters: Sequence[str],
        alternatives: int = 0,
        calibration: Calibration | None = None,
    ) -> None:
        """Take the character of every class, the number of alternatives, and the calibration."""
        self._characters = characters
        self._alternatives = alternatives
        self._calibration = calibration or Calibration()
        # The number of columns is not known yet.
        self._found: list[_Found] = []
        # What an undecided sign is if it is something else, by its index.
        self._undecided = undecided_signs(characters)
        self._instead: dict[int, list[_Found]] = {}
        self._count = 0
        # What is not decoded yet: from the last character on, to which the next part may belong.
        self._rest: FloatArray | None = None
        self._skipped = 0.0

    def add(self, part: FloatArray) -> None:
        """Take the next columns, shape (T, classes); kept until the next part comes."""
        if self._rest is not None:
            part = np.concatenate((self._decode(self._rest, final=False), part))
        self._rest = part

    def line(self, share: float = 1.0) -> RecognizedLine:
        """Return the line; see `decode` for ``share``. Nothing can be added after that."""
        if self._rest is not None:
            self._decode(self._rest, final=True)
            self._rest = None
        width = self._count * share
        found = _trim(_settled(self._found, self._instead))
        right = self._calibration.right(np.array([each.best for each in found]))
        missing = self._calibration.missing(np.array([each.skipped for each in found]))
        placed = tuple(
            RecognizedCharacter(
                each.text, each.probability, min(1.0, each.middle / width), each.others, *shares
            )
            for each, *shares in zip(found, right.tolist(), missing.tolist(), strict=True)
        )
        text = "".join(character.text for character in placed)
        probability = sum(c.probability for c in placed) / len(placed) if placed else 0.0
        return RecognizedLine(text, probability, placed)

    def _other_than(self, sign: _Found, rows: FloatArray) -> list[_Found]:
        """Return what an undecided sign is if it is something else, by its columns."""
        others: Iterable[tuple[tuple[str, float], ...]] = chain((sign.others,), repeat(()))
        skipped = chain((sign.skipped,), repeat(0.0))
        return [
            _Found(
                text, probability, sign.middle + column, probability, before,
                tuple(other for other in around if other[0] != text),
            )
            for (column, text, probability), before, around in zip(
                read_without(rows, self._characters, sign.text), skipped, others, strict=False
            )
        ]  # fmt: skip

    def _decode(self, part: FloatArray, *, final: bool) -> FloatArray:
        """Decode columns, and return those that are not decoded: from the last character on.

        Args:
            part: shape (T, classes); they begin with the line, or with a character.
            final: whether nothing follows, so that all is decoded.
        """
        best = part.argmax(axis=1)
        previous = np.concatenate(([0], best[:-1]))
        columns = np.flatnonzero((best != 0) & (best != previous))
        if not len(columns):
            self._count += len(part) if final else 0
            return part
        chosen = np.minimum(part[np.arange(len(part)), best], 1)
        highest = np.maximum.reduceat(np.where(best == 0, 0, chosen), columns)
        skipped = _skipped(part, best, columns)
        if columns[0] == 0:
            skipped[0] = self._skipped
        taken = columns if final else columns[:-1]
        others: Iterable[tuple[tuple[str, float], ...]] = repeat((), len(taken))
        if self._alternatives:
            rows = part[taken]
            others = _alternatives(rows, best[taken], self._characters, self._alternatives)
        texts = [self._characters[index] for index in best[taken].tolist()]
        found = map(
            _Found,
            texts,
            chosen[taken].tolist(),
            (taken + (self._count + 0.5)).tolist(),
            highest.tolist(),
            skipped.tolist(),
            others,
        )
        for each, column in zip(found, taken.tolist(), strict=False):
            if each.text in self._undecided:
                same = best[column:] == best[column]
                rows = part[column:][: len(same) if same.all() else int(same.argmin())]
                self._instead[len(self._found)] = self._other_than(each, rows)
            self._found.append(each)
        begin = len(part) if final else int(columns[-1])
        self._count, self._skipped = self._count + begin, float(skipped[-1])
        return part[begin:]


def _skipped(
    part: FloatArray, best: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return how probably other characters stand in the blank columns before each character.

    Args:
        part: shape (T, classes).
        best: shape (T,), the most probable class of every column.
        columns: shape (N,), the first column of every character, N >= 1.

    Returns:
        Shape (N,): the highest probability in one column of all that is neither blank nor the
        character before or behind.
    """
    blank = np.flatnonzero(best[: columns[-1]] == 0)
    behind = np.searchsorted(columns, blank)
    classes = best[columns]
    following, preceding = classes[behind], np.where(behind > 0, classes[behind - 1], 0)
    other = 1.0 - part[blank, 0] - part[blank, following]
    apart = (preceding != 0) & (preceding != following)
    other -= np.where(apart, part[blank, preceding], 0)
    found = np.zeros(len(columns))
    np.maximum.at(found, behind, np.minimum(other, 1))
    return found


def _settled(found: Sequence[_Found], instead: Mapping[int, Sequence[_Found]]) -> list[_Found]:
    """Return the characters of a line after the undecided ones are settled.

    Args:
        found: the characters of the line.
        instead: for every undecided sign, by its index, what it is if it is something else.
    """
    settled = [[each] for each in found]
    for index in wrong_signs([each.text for each in found], list(instead)):
        settled[index] = list(instead[index]) or settled[index]
    return [each for characters in settled for each in characters]


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


def _trim(characters: Sequence[_Found]) -> Sequence[_Found]:
    """Remove white space from both ends: it is the margin of the crop, not text."""
    inked = [i for i, character in enumerate(characters) if character.text.strip()]
    return characters[inked[0] : inked[-1] + 1] if inked else ()

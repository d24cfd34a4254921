# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Greedy CTC decoding: from distributions over characters to the text of a line.

Algorithm: Graves et al., "Connectionist Temporal Classification", ICML 2006. Every column gives
its most probable class; repetitions are one character, and the blank, class 0, is not a character.

Signs that only their neighbours decide are settled at the end of a line; see `undecided_signs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from typing import NamedTuple, overload

import numpy as np

from ...inference.model import FloatArray
from .calibration import Calibration, share_right
from .column_figures import alternatives_of, skipped_characters
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
    characters: Sequence[RecognizedCharacter] = ()
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


class DecodedCharacters(Sequence[RecognizedCharacter]):
    """The characters of a line, made when one of them is asked for.

    Of the readings of most heads, nothing but their figures is asked for.

    Attributes:
        texts: their texts, see `RecognizedCharacter`.
        probabilities: their probabilities.
        positions: their positions.
    """

    def __init__(self, found: Sequence[_Found], width: float, calibration: Calibration) -> None:
        """Take what was found, the number of columns that are image, and the calibration."""
        self.texts = [each.text for each in found]
        self.probabilities = [each.probability for each in found]
        self.positions = [min(1.0, each.middle / width) for each in found]
        self._found, self._calibration = found, calibration

    @cached_property
    def _made(self) -> tuple[RecognizedCharacter, ...]:
        right = self._calibration.right(np.array([each.best for each in self._found]))
        missing = self._calibration.missing(np.array([each.skipped for each in self._found]))
        others = [each.others for each in self._found]
        figures = (self.texts, self.probabilities, self.positions, others)
        return tuple(map(RecognizedCharacter, *figures, right.tolist(), missing.tolist()))

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> RecognizedCharacter: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[RecognizedCharacter, ...]: ...

    def __getitem__(
        self, index: int | slice
    ) -> RecognizedCharacter | tuple[RecognizedCharacter, ...]:
        return self._made[index]

    def __iter__(self) -> Iterator[RecognizedCharacter]:
        return iter(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._made == tuple(other)

    def __hash__(self) -> int:
        return hash(self._made)


class CharacterFigures(NamedTuple):
    """What is compared of the characters of a reading, see `RecognizedCharacter`.

    Attributes:
        texts: their texts.
        probabilities: their probabilities.
        positions: their positions.
    """

    texts: Sequence[str]
    probabilities: Sequence[float]
    positions: Sequence[float]


def figures_of(characters: Sequence[RecognizedCharacter]) -> CharacterFigures:
    """Return what is compared of characters, without making those that are only decoded."""
    found = characters
    if isinstance(found, DecodedCharacters):
        return CharacterFigures(found.texts, found.probabilities, found.positions)
    return CharacterFigures(
        [c.text for c in found], [c.probability for c in found], [c.position for c in found]
    )


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
        placed = DecodedCharacters(found, width, self._calibration)
        probability = sum(placed.probabilities) / len(placed) if placed else 0.0
        return RecognizedLine("".join(placed.texts), probability, placed)

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
        skipped = skipped_characters(part, best, columns)
        if columns[0] == 0:
            skipped[0] = self._skipped
        taken = columns if final else columns[:-1]
        others: Iterable[tuple[tuple[str, float], ...]] = repeat((), len(taken))
        if self._alternatives:
            rows = part[taken]
            others = alternatives_of(rows, best[taken], self._characters, self._alternatives)
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
        count = len(self._found)
        self._found.extend(found)
        for place, text in enumerate(texts):
            if text in self._undecided:
                column = int(taken[place])
                same = best[column:] == best[column]
                rows = part[column:][: len(same) if same.all() else int(same.argmin())]
                self._instead[count + place] = self._other_than(self._found[count + place], rows)
        begin = len(part) if final else int(columns[-1])
        self._count, self._skipped = self._count + begin, float(skipped[-1])
        return part[begin:]


def _settled(found: Sequence[_Found], instead: Mapping[int, Sequence[_Found]]) -> list[_Found]:
    """Return the characters of a line after the undecided ones are settled.

    Args:
        found: the characters of the line.
        instead: for every undecided sign, by its index, what it is if it is something else.
    """
    if not instead:
        return list(found)
    settled = [[each] for each in found]
    for index in wrong_signs([each.text for each in found], list(instead)):
        settled[index] = list(instead[index]) or settled[index]
    return [each for characters in settled for each in characters]


def _trim(characters: Sequence[_Found]) -> Sequence[_Found]:
    """Remove white space from both ends: it is the margin of the crop, not text."""
    begin, end = 0, len(characters)
    while begin < end and not characters[begin].text.strip():
        begin += 1
    while begin < end and not characters[end - 1].text.strip():
        end -= 1
    return characters[begin:end]

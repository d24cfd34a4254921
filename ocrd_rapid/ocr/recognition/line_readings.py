# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""All readings of a line, what they are evidence of, and the one that is made of them."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from ...inference.model import FloatArray
from ...languages.scripts import LATIN
from .ctc_decoding import RecognizedLine, ScriptRun, figures_of
from .head_choice import Evidence, choose_heads, lacking_letters
from .head_files import OTHER
from .line_model import LineHead
from .script_choice import PieceScores
from .script_reading import ReadPart, fill_others, join_parts, with_doubt
from .unread_ink import ColumnFacts, unread_columns

#: What reads a part of a line: the heads that read every line, or the model's own output layer;
#: other readers are the codes of scripts.
EVERY_LINE, WHOLE_LAYER = "", "whole"

#: How well a head reads a letter of a typeface that it refuses, as a probability: much worse than
#: the wrong head reads a letter (0.97 of the right one), so that a line of them is not its own, but
#: not so badly that a word of them among its own letters decides.
REFUSED = 0.8


@dataclass(frozen=True)
class LineFeatures:
    """The features of a line at one stretch, see `LineModel.probabilities`.

    Attributes:
        parts: shape (T, features) each, from left to right.
        share: part of all columns that is image and not padding.
    """

    parts: tuple[FloatArray, ...]
    share: float


@dataclass(frozen=True)
class FirstReading:
    """What the heads that read every line say of one.

    Attributes:
        lines: their readings.
        facts: the columns of the line, for each of them; empty if there is only one.
        width: number of columns that are image and not padding.
        pieces: what is known of its scripts; ``None`` if nothing tells them.
        features: those of the line by stretch, as far as they are kept: the first ones if it is
            likely that they are read again, and those of layers that have read it since.
    """

    lines: tuple[RecognizedLine, ...]
    facts: tuple[ColumnFacts, ...]
    width: float
    pieces: PieceScores | None = None
    features: dict[float, LineFeatures] = field(default_factory=dict)


@dataclass(frozen=True)
class LinePart:
    """A part of a line that one reader reads.

    Attributes:
        reader: see `EVERY_LINE`.
        begin: where its first letter begins, as a share of the line's width.
        end: where its last letter ends.
    """

    reader: str
    begin: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class LineReadings:
    """All readings of a line.

    Attributes:
        every: those of the heads that read every line.
        facts: see `FirstReading.facts`.
        runs: its scripts.
        parts: what is read by whom, from left to right, at least one.
        later: the readings of other readers; several, if there are several heads for a script.
    """

    every: tuple[RecognizedLine, ...]
    facts: tuple[ColumnFacts, ...] = ()
    runs: tuple[ScriptRun, ...] = ()
    parts: tuple[LinePart, ...] = (LinePart(EVERY_LINE),)
    later: Mapping[str, tuple[RecognizedLine, ...]] = field(default_factory=dict)

    @property
    def foreign(self) -> list[tuple[float, float]]:
        """The places of other scripts than the Latin one."""
        return [(run.begin, run.end) for run in self.runs if run.script != LATIN]


def parts_of(runs: Sequence[ScriptRun], readers: Sequence[str]) -> tuple[LinePart, ...]:
    """Return the parts of a line: neighbouring runs with the same reader are one."""
    both = zip(runs, readers, strict=True)
    groups = [
        (reader, [run for run, _ in members])
        for reader, members in groupby(both, key=lambda pair: pair[1])
    ]
    parts = tuple(LinePart(reader, own[0].begin, own[-1].end) for reader, own in groups)
    return parts or (LinePart(EVERY_LINE),)


def has_others(line: RecognizedLine, parts: Sequence[LinePart]) -> bool:
    """Return whether a head that reads every line reads `OTHER` where nothing else reads."""
    if OTHER not in line.text:
        return False
    taken = [(part.begin, part.end) for part in parts if part.reader != EVERY_LINE]
    texts, _, positions = figures_of(line.characters)
    return any(
        text == OTHER and not _is_in(position, taken)
        for text, position in zip(texts, positions, strict=True)
    )


def _is_in(position: float, places: Iterable[tuple[float, float]]) -> bool:
    return any(begin <= position <= end for begin, end in places)


def chosen_readings(
    lines: Sequence[LineReadings], regions: Sequence[int] | None, heads: Sequence[LineHead] = ()
) -> list[LineReadings]:
    """Return lines with only the best reading of each reader, see `choose_heads`.

    Args:
        lines: the lines, in reading order.
        regions: see `choose_heads`.
        heads: those that read every line; by default, all typefaces are as frequent.
    """
    if not lines:
        return []
    if len(lines[0].every) > 1:
        refusing = {head.name for head in heads if head.refuses}
        typical = [head.typical_letters for head in heads] or [""] * len(lines[0].every)
        evidence = [_evidence_of_every(readings, refusing, typical) for readings in lines]
        frequencies = [head.frequency for head in heads]
        lines = [
            replace(
                readings,
                every=(
                    replace(
                        fill_others(readings.every[choice.head], readings.every[0]),
                        head_confidence=choice.probability,
                    ),
                ),
            )
            for readings, choice in zip(
                lines, choose_heads(evidence, regions, frequencies), strict=True
            )
        ]
    several = {
        reader for readings in lines for reader, found in readings.later.items() if len(found) > 1
    }
    for reader in sorted(several):
        lines = _best_of_reader(lines, regions, reader)
    return list(lines)


def _evidence_of_every(
    readings: LineReadings, refusing: Container[str], typical: Sequence[str]
) -> list[Evidence]:
    """Return the evidence of the heads that read every line.

    Args:
        readings: those of a line.
        refusing: names of the heads that refuse other typefaces.
        typical: see `lacking_letters`.
    """
    lacking = lacking_letters([line.text for line in readings.every], typical)
    return [
        replace(
            evidence_of(line, facts, readings.foreign, refuses=line.head in refusing),
            lacking=count,
        )
        for line, facts, count in zip(readings.every, readings.facts, lacking, strict=True)
    ]


def _best_of_reader(
    lines: Sequence[LineReadings], regions: Sequence[int] | None, reader: str
) -> list[LineReadings]:
    """Return lines with only the best reading of a reader with several heads."""
    places = [index for index, readings in enumerate(lines) if reader in readings.later]
    evidence = []
    for index in places:
        parts = lines[index].parts
        own = [(part.begin, part.end) for part in parts if part.reader == reader]
        evidence.append(
            [
                _surprise([c.probability for c in line.characters if _is_in(c.position, own)])
                for line in lines[index].later[reader]
            ]
        )
    known = None if regions is None else [regions[index] for index in places]
    found = list(lines)
    for index, choice in zip(places, choose_heads(evidence, known), strict=True):
        later = lines[index].later
        found[index] = replace(lines[index], later={**later, reader: (later[reader][choice.head],)})
    return found


def evidence_of(
    line: RecognizedLine,
    facts: ColumnFacts,
    left_out: Sequence[tuple[float, float]] = (),
    *,
    refuses: bool = False,
) -> Evidence:
    """Return the evidence of a reading for its head.

    Args:
        line: the reading.
        facts: the columns of the line, for this head.
        left_out: parts of the line that do not count, as shares of its width.
        refuses: whether `OTHER` says that the typeface is not that of the head; otherwise it says
            that another layer reads the sign, and does not count.
    """
    texts, probabilities, positions = figures_of(line.characters)
    if left_out or OTHER in line.text:
        probabilities = [
            REFUSED if text == OTHER else probability
            for text, probability, position in zip(texts, probabilities, positions, strict=True)
            if (refuses or text != OTHER) and not _is_in(position, left_out)
        ]
    unread = unread_columns(facts, line.characters, left_out)
    return replace(_surprise(probabilities), unread=unread)


def _surprise(probabilities: Sequence[float]) -> Evidence:
    logarithms = [math.log(max(probability, 1e-9)) for probability in probabilities]
    return Evidence(len(logarithms), sum(logarithms) / max(1, len(logarithms)))


def joined(readings: LineReadings) -> RecognizedLine:
    """Return the text of a line from the first reading of every reader."""
    # What nothing else reads is no text.
    every = fill_others(readings.every[0], RecognizedLine("", 0.0))
    parts = [
        ReadPart(
            every if part.reader == EVERY_LINE else _filled(readings, part.reader),
            part.begin,
            part.end,
        )
        for part in readings.parts
    ]
    line = parts[0].line if len(parts) == 1 else join_parts(parts)
    line = replace(line, characters=tuple(line.characters))
    return with_doubt(line, readings.runs) if readings.runs else line


def _filled(readings: LineReadings, reader: str) -> RecognizedLine:
    return fill_others(readings.later[reader][0], readings.every[0])

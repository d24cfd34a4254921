# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines in several scripts: the runs of a script, and one reading made of those of several heads.

All readings of a line are from left to right, as printed. Positions are shares of its width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from .head_files import OTHER
from .script_choice import Array, PieceScores

Characters = Sequence[RecognizedCharacter]

#: Least probability that a script is none of those that nothing reads: no classifier is surer.
_LEAST = 0.01


def runs_of(
    pieces: PieceScores, found: Array, scripts: Sequence[str], width: float
) -> tuple[ScriptRun, ...]:
    """Return the runs of a script in a line: neighbouring pieces that are most probably of it.

    Args:
        pieces: the pieces of the line.
        found: the probabilities of their scripts, shape (pieces, scripts), see `choose_scripts`.
        scripts: the codes of the scripts.
        width: number of columns that are image and not padding.
    """
    runs: list[ScriptRun] = []
    for piece, number in enumerate(found.argmax(axis=1).tolist()):
        begin, end = int(pieces.begins[piece]), int(pieces.ends[piece])
        run = ScriptRun(
            scripts[number],
            min(1.0, begin / width),
            min(1.0, end / width),
            end - begin,
            float(found[piece, number]),
        )
        runs.append(run)
    return runs_together(runs)


def runs_together(runs: Iterable[ScriptRun]) -> tuple[ScriptRun, ...]:
    """Return runs from left to right, neighbours of one script as one."""
    found: list[ScriptRun] = []
    for run in runs:
        if found and found[-1].script == run.script:
            left = found.pop()
            columns = left.columns + run.columns
            sure = left.probability * left.columns + run.probability * run.columns
            run = replace(left, end=run.end, columns=columns, probability=sure / columns)
        found.append(run)
    return tuple(found)


@dataclass(frozen=True)
class ReadPart:
    """The part of a line for which a reading counts.

    Attributes:
        line: the reading of the whole line.
        begin: where its first letter begins, as a share of the line's width.
        end: where its last letter ends.
    """

    line: RecognizedLine
    begin: float
    end: float


def join_parts(parts: Sequence[ReadPart]) -> RecognizedLine:
    """Return a line made of parts, each of its own reading; that of the widest describes it.

    Between two parts, the readings are joined at a space of either of them, or else in the middle.

    Args:
        parts: the parts from left to right, at least one; the first and the last one include the
            ends of the line.
    """
    cuts = [_cut(left, right) for left, right in pairwise(parts)]
    edges = [-1.0, *(place for place, _ in cuts), 2.0]
    spaces = [*(space for _, space in cuts), None]
    joined: list[RecognizedCharacter] = []
    for part, (begin, end), space in zip(parts, pairwise(edges), spaces, strict=True):
        own = [c for c in part.line.characters if begin <= c.position < end]
        while joined and own and not own[0].text.strip():
            own.pop(0)
        joined += own
        if space is not None:
            while joined and not joined[-1].text.strip():
                joined.pop()
            joined.append(space)
    while joined and not joined[-1].text.strip():
        joined.pop()
    widest = max(parts, key=lambda part: part.end - part.begin).line
    return with_characters(widest, joined)


def _cut(left: ReadPart, right: ReadPart) -> tuple[float, RecognizedCharacter | None]:
    """Return where a part ends and the next one begins, and the space there, if any.

    The space is the one nearest to the middle of what is between the letters, punctuation included.
    """
    middle = (left.end + right.begin) / 2
    reach = max(0.0, right.begin - left.end) / 2 + 1e-9
    spaces = [
        c
        for reading in (left.line, right.line)
        for c in reading.characters
        if not c.text.strip() and abs(c.position - middle) <= reach
    ]
    nearest = min(spaces, key=lambda c: abs(c.position - middle), default=None)
    return (middle if nearest is None else nearest.position), nearest


def fill_others(line: RecognizedLine, other: RecognizedLine) -> RecognizedLine:
    """Return a reading with the characters of another one where it has `OTHER`."""
    if OTHER not in line.text:
        return line
    found: list[RecognizedCharacter] = []
    waiting: list[RecognizedCharacter] = []
    after = 0.0
    for character in (*line.characters, None):
        if character is not None and (
            character.text == OTHER or (waiting and not character.text.strip())
        ):
            waiting.append(character)
            continue
        if waiting:
            # White space at the end is between these and what follows.
            behind: list[RecognizedCharacter] = []
            while not waiting[-1].text.strip():
                behind.insert(0, waiting.pop())
            begin = (after + waiting[0].position) / 2
            end = (waiting[-1].position + (1.0 if character is None else character.position)) / 2
            read = stripped(
                [c for c in other.characters if begin <= c.position < end and c.text != OTHER]
            )
            # Where the other one reads nothing either, white space before and behind is one.
            found += (*read, *behind) if read or _ends_inked(found) else ()
            waiting = []
        if character is not None:
            found.append(character)
            after = character.position
    return with_characters(line, stripped(found))


def _ends_inked(characters: Characters) -> bool:
    return bool(characters) and bool(characters[-1].text.strip())


def stripped(characters: Characters) -> Characters:
    """Return characters without the white space at both ends."""
    inked = [i for i, character in enumerate(characters) if character.text.strip()]
    return characters[inked[0] : inked[-1] + 1] if inked else ()


def with_characters(line: RecognizedLine, characters: Characters) -> RecognizedLine:
    """Return a line with other characters, its text and probability made of them."""
    mean = sum(c.probability for c in characters) / len(characters) if characters else 0.0
    text = "".join(character.text for character in characters)
    return replace(line, text=text, probability=mean, characters=tuple(characters))


def with_doubt(line: RecognizedLine, runs: Sequence[ScriptRun]) -> RecognizedLine:
    """Return a line with its runs; the confidence of what no head reads is that it is none."""
    doubtful = [run for run in runs if not run.is_read]
    if not doubtful:
        return replace(line, runs=tuple(runs))
    characters = []
    for character in line.characters:
        for run in doubtful:
            if run.begin <= character.position <= run.end:
                confidence = character.confidence * max(_LEAST, 1 - run.probability)
                character = replace(character, confidence=confidence)
        characters.append(character)
    return replace(line, characters=tuple(characters), runs=tuple(runs))

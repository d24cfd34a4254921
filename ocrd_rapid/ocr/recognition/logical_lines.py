# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that were read, from the order of the print to that of the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from math import prod

from ..text_direction import is_right_to_left
from .ctc_decoding import RecognizedCharacter, RecognizedLine
from .syllable_order import REPH, has_syllables, is_hangul
from .visual_order import mirrored, to_logical, turns


def lines_in_logical_order(
    lines: Sequence[RecognizedLine], regions: Sequence[int] | None = None
) -> list[RecognizedLine]:
    """Return lines in logical order; those with letters of both directions run as their regions.

    Args:
        lines: lines as decoded.
        regions: the index of the region of every line; ``None`` if unknown.
    """
    if not any(turns(line.text) for line in lines):
        return [in_logical_order(line) for line in lines]
    owners = range(len(lines)) if regions is None else regions
    texts: dict[int, list[str]] = {}
    for owner, line in zip(owners, lines, strict=True):
        texts.setdefault(owner, []).append(line.text)
    right = {owner: is_right_to_left(" ".join(found)) for owner, found in texts.items()}
    return [in_logical_order(line, right[owner]) for owner, line in zip(owners, lines, strict=True)]


def in_logical_order(line: RecognizedLine, around: bool | None = None) -> RecognizedLine:
    """Return a line in logical order.

    Args:
        line: as decoded: its characters are those from left to right as printed, see
            `visual_order`.
        around: whether the text around it runs from right to left, if known.

    Returns:
        The line with its text and characters in logical order; their positions are where they
        stand, and so no longer ascend. What is one character in one order and several in the other
        has the confidence that all are right, and the place of the first; syllables of Hangul have
        that of their middle.
    """
    if not turns(line.text) and not has_syllables(line.text):
        return line
    owners = [i for i, each in enumerate(line.characters) for _ in each.text]
    visual = "".join(each.text for each in line.characters)
    kinds = {unicodedata.bidirectional(character) for character in visual}
    # Letters of one direction tell that of the line.
    alone = ("L" in kinds) != (not kinds.isdisjoint(("R", "AL")))
    logical = to_logical(visual, None if alone else around)
    parts = [
        (tuple(dict.fromkeys(owners[i] for i in origins)), backwards, letter)
        for letter, origins, backwards in zip(
            logical.text, logical.origins, logical.backwards, strict=True
        )
    ]
    characters = []
    for (members, backwards), letters in groupby(parts, key=lambda part: part[:2]):
        text = "".join(letter for _, _, letter in letters)
        found = _whole([line.characters[i] for i in members], text, backwards)
        if is_hangul(text):
            ends = (line.characters[members[0]].position, line.characters[members[-1]].position)
            found = replace(found, position=sum(ends) / 2)
        # What is missing before it in the text stands behind it on the line.
        behind = line.characters[members[0] + 1 :][:1] if backwards else [found]
        missing = behind[0].missing if behind else 0.0
        characters.append(replace(found, missing=missing))
    return replace(line, text=logical.text, characters=tuple(characters))


def _whole(parts: Sequence[RecognizedCharacter], text: str, backwards: bool) -> RecognizedCharacter:
    """Return the character of a text in logical order.

    Args:
        parts: what it was read as.
        text: its text.
        backwards: whether it runs from right to left, see `LogicalText`.
    """
    first = parts[0]
    others = first.alternatives if len(parts) == 1 else ()
    return replace(
        first,
        text=text,
        probability=min(part.probability for part in parts),
        alternatives=tuple(
            (mirrored(other) if backwards else other, probability)
            for other, probability in others
            if REPH not in other
        ),
        confidence=prod(part.confidence for part in parts),
    )

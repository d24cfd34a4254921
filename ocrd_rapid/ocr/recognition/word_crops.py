# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words that are read alone, cut out of their line.

A network sees a word together with those around it: Latin words between Cyrillic ones have features
that are half Cyrillic, and every head reads them badly. So what may be of another script than most
of its line is cut out in the white beside it, and the network sees nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ...pixels import BgrImage
from .ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from .script_reading import runs_together, with_characters
from .words import ink_of_columns, widest_gap

#: Least width of white that is a space, as a share of the height of the line, 48 pixels: a column.
_SPACE = 8 / 48


@dataclass(frozen=True)
class WhiteGap:
    """The white between two words, or what parts them where there is none.

    Attributes:
        begin: where it begins, as a share of the line's width.
        end: where it ends.
        is_wide: whether it is as wide as a space.
    """

    begin: float
    end: float
    is_wide: bool = False

    @property
    def middle(self) -> float:
        """The place in its middle."""
        return (self.begin + self.end) / 2


@dataclass(frozen=True)
class Crop:
    """A part of a line that is read alone.

    Attributes:
        words: its words, neighbors of one script, with places on the line.
        rivals: other scripts that they may be of.
        before: what parts it from the word before; ``None`` at the beginning of the line.
        behind: what parts it from the next word; ``None`` at the end.
    """

    words: tuple[ScriptRun, ...]
    rivals: frozenset[str]
    before: WhiteGap | None
    behind: WhiteGap | None

    @property
    def begin(self) -> float:
        """Where it begins, as a share of the line's width."""
        return self.before.middle if self.before else 0.0

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.behind.middle if self.behind else 1.0

    @property
    def own_words(self) -> tuple[ScriptRun, ...]:
        """Its words with places as shares of its own width."""
        width = max(self.end - self.begin, 1e-9)
        return tuple(
            replace(
                word,
                begin=min(1.0, max(0.0, (word.begin - self.begin) / width)),
                end=min(1.0, max(0.0, (word.end - self.begin) / width)),
            )
            for word in self.words
        )

    def cut(self, image: BgrImage) -> BgrImage:
        """Return its part of the image of the line."""
        width = image.shape[1]
        begin = min(width - 1, round(self.begin * width))
        return image[:, begin : max(begin + 1, round(self.end * width))]

    def on_line(self, line: RecognizedLine) -> RecognizedLine:
        """Return its reading with places as shares of the width of the line."""
        width = self.end - self.begin

        def moved(place: float) -> float:
            return self.begin + place * width

        return replace(
            line,
            characters=tuple(replace(c, position=moved(c.position)) for c in line.characters),
            runs=tuple(
                replace(run, begin=moved(run.begin), end=moved(run.end)) for run in line.runs
            ),
        )


def crops_of(
    words: Sequence[ScriptRun], chosen: Mapping[int, frozenset[str]], image: BgrImage
) -> tuple[Crop, ...]:
    """Return the parts of a line with certain words: neighbors of one script are one part.

    Args:
        words: the words of the line, from left to right.
        chosen: for those to be read alone, by their indices, the other scripts that they may be of.
        image: the line.
    """
    if not chosen:
        return ()
    ink = ink_of_columns(image)
    height, width = image.shape[:2]
    step = height * _SPACE
    gaps: list[WhiteGap | None] = [None]
    for left, right in pairwise(words):
        # What tells scripts sees columns: letters may begin and end beside theirs.
        start, stop = left.end * width - step, right.begin * width + step
        begin, end = widest_gap(ink, max(0.0, start), min(width - 1.0, max(start + 1, stop)))
        gaps.append(WhiteGap(begin / width, end / width, end - begin >= step))
    gaps.append(None)
    groups = groupby(range(len(words)), key=lambda i: (i in chosen, words[i].script))
    return tuple(
        Crop(
            tuple(words[i] for i in own),
            frozenset[str]().union(*(chosen[i] for i in own)),
            gaps[own[0]],
            gaps[own[-1] + 1],
        )
        for (is_chosen, _), members in groups
        if is_chosen and (own := list(members))
    )


def with_crops(
    line: RecognizedLine, crops: Sequence[tuple[Crop, RecognizedLine]]
) -> RecognizedLine:
    """Return the reading of a line with parts of it read alone.

    Args:
        line: its reading, and the runs of what is not read alone.
        crops: the parts from left to right, with their readings, places being those on the line.
    """
    if not crops:
        return line
    pieces: list[Sequence[RecognizedCharacter]] = []
    gaps: list[WhiteGap | None] = []
    begin = -1.0
    for crop, read in crops:
        pieces += [_between(line, begin, crop.begin), read.characters]
        gaps += [crop.before, crop.behind]
        begin = crop.end
    if crops[-1][0].behind is not None:
        pieces.append(_between(line, begin, 2.0))
    joined: list[RecognizedCharacter] = []
    for piece, gap in zip(pieces, [None, *gaps], strict=False):
        own = _stripped(piece)
        if joined and own and gap is not None and (space := _space_in(line, gap)):
            joined.append(space)
        joined += own
    runs = sorted(
        [*line.runs, *(run for _, read in crops for run in read.runs)], key=lambda run: run.begin
    )
    return replace(with_characters(line, joined), runs=runs_together(runs))


def _between(line: RecognizedLine, begin: float, end: float) -> list[RecognizedCharacter]:
    return [c for c in line.characters if begin <= c.position < end]


def _stripped(characters: Sequence[RecognizedCharacter]) -> Sequence[RecognizedCharacter]:
    inked = [i for i, character in enumerate(characters) if character.text.strip()]
    return characters[inked[0] : inked[-1] + 1] if inked else ()


def _space_in(line: RecognizedLine, gap: WhiteGap) -> RecognizedCharacter | None:
    """Return the space in a gap: the one that the line has there, or a new one if it is wide."""
    reach = gap.end - gap.begin
    for character in line.characters:
        is_there = gap.begin - reach <= character.position <= gap.end + reach
        if is_there and not character.text.strip():
            return replace(character, position=gap.middle)
    return RecognizedCharacter(" ", 1.0, gap.middle) if gap.is_wide else None

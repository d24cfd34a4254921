# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words that are read alone, cut out of their line.

A network sees a word together with those around it: Latin words between Cyrillic ones have features
that are half Cyrillic, and every head reads them badly. So what may be of another script than most
of its line is cut out in the white beside it, and the network sees nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from ...pixels import BgrImage
from .ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from .script_reading import runs_together, stripped, with_characters
from .word_scripts import touches
from .words import Ink, ink_of_columns

White = NDArray[np.int64]

#: Least width of white that is a space, as a share of the height of the line: a space is a quarter
#: of the size of the type, and a line half as high again; in full lines it is narrower. It is also
#: so many times as wide as most white within words, which may be spaced out.
_SPACE = 1 / 8
_TIMES = 2
#: Half the width of the gap at a space in a reading, as a share of the line's width.
_CUT = 1e-6


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
        words: its words, with places on the line.
        rivals: other scripts that they may be of.
        before: what parts it from the word before; ``None`` at the beginning of the line.
        behind: what parts it from the next word; ``None`` at the end.
    """

    words: tuple[ScriptRun, ...]
    rivals: frozenset[str]
    before: WhiteGap | None
    behind: WhiteGap | None

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole line."""
        return self.before is None and self.behind is None

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


def closed_up(words: Sequence[ScriptRun], image: BgrImage) -> tuple[ScriptRun, ...]:
    """Return words with no gap between those that have no space between them: they are one.

    What tells scripts may see no letter in a column within a word.

    Args:
        words: the words of a line, from left to right.
        image: the line.
    """
    if len(words) < 2:
        return tuple(words)
    white = _white(ink_of_columns(image))
    space = _least_space(white, words, image)
    closed = []
    for word, behind in pairwise(words):
        if not _gap(white, space, image, behind.begin, word.end).is_wide:
            word = replace(word, end=max(word.end, behind.begin))
        closed.append(word)
    return (*closed, words[-1])


def cut_at_spaces(words: Sequence[ScriptRun], line: RecognizedLine) -> tuple[ScriptRun, ...]:
    """Return words with a gap wherever a reading has a space, cut in two where it is within one.

    Args:
        words: the words of a line, from left to right.
        line: the reading.
    """
    spaces = [c.position for c in line.characters if not c.text.strip()]
    cut: list[ScriptRun] = []
    for word in words:
        inner = [place for place in spaces if word.begin < place < word.end]
        for begin, end in pairwise([word.begin, *inner, word.end]):
            share = (end - begin) / max(word.end - word.begin, 1e-9)
            begin += _CUT * (begin > word.begin)
            end -= _CUT * (end < word.end)
            if end > begin and round(share * word.columns):
                part = replace(word, begin=begin, end=end, columns=round(share * word.columns))
                cut.append(part)
    return tuple(cut)


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
    white = _white(ink_of_columns(image))
    crops = []
    for is_chosen, own in _stretches(words, chosen):
        if not is_chosen:
            continue
        begin, end = own[0], own[-1] + 1
        space = _least_space(white, words[begin:end], image)
        before = behind = None
        if begin:
            before = _gap(white, space, image, words[begin].begin, words[begin - 1].end)
        if end < len(words):
            behind = _gap(white, space, image, words[end - 1].end, words[end].begin)
        rivals = {words[i].script for i in own}.union(*(chosen.get(i, ()) for i in own))
        crops.append(Crop(tuple(words[begin:end]), frozenset(rivals), before, behind))
    return tuple(crops)


def _stretches(words: Sequence[ScriptRun], chosen: Collection[int]) -> list[tuple[bool, list[int]]]:
    """Return the indices of words by stretches, and whether these are read alone.

    Words without a gap between them are always together; others, if they are of one script.
    """
    units: list[list[int]] = []
    for index, word in enumerate(words):
        if index and touches(words[index - 1], word):
            units[-1].append(index)
        else:
            units.append([index])

    def kind(unit: Sequence[int]) -> tuple[bool, str]:
        longest = max(unit, key=lambda i: words[i].columns)
        return any(i in chosen for i in unit), words[longest].script

    return [
        (is_chosen, [index for unit in members for index in unit])
        for (is_chosen, _), members in groupby(units, key=kind)
    ]


def _white(ink: Ink) -> White:
    """Return where the white in a line begins and ends, in pixels, shape (N, 2)."""
    edges = np.diff(np.concatenate(([1], ink > 0, [1])).astype(np.int8))
    return np.stack((np.flatnonzero(edges < 0), np.flatnonzero(edges > 0)), axis=1)


def _least_space(white: White, words: Sequence[ScriptRun], image: BgrImage) -> float:
    """Return the least width of a space beside words, in pixels."""
    height, width = image.shape[:2]
    inner: list[int] = [
        end - begin
        for begin, end in white.tolist()
        if any(word.begin * width < begin and end < word.end * width for word in words)
    ]
    usual = float(np.median(inner)) if inner else 0.0
    return float(max(_SPACE * height, _TIMES * usual))


def _gap(white: White, space: float, image: BgrImage, near: float, far: float) -> WhiteGap:
    """Return what parts a word from the next one: the nearest space, or else the widest white.

    Args:
        white: see `_white`.
        space: the least width of a space, in pixels.
        image: the line.
        near: where the letters of the word end, or begin, as a share of the line's width.
        far: where those of the next one begin, or end.
    """
    height, width = image.shape[:2]
    # What tells scripts sees columns of 8 pixels: letters begin and end beside theirs.
    start, stop = min(near, far) * width - height / 6, max(near, far) * width + height / 6
    there = white[(white[:, 0] < stop) & (white[:, 1] > start)]
    if not len(there):
        middle = (near + far) / 2
        return WhiteGap(middle, middle)
    widths = there[:, 1] - there[:, 0]
    wide = np.flatnonzero(widths >= space)
    at = widths.argmax() if not len(wide) else wide[0 if near < far else -1]
    begin, end = there[at].tolist()
    return WhiteGap(begin / width, end / width, bool(len(wide)))


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
        own = stripped(piece)
        if joined and own and gap is not None and (space := _space_in(line, gap)):
            joined.append(space)
        joined += own
    runs = sorted(
        [*line.runs, *(run for _, read in crops for run in read.runs)], key=lambda run: run.begin
    )
    return replace(with_characters(line, joined), runs=runs_together(runs))


def _between(line: RecognizedLine, begin: float, end: float) -> list[RecognizedCharacter]:
    return [c for c in line.characters if begin <= c.position < end]


def _space_in(line: RecognizedLine, gap: WhiteGap) -> RecognizedCharacter | None:
    """Return the space in a gap: the one that the line has there, or a new one if it is wide."""
    reach = gap.end - gap.begin
    for character in line.characters:
        is_there = gap.begin - reach <= character.position <= gap.end + reach
        if is_there and not character.text.strip():
            return replace(character, position=gap.middle)
    return RecognizedCharacter(" ", 1.0, gap.middle) if gap.is_wide else None

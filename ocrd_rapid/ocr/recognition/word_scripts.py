# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Settle the scripts of words by what the heads of the scripts of their region make of them.

What tells scripts sees columns: "плохо" may look Latin, and German words between Russian ones do
not. A head for a script sees letters, and says where there are none of its own. So where a region
has another script than the Latin one anyway, a word is of the script whose head reads it clearly
better than the one by which it would be read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ...languages.scripts import LATIN
from .ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from .head_choice import UNREAD_COLUMN
from .head_files import OTHER
from .script_choice import PieceScores
from .script_reading import runs_together
from .unread_ink import far_columns

#: By how much a word must be read better, in log-probability: twice as probably.
_CLEARLY = math.log(2)
#: What a column costs in a script that nothing reads: heads read such words worse.
_NOTHING_READS = 0.05
#: Least number of columns of a script, about a word, for a region to have it.
_SEEN = 8
_LEAST = 0.01


@dataclass(frozen=True)
class SeenScripts:
    """Scripts that something reads, in a region and on its page.

    Attributes:
        region: those of the region.
        page: those of the page, and the Latin one.
    """

    region: frozenset[str] = frozenset()
    page: frozenset[str] = frozenset()


def scripts_seen(
    lines: Sequence[Sequence[ScriptRun]],
    regions: Sequence[int] | None,
    readable: Collection[str],
) -> list[SeenScripts]:
    """Return for every line which scripts its region and its page have.

    Args:
        lines: the runs of every line.
        regions: the index of the region of every line; ``None`` if unknown.
        readable: the scripts that count: those that heads read.
    """
    owners = [0] * len(lines) if regions is None else regions
    page: Counter[str] = Counter()
    by_region: dict[int, Counter[str]] = {}
    for owner, runs in zip(owners, lines, strict=True):
        counted = by_region.setdefault(owner, Counter())
        for run in runs:
            if run.script in readable:
                counted[run.script] += run.columns
                page[run.script] += run.columns
    on_page = _enough(page) | {LATIN}.intersection(readable)
    seen = {owner: SeenScripts(_enough(counted), on_page) for owner, counted in by_region.items()}
    return [seen[owner] for owner in owners]


def _enough(counted: Mapping[str, int]) -> frozenset[str]:
    return frozenset(script for script, columns in counted.items() if columns >= _SEEN)


def words_of(runs: Sequence[ScriptRun], pieces: PieceScores, width: float) -> tuple[ScriptRun, ...]:
    """Return the words of a line: pieces of one run without a gap between them.

    Args:
        runs: its scripts, as far as columns tell them.
        pieces: its pieces, of which the runs are made.
        width: number of columns that are image and not padding.
    """
    return tuple(_words(runs, pieces, width))


def rivals(
    line: RecognizedLine, word: ScriptRun, width: float, seen: SeenScripts
) -> frozenset[str]:
    """Return the other scripts that a word may be of, by a reading for its own.

    They are those of its region if one of their heads might read it clearly better, and those of
    the page if the reading has signs of something else.

    Args:
        line: the reading of the line by a head for the script of the word.
        word: the word.
        width: number of columns that are image and not padding.
        seen: the scripts around it.
    """
    place = (word.begin, word.end)
    if any(c.text == OTHER for c in _within(line, place)):
        return seen.page - {word.script}
    if _score(line, word, place, width) < -_CLEARLY:
        return seen.region - {word.script}
    return frozenset()


def settle_words(
    words: Sequence[ScriptRun], width: float, readings: Mapping[str, Sequence[RecognizedLine]]
) -> tuple[ScriptRun, ...]:
    """Return the runs of a line after the readings of its words have been compared.

    Args:
        words: its words, from left to right.
        width: number of columns that are image and not padding.
        readings: by script, the readings of the line by its heads.
    """
    # Punctuation beside a word is read with it.
    middles = [(left.end + right.begin) / 2 for left, right in pairwise(words)]
    places = pairwise([0.0, *middles, 2.0])
    return runs_together(
        [_settled(word, place, width, readings) for word, place in zip(words, places, strict=True)]
    )


def _words(runs: Sequence[ScriptRun], pieces: PieceScores, width: float) -> Iterable[ScriptRun]:
    """Yield the words of a line: pieces of one run without a gap between them."""
    waiting = list(runs)
    begin = end = -1
    for first, behind in [*zip(pieces.begins.tolist(), pieces.ends.tolist(), strict=True), (-1, 0)]:
        of_next = len(waiting) > 1 and first / width >= waiting[1].begin
        if begin >= 0 and (first != end or of_next):
            place = (min(1.0, begin / width), min(1.0, end / width))
            yield replace(waiting[0], begin=place[0], end=place[1], columns=end - begin)
            begin = -1
        if of_next:
            waiting.pop(0)
        begin, end = first if begin < 0 else begin, behind


def _settled(
    word: ScriptRun,
    place: tuple[float, float],
    width: float,
    readings: Mapping[str, Sequence[RecognizedLine]],
) -> ScriptRun:
    """Return a word with the script whose heads read it best, if that is clear."""
    scores = {
        # Further heads, as that for black letter, count only where the word is of their script.
        script: max(
            _score(line, word, place, width)
            for line in (lines if script == word.script else lines[:1])
        )
        for script, lines in readings.items()
        # Latin heads are sure of letters of any script: where nothing reads one, they do not count.
        if word.is_read or script != LATIN
    }
    own = scores.get(word.script, -_NOTHING_READS * word.columns if not word.is_read else None)
    if own is None or not scores:
        return word
    best = max(scores, key=lambda script: scores[script])
    if best == word.script or scores[best] < own + (_CLEARLY if word.is_read else 0):
        return word
    sure = 1 / (1 + math.exp(own - scores[best]))
    return replace(word, script=best, probability=sure, is_read=True)


def _score(
    line: RecognizedLine, word: ScriptRun, place: tuple[float, float], width: float
) -> float:
    """Return the evidence of a reading for the script of its head, in a word.

    It is the log-probability that all its signs are right, where `OTHER` is not, less what ink
    costs that is left unread.
    """
    own = _within(line, place)
    right = (1 - c.probability if c.text == OTHER else c.probability for c in own)
    begin = round(word.begin * width)
    far = far_columns(own, math.ceil(width), width)[begin : begin + word.columns]
    return sum(math.log(max(p, _LEAST)) for p in right) - UNREAD_COLUMN * int(np.sum(far))


def _within(line: RecognizedLine, place: tuple[float, float]) -> list[RecognizedCharacter]:
    return [c for c in line.characters if place[0] <= c.position < place[1]]

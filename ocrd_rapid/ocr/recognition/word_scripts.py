# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Settle the scripts of words by what the heads of the scripts of their region make of them.

What tells scripts sees columns: "плохо" may look Latin, and German words between Russian ones do
not. A head for a script sees letters, and says where there are none of its own. So where a region
has another script than the Latin one anyway, a word is of the script whose head reads it clearly
better than the one by which it would be read; how much of its region has a script counts, too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from ...languages.scripts import LATIN
from .ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from .head_choice import UNREAD_COLUMN
from .head_files import OTHER
from .script_choice import NEW_PART, PieceScores
from .script_reading import runs_together
from .unread_ink import far_columns

#: By how much a word must be read better, in log-probability: twice as probably.
_CLEARLY = math.log(2)
#: What a column costs in a script that nothing reads: heads read such words worse.
_NOTHING_READS = 0.05
#: Least number of columns of a script, about a word, for a region to have it.
_SEEN = 8
#: Least share of a region that is mainly of one script.
_MAINLY = 0.8
#: Share of a page below which a script is rare, and how much more likely Latin is than that.
_RARE = 0.02
_RARELY = math.log(50)
_LEAST = 0.01
#: How much less likely a script is by a reading without a letter, on a page that is mainly of
#: another one than Latin: its head reads digits, too, and its letters may look like them to others.
_LETTERLESS = math.log(20)


@dataclass(frozen=True)
class SeenScripts:
    """Scripts that something reads, in a region and on its page.

    Attributes:
        region: those of the region.
        page: those of the page, and the Latin one.
        columns: how many columns of the region every script has.
        on_page: how many columns of the page, in scripts that nothing reads, too.
        rare: those that are rare on the page.
    """

    region: frozenset[str] = frozenset()
    page: frozenset[str] = frozenset()
    columns: Mapping[str, int] = field(default_factory=dict)
    on_page: Mapping[str, int] = field(default_factory=dict)
    rare: frozenset[str] = frozenset()

    @property
    def with_latin(self) -> frozenset[str]:
        """The scripts of the region, and the Latin one, if that is read."""
        return self.region | self.page & {LATIN}

    def likely(self, script: str, word: ScriptRun) -> float:
        """Return the logarithm of how frequent a script is around a word, up to a constant.

        Latin words are in texts of every script, and words of any in Latin ones. So in a region
        that is mainly of another script, further ones but Latin are less likely, and so they are
        elsewhere than the one that is usual on the page. What nothing reads is so everywhere: whole
        regions may look like such a script. Ornaments and dirt look like some script or other: what
        is rare on a page may be Latin or nothing.
        """
        if script == LATIN and word.script in self.rare:
            return _RARELY
        columns, main = self.columns, _most(self.columns)
        if not word.is_read or main == LATIN or columns[main] < _MAINLY * sum(columns.values()):
            columns, main = self.on_page, usual_script(self.on_page)
        return _known(columns, main if script == LATIN else script, word) - _known(
            columns, main, word
        )


def _known(columns: Mapping[str, int], script: str, word: ScriptRun) -> float:
    """Return the logarithm of how much of a script there is besides a word, and some more."""
    own = word.columns if script == word.script else 0
    return math.log(max(0, columns.get(script, 0) - own) + _SEEN)


def _most(columns: Mapping[str, int]) -> str:
    return max(columns, key=lambda script: columns[script], default=LATIN)


def usual_script(columns: Mapping[str, int]) -> str:
    """Return the script besides the Latin one of which a page has most columns; Latin if none."""
    return _most({script: count for script, count in columns.items() if script != LATIN})


def columns_of(lines: Iterable[Sequence[ScriptRun]]) -> Counter[str]:
    """Return how many columns of every script lines have, by their runs."""
    counted: Counter[str] = Counter()
    for runs in lines:
        for run in runs:
            counted[run.script] += run.columns
    return counted


def readable_of(columns: Mapping[str, int], readable: Collection[str]) -> dict[str, int]:
    """Return the numbers of columns of the scripts that heads read."""
    return {script: count for script, count in columns.items() if script in readable}


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
    of_region: dict[int, list[Sequence[ScriptRun]]] = {}
    for owner, runs in zip(owners, lines, strict=True):
        of_region.setdefault(owner, []).append(runs)
    every = columns_of(lines)
    page = readable_of(every, readable)
    few = _RARE * sum(page.values())
    rare = frozenset(s for s, columns in page.items() if s != LATIN and columns < few)
    on_page = _enough(page) - rare | {LATIN}.intersection(readable)
    seen = {}
    for owner, own in of_region.items():
        columns = readable_of(columns_of(own), readable)
        seen[owner] = SeenScripts(_enough(columns), on_page, columns, every, rare)
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
    the page if the reading has signs of something else, or leaves ink unread.

    Args:
        line: the reading of the line by a head for the script of the word.
        word: the word.
        width: number of columns that are image and not padding.
        seen: the scripts around it.
    """
    own = _within(line, (word.begin, word.end))
    has_others = any(c.text == OTHER for c in own)
    unread = _unread(own, word, width)
    if not has_others and _evidence(own, unread) >= -_CLEARLY:
        return frozenset()
    if has_others or unread:
        return seen.page - {word.script}
    return seen.region - {word.script}


def is_clearly_better(
    line: RecognizedLine, other: RecognizedLine, words: Sequence[ScriptRun], width: float
) -> bool:
    """Return whether a reading of words is clearly better than another one.

    Args:
        line: the reading.
        other: the other one, of the same line.
        words: the words.
        width: number of columns that are image and not padding.
    """
    scores = [
        sum(_score(read, word, (word.begin, word.end), width) for word in words)
        for read in (line, other)
    ]
    return scores[0] >= scores[1] + _CLEARLY


def settle_words(
    words: Sequence[ScriptRun],
    width: float,
    readings: Mapping[str, Sequence[RecognizedLine]],
    seen: SeenScripts,
) -> tuple[ScriptRun, ...]:
    """Return the runs of a line after the readings of its words have been compared.

    Args:
        words: its words, from left to right.
        width: number of columns that are image and not padding.
        readings: by script, the readings of the line by its heads.
        seen: the scripts around it.
    """
    # Punctuation beside a word is read with it.
    middles = [(left.end + right.begin) / 2 for left, right in pairwise(words)]
    places = [*pairwise([0.0, *middles, 2.0])]
    settled: list[ScriptRun] = []
    begin = 0
    for end in range(1, len(words) + 1):
        if end < len(words) and touches(words[end - 1], words[end]):
            continue
        own = range(begin, end)
        parts = [_settled(words[i], places[i], width, readings, seen) for i in own]
        settled += _one_word(
            [words[i] for i in own], parts, [places[i] for i in own], width, readings
        )
        begin = end
    return runs_together(settled)


def touches(left: ScriptRun, right: ScriptRun) -> bool:
    """Return whether there is no gap between two words: they are parts of one."""
    return right.begin <= left.end


def _one_word(
    words: Sequence[ScriptRun],
    parts: Sequence[ScriptRun],
    places: Sequence[tuple[float, float]],
    width: float,
    readings: Mapping[str, Sequence[RecognizedLine]],
) -> Sequence[ScriptRun]:
    """Return the parts of a word, or the word as a whole if one head reads it better.

    Args:
        words: its parts as columns tell them.
        parts: their scripts.
        places: their places in readings.
        width: number of columns that are image and not padding.
        readings: by script, the readings of the line by its heads.
    """
    scripts = {part.script for part in parts}
    if len(scripts) == 1 or not scripts.issubset(readings):
        return parts
    whole = runs_together(replace(word, script="") for word in words)[0]
    place = (places[0][0], places[-1][1])
    apart = math.log(NEW_PART) * (len(scripts) - 1) + sum(
        _score(readings[part.script][0], word, own, width)
        for part, word, own in zip(parts, words, places, strict=True)
    )
    scores = {s: _score(readings[s][0], whole, place, width) for s in sorted(scripts)}
    best = max(scores, key=lambda script: scores[script])
    if scores[best] < apart:
        return parts
    sure = 1 / (1 + math.exp(apart - scores[best]))
    return [replace(whole, script=best, probability=sure, is_read=True)]


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
    seen: SeenScripts,
) -> ScriptRun:
    """Return a word with the script whose heads read it best, if that is clear."""
    is_latin_page = _most(seen.on_page) == LATIN
    scores = {
        script: _score(lines[0], word, place, width)
        + seen.likely(script, word)
        - (0 if is_latin_page or _has_letters(lines[0], place) else _LETTERLESS)
        for script, lines in readings.items()
        # Latin heads are sure of letters of any script: where nothing reads one, they do not count.
        if word.is_read or script != LATIN
    }
    own = scores.get(word.script)
    if not word.is_read:
        own = seen.likely(word.script, word) - _NOTHING_READS * word.columns
    if own is None or not scores:
        return word
    best = max(scores, key=lambda script: scores[script])
    if best == word.script or scores[best] < own + (_CLEARLY if word.is_read else 0):
        return word
    sure = 1 / (1 + math.exp(own - scores[best]))
    return replace(word, script=best, probability=sure, is_read=True)


def _has_letters(line: RecognizedLine, place: tuple[float, float]) -> bool:
    return any(c.text != OTHER and c.text.isalpha() for c in _within(line, place))


def _score(
    line: RecognizedLine, word: ScriptRun, place: tuple[float, float], width: float
) -> float:
    """Return the evidence of a reading for the script of its head, in a word.

    It is the log-probability that all its signs are right, where `OTHER` is not, less what ink
    costs that is left unread.
    """
    own = _within(line, place)
    return _evidence(own, _unread(own, word, width))


def _evidence(own: Sequence[RecognizedCharacter], unread: int) -> float:
    """Return the evidence of the signs of a word, and of its columns that are left unread."""
    right = (1 - c.probability if c.text == OTHER else c.probability for c in own)
    return sum(math.log(max(p, _LEAST)) for p in right) - UNREAD_COLUMN * unread


def _unread(own: Sequence[RecognizedCharacter], word: ScriptRun, width: float) -> int:
    """Return the number of columns of a word that its signs leave unread."""
    begin = round(word.begin * width)
    far = far_columns(own, math.ceil(width), width)
    return int(np.sum(far[begin : begin + word.columns]))


def _within(line: RecognizedLine, place: tuple[float, float]) -> list[RecognizedCharacter]:
    return [c for c in line.characters if place[0] <= c.position < place[1]]

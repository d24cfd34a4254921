# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines matched by their text alone, for pages without outlines.

First, lines that are similar as a whole are matched, the most similar first. The remaining ones are
searched for within longer lines and paragraphs, the longest first; the rests of those can be
matched in turn. The second step follows the flexible character accuracy (Clausner, Pletschacher and
Antonacopoulos 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

#: Minimum share of equal characters in lines that are similar.
_SIMILAR = 0.6

#: Minimum length of a piece to search for within others: shorter ones would be found everywhere.
_SHORTEST = 5

#: Minimum similarity, in percent, of a piece and the place where it was found.
_FOUND = 70.0


@dataclass(frozen=True)
class _Part:
    """A part of a line: its text, the number of the line, and its position in the line."""

    text: str
    line: int
    start: int = 0

    def without(self, start: int, end: int) -> list[_Part]:
        """Return the parts before and after a stretch that is taken out."""
        before = _Part(self.text[:start], self.line, self.start)
        after = _Part(self.text[end:], self.line, self.start + end)
        return [part for part in (before, after) if part.text.strip()]


@dataclass(frozen=True)
class _Hit:
    """A place where a part of the reference and a part of the lines are similar."""

    score: float
    reference: _Part
    line: _Part
    reference_span: tuple[int, int]
    line_span: tuple[int, int]


def match_texts(reference: Sequence[str], lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Match texts with the lines of a reference.

    Returns:
        For each line of the reference the matching text, which may be empty; and the unmatched
        texts, in their order.
    """
    whole = _match_whole(reference, lines)
    given: list[list[tuple[int, str]]] = [[] for _ in reference]
    for index, number in whole.items():
        given[index].append((0, lines[number]))
    taken = set(whole.values())
    wanted = [_Part(text, i) for i, text in enumerate(reference) if i not in whole]
    pool = [_Part(text, i) for i, text in enumerate(lines) if i not in taken]
    while wanted and pool:
        wanted.sort(key=lambda part: -len(part.text))
        part = wanted.pop(0)
        hit = _search(part, pool)
        if hit is None:
            continue
        start, end = hit.line_span
        position = part.start + hit.reference_span[0]
        given[part.line].append((position, hit.line.text[start:end].strip()))
        pool.remove(hit.line)
        pool += hit.line.without(start, end)
        wanted += part.without(*hit.reference_span)
    pool.sort(key=lambda part: (part.line, part.start))
    found = [" ".join(text for _, text in sorted(pieces)) for pieces in given]
    return found, [part.text.strip() for part in pool]


def _match_whole(reference: Sequence[str], lines: Sequence[str]) -> dict[int, int]:
    """Return the indices of similar lines, by the index of the line of the reference.

    Of equally similar lines, those at the nearest places are matched.
    """
    if not reference or not lines:
        return {}
    similar = process.cdist(
        reference, lines, scorer=Levenshtein.normalized_similarity, score_cutoff=_SIMILAR
    )
    pairs = [(int(i), int(j)) for i, j in np.argwhere(similar > 0)]
    scale = len(lines) / len(reference)
    pairs.sort(key=lambda pair: (-similar[pair], abs(pair[0] * scale - pair[1])))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for index, number in pairs:
        if index not in found and number not in taken:
            found[index] = number
            taken.add(number)
    return found


def _search(part: _Part, pool: Sequence[_Part]) -> _Hit | None:
    """Return the best match of a part within others, or of others within it."""
    best: _Hit | None = None
    for other in pool:
        if min(len(part.text.strip()), len(other.text.strip())) < _SHORTEST:
            continue
        place = fuzz.partial_ratio_alignment(part.text, other.text, score_cutoff=_FOUND)
        if place is None:
            continue
        score = place.score * (place.src_end - place.src_start)
        if best is None or score > best.score:
            spans = (place.src_start, place.src_end), (place.dest_start, place.dest_end)
            best = _Hit(score, part, other, *spans)
    return best

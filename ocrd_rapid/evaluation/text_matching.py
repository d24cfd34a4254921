"""Lines matched by their text alone, for pages without outlines.

First, lines that resemble each other as a whole find each other, the most similar first. What is
left is searched for within longer lines and paragraphs, the longest first; what remains of those
may be found in turn. The idea of the second step is that of the flexible character accuracy
(Clausner, Pletschacher and Antonacopoulos 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

#: Lines resemble each other if this part of their characters is the same.
_SIMILAR = 0.6

#: Shorter pieces are not searched for within others: they would be found everywhere.
_SHORTEST = 5

#: Least similarity in per cent of a piece and the place where it was found.
_FOUND = 70.0


@dataclass(frozen=True)
class _Part:
    """A part of a line: its text, the line's number, and where it begins in it."""

    text: str
    line: int
    start: int = 0

    def without(self, start: int, end: int) -> list[_Part]:
        """Return what is left before and after a stretch that is taken out."""
        before = _Part(self.text[:start], self.line, self.start)
        after = _Part(self.text[end:], self.line, self.start + end)
        return [part for part in (before, after) if part.text.strip()]


@dataclass(frozen=True)
class _Hit:
    """Where parts of a reference and of the lines resemble each other."""

    score: float
    reference: _Part
    line: _Part
    reference_span: tuple[int, int]
    line_span: tuple[int, int]


def match_texts(reference: Sequence[str], lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Find the text for each line of a reference.

    Returns:
        For each line of the reference the text found for it, empty if none; and what was found
        for none, in its order.
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
    """Return the lines that resemble each other, by the number of the line of the reference.

    Of lines that are equally similar, those find each other that are at the same place.
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
    """Return where most of a part is found within others, or most of others within it."""
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

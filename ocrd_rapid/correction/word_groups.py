# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which words of a line stand in place of which words of another text of the line.

Algorithm: the cheapest sequence of groups (dynamic programming), each of a few old words and a few
new ones, at the cost of the edit distance of their texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

#: Numbers of old and new words of a group: as it was, divided, joined, left out.
_SHAPES = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 0))

#: Most pairs of words that are compared; beyond, words are not told apart.
_MOST = 40_000


@dataclass(frozen=True)
class WordGroup:
    """Old words, and the new ones in their place.

    Attributes:
        old: indices of old words; at least one.
        new: indices of new words; none if the old words are left out.
    """

    old: range
    new: range


def word_groups(old: Sequence[str], new: Sequence[str]) -> list[WordGroup]:
    """Return the groups of all words of a line, in order.

    Args:
        old: the words that have outlines; at least one.
        new: the words of another text.
    """
    head, tail = _common(old, new)
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    groups = [WordGroup(range(i, i + 1), range(i, i + 1)) for i in range(head)]
    groups += [
        WordGroup(_moved(group.old, head), _moved(group.new, head))
        for group in _aligned(middle_old, middle_new)
    ]
    begin_old, begin_new = len(old) - tail, len(new) - tail
    return groups + [
        WordGroup(range(begin_old + i, begin_old + i + 1), range(begin_new + i, begin_new + i + 1))
        for i in range(tail)
    ]


def _moved(indices: range, by: int) -> range:
    return range(indices.start + by, indices.stop + by)


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many words at the beginning and at the end are the same.

    New words alone would have no place; so the last of the same words before them is not counted.
    """
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    most -= head
    tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    if head + tail == len(old) < len(new):
        return (head - 1, tail) if head else (head, tail - 1)
    return head, tail


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[WordGroup]:
    if not old:
        return []
    whole = [WordGroup(range(len(old)), range(len(new)))]
    if len(old) * len(new) > _MOST:
        return whole
    costs = [[float("inf")] * (len(new) + 1) for _ in range(len(old) + 1)]
    shapes = [[(0, 0)] * (len(new) + 1) for _ in range(len(old) + 1)]
    costs[0][0] = 0
    for i in range(1, len(old) + 1):
        for j in range(len(new) + 1):
            for taken, given in _SHAPES:
                if taken > i or given > j or costs[i - taken][j - given] == float("inf"):
                    continue
                texts = " ".join(old[i - taken : i]), " ".join(new[j - given : j])
                cost = costs[i - taken][j - given] + Levenshtein.distance(*texts)
                if cost < costs[i][j]:
                    costs[i][j], shapes[i][j] = cost, (taken, given)
    if costs[-1][-1] == float("inf"):
        return whole
    groups = []
    i, j = len(old), len(new)
    while i:
        taken, given = shapes[i][j]
        groups.append(WordGroup(range(i - taken, i), range(j - given, j)))
        i, j = i - taken, j - given
    return groups[::-1]

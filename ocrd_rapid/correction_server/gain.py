# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Is a head better than another one, or was it luck? And which lines tell.

All corrected lines tell, and all are learnt (cross-validation): they are dealt into a few parts,
and for each part a head is trained on the others, so every line is read once by a head that has not
learnt it. The head that is used learns all of them; as it knows more lines, it is hardly worse.

If both heads were equally good, the difference of their errors in a line could as well
have the other sign. The share of all signs, or of many drawn at random, that give as large a sum is
the probability that the gain is chance (a permutation test for pairs, one-sided).
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Sequence

#: Probability of chance above which a gain does not count.
CHANCE = 0.05

#: Number of parts of the lines; fewest lines that are learnt, and fewest of the book that judge.
PARTS = 5
FEWEST_LEARNT = 20
FEWEST_JUDGED = 10

#: Most lines for which all signs are tried; beyond, so many are drawn.
_ALL_SIGNS = 14
_DRAWN = 20_000


def parts_of(names: Sequence[str]) -> list[list[int]]:
    """Deal lines into parts of the same size, by their names and not by their order.

    Args:
        names: the names of the lines, all different.

    Returns:
        The indices of the lines of each of the `PARTS`; none is empty if there are as many lines.
    """
    order = sorted(range(len(names)), key=lambda i: hashlib.sha256(names[i].encode()).digest())
    return [sorted(order[part::PARTS]) for part in range(PARTS)]


def lines_missing(judged: int, others: int) -> int:
    """Return how many lines more have to be corrected before a head can be taught.

    Args:
        judged: number of corrected lines of the book.
        others: number of lines of other books that are learnt as well.
    """
    return max(0, FEWEST_LEARNT - judged - others, FEWEST_JUDGED - judged)


def chance_of_gain(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the probability that fewer errors in lines are chance.

    Args:
        before: errors of each line.
        after: errors of the same lines with another head.
    """
    gains = [old - new for old, new in zip(before, after, strict=True) if old != new]
    total = sum(gains)
    if not gains or total <= 0:
        return 1.0
    if len(gains) <= _ALL_SIGNS:
        tried = itertools.product((1, -1), repeat=len(gains))
        sums = [sum(s * g for s, g in zip(signs, gains, strict=True)) for signs in tried]
        return sum(value >= total for value in sums) / len(sums)
    draw = random.Random("gain")
    as_large = 1  # the signs as they are
    for _ in range(_DRAWN):
        as_large += sum(gain if draw.random() < 0.5 else -gain for gain in gains) >= total
    return as_large / (_DRAWN + 1)

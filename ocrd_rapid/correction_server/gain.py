# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Is a head better than another one, or was it luck? And which lines are held out to tell.

Algorithm: if both heads were equally good, the difference of their errors in a line could as well
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

#: One of so many lines is held out; fewest of these that can show a gain.
SHARE = 5
FEWEST_HELD_OUT = 5

#: Fewest lines that are learnt.
FEWEST_LEARNT = 15

#: Most lines for which all signs are tried; beyond, so many are drawn.
_ALL_SIGNS = 14
_DRAWN = 20_000


def is_held_out(page: str, line: str) -> bool:
    """Return whether a line is never learnt, whenever it was corrected."""
    digest = hashlib.sha256(f"{page}\n{line}".encode()).digest()
    return digest[0] < 256 / SHARE


def lines_missing(learnt: int, held_out: int) -> int:
    """Return about how many lines more have to be corrected before a head can be taught."""
    more = max(0, FEWEST_HELD_OUT - held_out) * SHARE
    return max(more, (max(0, FEWEST_LEARNT - learnt) * SHARE + SHARE - 2) // (SHARE - 1))


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

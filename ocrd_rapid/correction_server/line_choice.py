# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""In which order lines are corrected: as they stand, the least sure first, or to teach most.

Algorithm of the sample that teaches most: one line after the other, each time the one that adds
most. A line adds its characters and pairs of characters, each the less the more often chosen lines
have it, and the less the more lines of its page are chosen; what the machine read badly counts
more. Long lines have more to teach than they cost, so the sum is divided by the root of the length.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

from .line_index import KnownLine

#: Number of corrected lines up to which lines are chosen for teaching, unless asked otherwise.
FIRST_LINES = 40

#: Most lines of a sample that teaches, most lines that it is chosen from, and characters of a line
#: from which on it is in it.
MOST_TAUGHT = 60
_CANDIDATES = 2000
_SHORTEST = 8

#: Lines that are asked at most for each that is chosen; the best of them is taken then.
_ASKED = 100

#: Confidence below which a line is likely no line of text.
_NO_TEXT = 0.3


class LineOrder(str, Enum):
    """The order of the lines to correct."""

    PAGE = "page"
    """As they stand in the book."""
    UNSURE = "unsure"
    """Those with the lowest confidence first."""
    TEACH = "teach"
    """Those from which a head learns most first."""


def default_order(corrected: int) -> LineOrder:
    """Return the order by the number of lines that are corrected."""
    return LineOrder.TEACH if corrected < FIRST_LINES else LineOrder.UNSURE


def lines_in_order(lines: Iterable[KnownLine], order: LineOrder, count: int) -> list[KnownLine]:
    """Return the next lines to correct.

    Args:
        lines: all lines of the book; those that a person has said something about only count for
            what they have taught already.
        order: the order.
        count: most lines to return.
    """
    every = list(lines)
    left = [line for line in every if not line.state]
    if order is LineOrder.UNSURE:
        left.sort(key=lambda line: 2.0 if line.confidence is None else line.confidence)
    elif order is LineOrder.TEACH:
        return teaching_sample(left, [line for line in every if line.state], count)
    return left[:count]


def teaching_sample(
    left: Sequence[KnownLine], known: Sequence[KnownLine], count: int
) -> list[KnownLine]:
    """Return the lines from which a head learns most, best first; see the module.

    Args:
        left: lines that nobody has corrected.
        known: lines that are corrected.
        count: most lines to return; never more than `MOST_TAUGHT`.
    """
    able = [line for line in left if _teaches(line)] or list(left)
    if len(able) > _CANDIDATES:
        able = random.Random("teaching sample").sample(able, _CANDIDATES)
    parts = [_parts(line.text) for line in able]
    taught: Counter[str] = Counter()
    of_page: Counter[str] = Counter()
    for line in known:
        taught.update(_parts(line.text))
        of_page[line.page] += 1
    chosen: list[KnownLine] = []
    waiting = [(-math.inf, place) for place in range(len(able))]  # a heap: the most first
    while waiting and len(chosen) < min(count, MOST_TAUGHT):
        # What a line adds only becomes less: if it is still the most, nobody else is asked.
        for _ in range(_ASKED):
            before, place = waiting[0]
            now = -_worth(able[place], parts[place], taught, of_page)
            if now == before:
                break
            heapq.heapreplace(waiting, (now, place))
        _, place = heapq.heappop(waiting)
        chosen.append(able[place])
        taught.update(parts[place])
        of_page[able[place].page] += 1
    return chosen


def _teaches(line: KnownLine) -> bool:
    sure = 1.0 if line.confidence is None else line.confidence
    return len(line.text) >= _SHORTEST and sure >= _NO_TEXT


def _parts(text: str) -> set[str]:
    """Return the characters and pairs of characters of a text."""
    return {*text, *(text[i : i + 2] for i in range(len(text) - 1))} - {" "}


def _worth(line: KnownLine, parts: set[str], taught: Counter[str], of_page: Counter[str]) -> float:
    gain = sum((2.0 if len(part) == 1 else 1.0) / (1 + taught[part]) for part in parts)
    doubt = 0.0 if line.confidence is None else 1 - line.confidence
    return gain * (1 + 2 * doubt) / math.sqrt(len(line.text) * (1 + of_page[line.page]))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How far the confidences of a reading can be believed, by lines of it that people corrected.

What people change is of two kinds:

* misreadings: confidences say where they are, but not always how many. Those that are expected are
  multiplied by those that were found, divided by those that were expected in the same lines;
* conventions: people write a sign that was read right in another way, such as ſ for s, or a
  dash. Confidences know nothing of them, so they are counted for each character that was read.

With few lines, the confidences are believed more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ..evaluation.comparison import compare_normalized
from ..evaluation.normalization import Normalization, characters
from .line_index import KnownLine

#: Misreadings that are as many as expected before anybody has looked, and bounds of the factor.
_BELIEF = 10.0
_BOUNDS = (0.2, 5.0)

#: Occurrences of each character that are written as they were read, before anybody has looked.
_AS_READ = 1

_RULES = Normalization(fold=True)


@dataclass(frozen=True)
class JudgedLine:
    """A line that a person corrected.

    Attributes:
        expected: the errors to be expected of what was read, by its confidence.
        read: what was read.
        text: what the person wrote.
    """

    expected: float
    read: str
    text: str


@dataclass(frozen=True)
class Belief:
    """What confidences of a reading are worth; by default they are believed.

    Attributes:
        factor: by what the errors are multiplied that confidences lead to expect.
        conventions: the share of the occurrences of a character that people write in another way.
    """

    factor: float = 1.0
    conventions: Mapping[str, float] = field(default_factory=dict)

    def errors(self, line: KnownLine) -> float:
        """Return the errors to be expected of what was read in a line; 0 if nothing is known."""
        if line.confidence is None:
            return 0.0
        other = sum(line.read.count(sign) * share for sign, share in self.conventions.items())
        return min(line.read_errors * self.factor + other, line.length)


def belief_in(lines: Iterable[JudgedLine]) -> Belief:
    """Return what the confidences of a reading are worth, by corrected lines of it."""
    expected = misread = 0.0
    other: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    for line in lines:
        edits, changed = _changes(line.read, line.text)
        expected += line.expected
        misread += edits - changed.total()
        other.update(changed)
        signs.update(characters(line.read))
    factor = (misread + _BELIEF) / (expected + _BELIEF)
    shares = {sign: count / (signs[sign] + _AS_READ) for sign, count in other.items()}
    return Belief(min(max(factor, _BOUNDS[0]), _BOUNDS[1]), shares)


@lru_cache(maxsize=4096)
def _changes(read: str, text: str) -> tuple[int, Counter[str]]:
    """Return the number of errors in a line, and the characters that only conventions changed."""
    found = compare_normalized(read, text)
    changed: Counter[str] = Counter()
    for (old, new), count in found.confusions.items():
        if old and new and _RULES.apply(old) == _RULES.apply(new):
            changed[old] += count
    return found.edits, changed

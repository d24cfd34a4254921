# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How far a book is: lines and minutes, the errors to be expected, and what is left to do.

The errors to be expected are those of the lines that nobody has corrected, by their confidences.
Corrected lines tell how far these confidences can be believed: their sum is multiplied by the
errors that people found in lines of the same reading, divided by those that were expected there.
A line that was changed and never confirmed is thought to have the errors that were expected, less
those that were changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .correction_journal import Journal
from .line_index import KnownLine

#: The error rate that a book shall have.
GOAL = 0.01

#: Errors that are as many as expected before anybody has looked, and bounds of the factor.
_BELIEF = 10.0
_BOUNDS = (0.2, 5.0)


@dataclass(frozen=True)
class BookProgress:
    """How far a book is.

    Attributes:
        lines: number of its lines.
        corrected: number of lines that a person has confirmed, or called illegible or no text.
        minutes: time that people have spent.
        error: expected character error rate of its text, 0 to 1; ``None`` if unknown.
        lines_to_goal: number of lines, the least sure first, that bring it below `GOAL`; ``None``
            if unknown.
        minutes_to_goal: the time that they take at the present pace; ``None`` if unknown.
    """

    lines: int
    corrected: int
    minutes: float
    error: float | None
    lines_to_goal: int | None
    minutes_to_goal: float | None


def progress_of(lines: Iterable[KnownLine], journal: Journal, reading: int) -> BookProgress:
    """Return how far a book is.

    Args:
        lines: its lines.
        journal: what was done.
        reading: the number of the newest reading.
    """
    every = list(lines)
    factor = belief(*journal.judged(reading))
    begun = journal.unconfirmed()
    length = sum(line.length for line in every if line.state or line.confidence is not None)
    errors = sorted((_errors_of(line, factor, begun) for line in every), reverse=True)
    total = sum(errors)
    known = length and any(line.confidence is not None for line in every)
    left = _lines_to(errors, total, GOAL * length) if known else None
    pace = journal.pace
    return BookProgress(
        len(every),
        sum(bool(line.state) and (line.page, line.id) not in begun for line in every),
        journal.seconds / 60,
        min(1.0, total / length) if known else None,
        left,
        None if left is None or pace is None else left * pace / 60,
    )


def _errors_of(line: KnownLine, factor: float, begun: Mapping[tuple[str, str], int]) -> float:
    """Return the errors to be expected of a line as it is now."""
    changes = begun.get((line.page, line.id)) if line.state else None
    if changes is not None:
        return max(0.0, min(line.read_errors * factor, line.length) - changes)
    return min(line.errors * factor, line.length)


def belief(expected: float, observed: float) -> float:
    """Return by what expected errors are multiplied, from those of lines that were corrected."""
    factor = (observed + _BELIEF) / (expected + _BELIEF)
    return min(max(factor, _BOUNDS[0]), _BOUNDS[1])


def _lines_to(errors: Iterable[float], total: float, allowed: float) -> int:
    count = 0
    for error in errors:
        if total <= allowed:
            break
        total -= error
        count += 1
    return count

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How far a book is: lines and minutes, the errors to be expected, and what is left to do.

The errors to be expected are those of the lines that nobody has corrected, by their confidences and
by what people found in corrected lines of the same reading, see `reading_belief`. A line that was
changed and never confirmed is thought to have the errors that were expected, less those that were
changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .correction_journal import Journal
from .line_choice import LineOrder, lines_in_order
from .line_index import KnownLine
from .reading_belief import Belief, JudgedLine, belief_in

#: The error rate that a book shall have.
GOAL = 0.01


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


def progress_of(
    lines: Iterable[KnownLine], journal: Journal, reading_of: Callable[[str], int]
) -> BookProgress:
    """Return how far a book is.

    Args:
        lines: its lines.
        journal: what was done.
        reading_of: the number of the newest reading of a page, by its ID.
    """
    every = list(lines)
    begun = journal.unconfirmed()
    beliefs = _beliefs(every, journal)
    numbers = {page: reading_of(page) for page in {line.page for line in every}}

    def errors_of(line: KnownLine) -> float:
        changes = begun.get((line.page, line.id))
        if line.state and changes is None:
            return 0.0
        errors = beliefs.get(numbers[line.page], Belief()).errors(line)
        return max(0.0, errors - (changes or 0)) if line.state else errors

    length = sum(line.length for line in every if line.state or line.confidence is not None)
    total = sum(map(errors_of, every))
    known = length and any(line.confidence is not None for line in every)
    left = _lines_to(map(errors_of, _next(every, begun)), total, GOAL * length) if known else None
    pace = journal.pace
    return BookProgress(
        len(every),
        sum(bool(line.state) and (line.page, line.id) not in begun for line in every),
        journal.seconds / 60,
        min(1.0, total / length) if known else None,
        left,
        None if left is None or pace is None else left * pace / 60,
    )


def _beliefs(lines: Iterable[KnownLine], journal: Journal) -> dict[int, Belief]:
    """Return what confidences are worth, by the number of the reading."""
    known = {(line.page, line.id): line for line in lines if line.state}
    judged: dict[int, list[JudgedLine]] = {}
    for entry in journal.judged():
        line = known.get((entry.page, entry.line))
        if line is not None and line.confidence is not None:
            found = JudgedLine(entry.expected, line.read, line.text)
            judged.setdefault(entry.reading, []).append(found)
    return {number: belief_in(found) for number, found in judged.items()}


def _next(lines: Sequence[KnownLine], begun: Mapping[tuple[str, str], int]) -> Sequence[KnownLine]:
    """Return the lines that are left, in the order in which they are shown by default."""
    half = [line for line in lines if line.state and (line.page, line.id) in begun]
    return [*half, *lines_in_order(lines, LineOrder.UNSURE, len(lines))]


def _lines_to(errors: Iterable[float], total: float, allowed: float) -> int:
    count = 0
    for error in errors:
        if total <= allowed:
            break
        total -= error
        count += 1
    return count

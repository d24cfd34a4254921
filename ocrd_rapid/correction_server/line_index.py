# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines of a whole book in memory: their texts, states and confidences, without outlines."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..correction.corrections import one_line
from ..correction.machine_lines import editable_lines
from ..evaluation.normalization import characters
from ..workspace.ground_truth import state_of
from ..workspace.page import PageDocument
from ..workspace.segments import TextLine


@dataclass(frozen=True)
class KnownLine:
    """A line of the book.

    Attributes:
        page: the ID of its page.
        id: its ID.
        text: its text now, with single spaces.
        state: what a person said about it, see `LineState`; empty if nobody has.
        read: what a machine read there last.
        confidence: expected share of its characters that the machine read right, 0 to 1; ``None``
            if unknown.
    """

    page: str
    id: str
    text: str
    state: str
    read: str
    confidence: float | None

    @property
    def read_errors(self) -> float:
        """The errors to be expected of what the machine read; 0 if unknown."""
        if self.confidence is None:
            return 0.0
        return (1 - min(max(self.confidence, 0.0), 1.0)) * self.length

    @cached_property
    def length(self) -> int:
        """The number of characters of its text."""
        return len(characters(self.text))


def known_line(page: str, line: TextLine) -> KnownLine:
    """Return what is to be remembered of a line."""
    state = state_of(line)
    text = one_line(line.transcript)
    read, confidence = text, line.confidence
    if state is not None:
        machine = line.readings[1:]
        read, confidence = machine[0] if machine else ("", None)
    return KnownLine(page, line.id, text, "" if state is None else state.value, read, confidence)


def known_lines(page: str, document: PageDocument) -> tuple[KnownLine, ...]:
    """Return the lines of a page that can be corrected, in reading order."""
    return tuple(known_line(page, line) for _, line in editable_lines(document).values())


class LineIndex:
    """The lines of all pages that have been looked at so far; threads may share it."""

    def __init__(self, pages: Sequence[str]) -> None:
        """Make an empty index of pages, which come in this order."""
        self._order = list(pages)
        self._lines: dict[str, tuple[KnownLine, ...]] = {}
        self._broken: dict[str, str] = {}
        self._lock = threading.Lock()

    def set(self, page: str, lines: Sequence[KnownLine]) -> None:
        """Note the lines of a page."""
        with self._lock:
            self._lines[page] = tuple(lines)
            self._broken.pop(page, None)

    def set_broken(self, page: str, reason: str) -> None:
        """Note that a page cannot be read."""
        with self._lock:
            self._lines[page] = ()
            self._broken[page] = reason

    def page(self, page: str) -> tuple[KnownLine, ...] | None:
        """Return the lines of a page; ``None`` if it has not been looked at."""
        return self._lines.get(page)

    @property
    def broken(self) -> Mapping[str, str]:
        """Why pages cannot be read, by page."""
        with self._lock:
            return dict(self._broken)

    @property
    def missing(self) -> list[str]:
        """The pages that have not been looked at."""
        with self._lock:
            return [page for page in self._order if page not in self._lines]

    @property
    def is_whole(self) -> bool:
        """Whether all pages have been looked at."""
        return len(self._lines) == len(self._order)

    def lines(self) -> Iterator[KnownLine]:
        """Yield the known lines of the book in their order."""
        with self._lock:
            found = [self._lines[page] for page in self._order if page in self._lines]
        for lines in found:
            yield from lines

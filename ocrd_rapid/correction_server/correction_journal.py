# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What was done when, as a file with a line for each saved line: the pace, and how sure was right.

It is only for figures: the pages have all that people wrote. So a broken line of it is left out,
and a disk that is full costs nothing but a figure.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..files import read_regular

LOG = logging.getLogger(__name__)

#: Longest time between two lines that counts as work [s]; what is longer is a break, and counts as
#: the last of these.
_LONGEST = 90.0
_AFTER_BREAK = 15.0


@dataclass(frozen=True)
class JournalEntry:
    """A line that was saved.

    Attributes:
        time: seconds since 1970.
        page: its page.
        line: its ID.
        state: what the person said; empty if that was withdrawn.
        reading: the number of the reading that was corrected.
        expected: the errors to be expected of the machine's text by its confidence.
        observed: the errors of the machine's text.
        confirmed: whether the person has said that the line is done; otherwise the field was left
            after a change, and what is wrong in the rest of the line is unknown.
    """

    time: float
    page: str
    line: str
    state: str
    reading: int
    expected: float
    observed: int
    confirmed: bool = True


class Journal:
    """The journal of a book."""

    def __init__(self, path: Path) -> None:
        """Read a journal; without a file it is empty."""
        self._path = path
        self._lock = threading.Lock()
        self._entries: list[JournalEntry] = []
        with contextlib.suppress(OSError):
            self._entries = list(_parsed(read_regular(path)))

    def append(self, entry: JournalEntry) -> None:
        """Add an entry."""
        data = json.dumps(asdict(entry), ensure_ascii=True, separators=(",", ":"))
        with self._lock:
            self._entries.append(entry)
            try:
                with self._path.open("a", encoding="ascii") as file:
                    file.write(f"{data}\n")
            except OSError as error:
                LOG.debug("%s is not written: %s", self._path, error)

    @property
    def seconds(self) -> float:
        """The time that people have spent."""
        with self._lock:
            return seconds_of(entry.time for entry in self._entries)

    @property
    def pace(self) -> float | None:
        """Seconds for a line, by the last hundred; ``None`` if nothing was done."""
        with self._lock:
            last = self._entries[-100:]
        lines = len({(entry.page, entry.line) for entry in last})
        return seconds_of(entry.time for entry in last) / lines if lines else None

    def judged(self) -> list[JournalEntry]:
        """Return the last entries of lines whose text a person has confirmed, of each reading."""
        with self._lock:
            last = {(e.page, e.line, e.reading): e for e in self._entries}
        return [
            entry
            for entry in last.values()
            if entry.state in ("corrected", "confirmed") and entry.confirmed
        ]

    def unconfirmed(self) -> dict[tuple[str, str], int]:
        """Return the lines whose text was changed, and never confirmed, with its changes."""
        with self._lock:
            last = {(e.page, e.line): e for e in self._entries}
        return {
            key: entry.observed
            for key, entry in last.items()
            if entry.state == "corrected" and not entry.confirmed
        }


def seconds_of(times: Iterable[float]) -> float:
    """Return the time that the work took, from the times of its ends in seconds."""
    total, before = 0.0, None
    for time in times:
        gap = _AFTER_BREAK if before is None else time - before
        total += gap if 0 <= gap <= _LONGEST else _AFTER_BREAK
        before = time
    return total


def _parsed(data: bytes) -> Iterator[JournalEntry]:
    names = {field.name for field in fields(JournalEntry)}
    for row in data.decode("ascii", "replace").splitlines():
        try:
            value: Any = json.loads(row)
            if isinstance(value, dict) and {*value, "confirmed"} == names:
                yield JournalEntry(
                    float(value["time"]), str(value["page"]), str(value["line"]),
                    str(value["state"]), int(value["reading"]), float(value["expected"]),
                    int(value["observed"]), value.get("confirmed", True) is not False,
                )  # fmt: skip
        except (ValueError, TypeError, RecursionError):
            continue

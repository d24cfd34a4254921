# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What was taught and read in a book, in a file: it is known when the book is opened again."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..files import read_regular, write_atomically
from ..plain_data import parse_json


@dataclass(frozen=True)
class ReadingRecord:
    """A reading of the book with a head.

    Attributes:
        number: its number, see `WorkingPages`.
        head: the name of the file of its head.
        pages: the pages that it was to read.
        finished: whether what it read is in all pages.
        changed: number of lines that have another text than before.
        failed: why pages could not be read.
        before: expected error rate of the book before; ``None`` if unknown.
        after: the same after it.
    """

    number: int
    head: str
    pages: list[str]
    finished: bool = False
    changed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class SessionState:
    """What was taught and read.

    Attributes:
        head: the name of the file of the head in use; empty for none.
        teachings: number of heads that were taught.
        taught: the result of the last teaching, see ``docs/correct-api.md``.
        readings: the readings, oldest first.
    """

    head: str = ""
    teachings: int = 0
    taught: dict[str, Any] | None = None
    readings: list[ReadingRecord] = field(default_factory=list)


def read_state(path: Path) -> SessionState:
    """Return the state in a file; a new one if there is none, or it is of no use."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        value = parse_json(read_regular(path).decode("utf-8"))
        if isinstance(value, dict) and value.keys() == {each.name for each in fields(SessionState)}:
            readings = [ReadingRecord(**each) for each in value.pop("readings")]
            return SessionState(**value, readings=readings)
    return SessionState()


def write_state(path: Path, state: SessionState) -> None:
    """Write the state.

    Raises:
        OSError: it cannot be written.
    """
    data = json.dumps(asdict(state), ensure_ascii=False, indent=1)
    write_atomically(path, data.encode("utf-8") + b"\n")

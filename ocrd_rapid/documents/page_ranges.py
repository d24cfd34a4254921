# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Selection of pages by their numbers, such as ``3-7,12,20-end``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UsageError

#: A number, or a range whose end may be missing.
_RANGE = re.compile(r"\s*(\d{1,9}|end)\s*(?:(-)\s*(\d{1,9}|end)?)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class PageRanges:
    """A selection of pages.

    Attributes:
        text: as the user wrote it.
        ranges: first and last number of each part; ``None`` is the last page.
    """

    text: str
    ranges: tuple[tuple[int | None, int | None], ...]

    @classmethod
    def parsed(cls, text: str) -> PageRanges:
        """Return the selection that a text describes; an empty one selects all pages.

        Raises:
            UsageError: it is no selection, contains page 0, or runs backwards.
        """
        if not text.strip():
            return cls(text, ((1, None),))
        return cls(text, tuple(_parsed(part, text) for part in text.split(",")))

    def of(self, count: int, name: str) -> list[int]:
        """Return the numbers of the selected pages, ascending, each once.

        Args:
            count: number of pages of the document.
            name: the document, for messages.

        Raises:
            UsageError: one of them is not in the document.
        """
        chosen: set[int] = set()
        for first, last in self.ranges:
            start, end = first or count, last or count
            if not start <= end <= count:
                pages = "1 page" if count == 1 else f"{count} pages"
                raise UsageError(f"--pages {self.text}: {name} has {pages}")
            chosen.update(range(start, end + 1))
        return sorted(chosen)


def _parsed(part: str, text: str) -> tuple[int | None, int | None]:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise UsageError(
            f"--pages {text}: '{part.strip()}' is not a page or a range of pages;"
            " an example is 3-7,12,20-end"
        )
    first = _number(found[1])
    last = _number(found[3] or "end") if found[2] else first
    if 0 in (first, last):
        raise UsageError(f"--pages {text}: pages are counted from 1")
    if last is not None and (first is None or first > last):
        raise UsageError(f"--pages {text}: {part.strip()} runs backwards")
    return first, last


def _number(text: str) -> int | None:
    return None if text.lower() == "end" else int(text)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Search and replace over a book: first what would change, then the lines that somebody chose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..correction.corrections import one_line
from ..errors import InputError
from ..workspace.xml import clean_text
from .line_index import KnownLine

#: Longest text that is searched or put in its place, in characters, and most lines of a preview.
_LONGEST = 200
MOST_LINES = 2000


@dataclass(frozen=True)
class Replacement:
    """A text and what is put in its place.

    Attributes:
        search: the text, as it stands in lines.
        replace: what is put in its place; empty to remove it.
        whole_words: whether letters or digits beside it mean that it is another word.
        same_case: whether capitals and small letters are told apart.
        corrected: whether only lines that people have corrected are changed.
    """

    search: str
    replace: str
    whole_words: bool = False
    same_case: bool = True
    corrected: bool = False

    def pattern(self) -> re.Pattern[str]:
        """Return what is looked for.

        Raises:
            InputError: there is nothing to look for, or a text is too long or has control
                characters.
        """
        for text in (self.search, self.replace):
            if len(text) > _LONGEST or clean_text(text) != text or "\n" in text:
                raise InputError(f"a text has at most {_LONGEST} characters, in one line")
        if not self.search.strip():
            raise InputError("there is nothing to look for")
        found = re.escape(self.search)
        if self.whole_words:
            found = rf"(?<!\w){found}(?!\w)"
        return re.compile(found, 0 if self.same_case else re.IGNORECASE)


@dataclass(frozen=True)
class ReplacedLine:
    """A line that would change.

    Attributes:
        line: the line as it is.
        after: its text with the replacement.
        count: the number of places.
    """

    line: KnownLine
    after: str
    count: int


def preview(lines: Iterable[KnownLine], wanted: Replacement) -> tuple[list[ReplacedLine], int]:
    """Return the lines that would change, at most `MOST_LINES`, and the number of all.

    Lines that say nothing afterwards are left out, and so are those without text.

    Raises:
        InputError: see `Replacement.pattern`.
    """
    pattern = wanted.pattern()
    found: list[ReplacedLine] = []
    total = 0
    for line in lines:
        if (wanted.corrected and not line.state) or line.state in ("illegible", "not-text"):
            continue
        after, count = pattern.subn(lambda _: wanted.replace, line.text)
        after = one_line(after)
        if count and after and after != line.text:
            total += 1
            if len(found) < MOST_LINES:
                found.append(ReplacedLine(line, after, count))
    return found, total

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Differences from a reference, as they are marked in the words of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .export_options import Stretch

#: Whether a run of characters is as in the reference, replaces others, is missing, or superfluous.
RunKind = Literal["same", "replaced", "missing", "added"]

#: Signs for a space that is missing or superfluous.
_SPACE, _NO_SPACE = "\u2423", "\u2040"


@dataclass(frozen=True)
class Run:
    """A part of a word.

    Attributes:
        kind: how it differs.
        text: its characters; may be empty.
        reference: what the reference has in its place, with a visible sign for a space.
    """

    kind: RunKind
    text: str
    reference: str = ""


def marked(words: Sequence[str], stretches: Sequence[Stretch]) -> list[list[Run]]:
    """Return the words of a page in runs.

    A difference that spans several words is divided; the first of them has what the reference
    says. What is missing between two words is at the end of the first.

    Args:
        words: the words in reading order, without white space.
        stretches: the text of the page in order, beside the reference: all characters of the
            words, with white space between.
    """
    found: list[list[Run]] = [[] for _ in words]
    if not words:
        return found
    place, room, spaced = 0, len(words[0]), True
    for stretch in stretches:
        kind, reference = _kind(stretch), stretch.reference.replace(" ", _SPACE)
        if not stretch.text.strip() and kind != "same":
            # Within a word, or at its beginning, or after its end.
            begun = room < len(words[place])
            at = place if begun or spaced else place - 1
            found[at].append(Run(kind, "", reference or _NO_SPACE))
        for part in stretch.text.split():
            rest = part
            while rest:
                # Should there be more text than words, the last word takes the rest.
                taken, rest = rest[: room or None], rest[room or len(rest) :]
                found[place].append(Run(kind, taken, "" if kind == "same" else reference))
                reference = ""
                room = max(0, room - len(taken))
                if not room and place + 1 < len(words):
                    place += 1
                    room = len(words[place])
        if stretch.text:
            spaced = stretch.text[-1].isspace()
    return found


def _kind(stretch: Stretch) -> RunKind:
    if stretch.text == stretch.reference:
        return "same"
    if not stretch.reference:
        return "added"
    return "replaced" if stretch.text.strip() else "missing"

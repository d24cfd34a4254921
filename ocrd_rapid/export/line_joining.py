# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines as printed, and paragraphs made of them."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from unicodedata import normalize

from ..ocr.page_model import ReadRegion
from .hyphens import HYPHENS, division
from .spelling import modern

#: What is neither text nor white space: control characters, half of pairs, and non-characters,
#: some of which XML does not allow.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

#: Width of Chinese and Japanese characters (UAX 11), which have no spaces between them.
_WIDE = frozenset({"W", "F"})
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7ff]")


def printed_lines(region: ReadRegion, *, modern_spelling: bool) -> tuple[str, ...]:
    """Return the lines of a region that have text, in NFC, their only white space single spaces."""
    lines = (clean(text) for text in region.text.splitlines())
    return tuple(modern(line) if modern_spelling else line for line in lines if line)


def clean(text: str) -> str:
    """Return a text in one line: in NFC, with single spaces, without control characters."""
    return normalize("NFC", " ".join(_NO_TEXT.sub("", text).split()))


def joined(lines: Sequence[str], *, join_hyphens: bool) -> str:
    """Return lines as one.

    There is a space where a line ended, except between Chinese or Japanese characters, and after
    a hyphen before a capital or digit, which is part of a word.

    Args:
        lines: lines with text.
        join_hyphens: whether divided words lose their hyphens.
    """
    pieces = [*lines[:1]]
    for line in lines[1:]:
        parts = division(pieces[-1], line)
        if parts is not None and join_hyphens:
            pieces[-1] = pieces[-1][: -len(parts[1])]
        elif parts is not None or not _adjoins(pieces[-1], line):
            pieces.append(" ")
        pieces.append(line)
    return normalize("NFC", "".join(pieces))


def with_whole_words(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines whose divided words are whole, in the line that they begin in."""
    rest = deque(lines)
    while rest:
        line = rest.popleft()
        while rest and (parts := division(line, rest[0])) is not None:
            beginning, hyphen, end = parts
            line = line[: -len(beginning + hyphen)] + beginning + end
            following = rest[0][len(end) :].lstrip()
            if following:
                rest[0] = following
                break
            rest.popleft()
        yield normalize("NFC", line)


def _adjoins(text: str, following: str) -> bool:
    """Return whether no space is between two lines."""
    last, first = text[-1], following[0]
    if last in HYPHENS:
        return len(text) > 1 and unicodedata.category(text[-2])[0] in "LMN" and first.isalnum()
    return _is_wide(last) and _is_wide(first)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in _WIDE and not _HANGUL.match(character)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The classes of a head for a script: what of a text as printed is read as one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from script_texts import script_of

from ocrd_rapid.evaluation.normalization import characters as graphemes
from ocrd_rapid.ocr.recognition.head_files import OTHER

#: Signs that a head has whether or not a line contains them.
_ALWAYS = "".join(map(chr, range(0x20, 0x41))) + "[]{}_§«»“”„‘’–—…" + OTHER
#: Unicode's combining classes of accents begin here; that of a virama.
_ACCENT, _VIRAMA = 200, 9
#: Consonants that stand below or beside the one before, with their virama: one class.
_SUBSCRIPTS = re.compile(
    "[\u094d\u0acd][\u0930\u0ab0]|\u09cd[\u09ac\u09af\u09b0]|\u0a4d[\u0a2f-\u0a39]"
    "|\u0b4d[\u0b15-\u0b39\u0b5f]|\u0c4d[\u0c15-\u0c39]|\u0ccd[\u0c95-\u0cb9]"
    "|\u0d4d[\u0d2f\u0d30\u0d32\u0d35]|\u0dca\u200d[\u0dba\u0dbb]|\u17d2[\u1780-\u17b3]|\u1039[\u1000-\u1021]"
)


def alphabet(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the characters of a head: what lines have as pieces or signs, and `_ALWAYS`."""
    counts = Counter(piece for text in texts for piece in _signs(text))
    found = {piece for piece, count in counts.items() if count > (1 if len(piece) == 1 else 4)}
    return ("", *sorted(found | set(_ALWAYS)))


def _signs(text: str) -> set[str]:
    """Return the pieces of a text and what they are made of."""
    found = set(pieces(text))
    return found | {sign for piece in found for sign in piece}


def pieces(text: str) -> Iterator[str]:
    """Yield what of a text as printed is one class.

    A letter and its accents are one, an Arabic letter and its vowels, a consonant without its vowel
    (with a virama), a consonant below another one (`_SUBSCRIPTS`), and so are all other marks of a
    letter together: they stand in the same columns. Syllables of Hangul are their letters.
    """
    begin = 0
    for subscript in _SUBSCRIPTS.finditer(text):
        yield from _pieces(text[begin : subscript.start()])
        yield subscript[0]
        begin = subscript.end()
    yield from _pieces(text[begin:])


def _pieces(text: str) -> Iterator[str]:
    for grapheme in graphemes(text):
        if script_of(grapheme[0]) == "Hang":
            yield from unicodedata.normalize("NFD", grapheme)
            continue
        marks = 1
        if (
            script_of(grapheme[0]) == "Arab"
            or unicodedata.category(grapheme[0])[0] == "M"  # Marks behind a subscript.
            or all(unicodedata.combining(mark) >= _ACCENT for mark in grapheme[1:])
        ):
            marks = len(grapheme)
        elif unicodedata.combining(grapheme[1]) == _VIRAMA:
            marks = 2
        yield grapheme[:marks]
        if marks < len(grapheme):
            yield grapheme[marks:]

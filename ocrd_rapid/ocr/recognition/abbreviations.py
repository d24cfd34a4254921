# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Abbreviations of early prints, resolved where a rule tells what they stand for.

Signs for syllables stand for the same letters everywhere. A stroke above a vowel stands for n, or
for m before b, m and p; at the end of a word and before a vowel the language would have to tell
which, so it stays. The rules are those of French and Latin prints; see
Cappelli, "Lexicon abbreviaturarum" (1899).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from .ctc_decoding import RecognizedCharacter, RecognizedLine

#: What signs stand for everywhere.
_SIGNS: Mapping[str, str] = {
    "⁊": "et", "ꝑ": "per", "ꝓ": "pro", "ꝰ": "us", "q\u0303": "que", "q\u0365": "qui",
    "p\u0303": "pre",
}  # fmt: skip
_STROKE = "\u0303"
_VOWELS, _LIPS = frozenset("aeiouyAEIOUY"), frozenset("bmpBMP")
#: The first letters of signs that have another form than a letter.
_FIRST: Mapping[str, str] = {"ꝑ": "p", "ꝓ": "p"}


def resolved_sign(sign: str, behind: str) -> str:
    """Return what a character stands for, or the character itself.

    Args:
        sign: a character, with its marks.
        behind: what is read behind it; empty at the end of a line.
    """
    composed = unicodedata.normalize("NFD", sign)
    if composed in _SIGNS:
        return _SIGNS[composed]
    letter, stroke = composed[:1], composed[1:]
    if stroke != _STROKE or letter not in _VOWELS:
        return sign
    following = unicodedata.normalize("NFD", _FIRST.get(behind, behind))[:1]
    if not following.isalpha() or following in _VOWELS:
        return sign
    return letter + ("m" if following in _LIPS else "n")


def with_resolved_abbreviations(line: RecognizedLine) -> RecognizedLine:
    """Return a line with its abbreviations resolved.

    A character that stands for several letters has all of them in its text; place and confidence
    are those of the sign.
    """
    behind = [*(character.text for character in line.characters[1:]), ""]
    found = tuple(map(_resolved, line.characters, behind))
    return replace(line, text="".join(each.text for each in found), characters=found)


def _resolved(character: RecognizedCharacter, behind: str) -> RecognizedCharacter:
    return replace(
        character,
        text=resolved_sign(character.text, behind),
        alternatives=tuple(
            (resolved_sign(text, behind), probability)
            for text, probability in character.alternatives
        ),
    )

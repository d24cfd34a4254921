# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The rules by which texts count as the same, and the unit of one character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..ocr.text_direction import without_directions

#: Unicode normalization forms to choose from; ``none`` leaves code points unchanged.
Form = Literal["none", "nfc", "nfkc"]

#: Zero width non-joiner and joiner belong to the character before them.
_JOINERS = "\u200c\u200d"

#: Characters that transcribers and engines write for the same printed sign, by their folded form.
FOLDED: Mapping[str, str] = {
    "s": "ſ",
    "r": "ꝛ",
    "ff": "ﬀ",
    "fi": "ﬁ",
    "fl": "ﬂ",
    # Private-use characters of transcriptions, and a, o, u with a small e above.
    "ä": "\ue42c",
    "ö": "\ue644",
    "ü": "\ue72b",
    '"': "„“”»«‟",
    "'": "‚‘’‛ʼ`´",
    "-": "—–‒―\u2011¬⸗=",
    "...": "…",
    " ": "\u00a0",
    # Editorial marks.
    "": "⟦⟧_^~",
}
#: Letters by another spelling of theirs that looks the same. Unicode had no code point for the
#: Bengali khanda ta and the Malayalam chillus before versions 4.1 and 5.1: virama and joiner stood
#: for them. The Thai and Lao sara am may be written in two parts, with a tone between them.
MODERN_LETTERS: Mapping[str, str] = {
    "\u09a4\u09cd\u200d": "\u09ce",
    "\u0d23\u0d4d\u200d": "\u0d7a",
    "\u0d28\u0d4d\u200d": "\u0d7b",
    "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d",
    "\u0d33\u0d4d\u200d": "\u0d7e",
    "\u0d15\u0d4d\u200d": "\u0d7f",
    **{f"\u0e4d{tone}\u0e32": f"{tone}\u0e33" for tone in ("", *"\u0e48\u0e49\u0e4a\u0e4b")},
    **{f"\u0ecd{tone}\u0eb2": f"{tone}\u0eb3" for tone in ("", *"\u0ec8\u0ec9\u0eca\u0ecb")},
}
_SMALL_E = "\u0364"
_UMLAUTS = {"a": "ä", "o": "ö", "u": "ü"}
_TABLE = str.maketrans({sign: same for same, signs in FOLDED.items() for sign in signs})


@dataclass(frozen=True)
class Normalization:
    """The changes to both texts before comparison. White space is always collapsed.

    Attributes:
        form: Unicode normalization form; but for ``none``, invisible characters that direct others
            are dropped, and letters of several spellings have one (`MODERN_LETTERS`).
        fold: also equate characters that differ only by convention in transcriptions of old print:
            long s, quotation marks, dashes and hyphens, forms of umlauts, ligatures (`FOLDED`);
            editorial marks are dropped.
    """

    form: Form = "nfc"
    fold: bool = False

    def apply(self, text: str) -> str:
        """Return the text for comparison: one line, with single spaces, and none at its ends."""
        if self.form != "none":
            text = modern_letters(without_directions(text))
        if self.form == "nfc":
            text = unicodedata.normalize("NFC", text)
        elif self.form == "nfkc":
            text = unicodedata.normalize("NFKC", text)
        if self.fold:
            text = text.translate(_TABLE)
            for letter, umlaut in _UMLAUTS.items():
                text = text.replace(letter + _SMALL_E, umlaut)
        return " ".join(text.split())


def modern_letters(text: str) -> str:
    """Return a text with `MODERN_LETTERS` instead of their former spelling."""
    for former, letter in MODERN_LETTERS.items():
        text = text.replace(former, letter)
    return text


def characters(text: str) -> list[str]:
    """Return the characters of a text as readers see them.

    A character is a code point with all marks that follow it. These are the extended grapheme
    clusters of Unicode (UAX #29), except that emoji sequences, flags and conjoining jamo that
    NFC does not compose are counted by their parts.
    """
    if text.isascii():
        return list(text)
    found: list[str] = []
    for sign in text:
        if found and (sign in _JOINERS or unicodedata.category(sign).startswith("M")):
            found[-1] += sign
        else:
            found.append(sign)
    return found

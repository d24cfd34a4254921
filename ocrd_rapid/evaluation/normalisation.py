"""What counts as the same text, and what one character is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: Unicode normalisation forms that may be chosen; ``none`` leaves code points as they are.
Form = Literal["none", "nfc", "nfkc"]

#: Zero width non-joiner and joiner belong to the character before them.
_JOINERS = "\u200c\u200d"

#: What transcribers and engines write for the same printed sign, by what it is compared as.
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
_SMALL_E = "\u0364"
_UMLAUTS = {"a": "ä", "o": "ö", "u": "ü"}
_TABLE = str.maketrans({sign: same for same, signs in FOLDED.items() for sign in signs})


@dataclass(frozen=True)
class Normalisation:
    """How both texts are changed before they are compared. White space is always collapsed.

    Attributes:
        form: Unicode normalisation form.
        fold: also take for the same what differs in transcriptions of old print only by
            convention: long s, quotation marks, dashes and hyphens, forms of umlauts, ligatures
            (`FOLDED`); editorial marks are dropped.
    """

    form: Form = "nfc"
    fold: bool = False

    def apply(self, text: str) -> str:
        """Return the text as it is compared: one line, with single spaces, none at its ends."""
        if self.form == "nfc":
            text = unicodedata.normalize("NFC", text)
        elif self.form == "nfkc":
            text = unicodedata.normalize("NFKC", text)
        if self.fold:
            text = text.translate(_TABLE)
            for letter, umlaut in _UMLAUTS.items():
                text = text.replace(letter + _SMALL_E, umlaut)
        return " ".join(text.split())


def characters(text: str) -> list[str]:
    """Split text into what readers take for characters.

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

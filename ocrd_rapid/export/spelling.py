# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Letters of early prints as they are written today.

Letters change, words do not: *vnd* stays *vnd*, and a stroke for omitted letters stays a stroke.
Whoever searches for *ist* finds *iſt* then.
"""

from __future__ import annotations

import re
import unicodedata

#: Decompositions (UnicodeData.txt) of letters whose shape depends on their neighbours.
_SHAPES = {"<initial>", "<medial>", "<final>", "<isolated>"}

#: Letters of early prints by the letters of today. The code points for private use are those of
#: the Medieval Unicode Font Initiative and of PRImA that ground truth of OCR-D has.
_LETTERS = {
    "ſ": "s", "ẛ": "ṡ", "ꝛ": "r", "Ꝛ": "R", "ʒ": "z", "Ʒ": "Z",
    "ĳ": "ij", "Ĳ": "IJ", "ꜩ": "tz", "Ꜩ": "TZ",
    "⸗": "-", "⹀": "-",
    "\ue42c": "ä", "\ue644": "ö", "\ue72b": "ü",
    "\ueada": "st", "\ueba2": "si", "\ueba3": "sl", "\ueba5": "sp", "\ueba6": "ss",
    "\ueba7": "ssi", "\ueec4": "ck", "\ueec5": "ct", "\ueecb": "ft", "\ueedc": "tz",
    "\uf4f9": "ll", "\uf4ff": "sst", "\uf502": "ch", "\uf52c": "sp",
}  # fmt: skip

#: A small e above a, o, u is an umlaut.
_UMLAUTS = {
    letter + "\u0364": unicodedata.normalize("NFC", letter + "\u0308") for letter in "aouAOU"
}
_UMLAUT = re.compile("|".join(_UMLAUTS))
#: A small o above u was spoken once, and is left out today.
_SMALL_O = re.compile("(?<=[uU])\u0366+")

#: The sign for *et cetera*, whose first letter is no r.
_ET_CETERA = re.compile(r"(?<!\w)[ꝛ⁊]c(?!\w)")
#: The hyphen of some transcriptions, and the one that shows only at the end of a line.
_NOT_SIGN = re.compile(r"(?<=[\w\u0300-\u036f])¬")
_SOFT_HYPHEN = re.compile(r"\u00ad(?=\s*(?:\n|$))")


def modern(text: str) -> str:
    """Return a text in the letters of today, in NFC.

    ſ becomes s, ⸗ a hyphen, ꝛ an r, aͤ an ä, and ligatures their letters.

    Args:
        text: any text. Hyphens at the ends of its lines stay; soft ones become visible there, and
            vanish elsewhere.
    """
    if text.isascii():
        return text
    text = _SOFT_HYPHEN.sub("-", unicodedata.normalize("NFC", text)).replace("\u00ad", "")
    text = "".join(map(_today, _ET_CETERA.sub("etc", text)))
    text = _UMLAUT.sub(lambda found: _UMLAUTS[found[0]], _SMALL_O.sub("", text))
    return _NOT_SIGN.sub("-", unicodedata.normalize("NFC", text))


def _today(character: str) -> str:
    """Return the letters of today for a character."""
    if character in _LETTERS:
        return _LETTERS[character]
    shape, _, _ = unicodedata.decomposition(character).partition(" ")
    if shape in _SHAPES or "\ufb00" <= character <= "\ufb17":
        letters = unicodedata.normalize("NFKC", character)
        # A shape of a vowel sign without a letter would become one on a space.
        return character if " " in letters else _plain(letters)
    return character


def _plain(letters: str) -> str:
    """Return the letters of a ligature, which may be old ones themselves."""
    return "".join(_LETTERS.get(letter, letter) for letter in letters)

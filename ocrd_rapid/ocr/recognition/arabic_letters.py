# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Arabic letters as they look, and as languages spell them.

Several letters look alike, always or unless they end a word: the yeh of Arabic (ي), that of
Persian (ی) and the dotless one (ى), both kafs (ك ک), the forms of heh (ه ە ہ). As printed, all that
look alike are one of them, and joiners are nothing. Which letter is meant, the language of the line
says, as far as its letters tell it. The end of a word inside a word is where Persian has a
non-joiner: نمی‌خواهم, خانه‌ها; after other letters it is lost.

Source: the Unicode Standard, 15.1, chapter 9.2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .syllable_order import Sign

_NON_JOINER = "\u200c"
_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
_LETTERS = "\u0620\u0622-\u063f\u0640-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06fa-\u06ff"
#: A letter follows that is joined with the one before.
_JOINED = f"(?=[{_MARKS}]*[{_LETTERS}])"
_ALONE = f"(?![{_MARKS}]*[{_LETTERS}])"
_PRINTED = (
    (re.compile(f"[يی]{_JOINED}"), "ي"),
    (re.compile("ی"), "ى"),
    (re.compile(f"ک{_JOINED}"), "ك"),
    (re.compile(f"[هہ]{_JOINED}"), "ه"),
    (re.compile(f"[هہ]{_ALONE}"), "ە"),
    (re.compile("[\u200c\u200d]"), ""),
)
_CONCERNED = re.compile(f"[{_LETTERS}]")
#: Presentation forms of letters and ligatures, without those of whole words.
_PRESENTED = re.compile("[\ufb50-\ufd3d\ufe80-\ufefc]")
_AMBIGUOUS = re.compile("[يىكە]")
_INSIDE = re.compile(f"[ىە]{_JOINED}")

_UYGHUR = re.compile("[ۇۋۈڭ]")
_KURDISH = re.compile("[ێڕڵ]")
_PASHTO = re.compile("[ټځڅډړږښڼۍ]")
_URDU = re.compile("[ٹڈڑںے]")
#: What Arabic does not have, and what Persian does not.
_PERSIAN = re.compile("[پچژگک۰-۹]")
_ARABIC = re.compile(f"[ةأإ]|(?<![{_LETTERS}])ال|ي{_ALONE}")
#: These are usual in Persian, but not unknown in Arabic.
_RATHER_PERSIAN = re.compile(f"ى|ە{_JOINED}")
#: A letter that only Persian has counts as so many signs of Arabic.
_WEIGHT = 3

#: What the letters as they look stand for.
_FOR_ARABIC = {"ە": "ه"}
_FOR_UYGHUR: dict[str, str] = {}
_FOR_KURDISH = {"ي": "ی", "ى": "ی", "ك": "ک"}
_FOR_PASHTO = {"ى": "ی", "ك": "ک", "ە": "ه"}
_FOR_PERSIAN = {"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه"}
_FOR_URDU = {**_FOR_PERSIAN, "ە": "ہ", "ه": "ہ"}


def printed_letters(text: str) -> str:
    """Return a text with Arabic letters as they look."""
    if not _CONCERNED.search(text):
        return text
    for pattern, letter in _PRINTED:
        text = pattern.sub(letter, text)
    return text


def spelled_letters(signs: Sequence[Sign]) -> list[Sign]:
    """Return the characters of a line with Arabic letters as its language spells them.

    Args:
        signs: the line in logical order, with letters as `printed_letters` returns them.

    Returns:
        The characters, with the same indices; a non-joiner has those of the letter before. The
        presentation forms of some models, such as ﻷ, are the letters that they present.
    """
    signs = [
        (letter, indices)
        for sign, indices in signs
        for letter in (unicodedata.normalize("NFKC", sign) if _PRESENTED.match(sign) else (sign,))
    ]
    text = "".join(sign for sign, _ in signs)
    if not _AMBIGUOUS.search(text):
        return list(signs)
    letters = _letters_of(text)
    inside = {found.start() for found in _INSIDE.finditer(text)} if letters is _FOR_PERSIAN else ()
    spelled: list[Sign] = []
    for at, (sign, indices) in enumerate(signs):
        spelled.append((letters.get(sign, sign), indices))
        if at in inside:
            spelled.append((_NON_JOINER, indices))
    return spelled


def _letters_of(text: str) -> dict[str, str]:
    """Return what the language of a line has for letters as they look."""
    if _UYGHUR.search(text):
        return _FOR_UYGHUR
    if _KURDISH.search(text):
        return _FOR_KURDISH
    if _PASHTO.search(text):
        return _FOR_PASHTO
    if _URDU.search(text):
        return _FOR_URDU
    persian = _WEIGHT * len(_PERSIAN.findall(text)) + len(_RATHER_PERSIAN.findall(text))
    return _FOR_PERSIAN if persian > len(_ARABIC.findall(text)) else _FOR_ARABIC

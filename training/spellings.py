# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Old and learned spellings of words, which translations of programs do not have.

They show what print looks like: letters and marks in all combinations, as often as in such texts,
but not always where a grammar wants them.
"""

from __future__ import annotations

import random
import re
import unicodedata

_CYRILLIC_VOWELS = "аеёиоуыэюяі"


def russian_before_1918(word: str, chance: random.Random) -> str:
    """Return a Russian word in letters of before 1918, not always where they stood."""
    word = re.sub(r"и(?=[аеёийоуыэюя])", "і", word)
    word = re.sub(r"И(?=[аеёийоуыэюяАЕЁИЙОУЫЭЮЯ])", "І", word)
    word = re.sub(r"(?<=[бвгджзклмнпрстфхцчшщ])(?=\W*$)", "ъ", word)
    word = re.sub(r"(?<=[БВГДЖЗКЛМНПРСТФХЦЧШЩ]{2})(?=\W*$)", "Ъ", word)
    table = {"е": ("ѣ", 0.35), "Е": ("Ѣ", 0.35), "ф": ("ѳ", 0.5), "Ф": ("Ѳ", 0.5),
             "и": ("ѵ", 0.03), "И": ("Ѵ", 0.03)}  # fmt: skip
    return "".join(
        table[sign][0] if sign in table and chance.random() < table[sign][1] else sign
        for sign in word
    )


def stressed(word: str, chance: random.Random) -> str:
    """Return a Cyrillic word with an accent on one of its vowels."""
    places = [i for i, sign in enumerate(word) if sign.lower() in _CYRILLIC_VOWELS]
    if not places:
        return word
    place = chance.choice(places) + 1
    return word[:place] + "\u0301" + word[place:]


def polytonic(word: str, chance: random.Random) -> str:
    """Return a Greek word with breathings and three accents, not always the right ones."""
    if not any("GREEK" in unicodedata.name(sign, "") for sign in word):
        return word
    plain = unicodedata.normalize("NFD", word)
    out = []
    first = True
    accented = chance.random() < 0.08
    for i, sign in enumerate(plain):
        if sign == "\u0301":
            accented = True
            last = unicodedata.normalize("NFD", out[-1])[0].lower() if out else ""
            marks = "\u0301\u0301\u0300\u0342" if last in "αηιυω" else "\u0301\u0300"
            out.append(chance.choice(marks))
            continue
        out.append(sign)
        if not sign.isalpha():
            continue
        low = sign.lower()
        nxt = plain[i + 1 : i + 2].lower()
        diphthong = low in "αεουη" and nxt in ("ι", "υ")
        if first and not diphthong:
            if low in "αεηιουωρ" and (sign.islower() or chance.random() < 0.8):
                rough = low in "υρ" or chance.random() < 0.35
                out.append("\u0314" if rough else "\u0313")
            first = False
        elif first:
            first = low in "αεουη" and diphthong
            if not first:
                continue
        if sign.islower() and low in "αηω" and chance.random() < 0.12:
            out.append("\u0345")
        if low in "ιυ" and sign.islower() and chance.random() < 0.02:
            out.append("\u0308")
    text = "".join(out)
    if not accented:
        places = [i for i, sign in enumerate(text) if sign in "αηιυωεο"]
        if places:
            place = chance.choice(places) + 1
            text = text[:place] + chance.choice("\u0301\u0300") + text[place:]
    return _ordered(text)


def _ordered(text: str) -> str:
    """Return text whose letters have each mark once, one accent, one breathing, in NFC."""
    out: list[str] = []
    groups = {
        **dict.fromkeys("\u0301\u0300\u0342", "accent"),
        **dict.fromkeys("\u0313\u0314\u0308", "breathing"),
        "\u0345": "iota",
    }
    order = ["breathing", "accent", "iota"]
    i = 0
    while i < len(text):
        out.append(text[i])
        marks: dict[str, str] = {}
        i += 1
        while i < len(text) and text[i] in groups:
            marks.setdefault(groups[text[i]], text[i])
            i += 1
        out += [marks[kind] for kind in order if kind in marks]
    found = unicodedata.normalize("NFC", "".join(out))
    # What Unicode has no single sign for does not occur.
    return "".join(sign for sign in found if unicodedata.category(sign) != "Mn")


_POINTS = "\u05b0\u05b1\u05b2\u05b3\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9\u05bb"
_DAGESH, _SHIN, _SIN = "\u05bc", "\u05c1", "\u05c2"


def pointed(word: str, chance: random.Random) -> str:
    """Return a Hebrew word with vowel points, drawn by lot."""
    out = []
    letters = [i for i, sign in enumerate(word) if "א" <= sign <= "ת"]
    for i, sign in enumerate(word):
        out.append(sign)
        if i not in letters or unicodedata.combining(word[i + 1 : i + 2] or "a"):
            continue
        if sign == "ש":
            out.append(_SHIN if chance.random() < 0.75 else _SIN)
        if sign == "ו" and chance.random() < 0.5:
            out.append(chance.choice((_DAGESH, "\u05b9")))
            continue
        if sign in "בגדכפתמנלקסשיצטז" and chance.random() < 0.25:
            out.append(_DAGESH)
        if i != letters[-1] and chance.random() < 0.8:
            vowels = "\u05b0\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9\u05bb" + (
                "\u05b1\u05b2\u05b3" if sign in "אהחע" else ""
            )
            out.append(chance.choice(vowels))
    return unicodedata.normalize("NFC", "".join(out))


def vowelled(word: str, chance: random.Random) -> str:
    """Return an Arabic word with short vowels and doublings, drawn by lot."""
    out = []
    for i, sign in enumerate(word):
        out.append(sign)
        if not ("ء" <= sign <= "ي") or sign in "اىـ" or i + 1 == len(word):
            continue
        if chance.random() < 0.1:
            out.append("\u0651")
        if chance.random() < 0.7:
            out.append(chance.choice("\u064e\u064e\u0650\u064f\u0652"))
    return unicodedata.normalize("NFC", "".join(out))


def ottoman(word: str, chance: random.Random) -> str:
    """Return a word with the letters of Ottoman Turkish in place of similar ones."""
    table = {"ك": "كڭگ", "ب": "بپ", "ج": "جچ", "ز": "زژ", "ي": "یي"}
    return "".join(
        chance.choice(table[sign]) if sign in table and chance.random() < 0.5 else sign
        for sign in word
    )


#: Functions that spell a word otherwise, and the languages whose words they take; none: all.
SPELLINGS = {
    "russian_before_1918": (russian_before_1918, ("ru",)),
    "stressed": (stressed, ("ru", "uk", "bg", "be")),
    "polytonic": (polytonic, ()),
    "pointed": (pointed, ()),
    "vowelled": (vowelled, ("ar", "fa", "ur")),
    "ottoman": (ottoman, ("ar", "fa")),
}

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The table of scripts: their codes, names, directions, and letters.

Codes are those of ISO 15924, names and letters those of Unicode. All scripts in use today are here
(Unicode Standard Annex 31, tables 5 and 7), and the historic ones that scholars print.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LATIN = "Latn"
#: The code of scripts that are none of the table.
UNKNOWN = "Zzzz"


@dataclass(frozen=True)
class Script:
    """A script.

    Attributes:
        code: its code in ISO 15924.
        name: its English name.
        words: the first words of the Unicode names of its letters.
        language: a language that is written with it, as a code of ISO 639-3; empty if none is
            known.
        right_to_left: whether it runs from right to left.
    """

    code: str
    name: str
    words: tuple[str, ...]
    language: str = ""
    right_to_left: bool = False


#: Codes, names, languages; then the first words of names, where they are not the script's own.
_LEFT_TO_RIGHT = """
Latn Latin lat: LATIN, FEMININE, MASCULINE, SUPERSCRIPT LATIN, ANGSTROM
Cyrl Cyrillic rus
Grek Greek ell: GREEK, MICRO
Armn Armenian hye
Geor Georgian kat
Copt Coptic cop
Glag Glagolitic chu
Goth Gothic got
Runr Runic non
Ogam Ogham sga
Ital Old_Italic ett
Linb Linear_B gmy
Deva Devanagari hin
Beng Bengali ben
Guru Gurmukhi pan
Gujr Gujarati guj
Orya Oriya ori
Taml Tamil tam
Telu Telugu tel
Knda Kannada kan
Mlym Malayalam mal
Sinh Sinhala sin
Thai Thai tha
Laoo Lao lao
Tibt Tibetan bod
Mymr Myanmar mya
Khmr Khmer khm
Mong Mongolian mon
Phag Phags-pa mon
Lepc Lepcha lep
Limb Limbu lif
Newa Newa new
Saur Saurashtra saz
Sylo Syloti_Nagri syl
Cakm Chakma ccp
Mtei Meetei_Mayek mni
Olck Ol_Chiki sat
Brah Brahmi pka
Gran Grantha san
Lana Tai_Tham nod
Tale Tai_Le tdd
Talu New_Tai_Lue khb
Tavt Tai_Viet blt
Kali Kayah_Li eky
Cham Cham cjm
Java Javanese jav
Bali Balinese ban
Sund Sundanese sun
Batk Batak bbc
Bugi Buginese bug
Rjng Rejang rej
Tglg Tagalog tgl
Buhd Buhid bku
Hano Hanunoo hnn
Tagb Tagbanwa tbw
Plrd Miao hmd
Hmng Pahawh_Hmong hmn
Hmnp Nyiakeng_Puachue_Hmong hmn
Lisu Lisu lis
Yiii Yi iii
Ethi Ethiopic amh
Tfng Tifinagh zgh
Vaii Vai vai
Bamu Bamum bax
Osge Osage osa
Cher Cherokee chr
Cans Canadian_Aboriginal iku: CANADIAN SYLLABICS
Dsrt Deseret eng
Shaw Shavian eng
Hang Hangul kor: HANGUL, HALFWIDTH HANGUL
Hani Han zho: CJK, IDEOGRAPHIC
Hira Hiragana jpn
Kana Katakana jpn: KATAKANA, KATAKANA-HIRAGANA, HALFWIDTH KATAKANA, VERTICAL KANA
Bopo Bopomofo zho
Xsux Cuneiform akk
Xpeo Old_Persian peo
Ugar Ugaritic uga
Egyp Egyptian_Hieroglyphs egy: EGYPTIAN
"""
_RIGHT_TO_LEFT = """
Hebr Hebrew heb
Arab Arabic ara
Syrc Syriac syc
Thaa Thaana div
Nkoo NKo nqo
Adlm Adlam ful
Rohg Hanifi_Rohingya rhg
Samr Samaritan smp
Mand Mandaic mid
Phnx Phoenician phn
Avst Avestan ave
"""


def _parsed(line: str, right_to_left: bool) -> Script:
    facts, _, words = line.partition(":")
    code, stem, language = facts.split()
    name = stem.replace("_", " ")
    found = tuple(word.strip() for word in words.split(",")) if words else (name.upper(),)
    return Script(code, name, found, language, right_to_left)


#: All scripts by their codes.
SCRIPTS = {
    script.code: script
    for text, right in ((_LEFT_TO_RIGHT, False), (_RIGHT_TO_LEFT, True))
    for script in (_parsed(line, right) for line in text.strip().splitlines())
}

_BY_WORD = {tuple(word.split()): code for code, script in SCRIPTS.items() for word in script.words}
_MOST_WORDS = max(map(len, _BY_WORD))


@lru_cache(maxsize=1 << 16)
def script_of(character: str) -> str:
    """Return the code of the script of a letter, or of a mark or digit that one script has.

    Returns:
        Empty for no character, for all that several scripts share, such as punctuation, and for
        scripts that the table lacks.
    """
    if not character or unicodedata.category(character)[0] not in "LMN":
        return ""
    words = tuple(unicodedata.name(character, "").split())
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        code = _BY_WORD.get(words[:count])
        if code:
            return code
    return ""


def script_name(code: str) -> str:
    """Return the English name of a script; its code if the table lacks it."""
    script = SCRIPTS.get(code)
    return script.name if script else code

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Alphabets: the characters of a model that scripts, languages or lists of characters need.

A recognizer of PP-OCR tells some 18 000 characters apart, most of which occur on no page of a
European library. Characters that cannot occur need no computation, and cause no confusion.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import ConfigurationError

#: Names of scripts and their codes (ISO 15924), and the first words of the Unicode names of
#: their letters.
_SCRIPTS: dict[str, tuple[str, ...]] = {
    "latin": ("LATIN", "FEMININE", "MASCULINE", "SUPERSCRIPT", "ANGSTROM"),
    "greek": ("GREEK", "MICRO"),
    "cyrillic": ("CYRILLIC",),
    "coptic": ("COPTIC",),
    "hebrew": ("HEBREW",),
    "arabic": ("ARABIC",),
    "devanagari": ("DEVANAGARI",),
    "tamil": ("TAMIL",),
    "telugu": ("TELUGU",),
    "thai": ("THAI",),
    "hangul": ("HANGUL",),
    "han": ("CJK", "IDEOGRAPHIC", "VERTICAL"),
    "kana": ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"),
}
_CODES = {
    "latn": ("latin",), "latf": ("latin",), "grek": ("greek",), "cyrl": ("cyrillic",),
    "copt": ("coptic",), "hebr": ("hebrew",), "arab": ("arabic",), "deva": ("devanagari",),
    "taml": ("tamil",), "telu": ("telugu",), "thai": ("thai",), "hang": ("hangul",),
    "hani": ("han",), "hans": ("han",), "hant": ("han",), "hrkt": ("kana",),
    "jpan": ("han", "kana"), "kore": ("hangul", "han"),
}  # fmt: skip

#: Scripts whose texts use the punctuation and the wide forms of East Asia.
_EAST_ASIAN = {"han", "kana", "hangul"}

#: Letters of the languages written with the Latin alphabet, beyond those of Western Europe (which
#: names and quotations bring into any text). From the main and auxiliary exemplar characters of
#: the Unicode CLDR.
_LATIN_LANGUAGES: dict[str, tuple[str, str]] = {
    # Codes of ISO 639: part 1, part 2 (both if there are two) or 3; letters in lower case.
    "afrikaans": ("af afr", "ŉ"),
    "albanian": ("sq sqi alb", ""),
    "basque": ("eu eus baq", "ŕ"),
    "bosnian": ("bs bos", "čćđšž"),
    "breton": ("br bre", ""),
    "catalan": ("ca cat", "ŀ"),
    "croatian": ("hr hrv", "čćđšž"),
    "czech": ("cs ces cze", "čďěňřšťůž"),
    "danish": ("da dan", "ǿ"),
    "dutch": ("nl nld dut", "ĳ"),
    "english": ("en eng", "āēīōū"),
    "esperanto": ("eo epo", "ĉĝĥĵŝŭ"),
    "estonian": ("et est", "šž"),
    "faroese": ("fo fao", ""),
    "finnish": ("fi fin", "šž"),
    "french": ("fr fra fre", "āēīōū"),
    "frisian": ("fy fry", ""),
    "galician": ("gl glg", ""),
    "german": ("de deu ger", "āēīōū"),
    "middle-high-german": ("gmh", "āēīōūĕŏŭ"),
    "hungarian": ("hu hun", "őű"),
    "icelandic": ("is isl ice", ""),
    "irish": ("ga gle", "ḃċḋḟġṁṗṡṫ"),
    "italian": ("it ita", ""),
    "neo-latin": ("la lat", "āēīōūȳĕĭŏŭăęůũĩ"),
    "latvian": ("lv lav", "āčēģīķļņšūžŗō"),
    "lithuanian": ("lt lit", "ąčęėįšųūž"),
    "low-german": ("nds", "ęō"),
    "luxembourgish": ("lb ltz", ""),
    "maltese": ("mt mlt", "ċġħż"),
    "norwegian": ("no nor nb nob nn nno", ""),
    "occitan": ("oc oci", ""),
    "polish": ("pl pol", "ąćęłńśźż"),
    "portuguese": ("pt por", ""),
    "romanian": ("ro ron rum", "ășțşţ"),
    "romansh": ("rm roh", ""),
    "serbo-croatian": ("hbs sh", "čćđšž"),
    "slovak": ("sk slk slo", "čďĺľňŕšťž"),
    "slovenian": ("sl slv", "čšžćđ"),
    "sorbian": ("wen hsb dsb", "čćěłńŕřšśžź"),
    "spanish": ("es spa", ""),
    "swedish": ("sv swe", ""),
    "turkish": ("tr tur", "ğışi̇"),
    "welsh": ("cy cym wel", "ŵŷ"),
}

#: Languages of other scripts. Latin letters occur in their texts, too.
_OTHER_LANGUAGES: dict[str, tuple[str, ...]] = {
    "el ell gre grc": ("greek", "latin"),
    "cop": ("coptic", "greek"),
    "ru rus uk ukr be bel bg bul sr srp mk mkd mac kk kaz": ("cyrillic", "latin"),
    "he heb yi yid": ("hebrew", "latin"),
    "ar ara fa fas per ur urd ota": ("arabic", "latin"),
    "hi hin mr mar ne nep sa san": ("devanagari", "latin"),
    "ta tam": ("tamil", "latin"),
    "te tel": ("telugu", "latin"),
    "th tha": ("thai", "latin"),
    "ko kor": ("hangul", "han", "latin"),
    "zh zho chi": ("han", "latin"),
    "ja jpn": ("han", "kana", "latin"),
}

#: Characters of old prints and manuscripts in any language of Western Europe.
_OLD_PRINT = "ſꝛꝑꝓꝗꝙꝰꝯꝫůũõñẽỹœŒæÆᵫƷʒĳĲ" + "\u0364\u0366\u0303\u0304\u0301\u0300\u0302\u0308"


@dataclass(frozen=True)
class Alphabet:
    """The characters wanted of a model.

    Attributes:
        languages: names (``german``) or codes of ISO 639 (``deu``, ``ger``, ``de``), and names of
            scripts (``latin``) or their codes of ISO 15924 (``Latn``), as returned by
            `parse_languages`. They include digits, punctuation and signs.
        characters: literal characters; they include only the space.
    """

    languages: tuple[str, ...] = ()
    characters: str = ""

    def __bool__(self) -> bool:
        return bool(self.languages or self.characters)


def parse_languages(text: str, option: str = "languages") -> tuple[str, ...]:
    """Split a list such as ``deu,lat``, and check that every name is known.

    Args:
        text: the list.
        option: what the user has given it with, for messages.

    Raises:
        ConfigurationError: a name is unknown.
    """
    names = tuple(
        name.strip().lower() for name in text.replace("+", ",").split(",") if name.strip()
    )
    for name in names:
        if name not in _BY_CODE:
            raise ConfigurationError(
                f"{option}: unknown language or script '{name}' (allowed are codes of ISO 639 such"
                f" as deu, fra, lat; {', '.join(_SCRIPTS)}; codes of ISO 15924 such as Latn)"
            )
    return names


def kept_classes(characters: Sequence[str], alphabet: Alphabet) -> tuple[int, ...]:
    """Return the indices of the classes that an alphabet needs, ascending.

    Args:
        characters: the character of every class; class 0 is the blank, which is always kept.
        alphabet: the wanted characters, in any normal form.

    Raises:
        ConfigurationError: the model has no such character.
    """
    literal = set(unicodedata.normalize("NFC", alphabet.characters)) | {" "}
    literal |= set(alphabet.characters)
    parts = [_BY_CODE[name] for name in alphabet.languages]
    kept = [0]
    for index, text in enumerate(characters):
        if index and (_has_all(text, literal) or any(part.has(text) for part in parts)):
            kept.append(index)
    if all(not characters[index].strip() for index in kept):
        raise ConfigurationError(
            "the model cannot read any of the characters given by 'languages' and 'characters'"
        )
    return tuple(kept)


def _has_all(text: str, literal: set[str]) -> bool:
    return bool(text) and all(character in literal for character in text)


@dataclass(frozen=True)
class _Part:
    """The characters of one language or script; ``letters``, if given, are its only letters."""

    scripts: tuple[str, ...]
    letters: frozenset[str] | None = None

    def has(self, text: str) -> bool:
        """Return whether all characters of an entry of the keys belong to it."""
        return bool(text) and all(self._has(character) for character in text)

    def _has(self, character: str) -> bool:
        name = unicodedata.name(character, "")
        east = bool(_EAST_ASIAN.intersection(self.scripts))
        wide = unicodedata.east_asian_width(character) in "WF"
        if not character.isalpha() and not unicodedata.category(character).startswith("M"):
            return east or (not wide and _is_common(character))
        if self.letters is not None and character in self.letters:
            return True
        if east and name.startswith("FULLWIDTH"):
            return True
        for script in self.scripts:
            if script == "latin" and self.letters is not None:
                continue
            if name.split(" ")[0] in _SCRIPTS[script]:
                return True
        return character in _OLD_PRINT and "latin" in self.scripts


def _is_common(character: str) -> bool:
    """Return whether a sign is common in printed text of any kind.

    Mathematical operators, arrows and pictures are not: there are hundreds, and each is a chance
    to misread a speck.
    """
    if character.isspace():
        return character == " "
    code = ord(character)
    if unicodedata.category(character)[0] in "NPZ":
        # Circled digits, and brackets as in dictionaries of symbols, are not common.
        return not (0x2460 <= code <= 0x24FF or 0x2700 <= code <= 0x2BFF or code >= 0x3000)
    return code < 0x0180 or 0x20A0 <= code <= 0x20CF or character in _SIGNS


_SIGNS = "℔℞™℮−∕∙√∞∴∵≈≠≤≥←↑→↓■□▪●○◆◇★☆☙☞☜♀♂♭♯♮✝✠♃♄☉☽☾"

_WESTERN = frozenset(
    chr(code)
    for code in (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xC0, 0x100), 0x152, 0x153, 0x178)
    if chr(code).isalpha()
) | set("ªºſƒ")


def _by_code() -> dict[str, _Part]:
    found = {name: _Part((name,)) for name in _SCRIPTS}
    found |= {code: _Part(scripts) for code, scripts in _CODES.items()}
    for name, (codes, letters) in _LATIN_LANGUAGES.items():
        every = frozenset(_WESTERN | set(letters) | set(letters.upper()))
        found |= dict.fromkeys([name, *codes.split()], _Part(("latin",), every))
    for codes, scripts in _OTHER_LANGUAGES.items():
        found |= dict.fromkeys(codes.split(), _Part(scripts))
    return found


_BY_CODE = _by_code()

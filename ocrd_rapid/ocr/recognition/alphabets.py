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
from .scripts import LATIN, SCRIPTS, script_of

#: Groups of scripts by the names and codes of ISO 15924 that mean them, beside those of `SCRIPTS`.
_GROUPS = {
    "latf": (LATIN,), "latg": (LATIN,), "cyrs": ("Cyrl",), "aran": ("Arab",), "syre": ("Syrc",),
    "hans": ("Hani",), "hant": ("Hani",), "hrkt": ("Hira", "Kana"), "kana": ("Hira", "Kana"),
    "jpan": ("Hani", "Hira", "Kana"), "kore": ("Hang", "Hani"),
}  # fmt: skip

#: Scripts whose texts use the punctuation and the wide forms of East Asia.
_EAST_ASIAN = {"Hani", "Hira", "Kana", "Hang", "Bopo"}

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

#: Languages of other scripts, by these scripts. Latin letters occur in their texts, too.
_OTHER_LANGUAGES: dict[tuple[str, ...], str] = {
    ("Grek",): "el ell gre grc",
    ("Copt", "Grek"): "cop",
    ("Cyrl",): "ru rus uk ukr be bel bg bul sr srp mk mkd mac kk kaz mn mon ky kir tg tgk tt tat"
    " ba bak cv chv os oss ce che ab abk rue cu chu",
    ("Hebr",): "he heb yi yid lad",
    ("Arab",): "ar ara fa fas per ur urd ota ps pus ug uig sd snd ckb",
    ("Syrc",): "syc syr",
    ("Deva",): "hi hin mr mar ne nep sa san kok mai bho",
    ("Beng",): "bn ben as asm",
    ("Guru",): "pa pan",
    ("Gujr",): "gu guj",
    ("Orya",): "or ori ory",
    ("Taml",): "ta tam",
    ("Telu",): "te tel",
    ("Knda",): "kn kan",
    ("Mlym",): "ml mal",
    ("Sinh",): "si sin",
    ("Thai",): "th tha",
    ("Laoo",): "lo lao",
    ("Tibt",): "bo bod tib dz dzo",
    ("Mymr",): "my mya bur",
    ("Khmr",): "km khm",
    ("Geor",): "ka kat geo",
    ("Armn",): "hy hye arm",
    ("Ethi",): "am amh ti tir gez",
    ("Thaa",): "dv div",
    ("Cher",): "chr",
    ("Cans",): "iu iku cr cre oj oji",
    ("Hang", "Hani"): "ko kor",
    ("Hani",): "zh zho chi",
    ("Hani", "Hira", "Kana"): "ja jpn",
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
                " as deu, fra, lat; names of scripts such as latin, cyrillic; codes of ISO 15924"
                " such as Latn)"
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


def scripts_of(alphabet: Alphabet) -> frozenset[str]:
    """Return the codes of the scripts whose letters an alphabet has, see `SCRIPTS`."""
    letters = frozenset(filter(None, map(script_of, alphabet.characters)))
    return letters.union(*(_BY_CODE[name].scripts for name in alphabet.languages))


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
        east = bool(_EAST_ASIAN.intersection(self.scripts))
        wide = unicodedata.east_asian_width(character) in "WF"
        if not character.isalpha() and not unicodedata.category(character).startswith("M"):
            return east or (not wide and _is_common(character))
        if self.letters is not None and character in self.letters:
            return True
        if east and unicodedata.name(character, "").startswith("FULLWIDTH"):
            return True
        script = script_of(character)
        if script in self.scripts and not (script == LATIN and self.letters is not None):
            return True
        return character in _OLD_PRINT and LATIN in self.scripts


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


_NAMES = {script.name.lower(): code for code, script in SCRIPTS.items()}


def _by_code() -> dict[str, _Part]:
    found = {name: _Part((code,)) for name, code in _NAMES.items()}
    found |= {code.lower(): _Part((code,)) for code in SCRIPTS}
    found |= {name: _Part(scripts) for name, scripts in _GROUPS.items()}
    for name, (codes, letters) in _LATIN_LANGUAGES.items():
        every = frozenset(_WESTERN | set(letters) | set(letters.upper()))
        found |= dict.fromkeys([name, *codes.split()], _Part((LATIN,), every))
    for scripts, codes in _OTHER_LANGUAGES.items():
        both = scripts if scripts == ("Copt", "Grek") else (*scripts, LATIN)
        found |= dict.fromkeys(codes.split(), _Part(both))
    return found


_BY_CODE = _by_code()

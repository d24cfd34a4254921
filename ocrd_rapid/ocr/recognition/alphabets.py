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
from ...languages.language_names import BY_NAME
from ...languages.scripts import LATIN, script_of
from .syllable_order import is_hangul

#: Scripts whose texts use the punctuation and the wide forms of East Asia.
_EAST_ASIAN = {"Hani", "Hira", "Kana", "Hang", "Bopo"}

#: Letters of languages written with the Latin alphabet, beyond those of Western Europe (which names
#: and quotations bring into any text), in lower case. From the main and auxiliary exemplar
#: characters of the Unicode CLDR.
_LATIN_LETTERS = {
    "afrikaans": "ŉ",
    "azerbaijani": "əğışİ",
    "basque": "ŕ",
    "bosnian": "čćđšž",
    "catalan": "ŀ",
    "croatian": "čćđšž",
    "czech": "čďěňřšťůž",
    "danish": "ǿ",
    "dutch": "ĳ",
    "english": "āēīōū",
    "esperanto": "ĉĝĥĵŝŭ",
    "estonian": "šž",
    "finnish": "šž",
    "french": "āēīōū",
    "german": "āēīōū",
    "hungarian": "őű",
    "irish": "ḃċḋḟġṁṗṡṫ",
    "kurdish": "ş",
    "latvian": "āčēģīķļņšūžŗō",
    "lithuanian": "ąčęėįšųūž",
    "low-german": "ęō",
    "maltese": "ċġħż",
    "maori": "āēīōū",
    "middle-high-german": "āēīōūĕŏŭ",
    "neo-latin": "āēīōūȳĕĭŏŭăęůũĩ",
    "polish": "ąćęłńśźż",
    "romanian": "ășțşţ",
    "serbo-croatian": "čćđšž",
    "slovak": "čďĺľňŕšťž",
    "slovenian": "čšžćđ",
    "sorbian": "čćěłńŕřšśžź",
    "turkish": "ğışİ",
    "uzbek": "ʻʼ",
    "vietnamese": "ăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "welsh": "ŵŷ",
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
    # Heads can read a syllable of Hangul by its letters.
    literal |= set(unicodedata.normalize("NFD", "".join(filter(is_hangul, literal))))
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


def _by_code() -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for name, written in BY_NAME.items():
        letters = _LATIN_LETTERS.get(written.language, "")
        if not written.language:
            found[name] = _Part(written.scripts)
        elif written.scripts == (LATIN,):
            found[name] = _Part((LATIN,), _WESTERN | set(letters) | set(letters.upper()))
        else:
            # Latin letters occur in texts of other scripts, too, but not among Coptic ones.
            latin = () if "Copt" in written.scripts else (LATIN,)
            found[name] = _Part((*written.scripts, *latin))
    return found


_BY_CODE = _by_code()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Sentences of many languages, to judge by what no head has learnt.

They are translations of programs, out of the Debian packages `PACKAGES`; those that the packages
with training texts have, too (``training/script_texts.py``), are left out.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from script_texts import TRANSLATIONS, read_translations, script_of
from spellings import SPELLINGS
from writings import WRITINGS

#: Packages with the translations to judge by, all under the GPL, version 2 or later.
PACKAGES = (
    "caja-common",
    "cinnamon-l10n",
    "mate-control-center-common",
    "pidgin-data",
    "pluma-common",
    "rhythmbox-data",
    "vlc-l10n",
)
#: Signs of markup, of places to be filled in, of addresses and of keys.
_UNUSUAL = re.compile(r"[%<>{}\\|@$~^#_&*=`+]|://|\.\.|--|\b\w+\.[a-z]|;\S|  ")
#: Signs of the longest word of scripts that have spaces: no line is too narrow for it.
_LONGEST_WORD = 30
#: Sentences of a language: some twenty pages.
_MOST = 600
#: Shortest and longest sentence in characters, and of scripts that write a word in one or two.
_LENGTHS, _DENSE_LENGTHS = (25, 250), (10, 90)
_DENSE = frozenset({"Hani", "Kana", "Hang"})
#: Scripts that put no space between words.
UNSPACED = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Hani", "Kana"})
#: Scripts beside its own that a writing has.
_TOGETHER: Mapping[str, frozenset[str]] = {"Kana": frozenset({"Kana", "Hira", "Hani"})}
_NO_SCRIPT = frozenset({"Zyyy", "Zinh"})
_LEAST_SHARE = 0.7
#: Letters without a canonical decomposition, and what stands for them in a word.
_BASES = dict(zip("ßæœøđðłħıŋþəŉ", "saooddlhintan", strict=True))


@dataclass(frozen=True)
class Judged:
    """A language that is judged.

    Attributes:
        writing: one of `writings.WRITINGS`.
        locales: the folders of its translations; the first with sentences that count.
        tesseract: the codes of the models that Tesseract needs for it; empty if it has none.
        letters: those with marks, which a page has even where no sentence does.
        spelling: one of `spellings.SPELLINGS`; empty for that of the translations.
    """

    writing: str
    locales: tuple[str, ...]
    tesseract: str
    letters: str = ""
    spelling: str = ""

    @property
    def script(self) -> str:
        """The code of its script."""
        return WRITINGS[self.writing].code

    @property
    def right_to_left(self) -> bool:
        return WRITINGS[self.writing].right_to_left


#: Code of ISO 639-3, locales, letters with marks. Tesseract has models of the same codes.
_LATIN = """
afr af áéèêëíîïóôúû
sqi sq ëç
eus eu ñü
bos bs čćđšž
bre br âêîôûùñü
cat ca àçèéíïòóúü
hrv hr čćđšž
ces cs áčďéěíňóřšťúůýž
dan da æøåé
nld nl áéëèêïóöü
eng en_GB éïö
epo eo ĉĝĥĵŝŭ
est et äõöüšž
fao fo áðíóúýæø
fin fi äöåšž
fra fr àâæçéèêëîïôœùûüÿ
fry fy âêéôûúäëïöü
glg gl áéíñóúü
deu de äöüß
gmh de âêîôûæœëāēīōūĕŏŭ
hun hu áéíóöőúüű
isl is áðéíóúýþæö
gle ga áéíóúḃċḋḟġṁṗṡṫ
ita it àèéìíòù
lat la āēīōūȳăĕĭŏŭæœë
lav lv āčēģīķļņšūžŗō
lit lt ąčęėįšųūž
nds nds äöüßęō
ltz lb,de äëéöüèê
mlt mt,it ċġħżàèìòù
nor nb æøåéòô
oci oc áàçéèíïóòúü
pol pl ąćęłńóśźż
por pt áâãàçéêíóôõú
ron ro ăâîșțşţ
roh rm,it àèéìòùî
slk sk áäčďéíĺľňóôŕšťúýž
slv sl čšžćđ
hsb hsb,cs čćěłńóŕřśšžź
spa es áéíñóúü
swe sv åäöé
tur tr çğıİöşüâîû
cym cy âêîôûŵŷàáäëïö
vie vi àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ
"""
_OTHERS: dict[str, Judged] = {
    "rus": Judged("cyrillic", ("ru",), "rus"),
    "rus-1917": Judged("cyrillic", ("ru",), "rus", spelling="russian_before_1918"),
    "ukr": Judged("cyrillic", ("uk",), "ukr"),
    "bel": Judged("cyrillic", ("be",), "bel"),
    "bul": Judged("cyrillic", ("bg",), "bul"),
    "srp": Judged("cyrillic", ("sr",), "srp"),
    "mkd": Judged("cyrillic", ("mk",), "mkd"),
    "ell": Judged("greek", ("el",), "ell"),
    "grc": Judged("greek", ("el",), "grc", spelling="polytonic"),
    "hye": Judged("armenian", ("hy",), "hye"),
    "kat": Judged("georgian", ("ka",), "kat"),
    "heb": Judged("hebrew", ("he",), "heb"),
    "heb-pointed": Judged("hebrew", ("he",), "heb", spelling="pointed"),
    "ara": Judged("arabic", ("ar",), "ara"),
    "fas": Judged("arabic", ("fa",), "fas"),
    "urd": Judged("arabic", ("ur",), "urd"),
    "hin": Judged("devanagari", ("hi",), "hin"),
    "mar": Judged("devanagari", ("mr",), "mar"),
    "nep": Judged("devanagari", ("ne",), "nep"),
    "ben": Judged("bengali", ("bn", "bn_IN"), "ben"),
    "pan": Judged("gurmukhi", ("pa",), "pan"),
    "guj": Judged("gujarati", ("gu",), "guj"),
    "ori": Judged("odia", ("or",), "ori"),
    "tel": Judged("telugu", ("te",), "tel"),
    "kan": Judged("kannada", ("kn",), "kan"),
    "mal": Judged("malayalam", ("ml",), "mal"),
    "tam": Judged("tamil", ("ta",), "tam"),
    "sin": Judged("sinhala", ("si",), "sin"),
    "tha": Judged("thai", ("th",), "tha"),
    "lao": Judged("lao", ("lo",), "lao"),
    "khm": Judged("khmer", ("km",), "khm"),
    "mya": Judged("burmese", ("my",), "mya"),
    "dzo": Judged("tibetan", ("dz",), "bod"),
    "amh": Judged("ethiopic", ("am",), "amh"),
    "kor": Judged("hangul", ("ko",), "kor"),
    "zho": Judged("han", ("zh_CN",), ""),
    "jpn": Judged("kana", ("ja",), ""),
}
#: Languages of `_LATIN` for which there is no model of Tesseract here by their code.
_NO_TESSERACT = frozenset(
    ("afr", "bos", "fao", "fry", "glg", "gmh", "hsb", "ltz", "nds", "oci", "roh")
)


def _latin(line: str) -> tuple[str, Judged]:
    code, locales, letters = line.split()
    model = "" if code in _NO_TESSERACT else code
    return code, Judged("latin", tuple(locales.split(",")), model, letters)


#: All that is judged, by code of ISO 639-3; a spelling follows it.
LANGUAGES: Mapping[str, Judged] = dict(map(_latin, _LATIN.split("\n")[1:-1])) | _OTHERS


def read_sentences(judged: Judged, folder: Path) -> list[str]:
    """Return the sentences of a language, NFC, in an order drawn once and for all.

    Args:
        judged: the language.
        folder: with unpacked packages, a subfolder each.

    Raises:
        SystemExit: there are none.
    """
    for locale in judged.locales:
        found = set(_sentences(PACKAGES, locale, judged.script, folder))
        found -= set(_sentences(TRANSLATIONS, locale, judged.script, folder))
        if len(found) >= 10:
            break
    else:
        raise SystemExit(f"{folder} has no translations into {'/'.join(judged.locales)}")
    sentences = sorted(found)
    chance = random.Random(0)
    chance.shuffle(sentences)
    del sentences[_MOST:]
    if judged.spelling:
        spell, _ = SPELLINGS[judged.spelling]
        sentences = [" ".join(spell(word, chance) for word in s.split()) for s in sentences]
    if judged.letters:
        # Every second paragraph's worth, so that any page has them.
        extra = list(_spelt_out(judged.letters, sentences, chance))
        for number, sentence in enumerate(extra):
            sentences.insert(2 * number, sentence)
    return [unicodedata.normalize("NFC", sentence) for sentence in sentences]


def _sentences(packages: Iterable[str], locale: str, code: str, folder: Path) -> Iterator[str]:
    shortest, longest = _DENSE_LENGTHS if code in _DENSE else _LENGTHS
    for package in packages:
        place = folder / package / "usr/share/locale" / locale / "LC_MESSAGES"
        for file in sorted(place.glob("*.mo")):
            for message in read_translations(file.read_bytes()):
                for line in message.split("\n"):
                    text = unicodedata.normalize("NFC", line.strip())
                    if (
                        shortest <= len(text) <= longest
                        and not _UNUSUAL.search(text)
                        and (code in UNSPACED or max(map(len, text.split())) <= _LONGEST_WORD)
                        and _is_of(text, code)
                    ):
                        yield text


def _is_of(text: str, code: str) -> bool:
    """Say whether a text is in a script, but for some Latin words."""
    own = _TOGETHER.get(code, frozenset({code}))
    scripts = [script for sign in text if (script := script_of(sign)) not in _NO_SCRIPT]
    share = sum(script in own for script in scripts) / max(1, len(scripts))
    return share >= _LEAST_SHARE and all(script in own or script == "Latn" for script in scripts)


def _spelt_out(letters: str, sentences: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yield rows of words that have every letter three times, one of them as a capital.

    Words are those of the sentences, or made of such by putting the letter in place of its base.
    """
    vocabulary = sorted({w for s in sentences for w in s.split() if w.isalpha() and len(w) > 3})
    found = []
    for letter in letters:
        words = [word for word in vocabulary if letter in word]
        if not words:
            base = _BASES.get(letter, unicodedata.normalize("NFD", letter)[0])
            words = [w.replace(base, letter, 1) for w in vocabulary if base in w]
        words = words or [letter + word for word in vocabulary]
        found += [chance.choice(words), chance.choice(words), _capitals(chance.choice(words))]
    chance.shuffle(found)
    for begin in range(0, len(found), 7):
        yield ", ".join(found[begin : begin + 7]) + "."


def _capitals(word: str) -> str:
    """Return a word in capitals; ß, which has none in common use, stays as it is."""
    return "".join(sign if sign == "ß" else sign.upper() for sign in word)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Texts of many languages, for lines that are drawn to train and to judge heads of scripts.

All texts are those of Debian packages, unpacked into one folder, a subfolder per package. They are
training text only: nothing of them is shipped. Two kinds of sources:

- translations of programs (``.mo`` files of the packages in `TRANSLATIONS`) and of the
  installation guide: sentences, with the punctuation and the numbers of their language;
- dictionaries of Hunspell: words, for the letters and the forms that such sentences lack.

All of these packages are in Debian's section *main*: their licences allow use for every purpose.
"""

from __future__ import annotations

import html
import random
import re
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from fontTools import unicodedata as tables
from spellings import SPELLINGS
from writings import WRITINGS, Language, Writing

from ocrd_rapid.evaluation.normalization import characters as graphemes
from ocrd_rapid.evaluation.normalization import modern_letters

#: Packages whose translations are read, and their licences.
TRANSLATIONS: Mapping[str, str] = {
    "aptitude-common": "GPL-2.0-or-later",
    "evince-common": "GPL-2.0-or-later",
    "evolution-common": "LGPL-2.1-or-later",
    "eog": "GPL-2.0-or-later",
    "epiphany-browser-data": "GPL-3.0-or-later",
    "gedit-common": "GPL-2.0-or-later",
    "gimp-data": "GPL-3.0-or-later",
    "gnome-control-center-data": "GPL-2.0-or-later",
    "gnome-shell-common": "GPL-2.0-or-later",
    "inkscape": "GPL-2.0-or-later",
    "iso-codes": "LGPL-2.1-or-later",
    "libglib2.0-data": "LGPL-2.1-or-later",
    "libgtk-3-common": "LGPL-2.0-or-later",
    "nautilus-data": "GPL-3.0-or-later",
    "totem-common": "GPL-2.0-or-later",
}
#: The installation guide: a folder per language.
GUIDE = ("installation-guide-amd64", "GPL-2.0-only")

#: Characters that a word has at most, where sentences have no spaces.
_LONGEST = 12

#: Signs of any language of Europe that text may have beside letters.
COMMON = frozenset("0123456789.,;:!?()[]-–—/…%&§№*+='\"«»„“”‘’‚‹›•°")


@dataclass(frozen=True)
class Word:
    """A piece of a line between two spaces.

    Attributes:
        text: in logical order, NFC.
        script: the ISO 15924 code of its letters; empty if it has none.
    """

    text: str
    script: str


@cache
def script_of(sign: str) -> str:
    """Return the script of a sign by Unicode, a code of ISO 15924."""
    return str(tables.script(sign))


#: Arabic letters in one of their forms, and ligatures: signs of old encodings.
_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")


def normalize(text: str) -> str:
    """Return a text in NFC, with one sign for the apostrophe that cannot be told from another.

    Arabic letters in a certain form become the letters themselves, and letters of several spellings
    have one.
    """
    text = modern_letters(text)
    text = _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), text)
    return unicodedata.normalize("NFC", text).replace("\u02bc", "’")


def word_of(text: str) -> Word:
    """Return a word with the script that most of its letters are of."""
    counts: dict[str, int] = defaultdict(int)
    for sign in text:
        code = script_of(sign)
        if code not in ("Zyyy", "Zinh", "Zzzz"):
            counts[code] += 1
    return Word(text, max(counts, key=lambda code: counts[code]) if counts else "")


@dataclass
class LanguageTexts:
    """The texts of one language in one script.

    Attributes:
        sentences: as words.
        vocabulary: words of dictionary and sentences, each once, sorted.
    """

    sentences: Sequence[Sequence[str]]
    vocabulary: Sequence[str]

    @cached_property
    def by_sign(self) -> Mapping[str, Sequence[str]]:
        """Words by the signs that they have: as many for a rare sign as there are."""
        found: dict[str, list[str]] = defaultdict(list)
        for word in self.vocabulary:
            for sign in set(word):
                if len(found[sign]) < 400:
                    found[sign].append(word)
        return {
            sign: words
            for sign, words in sorted(found.items())
            if sign.isalpha() or unicodedata.category(sign)[0] == "M"
        }


#: Limits of the chances of running text, numbers, words with a rare letter; other words follow.
_NATURAL = (0.85, 0.92, 0.92)
_TAUGHT = (0.5, 0.6, 0.8)


@dataclass(frozen=True)
class Composer:
    """Makes up lines of a script.

    Attributes:
        writing: the script.
        texts: of its languages, in their order.
        foreign: sentences of other scripts whose words stand among those of this one.
        mixed: share of the lines with such words.
    """

    writing: Writing
    texts: Sequence[LanguageTexts]
    foreign: Sequence[Sequence[str]] = field(default=())
    mixed: float = 0.18

    def line(self, chance: random.Random, *, natural: bool = False) -> list[Word]:
        """Return the words of a line in logical order: 6 to 44 characters and a last word.

        Args:
            chance: all randomness.
            natural: letters are as frequent as in text; otherwise rare ones occur more often.
        """
        shares = [language.share for language in self.writing.languages]
        texts = chance.choices(self.texts, shares)[0]
        number = self.texts.index(texts)
        limit = chance.choice((6, 12, 18, 24, 32, 44))
        words: list[str] = []
        while sum(map(len, words)) + len(words) < limit:
            words += self._piece(texts, chance, _NATURAL if natural else _TAUGHT)
        words = self._spelt(words, self.writing.languages[number].code, chance)
        if self.foreign and chance.random() < self.mixed:
            words = self._mixed(words, chance)
        return [word_of(normalize(word)) for word in words]

    def _piece(
        self, texts: LanguageTexts, chance: random.Random, kinds: tuple[float, float, float]
    ) -> list[str]:
        kind = chance.random()
        text, number, rare = kinds
        if kind < text and texts.sentences:
            sentence = chance.choice(texts.sentences)
            start = chance.randrange(max(1, len(sentence) - 3))
            return [_cut(word, chance) for word in sentence[start : start + chance.randint(2, 7)]]
        if kind < number:
            return [self._number(chance)]
        if kind < rare:
            word = chance.choice(texts.by_sign[chance.choice(list(texts.by_sign))])
        else:
            word = chance.choice(texts.vocabulary)
        return [self._dressed(word, chance)]

    def _dressed(self, word: str, chance: random.Random) -> str:
        """Return a word with capitals, punctuation or quotation marks."""
        if self.writing.cased:
            kind = chance.random()
            word = word.capitalize() if kind < 0.25 else word.upper() if kind < 0.35 else word
        kind = chance.random()
        if kind < 0.12:
            pair = chance.choice(self.writing.quotes)
            return pair[0] + word + pair[1]
        if kind < 0.3:
            return word + chance.choice(",,,...;:!?-" + self.writing.signs * 2)
        if kind < 0.33:
            return word + "-" + word[: chance.randint(1, 6)]
        return word

    def _number(self, chance: random.Random) -> str:
        number = str(chance.randint(*chance.choice(((0, 99), (1500, 2030), (100, 99999)))))
        form = chance.choice(("{}", "{}", "{}", "({})", "{}-{}", "{},{}", "{}.{}", "{}/{}", "{}%"))
        if not self.writing.right_to_left:
            form = chance.choice((form, "{}.", "{},", "§", "№ {}", "[{}]", "{}:", "*", "—"))
        text = form.format(number, number[:2])
        if self.writing.digits and chance.random() < 0.5:
            text = text.translate(str.maketrans("0123456789", self.writing.digits))
        return text

    def _spelt(self, words: list[str], language: str, chance: random.Random) -> list[str]:
        kind = chance.random()
        for name, share in self.writing.old:
            if kind < share:
                spelling, languages = SPELLINGS[name]
                if not languages or language in languages:
                    return [spelling(word, chance) for word in words]
            kind -= share
        return words

    def _mixed(self, words: list[str], chance: random.Random) -> list[str]:
        """Return the words with foreign ones among them; no punctuation at the borders."""
        words = list(words)
        for _ in range(chance.choice((1, 1, 2))):
            sentence = [w for w in chance.choice(self.foreign) if w.isalpha()]
            place = chance.randint(0, len(words))
            words[place:place] = sentence[: chance.choice((1, 1, 2, 4))]
        return words


def _cut(word: str, chance: random.Random) -> str:
    """Return a part of a sentence without spaces, as long as a word or two."""
    signs = graphemes(word)
    if len(signs) < 2 * _LONGEST:
        return word
    start = chance.randrange(len(signs) - _LONGEST)
    return "".join(signs[start : start + chance.randint(3, _LONGEST)])


def read_composer(name: str, folder: Path) -> Composer:
    """Return the composer of lines of a script with Latin words, see `WRITINGS`."""
    latin: list[Sequence[str]] = []
    if name != "latin":
        for language in WRITINGS["latin"].languages[:6]:
            latin += read_language(language, WRITINGS["latin"], folder).sentences[:3000]
    return replace(composer_of(WRITINGS[name], folder), foreign=latin)


def composer_of(writing: Writing, folder: Path) -> Composer:
    """Return the composer of lines of a script, of those of its languages that have texts."""
    found = [(each, read_language(each, writing, folder)) for each in writing.languages]
    known = [(language, texts) for language, texts in found if texts.by_sign]
    languages = tuple(language for language, _ in known)
    return Composer(replace(writing, languages=languages), [texts for _, texts in known])


def read_language(language: Language, writing: Writing, folder: Path) -> LanguageTexts:
    """Read the texts of a language."""
    sentences = sorted(
        {
            words
            for text in _translations(language, folder)
            if (words := _words(text, writing)) and len(words) > 1
        }
    )
    random.Random(language.code).shuffle(sentences)
    vocabulary = {
        word.strip("".join(COMMON) + writing.signs) for words in sentences for word in words
    }
    if language.dictionary:
        vocabulary |= set(_dictionary_words(folder, *language.dictionary))
    if writing.code == "Hang":
        vocabulary |= set(_common_syllables(random.Random(language.code)))
    known = sorted(word for word in vocabulary if 1 < len(word) < 18 and _is_of(word, writing))
    return LanguageTexts(sentences, known)


def _translations(language: Language, folder: Path) -> Iterator[str]:
    locales = language.locales or (language.code,)
    for package in TRANSLATIONS:
        for locale in locales:
            path = folder / package / "usr/share/locale" / locale / "LC_MESSAGES"
            for file in sorted(path.glob("*.mo")):
                for text in read_translations(file.read_bytes()):
                    yield from _plain(text)
    for locale in locales:
        for file in sorted(
            (folder / GUIDE[0] / "usr/share/doc" / GUIDE[0] / locale).glob("*.html")
        ):
            text = file.read_text("utf-8", "replace")
            for part in re.findall(r"<p>(.*?)</p>", text, re.DOTALL):
                yield from _plain(html.unescape(re.sub(r"<[^>]*>", " ", part)).replace("\n", " "))


def read_translations(data: bytes) -> Iterator[str]:
    """Yield the messages of a compiled catalogue of GNU gettext (little-endian, UTF-8)."""
    _, _, count, _, start = struct.unpack_from("<5I", data)
    for number in range(1, count):
        length, offset = struct.unpack_from("<2I", data, start + 8 * number)
        yield from data[offset : offset + length].decode("utf-8", "replace").split("\0")


def _plain(text: str) -> Iterator[str]:
    """Yield the lines of a message, without the marks of accelerator keys."""
    for line in text.split("\n"):
        if not re.search(r"[%<>{}\\|@$~^#]", line):
            yield re.sub(r"_|\(_?[A-Za-z]\)|\(&[A-Za-z]\)", "", line).replace("&", "")


def _words(text: str, writing: Writing) -> tuple[str, ...]:
    """Return the words of a text; none if it has signs or letters of elsewhere."""
    words = tuple(normalize(text).split())
    found = []
    for word in words:
        if all(_is_common(sign, writing) for sign in word):
            if writing.right_to_left and not word.isalpha():
                word = re.sub(r"^[\W_]+|[\W_]+$", "", word)
            found.append(word)
        elif all(_is_common(sign, writing) or _is_own(sign, writing) for sign in word):
            found.append(word)
    own = sum(_is_own(sign, writing) for word in found for sign in word)
    return tuple(word for word in found if word) if own > 3 else ()


def _is_common(sign: str, writing: Writing) -> bool:
    return sign in COMMON or sign in writing.signs or sign in writing.digits


@cache
def _is_in(sign: str, code: str) -> bool:
    """Say whether a sign is a letter or a mark of a script, or joins letters."""
    own = script_of(sign)
    return (
        own == code
        or (own == "Zinh" and unicodedata.category(sign)[0] == "M")
        or (code == "Kana" and own in ("Hira", "Hani"))
        or sign in "\u200c\u200d"
    )


def _is_own(sign: str, writing: Writing) -> bool:
    return _is_in(sign, writing.code)


def _is_of(word: str, writing: Writing) -> bool:
    return all(_is_own(sign, writing) or sign in "'’-" for sign in word) and any(
        _is_own(sign, writing) for sign in word
    )


def _common_syllables(chance: random.Random) -> Iterator[str]:
    """Yield words of the 2 350 syllables of Hangul in KS X 1001, all as often."""
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4) if _is_in_korean_standard(chr(code))]
    for _ in range(4):
        chance.shuffle(syllables)
        for start in range(0, len(syllables), 3):
            yield "".join(syllables[start : start + 3])


def _is_in_korean_standard(syllable: str) -> bool:
    try:
        return len(syllable.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _dictionary_words(folder: Path, package: str, name: str) -> Iterator[str]:
    """Yield the words of a dictionary of Hunspell, without their endings."""
    path = folder / package / "usr/share/hunspell" / name
    if not path.with_suffix(".dic").exists():
        path = folder / package / "usr/share/myspell/dicts" / name
    rules = path.with_suffix(".aff").read_text("ascii", "replace")
    encoding = re.search(r"^\ufeff?\W*SET\s+(\S+)", rules, re.MULTILINE)
    text = path.with_suffix(".dic").read_text(encoding[1] if encoding else "latin-1", "replace")
    for line in text.splitlines()[1:]:
        yield normalize(re.split(r"[/\t ]", line, maxsplit=1)[0])

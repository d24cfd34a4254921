# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Texts in several scripts: words, numbers, dates and brackets of one among those of another.

They are made of sentences of several languages, and judge which head reads which word.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from script_lines import scripts_of

#: Makes sentences of those of the language of a mixture and of the other one.
Weaving = Callable[[Iterator[str], Iterator[str], random.Random], Iterator[str]]

_MARKS = "„“”«»\"'().,;:!?।،؛؟"
#: Russian words whose letters look Latin, some or all of them.
_LOOKING_LATIN = (
    "плохо", "хорошо", "нос", "окно", "рука", "море", "перо", "соха", "торт", "он", "кот", "метро",
)  # fmt: skip


@dataclass(frozen=True)
class Mixture:
    """A text in two scripts.

    Attributes:
        language: whose type it is set in, one of `script_sentences.LANGUAGES`.
        outer: the language of its sentences.
        inner: the language of the words among them.
        weave: puts them together.
        tesseract: the codes of the models that Tesseract needs for it.
    """

    language: str
    outer: str
    inner: str
    weave: Weaving
    tesseract: str


def _words(sentence: str) -> list[str]:
    """Return the words of a sentence without punctuation at their ends."""
    return [word for text in sentence.split() if (word := text.strip(_MARKS))]


def with_words(outer: Iterator[str], inner: Iterator[str], chance: random.Random) -> Iterator[str]:
    """Yield sentences with one to three words of other ones among theirs."""
    for sentence in outer:
        words = sentence.split()
        place = chance.randint(1, max(1, len(words) - 2))
        quoted = _words(" ".join(next(inner).split()[: chance.choice((1, 2, 3))]))
        yield " ".join([*words[:place], *quoted, *words[place:]])


def with_brackets(
    outer: Iterator[str], inner: Iterator[str], chance: random.Random
) -> Iterator[str]:
    """Yield sentences with a word of other ones in brackets, in their midst or at the end."""
    for sentence in outer:
        words = sentence.rstrip(".").split()
        place = chance.choice((len(words), chance.randint(1, len(words))))
        quoted = f"({max(_words(next(inner)), key=len)})"
        yield " ".join([*words[:place], quoted, *words[place:]]) + "."


def with_numbers(
    outer: Iterator[str], inner: Iterator[str], chance: random.Random
) -> Iterator[str]:
    """Yield sentences with years, dates, shares and sums, some in brackets, and other words."""
    for sentence in outer:
        words = sentence.rstrip(".").split()
        year, day, month = chance.randint(1789, 2024), chance.randint(1, 28), chance.randint(1, 12)
        word = max(_words(next(inner)), key=len)
        for added in chance.sample((
            f"{year}", f"({year})", f"{day}.{month}.{year}", f"{year}-{year + month}",
            f"{day}%", f"{day},{month + 10}", f"({word})", f"({day})", word,
        ), 2):  # fmt: skip
            words.insert(chance.randint(1, len(words)), added)
        yield " ".join(words) + "."


def vocabulary(outer: Iterator[str], inner: Iterator[str], chance: random.Random) -> Iterator[str]:
    """Yield rows of words, each followed by some of another language, as in a word list."""
    for sentence in inner:
        foreign = [
            word
            for word in (*_words(sentence), *chance.sample(_LOOKING_LATIN, 2))
            if scripts_of(word)
        ]
        glosses = _words(next(outer)) + _words(next(outer))
        chance.shuffle(foreign)
        pairs = zip(foreign, glosses[::2], glosses[1::2], strict=False)
        yield "; ".join(f"{word} {first} {second}" for word, first, second in pairs) + "."


#: By name: what it is, and in which languages.
MIXTURES: Mapping[str, Mixture] = {
    "grammar-deu-rus": Mixture("rus", "deu", "rus", with_words, "deu+rus"),
    "grammar-deu-ell": Mixture("ell", "deu", "ell", with_words, "deu+ell"),
    "vocabulary-rus-deu": Mixture("rus", "deu", "rus", vocabulary, "deu+rus"),
    "terms-rus-eng": Mixture("rus", "rus", "eng", with_words, "rus+eng"),
    "brackets-rus-eng": Mixture("rus", "rus", "eng", with_brackets, "rus+eng"),
    "terms-ell-eng": Mixture("ell", "ell", "eng", with_words, "ell+eng"),
    "terms-kor-eng": Mixture("kor", "kor", "eng", with_words, "kor+eng"),
    "terms-tha-eng": Mixture("tha", "tha", "eng", with_numbers, "tha+eng"),
    "numbers-heb": Mixture("heb", "heb", "eng", with_numbers, "heb+eng"),
    "numbers-ara": Mixture("ara", "ara", "eng", with_numbers, "ara+eng"),
    "numbers-hin": Mixture("hin", "hin", "eng", with_numbers, "hin+eng"),
    "numbers-rus": Mixture("rus", "rus", "eng", with_numbers, "rus+eng"),
}

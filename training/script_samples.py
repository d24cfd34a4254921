# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of every script, and of what is no script, with the script of every column.

Scripts that no head reads are composed of the letters of their block in Unicode, in the signs that
a font has; there are no words of most of them. A column that may be of two classes, as those at
the borders of words, says so.
"""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from augment import Gray
from drawing import RIGHT_TO_LEFT, Cast, DrawnLine, Placed, draw_words, soften, vary, worsen
from numpy.typing import NDArray
from script_fonts import Face, grouped
from script_recipes import RECIPES, SOFT
from script_texts import Composer, Word, composer_of, script_of
from writings import WRITINGS, Language

from ocrd_rapid.ocr.recognition.line_input import LINE_HEIGHT

#: What the classifier says of columns without a letter, and of scripts that it does not know.
NO_LETTER, UNKNOWN = "", "Zzzz"
#: Scripts with texts; that of Japanese counts as Katakana.
WRITTEN = [writing.code for writing in WRITINGS.values()]
#: Scripts in use whose lines are letters drawn by lot; and Coptic, which scholars print.
LETTERED = [
    "Syrc", "Thaa", "Nkoo", "Adlm", "Mong", "Java", "Bali", "Cham", "Sund", "Lana", "Tale", "Talu",
    "Tavt", "Mtei", "Olck", "Yiii", "Vaii", "Tfng", "Cher", "Cans", "Bopo", "Copt",
]  # fmt: skip
#: Scripts whose letters are those of Latin, turned or not, or no letters at all.
_LEFT_OUT = frozenset(["Latn", "Zyyy", "Zinh", "Zzzz", "Brai", "Lisu", "Sgnw", "Osge", "Dupl"])
#: Lines of Japanese have signs of three scripts.
_JAPANESE = frozenset({"Hani", "Hira", "Kana"})
_EAST = _JAPANESE | {"Hang", "Bopo"}
#: Languages whose Latin letters and marks are to be known.
LATIN = [
    "de", "en", "fr", "it", "es", "pt", "nl", "sv", "da", "nb", "nn", "is", "fi", "et", "lv", "lt",
    "pl", "cs", "sk", "sl", "hr", "bs", "sq", "hu", "ro", "tr", "az", "vi", "ca", "gl", "eu", "oc",
    "br", "cy", "ga", "gd", "eo", "mt",
]  # fmt: skip

#: What a font must have: number of letters of a script, or certain ones.
_ENOUGH = 20
_LETTERS = {WRITINGS[name].code: recipe.letters for name, recipe in RECIPES.items()} | {
    "Latn": "abcdefgéàçñßøABC",
    "Hani": "一人的是在",
    "Kana": "あいうえおアイウエオ一人の",
}

#: Share of Latin lines with words of other scripts, which look Latin to a network among such.
_MIXED = 0.4

CLASSES = (NO_LETTER, *WRITTEN, "Hira", *LETTERED, UNKNOWN)
NUMBERS = {code: number for number, code in enumerate(CLASSES)}


@dataclass(frozen=True)
class Sample:
    """A line.

    Attributes:
        image: shape (H, W), grey.
        words: with their places.
        kind: what it is a sample of, such as a code of a script.
        design: of its font.
    """

    image: Gray
    words: tuple[Placed, ...]
    kind: str
    design: str


@dataclass(frozen=True)
class Line:
    """A line as it is learnt.

    Attributes:
        features: shape (T, features), float16.
        labels: shape (T, 2), see `script_samples.labels`.
        kind, design: see `Sample`.
    """

    features: NDArray[np.float16]
    labels: NDArray[np.int16]
    kind: str
    design: str

    @property
    def sure(self) -> NDArray[np.int64]:
        """The class of every column, -1 where it may be of several; shape (T,)."""
        known = self.labels[:, 0] == self.labels[:, 1]
        return np.where(known, self.labels[:, 0], -1).astype(np.int64)


@dataclass(frozen=True)
class Letters:
    """Composes lines of letters drawn by lot; a stand-in for `Composer`."""

    code: str

    def line(self, face: Face, chance: random.Random) -> list[Word]:
        """Return the words of a line."""
        letters, marks = letters_of(self.code, face.signs)
        some = chance.sample(letters, min(len(letters), chance.choice((12, 25, 60))))
        weights = [chance.paretovariate(1.2) for _ in some]
        limit = chance.choice((8, 15, 25, 35, 45))
        words: list[Word] = []
        count = 0
        while count < limit:
            length = chance.randint(1, 9)
            text = ""
            for sign in chance.choices(some, weights, k=length):
                text += sign
                if marks and chance.random() < 0.3:
                    text += chance.choice(marks)
            kind = chance.random()
            if kind < 0.12 and face.can_draw(",.-!?:;"):
                text += chance.choice(",.-!?:;")
            elif kind < 0.2 and face.can_draw("0123456789"):
                words.append(Word(str(chance.randint(0, 2030)), ""))
            words.append(Word(text, self.code))
            count += length + 1
        return words


@dataclass(frozen=True)
class Numbers:
    """Composes lines without a letter: numbers, points, dashes, notes' marks."""

    code: str = NO_LETTER

    def line(self, face: Face, chance: random.Random) -> list[Word]:
        """Return the words of a line."""
        words = []
        for _ in range(chance.randint(1, 8)):
            number = str(chance.randint(0, 10 ** chance.randint(1, 6)))
            words.append(
                chance.choice(
                    (
                        number, number, f"{number}.", f"{number},{number[:2]}", f"({number})",
                        f"{number}-{number}", f"{number}/{number[:1]}", "§", " ".join(number),
                        "." * chance.randint(2, 30), "—" * chance.randint(1, 3), "**)", "*", "†)",
                        "- " * chance.randint(2, 9), f"{number}%", f"[{number}]", "=", "+", "&",
                    )
                ).strip()
            )  # fmt: skip
        return [Word(word, NO_LETTER) for word in words if face.can_draw(word)]


@cache
def _by_script() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number in range(0x20000):
        sign = chr(number)
        if unicodedata.category(sign)[0] in "LM" and unicodedata.normalize("NFC", sign) == sign:
            found.setdefault(script_of(sign), []).append(sign)
    return found


@cache
def letters_of(code: str, signs: frozenset[int]) -> tuple[list[str], list[str]]:
    """Return the letters and the marks of a script that are among signs."""
    known = [sign for sign in _by_script()[code] if ord(sign) in signs]
    letters = [sign for sign in known if unicodedata.category(sign)[0] == "L"]
    return letters, [sign for sign in known if unicodedata.category(sign)[0] == "M"]


def unknown_scripts(*, learn: bool) -> list[str]:
    """Return the scripts without a class: those to learn from, or those to judge by.

    Every fourth in the order of a hash of their codes is to judge by.
    """
    codes = set(_by_script()) - set(CLASSES) - _LEFT_OUT
    order = sorted(codes, key=lambda code: hashlib.sha256(code.encode()).hexdigest())
    return [code for number, code in enumerate(order) if (number % 4 != 0) == learn]


def faces_for(code: str, faces: Sequence[Face]) -> list[Face]:
    """Return the fonts that text of a script can be set in; numbers are set as Latin is."""
    code = code or "Latn"
    if code in _LETTERS:
        return [face for face in faces if face.knows(code, _LETTERS[code])]
    return [face for face in faces if len(letters_of(code, face.signs)[0]) >= _ENOUGH]


def read_composers(folder: Path) -> Iterator[tuple[str, Composer | Letters | Numbers]]:
    """Yield what composes the lines of every script, with its code.

    Latin lines have words of Russian, Ukrainian and Greek among theirs, all others Latin ones of
    eight languages.
    """
    latin = composer_of(replace(WRITINGS["latin"], languages=tuple(map(Language, LATIN))), folder)
    words = [words for texts in latin.texts[:8] for words in texts.sentences[:2000]]
    composers = {
        name: replace(composer_of(writing, folder), foreign=words)
        for name, writing in WRITINGS.items()
        if name != "latin"
    }
    foreign = [*composers["cyrillic"].texts[:2], *composers["greek"].texts]
    among = [words for texts in foreign for words in texts.sentences[:2000]]
    yield "Latn", replace(latin, foreign=among, mixed=_MIXED)
    yield NO_LETTER, Numbers()
    for composer in composers.values():
        yield composer.writing.code, composer
    for code in LETTERED:
        yield code, Letters(code)


def draw_script(
    composer: Composer | Letters | Numbers,
    faces: Sequence[Face],
    foreign: Sequence[Face],
    count: int,
    seed: int,
) -> Iterator[Sample]:
    """Yield lines of a script, all families as often; see `scripts.draw_lines`."""
    chance = random.Random(seed)
    families = grouped(faces)
    before: DrawnLine | None = None
    for number in range(count):
        line = None
        while line is None:
            face = chance.choice(chance.choice(families))
            cast = Cast(face, chance.choice(foreign))
            if isinstance(composer, Letters | Numbers):
                words, code = composer.line(face, chance), composer.code
            else:
                words, code = composer.line(chance), composer.writing.code
            # Some fonts have signs that cannot be drawn.
            with suppress(OSError):
                line = draw_words(words, code, cast, chance)
        rng = np.random.default_rng([seed, number])
        line = vary(line, rng)
        good = chance.random() < SOFT
        seen = soften(line, rng) if good else worsen(line, before or line, rng)
        before = line
        yield Sample(seen.image, seen.words, code, seen.design)


def labels(sample: Sample, columns: int) -> NDArray[np.int16]:
    """Return the classes that every column may be of.

    Args:
        sample: the line.
        columns: number of columns of features, of `LINE_HEIGHT` / 6 pixels each when the line is
            scaled to that height.

    Returns:
        Shape (columns, 2): two classes, or twice the same one; -1 if it may be any.
    """
    size = sample.image.shape[0] / LINE_HEIGHT * 8
    found = np.zeros((columns, 2), dtype=np.int16)
    for word in sample.words:
        for left, right, code, sure in spans(word):
            number = NUMBERS.get(code, NUMBERS[UNKNOWN])
            begin, end = left / size - 0.5, right / size - 0.5
            for column in range(max(0, int(begin - 0.7)), min(columns, int(end + 1.7))):
                inside = begin + 0.3 <= column <= end - 0.3
                near = begin - 0.7 <= column <= end + 0.7
                if inside and sure:
                    found[column] = number
                elif near:
                    found[column] = _may_be(found[column], number)
    return found


def _may_be(before: NDArray[np.int16], number: int) -> tuple[int, int]:
    known = {int(value) for value in before} | {0, number}
    if -1 in known or len(known) > 2:
        return (-1, -1)
    return (min(known), max(known))


def spans(word: Placed) -> list[tuple[float, float, str, bool]]:
    """Return the parts of a word: left, right, script, and whether all of it is letters.

    Signs are taken to be equally wide, which they are in East Asia. Elsewhere only the punctuation
    before and behind a word is told from it, roughly.
    """
    if not word.script:
        return []
    width = (word.right - word.left) / len(word.text)
    if word.script in _EAST:
        places = [(word.left + i * width, script_of(sign)) for i, sign in enumerate(word.text)]
        return [(x, x + width, code, True) for x, code in places if code in _EAST]
    marks = [script_of(sign) != "Zyyy" for sign in word.text]
    if True not in marks:
        return [(word.left, word.right, word.script, False)]
    first, last = marks.index(True), len(marks) - marks[::-1].index(True)
    before, behind = first * width, (len(marks) - last) * width
    if word.script in RIGHT_TO_LEFT:
        before, behind = behind, before
    left, right = word.left + before, word.right - behind
    parts = [(left, right, word.script, True)]
    if before:
        parts.append((word.left, left, word.script, False))
    if behind:
        parts.append((right, word.right, word.script, False))
    return parts

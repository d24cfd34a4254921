# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages in many scripts, with ground truth, in fonts and sentences that no head learnt.

Usage: PYTHONPATH=training python tests/bench/script_pages.py PACKAGES FOLDER
       [--kinds KIND,…] [--count 2] [--seed 0] [--fonts judge|choose]

PACKAGES holds unpacked Debian packages, a subfolder each: fonts, of which only those to judge by
are used, or those to choose by (``training/script_fonts.py``), and translations
(`script_sentences.PACKAGES`). Kinds are the languages of `script_sentences.LANGUAGES` and the mixed
pages `MIXED`; ``latin`` stands for all languages in Latin script, ``others`` for all further ones,
``mixed`` for the mixed pages.

Pages are of size A5. Those of an even seed have 300 dpi and are clean and justified; the others
have 200 dpi, ragged lines, and are blurred, grainy and slightly skewed. ``KIND/KIND-SEED.png`` and
``.page.xml`` are written for each, the latter in logical order, with scripts and directions. The
same packages and seed give the same files.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import cycle, islice
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from script_fonts import Face, divide, grouped, read_faces
from script_lines import ScriptType, fill, scripts_of
from script_mixtures import MIXTURES
from script_sentences import LANGUAGES, read_sentences
from typeset_sheet import Frame, Region, Sheet, Wear, write_truth
from writings import WRITINGS

#: Width and height of A5, and the margins, in points.
_WIDTH, _HEIGHT, _MARGIN = 420, 595, 40
_SIZES = (9.5, 11.0, 12.0)
#: What a font of Latin script must have, and those of scripts that the network itself reads.
_LETTERS: Mapping[str, str] = {
    "latin": "ABCabcxyzäöüßéàçñĀāĄąČčĐđĘęĞğİıŁłŐőŘřŠšŤťŮůŴŵŽž0123456789",
    "han": "的一是不了人我在有他",
    "kana": "あいうアイウ日本",
}


@dataclass
class Library:
    """The fonts to judge or to choose by, and the sentences.

    Attributes:
        folder: with unpacked packages.
        faces: all fonts of text.
        texts: the sentences by language, as far as they are known.
        fonts: these fonts, by writing and family, as far as they are known.
        purpose: ``judge``; ``choose`` for designs to look at while something is made.
    """

    folder: Path
    faces: Sequence[Face] = ()
    texts: dict[str, list[str]] = field(default_factory=dict)
    fonts: dict[str, list[list[Face]]] = field(default_factory=dict)
    purpose: Literal["choose", "judge"] = "judge"

    def sentences(self, language: str) -> list[str]:
        """Return the sentences of a language, see `read_sentences`."""
        if language not in self.texts:
            self.texts[language] = read_sentences(LANGUAGES[language], self.folder)
        return self.texts[language]

    def families(self, writing: str) -> list[list[Face]]:
        """Return the fonts of a script, by family.

        Raises:
            SystemExit: there are none.
        """
        if writing not in self.fonts:
            letters = _LETTERS.get(writing) or _trained_letters(writing)
            code = WRITINGS[writing].code
            division = divide(face for face in self.faces if face.knows(code, letters))
            able = getattr(division, self.purpose)
            if not able:
                raise SystemExit(f"{self.folder} has no font to {self.purpose} {writing} script by")
            self.fonts[writing] = grouped([face for face in able if has_small_letters(face)])
        return self.fonts[writing]


def has_small_letters(face: Face) -> bool:
    """Say whether a font has small letters and not capitals in their place: d is higher than x."""
    if not face.can_draw("dx"):
        return True
    small, tall = (face.at(100).getbbox(letter, anchor="ls")[1] for letter in "xd")
    return bool(tall < small)


def _trained_letters(writing: str) -> str:
    """Return what a font must have to be one of those from which a head learns or is judged."""
    from script_recipes import RECIPES

    return RECIPES[writing].letters


@dataclass
class Page:
    """A page in the making.

    Attributes:
        library: fonts and sentences.
        random: all that is drawn by lot.
        sheet: what is printed.
        justified: whether lines reach both edges.
    """

    library: Library
    random: random.Random
    sheet: Sheet
    justified: bool

    @cached_property
    def size(self) -> int:
        """The size of the text, in pixels."""
        return round(self.sheet.points(self.random.choice(_SIZES)))

    @property
    def frame(self) -> Frame:
        return self.sheet.inset(_MARGIN)

    def type_of(self, language: str, *sentences: str) -> ScriptType:
        """Return a type for a language, one that can print some sentences if there is any."""
        judged = LANGUAGES[language]
        families = list(self.library.families(judged.writing))
        self.random.shuffle(families)
        latin = [face for family in self.library.families("latin") for face in family]
        types = [
            ScriptType(judged.script, self.random.choice(family), self.random.choice(latin),
                       self.size, judged.right_to_left)
            for family in families
        ]  # fmt: skip
        return next((kind for kind in types if all(map(kind.can_print, sentences))), types[0])

    def prose(self, language: str, kind: ScriptType) -> Iterator[str]:
        """Yield the sentences of a language that a type can print, from a place drawn by lot.

        Raises:
            SystemExit: there are none.
        """
        sentences = [s for s in self.library.sentences(language) if kind.can_print(s)]
        if not sentences:
            raise SystemExit(f"{kind.own.path} can print no sentence of {language}")
        start = 0 if LANGUAGES[language].letters else self.random.randrange(len(sentences))
        return islice(cycle(sentences), start, None)

    def heading(self, text: str, kind: ScriptType, frame: Frame) -> Frame:
        """Print a heading; return what is left of the frame."""
        region, larger = Region("heading"), kind.scaled(1.4)
        top = fill(self.sheet, region, text, larger, frame, justified=False, centred=True)
        self.sheet.add(region)
        return Frame(frame.left, top + 0.8 * self.size, frame.right, frame.bottom)

    def column(self, paragraphs: Iterator[str], kind: ScriptType, frame: Frame, hang: float = 0.0
               ) -> None:  # fmt: skip
        """Fill a frame with paragraphs, each a region."""
        top = frame.top
        while True:
            text = next(paragraphs)
            region = Region("paragraph")
            room = Frame(frame.left, top, frame.right, frame.bottom)
            top = fill(self.sheet, region, text, kind, room, justified=self.justified, indent=hang)
            self.sheet.add(region)
            if top == room.top or top + 2 * kind.leading(text) > frame.bottom:
                return
            top += 0.6 * self.size


def in_paragraphs(sentences: Iterator[str], count: int, space: str = " ") -> Iterator[str]:
    """Yield paragraphs of so many sentences."""
    while True:
        yield space.join(islice(sentences, count))


def plain(page: Page, language: str) -> None:
    """Print a page of one language: a heading and paragraphs."""
    kind = page.type_of(language, *page.library.sentences(language)[:50])
    sentences = page.prose(language, kind)
    frame = page.heading(min(islice(sentences, 5), key=len), kind, page.frame)
    page.column(in_paragraphs(sentences, 4), kind, frame)


def mixture(page: Page, name: str) -> None:
    """Print a page in two scripts: a heading and paragraphs."""
    mixed = MIXTURES[name]
    own = page.library.sentences(mixed.language)[:30]
    inner = page.library.sentences(mixed.inner)[:10]
    kind = page.type_of(mixed.language, "0123456789().,%-", *own, *inner)
    outer = page.prose(mixed.outer, kind)
    frame = page.heading(next(outer), kind, page.frame)
    woven = mixed.weave(outer, page.prose(mixed.inner, kind), page.random)
    page.column(in_paragraphs(woven, 3), kind, frame)


def quotation(page: Page) -> None:
    """Print a page of Italian text with Greek passages of one line and more."""
    kind = page.type_of("grc", *page.library.sentences("grc")[:30])
    italian, greek = page.prose("ita", kind), page.prose("grc", kind)
    frame = page.heading(next(italian), kind, page.frame)

    def paragraphs() -> Iterator[str]:
        while True:
            yield f"{next(italian)} {next(italian)} «{next(greek)}» {next(italian)}"
            yield f"{next(italian)} {next(italian)}"

    page.column(paragraphs(), kind, frame)


def newspaper(page: Page) -> None:
    """Print a page of an Arabic newspaper: two columns, with Latin words and numbers."""
    kind = page.type_of("ara", "abcxyzABCXYZ0123456789", *page.library.sentences("ara")[:30])
    kind = kind.scaled(0.9)
    arabic = list(islice(page.prose("ara", kind), 200))
    with_others = [s for s in arabic if len(scripts_of(s)) > 1 or any(c.isdigit() for c in s)]
    mixed = cycle(with_others or arabic)
    frame = page.heading(min(arabic, key=len), kind, page.frame)
    sentences = (s for pair in zip(mixed, cycle(arabic), strict=False) for s in pair)
    paragraphs = in_paragraphs(sentences, 3)
    for column in reversed(frame.columns(2, page.sheet.points(16))):
        page.column(paragraphs, kind, column)


def dictionary(page: Page) -> None:
    """Print a page of a Hindi dictionary in English: two columns of entries, hanging."""
    kind = page.type_of("hin", *page.library.sentences("hin")[:30]).scaled(0.9)
    hindi, english = page.prose("hin", kind), page.prose("eng", kind)

    def entries() -> Iterator[str]:
        while True:
            words = [word for word in next(hindi).split() if scripts_of(word)[:1] == ("Deva",)]
            gloss = next(english).split()
            count = page.random.randint(4, 12)
            text = " ".join(gloss[:count]).strip(".,;:")
            yield f"{words[0].strip('।,.;:()')}, {text}; {' '.join(words[1:4])}"

    for column in page.frame.columns(2, page.sheet.points(16)):
        page.column(entries(), kind, column, page.sheet.points(10))


#: Pages in several scripts.
MIXED: Mapping[str, Callable[[Page], None]] = {
    **{name: partial(mixture, name=name) for name in MIXTURES},
    "quotation-ita-grc": quotation,
    "newspaper-ara": newspaper,
    "dictionary-hin-eng": dictionary,
}
#: Names of groups of kinds.
GROUPS: Mapping[str, Sequence[str]] = {
    "latin": [code for code, judged in LANGUAGES.items() if judged.writing == "latin"],
    "others": [code for code, judged in LANGUAGES.items() if judged.writing != "latin"],
    "mixed": list(MIXED),
}


def make_page(folder: Path, kind: str, seed: int, library: Library) -> Path:
    """Write a page and its ground truth; return the path of its image."""
    folder.mkdir(parents=True, exist_ok=True)
    is_clean = seed % 2 == 0
    dpi = 300 if is_clean else 200
    numbers = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    sheet = Sheet(round(_WIDTH * dpi / 72), round(_HEIGHT * dpi / 72), dpi, numbers)
    page = Page(library, random.Random(f"{kind} {seed}"), sheet, is_clean)
    if kind in MIXED:
        MIXED[kind](page)
    else:
        plain(page, kind)
    wear = Wear(blur=0.4, noise=2.0)
    if not is_clean:
        wear = Wear(
            skew=float(numbers.uniform(-0.6, 0.6)), blur=float(numbers.uniform(0.6, 0.9)),
            noise=float(numbers.uniform(5, 9)), paper=225, ink=50,
        )  # fmt: skip
    scan = folder / f"{kind}-{seed}.png"
    Image.fromarray(sheet.scan(wear)).save(scan, dpi=(dpi, dpi))
    write_truth(scan.with_suffix(".page.xml"), scan.name, sheet, wear)
    return scan


def kinds_of(names: str) -> list[str]:
    """Return the kinds that a list of kinds and groups names, with commas between.

    Raises:
        SystemExit: there is no such kind.
    """
    found = []
    for name in names.split(","):
        if name not in GROUPS and name not in LANGUAGES and name not in MIXED:
            known = ", ".join([*GROUPS, *LANGUAGES, *MIXED])
            raise SystemExit(f"no such kind of page: {name}; there are {known}")
        found += GROUPS.get(name, [name])
    return found


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default="others,mixed")
    parser.add_argument("--count", type=int, default=2, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of the first page of each kind")
    parser.add_argument("--fonts", choices=("choose", "judge"), default="judge")
    arguments = parser.parse_args()
    kinds = kinds_of(arguments.kinds)
    faces = read_faces(arguments.packages)
    library = Library(arguments.packages, faces, purpose=arguments.fonts)
    for kind in kinds:
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            print(make_page(arguments.folder / kind, kind, seed, library), flush=True)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text and type of the typeset pages: sentences in their order, faces, lines.

The text runs on: a page takes its sentences from where another left off, so that a sentence that
goes on in the next column can be told from one that does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

ROOT = Path(__file__).parents[2]
#: Folders in which fonts are looked for, with all their subfolders.
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
#: Regular and bold file of each family, by class. A family counts where both files are found.
FAMILIES = {
    "serif": (
        ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
        ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
        ("NimbusRoman-Regular.otf", "NimbusRoman-Bold.otf"),
        ("C059-Roman.otf", "C059-Bold.otf"),
        ("P052-Roman.otf", "P052-Bold.otf"),
        ("URWBookman-Light.otf", "URWBookman-Demi.otf"),
        ("OldStandard-Regular.ttf", "OldStandard-Bold.ttf"),
        ("EBGaramond12-Regular.otf", "EBGaramond12-Bold.otf"),
        ("cmunrm.ttf", "cmunbx.ttf"),
        ("GoudyBookletter1911.otf", "GoudyBookletter1911.otf"),
        ("Caladea-Regular.ttf", "Caladea-Bold.ttf"),
        ("DejaVuSerifCondensed.ttf", "DejaVuSerifCondensed-Bold.ttf"),
    ),
    "sans": (
        ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
        ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
        ("NimbusSans-Regular.otf", "NimbusSans-Bold.otf"),
        ("NimbusSansNarrow-Regular.otf", "NimbusSansNarrow-Bold.otf"),
        ("URWGothic-Book.otf", "URWGothic-Demi.otf"),
        ("Carlito-Regular.ttf", "Carlito-Bold.ttf"),
        ("Lato-Regular.ttf", "Lato-Bold.ttf"),
        ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    ),
    "mono": (
        ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
        ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
        ("NimbusMonoPS-Regular.otf", "NimbusMonoPS-Bold.otf"),
        ("Courier Prime.otf", "Courier Prime Bold.otf"),
        ("GNUTypewriter.ttf", "GNUTypewriter.ttf"),
        ("cmuntt.ttf", "cmuntb.ttf"),
    ),
    "fraktur": (("Blankenburg_UNZ1A.ttf", "Blankenburg_UNZ1A.ttf"),),
}
#: What no sentence has: signs of markup, other scripts, passages in capitals.
_UNUSUAL = re.compile(r"[\[\]_/<>|\\=*#]|[^\x20-\u017f–—‘’“”„»«]|--|[A-Z]{3,} [A-Z]{3,}")
_VOWELS = "aeiouyäöüáéíóúàèêâîôû"
#: A vowel, and a consonant before another vowel: a word may be divided between them.
_DIVISIBLE = re.compile(f"(?<=[a-zäöü][{_VOWELS}])(?=[^\\W\\d_{_VOWELS}][{_VOWELS}]\\w)")


@dataclass(frozen=True)
class Face:
    """A typeface in a size: the file of its font, or Pillow's own, and pixels an em."""

    path: Path | None
    size: int

    def font(self) -> ImageFont.FreeTypeFont:
        return _font(self.path, self.size)

    def width(self, text: str) -> float:
        return float(self.font().getlength(text))

    def scaled(self, factor: float) -> Face:
        return Face(self.path, max(1, round(self.size * factor)))


@dataclass(frozen=True)
class Family:
    """A regular and a bold face, each by the file of its font."""

    regular: Path | None
    bold: Path | None

    def face(self, size: float) -> Face:
        return Face(self.regular, max(1, round(size)))

    def strong(self, size: float) -> Face:
        return Face(self.bold, max(1, round(size)))


@lru_cache(maxsize=256)
def _font(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is not None:
        return ImageFont.truetype(str(path), size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def find_families(folders: Iterable[Path] = FONT_FOLDERS) -> dict[str, list[Family]]:
    """Return the families found in some folders, by class.

    A class without any is missing; the class ``default`` is the face that comes with Pillow.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.[to]tf")):
            files.setdefault(file.name, file)
    found = {
        kind: [Family(files[a], files[b]) for a, b in names if a in files and b in files]
        for kind, names in FAMILIES.items()
    }
    return {kind: families for kind, families in found.items() if families} | {
        "default": [Family(None, None)]
    }


def read_texts(folders: Sequence[Path]) -> list[list[str]]:
    """Return the sentences of every text file of some folders, or of this project's licences."""
    texts = [path for folder in folders for path in sorted(folder.rglob("*.txt"))]
    texts = texts or sorted((ROOT / "LICENSES").glob("*.txt"))
    found = [sentences(path.read_text(encoding="utf-8", errors="replace")) for path in texts]
    return [text for text in found if len(text) >= 20]


def sentences(text: str) -> list[str]:
    """Return what has the form of sentences, in their order."""
    running = " ".join(text.replace("\ufffd", "").split())
    running = re.sub(r"(?<=[a-zäöüß])- (?=[a-zäöüß])", "", running)
    found = re.findall(r"(?<=[.!?] )[A-ZÄÖÜÉÀ][^.!?]{40,400}[.!?](?= |$)", running)
    return [s for s in found if not _UNUSUAL.search(s)]


class Prose:
    """The sentences of a text, one after the other from a place drawn by lot."""

    def __init__(self, text: Sequence[str], random: np.random.Generator) -> None:
        self._text = text
        self._random = random
        self._next = int(random.integers(len(text)))
        words = {w.lower() for s in text for w in re.findall(r"[^\W\d_]{3,}", s)}
        self._words = sorted(words)

    def sentence(self) -> str:
        self._next += 1
        return self._text[self._next % len(self._text)]

    def paragraph(self, shortest: int = 1, longest: int = 5) -> str:
        count = int(self._random.integers(shortest, longest + 1))
        return " ".join(self.sentence() for _ in range(count))

    def words(self, shortest: int, longest: int) -> str:
        """Return some words that follow each other, as a title or an entry has them."""
        count = int(self._random.integers(shortest, longest + 1))
        sentence = re.findall(r"[\w’'-]+", self._text[int(self._random.integers(len(self._text)))])
        begin = int(self._random.integers(max(1, len(sentence) - count)))
        text = " ".join(sentence[begin : begin + count])
        return text[:1].upper() + text[1:]

    def word(self) -> str:
        return self._words[int(self._random.integers(len(self._words)))]

    def name(self) -> str:
        return self.word().capitalize()

    def person(self) -> str:
        initial = "ABCDEFGHJKLMNPRSTW"[int(self._random.integers(18))]
        return f"{initial}. {self.name()}"

    def listed(self, count: int) -> list[str]:
        """Return so many different words in the order of the alphabet."""
        chosen = self._random.choice(len(self._words), min(count, len(self._words)), replace=False)
        return [self._words[i].capitalize() for i in sorted(chosen)]


class Breaker:
    """A paragraph that gives its lines one by one, for whatever width each has."""

    def __init__(self, text: str, face: Face, *, hyphens: bool = True) -> None:
        self._words = text.split()
        self._face = face
        self._hyphens = hyphens

    def __bool__(self) -> bool:
        return bool(self._words)

    def line(self, room: float) -> list[str]:
        """Return the words of the next line, at least one."""
        words: list[str] = []
        while self._words:
            if self._face.width(" ".join([*words, self._words[0]])) > room:
                if not self._divide(words, room) and not words:
                    words.append(self._words.pop(0))
                break
            words.append(self._words.pop(0))
        return words

    def _divide(self, words: list[str], room: float) -> bool:
        """Append the largest part of the next word that fits the line; return whether one does."""
        word = self._words[0]
        if not self._hyphens or not word.strip(".,;:!?").isalpha():
            return False
        for place in sorted((m.end() for m in _DIVISIBLE.finditer(word)), reverse=True):
            if self._face.width(" ".join([*words, word[:place] + "-"])) <= room:
                words.append(word[:place] + "-")
                self._words[0] = word[place:]
                return True
        return False

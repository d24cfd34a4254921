# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines that a smaller network learns from, and those that tell what it has learnt.

Nobody's transcription is learnt: the large network is the teacher. So any line will do, printed
ones as they are and as worse scans show them, and drawn ones in all scripts. Typewriters are drawn
often, and few are among the printed lines. Lines to choose by are of other works and other designs
of type (`script_fonts.divide`); they have texts.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from augment import Gray
from latin_lines import latin_fonts
from latin_texts import read_latin
from printed_lines import Print, draw_prints
from script_fonts import Division, Face, divide, is_fixed_pitch
from script_recipes import RECIPES, SOFT
from script_samples import WRITTEN, draw_script, faces_for, read_composers
from scripts import HELD_OUT, draw_lines, printed_text, read_printed
from writings import WRITINGS

from ocrd_rapid.ocr.recognition.line_input import prepare_line, scaled_line_width
from ocrd_rapid.pixels import grey_as_bgr
from ocrd_rapid.training.alphabet import normalize

SEED = 1
#: Lines of a shard by their kind.
SHARES: Mapping[str, int] = {
    "blackletter": 100,
    "earlyprint": 110,
    "greek-print": 40,
    "latin": 110,
    "typewriter": 60,
    "scripts": 80,
}
#: The same for shards from this number on, which have mainly other scripts than the Latin one.
SCRIPT_SHARDS = 100
SCRIPT_SHARES: Mapping[str, int] = {
    "blackletter": 40,
    "typewriter": 60,
    "latin": 60,
    "scripts": 340,
}
#: Lines to choose by, of every kind, and of every other script that a head reads.
CHOOSE, CHOOSE_SCRIPT = 100, 40
#: One of so many works is to choose by.
_WORKS = 10
#: Wider lines would need more memory than they are worth.
_WIDEST = 1600
#: Share of the lines of other scripts that are as wide as for Latin, as what tells scripts sees
#: them.
_PLAIN = 0.4
#: How often lines of a script with texts are drawn, beside scripts of which letters are drawn by
#: lot.
_WRITTEN = 4
#: Folders of printed lines, and their scripts.
_PRINTED = {
    "blackletter": ("blackletter-lines", "Latn"),
    "earlyprint": ("earlyprint-lines", "Latn"),
    "greek-print": ("greek-lines", "Grek"),
}
_NAMES = {WRITINGS[name].code: name for name in RECIPES}


@dataclass(frozen=True)
class SourceLine:
    """A line: its image, scaled for the network, and what it is; see `line_shards.ShardLine`."""

    image: Gray
    kind: str
    stretch: float
    source: str
    text: str = ""


class Sources:
    """Everything that lines are made of."""

    def __init__(self, lines: Path, packages: Path, faces: Sequence[Face]) -> None:
        """Read printed lines and texts; this takes a minute, and a gigabyte.

        Args:
            lines: has the folders of printed lines.
            packages: unpacked packages with texts.
            faces: fonts, see `script_fonts.read_faces`.
        """
        self._printed = {
            kind: _by_purpose(list(read_printed(lines / folder, code)), kind)
            for kind, (folder, code) in _PRINTED.items()
        }
        self._latin = read_latin(packages)
        fonts = latin_fonts(faces)
        typewriters = Division(
            *(tuple(filter(is_fixed_pitch, part)) for part in (fonts.learn, fonts.choose, ()))
        )
        self._types = {"latin": fonts, "typewriter": typewriters}
        self._composers = [
            (code, composer, divide(faces_for(code, faces)))
            for code, composer in read_composers(packages)
            if code != "Latn"
        ]

    def learn(self, number: int) -> Iterator[SourceLine]:
        """Yield the lines of a shard; the same ones for the same number."""
        makers: Mapping[str, Callable[[int, int], Iterator[SourceLine]]] = {
            **{kind: partial(self._prints, kind) for kind in self._printed},
            **{kind: partial(self._drawn, kind) for kind in self._types},
            "scripts": self._of_scripts,
        }
        shares = SHARES if number < SCRIPT_SHARDS else SCRIPT_SHARES
        for place, (kind, count) in enumerate(shares.items()):
            yield from makers[kind](count, _seed(number, place))

    def choose(self) -> Iterator[SourceLine]:
        """Yield the lines to choose by."""
        for kind, (_, held_out) in self._printed.items():
            chosen = random.Random(kind).sample(held_out, min(CHOOSE, len(held_out)))
            for image, text, work in chosen:
                yield from _scaled(image, kind, 1.0, work, _as_read(text, kind))
        for place, (kind, fonts) in enumerate(self._types.items()):
            drawn = draw_lines(
                self._latin, fonts.choose, fonts.choose, CHOOSE, place, soft=SOFT, natural=True
            )
            for line in drawn:
                yield from _scaled(line.image, kind, 1.0, line.design, normalize(line.text))
        for place, (code, composer, fonts) in enumerate(self._composers):
            if code not in _NAMES or not fonts.choose:
                continue
            name, foreign = _NAMES[code], self._types["latin"].choose
            for line in draw_script(composer, fonts.choose, foreign, CHOOSE_SCRIPT, place):
                text = normalize(printed_text(line, code))
                yield from _scaled(line.image, name, RECIPES[name].stretch, line.design, text)

    def _prints(self, kind: str, count: int, seed: int) -> Iterator[SourceLine]:
        """Yield printed lines, every second one as a worse scan shows it."""
        lines, _ = self._printed[kind]
        for image, _, work in draw_prints(lines, count, np.random.default_rng(seed), 1, 2):
            yield from _scaled(image, kind, 1.0, work)

    def _drawn(self, kind: str, count: int, seed: int) -> Iterator[SourceLine]:
        faces, composer = self._types[kind].learn, self._latin
        for line in draw_lines(composer, faces, faces, count, seed, soft=SOFT):
            yield from _scaled(line.image, kind, 1.0, line.design)

    def _of_scripts(self, count: int, seed: int) -> Iterator[SourceLine]:
        """Yield lines of all scripts, and of numbers, a few of each at a time."""
        able = [each for each in self._composers if each[2].learn]
        often = [_WRITTEN if code in WRITTEN else 1 for code, _, _ in able]
        chance = random.Random(seed)
        for number, place in enumerate(chance.choices(range(len(able)), often, k=count // 4)):
            code, composer, fonts = able[place]
            name = _NAMES.get(code, "")
            foreign = self._types["latin"].learn
            for line in draw_script(composer, fonts.learn, foreign, 4, _seed(seed, number)):
                plain = not name or chance.random() < _PLAIN
                stretch = 1.0 if plain else RECIPES[name].stretch
                yield from _scaled(line.image, "scripts", stretch, line.design)


def is_held_out(work: str, kind: str) -> bool:
    """Say whether the lines of a work are to choose by."""
    if kind == "greek-print":
        return work == HELD_OUT
    return int(hashlib.sha256(work.encode()).hexdigest(), 16) % _WORKS == 0


def _seed(*numbers: int) -> int:
    """Return a seed of several numbers."""
    return int(np.random.default_rng([SEED, *numbers]).integers(2**31))


def _by_purpose(lines: Sequence[Print], kind: str) -> tuple[list[Print], list[Print]]:
    """Return the lines to learn from, and those to choose by."""
    parts: tuple[list[Print], list[Print]] = ([], [])
    for line in lines:
        parts[is_held_out(line[2], kind)].append(line)
    counts = (len(part) for part in parts)
    works = (len({work for _, _, work in part}) for part in parts)
    print(f"{kind}: lines {tuple(counts)}, works {tuple(works)}", file=sys.stderr)
    return parts


def _as_read(text: str, kind: str) -> str:
    """Return a text as the head for its lines reads it."""
    text = normalize(text)
    # The quotation mark that ends German speech, as it is printed; see `blackletter.read_lines`.
    return text.replace("”", "“") if kind == "blackletter" else text


def _scaled(
    image: Gray, kind: str, stretch: float, source: str, text: str = ""
) -> Iterator[SourceLine]:
    """Yield a line as the network sees it, unless it is too wide, or narrower than a letter."""
    colour = grey_as_bgr(image)
    width = scaled_line_width(colour, stretch)
    if 16 <= width <= _WIDEST:
        batch, _ = prepare_line(colour, stretch=stretch)
        pixels = np.rint((batch[0, 0, :, :width] + 1) * 127.5).astype(np.uint8)
        yield SourceLine(pixels, kind, stretch, source, text)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of text set in open fonts, for signs that scanned lines have too few of.

The text is made of words of the scanned lines and of phrases written for this project; nothing
is downloaded. Fonts are read from a folder, see docs/models/blackletter.md.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Gray = NDArray[np.uint8]

#: Pixels of a letter's height; lines are scaled afterwards.
_SIZE = 44
_SMALL_E = "\u0364"
#: Words with capitals that no scanned line has.
_CAPITALS = (
    "Ärzte Äcker Ähnlich Äpfel Ämter Äußerſt Änderung Ärger Äſte Örtlich Öffnung Öl Öde "
    "Öſterreich Öffentlich Ökonomie Öfen Überfluß Übung Übrigens Über Übel Überall Überſicht "
    "Üben Quelle Quartal Xaver Ypern Caſſe Chriſt Chor Xerxes Yſop Jahr Ihr Juni Juli Jena"
)
#: Roman words among black letter.
_ROMAN = (
    "et de la vide ibid. loc. cit. in foro ad vocem pro anno publico Codex juris lex Roma aqua "
    "sed non est qui quod le roi des mémoire général près société à la même français liberté "
    "garçon op. p. vol. The Times of street New York"
)
_ABBREVIATIONS = "ꝛc. u. ſ. w. d. h. z. B. Nr. Bd. S. vgl. a. a. O. Dr. St. Thlr. Sgr. Pf. fl. kr."

#: How numbers stand in text.
_NUMBERS = ((0, 99), (1500, 1899), (100, 99999))
_FORMS = ("{}", "{}.", "{},", "§", "§ {}", "({})", "[{}]", "{}—{}", "{}*)", "†{}", "{}:", "&")
#: What stands before and after quoted words.
_QUOTES = (
    ("„", "“"), ("„", "“"), ("„", ".“"), ("„", "!“"), ("„", ",“"), ("‚", "‘"), ("‚", "‘,"),
    ("»", "«"), ("»", ".«"), ("«", "»"), ("›", "‹"), ("(", ")"),
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """A font at one size.

    Attributes:
        name: of its file, without suffix.
        font: as Pillow takes it.
        signs: the code points that it has.
    """

    name: str
    font: FreeTypeFont
    signs: frozenset[str]

    def can_set(self, text: str) -> bool:
        """Say whether it has all signs of a text; the e above letters is put together."""
        return all(sign in self.signs or sign in f" {_SMALL_E}" for sign in text)


def read_faces(folder: Path) -> list[Face]:
    """Return the fonts (TTF, TTC, OTF, WOFF2) of a folder, in the order of their names."""
    from fontTools.ttLib import TTFont
    from PIL import ImageFont

    faces = []
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() not in (".ttf", ".ttc", ".otf", ".woff2"):
            continue
        font = TTFont(path, fontNumber=0)
        signs = frozenset(map(chr, font.getBestCmap()))
        font.flavor = None
        stream = io.BytesIO()
        font.save(stream)
        stream.seek(0)
        sized = ImageFont.truetype(stream, _SIZE, layout_engine=ImageFont.Layout.BASIC)
        faces.append(Face(path.stem, sized, signs))
    return faces


def set_lines(
    count: int, words: Sequence[str], black: Sequence[Face], roman: Sequence[Face], seed: int
) -> list[tuple[Gray, str]]:
    """Return lines set in black letter, with their texts.

    Args:
        count: how many.
        words: of the language, as black letter writes them.
        black: the fonts of the text.
        roman: the fonts of foreign words.
        seed: of all that is random.
    """
    chance = random.Random(seed)
    lines: list[tuple[Gray, str]] = []
    usable = {face.name: [word for word in words if face.can_set(word)] for face in black}
    while len(lines) < count:
        face = chance.choice(black)
        parts = _compose(face, usable[face.name], roman, chance)
        if parts:
            text = " ".join(text for text, _ in parts)
            lines.append((draw_line(parts, chance), text))
    return lines


def _compose(
    face: Face, words: Sequence[str], roman: Sequence[Face], chance: random.Random
) -> list[tuple[str, Face]]:
    """Return the words of a line with the fonts that they are set in."""
    parts: list[tuple[str, Face]] = []
    for _ in range(chance.randint(2, 9)):
        kind = chance.random()
        if kind < 0.12 and roman:
            other = chance.choice(roman)
            parts.append((chance.choice(_ROMAN.split()), other))
            continue
        makers: tuple[tuple[float, Callable[[], str]], ...] = (
            (0.20, lambda: chance.choice(_CAPITALS.split())),
            (0.27, lambda: chance.choice(_ABBREVIATIONS.split())),
            (0.40, lambda: _number(chance)),
            (0.62, lambda: _quoted(chance.choice(words), chance)),
            (0.70, lambda: _marked(chance.choice(words), chance)),
            (1.00, lambda: chance.choice(words)),
        )
        word = next(make() for limit, make in makers if kind <= limit)
        if face.can_set(word):
            parts.append((word, face))
    return parts


def _number(chance: random.Random) -> str:
    number = str(chance.randint(*chance.choice(_NUMBERS)))
    form = chance.choice(_FORMS)
    return form.format(number, number)


def _quoted(word: str, chance: random.Random) -> str:
    before, after = chance.choice(_QUOTES)
    word = word.rstrip(".,;:!?")
    return chance.choice([before + word, word + after, before + word + after])


def _marked(word: str, chance: random.Random) -> str:
    """Return a word with an e above its vowels, in place of umlauts."""
    table = {"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U"}
    found = "".join(table[sign] + _SMALL_E if sign in table else sign for sign in word)
    return found if _SMALL_E in found else chance.choice(_CAPITALS.split())


def draw_line(parts: Sequence[tuple[str, Face]], chance: random.Random) -> Gray:
    """Return words set in a line, each in its font, black on white, tightly framed."""
    from PIL import Image, ImageDraw

    tracking = chance.choice([0, 0, 0, 0, 1, chance.randint(4, 12)])
    gap = chance.uniform(0.25, 0.6) * _SIZE
    canvas = Image.new("L", (6000, 2 * _SIZE), 255)
    draw = ImageDraw.Draw(canvas)
    x = _SIZE * 0.2
    baseline = round(_SIZE * 1.3)
    for text, face in parts:
        x = _draw_word(draw, text, face, x, baseline, tracking) + gap
    pixels = np.asarray(canvas)
    rows = np.flatnonzero((pixels < 128).any(axis=1))
    top = min(rows[0], baseline - round(_SIZE * 0.75)) if len(rows) else 0
    bottom = max(rows[-1], baseline + round(_SIZE * 0.2)) if len(rows) else 2 * _SIZE - 1
    return np.ascontiguousarray(pixels[max(0, top - 1) : bottom + 2, : max(16, round(x - gap + 4))])


def _draw_word(
    draw: ImageDraw, text: str, face: Face, x: float, baseline: int, tracking: int
) -> float:
    """Draw a word; return where it ends."""
    font = face.font
    if not tracking and _SMALL_E not in text:
        draw.text((x, baseline), text, font=font, fill=0, anchor="ls")
        return x + float(font.getlength(text))
    last = ""
    for sign in text:
        if sign == _SMALL_E:
            small = font.font_variant(size=round(_SIZE * 0.45))
            height = 0.62 if last.islower() else 0.85
            left = x - tracking - float(font.getlength(last)) / 2
            draw.text((left, baseline - height * _SIZE), "e", font=small, fill=0, anchor="ms")
            continue
        draw.text((x, baseline), sign, font=font, fill=0, anchor="ls")
        x += float(font.getlength(sign)) + tracking
        last = sign
    return x - tracking

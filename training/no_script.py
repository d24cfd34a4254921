# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that are no text, and lines in scripts that never were.

What a detector of lines takes for text is sometimes ornament, rule, picture, stain, scribble, music
or mathematics. Scripts that never were are alphabets of a few strokes a letter: whoever knows
thirty scripts shall see that they are none of them.
"""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade, degrade_and_trace
from drawing import Placed
from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont
from script_samples import UNKNOWN, Sample

#: Parts of the names of fonts of signs.
_SIGNS = (
    "Symbol", "Music", "Math", "Dingbat", "D050000L", "awesome", "entypo", "elusive", "Euterpe",
    "denemo", "StandardSymbols", "STIX", "Webdings",
)  # fmt: skip
#: Categories of Unicode of signs that are no letters.
_NO_LETTERS = frozenset({"So", "Sm", "Sk", "Sc", "No", "Nd", "Po", "Co", "Pd", "Ps", "Pe"})

SEED = 1


@dataclass(frozen=True)
class Signs:
    """A font, and those of its signs that are no letters."""

    path: Path
    signs: tuple[str, ...]


def read_signs(folder: Path) -> list[Signs]:
    """Return the fonts of a folder that are of signs."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".ttf", ".otf") or not any(s in path.name for s in _SIGNS):
            continue
        try:
            with TTFont(path, lazy=True) as font:
                cmap = font.getBestCmap() or {}
        except (TTLibError, OSError, AssertionError):
            continue
        signs = tuple(chr(n) for n in cmap if unicodedata.category(chr(n)) in _NO_LETTERS)
        if len(signs) >= 20:
            found.append(Signs(path, signs))
    return found


def draw_empty(folder: Path, count: int, *, learn: bool) -> Iterator[Sample]:
    """Yield lines without a letter, two of three as bad scans show them.

    Args:
        folder: with fonts of signs; every fourth, by a hash of its name, is to judge by.
        count: how many.
        learn: they are to learn from, not to judge by.
    """
    fonts = [font for font in read_signs(folder) if _is_to_learn(font) == learn]
    seed = SEED + learn
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    makers: tuple[tuple[str, Callable[[], Gray]], ...] = (
        ("signs", lambda: _signs(fonts, chance)),
        ("signs", lambda: _signs(fonts, chance)),
        ("ornament", lambda: _ornament(fonts, chance)),
        ("rules", lambda: _rules(chance)),
        ("scribble", lambda: _scribble(chance)),
        ("picture", lambda: _picture(chance, rng)),
        ("stains", lambda: _stains(chance, rng)),
        ("music", lambda: _music(chance)),
    )
    for number in range(count):
        kind, make = makers[number % len(makers)]
        image = make()
        if number % 3:
            image = degrade(image, image, rng)
        yield Sample(image, (), "", kind)


def _is_to_learn(font: Signs) -> bool:
    return hashlib.sha256(font.path.name.encode()).digest()[0] % 4 != 0


def _signs(fonts: Sequence[Signs], chance: random.Random) -> Gray:
    """Signs in a row, such as formulas have, with digits."""
    font, size = chance.choice(fonts), chance.choice((30, 40, 50))
    words = []
    for _ in range(chance.randint(1, 6)):
        kind = chance.random()
        if kind < 0.3:
            words.append("".join(chance.choices("0123456789.,+-=()", k=chance.randint(1, 6))))
        else:
            words.append("".join(chance.choices(font.signs, k=chance.randint(1, 5))))
    return _set(" ".join(words), font.path, size)


def _ornament(fonts: Sequence[Signs], chance: random.Random) -> Gray:
    """A sign or two, again and again."""
    font, size = chance.choice(fonts), chance.choice((30, 40, 50))
    unit = "".join(chance.choices(font.signs, k=chance.choice((1, 1, 2))))
    gap = chance.choice(("", " ", "  "))
    return _set(gap.join([unit] * chance.randint(1, 14)), font.path, size)


def _set(text: str, path: Path, size: int) -> Gray:
    font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    image = Image.new("L", (size * 50, size * 3), 255)
    ImageDraw.Draw(image).text((size, size * 2), text, 0, font, "ls")
    return _framed(np.asarray(image), size)


def _framed(pixels: Gray, size: int) -> Gray:
    rows, columns = (np.flatnonzero((pixels < 128).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.full((size, size * 4), 255, np.uint8)
    top, bottom = max(0, rows[0] - 2), rows[-1] + 3
    if bottom - top < size * 0.7:
        top = max(0, bottom - round(size * 0.7))
    return np.ascontiguousarray(pixels[top:bottom, max(0, columns[0] - 3) : columns[-1] + 4])


def _rules(chance: random.Random) -> Gray:
    """Rules, dotted lines, brackets, frames."""
    height, width = chance.randint(24, 60), chance.randint(60, 900)
    image = np.full((height, width), 255, np.uint8)
    for _ in range(chance.randint(1, 4)):
        y, thick = chance.randrange(height), chance.choice((1, 1, 2, 3, 5))
        kind = chance.random()
        if kind < 0.5:
            rise = chance.randint(-3, 3)
            cv2.line(image, (0, y), (width, y + rise), chance.randint(0, 90), thick)
        elif kind < 0.8:
            step, radius = chance.randint(5, 24), chance.randint(1, 3)
            for x in range(0, width, step):
                cv2.circle(image, (x, y), radius, 0, -1)
        else:
            for _ in range(chance.randint(1, 5)):
                x = chance.randrange(width)
                cv2.line(image, (x, 0), (x + chance.randint(-2, 2), height), 0, thick)
    return image


def _scribble(chance: random.Random) -> Gray:
    """A pen's strokes, joined, without plan."""
    height, width = chance.randint(30, 70), chance.randint(80, 800)
    image = np.full((height, width), 255, np.uint8)
    x, thick = 5.0, chance.choice((1, 2, 2, 3))
    lean, reach = chance.uniform(0, 0.6), chance.uniform(4, 16)
    while x < width - 20:
        points = []
        y = height * 0.6
        for _ in range(chance.randint(2, 14)):
            x += chance.uniform(-0.2, 1.0) * reach
            rise = chance.choice((0.1, 0.15, 0.2, 0.4)) * height * chance.choice((-1, 1))
            points.append((x + lean * -rise, y + rise))
        _stroke(image, points, thick)
        x += chance.uniform(5, 30)
    return image


def _stroke(image: Gray, points: Sequence[tuple[float, float]], thick: int) -> None:
    """Draw a smooth line through points."""
    known = np.array(points)
    if len(known) < 2:
        return
    at = np.linspace(0, len(known) - 1, 8 * len(known))
    lower = np.clip(at.astype(int), 0, len(known) - 2)
    share = (at - lower)[:, None]
    share = share * share * (3 - 2 * share)
    smooth = known[lower] * (1 - share) + known[lower + 1] * share
    cv2.polylines(image, [smooth.round().astype(np.int32)], False, 0, thick, cv2.LINE_AA)


def _picture(chance: random.Random, rng: np.random.Generator) -> Gray:
    """A piece of a picture: tones, hatched, screened, or as they are."""
    height, width = chance.randint(30, 70), chance.randint(60, 700)
    tones = rng.standard_normal((height, width)).astype(np.float32)
    tones = cv2.GaussianBlur(tones, (0, 0), chance.uniform(2, 14))
    tones = (tones - tones.min()) / (np.ptp(tones) + 1e-6)
    kind, (rows, columns) = chance.random(), np.mgrid[:height, :width]
    period = chance.uniform(3, 9)
    if kind < 0.35:
        screen = np.sin(columns * 2 * np.pi / period) * np.sin(rows * 2 * np.pi / period)
        tones = (tones > 0.5 + 0.45 * screen).astype(np.float32)
    elif kind < 0.7:
        lean = chance.uniform(-1.5, 1.5)
        hatch = np.sin((columns + lean * rows) * 2 * np.pi / period)
        tones = (tones > 0.5 + 0.45 * hatch).astype(np.float32)
    return (tones * 255).astype(np.uint8)


def _stains(chance: random.Random, rng: np.random.Generator) -> Gray:
    """Paper, empty or with blots."""
    height, width = chance.randint(24, 60), chance.randint(40, 600)
    image = np.full((height, width), 255, np.uint8)
    field = rng.standard_normal((height, width)).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), chance.uniform(0.8, 5))
    image[field > np.quantile(field, chance.uniform(0.85, 1.0))] = chance.randint(0, 140)
    return image


def _music(chance: random.Random) -> Gray:
    """Staves with notes."""
    height, width = chance.randint(36, 70), chance.randint(120, 900)
    image = np.full((height, width), 255, np.uint8)
    step = height // 7
    for line in range(5):
        cv2.line(image, (0, step * (line + 1)), (width, step * (line + 1)), 0, 1)
    x = 20
    while x < width - 10:
        y = chance.randint(step, height - step)
        if chance.random() < 0.15:
            cv2.line(image, (x, step), (x, step * 5), 0, 1)
        else:
            filled = -1 if chance.random() < 0.7 else 1
            cv2.ellipse(image, (x, y), (step // 2 + 1, step // 3 + 1), -20, 0, 360, 0, filled)
            up = chance.choice((-1, 1))
            cv2.line(image, (x + up, y), (x + up, y + up * step * 3), 0, 1)
        x += chance.randint(step + 2, step * 5)
    return image


def draw_invented(count: int, *, learn: bool) -> Iterator[Sample]:
    """Yield lines in scripts that never were, as bad scans show them."""
    seed = SEED + learn
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    for _ in range(count):
        image, words = _invented_line(chance)
        worse = degrade_and_trace(image, image, rng)
        placed = (
            Placed("xxxx", UNKNOWN, *(x * worse.scale + worse.shift for x in word))
            for word in words
        )
        yield Sample(worse.image, tuple(placed), UNKNOWN, "invented")


def _invented_line(chance: random.Random) -> tuple[Gray, list[tuple[int, int]]]:
    """Return a line, and where its words begin and end, in pixels."""
    size, thick = chance.choice((32, 40, 48)), chance.choice((2, 3, 3, 4, 5))
    alphabet = [_letter(chance, size, thick) for _ in range(chance.randint(12, 40))]
    weights = [chance.paretovariate(1.3) for _ in alphabet]
    height, gap, space = len(alphabet[0]), chance.randint(1, 6), round(size * 0.45)
    bar = chance.random() < 0.15
    parts, words, x = [], [], 0
    for _ in range(chance.randint(1, 6)):
        letters = chance.choices(alphabet, weights, k=chance.randint(2, 8))
        blank = np.full((height, gap), 255, np.uint8)
        word = np.hstack([part for letter in letters for part in (letter, blank)])
        if bar:
            word[size // 3 : size // 3 + thick] = 0
        words.append((x, x + word.shape[1]))
        parts += [word, np.full((height, space), 255, np.uint8)]
        x += word.shape[1] + space
    return np.hstack(parts), words


def _letter(chance: random.Random, size: int, thick: int) -> Gray:
    """Return a letter of one to four strokes between points of a grid."""
    width = round(size * chance.uniform(0.35, 1.0))
    image = np.full((round(size * 1.4), width + 2 * thick), 255, np.uint8)
    top, bottom = round(size * 0.35), round(size * 1.15)
    if chance.random() < 0.3:
        top = round(size * 0.05)
    elif chance.random() < 0.2:
        bottom = round(size * 1.35)

    def point() -> tuple[int, int]:
        return (
            thick + round(chance.choice((0, 0.5, 1)) * width),
            round(top + chance.choice((0, 0.33, 0.5, 0.66, 1)) * (bottom - top)),
        )

    for _ in range(chance.choice((1, 2, 2, 3, 3, 4))):
        kind = chance.random()
        if kind < 0.4:
            cv2.line(image, point(), point(), 0, thick, cv2.LINE_AA)
        elif kind < 0.75:
            start = chance.randrange(0, 360, 45)
            sweep = chance.choice((120, 180, 270, 360))
            axes = (max(2, round(width * chance.uniform(0.2, 0.5))),
                    max(2, round((bottom - top) * chance.uniform(0.15, 0.5))))  # fmt: skip
            cv2.ellipse(image, point(), axes, 0, start, start + sweep, 0, thick, cv2.LINE_AA)
        elif kind < 0.9:
            _stroke(image, [point() for _ in range(3)], thick)
        else:
            cv2.circle(image, point(), thick, 0, -1, cv2.LINE_AA)
    return image

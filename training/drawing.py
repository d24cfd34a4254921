# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of any script, drawn by Pillow (HarfBuzz, by way of Raqm), with the place of every word.

Every word is drawn apart, in a font of its own script, so that a line can have several. Words stand
in the order in which they are seen: as Unicode's bidirectional algorithm puts whole words.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from augment import Gray, degrade_and_trace
from PIL import Image, ImageDraw, ImageFont
from script_fonts import Face
from script_texts import Word

from ocrd_rapid.evaluation.normalization import characters
from ocrd_rapid.languages.scripts import SCRIPTS

RIGHT_TO_LEFT = frozenset(code for code, script in SCRIPTS.items() if script.right_to_left)
#: Scripts whose letters can be set apart for emphasis.
_SPACED = frozenset({"Latn", "Cyrl", "Grek", "Armn", "Geor"})
#: White between words, in spaces of the font, as lines are set tight or justified.
_GAP = (0.75, 2.0)
#: The narrowest space that a font is trusted to have; this and the following in sizes of the type.
_SPACE = 0.2
#: White between letters that are set apart.
_TRACKING = 0.14
#: The most white that is left above a line, and below it.
_WHITE = 0.12


@dataclass(frozen=True)
class Placed:
    """A word in a line.

    Attributes:
        text: in logical order.
        script: code of ISO 15924; empty if it has no letters.
        left, right: where it begins and ends, in pixels.
    """

    text: str
    script: str
    left: float
    right: float


@dataclass(frozen=True)
class DrawnLine:
    """A line.

    Attributes:
        image: shape (H, W), dark on light.
        text: in logical order.
        words: in visual order, from left to right.
        design: of the font of its script.
    """

    image: Gray
    text: str
    words: tuple[Placed, ...]
    design: str


@dataclass(frozen=True)
class Cast:
    """The fonts of a line: that of its script, and that of foreign words and missing signs."""

    own: Face
    foreign: Face

    def of(self, word: Word, code: str) -> Face | None:
        """Return the font of a word in a line of a script; nothing if there is none.

        Words of the script are drawn in its own font alone, so that no line to judge by has
        letters that were learnt.
        """
        order = [self.own] if word.script == code else [self.own, self.foreign]
        if word.script not in ("", code):
            order = [self.foreign, self.own]
        return next((face for face in order if face.can_draw(word.text)), None)


def visual_order(words: Sequence[Word], right_to_left: bool) -> list[Word]:
    """Return words in the order in which they stand on paper, from left to right.

    Words without letters go with what stands before them, as numbers do in Unicode's
    bidirectional algorithm. Punctuation must be at no border between directions.
    """
    runs: list[tuple[bool, list[Word]]] = []
    for word in words:
        turned = word.script in RIGHT_TO_LEFT
        if not word.script:
            turned = runs[-1][0] if runs else right_to_left
        if not runs or runs[-1][0] != turned:
            runs.append((turned, []))
        runs[-1][1].append(word)
    found = [run[::-1] if turned else run for turned, run in runs]
    return [word for run in (found[::-1] if right_to_left else found) for word in run]


def draw_words(
    words: Sequence[Word], code: str, cast: Cast, chance: random.Random
) -> DrawnLine | None:
    """Return a line of words, black on white, framed as a detector of lines does.

    Args:
        words: in logical order.
        code: of the line's script.
        cast: the fonts.
        chance: all randomness.

    Returns:
        The line; nothing if the fonts lack a sign, or draw nothing.
    """
    faces = [cast.of(word, code) for word in words]
    if None in faces or not words:
        return None
    right_to_left = code in RIGHT_TO_LEFT and not (
        any(word.script == "Latn" for word in words) and chance.random() < 0.3
    )
    face_of = {word: face for word, face in zip(words, faces, strict=True) if face}
    size = chance.choice((28, 32, 36, 40, 44, 48, 56))
    spaced = chance.random() < 0.06
    gap = chance.uniform(*_GAP) * max(cast.own.at(size).getlength(" "), _SPACE * size)
    gap += _TRACKING * size * spaced
    canvas = Image.new("L", (size * 90, size * 4), 255)
    drawing, baseline, x = ImageDraw.Draw(canvas), round(size * 2.3), size * 0.5
    placed = []
    for word in visual_order(words, right_to_left):
        font = face_of[word].at(size)
        direction = "rtl" if right_to_left or word.script in RIGHT_TO_LEFT else "ltr"
        if word.script == "Latn":
            direction = "ltr"
        if spaced and word.script in _SPACED:
            end = _draw_spaced(drawing, word.text, font, x, baseline, _TRACKING * size)
        else:
            drawing.text((x, baseline), word.text, 0, font, "ls", direction=direction)
            end = x + float(font.getlength(word.text, direction=direction))
        placed.append(Placed(word.text, word.script, x, end))
        x = end + gap
        if x > canvas.width - size:
            return None
    pixels = np.asarray(canvas)
    rows, columns = (np.flatnonzero((pixels < 128).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    above, below = (round(chance.uniform(0, _WHITE) * size) for _ in range(2))
    top = max(0, min(rows[0], baseline - round(0.7 * size)) - 1 - above)
    bottom = max(rows[-1], baseline + round(0.15 * size)) + 2 + below
    left = max(0, columns[0] - 3)
    image = np.ascontiguousarray(pixels[top:bottom, left : columns[-1] + 4])
    moved = tuple(replace(w, left=w.left - left, right=w.right - left) for w in placed)
    return DrawnLine(image, " ".join(word.text for word in words), moved, cast.own.design)


def _draw_spaced(
    drawing: ImageDraw.ImageDraw,
    text: str,
    font: ImageFont.FreeTypeFont,
    x: float,
    baseline: int,
    tracking: float,
) -> float:
    """Draw a word with its letters set apart; return where it ends."""
    for letter in characters(text):
        drawing.text((x, baseline), letter, 0, font, "ls")
        x += float(font.getlength(letter)) + tracking
    return x - tracking


def vary(line: DrawnLine, rng: np.random.Generator) -> DrawnLine:
    """Return a line as in another type: wider or narrower, sloping, bolder or lighter, uneven."""
    height, width = line.image.shape
    scale, slope = float(np.exp(rng.normal(0, 0.12))), float(rng.normal(0, 0.07))
    # No letter leaves the image.
    margin = abs(slope) * height / 2
    matrix = np.array([[scale, -slope, margin + slope * height / 2], [0, 1, 0]])
    size = (max(16, round(scale * width + 2 * margin)), height)
    image = cv2.warpAffine(line.image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255)
    if rng.random() < 0.5:
        image = _bend(image, rng)
    if rng.random() < 0.5:
        image = _weigh(image, rng)
    words = tuple(
        replace(word, left=word.left * scale + margin, right=word.right * scale + margin)
        for word in line.words
    )
    return replace(line, image=np.asarray(image, np.uint8), words=words)


def _bend(image: Gray, rng: np.random.Generator) -> Gray:
    """Return a line whose letters are drawn a little otherwise, each differently.

    It is a smooth random displacement (Simard, Steinkraus and Platt, ICDAR 2003).
    """
    height, width = image.shape
    smooth, far = rng.uniform(0.15, 0.4) * height, rng.uniform(0.01, 0.035) * height
    rows, columns = np.indices((height, width), dtype=np.float32)
    moved = []
    for places in (columns, rows):
        field = cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), smooth)
        moved.append(places + field * np.float32(far / max(1e-6, float(field.std()))))
    return np.asarray(cv2.remap(image, *moved, cv2.INTER_LINEAR, borderValue=255), np.uint8)


def _weigh(image: Gray, rng: np.random.Generator) -> Gray:
    """Return a line in a bolder or lighter weight: ink that spreads, or does not reach."""
    spread = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.015, 0.035) * image.shape[0])
    level = rng.uniform(85, 190)
    return ((spread.astype(np.float32) - level) * 2.5 + 128).clip(0, 255).astype(np.uint8)


def soften(line: DrawnLine, rng: np.random.Generator) -> DrawnLine:
    """Return a line as a good scan would show it: margins, a little blur and noise."""
    height = line.image.shape[0]
    top, bottom, left, right = (int(share * height) for share in rng.uniform(0.02, 0.2, 4))
    image = cv2.copyMakeBorder(line.image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=255)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2)).astype(np.float32)
    ink, paper = rng.uniform(0, 60), rng.uniform(210, 255)
    image = ink + image / 255 * (paper - ink) + rng.normal(0, rng.uniform(0, 12), image.shape)
    words = tuple(
        replace(word, left=word.left + left, right=word.right + left) for word in line.words
    )
    return replace(line, image=image.clip(0, 255).astype(np.uint8), words=words)


def worsen(line: DrawnLine, other: DrawnLine, rng: np.random.Generator) -> DrawnLine:
    """Return a line as a bad scan would show it, with the places of its words."""
    worse = degrade_and_trace(line.image, other.image, rng)
    words = tuple(
        replace(
            word,
            left=word.left * worse.scale + worse.shift,
            right=word.right * worse.scale + worse.shift,
        )
        for word in line.words
    )
    return replace(line, image=worse.image, words=words)

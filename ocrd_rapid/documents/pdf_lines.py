# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the characters of a PDF page to words, lines and regions in reading order.

A line ends where pdfium's next character is not a continuation of it: at a jump of the baseline,
another direction, or a gap as wide as between columns. Lines that stand side by side without such
a gap, as files that paint bold words last have them, are joined. The regions and their order are
those of the layout that detected lines get.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..ocr.geometry import Points, order_corners
from ..ocr.layout.segmentation import lay_out_by_direction
from ..ocr.page_model import ReadLine, ReadPage, ReadRegion, ReadWord
from ..ocr.text_direction import is_right_to_left
from ..transforms import Transform
from .pdf_characters import PdfCharacter

#: [em] Gap between two characters from which the second begins another line.
_COLUMN_GAP = 1.5
#: [em] Distance of their baselines from which they are on different lines; indices are nearer.
_BASELINE_JUMP = 0.5
#: [em] Gap up to which lines side by side are one, and largest distance of their baselines.
_JOINED_GAP, _JOINED_BASELINES = 0.6, 0.15
#: Cosine of the angle between directions that are the same.
_SAME_DIRECTION = 0.985
#: [em] Height of letters above the baseline, and depth below, for glyphs without outlines and for
#: the layout, which compares heights of lines.
_ASCENT, _DESCENT = 0.75, 0.25
#: [em] Height of a word below which its outlines say nothing, as those of a dash.
_NO_HEIGHT = 0.25

#: Plain numbers: arrays of two take ten times as long.
Vector = tuple[float, float]


@dataclass(frozen=True)
class _Placed:
    """A character in pixels.

    Attributes:
        text: the character.
        start: its origin on the baseline.
        box: left, top, right and bottom of its outline.
        direction: unit vector in the direction of writing.
        em: its size, across the direction of writing.
    """

    text: str
    start: Vector
    box: tuple[float, float, float, float]
    direction: Vector
    em: float


@dataclass(frozen=True)
class _Frame:
    """The axes of a line: along it, and across it to its foot.

    Attributes:
        along: unit vector in the direction of writing.
        em: size of its letters in pixels.
        base: coordinate of the baseline, across.
    """

    along: Vector
    em: float
    base: float

    def extent(self, placed: _Placed) -> tuple[float, float, float, float]:
        """Return the extent of a character in the axes: start, head, end, foot."""
        left, top, right, bottom = placed.box
        width, height = right - left, bottom - top
        x, y = (left + right) / 2, (top + bottom) / 2
        dx, dy = self.along
        cos, sin = abs(dx), abs(dy)
        # The box of a turned rectangle, solved for the rectangle; at 45 degrees it has no solution.
        slant = cos * cos - sin * sin
        if abs(slant) > 0.2:
            long = max((width * cos - height * sin) / slant, 0.0)
            high = max((height * cos - width * sin) / slant, 0.0)
        else:
            long = high = max(width, height) / (cos + sin)
        u, v = x * dx + y * dy, y * dx - x * dy
        return u - long / 2, v - high / 2, u + long / 2, v + high / 2

    def quad(self, start: float, head: float, end: float, foot: float) -> Points:
        """Return the corners of a rectangle in the axes, clockwise from its head and start."""
        corners = [(start, head), (end, head), (end, foot), (start, foot)]
        return np.array([self.point(u, v) for u, v in corners], dtype=np.float32)

    def point(self, u: float, v: float) -> Vector:
        """Return the point that is so far along the line and across it, in pixels of the page."""
        dx, dy = self.along
        return u * dx - v * dy, u * dy + v * dx

    def letters(self, start: float, end: float) -> Points:
        """Return the corners of a rectangle as high as letters of this size usually are."""
        head, foot = self.base - _ASCENT * self.em, self.base + _DESCENT * self.em
        return self.quad(start, head, end, foot)


def read_page(
    found: Iterable[PdfCharacter], to_pixels: Transform, width: int, height: int
) -> ReadPage:
    """Return what characters say, as the page of a document; its number and label are not in it.

    Args:
        found: the characters in pdfium's order.
        to_pixels: the transform from user space to pixels of the page.
        width: width of the page in pixels.
        height: its height.
    """
    lines = [line for line in _lines(found, to_pixels[:2].tolist(), width, height) if line]
    lines = _joined(lines)
    frames = [_frame(line) for line in lines]
    boxes = [_box(line, frame) for line, frame in zip(lines, frames, strict=True)]
    turns = [_turn(frame.along) for frame in frames]
    letters: Counter[int] = Counter()
    for line, turn in zip(lines, turns, strict=True):
        letters[turn] += sum(map(len, line))
    orientation = letters.most_common(1)[0][0] if letters else 0
    limits = np.array([width, height], dtype=np.float32)
    regions = [
        ReadRegion(
            tuple(_line(lines[i], frames[i], limits) for i in region.lines),
            region.kind,
            Counter(turns[i] for i in region.lines).most_common(1)[0][0],
        )
        for region in lay_out_by_direction(boxes, known=orientation % 360, tables=False)
    ]
    return ReadPage(width, height, tuple(regions), orientation=orientation, source="pdf")


#: Characters of a line, by words.
_Words = list[list[_Placed]]


def _lines(
    found: Iterable[PdfCharacter], to_pixels: Sequence[Sequence[float]], width: int, height: int
) -> Iterable[_Words]:
    """Yield the lines; characters outside of the page are left out."""
    words: _Words = []
    last: _Placed | None = None
    begins = True
    for character in found:
        if character.is_space:
            begins = True
            continue
        placed = _placed(character, to_pixels)
        x, y = (placed.box[0] + placed.box[2]) / 2, (placed.box[1] + placed.box[3]) / 2
        if not (0 <= x <= width and 0 <= y <= height):
            begins = True
            continue
        if last is not None and not _continues(last, placed):
            yield words
            words, begins = [], True
        if begins or not words:
            words.append([])
            begins = False
        words[-1].append(placed)
        last = placed
    yield words


def _placed(character: PdfCharacter, to_pixels: Sequence[Sequence[float]]) -> _Placed:
    (a, c, e), (b, d, f) = to_pixels

    def point(x: float, y: float) -> Vector:
        return a * x + c * y + e, b * x + d * y + f

    left, bottom, right, top = character.box
    (x0, y0), (x1, y1) = point(left, bottom), point(right, top)
    x, y = character.along
    direction = _unit(a * x + c * y, b * x + d * y)
    x, y = character.up
    em = abs(_dot((a * x + c * y, b * x + d * y), _across(direction)))
    box = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    return _Placed(character.text, point(*character.origin), box, direction, max(em, 1e-3))


def _unit(x: float, y: float) -> Vector:
    length = max(math.hypot(x, y), 1e-9)
    return x / length, y / length


def _dot(one: Vector, two: Vector) -> float:
    return one[0] * two[0] + one[1] * two[1]


def _across(along: Vector) -> Vector:
    """Return the unit vector from the head of letters to their foot."""
    return -along[1], along[0]


def _continues(last: _Placed, placed: _Placed) -> bool:
    """Return whether a character continues the line of the one before."""
    if _dot(last.direction, placed.direction) < _SAME_DIRECTION:
        return False
    em = max(last.em, placed.em)
    across = _across(last.direction)
    if abs(_dot(placed.start, across) - _dot(last.start, across)) > _BASELINE_JUMP * em:
        return False
    frame = _Frame(last.direction, em, 0)
    one, two = frame.extent(last), frame.extent(placed)
    return max(one[0], two[0]) - min(one[2], two[2]) <= _COLUMN_GAP * em


def _frame(line: _Words) -> _Frame:
    """Return the axes of a line: those of most of its characters, by the median."""
    placed = [character for word in line for character in word]
    em = float(np.median([character.em for character in placed]))
    x, y = np.median([character.direction for character in placed], axis=0).tolist()
    along = _unit(x, y)
    base = float(np.median([_dot(character.start, _across(along)) for character in placed]))
    return _Frame(along, em, base)


def _joined(lines: Sequence[_Words]) -> list[_Words]:
    """Join lines that continue each other on the page but not in the file."""
    frames = [_frame(line) for line in lines]
    spans = [_span(line, frame) for line, frame in zip(lines, frames, strict=True)]
    # Neighbours in the order of their baselines are on one line if they are at the same height.
    order = sorted(
        range(len(lines)),
        key=lambda i: (_turn(frames[i].along), round(frames[i].base), spans[i][0]),
    )
    result: list[_Words] = []
    for one, two in pairwise([-1, *order]):
        if one >= 0 and _side_by_side(frames[one], spans[one], frames[two], spans[two]):
            result[-1] = [*result[-1], *lines[two]]
        else:
            result.append(lines[two])
    return result


def _side_by_side(
    one: _Frame, span: tuple[float, float], two: _Frame, next_span: tuple[float, float]
) -> bool:
    em = max(one.em, two.em)
    return (
        _dot(one.along, two.along) >= _SAME_DIRECTION
        and abs(one.base - two.base) <= _JOINED_BASELINES * em
        and -0.1 * em <= next_span[0] - span[1] <= _JOINED_GAP * em
    )


def _span(words: Iterable[Iterable[_Placed]], frame: _Frame) -> tuple[float, float]:
    extents = [frame.extent(character) for word in words for character in word]
    return min(e[0] for e in extents), max(e[2] for e in extents)


def _box(line: _Words, frame: _Frame) -> Points:
    return order_corners(frame.letters(*_span(line, frame)))


def _turn(along: Vector) -> int:
    """Return the clockwise rotation that sets text upright: 0, 90, 180 or -90 degrees."""
    quarters = round(math.degrees(math.atan2(along[1], along[0])) / 90)
    return {0: 0, 1: -90, 2: 180, -1: 90, -2: 180}[quarters]


def _line(line: _Words, frame: _Frame, limits: Points) -> ReadLine:
    words = tuple(_word(word, frame, limits) for word in line)
    placed = [character for word in line for character in word]
    start, end = _span(line, frame)
    extents = [frame.extent(character) for character in placed]
    head, foot = min(e[1] for e in extents), max(e[3] for e in extents)
    outline = _outline(frame, start, head, end, foot)
    text = " ".join(word.text for word in words)
    backwards = is_right_to_left(text)
    ends = (end, start) if backwards else (start, end)
    baseline = np.array([frame.point(u, frame.base) for u in ends], dtype=np.float32)
    return ReadLine(
        np.clip(outline, 0, limits),
        text,
        None,
        words,
        baseline=np.clip(baseline, 0, limits),
        right_to_left=backwards,
    )


def _word(word: Sequence[_Placed], frame: _Frame, limits: Points) -> ReadWord:
    extents = [frame.extent(character) for character in word]
    start, head = min(e[0] for e in extents), min(e[1] for e in extents)
    end, foot = max(e[2] for e in extents), max(e[3] for e in extents)
    text = unicodedata.normalize("NFC", "".join(character.text for character in word))
    outline = _outline(frame, start, head, end, foot)
    return ReadWord(text, None, np.clip(outline, 0, limits))


def _outline(frame: _Frame, start: float, head: float, end: float, foot: float) -> Points:
    if foot - head < _NO_HEIGHT * frame.em:
        return frame.letters(start, end)
    return frame.quad(start, head, end, foot)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where the words of a line go in a text layer, and the operators that put them there.

The space of a layer is that of the displayed pixels of its page, but with y pointing up. What
viewers need, each point found by measuring in poppler, pdfium (Chrome) and pdf.js (Firefox):

* Lines up to 6 degrees off an axis are drawn along it, each word moved up or down: a turned matrix
  makes pdf.js break the line at every word.
* A gap stays free before each word, or words are glued in copied text.
* Words of scripts that run from right to left are in visual order: the leftmost word first, its
  characters reversed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from ...ocr.geometry import Points
from ...ocr.page_model import ReadLine
from ...ocr.text_direction import has_right_to_left
from ..line_axes import axes_of
from .font import ASCENT, DESCENT, BoxFont, natural_width

#: Angle in degrees up to which a line is drawn along the nearest axis.
_ON_AXIS = 6.0

#: The gap that stays free before the next word, as a share of the size of the type.
_GAP = 0.18

#: The share of its width that a word may lose at its end for that, and at its beginning.
_NARROWED, _LATER = 0.5, 0.25

#: The height of the middle of a box above the baseline, as a share of the size.
_MIDDLE = (ASCENT + DESCENT) / 2000

#: Variation of the heights of words (standard deviation by mean) up to which each box is as high
#: as its line. Other programs draw boxes around the ink of a word, whatever its letters.
_EVEN = 0.08

#: The sizes in pixels, and the stretch in percent, that a layer may have.
_SMALLEST_SIZE = 0.5
_STRETCH = (1.0, 10000.0)

#: Where an outline begins, ends, and how low and high it is, in the frame of a line.
_Extent = tuple[float, float, float, float]

_NUMBERS = ("L", "EN", "AN")


@dataclass(frozen=True)
class TypesetWord:
    """A word in the frame of its line.

    Attributes:
        index: its index in the line.
        text: its characters from left to right.
        along: where it begins.
        above: where its baseline is.
        width: how long it is.
        stretch: the width of its characters in percent of what is usual.
    """

    index: int
    text: str
    along: float
    above: float
    width: float
    stretch: float


@dataclass(frozen=True)
class TypesetLine:
    """A line of a text layer; its frame has x along the text and y up.

    Attributes:
        right: the direction of x on the displayed page, whose y points down; shape (2,).
        size: the size of the type in pixels.
        words: from left to right.
    """

    right: Points
    size: float
    words: tuple[TypesetWord, ...]


def typeset(line: ReadLine, orientation: float, texts: Sequence[str]) -> TypesetLine | None:
    """Return where the words of a line go, so that their boxes are those on the page.

    Args:
        line: a line with words, all of them with outlines.
        orientation: see `ReadRegion.orientation`.
        texts: the texts to write for the words; those that are empty are left out.

    Returns:
        The line; ``None`` if nothing is to be written.
    """
    shown = [i for i, text in enumerate(texts) if text]
    if not shown:
        return None
    exact = _direction(line, orientation)
    right, slope = _frame(exact)
    boxes = _extents([line.words[i].outline for i in shown], right)
    sizes = [max(top - low - abs(slope) * (end - begin), (top - low) / 2)
             for begin, end, low, top in boxes]  # fmt: skip
    size = max(median(sizes), _SMALLEST_SIZE)
    baselines = _baselines(line, right, slope, boxes, size)
    order = list(range(len(shown)))
    if any(has_right_to_left(texts[i]) for i in shown):
        order.sort(key=lambda i: boxes[i][0] + boxes[i][1])
    words = []
    places = _separated([(boxes[i][0], boxes[i][1]) for i in order], _GAP * size)
    for i, (begin, end) in zip(order, places, strict=True):
        text = visual(texts[shown[i]])
        width = max(end - begin, size / 100)
        stretch = 100000 * width / (natural_width(text) * size)
        stretch = min(max(stretch, _STRETCH[0]), _STRETCH[1])
        words.append(TypesetWord(shown[i], text, begin, baselines[i], width, stretch))
    return TypesetLine(right, size, tuple(words))


def operators(
    line: TypesetLine, height: float, font: BoxFont, spans: Mapping[int, str]
) -> Iterator[str]:
    """Yield the operators that draw a line, within a text object.

    Args:
        line: the line.
        height: height of the page in pixels.
        font: the font of the document, by the name ``/F``.
        spans: texts to be read instead of words (``/ActualText``), by the index of the word.
    """
    cos, sin = float(line.right[0]), float(line.right[1])
    first = line.words[0]
    x = first.along * cos + first.above * sin
    y = height - (first.along * sin - first.above * cos)
    turn = " ".join(number(v, 5) for v in (cos, -sin, sin, cos))
    yield f"/F {number(line.size)} Tf {turn} {number(x)} {number(y)} Tm"
    along, above = first.along, first.above
    for word in line.words:
        move = ""
        if word is not first:
            # From where the rounded numbers have led, so that their errors do not add up.
            step, rise = round(word.along - along, 1), round(word.above - above, 1)
            along, above = along + step, above + rise
            move = f"{number(step)} {number(rise)} Td "
        space = "" if word is line.words[-1] else " "
        begin = f"{move}{number(word.stretch)} Tz"
        if word.index in spans:
            replacement = "FEFF" + spans[word.index].encode("utf-16-be").hex().upper()
            after = f"<{font.encode(space)}>Tj" if space else ""
            yield (
                f"{begin}/Span<</ActualText<{replacement}>>>BDC"
                f"<{font.encode(word.text)}>Tj EMC {after}"
            )
        else:
            yield f"{begin}<{font.encode(word.text + space)}>Tj"


def number(value: float, digits: int = 1) -> str:
    """Return a number as PDFs have it: no exponent, no needless zeros."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def visual(text: str) -> str:
    """Return the characters of a word from left to right.

    Algorithm: rule L2 of Unicode's bidirectional algorithm (UAX 9) for a word that runs from
    right to left: all is reversed, but numbers and letters of other scripts. Brackets are not
    mirrored, because the programs that read the layer reverse it again.
    """
    if not has_right_to_left(text):
        return text
    found: list[str] = []
    run: list[str] = []
    for character in reversed(text):
        if unicodedata.bidirectional(character) in _NUMBERS:
            run.append(character)
            continue
        found += [*run[::-1], character]
        run = []
    return "".join(found + run[::-1])


def _direction(line: ReadLine, orientation: float) -> Points:
    """Return the direction of a line, as a unit vector; its words say whether it is reversed."""
    right, _ = axes_of(line, orientation)
    if len(line.words) < 2 or line.right_to_left or has_right_to_left(line.text):
        return right
    first, last = line.words[0].outline.mean(axis=0), line.words[-1].outline.mean(axis=0)
    return -right if float((last - first) @ right) < 0 else right


def _frame(right: Points) -> tuple[Points, float]:
    """Return the direction along which a line is drawn, and the slope that the line has in it."""
    angle = math.degrees(math.atan2(float(right[1]), float(right[0])))
    quarter = round(angle / 90)
    rest = angle - 90 * quarter
    if abs(rest) > _ON_AXIS:
        return right, 0.0
    axis = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter % 4]
    # On the page y points down, in the frame of the line up.
    return np.array(axis, dtype=np.float32), -math.tan(math.radians(rest))


def _extents(outlines: Sequence[Points], right: Points) -> list[_Extent]:
    """Return where outlines begin, end, and how low and high they are, in the frame of a line."""
    points = np.concatenate(outlines)
    up = np.array([right[1], -right[0]], dtype=np.float32)
    first = np.cumsum([0, *map(len, outlines[:-1])])
    places = (points @ right, points @ up)
    extremes = [f.reduceat(values, first) for values in places for f in (np.minimum, np.maximum)]
    return list(zip(*(values.tolist() for values in extremes), strict=True))


def _baselines(
    line: ReadLine, right: Points, slope: float, boxes: Sequence[_Extent], size: float
) -> list[float]:
    """Return the baselines of the words of a line in its frame.

    Where boxes are as high as the line, they are believed; where each is drawn around the ink of
    its word, the line's own baseline is, or else the middle of most of them.
    """
    heights = [top - low for _, _, low, top in boxes]
    middles = [(low + top) / 2 for _, _, low, top in boxes]
    if _deviation(heights) <= _EVEN * fmean(heights):
        return [middle - _MIDDLE * size for middle in middles]
    along = [(begin + end) / 2 for begin, end, _, _ in boxes]
    if len(line.baseline) >= 2:
        up = np.array([right[1], -right[0]], dtype=np.float32)
        places, levels = line.baseline @ right, line.baseline @ up
        order = np.argsort(places)
        return [float(v) for v in np.interp(along, places[order], levels[order])]
    level = median(middle - slope * x for middle, x in zip(middles, along, strict=True))
    return [level + slope * x - _MIDDLE * size for x in along]


def _deviation(values: Sequence[float]) -> float:
    """Return the standard deviation; Python's own function takes ten times as long."""
    mean = fmean(values)
    return math.sqrt(fmean([(value - mean) ** 2 for value in values]))


def _separated(places: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Return where words begin and end, with a gap between each two.

    A word is narrowed for it, by half at most; then the next one begins later.

    Args:
        places: beginnings and ends, from left to right.
        gap: the gap.
    """
    found = list(places)
    for i, (begin, end) in enumerate(found[:-1]):
        following, last = found[i + 1]
        if following <= begin:
            continue
        narrowed = max(min(end, following - gap), end - _NARROWED * (end - begin))
        latest = following + _LATER * (last - following)
        found[i] = begin, narrowed
        found[i + 1] = max(following, min(narrowed + gap, latest)), last
    return found

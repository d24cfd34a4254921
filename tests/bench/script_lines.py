# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of any script on a sheet: their type, how text breaks into them, and how they are printed.

Pillow lays them out (HarfBuzz and a bidirectional algorithm, by way of Raqm), and nothing of this
project that orders text has a part in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from PIL import ImageFont
from script_fonts import Face
from script_sentences import UNSPACED
from script_texts import script_of
from typeset_sheet import Frame, Printed, Region, Sheet

from ocrd_rapid.evaluation.normalization import characters

#: What no line ends with or begins with: vowels before and behind their letter, brackets, commas.
_NOT_LAST = re.compile(r"[\u0e40-\u0e44\u0ec0-\u0ec4(\[「『《“‘«]$")
_NOT_FIRST = re.compile(
    r"^[\u0e30\u0e32\u0e33\u0e45\u0e46\u0eb0\u0eb2\u0eb3\u0ec6ー々。、，；：！？）」』》”’»។៖ៗ)\].,;:!?།་]"
)
_NO_SCRIPT = ("Zyyy", "Zinh")
#: Fullest share of a line that white between words may be stretched to.
_LOOSEST = 0.8
#: Of the height of signs, from line to line; and of the size, at least.
_LEADING, _LEAST_LEADING = 1.12, 1.3


@dataclass(frozen=True)
class Chunk:
    """What no line divides: a word, or a sign of scripts without spaces.

    Attributes:
        text: in logical order.
        gap: whether a space stands before it.
    """

    text: str
    gap: bool


@dataclass(frozen=True)
class ScriptType:
    """The type of a text.

    Attributes:
        code: of its script, ISO 15924.
        own: the font of its script.
        foreign: that of words and signs that the other lacks.
        size: in pixels.
        right_to_left: its direction.
    """

    code: str
    own: Face
    foreign: Face
    size: int
    right_to_left: bool = False

    def can_print(self, text: str) -> bool:
        """Say whether all signs of a text can be printed.

        Lines from right to left are laid out as a whole where they have Latin letters: in one font.
        """
        if self.right_to_left:
            return self.own.can_draw(text)
        return all(self.own.can_draw(sign) or self.foreign.can_draw(sign) for sign in text)

    def scaled(self, factor: float) -> ScriptType:
        """Return the type in another size."""
        size = round(self.size * factor)
        return ScriptType(self.code, self.own, self.foreign, size, self.right_to_left)

    def leading(self, text: str) -> float:
        """Return the distance of lines that a text needs, in pixels."""
        above, below = self.extent(text)
        return max(_LEAST_LEADING * self.size, _LEADING * (above + below))

    def extent(self, text: str) -> tuple[float, float]:
        """Return how far a text reaches above and below its baseline, in pixels."""
        boxes = [
            font.getbbox(part, anchor="ls", direction=self.direction)
            for chunk in chunks(text, self.code)
            for part, font in self.parts(chunk.text)
        ]
        return max(-box[1] for box in boxes), max(box[3] for box in boxes)

    @property
    def direction(self) -> str:
        """The direction, as Raqm calls it."""
        return "rtl" if self.right_to_left else "ltr"

    @property
    def space(self) -> float:
        """The width of a space, in pixels."""
        return max(0.2 * self.size, float(self.own.at(self.size).getlength(" ")))

    def parts(self, text: str) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """Return a word by font: all of it in one, if one has it all."""
        whole = next((face for face in (self.own, self.foreign) if face.can_draw(text)), None)
        if whole is not None:
            return [(text, whole.at(self.size))]
        by_face = groupby(
            characters(text), lambda sign: self.own if self.own.can_draw(sign) else self.foreign
        )
        return [("".join(signs), face.at(self.size)) for face, signs in by_face]

    def width(self, chunk: Chunk) -> float:
        """Return the width of a chunk without the space before it, in pixels."""
        return sum(
            float(font.getlength(part, direction=self.direction))
            for part, font in self.parts(chunk.text)
        )


def chunks(text: str, code: str) -> list[Chunk]:
    """Return what a text may be broken into, in a script."""
    found: list[Chunk] = []
    for word in text.split():
        pieces = [word]
        if code in UNSPACED:
            pieces = []
            for sign in characters(word):
                if pieces and _is_bound(pieces[-1], sign):
                    pieces[-1] += sign
                else:
                    pieces.append(sign)
        found += [Chunk(piece, number == 0) for number, piece in enumerate(pieces)]
    return found


def _is_bound(before: str, sign: str) -> bool:
    """Say whether no line ends between two signs of a script without spaces."""
    if sign[0] in ".,:-/" or before[-1] in ".,:-/'" or (before + sign).isascii():
        return True
    # A stacked letter follows a sign that Unicode calls a virama.
    if unicodedata.combining(before[-1]) == 9 or _NOT_LAST.search(before):
        return True
    if script_of(sign[0]) == "Tibt" and before[-1] not in "་།":
        return True
    return bool(_NOT_FIRST.search(sign))


def scripts_of(text: str) -> tuple[str, ...]:
    """Return the scripts of the letters of a text, the most frequent first."""
    counts = Counter(script_of(sign) for sign in text)
    return tuple(script for script, _ in counts.most_common() if script not in _NO_SCRIPT)


def joined(line: Sequence[Chunk]) -> str:
    """Return the text of a line."""
    return "".join(" " * chunk.gap + chunk.text for chunk in line).strip()


def fill(
    sheet: Sheet, region: Region, text: str, kind: ScriptType, frame: Frame, *,
    justified: bool, indent: float = 0, centred: bool = False,
) -> float:  # fmt: skip
    """Print a paragraph into a frame, as much as fits.

    Args:
        sheet: on which it is printed.
        region: gets the lines.
        text: in logical order.
        kind: its type.
        frame: where it goes.
        justified: whether lines reach both edges; else they begin at theirs.
        indent: of all lines but the first, in pixels.
        centred: whether lines stand in the middle.

    Returns:
        Where the next line begins.
    """
    leading, (above, _) = kind.leading(text), kind.extent(text)
    rest = chunks(text, kind.code)
    top, room = frame.top, frame.width
    first = True
    while rest and top + leading <= frame.bottom + 1:
        own = room - (0 if first else indent)
        line = _first_line(rest, kind, own)
        rest = rest[len(line) :]
        used = _width(line, kind)
        spare = own - used
        gaps = sum(chunk.gap for chunk in line[1:])
        stretch = spare / gaps if justified and rest and gaps and used > _LOOSEST * own else 0.0
        shift = spare / 2 if centred else 0.0 if first else indent
        begin = frame.right - shift if kind.right_to_left else frame.left + shift
        region.lines.append(_print(sheet, line, kind, begin, top + above, stretch))
        top, first = top + leading, False
    return top


def _first_line(rest: Sequence[Chunk], kind: ScriptType, room: float) -> list[Chunk]:
    """Return the chunks of the next line, at least one."""
    used, count = 0.0, 0
    for chunk in rest:
        used += kind.width(chunk) + (kind.space if chunk.gap and count else 0)
        if count and used > room:
            break
        count += 1
    return list(rest[:count])


def _width(line: Sequence[Chunk], kind: ScriptType) -> float:
    gaps = sum(chunk.gap for chunk in line[1:])
    return sum(kind.width(chunk) for chunk in line) + gaps * kind.space


def _print(
    sheet: Sheet,
    line: Sequence[Chunk],
    kind: ScriptType,
    begin: float,
    baseline: float,
    stretch: float,
) -> Printed:
    """Print a line that begins at a place, at its right end if it runs from right to left."""
    text = joined(line)
    scripts = scripts_of(text)
    turned = kind.right_to_left
    pieces: list[tuple[str, bool, ImageFont.FreeTypeFont]] = []
    for chunk in line:
        for number, (part, font) in enumerate(kind.parts(chunk.text)):
            gap = chunk.gap and not number
            if pieces and not gap and pieces[-1][2] is font:
                pieces[-1] = (pieces[-1][0] + part, pieces[-1][1], font)
            else:
                pieces.append((part, gap, font))
    if turned and "Latn" in scripts:
        # Raqm puts runs of both directions in their order; the line keeps its natural width.
        pieces = [(text, False, kind.own.at(kind.size))]
    boxes = []
    x = begin
    for number, (part, gap, font) in enumerate(pieces):
        length = float(font.getlength(part, direction=kind.direction))
        step = kind.space + stretch if gap and number else 0.0
        x = x - step - length if turned else x + step
        boxes.append(sheet.ink(part, x, baseline, font, kind.direction))
        x = x if turned else x + length
    box = (
        min(box[0] for box in boxes) - 1, min(box[1] for box in boxes) - 1,
        max(box[2] for box in boxes) + 1, max(box[3] for box in boxes) + 1,
    )  # fmt: skip
    return Printed(text, box, scripts, turned)

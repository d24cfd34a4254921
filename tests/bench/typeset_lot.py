# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is drawn by lot for a typeset page, and running text in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from typeset_sheet import Align, Frame, Printed, Region, Sheet
from typeset_text import Breaker, Face, Family, Prose

T = TypeVar("T")
#: Prints something into what is left of a frame; returns where the next line begins.
Insert = Callable[[Frame], float]


@dataclass(frozen=True)
class Type:
    """How running text is set: its family, and in pixels its size and the distance of lines."""

    family: Family
    size: float
    leading: float
    align: Align = "justified"
    indent: float = 0.0
    hang: float = 0.0

    @property
    def face(self) -> Face:
        return self.family.face(self.size)

    @property
    def strong(self) -> Face:
        return self.family.strong(self.size)

    def scaled(self, factor: float) -> Type:
        """Return the same type in another size, set solid enough for notes."""
        return replace(
            self,
            size=self.size * factor,
            leading=self.leading * factor,
            indent=self.indent * factor,
        )


class Lot:
    """The lots of one page.

    Args:
        random: the source of all chance.
        families: the families to be used, by class.
        texts: the sentences of the texts to be used.
        spread: factor by which all ranges are wider than usual; above 1 for unusual pages.
    """

    def __init__(
        self,
        random: np.random.Generator,
        families: Mapping[str, Sequence[Family]],
        texts: Sequence[Sequence[str]],
        spread: float = 1.0,
    ) -> None:
        self.random = random
        self.prose = Prose(texts[int(random.integers(len(texts)))], random)
        self._families = families
        self._spread = spread

    def between(self, low: float, high: float) -> float:
        """Return a number of a range."""
        middle, half = (low + high) / 2, (high - low) / 2 * self._spread
        return float(self.random.uniform(max(middle - half, low * 0.7), middle + half))

    def count(self, low: int, high: int) -> int:
        """Return a whole number of a range, both ends included."""
        return int(self.random.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random.integers(len(choices)))]

    def family(self, *kinds: str) -> Family:
        """Return a family of one of some classes; the one of Pillow where there is none."""
        kind = self.pick(kinds)
        return self.pick(self._families.get(kind) or self._families["default"])

    def type(
        self, sheet: Sheet, smallest: float, largest: float, *kinds: str, ragged: float = 0.2
    ) -> Type:
        """Return a type of a range of sizes, in points."""
        size = sheet.points(self.between(smallest, largest))
        return Type(
            self.family(*(kinds or ("serif",))),
            size,
            size * self.between(1.15, 1.4),
            "left" if self.chance(ragged) else "justified",
            size * self.between(0.8, 1.8),
        )

    def sheet(self, width: float, height: float, *resolutions: int) -> Sheet:
        """Return a sheet of so many points at one of some resolutions."""
        dpi = self.pick(resolutions or (150, 200, 240, 300))
        return Sheet(round(width * dpi / 72), round(height * dpi / 72), dpi, self.random)

    def page(self, *resolutions: int) -> Sheet:
        """Return a sheet of about A4."""
        return self.sheet(self.between(580, 612), self.between(790, 842), *resolutions)

    def number(self, digits: int = 3) -> str:
        return str(self.count(1, 10**digits - 1))

    def amount(self, digits: int = 4) -> str:
        """Return an amount of money."""
        value = self.count(100, 10**digits * 10)
        point = self.pick((".", ","))
        return f"{value // 100}{point}{value % 100:02}"

    def date(self) -> str:
        months = (
            "January", "February", "March", "April", "May", "June", "July", "August",
            "September", "October", "November", "December",
        )  # fmt: skip
        return f"{self.count(1, 28)} {self.pick(months)} {self.count(1790, 2020)}"


def fill(
    sheet: Sheet,
    lot: Lot,
    frames: Sequence[Frame],
    type_: Type,
    insert: Insert | None = None,
    chance: float = 0.0,
    gap: float = 0.0,
) -> float:
    """Fill frames with running text, one after the other.

    Args:
        sheet: gets the paragraphs; a paragraph across frames has a region in each.
        lot: draws the paragraphs.
        frames: the columns, in reading order.
        type_: how the text is set.
        insert: prints something between two paragraphs, now and then.
        chance: how often it does.
        gap: white between paragraphs, in pixels.

    Returns:
        Where the text of the last frame ends, in pixels.
    """
    top = frames[0].top
    left = list(frames)
    while left:
        if insert is not None and lot.chance(chance):
            top = insert(replace(left[0], top=top))
        breaker, first = (
            Breaker(lot.prose.paragraph(), type_.face, hyphens=type_.align == "justified"),
            True,
        )
        while breaker and left:
            region = Region("paragraph")
            frame = replace(left[0], top=top)
            top = sheet.lines(
                breaker, region, frame, type_.face, type_.leading, type_.align,
                indent=type_.indent if first else type_.hang, hang=type_.hang,
            )  # fmt: skip
            if region.lines:
                sheet.add(region)
                first = False
            if breaker or top + type_.leading > frame.bottom:
                left.pop(0)
                top = left[0].top if left else top
        top += gap if left and top > left[0].top else 0
    return top


def heading(
    sheet: Sheet, lot: Lot, frame: Frame, face: Face, align: Align = "centre", lines: int = 2
) -> float:
    """Print a heading of at most so many lines; return where it ends."""
    words = lot.prose.words(2, 4 + 3 * (lines - 1))
    return sheet.paragraph(words, frame, face, face.size * 1.25, kind="heading", align=align)


def title_insert(sheet: Sheet, lot: Lot, type_: Type, *, ruled: bool = False) -> Insert:
    """Return what prints the title of a story in a column, below a short rule."""

    def insert(frame: Frame) -> float:
        face = type_.family.strong(type_.size * lot.between(1.0, 1.4))
        if frame.bottom - frame.top < 5 * type_.leading + 3 * face.size:
            return frame.top
        top = frame.top + type_.leading * 0.5
        if ruled:
            middle = (frame.left + frame.right) / 2
            reach = frame.width * lot.between(0.1, 0.25)
            sheet.rule((middle - reach, top), (middle + reach, top), 1.5)
            top += type_.leading * 0.4
        align: Align = "left" if type_.align == "left" else "centre"
        return heading(sheet, lot, replace(frame, top=top), face, align) + type_.leading * 0.3

    return insert


def picture_insert(sheet: Sheet, lot: Lot, type_: Type) -> Insert:
    """Return what prints a picture with its caption in a column."""

    def insert(frame: Frame) -> float:
        height = frame.width * lot.between(0.45, 0.8)
        if frame.bottom - frame.top < height + 8 * type_.leading:
            return frame.top
        return captioned(
            sheet, lot, replace(frame, top=frame.top + type_.leading / 2), height, type_
        )

    return insert


def captioned(sheet: Sheet, lot: Lot, frame: Frame, height: float, type_: Type) -> float:
    """Print a picture of a height with its caption below; return where text goes on."""
    below = frame.top + height
    sheet.picture(replace(frame, bottom=below))
    small = type_.scaled(0.85)
    caption = f"Figure {lot.count(1, 30)}. {lot.prose.words(3, 12)}."
    top = sheet.paragraph(
        caption, replace(frame, top=below + type_.leading * 0.3), small.face, small.leading,
        kind="caption", align=lot.pick(("left", "centre")),
    )  # fmt: skip
    return top + type_.leading * 0.7


def running_head(sheet: Sheet, lot: Lot, frame: Frame, type_: Type) -> Frame:
    """Print a running head and the page number beside it; return the frame below."""
    number, left_hand = lot.number(), lot.chance(0.5)
    title = lot.prose.words(2, 5)
    top = frame.top
    parts: list[tuple[str, str, Align]] = [
        ("header", title, "centre"),
        ("page-number", number, "left" if left_hand else "right"),
    ]
    for kind, text, align in parts[::-1] if left_hand else parts:
        sheet.say(text, frame.left, frame.right, top, type_.face, kind, align)
    if lot.chance(0.3):
        sheet.rule(
            (frame.left, top + type_.leading * 1.3), (frame.right, top + type_.leading * 1.3)
        )
    return replace(frame, top=top + type_.leading * 2)


def row(sheet: Sheet, texts: Sequence[str], frame: Frame, face: Face) -> Printed:
    """Print two or three texts in a row: at the left edge, in the middle, at the right one."""
    aligns: Sequence[Align] = ("left", "right") if len(texts) == 2 else ("left", "centre", "right")
    parts = [
        sheet.line(text, frame.left, frame.right, frame.top, face, align)
        for text, align in zip(texts, aligns, strict=True)
    ]
    return joined(parts)


def joined(parts: Sequence[Printed]) -> Printed:
    """Return the line made of parts that stand beside each other."""
    boxes = [part.box for part in parts]
    box = (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes))
    return Printed(" ".join(part.text for part in parts), box)

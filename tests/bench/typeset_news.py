# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layouts of newspapers: columns, rules, headings over some columns, advertisements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from typeset_lot import (
    Insert,
    Lot,
    Type,
    captioned,
    fill,
    heading,
    picture_insert,
    row,
    title_insert,
)
from typeset_sheet import Frame, Printed, Region, Sheet
from typeset_text import Breaker, Face

#: Classes of type of a newspaper.
_CLASSES = ("serif", "serif", "serif", "serif", "serif", "sans", "fraktur")


@dataclass(frozen=True)
class _Rules:
    """The rules between columns of a page."""

    thickness: float
    ink: int
    gaps: int
    bow: float

    def draw(self, sheet: Sheet, lot: Lot, start: tuple[float, float], end: tuple[float, float]
             ) -> None:  # fmt: skip
        places = [lot.between(0.05, 0.95) for _ in range(self.gaps)]
        gaps = [(p, p + lot.between(0.01, 0.05)) for p in places]
        sheet.rule(start, end, self.thickness, self.ink, gaps, self.bow)

    def between(self, sheet: Sheet, lot: Lot, frames: Sequence[Frame]) -> None:
        for one, other in pairwise(frames):
            x = (one.right + other.left) / 2
            self.draw(sheet, lot, (x, one.top), (x, one.bottom))


@dataclass(frozen=True)
class _Paper:
    """An empty page of a newspaper below its masthead."""

    sheet: Sheet
    type: Type
    frame: Frame
    columns: int
    gutter: float
    rules: _Rules | None


def _rules(lot: Lot) -> _Rules:
    """Return whole, broken, faint or bent rules."""
    faint, broken, bent = (lot.chance(p) for p in (0.3, 0.4, 0.3))
    return _Rules(
        lot.between(1, 3), lot.count(90, 190) if faint else 0, lot.count(1, 6) if broken else 0,
        lot.between(-6, 6) if bent else 0.0,
    )  # fmt: skip


def _paper(lot: Lot, *, ruled: bool, columns: tuple[int, int] = (2, 8)) -> _Paper:
    """Return a page with its masthead."""
    count = lot.count(*columns)
    points = lot.between(7, 9.5)
    room, gutter = points * lot.between(15, 20), points * lot.between(1.0, 2.0)
    margin = lot.between(25, 50)
    width = count * room + (count - 1) * gutter + 2 * margin
    sheet = lot.sheet(width, width * lot.between(1.25, 1.5) if count > 3 else width * 1.45,
                      *((150, 170, 200) if count > 4 else (170, 200, 240, 300)))  # fmt: skip
    type_ = replace(
        lot.type(sheet, points, points, *_CLASSES, ragged=0.05), indent=sheet.points(points)
    )
    rules = _rules(lot) if ruled else None
    frame = _masthead(sheet, lot, type_, sheet.inset(margin), rules or _rules(lot))
    return _Paper(sheet, type_, frame, count, sheet.points(gutter), rules)


def _masthead(sheet: Sheet, lot: Lot, type_: Type, frame: Frame, rules: _Rules) -> Frame:
    """Print the name of the newspaper and the line of its date; return the frame below."""
    title = f"The {lot.prose.name()} {lot.pick(('Herald', 'Journal', 'Gazette', 'Chronicle'))}"
    face = type_.family.strong(type_.size * lot.between(3, 5))
    if face.width(title) > frame.width:
        face = face.scaled(0.9 * frame.width / face.width(title))
    sheet.say(title, frame.left, frame.right, frame.top, face, "heading", "centre")
    top = frame.top + face.size * 1.4
    rules.draw(sheet, lot, (frame.left, top), (frame.right, top))
    texts = [f"No. {lot.number()}.", lot.date(), f"Price {lot.count(1, 9)} pence."]
    line = replace(frame, top=top + type_.leading * 0.3)
    sheet.add(Region("header", [row(sheet, texts, line, type_.face)]))
    top += type_.leading * 1.6
    rules.draw(sheet, lot, (frame.left, top), (frame.right, top))
    return replace(frame, top=top + type_.leading * 0.6)


def _columns(paper: _Paper, lot: Lot, frame: Frame, count: int, titles: float = 0.2) -> None:
    """Fill a band with columns of stories."""
    frames = frame.columns(count, paper.gutter)
    if paper.rules:
        paper.rules.between(paper.sheet, lot, frames)
    insert = title_insert(paper.sheet, lot, paper.type, ruled=lot.chance(0.7))
    fill(paper.sheet, lot, frames, paper.type, insert, titles)


def newspaper(lot: Lot) -> Sheet:
    """A front page in columns with rules between them: whole, broken, faint or bent."""
    paper = _paper(lot, ruled=True)
    _columns(paper, lot, paper.frame, paper.columns)
    return paper.sheet


def newspaper_open(lot: Lot) -> Sheet:
    """A front page in columns without rules."""
    paper = _paper(lot, ruled=False)
    _columns(paper, lot, paper.frame, paper.columns)
    return paper.sheet


def feuilleton(lot: Lot) -> Sheet:
    """News above a rule over all columns, which may be in pieces, and the feuilleton below."""
    paper = _paper(lot, ruled=lot.chance(0.75), columns=(3, 6))
    frame, leading = paper.frame, paper.type.leading
    cut = frame.top + (frame.bottom - frame.top) * lot.between(0.5, 0.75)
    _columns(paper, lot, replace(frame, bottom=cut - leading * 0.5), paper.columns)
    rule = paper.rules or _rules(lot)
    if lot.chance(0.5):
        for part in frame.columns(paper.columns, paper.gutter * lot.between(0.2, 1)):
            rule.draw(paper.sheet, lot, (part.left, cut), (part.right, cut))
    else:
        rule.draw(paper.sheet, lot, (frame.left, cut), (frame.right, cut))
    top = cut + leading * 0.5
    if lot.chance(0.7):
        face = paper.type.family.strong(paper.type.size * lot.between(1.3, 2))
        paper.sheet.say("Feuilleton.", frame.left, frame.right, top, face, "heading", "centre")
        top += face.size * 1.6
    count = paper.columns if lot.chance(0.7) else max(2, paper.columns - 1)
    _columns(paper, lot, replace(frame, top=top), count, 0.05)
    return paper.sheet


def headlines(lot: Lot) -> Sheet:
    """Stories side by side and above each other, each below a heading over its columns."""
    paper = _paper(lot, ruled=lot.chance(0.5), columns=(4, 8))
    sheet, frame = paper.sheet, paper.frame
    bands = lot.count(1, 3)
    cuts = [frame.top + (frame.bottom - frame.top) * i / bands for i in range(bands + 1)]
    for top, bottom in pairwise(cuts):
        band = replace(frame, top=top, bottom=bottom - paper.type.leading)
        if paper.rules and top > frame.top:
            y = top - paper.type.leading * 0.5
            paper.rules.draw(sheet, lot, (frame.left, y), (frame.right, y))
        for group in _groups(lot, band.columns(paper.columns, paper.gutter)):
            _story(paper, lot, group)
    return sheet


def _groups(lot: Lot, frames: list[Frame]) -> list[list[Frame]]:
    """Part the columns of a band among its stories."""
    groups = []
    while frames:
        count = min(len(frames), lot.count(1, 4))
        groups.append(frames[:count])
        frames = frames[count:]
    return groups


def _story(paper: _Paper, lot: Lot, frames: list[Frame]) -> None:
    """Print a story: its heading, perhaps a picture, its columns."""
    sheet, leading = paper.sheet, paper.type.leading
    whole = replace(frames[0], right=frames[-1].right)
    face = paper.type.family.strong(paper.type.size * lot.between(1.4, 1.8 + 0.4 * len(frames)))
    top = heading(sheet, lot, whole, face, lot.pick(("left", "centre"))) + leading * 0.5
    if len(frames) > 1 and lot.chance(0.3):
        height = (whole.bottom - top) * lot.between(0.2, 0.35)
        top = captioned(sheet, lot, replace(whole, top=top), height, paper.type)
    frames = [replace(f, top=top) for f in frames]
    if paper.rules:
        paper.rules.between(sheet, lot, frames)
    fill(sheet, lot, frames, paper.type)


def advertisements(lot: Lot) -> Sheet:
    """Columns of advertisements, in boxes or between rules, below or beside news."""
    paper = _paper(lot, ruled=lot.chance(0.6), columns=(3, 7))
    sheet, frame = paper.sheet, paper.frame
    news = lot.count(0, paper.columns - 2)
    frames = frame.columns(paper.columns, paper.gutter)
    if paper.rules:
        paper.rules.between(sheet, lot, frames)
    if news:
        insert = title_insert(sheet, lot, paper.type, ruled=True)
        fill(sheet, lot, frames[:news], paper.type, insert, 0.2)
    for column in frames[news:]:
        top = column.top
        while column.bottom - top > 9 * paper.type.leading:
            top = _advertisement(sheet, lot, replace(column, top=top), paper.type)
    return sheet


def _advertisement(sheet: Sheet, lot: Lot, frame: Frame, type_: Type) -> float:
    """Print an advertisement; return where the next one begins."""
    boxed = lot.chance(0.6)
    pad = type_.size * lot.between(0.5, 0.9)
    inner = Frame(frame.left + pad, frame.top + pad, frame.right - pad, frame.bottom - pad)
    face = type_.family.strong(type_.size * lot.between(1.1, 2.2))
    region = Region("paragraph")
    if lot.chance(0.8):
        inner = replace(inner, top=heading(sheet, lot, inner, face) + pad * 0.4)
    top = _ad_lines(sheet, lot, inner, type_, region)
    sheet.add(region)
    bottom = top + pad * 0.6
    if boxed:
        sheet.box(replace(frame, bottom=bottom), lot.between(1, 3))
    else:
        sheet.rule((frame.left, bottom), (frame.right, bottom), 1.5)
    return bottom + type_.leading * 0.5


def _ad_lines(sheet: Sheet, lot: Lot, frame: Frame, type_: Type, region: Region) -> float:
    """Print the lines of an advertisement, centred or as a paragraph, and an address."""
    top = frame.top
    if lot.chance(0.5):
        for _ in range(lot.count(2, 4)):
            words, face = lot.prose.words(2, 4), type_.face.scaled(lot.between(0.9, 1.2))
            if top + type_.leading * 1.4 < frame.bottom and face.width(words) <= frame.width:
                region.lines.append(_centred(sheet, words, frame, top, face))
                top += type_.leading * 1.2
    if not region.lines:
        text = lot.prose.sentence()[:220].rsplit(" ", 1)[0]
        part = Region("paragraph")
        part_frame = replace(frame, top=top)
        top = sheet.lines(Breaker(text, type_.face), part, part_frame, type_.face, type_.leading)
        region.lines += part.lines
    address = f"{lot.prose.name()} & Co., {lot.number(2)} {lot.prose.name()} Street"
    if type_.face.width(address) <= frame.width and top + type_.leading <= frame.bottom:
        region.lines.append(_centred(sheet, address, frame, top, type_.face))
        top += type_.leading
    return top


def _centred(sheet: Sheet, text: str, frame: Frame, top: float, face: Face) -> Printed:
    return sheet.line(text, frame.left, frame.right, top, face, "centre")


def magazine(lot: Lot) -> Sheet:
    """Columns with pull quotes, boxes and pictures between the paragraphs."""
    paper = _paper(lot, ruled=lot.chance(0.3), columns=(2, 4))
    sheet, type_ = paper.sheet, paper.type
    frames = paper.frame.columns(paper.columns, paper.gutter)
    if paper.rules:
        paper.rules.between(sheet, lot, frames)
    inserts = (
        _quote_insert(sheet, lot, type_), picture_insert(sheet, lot, type_),
        title_insert(sheet, lot, type_), _box_insert(sheet, lot, type_),
    )  # fmt: skip

    def insert(frame: Frame) -> float:
        return lot.pick(inserts)(frame)

    fill(sheet, lot, frames, type_, insert, 0.4)
    return sheet


def _quote_insert(sheet: Sheet, lot: Lot, type_: Type) -> Insert:
    def insert(frame: Frame) -> float:
        face = type_.family.strong(type_.size * lot.between(1.4, 1.9))
        if frame.bottom - frame.top < 12 * face.size:
            return frame.top
        top = frame.top + type_.leading
        sheet.rule((frame.left, top), (frame.right, top), 2)
        text = f"“{lot.prose.words(6, 12)}”"
        inner = replace(frame, top=top + type_.leading / 2)
        top = sheet.paragraph(text, inner, face, face.size * 1.25, kind="floating", align="centre")
        top += type_.leading / 2
        sheet.rule((frame.left, top), (frame.right, top), 2)
        return top + type_.leading

    return insert


def _box_insert(sheet: Sheet, lot: Lot, type_: Type) -> Insert:
    def insert(frame: Frame) -> float:
        if frame.bottom - frame.top < 22 * type_.leading:
            return frame.top
        pad, top = type_.size * 0.8, frame.top + type_.leading * 0.5
        small = type_.scaled(0.92)
        inner = Frame(frame.left + pad, top + pad, frame.right - pad, top + 16 * type_.leading)
        below = heading(sheet, lot, inner, small.strong, "left") + small.leading * 0.2
        below = sheet.paragraph(
            lot.prose.sentence(), replace(inner, top=below), small.face, small.leading
        )
        box = replace(frame, top=top, bottom=below + pad * 0.7)
        sheet.box(box, 2)
        return box.bottom + type_.leading

    return insert

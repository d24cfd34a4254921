# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layouts of books: notes below and beside the text, verse, plays, lists, dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from typeset_lot import Lot, Type, fill, heading, joined, row, running_head, title_insert
from typeset_sheet import Frame, Printed, Region, Sheet
from typeset_text import Breaker


def _book(lot: Lot, smallest: float = 9, largest: float = 12, ragged: float = 0.05
          ) -> tuple[Sheet, Type, Frame]:  # fmt: skip
    """Return a page of a book with its running head, and the frame of its text."""
    sheet = lot.sheet(lot.between(380, 520), lot.between(560, 720), 170, 200, 240, 300)
    type_ = lot.type(sheet, smallest, largest, "serif", "serif", "serif", "sans", ragged=ragged)
    return sheet, type_, running_head(sheet, lot, sheet.inset(lot.between(40, 60)), type_)


def footnotes(lot: Lot) -> Sheet:
    """Text in one column or two, with notes below it in one column or two."""
    sheet, type_, frame = _book(lot)
    gutter = type_.size * lot.between(1.2, 2.5)
    columns = lot.count(1, 2)
    note_columns = 2 if columns == 2 else lot.count(1, 2)
    cut = frame.bottom - (frame.bottom - frame.top) * lot.between(0.15, 0.35)
    bodies = replace(frame, bottom=cut - type_.leading).columns(columns, gutter)
    fill(sheet, lot, bodies, type_, title_insert(sheet, lot, type_), 0.1)
    small = type_.scaled(lot.between(0.7, 0.85))
    notes = replace(frame, top=cut).columns(note_columns, gutter)
    if lot.chance(0.7):
        for part in notes if columns == 2 else notes[:1]:
            y = cut - type_.leading * 0.4
            sheet.rule((part.left, y), (part.left + part.width * lot.between(0.3, 1), y), 1.5)
    number = lot.count(1, 20)
    for part in notes:
        top = part.top
        while part.bottom - top > 2 * small.leading:
            text = f"{number}) {lot.prose.sentence()}"
            top = sheet.paragraph(
                text, replace(part, top=top), small.face, small.leading, kind="footnote",
                indent=small.indent,
            )  # fmt: skip
            number += 1
    return sheet


def marginalia(lot: Lot) -> Sheet:
    """Text with notes on one side or both, three letter widths away or more."""
    sheet, type_, frame = _book(lot)
    small = replace(
        type_.scaled(lot.between(0.65, 0.8)), align=lot.pick(("left", "left", "justified"))
    )
    distance = type_.face.width("n") * lot.between(2.8, 5)
    room = type_.size * lot.between(4.5, 7)
    sides = lot.pick((("left",), ("right",), ("left", "right")))
    text = Frame(
        frame.left + (room + distance) * ("left" in sides), frame.top,
        frame.right - (room + distance) * ("right" in sides), frame.bottom,
    )  # fmt: skip
    fill(sheet, lot, [text], type_, title_insert(sheet, lot, type_), 0.08)
    notes = []
    for side in sides:
        left = text.left - distance - room if side == "left" else text.right + distance
        top = text.top + type_.leading * lot.count(0, 6)
        while top < text.bottom - 6 * type_.leading:
            notes.append(Frame(left, top, left + room, text.bottom))
            top += type_.leading * lot.count(5, 14)
    for note in sorted(notes, key=lambda f: (f.top, f.left)):
        words = lot.prose.words(2, 7) + "."
        bottom = note.top + 4.5 * type_.leading
        sheet.paragraph(words, replace(note, bottom=bottom), small.face, small.leading,
                        kind="marginalia", align=small.align)  # fmt: skip
    return sheet


def verse(lot: Lot) -> Sheet:
    """Poems of which every second line may be indented, with their lines numbered."""
    sheet, type_, frame = _book(lot)
    columns = 2 if lot.chance(0.2) else 1
    indent = type_.size * lot.between(1, 2.5)
    indented = lot.pick(("second", "second", "none", "last"))
    longest = lot.count(24, 30) if columns == 2 else lot.count(32, 42)
    numbers = Region("marginalia")
    count, stanza_lines = 0, lot.pick((2, 4, 4, 6, 8))
    for column in frame.columns(columns, type_.size * 2):
        left = column.left + (0 if columns == 2 else column.width * lot.between(0.05, 0.2))
        top = column.top
        while column.bottom - top > (stanza_lines + 3) * type_.leading:
            if lot.chance(0.15) or count == 0:
                face = type_.family.strong(type_.size * 1.2)
                top = heading(sheet, lot, replace(column, top=top), face) + type_.leading * 0.5
            stanza = Region("paragraph")
            words = lot.prose.paragraph(3, 6).split()
            for i in range(stanza_lines):
                text, words = _verse_line(words, longest)
                if not text:
                    break
                inset = {"second": i % 2, "last": i == stanza_lines - 1}.get(indented, 0) * indent
                stanza.lines.append(sheet.word(text, left + inset, top, type_.face))
                count += 1
                if columns == 1 and count % 5 == 0:
                    small = type_.face.scaled(0.8)
                    numbers.lines.append(
                        sheet.line(str(count), column.left, column.right, top, small, "right")
                    )
                top += type_.leading
            sheet.add(stanza)
            top += type_.leading * lot.between(0.6, 1.1)
    if numbers.lines:
        sheet.add(numbers)
    return sheet


def _verse_line(words: list[str], longest: int) -> tuple[str, list[str]]:
    """Return a line of verse, and the words that remain."""
    line: list[str] = []
    while words and len(" ".join([*line, words[0]])) <= longest:
        line.append(words[0])
        words = words[1:]
    text = " ".join(line)
    return text[:1].upper() + text[1:], words


def play(lot: Lot) -> Sheet:
    """Dialogue: the speaker's name before or above the speech, and stage directions."""
    sheet, type_, frame = _book(lot)
    names = [lot.prose.name().upper() for _ in range(lot.count(2, 4))]
    above = lot.chance(0.4)
    hang = type_.size * lot.between(1, 2)
    top = frame.top
    while frame.bottom - top > 4 * type_.leading:
        here = replace(frame, top=top)
        if lot.chance(0.15):
            text = f"({lot.prose.words(3, 9)}.)"
            top = sheet.paragraph(text, here, type_.face, type_.leading, align="centre")
        elif above:
            sheet.say(f"{lot.pick(names)}.", frame.left, frame.right, top, type_.face,
                      "heading", "centre")  # fmt: skip
            below = replace(here, top=top + type_.leading)
            top = sheet.paragraph(lot.prose.paragraph(1, 2), below, type_.face, type_.leading)
        else:
            text = f"{lot.pick(names)}. {lot.prose.paragraph(1, 2)}"
            top = sheet.paragraph(text, here, type_.face, type_.leading, hang=hang)
        top += type_.leading * 0.3
    return sheet


def lists(lot: Lot) -> Sheet:
    """Paragraphs and lists: numbered, with dashes, in two levels."""
    sheet, type_, frame = _book(lot, ragged=0.4)
    top = frame.top
    while frame.bottom - top > 8 * type_.leading:
        if lot.chance(0.4):
            top = heading(sheet, lot, replace(frame, top=top), type_.strong, "left", 1)
            top += type_.leading * 0.3
        top = sheet.paragraph(
            lot.prose.sentence(), replace(frame, top=top), type_.face, type_.leading,
            align=type_.align, indent=type_.indent,
        ) + type_.leading * 0.4  # fmt: skip
        top = _list(sheet, lot, replace(frame, top=top), type_, lot.pick("1a-"), 0)
        top += type_.leading * 0.4
    return sheet


def _list(sheet: Sheet, lot: Lot, frame: Frame, type_: Type, sort: str, level: int) -> float:
    """Print a list, of which an item may have one of its own; return where it ends."""
    left = frame.left + type_.size * (1.0 + 1.6 * level)
    hang = type_.size * 1.7
    top = frame.top
    for number in range(lot.count(2, 6)):
        mark = {"1": f"{number + 1}.", "a": f"{'abcdef'[number]})"}.get(sort, "–")
        text = lot.prose.words(3, 8) if lot.chance(0.5) else lot.prose.sentence()
        region = Region("paragraph")
        breaker = Breaker(text, type_.face, hyphens=False)
        room = Frame(left + hang, top, frame.right, frame.bottom)
        below = sheet.lines(breaker, region, room, type_.face, type_.leading, "left")
        if not region.lines:
            break
        label = sheet.word(mark, left, top, type_.face)
        region.lines[0] = joined([label, region.lines[0]])
        sheet.add(region)
        top = below
        if level == 0 and lot.chance(0.2):
            top = _list(sheet, lot, replace(frame, top=top), type_, lot.pick("a-"), 1)
    return top


def double_page(lot: Lot) -> Sheet:
    """Two pages of a book on one scan, the left one first, each in one column or two."""
    width, height = lot.between(330, 420), lot.between(480, 600)
    sheet = lot.sheet(2 * width, height, 150, 170, 200)
    type_ = lot.type(sheet, 8.5, 11, "serif", "serif", "sans", ragged=0.05)
    columns = 2 if lot.chance(0.4) else 1
    outer, inner = sheet.points(lot.between(35, 60)), sheet.points(lot.between(22, 45))
    middle = sheet.width / 2
    if lot.chance(0.5):
        sheet.rule((middle, 0), (middle, sheet.height), lot.between(1, 5), lot.count(60, 180))
    for left, right in ((outer, middle - inner), (middle + inner, sheet.width - outer)):
        frame = Frame(left, outer, right, sheet.height - outer)
        frame = running_head(sheet, lot, frame, type_)
        if lot.chance(0.3):
            frame = replace(frame, bottom=frame.bottom - frame.width * lot.between(0, 0.8))
        frames = frame.columns(columns, type_.size * lot.between(1.2, 2))
        fill(sheet, lot, frames, type_, title_insert(sheet, lot, type_), 0.1)
    return sheet


def dictionary(lot: Lot) -> Sheet:
    """Entries in alphabetical order in two columns or three, the head words in bold."""
    sheet = lot.sheet(lot.between(400, 520), lot.between(580, 720), 200, 240, 300)
    type_ = lot.type(sheet, 7, 9, "serif", "sans", ragged=0.1)
    columns = lot.count(2, 3)
    frame = sheet.inset(lot.between(35, 50))
    words = lot.prose.listed(60 * columns)
    heads = [words[0], lot.number(), words[-1]]
    sheet.add(Region("header", [row(sheet, heads, frame, type_.face)]))
    frame = replace(frame, top=frame.top + type_.leading * 1.8)
    frames = frame.columns(columns, type_.size * lot.between(1, 2))
    if lot.chance(0.5):
        for one, other in pairwise(frames):
            x = (one.right + other.left) / 2
            sheet.rule((x, one.top), (x, one.bottom), 1.5)
    hang = type_.size * lot.between(0.7, 1.5)
    _entries(sheet, lot, frames, type_, words, hang)
    return sheet


def _entries(
    sheet: Sheet, lot: Lot, frames: Sequence[Frame], type_: Type, words: Sequence[str], hang: float
) -> None:
    """Fill columns with entries, which hang from their head words."""
    left = list(frames)
    top = left[0].top
    for word in words:
        text = f"{lot.pick(('m.', 'f.', 'n.', 'v.', 'adj.'))} {lot.prose.words(2, 5)}; "
        breaker = Breaker(text + lot.prose.sentence(), type_.face)
        head: Printed | None = None
        while breaker and left:
            if top + type_.leading > left[0].bottom:
                left.pop(0)
                top = left[0].top if left else top
                continue
            region, frame, indent = Region("paragraph"), replace(left[0], top=top), hang
            is_first = head is None
            if head is None:
                head = sheet.word(word, frame.left, top, type_.strong)
                indent = head.box[2] - frame.left + type_.face.width(" ")
            top = sheet.lines(breaker, region, frame, type_.face, type_.leading, type_.align,
                              indent=indent, hang=hang)  # fmt: skip
            if is_first:
                region.lines[0] = joined([head, region.lines[0]])
            sheet.add(region)


def typescript(lot: Lot) -> Sheet:
    """A typed report, with notes in the margin close to its lines."""
    sheet = lot.page(150, 200, 240, 300)
    type_ = replace(lot.type(sheet, 9.5, 11, "mono"), align="left")
    type_ = replace(type_, leading=type_.size * lot.pick((1.2, 1.5, 1.8)), indent=type_.size * 3)
    frame = sheet.inset(lot.between(45, 70))
    frame = replace(frame, left=frame.left + sheet.points(lot.between(60, 110)))
    top = frame.top
    if lot.chance(0.6):
        sheet.say(f"- {lot.count(2, 40)} -", frame.left, frame.right, top, type_.face,
                  "page-number", "centre")  # fmt: skip
        top += type_.leading * 2
    if lot.chance(0.5):
        place = f"{lot.prose.name()}, {lot.date()}"
        sheet.say(place, frame.left, frame.right, top, type_.face, "paragraph", "right")
        top += type_.leading * 2
        title = lot.prose.words(3, 6).upper()
        top = sheet.paragraph(title, replace(frame, top=top), type_.face, type_.leading,
                              kind="heading", align=lot.pick(("centre", "left")))  # fmt: skip
        top += type_.leading
    begin = top
    gap = type_.leading * lot.pick((0, 0.5, 1))
    fill(sheet, lot, [replace(frame, top=top)], type_, gap=gap)
    distance = type_.face.width("n") * lot.between(2.8, 5)
    right = frame.left - distance
    left = max(sheet.points(12), right - sheet.points(lot.between(50, 90)))
    align = lot.pick(("left", "right"))
    top = begin + type_.leading * lot.count(0, 8)
    while lot.chance(0.9) and top < frame.bottom - 8 * type_.leading:
        note = Frame(left, top, right, top + 5 * type_.leading)
        sheet.paragraph(lot.prose.words(2, 7), note, type_.face, type_.leading,
                        kind="marginalia", align=align)  # fmt: skip
        top += type_.leading * lot.count(7, 16)
    return sheet

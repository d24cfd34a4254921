# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layouts of offices: letters, forms, invoices, receipts, papers in columns with figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from typeset_lot import (
    Lot,
    Type,
    captioned,
    fill,
    heading,
    joined,
    picture_insert,
    row,
    running_head,
    title_insert,
)
from typeset_sheet import Align, Frame, Region, Sheet
from typeset_tables import Column, table


def paper(lot: Lot) -> Sheet:
    """A paper in two or three columns: title, summary, figures in a column or across several."""
    sheet = lot.page(150, 200, 240, 300)
    count = lot.pick((2, 2, 3))
    type_ = lot.type(sheet, 8, 10, "serif", "sans", ragged=0.3)
    frame = sheet.inset(lot.between(40, 55))
    if lot.chance(0.5):
        frame = running_head(sheet, lot, frame, type_)
    number = lot.number(2)
    foot = replace(frame, top=frame.bottom - type_.leading)
    frame = replace(frame, bottom=foot.top - type_.leading)
    gutter = type_.size * lot.between(1.3, 2.6)
    if lot.chance(0.7):
        face = type_.family.strong(type_.size * lot.between(1.6, 2.4))
        top = heading(sheet, lot, frame, face, lot.pick(("left", "centre")))
        names = ", ".join(lot.prose.person() for _ in range(lot.count(1, 3)))
        sheet.say(names, frame.left, frame.right, top, type_.face, align="centre")
        frame = replace(frame, top=top + type_.leading * 2)
        if lot.chance(0.5):
            inset = frame.width * lot.between(0, 0.12)
            part = replace(frame, left=frame.left + inset, right=frame.right - inset)
            small = type_.scaled(0.9)
            top = sheet.paragraph(lot.prose.paragraph(2, 4), part, small.face, small.leading)
            frame = replace(frame, top=top + type_.leading)
    if lot.chance(0.4):
        height = (frame.bottom - frame.top) * lot.between(0.2, 0.35)
        frame = replace(frame, top=captioned(sheet, lot, frame, height, type_))
    inserts = (picture_insert(sheet, lot, type_), title_insert(sheet, lot, type_))
    fill(sheet, lot, frame.columns(count, gutter), type_, lambda f: lot.pick(inserts)(f), 0.25)
    if lot.chance(0.7):
        sheet.say(number, foot.left, foot.right, foot.top, type_.face, "page-number", "centre")
    return sheet


def _block(
    sheet: Sheet, lines: Sequence[str], left: float, right: float, top: float, type_: Type,
    align: Align = "left", kind: str = "paragraph",
) -> float:  # fmt: skip
    """Print lines as a region; return where it ends."""
    region = Region(kind)
    for text in lines:
        region.lines.append(sheet.line(text, left, right, top, type_.face, align))
        top += type_.leading
    sheet.add(region)
    return top


def _address(lot: Lot) -> list[str]:
    town = f"{lot.count(10000, 99999)} {lot.prose.name()}"
    return [
        f"{lot.prose.name()} {lot.pick(('Ltd.', 'GmbH', '& Sons', 'S.A.'))}",
        lot.prose.person(), f"{lot.prose.name()} Street {lot.number(2)}", town,
    ]  # fmt: skip


def _details(lot: Lot) -> list[str]:
    return [
        f"Telephone {lot.count(100, 999)} {lot.count(1000, 9999)}",
        f"Our reference {lot.number(2)}/{lot.number(4)}",
        f"Date {lot.count(1, 28)}.{lot.count(1, 12)}.{lot.count(1950, 2020)}",
        f"Account {lot.count(1000, 9999)} {lot.count(1000, 9999)}",
        f"Mail {lot.prose.word().lower()}@{lot.prose.word().lower()}.com",
    ]


def _letterhead(sheet: Sheet, lot: Lot, frame: Frame, type_: Type) -> float:
    """Print the head of a firm, the address and the details beside it; return where it ends."""
    face = type_.family.strong(type_.size * lot.between(1.6, 2.6))
    align = lot.pick(("left", "centre", "right"))
    name = f"{lot.prose.name()} & {lot.prose.name()}"
    sheet.say(name, frame.left, frame.right, frame.top, face, "header", align)
    top = frame.top + face.size * 1.4
    small = type_.scaled(0.75)
    sheet.say(lot.prose.words(3, 6), frame.left, frame.right, top, small.face, "header", align)
    top += small.leading * 1.5
    if lot.chance(0.5):
        sheet.rule((frame.left, top), (frame.right, top), 2)
    top += type_.leading * lot.between(1, 3)
    middle = frame.left + frame.width * lot.between(0.58, 0.68)
    details = _details(lot)[: lot.count(2, 5)]
    below = _block(sheet, _address(lot), frame.left, middle, top, type_)
    beside = _block(sheet, details, middle, frame.right, top + type_.leading * lot.pick((0, 0.5)),
                    small)  # fmt: skip
    return max(below, beside) + type_.leading * lot.between(1, 2)


def _firm_foot(sheet: Sheet, lot: Lot, frame: Frame, type_: Type) -> Frame:
    """Print the firm's particulars in columns at the foot; return the frame above."""
    small = type_.scaled(0.65)
    top = frame.bottom - 3.2 * small.leading
    sheet.rule((frame.left, top), (frame.right, top), 1.5)
    for part in replace(frame, top=top).columns(lot.count(2, 4), type_.size):
        lines = lot.pick((_address, _details))(lot)[: lot.count(2, 3)]
        _block(sheet, lines, part.left, part.right, top + small.leading * 0.2, small, kind="footer")
    return replace(frame, bottom=top - type_.leading)


def letter(lot: Lot) -> Sheet:
    """A letter of business: head, address, details at the right or beside the text, foot."""
    sheet = lot.page(150, 200, 240, 300)
    type_ = lot.type(sheet, 9.5, 11.5, "serif", "sans", "mono", ragged=0.7)
    frame = sheet.inset(lot.between(50, 70))
    top = _letterhead(sheet, lot, frame, type_)
    has_foot = lot.chance(0.7)
    body = replace(frame, bottom=frame.bottom - type_.leading * (4 if has_foot else 0))
    note_side = lot.chance(0.35)
    if note_side:
        body = replace(body, right=frame.left + frame.width * 0.76)
    if lot.chance(0.6):
        sheet.say(lot.prose.words(3, 6), body.left, body.right, top, type_.strong, "heading")
        top += type_.leading * 2
    begin = top
    sheet.say(f"Dear {lot.prose.name()},", body.left, body.right, top, type_.face)
    top += type_.leading * 1.5
    for _ in range(lot.count(2, 5)):
        if body.bottom - top < 8 * type_.leading:
            break
        part = replace(body, top=top, bottom=body.bottom - 5 * type_.leading)
        top = sheet.paragraph(lot.prose.paragraph(1, 4), part, type_.face, type_.leading,
                              align=type_.align) + type_.leading * 0.6  # fmt: skip
    closing = ["Yours sincerely,", "", lot.prose.person()]
    region = Region("paragraph")
    for text in closing:
        if text:
            region.lines.append(sheet.word(text, body.left, top, type_.face))
        top += type_.leading
    sheet.add(region)
    if note_side:
        small = type_.scaled(0.72)
        left = body.right + type_.size * lot.between(1.2, 3)
        _block(sheet, _details(lot), left, frame.right, begin + type_.leading, small,
               kind="marginalia")  # fmt: skip
    if has_foot:
        _firm_foot(sheet, lot, frame, type_)
    return sheet


def invoice(lot: Lot) -> Sheet:
    """An invoice: head, address, wares with quantities and amounts, sums, foot."""
    sheet = lot.page(150, 200, 240)
    type_ = lot.type(sheet, 8.5, 11, "sans", "serif", "mono", ragged=1)
    frame = sheet.inset(lot.between(45, 65))
    top = _letterhead(sheet, lot, frame, type_)
    title = f"Invoice {lot.count(1000, 99999)}"
    sheet.say(title, frame.left, frame.right, top, type_.family.strong(type_.size * 1.4), "heading")
    top += type_.leading * 2.2
    columns = [
        Column("No.", 0.6, "left", lambda: lot.number(2)),
        Column("Description", 4, "left", lambda: lot.prose.words(2, 9)),
        Column("Quantity", 1.2, "right", lambda: lot.number(2)),
        Column("Price", 1.2, "right", lot.amount),
        Column("Amount", 1.4, "right", lot.amount),
    ]
    columns = columns[0 if lot.chance(0.7) else 1 :]
    place = replace(frame, top=top, bottom=frame.bottom - type_.leading * 12)
    ruling = lot.pick(("all", "heads", "rows", "none", "columns"))
    top = table(sheet, lot, place, type_, columns, lot.count(2, 10), ruling)  # type: ignore[arg-type]
    sums = Region("paragraph")
    left = frame.left + frame.width * lot.between(0.5, 0.7)
    for label in ("Subtotal", f"Tax {lot.count(5, 25)} %", "Total"):
        face = type_.strong if label == "Total" else type_.face
        sums.lines.append(
            row(sheet, [label, lot.amount(5)], replace(frame, left=left, top=top), face)
        )
        top += type_.leading * 1.15
    sheet.add(sums)
    sheet.paragraph(lot.prose.sentence(), replace(frame, top=top + type_.leading), type_.face,
                    type_.leading, align="left")  # fmt: skip
    if lot.chance(0.8):
        _firm_foot(sheet, lot, frame, type_)
    return sheet


def form(lot: Lot) -> Sheet:
    """A form: labels with dotted lines or boxes, filled in type, and boxes to tick."""
    sheet = lot.page(150, 200, 240, 300)
    type_ = lot.type(sheet, 8, 10.5, "sans", "serif", ragged=1)
    pen = lot.type(sheet, 10, 11.5, "mono")
    frame = sheet.inset(lot.between(45, 65))
    face = type_.family.strong(type_.size * lot.between(1.5, 2))
    top = heading(sheet, lot, frame, face, lot.pick(("left", "centre")), 1) + type_.leading * 0.7
    boxed, number = lot.chance(0.5), 0
    pitch = type_.leading * lot.between(1.7, 2.4)
    while frame.bottom - top > 6 * pitch:
        number += 1
        title = f"{number}. {lot.prose.words(2, 5)}"
        sheet.say(title, frame.left, frame.right, top, type_.strong, "heading")
        top += type_.leading * 1.5
        for _ in range(lot.count(2, 4)):
            if frame.bottom - top < 2.2 * pitch:
                break
            parts = replace(frame, top=top).columns(lot.count(1, 3), 0 if boxed else type_.size)
            for part in parts:
                (_boxed_field if boxed else _dotted_field)(sheet, lot, part, pitch, type_, pen)
            top += pitch * (1.5 if boxed else 1)
        if lot.chance(0.5) and frame.bottom - top > 3 * pitch:
            top = _ticks(sheet, lot, replace(frame, top=top + type_.leading * 0.3), type_)
        top += type_.leading * 0.7
    return sheet


def _filled(lot: Lot, room: float, pen: Type) -> str:
    """Return what was filled in: nothing, a name, a number or a date that fits the room."""
    texts = ("", lot.prose.name(), lot.prose.person(), lot.number(5), lot.date())
    text = lot.pick(texts)
    return text if pen.face.width(text) < room else ""


def _dotted_field(sheet: Sheet, lot: Lot, frame: Frame, pitch: float, type_: Type, pen: Type
                  ) -> None:  # fmt: skip
    """Print a label, a dotted line after it and what stands on it."""
    label = sheet.word(f"{lot.prose.words(1, 2)}:", frame.left, frame.top, type_.face)
    region = Region("paragraph", [label])
    begin = label.box[2] + type_.size * 0.5
    base = frame.top + type_.size * 1.15
    for i in range(int((frame.right - begin) / (type_.size * 0.35))):
        x = begin + i * type_.size * 0.35
        sheet.rule((x, base), (x + 1, base), max(1, type_.size / 14))
    value = _filled(lot, frame.right - begin, pen)
    if value:
        top = frame.top + (type_.size - pen.size) * 1.1
        written = sheet.word(value, begin + type_.size * 0.3, top, pen.face)
        region.lines[0] = joined([label, written])
    sheet.add(region)


def _boxed_field(sheet: Sheet, lot: Lot, frame: Frame, pitch: float, type_: Type, pen: Type
                 ) -> None:  # fmt: skip
    """Print a box with a small label in its corner and what stands below."""
    sheet.box(replace(frame, bottom=frame.top + pitch * 1.5), 1.5)
    small = type_.scaled(0.75)
    left = frame.left + type_.size * 0.4
    label = sheet.word(lot.prose.words(1, 3), left, frame.top + type_.size * 0.15, small.face)
    region = Region("paragraph", [label])
    value = _filled(lot, frame.width - type_.size, pen)
    if value:
        below = frame.top + pitch * 1.5 - pen.size * 1.5
        region.lines.append(sheet.word(value, left, below, pen.face))
    sheet.add(region)


def _ticks(sheet: Sheet, lot: Lot, frame: Frame, type_: Type) -> float:
    """Print boxes to tick with their labels in a row; return where it ends."""
    side = type_.size * 0.9
    for part in frame.columns(lot.count(2, 4), type_.size):
        box = Frame(part.left, part.top + 2, part.left + side, part.top + 2 + side)
        sheet.box(box, 1.5)
        if lot.chance(0.4):
            sheet.rule((box.left, box.top), (box.right, box.bottom), 2)
            sheet.rule((box.left, box.bottom), (box.right, box.top), 2)
        label = lot.prose.words(1, 2)
        if type_.face.width(label) < part.width - 2 * side:
            sheet.say(label, box.right + side * 0.7, part.right, part.top, type_.face)
    return frame.top + type_.leading * 1.6


def receipt(lot: Lot) -> Sheet:
    """A till receipt: narrow, in one width of letters, in low resolution."""
    sheet = lot.sheet(lot.between(160, 220), lot.between(360, 560), 110, 130, 150, 200)
    type_ = replace(lot.type(sheet, 7.5, 9, "mono"), align="left")
    frame = sheet.inset(lot.between(8, 14))
    face = type_.face
    head = [lot.prose.name().upper(), *_address(lot)[2:], f"Tel. {lot.count(100000, 999999)}"]
    top = _block(sheet, head, frame.left, frame.right, frame.top, type_, "centre", "header")
    top += type_.leading * 0.8
    wares = Region("paragraph")
    room = frame.width - face.width("000.00 A  ")
    while frame.bottom - top > 9 * type_.leading:
        name = lot.prose.words(1, 3)
        name = name.upper() if lot.chance(0.5) else name
        while face.width(name) > room:
            name = name[:-1].rstrip()
        price = lot.amount(2) + lot.pick((" A", " B", ""))
        wares.lines.append(row(sheet, [name, price], replace(frame, top=top), face))
        top += type_.leading
        if lot.chance(0.2):
            text = f"  {lot.count(2, 9)} x {lot.amount(2)}"
            wares.lines.append(sheet.word(text.strip(), frame.left + face.width("  "), top, face))
            top += type_.leading
        if len(wares.lines) > 5 and lot.chance(0.1):
            break
    sheet.add(wares)
    sheet.rule((frame.left, top + 3), (frame.right, top + 3), 1.5)
    top += type_.leading * 0.6
    sums = Region("paragraph")
    for label in ("TOTAL", lot.pick(("CASH", "CARD")), "CHANGE"):
        sums.lines.append(row(sheet, [label, lot.amount(3)], replace(frame, top=top), face))
        top += type_.leading
    sheet.add(sums)
    foot = [lot.date(), f"No. {lot.number(4)}  Till {lot.number(1)}", "Thank you"]
    _block(sheet, foot, frame.left, frame.right, top + type_.leading * 0.5, type_, "centre")
    return sheet

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layouts with rows: tables, price lists, catalogues, indexes, invoices, receipts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from typeset_lot import Lot, Type, fill, heading, joined, running_head
from typeset_sheet import Align, Cell, Frame, Printed, Region, Sheet, TablePart
from typeset_text import Breaker, Face

Ruling = Literal["all", "rows", "heads", "columns", "none"]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, the share of the width, how its cells are set."""

    head: str
    share: float
    align: Align
    text: Callable[[], str]


def columns_by_lot(lot: Lot, count: int) -> list[Column]:
    """Return a column of names, and others of numbers, words, amounts and sentences."""
    texts: list[tuple[float, Align, Callable[[], str]]] = [
        (1, "right", lambda: lot.number(5)),
        (1, "right", lambda: lot.amount(3)),
        (1, "right", lambda: f"{lot.between(0, 100):.1f}"),
        (1.3, "left", lot.prose.name),
        (1, "centre", lambda: str(lot.count(1790, 1990))),
        (2.4, "left", lambda: lot.prose.words(2, 9)),
    ]
    columns = [Column(lot.prose.name(), 1.8, "left", lambda: lot.prose.words(1, 3))]
    for _ in range(count - 1):
        share, align, text = lot.pick(texts[:4] if count > 5 else texts)
        columns.append(Column(lot.prose.name(), share, align, text))
    return columns


def table(
    sheet: Sheet, lot: Lot, frame: Frame, type_: Type, columns: Sequence[Column], rows: int,
    ruling: Ruling, *, spans: bool = False, empty: float = 0.0,
) -> float:  # fmt: skip
    """Print a table of at most so many rows; return where it ends.

    Args:
        sheet: gets the table.
        lot: draws what is in it.
        frame: its place.
        type_: how it is set.
        columns: its columns.
        rows: as many rows without the headings, where there is room for them.
        ruling: where rules are.
        spans: whether some headings span several columns, above those of each.
        empty: share of the cells without text.
    """
    pad = type_.size * lot.between(0.35, 0.8 if ruling != "none" else 1.3)
    edges = frame.left + np.cumsum([0, *(c.share for c in columns)]) * (
        frame.width / sum(c.share for c in columns)
    )
    cells: list[Cell] = []
    tops = [frame.top]
    if spans:
        tops.append(_spanning_heads(sheet, lot, frame, type_, edges, cells, ruling))
    heads = len(tops)
    for number in range(heads - 1, heads + rows):
        is_head = number == heads - 1
        regions = []
        for i, column in enumerate(columns):
            text = column.head if is_head else column.text()
            if not is_head and i and lot.chance(empty):
                text = ""
            place = Frame(edges[i] + pad, tops[-1] + pad * 0.5, edges[i + 1] - pad, frame.bottom)
            face = type_.strong if is_head else type_.face
            region = Region("paragraph")
            breaker = Breaker(_cut(text, face, place.width), face, hyphens=True)
            below = sheet.lines(breaker, region, place, face, type_.leading, column.align)
            regions.append((i, region, below))
        bottom = max(below for _, _, below in regions) + pad * 0.5
        cells += [
            Cell(region, number, i, is_head=is_head) for i, region, _ in regions if region.lines
        ]
        tops.append(bottom)
        if bottom + 5 * type_.leading > frame.bottom:
            break
    _rules(sheet, lot, edges, tops, heads, ruling)
    box = (frame.left, frame.top, frame.right, tops[-1])
    sheet.add(TablePart(cells, len(tops) - 1, len(columns), box))
    return tops[-1] + type_.leading


def _cut(text: str, face: Face, room: float) -> str:
    """Return a text with words that are wider than a cell shortened."""
    words = text.split()
    for i, word in enumerate(words):
        length = len(word)
        while length > 1 and face.width(word[:length]) > room:
            length -= 1
        words[i] = word[:length]
    return " ".join(words)


def _spanning_heads(
    sheet: Sheet, lot: Lot, frame: Frame, type_: Type, edges: Sequence[float], cells: list[Cell],
    ruling: Ruling,
) -> float:  # fmt: skip
    """Print headings over two or three columns each; return where they end."""
    column, last = 1, len(edges) - 1
    bottom = frame.top + type_.leading * 1.4
    while column < last:
        count = min(last - column, lot.count(2, 3))
        left, right = edges[column], edges[column + count]
        text = _cut(lot.prose.name(), type_.strong, right - left)
        line = sheet.line(
            text, left, right, frame.top + type_.leading * 0.2, type_.strong, "centre"
        )
        cells.append(Cell(Region("paragraph", [line]), 0, column, 1, count, is_head=True))
        if ruling != "none" or lot.chance(0.5):
            inset = type_.size * 0.3
            sheet.rule((left + inset, bottom), (right - inset, bottom), 1.5)
        column += count
    return bottom


def _rules(
    sheet: Sheet, lot: Lot, edges: Sequence[float], tops: Sequence[float], heads: int,
    ruling: Ruling,
) -> None:  # fmt: skip
    """Draw the rules of a table."""
    left, right, thin = edges[0], edges[-1], lot.between(1, 2.5)
    across = {"all": range(len(tops)), "rows": range(len(tops)), "none": []}.get(
        ruling, [0, heads, len(tops) - 1]
    )
    for i in across:
        if not (ruling == "all" and 0 < i < heads):
            sheet.rule((left, tops[i]), (right, tops[i]), thin * (2 if i == 0 else 1))
    if ruling in ("all", "columns"):
        for i, x in enumerate(edges):
            if ruling == "all" or 0 < i < len(edges) - 1:
                begin = tops[heads - 1] if 1 < i < len(edges) - 1 else tops[0]
                sheet.rule((x, begin), (x, tops[-1]), thin)


def _table_page(lot: Lot, rulings: Sequence[Ruling]) -> Sheet:
    """Return an office page with one or two tables between paragraphs."""
    sheet = lot.page(150, 200, 240, 300)
    type_ = lot.type(sheet, 8.5, 11, "serif", "sans", ragged=0.4)
    frame = running_head(sheet, lot, sheet.inset(lot.between(45, 65)), type_)
    top = heading(sheet, lot, frame, type_.family.strong(type_.size * 1.4), "left")
    for number in range(lot.count(1, 2)):
        for _ in range(lot.count(1, 2)):
            top = sheet.paragraph(
                lot.prose.paragraph(1, 3), replace(frame, top=top + type_.leading * 0.5),
                type_.face, type_.leading, align=type_.align, indent=type_.indent,
            )  # fmt: skip
        small = type_.scaled(lot.between(0.8, 1))
        caption = f"Table {number + 1}. {lot.prose.words(3, 9)}"
        top = sheet.paragraph(
            caption, replace(frame, top=top + type_.leading * 0.7), small.face, small.leading,
            kind="caption", align=lot.pick(("left", "centre")),
        ) + type_.leading * 0.4  # fmt: skip
        if frame.bottom - top < 12 * type_.leading:
            break
        inset = lot.pick((0, 0, 0.1)) * frame.width
        place = replace(frame, left=frame.left + inset, right=frame.right - inset, top=top)
        columns = columns_by_lot(lot, lot.count(3, 7))
        top = table(sheet, lot, place, small, columns, lot.count(4, 18), lot.pick(rulings),
                    spans=lot.chance(0.3), empty=lot.pick((0, 0.1, 0.25)))  # fmt: skip
    if frame.bottom - top > 4 * type_.leading:
        fill(sheet, lot, [replace(frame, top=top)], type_)
    return sheet


def table_ruled(lot: Lot) -> Sheet:
    """Tables with rules around every cell, between paragraphs."""
    return _table_page(lot, ["all"])


def table_half_ruled(lot: Lot) -> Sheet:
    """Tables with rules between rows, below headings or between columns only."""
    return _table_page(lot, ["rows", "heads", "columns"])


def table_open(lot: Lot) -> Sheet:
    """Tables without rules, between paragraphs."""
    return _table_page(lot, ["none"])


def _led(
    sheet: Sheet,
    text: str,
    number: str,
    frame: Frame,
    type_: Type,
    *,
    leader: bool,
    hang: float = 0,
) -> tuple[list[Printed], float]:
    """Print an entry with its number at the right edge, perhaps after dots."""
    region = Region("paragraph")
    width = type_.face.width(number) + type_.size
    room = replace(frame, right=frame.right - width)
    top = sheet.lines(Breaker(text, type_.face, hyphens=False), region, room, type_.face,
                      type_.leading, "left", hang=hang)  # fmt: skip
    if not region.lines:
        return [], top
    above = top - type_.leading
    last = region.lines.pop()
    end = sheet.line(number, frame.left, frame.right, above, type_.face, "right")
    begin = last.box[2] + type_.size * 0.4
    pitch = type_.size * 0.9
    dots = max(0, int((end.box[0] - begin - type_.size * 0.3) / pitch)) if leader else 0
    leaders = [sheet.word(".", begin + i * pitch, above, type_.face) for i in range(dots)]
    return [*region.lines, joined([last, *leaders, end])], top


def contents(lot: Lot) -> Sheet:
    """A table of contents: entries in two levels, leaders, numbers at the right edge."""
    sheet = lot.sheet(lot.between(380, 600), lot.between(560, 842), 150, 200, 240, 300)
    type_ = lot.type(sheet, 9, 12, "serif", "sans")
    frame = sheet.inset(lot.between(45, 65))
    top = heading(sheet, lot, frame, type_.family.strong(type_.size * 1.5), lines=1)
    top += type_.leading
    leader, page, chapter, hang = lot.chance(0.6), 1, 0, type_.size * 1.5
    region = Region("TOC-entry")
    while frame.bottom - top > 3 * type_.leading:
        chapter += 1
        label = f"{chapter}. " if lot.chance(0.8) else ""
        for level in range(1 + lot.count(0, 4)):
            page += lot.count(1, 12)
            text = lot.prose.words(2, 11) if level else label + lot.prose.words(2, 6)
            inset = type_.size * (2 if level else 0)
            place = replace(frame, left=frame.left + inset, top=top)
            printed, top = _led(sheet, text, str(page), place, type_, leader=leader, hang=hang)
            region.lines += printed
        top += type_.leading * lot.pick((0, 0.5))
    sheet.add(region)
    return sheet


def index(lot: Lot) -> Sheet:
    """An index in two to four columns: terms with numbers after them or at the right edge."""
    sheet = lot.sheet(lot.between(400, 600), lot.between(580, 842), 200, 240, 300)
    type_ = lot.type(sheet, 7.5, 9.5, "serif", "sans", ragged=1)
    frame = running_head(sheet, lot, sheet.inset(lot.between(40, 60)), type_)
    columns = lot.count(2, 4)
    at_edge, leader = lot.chance(0.4), lot.chance(0.5)
    words = lot.prose.listed(400)
    for column in frame.columns(columns, type_.size * lot.between(1.3, 2.5)):
        region, top = Region("paragraph"), column.top
        while words and column.bottom - top > 3 * type_.leading:
            word = words.pop(0)
            numbers = [str(lot.count(1, 600)) for _ in range(1 if at_edge else lot.count(1, 6))]
            place = replace(column, top=top)
            if at_edge:
                printed, top = _led(sheet, word, numbers[0], place, type_, leader=leader)
                region.lines += printed
            else:
                text = f"{word}, {', '.join(sorted(numbers, key=int))}"
                top = sheet.lines(Breaker(text, type_.face), region, place, type_.face,
                                  type_.leading, "left", hang=type_.size * 1.5)  # fmt: skip
        sheet.add(region)
    return sheet


def price_list(lot: Lot) -> Sheet:
    """Groups of wares with prices in one to three columns."""
    sheet = lot.page(150, 200, 240)
    type_ = replace(lot.type(sheet, 8, 11, "serif", "sans"), align="left")
    frame = sheet.inset(lot.between(40, 60))
    top = heading(sheet, lot, frame, type_.family.strong(type_.size * 1.8)) + type_.leading
    count, leader = lot.count(1, 3), lot.chance(0.5)
    frames = replace(frame, top=top).columns(count, type_.size * lot.between(1.5, 3))
    if lot.chance(0.4):
        for one, other in pairwise(frames):
            x = (one.right + other.left) / 2
            sheet.rule((x, one.top), (x, one.bottom), 2)
    for column in frames:
        top = column.top
        while column.bottom - top > 8 * type_.leading:
            here = replace(column, top=top)
            top = heading(sheet, lot, here, type_.strong, "left", 1) + type_.leading * 0.2
            region = Region("paragraph")
            for _ in range(lot.count(3, 9)):
                printed, top = _led(sheet, lot.prose.words(1, 5), lot.amount(),
                                    replace(here, top=top), type_, leader=leader,
                                    hang=type_.size)  # fmt: skip
                region.lines += printed
                if column.bottom - top < 3 * type_.leading:
                    break
            sheet.add(region)
            top += type_.leading * lot.between(0.5, 1)
    return sheet


def catalogue(lot: Lot) -> Sheet:
    """Numbered entries of several lines, each with one or two columns of numbers beside it."""
    sheet = lot.sheet(lot.between(400, 600), lot.between(580, 842), 170, 200, 240, 300)
    type_ = replace(lot.type(sheet, 8, 10, "serif", "fraktur", "sans"), align="left")
    frame = running_head(sheet, lot, sheet.inset(lot.between(40, 60)), type_)
    count = lot.count(1, 2)
    number, two_sums, label = lot.count(1, 900), lot.chance(0.4), type_.size * 2.5
    for column in frame.columns(count, type_.size * lot.between(1.5, 2.5)):
        top = column.top
        while column.bottom - top > 6 * type_.leading:
            if lot.chance(0.12):
                here = replace(column, top=top)
                top = heading(sheet, lot, here, type_.strong) + type_.leading * 0.3
            region, mark = (
                Region("paragraph"),
                sheet.word(str(number), column.left, top, type_.face),
            )
            text = f"{lot.prose.person()}, {lot.prose.words(3, 18)}. {lot.date()}."
            sums = f"{lot.count(1, 20)} {lot.amount(2)}" if two_sums else lot.amount(2)
            place = replace(column, left=column.left + label, top=top)
            printed, top = _led(sheet, text, sums, place, type_, leader=lot.chance(0.3))
            printed[0] = joined([mark, printed[0]])
            region.lines += printed
            sheet.add(region)
            number += 1
            top += type_.leading * lot.pick((0, 0.3))
    return sheet

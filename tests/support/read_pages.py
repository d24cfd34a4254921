# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages in the model of the writers, made of a few words, and what writers make of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocrd_rapid.errors import InputError
from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.export.output_formats import FORMATS
from ocrd_rapid.ocr.page_model import (
    ReadDocument,
    ReadLine,
    ReadPage,
    ReadRegion,
    TablePlace,
)

#: Height of a line in pixels, and the distance from one to the next.
HEIGHT, PITCH = 20, 30


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32)


def region(
    kind: str | None,
    *lines: str,
    x: float = 0,
    y: float = 0,
    height: float = HEIGHT,
    place: TablePlace | None = None,
) -> ReadRegion:
    """Return a region of lines one below the other, each 10 pixels wide for a character."""
    made = tuple(
        ReadLine(box(x, y + i * PITCH, x + 10 * max(len(text), 1), y + i * PITCH + height), text)
        for i, text in enumerate(lines)
    )
    return ReadRegion(made, kind, place=place)


def page(*regions: ReadRegion, number: int = 1, **more: Any) -> ReadPage:
    return ReadPage(1000, 1500, regions, number=number, **more)


def cell(text: str, row: int | None, column: int | None, **more: Any) -> ReadRegion:
    """Return a cell of the table ``t``; its place on the page is that in the table."""
    spans = {name: more.pop(name) for name in ("rows", "columns") if name in more}
    place = TablePlace("t", row, column, **spans)
    at = {"x": 200 * (column or 0), "y": 100 * (row or 0)} | more
    return region(None, text, place=place, **at)


def written(
    name: str, pages: Sequence[ReadPage], document: ReadDocument | None = None, **options: Any
) -> bytes:
    """Return a document in a format."""

    def no_media(_: ReadPage) -> PageMedium:
        raise InputError("the page has no file")

    out = io.BytesIO()
    document = document or ReadDocument("book", len(pages))
    FORMATS[name].writer()(out, document, iter(pages), ExportOptions(**options), no_media)
    return out.getvalue()


def text_in(name: str, *pages: ReadPage, **options: Any) -> str:
    """Return a document in a format of text."""
    return written(name, pages, **options).decode("utf-8")


#: A book with all that writers for readers tell apart; a paragraph goes on over the page.
BOOK = [
    page(
        region("heading", "Erstes Buch", height=60, y=0),
        region("heading", "1. Kapitel", height=30, y=100),
        region("drop-capital", "H", height=60, y=200),
        region("paragraph", "ier ſteht der An-", "fang *) einer Ge⸗", "ſchichte, die uͤber", y=200),
        region("footnote", "*) Ende 1_2.", y=400),
        region("page-number", "— 12 —", y=500),
        number=1,
    ),
    page(
        region("header", "Erstes Buch.", y=0),
        region("paragraph", "die Seite geht. [Oder?]", y=50),
        region("caption", "Abb. 1", y=150),
        cell("Jahr", 0, 0),
        cell("fl.|kr.", 0, 1, columns=2),
        cell("1788", 1, 0),
        cell("* 5", 1, 1),
        cell("30", 1, 2),
        region("paragraph", "שלום עולם", y=600),
        region("heading", "Ende #", y=700),
        number=2,
        label="13",
        languages=("de",),
    ),
]

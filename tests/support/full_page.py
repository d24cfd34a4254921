# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A page with all that the formats for programs can say."""

from __future__ import annotations

import numpy as np
from read_pages import box

from ocrd_rapid.export.line_words import completed
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import (
    Barcode,
    ReadDocument,
    ReadGlyph,
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
    TablePlace,
)
from ocrd_rapid.provenance import ProcessingStep

DOCUMENT = ReadDocument(
    "book", source="book.pdf", title="Ein Buch & mehr", created="2020-02-03T04:05:06Z"
)


def line(outline: Points, text: str, **more: object) -> ReadLine:
    """Return a line of Fraktur with a confidence."""
    return ReadLine(outline, text, 0.9, typeface="Fraktur", **more)  # type: ignore[arg-type]


def word(text: str, left: float, right: float, sure: float = 0.75) -> ReadWord:
    """Return a word of a line from 100 to 140, with glyphs of equal width."""
    edges = np.linspace(left, right, len(text) + 1)
    glyphs = tuple(
        ReadGlyph(c, sure, box(a, 100, b, 140), (("ſ", 0.2),) if c == "f" else ())
        for c, a, b in zip(text, edges, edges[1:], strict=False)
    )
    return ReadWord(text, sure, box(left, 100, right, 140), glyphs, (("Garf", 0.1), ("x", None)))


def cell(text: str, row: int, column: int) -> ReadRegion:
    left, top = 100 + 200 * column, 700 + 50 * row
    return ReadRegion(
        (line(box(left, top, left + 150, top + 30), text),),
        place=TablePlace("t:1", row, column, columns=2 if row else 1),
    )


def full_page() -> ReadPage:
    """Return the page, complete."""
    slanted = box(100, 150, 400, 190) + np.array([(0, 0), (0, 12), (0, 12), (0, 0)])
    divided = line(
        box(100, 100, 400, 140), "der Gärf-", words=(word("der", 100, 180), word("Gärf-", 200, 400))
    )
    page = ReadPage(
        1000,
        1400,
        (
            ReadRegion((line(box(100, 20, 500, 80), "Erſtes Buch"),), "heading", id="r:1"),
            ReadRegion((divided,), "paragraph"),
            ReadRegion((line(box(480, 1350, 520, 1380), "12"),), "page-number"),
            ReadRegion(
                (line(slanted.astype(np.float32), "ten & <mehr> a\u0364"),), "paragraph", id="r2"
            ),
            cell("Jahr", 0, 0),
            cell("fl.", 0, 1),
            cell("1788", 1, 0),
            ReadRegion(
                (
                    ReadLine(
                        box(600, 100, 900, 140),
                        "שלום עולם 12",
                        0.8,
                        typeface="Hebrew",
                        baseline=np.array([(600, 130), (900, 131)], dtype=np.float32),
                    ),
                ),
                "caption",
            ),
            ReadRegion((line(box(950, 200, 980, 600), "am Rand"),), "marginalia", orientation=-90),
            ReadRegion(own_text="zwei\nZeilen", own_outline=box(600, 300, 800, 380)),
            ReadRegion(own_outline=box(600, 400, 800, 480), kind="floating"),
        ),
        orientation=0,
        skew=-0.5,
        number=3,
        id="FILE_0003",
        label="12",
        image="images/0003.jpg",
        dpi=300.0,
        languages=("de", "he"),
        tables=(ReadTable(box(90, 690, 510, 810), "t:1"), ReadTable(box(90, 900, 510, 990), "t2")),
        graphics=(
            ReadGraphic("separator", box(540, 100, 545, 600)),
            ReadGraphic("image", box(600, 500, 900, 640), "picture"),
            ReadGraphic(
                "graphic", box(-5, 1200, 90, 1300), barcode=Barcode("QRCode", "a\tb", b"a\tb\xff")
            ),
        ),
        steps=(
            ProcessingStep("layout/segmentation/region", "detector", {}, {"detector": "1"}),
            ProcessingStep(
                "recognition/text-recognition", "reader", {"level": "word"},
                {"reader": "2", "model": "m"},
            ),
            ProcessingStep("recognition/post-correction", "corrector", {}, {}),
        ),
    )  # fmt: skip
    return completed(page)

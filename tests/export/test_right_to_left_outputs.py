# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines in visual order, as a model reads them, in all outputs: text in order, words in place."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from lxml import etree, html
from read_pages import written

from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import (
    ReadDocument,
    ReadGlyph,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadWord,
)
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.logical_lines import in_logical_order
from ocrd_rapid.ocr.recognition.visual_order import to_visual
from ocrd_rapid.ocr.recognition.words import place_words
from ocrd_rapid.ocr.text_direction import is_right_to_left
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import text_findings

HEBREW = ["בשנת 1995 יצא Windows 95 (ב).", "קולות abc (def) 12, 45-67% שירים"]
ARABIC = ["صدر الكتاب (الطبعة 3) سنة 1998", "قال: «نعم» ثم [سكت] ١٢/٣/٢٠٢٠"]
LATIN = ["The word אבג (דה) means x 12"]
REGIONS = [HEBREW, ARABIC, LATIN]
WORDS = [word for lines in REGIONS for line in lines for word in line.split()]


def box(left: float, top: float, right: float) -> Points:
    corners = [(left, top), (right, top), (right, top + 40), (left, top + 40)]
    return np.array(corners, dtype=np.float32)


def read_line(text: str, top: int) -> ReadLine:
    """Return a line whose signs are 20 pixels wide, each a bar of ink."""
    visual = to_visual(text)
    width = 20 * len(visual)
    image = np.full((40, width, 3), 255, dtype=np.uint8)
    for i, sign in enumerate(visual):
        image[10:30, 20 * i + 4 : 20 * i + 16] = 255 if sign == " " else 0
    signs = tuple(
        RecognizedCharacter(sign, 0.9, (20 * i + 10) / width) for i, sign in enumerate(visual)
    )
    words = tuple(
        ReadWord(
            word.text,
            0.9,
            box(100 + width * word.left, top, 100 + width * word.right),
            tuple(
                ReadGlyph(g.text, 0.9, box(100 + width * g.left, top, 100 + width * g.right))
                for g in word.glyphs
            ),
        )
        for word in place_words(in_logical_order(RecognizedLine(visual, 0.9, signs)), image)
    )
    right = is_right_to_left(text)
    return ReadLine(box(100, top, 100 + width), text, 0.9, words, right_to_left=right)


def page() -> ReadPage:
    tops = iter(range(50, 1000, 60))
    regions = (
        ReadRegion(tuple(read_line(text, next(tops)) for text in lines), "paragraph")
        for lines in REGIONS
    )
    return ReadPage(1000, 700, tuple(regions), number=1)


def output(name: str) -> bytes:
    return written(name, [page()], ReadDocument("page"))


def test_words_are_where_they_are_printed() -> None:
    (first, second), _, (last,) = (region.lines for region in page().regions)
    places = {word.text: int(word.outline[0, 0]) // 20 - 5 for word in first.words}
    assert places == {
        word: to_visual(HEBREW[0]).index(to_visual(word, True)) for word in HEBREW[0].split()
    }
    assert [w.text for w in sorted(second.words, key=lambda w: w.outline[0, 0])] == [
        "שירים", "abc", "(def)", "12,", "45-67%", "קולות",
    ]  # fmt: skip
    assert [w.text for w in sorted(last.words, key=lambda w: w.outline[0, 0])] == [
        "The", "word", "(דה)", "אבג", "means", "x", "12",
    ]  # fmt: skip


def test_page() -> None:
    document = PageDocument.parse(output("page"))
    assert list(text_findings(document, "page", strict=True)) == []
    regions = document.text_regions()
    assert [r.right_to_left for r in regions] == [True, True, False]
    lines = [line for region in regions for line in region.lines]
    assert [word.text for line in lines for word in line.words] == WORDS
    glyphs = [glyph.text for line in lines for word in line.words for glyph in word.glyphs]
    assert "".join(filter(None, glyphs)) == "".join(WORDS)
    found = page_from(document)
    assert [word.text for line in found.lines for word in line.words] == WORDS
    assert [line.right_to_left for line in found.lines] == [True] * 4 + [False]


def test_alto() -> None:
    root = etree.fromstring(output("alto"))
    assert [e.get("CONTENT") for e in root.iter("{*}String")] == WORDS
    directions = [e.get("BASEDIRECTION") for e in root.iter("{*}TextLine")]
    assert directions == ["rtl"] * 4 + [None]


def test_hocr() -> None:
    root = html.fromstring(output("hocr"))
    words = root.xpath("//*[@class='ocrx_word']")
    assert ["".join(word.itertext()) for word in words] == WORDS
    assert root.xpath("//p/@dir") == ["rtl", "rtl", "ltr"]


def test_json_and_csv() -> None:
    (found,) = json.loads(output("json"))["pages"]
    words = [
        word["text"]
        for region in found["regions"]
        for line in region["lines"]
        for word in line["words"]
    ]
    assert words == WORDS
    rows = list(csv.DictReader(io.StringIO(output("csv").decode("utf-8-sig"))))
    assert [row["text"] for row in rows] == WORDS


@pytest.mark.parametrize("name", ["txt", "md", "html"])
def test_readers(name: str) -> None:
    text = output(name).decode().replace("\\", "").replace("&quot;", '"')
    for lines in REGIONS[:2]:
        for line in lines:
            first, *_, last = line.split()
            assert text.index(first) < text.rindex(last)
    if name == "txt":
        assert text.split() == WORDS
    elif name == "md":
        assert text.count('<div dir="rtl">') == 1
    else:
        assert text.count('dir="rtl"') == 2 + 4

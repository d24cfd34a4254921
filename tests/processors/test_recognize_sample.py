# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words and glyphs of the sample page, where the drawing says where they are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import TextSegment

pytestmark = pytest.mark.models

TRUTH = Path(__file__).resolve().parent.parent / "assets" / "sample" / "sample.gt.page.xml"

#: Left and right edge of words on the baseline, as drawn by make_sample.py.
WORDS: dict[str, list[tuple[str, int, int]]] = {
    "r1_l1": [
        ("How", 126, 343), ("a", 373, 424), ("Library", 454, 793), ("Keeps", 823, 1098),
        ("Its", 1128, 1244), ("Books", 1274, 1556),
    ],
    "r2_l1": [
        ("A", 166, 192), ("library", 204, 306), ("is", 319, 344), ("a", 357, 374),
        ("slow", 387, 457), ("machine", 470, 599), ("for", 612, 656), ("carrying", 669, 798),
    ],
    "r3_l1": [
        ("Dry", 172, 231), ("air", 250, 291), ("makes", 310, 406), ("leather", 425, 531),
        ("crack;", 550, 641), ("damp", 660, 743), ("air", 763, 804),
    ],
}  # fmt: skip


def edges(segment: TextSegment) -> tuple[float, float]:
    x = segment.polygon[:, 0]
    return float(x.min()), float(x.max())


@pytest.fixture
def document(run: Callable[..., Any], workspace: Path, models: Path) -> PageDocument:
    """Return the sample page, read on the lines of its ground truth."""
    page = PageDocument.read(TRUTH)
    (image,) = (workspace / "OCR-D-IMG").iterdir()
    page.page.set("imageFilename", f"OCR-D-IMG/{image.name}")
    source = workspace / "page.xml"
    source.write_bytes(page.to_bytes())
    options = ("-G", "SEG", "-i", "SEG_0001", "-g", "P_0001")
    assert run("ocrd-rapid", "workspace", "-d", workspace, "add", *options, source).code == 0
    parameters = ("-P", "textequiv_level", "glyph", "-P", "alternatives", "3")
    done = run("ocrd-rapid-recognize", "-w", workspace, "-I", "SEG", "-O", "OCR", *parameters)
    assert done.code == 0, done.err
    (path,) = (workspace / "OCR").glob("*.xml")
    return PageDocument.read(path)


def test_words_are_where_they_were_drawn(document: PageDocument) -> None:
    lines = {line.id: line for region in document.text_regions() for line in region.lines}
    for identifier, words in WORDS.items():
        found = lines[identifier].words
        assert [word.text for word in found] == [text for text, _, _ in words]
        for word, (_, *expected) in zip(found, words, strict=True):
            assert edges(word) == pytest.approx(expected, abs=7), word.text


def test_glyphs_follow_each_other_without_gaps(document: PageDocument) -> None:
    for region in document.text_regions():
        for line in region.lines:
            for word in line.words:
                places = [edges(glyph) for glyph in word.glyphs]
                assert places == sorted(places)
                assert (places[0][0], places[-1][1]) == pytest.approx(edges(word), abs=2)
                for (_, end), (begin, _) in pairwise(places):
                    assert end == pytest.approx(begin, abs=4)


def test_alternatives_are_less_probable_than_what_was_read(document: PageDocument) -> None:
    glyphs = [
        glyph
        for region in document.text_regions()
        for line in region.lines
        for word in line.words
        for glyph in word.glyphs
    ]
    assert len(glyphs) > 1500
    for glyph in glyphs:
        equivs = [e for e in glyph.element if str(e.tag).endswith("TextEquiv")]
        shares = [float(e.get("conf")) for e in equivs]
        assert [e.get("index") for e in equivs] == [str(i) for i in range(len(equivs))]
        assert 2 <= len(equivs) <= 4
        assert shares == sorted(shares, reverse=True)

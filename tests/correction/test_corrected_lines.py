# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A corrected line: its words and its region agree with it, and outlines are not lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrd_rapid.correction.corrected_pages import correct_page, texts_of
from ocrd_rapid.correction.corrections import LineCorrection, one_line
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.outlines import outline_findings
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import schema_findings, text_findings
from ocrd_rapid.workspace.segments import NAMESPACE, TextLine, Word


def outline(x: float, y: float, width: float, height: float = 20) -> str:
    return f"{x},{y} {x + width},{y} {x + width},{y + height} {x},{y + height}"


def word(name: str, text: str, x: int, y: int, width: int = 80) -> str:
    glyph = (
        f'<Glyph id="{name}g"><Coords points="{outline(x, y, width)}"/>'
        f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv></Glyph>"
    )
    return (
        f'<Word id="{name}"><Coords points="{outline(x, y, width)}"/>{glyph}'
        f'<TextEquiv conf="0.5"><Unicode>{text}</Unicode></TextEquiv></Word>'
    )


def line(name: str, y: int, *words: str, attributes: str = "") -> str:
    inside = "".join(word(f"{name}w{i}", text, 10 + 100 * i, y) for i, text in enumerate(words))
    read = list(words)[::-1] if "right-to-left" in attributes else words
    around = outline(5, y - 2, 590, 24)
    return (
        f'<TextLine id="{name}" {attributes}><Coords points="{around}"/>{inside}'
        f'<TextEquiv conf="0.5"><Unicode>{" ".join(read)}</Unicode></TextEquiv></TextLine>'
    )


def document(*lines: str, text: str = "", inside: str = "") -> PageDocument:
    said = f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>" if text else ""
    return PageDocument.parse(
        (
            f'<PcGts xmlns="{NAMESPACE}"><Metadata><Creator/><Created>2026-11-30T00:00:00</Created>'
            "<LastChange>2026-11-30T00:00:00</LastChange></Metadata>"
            '<Page imageFilename="i.png" imageWidth="600" imageHeight="400"><TextRegion id="r">'
            f'<Coords points="{outline(0, 0, 599, 399)}"/>{inside}{"".join(lines)}{said}'
            "</TextRegion></Page></PcGts>"
        ).encode()
    )


def corrected(
    page: PageDocument, text: str, state: LineState = LineState.CORRECTED, name: str = "l"
) -> TextLine:
    correct_page(page, [LineCorrection(name, texts_of(page).get(name, ""), text, state)])
    page = PageDocument.parse(page.to_bytes())
    assert list(schema_findings(page, page.to_bytes(), "")) == []
    assert list(text_findings(page, "", strict=True)) == []
    assert list(outline_findings(page, "", polygons=True, baselines=True)) == []
    return next(line for line in page.text_regions()[0].lines if line.id == name)


def extent(found: Word) -> tuple[int, int]:
    return round(float(found.polygon[:, 0].min())), round(float(found.polygon[:, 0].max()))


def words(found: TextLine) -> list[tuple[str, str, tuple[int, int]]]:
    return [(w.id, w.text or "", extent(w)) for w in found.words]


def test_words_keep_their_outlines() -> None:
    page = document(line("l", 30, "cin", "Haus", "fteht"), line("m", 80, "da"), text="x")
    found = corrected(page, "ein Haus steht")
    assert words(found) == [
        ("lw0", "ein", (10, 90)), ("lw1", "Haus", (110, 190)), ("lw2", "steht", (210, 290)),
    ]  # fmt: skip
    assert [w.confidence for w in found.words] == [1.0] * 3
    assert [len(w.glyphs) for w in found.words] == [0, 1, 0]
    assert page.text_regions()[0].text == "ein Haus steht\nda"


def test_words_are_divided_and_joined_where_they_stand() -> None:
    found = corrected(document(line("l", 30, "dasHaus", "ste", "ht")), "das Haus steht")
    (one, das, left), (two, haus, right), steht = words(found)
    assert (das, haus, steht) == ("das", "Haus", ("lw1", "steht", (110, 290)))
    assert (one, two) == ("lw0", "l_word0002")
    assert left[0] == 10 and left[1] <= right[0] and right[1] == 90


def test_words_that_come_and_go() -> None:
    page = document(line("l", 30, "ein", "::", "Haus"))
    assert words(corrected(page, "ein Haus")) == [
        ("lw0", "ein", (10, 90)), ("lw2", "Haus", (210, 290)),
    ]  # fmt: skip
    found = corrected(page, "ein altes Haus")
    assert [text for _, text, _ in words(found)] == ["ein", "altes", "Haus"]
    assert words(found)[2] == ("lw2", "Haus", (210, 290))
    assert 10 <= words(found)[1][2][0] < words(found)[1][2][1] <= 190


def test_right_to_left() -> None:
    page = document(line("l", 30, "שלום", "עולם", attributes='readingDirection="right-to-left"'))
    found = corrected(page, "עולם א שלום")
    assert found.text == "עולם א שלום"
    assert [text for _, text, _ in words(found)] == ["שלום", "א", "עולם"]
    assert words(found)[0][2] == (10, 90)
    begins = [place[0] for _, _, place in words(found)]
    assert begins == sorted(begins)


@pytest.mark.parametrize("state", [LineState.ILLEGIBLE, LineState.NOT_TEXT])
def test_lines_without_text_have_no_words(state: LineState) -> None:
    page = document(line("l", 30, "::.", "~"), line("m", 80, "da"), text="::. ~\nda")
    found = corrected(page, "", state)
    assert (found.text, found.words, state_of(found)) == ("", [], state)
    assert found.readings[1] == ("::. ~", 0.5)
    assert page.text_regions()[0].text == "da"
    again = corrected(page, "doch Text")
    assert (again.text, again.words) == ("doch Text", [])


def test_other_lines_of_a_region_keep_what_only_words_or_the_region_say() -> None:
    only_words = line("m", 80, "nur", "da").replace(
        '<TextEquiv conf="0.5"><Unicode>nur da</Unicode></TextEquiv>', ""
    )
    page = document(line("l", 30, "a"), only_words, text="a\nnur da")
    corrected(page, "b")
    assert page.text_regions()[0].text == "b\nnur da"
    bare = f'<TextLine id="NAME"><Coords points="{outline(5, 30, 90)}"/></TextLine>'
    page = document(bare.replace("NAME", "l"), bare.replace("NAME", "m"), text="eins\nzwei")
    assert corrected(page, "1").readings == [("1", 1.0), ("eins", None)]
    assert page.text_regions()[0].text == "1\nzwei"


def test_a_line_that_nobody_read() -> None:
    bare = f'<TextLine id="l"><Coords points="{outline(5, 30, 90)}"/></TextLine>'
    page = document(bare)
    assert corrected(page, "neu").readings == [("neu", 1.0)]
    assert page.text_regions()[0].text == "neu"


def test_a_confirmed_line_is_as_it_was() -> None:
    found = corrected(document(line("l", 30, "ein", "Haus")), "ein Haus", LineState.CONFIRMED)
    assert found.readings == [("ein Haus", 1.0), ("ein Haus", 0.5)]
    assert [len(w.glyphs) for w in found.words] == [1, 1]


HOSTILE = [
    "<script>alert(1)</script> & \"quotes\"", "x" * 100_000, "wort " * 2_000,
    "\u202e\u2066RTL\u200f", "]]> <!-- --> &amp;", "\ud800", "a\x00b\x08",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(text: str) -> None:
    wanted = one_line(text)
    if wanted:
        assert corrected(document(line("l", 30, "ein", "Haus", "hier")), wanted).text == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab<", min_size=1, max_size=3), min_size=1, max_size=6),
    st.lists(st.text("abא", min_size=1, max_size=3), min_size=1, max_size=8),
)
def test_whatever_is_written_all_levels_agree(old: list[str], new: list[str]) -> None:
    escaped = [text.replace("<", "&lt;") for text in old]
    found = corrected(document(line("l", 30, *escaped[:6])), " ".join(new))
    assert " ".join(w.text or "" for w in found.words) == found.text == " ".join(new)
    assert all(np.ptp(w.polygon, axis=0).min() > 0 for w in found.words)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Paragraphs over columns and pages, and what stands between their parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_pages import BOOK, box, cell, page, region, text_in

from ocrd_rapid.export.cell_grid import TextGrid
from ocrd_rapid.export.export_options import ExportOptions
from ocrd_rapid.export.kept_lines import keeps_lines
from ocrd_rapid.export.letter_sizes import body_height, heading_level
from ocrd_rapid.export.text_flow import FlowChoices, FlowText, PageStart, flow
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion

CHOICES = FlowChoices(paragraphs=True, join_hyphens=True, modern_spelling=False, furniture=False)


def shape(*pages: ReadPage, **changes: Any) -> list[str]:
    """Return the parts of a text: a number for a page, its text for each other part."""
    found = []
    for part in flow(iter(pages), replace(CHOICES, **changes)):
        if isinstance(part, PageStart):
            found.append(str(part.number))
        else:
            found.append("table" if isinstance(part, TextGrid) else "/".join(part.lines))
    return found


def paragraph(*lines: str, x: float = 0, y: float = 0) -> ReadRegion:
    return region("paragraph", *lines, x=x, y=y)


def pages(*contents: list[ReadRegion]) -> list[ReadPage]:
    return [page(*regions, number=i) for i, regions in enumerate(contents, start=1)]


LEFT = paragraph("Die Spalte en-", y=900)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (paragraph("det hier.", x=500, y=0), ["1", "Die Spalte endet hier."]),
        (paragraph("Det hier.", x=500, y=0), ["1", "Die Spalte en-", "Det hier."]),
        (paragraph("det hier.", y=950), ["1", "Die Spalte en-", "det hier."]),
        (region("heading", "det", x=500), ["1", "Die Spalte en-", "det"]),
        (region("footnote", "det", x=500), ["1", "Die Spalte en-", "det"]),
        (region(None, "det", x=500), ["1", "Die Spalte endet"]),
    ],
)
def test_a_paragraph_goes_on_in_the_next_column(rest: ReadRegion, expected: list[str]) -> None:
    assert shape(page(LEFT, rest)) == expected


@pytest.mark.parametrize(
    ("end", "begin", "together"),
    [
        ("und", "so weiter", True),
        ("und,", "so weiter", True),
        ("und.", "so weiter", False),
        ("und.“", "so weiter", False),
        ("und?)", "so weiter", False),
        ("und", "So weiter", False),
        ("und", "12 so", False),
        ("und", "„so“", False),
        ("und", "ſo", True),
    ],
)
def test_a_paragraph_goes_on_over_the_page(end: str, begin: str, together: bool) -> None:
    found = shape(*pages([paragraph(end)], [paragraph(begin)]))
    assert found == (["1", f"{end} {begin}", "2"] if together else ["1", end, "2", begin])


def test_what_stands_between_follows_the_paragraph() -> None:
    first = [
        paragraph("Text ohne"), region("footnote", "*) Note.", y=900),
        region("signature-mark", "A 2", y=950), region("catch-word", "Ende", y=950),
    ]  # fmt: skip
    second = [
        region("header", "Kopf"), cell("Zelle", 0, 0), region("caption", "Bild"),
        paragraph("ende, und"), paragraph("Neu.", y=50),
    ]  # fmt: skip
    rest = ["*) Note.", "2", "table", "Bild", "Neu."]
    assert shape(*pages(first, second)) == ["1", "Text ohne ende, und", *rest]
    assert shape(*pages(first, second), furniture=True) == [
        "1", "Text ohne ende, und", "*) Note.", "A 2", "Ende", "2", "Kopf", "table", "Bild", "Neu.",
    ]  # fmt: skip


def test_a_paragraph_may_fill_pages() -> None:
    long = pages(*([paragraph(f"teil {number}")] for number in range(6)))
    assert shape(*long) == ["1", "teil 0 teil 1 teil 2 teil 3 teil 4 teil 5", *"23456"]


def test_a_paragraph_goes_on_past_a_plate_and_its_back() -> None:
    plate = [region("caption", "Tafel I")]
    assert shape(*pages([paragraph("a")], plate, [], [paragraph("b")])) == [
        "1", "a b", "2", "Tafel I", "3", "4",
    ]  # fmt: skip
    assert shape(*pages([paragraph("a")], plate, [], [], [paragraph("b")])) == [
        "1", "a", "2", "Tafel I", "3", "4", "5", "b",
    ]  # fmt: skip


def test_the_end_of_a_page_that_goes_on_below_is_another_paragraph() -> None:
    last = [paragraph("b", y=0), paragraph("c", y=100)]
    assert shape(*pages([paragraph("a")], last)) == ["1", "a b", "2", "c"]


def test_with_lines_nothing_goes_on() -> None:
    found = shape(
        *pages([paragraph("a-", "b")], [paragraph("c")]), paragraphs=False, join_hyphens=False
    )
    assert found == ["1", "a-/b", "2", "c"]


def test_columns_of_a_page_on_its_side() -> None:
    """Turned clockwise by 90 degrees, it is upright: its lines run up, its columns lie."""
    lines = [("Die Spalte en-", box(900, 860, 920, 1000)), ("det hier.", box(0, 400, 20, 490))]
    parts = [
        ReadRegion((ReadLine(outline, text),), "paragraph", orientation=90)
        for text, outline in lines
    ]
    assert shape(page(*parts)) == ["1", "Die Spalte endet hier."]
    assert shape(page(*(replace(part, orientation=-90) for part in parts)))[1] == "Die Spalte en-"


def test_pages_are_read_one_ahead_only() -> None:
    """A text is given out when the page after it has been read, whatever comes then."""
    read = []

    def book() -> Iterator[ReadPage]:
        for number in range(1, 9):
            read.append(number)
            yield page(paragraph("Satz."), number=number)

    for part in flow(book(), CHOICES):
        if isinstance(part, PageStart):
            assert read[-1] <= part.number + 1


@given(st.lists(st.lists(st.sampled_from(["paragraph", "heading", "footnote", "caption", None]))))
def test_every_part_comes_once_and_pages_in_order(kinds: list[list[str | None]]) -> None:
    numbers = iter(range(1000))
    made = [
        [region(kind, f"w{next(numbers)}", x=400 * (i % 2)) for i, kind in enumerate(on_page)]
        for on_page in kinds
    ]
    found = list(flow(iter(pages(*made)), CHOICES))
    words = " ".join(" ".join(p.lines) for p in found if isinstance(p, FlowText)).split()
    assert sorted(words) == sorted(r.text for regions in made for r in regions)
    starts = [p.number for p in found if isinstance(p, PageStart)]
    assert starts == list(range(1, len(kinds) + 1))


# Headings


@pytest.mark.parametrize(("height", "level"), [(60, 1), (39, 1), (30, 2), (22, 3), (12, 3)])
def test_the_size_of_a_heading_decides_its_level(height: float, level: int) -> None:
    heading = region("heading", "Die Überschrift", height=height)
    made = page(heading, paragraph("a", "b", "c", y=100))
    assert heading_level(heading, body_height(made)) == level


def test_a_title_page_is_measured_by_the_next_page() -> None:
    title = page(region("heading", "Titel", height=60), region("heading", "Vers", y=90, height=30))
    text = page(paragraph("Aa", "bb", "cc."), number=2)
    parts = [part for part in flow(iter([title, text]), CHOICES) if isinstance(part, FlowText)]
    assert [part.level for part in parts] == [1, 2, 0]


def test_without_a_body_a_heading_is_the_title() -> None:
    assert text_in("md", page(region("heading", "Titel"))) == "# Titel\n"


# Page numbers


@pytest.mark.parametrize(
    ("number", "label", "expected"),
    [
        ("— 12 —", "", "12"),
        ("[xvi]", "", "xvi"),
        ("12a", "", "12a"),
        ("Seite ſ", "", ""),
        ("24 May", "", ""),
        ("12", "14", "14"),
    ],
)
def test_the_printed_number_of_a_page(number: str, label: str, expected: str) -> None:
    made = page(region("page-number", number), label=label)
    assert list(flow([made], CHOICES)) == [PageStart(1, expected)]


# Choices


@pytest.mark.parametrize(
    ("options", "paragraphs", "expected"),
    [
        (ExportOptions(), False, (False, False)),
        (ExportOptions(), True, (True, True)),
        (ExportOptions(paragraphs=True), False, (True, True)),
        (ExportOptions(paragraphs=False), True, (False, False)),
        (ExportOptions(join_hyphens=True), False, (False, True)),
        (ExportOptions(join_hyphens=False), True, (True, False)),
    ],
)
def test_words_are_whole_in_paragraphs_unless_one_says_otherwise(
    options: ExportOptions, paragraphs: bool, expected: tuple[bool, bool]
) -> None:
    choices = FlowChoices.of(options, paragraphs=paragraphs, furniture=False)
    assert (choices.paragraphs, choices.join_hyphens) == expected


# Plain text


def test_pages_are_apart_by_a_form_feed_and_the_last_line_is_ended() -> None:
    text = text_in("txt", *pages([paragraph("a")], [], [paragraph("b")]))
    assert text == "a\n\f\fb\n"


def test_plain_text_has_all_parts_in_paragraphs_too() -> None:
    text = text_in("txt", *BOOK, paragraphs=True)
    assert "— 12 —" in text and text.count("\f") == 1 and text.endswith("Ende #\n")


def test_text_is_nfc() -> None:
    assert text_in("txt", page(paragraph("u\u0308"))) == "ü\n"


def test_no_text_has_the_sign_between_pages() -> None:
    assert text_in("txt", page(paragraph("a\fb\x07"))) == "a\nb\n"


def stacked(*lines: tuple[str, float]) -> ReadRegion:
    """Return a region of lines of the given widths below each other."""
    outlines = [
        np.array([[0, y], [width, y], [width, y + 20], [0, y + 20]], np.float32)
        for y, (_, width) in zip(range(0, 30 * len(lines), 30), lines, strict=True)
    ]
    texts = [text for text, _ in lines]
    return ReadRegion(tuple(map(ReadLine, outlines, texts)), "paragraph")


ADDRESS = stacked(("The Hon. Viscount Samuel", 240), ("of Carmel", 90), ("3, Inn", 60), ("Rd", 20))
VERSE = stacked(("Du bist verlassen jetzt", 230), ("Einsam und einsam jetzt", 225),
                ("Seit er kam", 110), ("Ach", 30))  # fmt: skip
PROSE = stacked(("one two three four", 180), ("five six seven ei", 175), ("end", 30))
NOUNS = stacked(("Alles Gute kommt vom", 200), ("Morgen Abend auch wo", 200), ("Ende", 40))


@pytest.mark.parametrize(
    ("part", "kept"), [(ADDRESS, True), (VERSE, True), (PROSE, False), (NOUNS, False)]
)
def test_lines_with_room_for_the_next_word_are_kept(part: ReadRegion, kept: bool) -> None:
    assert keeps_lines(part) is kept
    text = "/".join(line.text for line in part.lines) if kept else part.text.replace("\n", " ")
    assert shape(page(part)) == ["1", text]

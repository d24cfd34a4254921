# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words divided at the ends of lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.export.hyphens import HYPHENS, DividedWord, divided_words, division
from ocrd_rapid.ocr.page_model import NO_POINTS, ReadLine, ReadPage, ReadRegion, TablePlace


def region(*texts: str, kind: str | None = "paragraph", cell: bool = False) -> ReadRegion:
    place = TablePlace("t") if cell else None
    return ReadRegion(tuple(ReadLine(NO_POINTS, text) for text in texts), kind, place=place)


def wholes(*regions: ReadRegion) -> list[str]:
    return [word.whole for word in divided_words(ReadPage(10, 10, regions))]


@pytest.mark.parametrize("hyphen", HYPHENS)
def test_a_letter_a_hyphen_and_a_lower_case_letter(hyphen: str) -> None:
    page = ReadPage(10, 10, (region(f"die Gärt{hyphen}", "nerarbeit, die"),))
    found = DividedWord((0, 0), (0, 1), "Gärt", hyphen, "nerarbeit,")
    assert divided_words(page) == [found]
    assert found.whole == "Gärtnerarbeit,"


@pytest.mark.parametrize(
    ("first", "second"),
    [("Alt-", "Wien"), ("A-", "4"), ("so —", "aber"), ("so—", "aber"), ("-", "a"), ("1-", "a"),
     ("", "a"), ("a-", ""), ("wort", "a"), ("vor -", "mittag"), ("(-", "a"), ("a=", "b")],
)  # fmt: skip
def test_other_ends_of_lines_divide_no_word(first: str, second: str) -> None:
    assert division(first, second) is None


def test_letters_with_combining_marks() -> None:
    assert division("waͤ⸗", "re ſo") == ("waͤ", "⸗", "re")
    assert division("be-", "ſonders") == ("be", "-", "ſonders")


def test_over_columns_but_not_into_what_stands_beside_the_text() -> None:
    assert wholes(region("Gar-"), region("ten")) == ["Garten"]
    assert wholes(region("Gar-"), region("7", kind="page-number"), region("ten")) == ["Garten"]
    assert wholes(region("Gar-"), region("abb. 1", kind="caption"), region("ten")) == ["Garten"]
    assert wholes(region("Gar-"), region("ten", kind="caption")) == []
    assert wholes(region("No-", kind="footnote"), region("Wort"), region("te", kind="footnote"),
    ) == ["Note"]  # fmt: skip
    assert wholes(region("Gar-", kind=None), region("ten", kind="heading")) == ["Garten"]


def test_not_from_cell_to_cell() -> None:
    assert wholes(region("Gar-", cell=True), region("ten", cell=True)) == []
    assert wholes(region("Gar-", "ten", cell=True)) == ["Garten"]


def test_lines_without_text_are_skipped_and_a_word_may_be_divided_twice() -> None:
    assert wholes(region("Do-", "", "nau-", "dampf")) == ["Donau-", "naudampf"]


@given(st.text(), st.text())
def test_the_parts_are_the_ends_of_the_texts(first: str, second: str) -> None:
    parts = division(first, second)
    if parts is not None:
        beginning, hyphen, rest = parts
        assert first.split()[-1] == beginning + hyphen and second.split()[0] == rest
        assert rest[0].islower()

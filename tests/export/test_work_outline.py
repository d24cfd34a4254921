# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The table of contents of a work."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.export.work_outline import outline_of, title_of
from ocrd_rapid.ocr.page_model import OutlineEntry
from ocrd_rapid.workspace.contents import LogicalDivision, Structure

PAGES = {f"P_{number}": number for number in range(1, 10)}


def division(level: int, label: str, *pages: str, kind: str = "chapter") -> LogicalDivision:
    return LogicalDivision(label, type=kind, label=label, pages=pages, level=level)


def outline(*divisions: LogicalDivision) -> list[tuple[str, int, int]]:
    found = outline_of(Structure(divisions=divisions), PAGES)
    return [(entry.title, entry.page_number, entry.level) for entry in found]


BOOK = division(1, "A Book", *PAGES)


def test_the_work_itself_is_the_title_and_no_entry() -> None:
    assert outline(BOOK, division(2, "One", "P_2")) == [("One", 2, 1)]
    assert title_of(Structure(divisions=(BOOK,))) == "A Book"
    assert title_of(Structure()) == ""
    assert title_of(Structure(divisions=(BOOK,), title="Described")) == "Described"


def test_several_works_are_entries() -> None:
    first, second = division(1, "A", "P_1"), division(1, "B", "P_4")
    assert outline(first, division(2, "a", "P_2"), second) == [
        ("A", 1, 1), ("a", 2, 2), ("B", 4, 1),
    ]  # fmt: skip


def test_a_division_begins_where_the_first_inside_it_does() -> None:
    assert outline(BOOK, division(2, "Part"), division(3, "One", "P_7", "P_3")) == [
        ("Part", 3, 1),
        ("One", 3, 2),
    ]


def test_divisions_without_pages_in_the_document_are_left_out() -> None:
    assert outline(BOOK, division(2, "Part", "P_99"), division(2, "Two", "P_5")) == [("Two", 5, 1)]


def test_a_division_without_a_label_goes_by_its_type() -> None:
    assert outline(BOOK, division(2, "", "P_1", kind="title_page")) == [("title page", 1, 1)]
    assert outline(BOOK, division(2, " a\n b ", "P_1")) == [("a b", 1, 1)]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), max_size=12))
def test_levels_never_skip(parts: list[tuple[int, int]]) -> None:
    divisions = [division(level, f"{n}", f"P_{page}") for n, (level, page) in enumerate(parts)]
    entries = outline_of(Structure(divisions=tuple(divisions)), PAGES)
    before = OutlineEntry("", 0, 0)
    for entry in entries:
        assert 1 <= entry.level <= before.level + 1
        before = entry

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Selection of pages by their numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.documents.page_ranges import PageRanges
from ocrd_rapid.errors import UsageError


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("2", [2]),
        ("4-", [4, 5]),
        ("4-end", [4, 5]),
        ("end", [5]),
        ("5,1-2,2", [1, 2, 5]),
        (" 1 - 2 , End ", [1, 2, 5]),
    ],
)
def test_pages_are_selected(text: str, pages: list[int]) -> None:
    assert PageRanges.parsed(text).of(5, "book.pdf") == pages


@pytest.mark.parametrize("text", ["0", "0-2", "3-1", "end-3", "x", "1,,2", "-", "1-2-3", "²"])
def test_nonsense_is_refused_before_a_document_is_opened(text: str) -> None:
    with pytest.raises(UsageError, match=f"^--pages {text}: "):
        PageRanges.parsed(text)


@pytest.mark.parametrize(("text", "count", "says"), [("2", 1, "1 page"), ("3-9", 8, "8 pages")])
def test_a_page_that_is_not_there_is_refused(text: str, count: int, says: str) -> None:
    with pytest.raises(UsageError, match=rf"^--pages {text}: book\.pdf has {says}$"):
        PageRanges.parsed(text).of(count, "book.pdf")


def test_an_open_range_that_begins_after_the_end_is_refused() -> None:
    with pytest.raises(UsageError, match="has 5 pages"):
        PageRanges.parsed("7-").of(5, "book.pdf")


@given(st.lists(st.integers(1, 50), min_size=1))
def test_any_set_of_pages_can_be_named(pages: list[int]) -> None:
    assert PageRanges.parsed(",".join(map(str, pages))).of(50, "x") == sorted(set(pages))

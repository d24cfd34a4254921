# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Bookmarks from headings, and the styles of page labels."""

from __future__ import annotations

import pytest

from ocrd_rapid.export.pdf.navigation import label_value, outline_of_headings


def test_levels_go_down_by_one_at_most() -> None:
    pages = [(1, "", [(2, "a"), (3, "b")]), (2, "", []), (3, "", [(1, "c"), (3, "d")])]
    entries = outline_of_headings(pages)
    assert [(e.title, e.page_number, e.level) for e in entries] == [
        ("a", 1, 1), ("b", 1, 2), ("c", 3, 1), ("d", 3, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 4])
def test_one_heading_on_every_page_is_a_running_head(count: int) -> None:
    assert outline_of_headings([(i + 1, "", [(1, "head")]) for i in range(count)]) == []
    assert outline_of_headings([(i + 1, "", []) for i in range(count)]) == []


def test_newspapers_get_bookmarks_by_page() -> None:
    pages = [(i, f"{i}r", [(1, f"{i}{letter}") for letter in "abc"]) for i in (1, 2)]
    entries = outline_of_headings(pages)
    assert [(e.title, e.level) for e in entries] == [
        ("1r", 1), ("1a", 2), ("1b", 2), ("1c", 2), ("2r", 1), ("2a", 2), ("2b", 2), ("2c", 2),
    ]  # fmt: skip


def test_long_headings_are_cut() -> None:
    (entry,) = outline_of_headings([(1, "", [(1, "word " * 50)]), (2, "", [])])
    assert len(entry.title) <= 120 and entry.title.endswith("word…")


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("12", ("D", 12)),
        ("012", ("", None)),
        ("iv", ("r", 4)),
        ("XLII", ("R", 42)),
        ("iiii", ("", None)),
        ("Iv", ("", None)),
        ("12r", ("", None)),
        ("²", ("", None)),
        ("", ("", None)),
    ],
)
def test_styles_of_labels(label: str, value: tuple[str, int | None]) -> None:
    assert label_value(label) == value

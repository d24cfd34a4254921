# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""New words stand in place of the old ones that they are most like."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.correction.word_groups import word_groups

WORDS = st.lists(st.text("abc", min_size=1, max_size=4), max_size=9)


def grouped(old: str, new: str) -> list[tuple[str, str]]:
    first, second = old.split(), new.split()
    return [
        (" ".join(first[i] for i in group.old), " ".join(second[i] for i in group.new))
        for group in word_groups(first, second)
    ]


@pytest.mark.parametrize(
    ("old", "new", "groups"),
    [
        ("ein Haus", "ein Haus", [("ein", "ein"), ("Haus", "Haus")]),
        ("cin Hans fteht", "ein Haus steht",
         [("cin", "ein"), ("Hans", "Haus"), ("fteht", "steht")]),
        ("ein Haus steht", "einHaus steht", [("ein Haus", "einHaus"), ("steht", "steht")]),
        ("dasHaus steht da", "das Haus steht da",
         [("dasHaus", "das Haus"), ("steht", "steht"), ("da", "da")]),
        ("ein . Haus", "ein Haus", [("ein", "ein"), (".", ""), ("Haus", "Haus")]),
        ("ein Haus", "ein altes Haus", [("ein", "ein altes"), ("Haus", "Haus")]),
        ("der Mann", "der der Mann", [("der", "der der"), ("Mann", "Mann")]),
        ("a b", "", [("a", ""), ("b", "")]),
        ("a", "b c d e f", [("a", "b c d e f")]),
    ],
)  # fmt: skip
def test_groups(old: str, new: str, groups: list[tuple[str, str]]) -> None:
    assert grouped(old, new) == groups


@given(WORDS.filter(bool), WORDS)
def test_every_word_is_in_one_group_in_order(old: list[str], new: list[str]) -> None:
    groups = word_groups(old, new)
    assert [i for group in groups for i in group.old] == list(range(len(old)))
    assert [i for group in groups for i in group.new] == list(range(len(new)))
    assert all(group.old for group in groups)


def test_long_texts_take_no_time() -> None:
    old = [f"wort{number}" for number in range(40)]
    began = time.monotonic()
    assert len(word_groups(old, ["anders"] * 20_000)) == 1
    assert len(word_groups(["x" * 100_000], ["y" * 100_000])) == 1
    assert time.monotonic() - began < 10

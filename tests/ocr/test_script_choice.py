# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The scripts of words, from what a classifier says of every column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.ocr.recognition.script_choice import choose_scripts, score_pieces

SCRIPTS = ("Latn", "Cyrl", "Grek")
#: How a column looks, by a sign: of a script, of two, or without letters.
COLUMNS = {
    " ": (0.97, 0.01, 0.01, 0.01),
    "l": (0.02, 0.94, 0.02, 0.02),
    "c": (0.02, 0.02, 0.94, 0.02),
    "g": (0.02, 0.02, 0.02, 0.94),
    "?": (0.02, 0.48, 0.48, 0.02),
    "(": (0.02, 0.36, 0.60, 0.02),
}


def columns(text: str) -> FloatArray:
    return np.array([COLUMNS[sign] for sign in text], dtype=np.float32).reshape(-1, 4)


def scripts(
    *lines: str, regions: list[int] | None = None, allowed: frozenset[str] = frozenset()
) -> list[str]:
    """Return the scripts of the pieces of lines, by their first letters."""
    scores = [score_pieces(columns(line)) for line in lines]
    found = choose_scripts(scores, SCRIPTS, regions, allowed)
    return ["".join(SCRIPTS[n][0].lower() for n in each.argmax(axis=1)) for each in found]


def test_pieces_end_where_letters_do_or_look_otherwise() -> None:
    pieces = score_pieces(columns("  lll ccgg "))
    assert pieces.begins.tolist() == [2, 6, 8]
    assert pieces.ends.tolist() == [5, 8, 10]
    assert pieces.scores.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("line", ["", "   "])
def test_no_letters_are_no_pieces(line: str) -> None:
    assert len(score_pieces(columns(line)).begins) == 0
    assert scripts(line) == [""]
    assert scripts(line, "lll") == ["", "l"]


def test_words_of_another_script_in_a_line() -> None:
    assert scripts("llllll cccccc llllllll gggggg") == ["lclg"]


def test_a_column_within_a_word_is_no_word_of_another_script() -> None:
    assert scripts("llllcllll llllll") == ["llll"]
    assert scripts("lllllll g llllll") == ["lll"]


def test_a_word_that_may_be_of_two_scripts_is_of_the_one_around_it() -> None:
    assert scripts("???", "llllll") == ["l", "l"]
    assert scripts("???", "cccccccc") == ["c", "c"]
    assert scripts("((((", "llllllllllll lllllllllll") == ["l", "ll"]


def test_a_word_alone_is_of_the_script_of_its_region() -> None:
    lines = ["cccccccccc"] * 3 + ["???"] + ["llllllllll"] * 6 + ["???"]
    regions = [0] * 4 + [1] * 7
    assert scripts(*lines, regions=regions) == ["c"] * 4 + ["l"] * 7


def test_only_what_is_allowed_is_found() -> None:
    assert scripts("gggggg llllll", allowed=frozenset({"Latn", "Cyrl"}))[0][1] == "l"
    assert scripts("cccccc llllll", allowed=frozenset({"Cyrl"})) == ["cc"]
    assert "g" not in scripts("gggggg llllll", allowed=frozenset({"Latn", "Cyrl"}))[0]


def test_nothing_has_no_scripts() -> None:
    assert scripts() == []


@given(st.lists(st.text("".join(COLUMNS), max_size=30), max_size=5), st.data())
def test_scripts_have_probabilities_and_do_not_depend_on_order(
    lines: list[str], data: st.DataObject
) -> None:
    regions = data.draw(st.lists(st.integers(0, 2), min_size=len(lines), max_size=len(lines)))
    scores = [score_pieces(columns(line)) for line in lines]
    found = choose_scripts(scores, SCRIPTS, regions)
    for own, each in zip(scores, found, strict=True):
        assert each.shape == own.scores.shape
        assert each.sum(axis=1) == pytest.approx(np.ones(len(each)))
    back = choose_scripts(scores[::-1], SCRIPTS, regions[::-1])[::-1]
    for one, other in zip(found, back, strict=True):
        assert one == pytest.approx(other)

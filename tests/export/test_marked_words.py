# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Differences from a reference in the words of a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.evaluation.comparison import align
from ocrd_rapid.export.export_options import Stretch
from ocrd_rapid.export.marked_words import Run, marked


def compared(reference: str, text: str) -> list[list[Run]]:
    pieces = align(reference, text)
    stretches = [Stretch("".join(piece.reference), "".join(piece.text)) for piece in pieces]
    return marked(text.split(), stretches)


def test_a_word_that_is_right_is_one_run() -> None:
    assert compared("so ist es", "so ist es") == [
        [Run("same", "so")], [Run("same", "ist")], [Run("same", "es")]
    ]  # fmt: skip


def test_what_is_replaced_missing_and_superfluous() -> None:
    assert compared("Haus", "Hans") == [
        [Run("same", "Ha"), Run("replaced", "n", "u"), Run("same", "s")]
    ]
    assert compared("Haus", "Has") == [
        [Run("same", "Ha"), Run("missing", "", "u"), Run("same", "s")]
    ]
    assert compared("Has", "Haus") == [[Run("same", "Ha"), Run("added", "u"), Run("same", "s")]]


def test_missing_words_stand_where_they_are_missing() -> None:
    assert compared("a bcd e", "a e") == [
        [Run("same", "a")], [Run("missing", "", "bcd␣"), Run("same", "e")]
    ]  # fmt: skip
    assert compared("a bcd", "a")[0] == [Run("same", "a"), Run("missing", "", "␣bcd")]


def test_spaces_are_visible() -> None:
    assert compared("ab cd", "abcd") == [
        [Run("same", "ab"), Run("missing", "", "␣"), Run("same", "cd")]
    ]
    assert compared("abcd", "ab cd") == [
        [Run("same", "ab"), Run("added", "", "⁀")], [Run("same", "cd")]
    ]  # fmt: skip


def test_a_difference_over_two_words_names_the_reference_once() -> None:
    stretches = [Stretch("xy", "ab cd")]
    assert marked(["ab", "cd"], stretches) == [
        [Run("replaced", "ab", "xy")], [Run("replaced", "cd")]
    ]  # fmt: skip


def test_without_words_nothing_is_marked() -> None:
    assert marked([], [Stretch("abc", "")]) == []


TEXT = st.text("ab c\u0301", max_size=30).map(lambda text: " ".join(text.split()))


@given(TEXT, TEXT)
def test_all_characters_of_the_words_remain(reference: str, text: str) -> None:
    runs = compared(reference, text)
    assert ["".join(run.text for run in word) for word in runs] == text.split()


@given(TEXT, TEXT)
def test_what_is_marked_gives_the_reference(reference: str, text: str) -> None:
    """Apart from spaces, which are between the words where both sides have them."""
    if text:
        kept = (
            r.text if r.kind == "same" else r.reference
            for w in compared(reference, text)
            for r in w
        )
        signs = "".join(kept).replace("␣", "").replace("⁀", "")
        assert signs == reference.replace(" ", "")

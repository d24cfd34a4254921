# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The direction of text."""

from __future__ import annotations

import pytest

from ocrd_rapid.ocr.text_direction import (
    begins_right,
    has_right_to_left,
    is_right_to_left,
    without_directions,
)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("שלום (12)", True),
        ("Tora תורה היא", True),
        ("abcde שלום", False),
        ("12", False),
        ("", False),
    ],
)
def test_the_direction_is_that_of_most_letters(text: str, right: bool) -> None:
    assert is_right_to_left(text) is right


def test_the_direction_of_a_text_without_letters_is_that_of_the_text_before() -> None:
    assert is_right_to_left("* 12 *", before=True)
    assert not is_right_to_left("* a *", before=True)


def test_the_first_letter_tells_how_a_line_begins() -> None:
    assert begins_right("12 (שלום) abcde")
    assert not begins_right("12 a שלום")
    assert not begins_right("12")


def test_one_letter_is_enough_to_have_some() -> None:
    assert has_right_to_left("abcde ש")
    assert not has_right_to_left("Öl 12")


def test_marks_of_direction_are_taken_out() -> None:
    assert without_directions("\u200fאב\u200e 12 \u2067(ג)\u2069\u061c") == "אב 12 (ג)"
    assert without_directions("می\u200cخواهم") == "می\u200cخواهم"

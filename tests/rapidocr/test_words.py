# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes of words and characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.logical_lines import in_logical_order
from ocrd_rapid.rapidocr.word_boxes import Word, words_of_line

#: A line of 100 x 10 pixels at (50, 20).
CORNERS = np.array([(50, 20), (150, 20), (150, 30), (50, 30)], dtype=np.float32)


def line(*characters: tuple[str, float], confidence: float = 0.9) -> RecognizedLine:
    found = tuple(RecognizedCharacter(text, confidence, position) for text, position in characters)
    return RecognizedLine("".join(c.text for c in found), confidence, found)


def spread(text: str) -> RecognizedLine:
    """Return a line whose characters all are as wide."""
    return line(*((c, (i + 0.5) / len(text)) for i, c in enumerate(text)))


def words(line: RecognizedLine, corners: Points, *, single: bool = False) -> list[Word]:
    return words_of_line(line.characters, corners, single=single)


def test_words_of_a_line() -> None:
    found = words(spread("ab cd efgh"), CORNERS)
    assert [(text, box) for text, _, box in found] == [
        ("ab", [[50, 20], [70, 20], [70, 30], [50, 30]]),
        ("cd", [[80, 20], [100, 20], [100, 30], [80, 30]]),
        ("efgh", [[110, 20], [150, 20], [150, 30], [110, 30]]),
    ]


def test_words_from_right_to_left() -> None:
    found = words(in_logical_order(spread("הד ab גבא")), CORNERS)
    assert [(text, round(box[0][0]), round(box[1][0])) for text, _, box in found] == [
        ("אבג", 117, 150), ("ab", 83, 106), ("הד"[::-1], 50, 72),
    ]  # fmt: skip
    # A wide gap ends a word there, too.
    parted = line(("ב", 0.05), ("ג", 0.1), ("ד", 0.15), ("ה", 0.2), ("ו", 0.85), ("א", 0.9))
    assert [t for t, _, _ in words(in_logical_order(parted), CORNERS)] == ["או", "הדגב"]


def test_single_characters() -> None:
    found = words(spread("ab c"), CORNERS, single=True)
    assert [(text, box[0][0], box[1][0]) for text, _, box in found] == [
        ("a", 50, 75), ("b", 75, 100), ("c", 125, 150),
    ]  # fmt: skip


def test_the_confidence_of_a_word_is_that_of_its_own_characters() -> None:
    characters = (
        RecognizedCharacter("a", 0.5, 0.1), RecognizedCharacter("b", 1.0, 0.3),
        RecognizedCharacter(" ", 0.1, 0.5), RecognizedCharacter("c", 0.25, 0.7),
    )  # fmt: skip
    found = words(RecognizedLine("ab c", 0.5, characters), CORNERS)
    assert [(text, confidence) for text, confidence, _ in found] == [("ab", 0.75), ("c", 0.25)]


def test_characters_of_several_code_points_are_one() -> None:
    found = words(line(("\U0001f1e9\U0001f1ea", 0.25), ("u\u0364", 0.75)), CORNERS)
    assert [text for text, _, _ in found] == ["\U0001f1e9\U0001f1eau\u0364"]


def test_cjk_lines_are_read_character_by_character() -> None:
    assert [text for text, _, _ in words(spread("漢字ab"), CORNERS)] == list("漢字ab")


def test_a_wide_gap_ends_a_word() -> None:
    close = [(c, 0.02 + i * 0.02) for i, c in enumerate("abcdef")]
    found = words(line(*close, ("g", 0.9), ("h", 0.92)), CORNERS)
    assert [text for text, _, _ in found] == ["abcdef", "gh"]
    assert found[0][2][1][0] < 100 < found[1][2][0][0]


def test_nothing_was_read() -> None:
    assert words(RecognizedLine("", 0.0), CORNERS) == []


def test_lines_on_their_head_and_on_their_side() -> None:
    turned = np.roll(CORNERS, 2, axis=0)
    found = words(spread("ab cd"), turned)
    assert found[0][2] == [[150, 30], [110, 30], [110, 20], [150, 20]]
    tall = np.array([(10, 0), (10, 100), (0, 100), (0, 0)], dtype=np.float32)
    assert words(spread("ab cd"), tall)[0][2] == [[10, 0], [10, 40], [0, 40], [0, 0]]


TEXTS = st.lists(st.sampled_from(["a", "B", "ß", " ", "\u3000", "漢", "u\u0364", "."]), max_size=30)


@given(TEXTS, st.data())
def test_whatever_is_read(texts: list[str], data: st.DataObject) -> None:
    positions = sorted(data.draw(st.lists(st.floats(0, 1), min_size=len(texts),
                                          max_size=len(texts))))  # fmt: skip
    found = line(*zip(texts, positions, strict=True))
    parts = words(found, CORNERS)
    singles = words(found, CORNERS, single=True)
    inked = "".join(text for text in texts if text.strip())
    assert "".join(text for text, _, _ in parts) == inked
    assert [text for text, _, _ in singles] == [text for text in texts if text.strip()]
    for group in (parts, singles):
        starts = [box[0][0] for _, _, box in group]
        assert starts == sorted(starts)
        for _, confidence, box in group:
            assert confidence == pytest.approx(0.9)
            assert 50 <= box[0][0] <= box[1][0] <= 150

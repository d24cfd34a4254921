# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where words go in a text layer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from searchable_pages import line_at

from ocrd_rapid.export.pdf.font import natural_width
from ocrd_rapid.export.pdf.layer import TypesetLine, number, typeset, visual
from ocrd_rapid.ocr.geometry import Points, rotate_points
from ocrd_rapid.ocr.page_model import ReadLine, ReadWord


def placed(line: ReadLine, orientation: float = 0) -> TypesetLine:
    found = typeset(line, orientation, [word.text for word in line.words])
    assert found is not None
    return found


def boxes(line: TypesetLine) -> list[Points]:
    """Return the corners of what a viewer marks for each word, on the page."""
    right = line.right.astype(float)
    up = np.array([right[1], -right[0]])
    found = []
    for word in line.words:
        natural = natural_width(word.text) * line.size / 1000 * word.stretch / 100
        low, high = word.above - 0.2 * line.size, word.above + 0.8 * line.size
        found.append(
            np.array(
                [
                    a * right + b * up
                    for a in (word.along, word.along + natural)
                    for b in (low, high)
                ]
            )
        )
    return found


def turned(line: ReadLine, degrees: float) -> ReadLine:
    words = tuple(
        ReadWord(word.text, 1.0, rotate_points(word.outline, degrees)) for word in line.words
    )
    return ReadLine(rotate_points(line.outline, degrees), line.text, 1.0, words)


@settings(max_examples=60, deadline=None)
@given(
    degrees=st.floats(-180, 180),
    left=st.integers(-500, 500),
    top=st.integers(-500, 500),
    text=st.lists(st.text("aimW", min_size=1, max_size=9), min_size=2, max_size=6).map(" ".join),
)
def test_boxes_are_where_words_are(degrees: float, left: int, top: int, text: str) -> None:
    """Whatever the rotation: along the axes nearly, exactly beyond 6 degrees off them."""
    line = turned(line_at(left, top, text), degrees)
    off_axis = abs(degrees - 90 * round(degrees / 90))
    height = 30
    for word, box in zip(line.words, boxes(placed(line, -degrees)), strict=True):
        center, middle = word.outline.mean(axis=0), box.mean(axis=0)
        assert np.abs(center - middle).max() < 0.02 * height
        if off_axis > 6.01 or off_axis < 0.01:
            for corner in word.outline:
                assert np.abs(box - corner).max(axis=1).min() < 0.02 * height
        elif off_axis < 5.99:
            assert np.ptp(box, axis=0).max() <= np.ptp(word.outline, axis=0).max() + 0.01


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.floats(0, 400), st.floats(0, 100)), min_size=3, max_size=12, unique=True
    )
)
def test_any_outline_gives_a_box_of_some_size(corners: list[tuple[float, float]]) -> None:
    outline = np.array(corners, dtype=np.float32)
    line = ReadLine(outline, "word", 1.0, (ReadWord("word", 1.0, outline),))
    found = placed(line)
    (word,) = found.words
    assert found.size > 0 and word.width > 0 and 0 < word.stretch < math.inf
    assert all(map(math.isfinite, (word.along, word.above, found.size)))


def test_a_slightly_skewed_line_is_drawn_on_the_axis_word_by_word() -> None:
    line = turned(line_at(0, 0, "one two three four"), 3)
    found = placed(line)
    assert found.right.tolist() == [1, 0]
    levels = [word.above for word in found.words]
    assert levels == sorted(levels, reverse=True) and levels[0] - levels[-1] > 5
    assert found.size == pytest.approx(30, abs=0.5)


def test_a_gap_is_left_before_the_next_word() -> None:
    first = ReadWord("abc", 1.0, np.array([(0, 0), (100, 0), (100, 50), (0, 50)], np.float32))
    second = ReadWord("def", 1.0, np.array([(101, 0), (200, 0), (200, 50), (101, 50)], np.float32))
    outline = np.array([(0, 0), (200, 0), (200, 50), (0, 50)], np.float32)
    left, right = placed(ReadLine(outline, "abc def", 1.0, (first, second))).words
    assert right.along == 101
    assert right.along - left.along - left.width == pytest.approx(0.18 * 50)


def test_a_narrow_word_keeps_half_and_the_next_one_gives_way() -> None:
    first = ReadWord("y", 1.0, np.array([(0, 0), (20, 0), (20, 70), (0, 70)], np.float32))
    second = ReadWord("Google", 1.0, np.array([(19, 0), (170, 0), (170, 70), (19, 70)], np.float32))
    outline = np.array([(0, 0), (170, 0), (170, 70), (0, 70)], np.float32)
    left, right = placed(ReadLine(outline, "y Google", 1.0, (first, second))).words
    assert left.width == pytest.approx(10)
    assert right.along == pytest.approx(10 + 0.18 * 70)


def test_boxes_around_the_ink_of_words_stand_on_one_baseline() -> None:
    heights = {"gap": (10, 40), "on": (10, 30), "all": (0, 30), "up": (10, 40)}
    words, x = [], 0
    for text, (top, bottom) in heights.items():
        corners = [(x, top), (x + 40, top), (x + 40, bottom), (x, bottom)]
        words.append(ReadWord(text, 1.0, np.array(corners, np.float32)))
        x += 60
    outline = np.array([(0, 0), (x, 0), (x, 40), (0, 40)], np.float32)
    baseline = np.array([(0, 30), (x, 30)], np.float32)
    line = ReadLine(outline, "gap on all up", 1.0, tuple(words), baseline=baseline)
    assert [word.above for word in placed(line).words] == pytest.approx([-30] * 4)
    levels = [word.above for word in placed(ReadLine(outline, line.text, 1.0, line.words)).words]
    assert np.ptp(levels) < 0.01


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("word", "word"),
        ("שלום", "םולש"),
        ("1879", "1879"),
        ("בן-1879", "1879-ןב"),
        ("(שלום)", ")םולש("),
    ],
)
def test_characters_from_left_to_right(text: str, shown: str) -> None:
    assert visual(text) == shown


def test_words_of_a_line_from_right_to_left_begin_with_the_leftmost() -> None:
    line = line_at(0, 0, "ab cd ef")
    texts = ["שלום", "12", "טוב"]
    places = [line.words[i].outline for i in (2, 1, 0)]
    words = tuple(ReadWord(t, 1.0, place) for t, place in zip(texts, places, strict=True))
    found = placed(ReadLine(line.outline, " ".join(texts), 1.0, words, right_to_left=True))
    assert [word.text for word in found.words] == ["בוט", "12", "םולש"]
    assert [word.index for word in found.words] == [2, 1, 0]


def test_lines_on_their_head_are_known_by_the_order_of_words() -> None:
    line = line_at(0, 0, "one two three")
    words = tuple(
        ReadWord(word.text, 1.0, place.outline)
        for word, place in zip(line.words, line.words[::-1], strict=True)
    )
    found = placed(ReadLine(line.outline, line.text, 1.0, words))
    assert found.right.tolist() == pytest.approx([-1, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (-0.04, "0"), (0.25, "0.2"), (1e-9, "0"), (12345.67, "12345.7")]
)
def test_numbers_of_a_pdf(value: float, text: str) -> None:
    assert number(value) == text


def test_nothing_is_written_for_a_line_without_text() -> None:
    assert typeset(line_at(0, 0, "one"), 0, [""]) is None

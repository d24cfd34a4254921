# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where words and glyphs are on a line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrd_rapid.ocr.recognition.calibration import word_right
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.words import (
    ink_of_columns,
    normalize,
    place_words,
    word_confidences,
)

Image = NDArray[np.uint8]

HEIGHT, WIDTH = 48, 400


def line(text: str, *positions: float) -> RecognizedLine:
    """Return a line whose characters have these places in pixels."""
    places = positions or np.linspace(0, WIDTH - 1, len(text))
    characters = tuple(
        RecognizedCharacter(c, 0.9, p / WIDTH) for c, p in zip(text, places, strict=True)
    )
    return RecognizedLine(text, 0.9, characters)


def paper(*ink: tuple[int, int], dark: int = 20, light: int = 230) -> Image:
    """Return a line image with ink between these columns."""
    image = np.full((HEIGHT, WIDTH, 3), light, dtype=np.uint8)
    for left, right in ink:
        image[12:36, left:right] = dark
    return image


def extents(text: str, positions: list[float], image: Image) -> list[tuple[str, float, float]]:
    words = place_words(line(text, *positions), image)
    return [(w.text, round(w.left * WIDTH, 1), round(w.right * WIDTH, 1)) for w in words]


def glyph_edges(text: str, positions: list[float], image: Image) -> list[float]:
    (word,) = place_words(line(text, *positions), image)
    assert [g.text for g in word.glyphs] == list(text)
    for a, b in zip(word.glyphs, word.glyphs[1:], strict=False):
        assert a.right == b.left
    return [round(word.left * WIDTH, 1), *(round(g.right * WIDTH, 1) for g in word.glyphs)]


# Words


def test_words_reach_as_far_as_their_ink() -> None:
    image = paper((30, 100), (130, 200))
    assert extents("a b", [60, 110, 170], image) == [("a", 30, 100), ("b", 130, 200)]


def test_words_of_light_ink_are_found_as_well() -> None:
    image = paper((30, 100), (130, 200), dark=230, light=20)
    assert extents("a b", [60, 110, 170], image) == [("a", 30, 100), ("b", 130, 200)]


def test_words_part_at_the_widest_gap() -> None:
    """The gaps within the letters next to the space are narrower."""
    image = paper((30, 60), (63, 100), (130, 160), (165, 200))
    assert extents("a b", [40, 110, 190], image) == [("a", 30, 100), ("b", 130, 200)]


def test_without_ink_words_part_in_the_middle_and_fill_the_line() -> None:
    assert extents("a b", [100, 150, 300], paper()) == [("a", 0, 199.5), ("b", 199.5, 400)]


def test_words_that_touch_part_where_there_is_least_ink() -> None:
    image = paper((30, 200))
    image[12:30, 110:112] = 230
    assert extents("a b", [60, 110, 170], image) == [("a", 30, 111.5), ("b", 111.5, 200)]


def test_what_is_far_from_the_text_is_none_of_it() -> None:
    image = paper((0, 10), (80, 150), (390, 400))
    assert extents("a", [100], image) == [("a", 80, 150)]


def test_what_is_near_is_part_of_the_text() -> None:
    image = paper((60, 70), (80, 150), (165, 170))
    assert extents("a", [100], image) == [("a", 60, 170)]


def test_ink_at_the_upper_and_lower_edge_does_not_count() -> None:
    image = paper((30, 100), (130, 200))
    image[:4], image[-4:] = 20, 20
    assert extents("a b", [60, 110, 170], image) == [("a", 30, 100), ("b", 130, 200)]


def test_a_line_without_white_space_is_one_word() -> None:
    (word,) = place_words(line("漢字仮名"), paper((10, 390)))
    assert word.text == "漢字仮名"
    assert len(word.glyphs) == 4


def test_a_line_without_text_has_no_words() -> None:
    assert place_words(RecognizedLine("", 0.0, ()), paper((10, 20))) == []


def character(
    text: str, position: float, confidence: float, missing: float = 0.0
) -> RecognizedCharacter:
    return RecognizedCharacter(text, 1.0, position, (), confidence, missing)


def test_a_word_is_as_sure_as_its_characters_and_the_spaces_beside_it() -> None:
    characters = (
        character("a", 0.1, 0.9),
        character("b", 0.2, 0.8),
        character(" ", 0.5, 0.7),
        character("c", 0.8, 0.6),
    )
    words = place_words(RecognizedLine("ab c", 0.5, characters), paper())
    assert [w.confidence for w in words] == pytest.approx(
        [word_right([0.9, 0.8, 0.7], [0, 0]), word_right([0.7, 0.6], [0])]
    )
    assert [[g.confidence for g in w.glyphs] for w in words] == [[0.9, 0.8], [0.6]]


def test_a_word_is_less_sure_where_something_may_be_missing() -> None:
    whole = (character("a", 0.1, 0.9), character("b", 0.2, 0.9))
    gap = (character("a", 0.1, 0.9), character("b", 0.2, 0.9, missing=0.5))
    sure, unsure = (word_confidences(each)[0] for each in (whole, gap))
    assert unsure < sure
    assert unsure == pytest.approx(word_right([0.9, 0.9], [0.0, 0.5]))


# Glyphs


def test_glyphs_part_between_the_letters() -> None:
    image = paper((20, 50), (54, 80), (84, 120))
    assert glyph_edges("abc", [30, 60, 100], image) == [20, 50.5, 80.5, 120]


def test_characters_at_the_same_place_have_places_in_order() -> None:
    assert glyph_edges("abc", [100, 100, 100], paper((90, 120))) == [90, 100, 100, 120]


def test_alternatives_stay_with_their_glyph() -> None:
    characters = (RecognizedCharacter("a", 0.5, 0.1, (("o", 0.25),), confidence=0.5),)
    (word,) = place_words(RecognizedLine("a", 0.5, characters), paper())
    assert word.glyphs[0].alternatives == (("o", 0.25),)


@pytest.mark.parametrize(("confidence", "share"), [(0.8, 0.1), (0.1, 0.1), (1.0, 0.0)])
def test_alternatives_share_what_the_confidence_leaves_and_never_exceed_it(
    confidence: float, share: float
) -> None:
    characters = (RecognizedCharacter("a", 0.5, 0.1, (("o", 0.25),), confidence),)
    (word,) = place_words(RecognizedLine("a", 0.5, characters), paper())
    assert word.glyphs[0].alternatives == (("o", pytest.approx(share)),)


texts = st.text("ab c", max_size=30).map(lambda text: " ".join(text.split()))


@given(texts, st.data())
def test_places_are_in_order_and_on_the_line(text: str, data: st.DataObject) -> None:
    share = st.floats(0, 1)
    places = data.draw(st.lists(share, min_size=len(text), max_size=len(text)).map(sorted))
    ink = data.draw(st.lists(st.tuples(st.integers(0, WIDTH), st.integers(1, 60)), max_size=8))
    found = line(text, *(place * WIDTH for place in places))
    words = place_words(found, paper(*((left, left + width) for left, width in ink)))
    assert " ".join(word.text for word in words) == text
    edges = [edge for word in words for glyph in word.glyphs for edge in (glyph.left, glyph.right)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 1 for edge in edges)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 2)])
def test_tiny_images_have_places_too(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), dtype=np.uint8)
    words = place_words(line("a b", 100, 200, 300), image)
    assert [w.text for w in words] == ["a", "b"]
    assert all(0 <= w.left <= w.right <= 1 for w in words)


# Ink


def test_the_ink_of_a_column_is_counted() -> None:
    image = paper((10, 20))
    image[12:30, 15] = 230
    counts = ink_of_columns(image)
    assert counts.shape == (WIDTH,)
    assert [counts[i] for i in (9, 10, 15, 19, 20)] == [0, 24, 6, 24, 0]


@pytest.mark.parametrize("light", [20, 30])
def test_without_contrast_all_columns_are_alike(light: int) -> None:
    assert ink_of_columns(paper((10, 20), light=light)).tolist() == [1] * WIDTH


# White space


def read(*texts: str) -> RecognizedLine:
    places = np.linspace(0.1, 0.9, len(texts))
    characters = tuple(
        RecognizedCharacter(t, 0.5, float(p)) for t, p in zip(texts, places, strict=True)
    )
    return RecognizedLine("".join(texts), 0.5, characters)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a", " ", "b"], "a b"),
        (["a", " ", " ", "b"], "a b"),
        (["a", "\u00a0", "b"], "a b"),
        (["a", "\u3000", " ", "\u2003", "b"], "a b"),
        ([" ", "a", "\u3000"], "a"),
        (["a b", "c"], "a bc"),
        (["a ", " b"], "a b"),
        (["\n"], ""),
        ([], ""),
    ],
)
def test_all_white_space_becomes_single_blanks(texts: list[str], expected: str) -> None:
    found = normalize(read(*texts))
    assert found.text == expected
    assert "".join(c.text for c in found.characters) == expected


def test_characters_are_cleaned_before_they_are_put_together() -> None:
    found = normalize(read("a", "\x07", "b\x07", " ", "\x07", " ", "c"), _without_bell)
    assert found.text == "ab c"


def test_alternatives_that_are_empty_or_would_part_the_word_are_left_out() -> None:
    others = (("b", 0.3), ("\x07", 0.2), ("\u3000", 0.1), ("c d", 0.05), ("\x07e", 0.01))
    found = normalize(
        RecognizedLine("a", 0.5, (RecognizedCharacter("a", 0.5, 0.5, others),)), _without_bell
    )
    assert found.characters[0].alternatives == (("b", 0.3), ("e", 0.01))


def test_text_without_odd_white_space_stays_as_it_is() -> None:
    found = read(*"Bücher, 12 ſ")
    assert normalize(found) == found


@given(st.lists(st.text(max_size=3), max_size=20))
def test_the_text_of_a_line_is_its_words_joined(texts: list[str]) -> None:
    found = normalize(read(*texts))
    assert found.text == " ".join("".join(texts).split())
    assert all(c.text == " " or not any(x.isspace() for x in c.text) for c in found.characters)


def _without_bell(text: str) -> str:
    return text.replace("\x07", "")


# Other orders than from left to right


def test_words_from_right_to_left_lie_where_their_ink_is() -> None:
    image = paper((30, 100), (130, 200))
    assert extents("b a", [170, 110, 60], image) == [("b", 130, 200), ("a", 30, 100)]
    (word,) = place_words(line("ab", 170, 60), image)
    assert [(g.text, round(g.left * WIDTH), round(g.right * WIDTH)) for g in word.glyphs] == [
        ("a", 114, 200), ("b", 30, 114),
    ]  # fmt: skip
    assert (round(word.left * WIDTH), round(word.right * WIDTH)) == (30, 200)


def test_a_word_in_two_places_reaches_from_one_to_the_other() -> None:
    image = paper((30, 60), (130, 160), (230, 260))
    first, second = extents("ab c", [40, 240, 200, 140], image)
    assert first == ("ab", 30, 260)
    assert second == ("c", 130, 160)


def test_a_vowel_sign_before_its_consonant_has_a_place_of_its_own() -> None:
    image = paper((30, 60), (80, 160))
    (word,) = place_words(line("कि", 120, 45), image)
    assert word.text == "कि"
    assert [(g.text, round(g.left * WIDTH), round(g.right * WIDTH)) for g in word.glyphs] == [
        ("क", 80, 160), ("ि", 30, 80),
    ]  # fmt: skip


def test_marks_belong_to_the_glyph_of_their_letter() -> None:
    letter = RecognizedCharacter("ש", 0.9, 0.5, (("ע", 0.06),), 0.9)
    mark = RecognizedCharacter("\u05b8", 0.8, 0.5, (("\u05b7", 0.15),), 0.8)
    reading = RecognizedLine("שָ", 0.8, (letter, mark))
    ((glyph,),) = (word.glyphs for word in place_words(reading, paper((150, 250))))
    assert glyph.text == "שָ"
    assert glyph.confidence == pytest.approx(0.72)
    assert [text for text, _ in glyph.alternatives] == ["שַ", "עָ"]
    assert sum(share for _, share in glyph.alternatives) < 1 - glyph.confidence

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Edit distance, words and confusions of two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from ocrd_rapid.evaluation import Comparison, Normalization, compare_texts
from ocrd_rapid.evaluation.comparison import align, compare_normalized
from ocrd_rapid.evaluation.normalization import FOLDED, characters

TEXTS = st.text(st.sampled_from("ab ſs\u0364\u0308ä-–\n"), max_size=12)


@pytest.mark.parametrize(
    ("reference", "text", "edits", "length", "confusions"),
    [
        ("", "", 0, 0, {}),
        ("abc", "abc", 0, 3, {}),
        ("abc", "axc", 1, 3, {("b", "x"): 1}),
        ("abc", "ac", 1, 3, {("b", ""): 1}),
        ("ac", "abc", 1, 2, {("", "b"): 1}),
        ("", "ab", 2, 0, {("", "a"): 1, ("", "b"): 1}),
        ("ab", "", 2, 2, {("a", ""): 1, ("b", ""): 1}),
        ("kitten", "sitting", 3, 6, {("k", "s"): 1, ("e", "i"): 1, ("", "g"): 1}),
        # One character, however many code points it takes.
        ("bu\u0364cher", "bücher", 1, 6, {("u\u0364", "ü"): 1}),
        ("bu\u0308cher", "bücher", 0, 6, {}),
        ("q\u0303", "q", 1, 1, {("q\u0303", "q"): 1}),
        # White space is one blank between words, whatever it is.
        (" a \n b\t", "a b", 0, 3, {}),
        ("a b", "ab", 1, 3, {(" ", ""): 1}),
    ],
)
def test_edits_and_confusions(
    reference: str, text: str, edits: int, length: int, confusions: dict[tuple[str, str], int]
) -> None:
    result = compare_texts(reference, text)
    assert (result.edits, result.length, result.confusions) == (edits, length, confusions)


@pytest.mark.parametrize(
    ("reference", "text", "words", "edits", "bag"),
    [
        ("", "", 0, 0, 0),
        ("to be or not", "to be or not", 4, 0, 0),
        ("to be or not", "or not to be", 4, 4, 0),
        ("to be or not", "to be, or not", 4, 1, 1),
        ("to be", "to be be", 2, 1, 1),
        ("a b c", "x", 3, 3, 3),
        ("together", "to gether", 1, 2, 2),
    ],
)
def test_words(reference: str, text: str, words: int, edits: int, bag: int) -> None:
    result = compare_texts(reference, text)
    assert (result.words, result.word_edits, result.bag_edits) == (words, edits, bag)


def test_rates_of_nothing_are_undefined() -> None:
    empty = compare_texts("", "abc")
    assert empty.character_error_rate is None
    assert empty.word_error_rate is None
    assert empty.bag_error_rate is None
    half = compare_texts("ab cd", "ab cd ab cd ab cd")
    assert half.character_error_rate == 12 / 5
    assert half.word_error_rate == half.bag_error_rate == 2


def test_sums_count_characters_and_do_not_average() -> None:
    short, long = compare_texts("a", "b"), compare_texts("a" * 99, "a" * 99)
    both = short + long
    assert both.character_error_rate == 1 / 100
    assert both.confusions == {("a", "b"): 1}
    assert both + short == Comparison.total([short, short, long])
    assert sum([short, long], Comparison()) == both


def test_most_confused() -> None:
    result = compare_texts("aaabcd", "xxxbyz")
    expected = [(("a", "x"), 3), (("c", "y"), 1), (("d", "z"), 1)]
    assert result.most_confused() == expected
    assert result.most_confused(1) == expected[:1]


@given(TEXTS, TEXTS, st.booleans())
def test_counts_belong_together(reference: str, text: str, fold: bool) -> None:
    rules = Normalization(fold=fold)
    one, other = rules.apply(reference), rules.apply(text)
    result = compare_texts(reference, text, rules)
    assert result.edits == sum(result.confusions.values())
    assert result.edits == Levenshtein.distance(characters(one), characters(other))
    assert result.bag_edits <= result.word_edits
    assert (result.edits == 0) == (one == other)
    assert compare_texts(text, reference, rules).edits == result.edits


@given(TEXTS, TEXTS)
def test_alignment_gives_both_texts_and_the_same_edits(reference: str, text: str) -> None:
    pieces = list(align(reference, text))
    assert "".join("".join(piece.reference) for piece in pieces) == reference
    assert "".join("".join(piece.text) for piece in pieces) == text
    assert all((piece.reference == piece.text) == piece.same for piece in pieces)
    cost = sum(max(len(p.reference), len(p.text)) for p in pieces if not p.same)
    assert cost == compare_normalized(reference, text).edits


# What counts as the same


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("none", "a\u0308 ﬁ\u00a0x", "a\u0308 ﬁ x"),
        ("nfc", "a\u0308 ﬁ\u00a0x", "ä ﬁ x"),
        ("nfkc", "a\u0308 ﬁ\u00a0x", "ä fi x"),
        ("nfc", "\n\n", ""),
    ],
)
def test_forms(form: str, text: str, expected: str) -> None:
    assert Normalization(form).apply(text) == expected  # type: ignore[arg-type]


def test_folding() -> None:
    assert Normalization(fold=True).apply("„Daſz“ ⸗ u\u0364ber — ⟦x⟧…") == '"Dasz" - über - x...'
    assert Normalization().apply("Daſz") == "Daſz"


def test_invisible_marks_of_direction_do_not_count() -> None:
    marked = "\u200fשלום\u200e (12)"
    assert Normalization().apply(marked) == "שלום (12)"
    assert Normalization("none").apply(marked) == marked


@pytest.mark.parametrize(
    ("former", "letter"),
    [
        ("ນ\u0ecd\u0ec9\u0eb2", "ນ\u0ec9\u0eb3"),
        ("ท\u0e4d\u0e32", "ท\u0e33"),
        ("അവര്\u200d", "അവ\u0d7c"),
        ("ന്\u200dമ", "\u0d7bമ"),
        ("হঠাত্\u200d", "হঠা\u09ce"),
    ],
)
def test_letters_of_several_spellings_are_one(former: str, letter: str) -> None:
    assert Normalization().apply(former) == letter
    assert Normalization(form="none").apply(former) == former


def test_every_folded_sign_is_named_once() -> None:
    signs = [sign for group in FOLDED.values() for sign in group]
    assert len(signs) == len(set(signs))


@given(st.text())
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    for rules in (Normalization("none"), Normalization("nfc"), Normalization("nfkc")):
        once = rules.apply(text)
        assert rules.apply(once) == once


@given(st.text())
def test_characters_are_the_text(text: str) -> None:
    assert "".join(characters(text)) == text
    assert all(characters(text))

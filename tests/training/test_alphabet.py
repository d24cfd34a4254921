# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which characters a head has, and the weights it begins with."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    LinearLayer,
    linear_part,
)
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head
from ocrd_rapid.training.alphabet import (
    characters_for,
    characters_of,
    class_indices,
    encode,
    extend,
    main_script,
    normalize,
)
from ocrd_rapid.training.samples import columns_needed


def head_of(characters: str) -> Head:
    """Return a head whose class number i has the weight i."""
    classes = ("", *characters)
    weights = np.arange(len(classes), dtype=np.float32)[None].repeat(2, axis=0)
    layer = LinearLayer(weights, 10 * np.arange(len(classes), dtype=np.float32))
    return Head("x", "0" * 64, classes, layer)


def test_text_is_composed_and_its_white_space_collapsed() -> None:
    assert normalize("  a\u0308 \t b\n") == "ä b"


def test_a_letter_with_marks_is_one_class() -> None:
    assert encode("aͤb", class_indices(("", "a", "b", "aͤ"))) == [3, 2]


def test_a_letter_with_marks_without_a_class_is_encoded_by_its_parts() -> None:
    assert encode("aͤb", class_indices(("", "a", "b", "ͤ"))) == [1, 3, 2]


def test_marks_of_a_letter_are_encoded_together_if_they_have_a_class() -> None:
    classes = class_indices(("", "ท", "\u0e35", "\u0e48", "\u0e35\u0e48", "น"))
    assert encode("ที่น", classes) == [1, 4, 5]
    assert encode("ทีน", classes) == [1, 2, 5]


def test_syllables_of_hangul_are_encoded_by_their_letters() -> None:
    classes = class_indices(("", "\u1112", "\u1161", "\u11ab"))
    assert encode("한하", classes) == [1, 2, 3, 1, 2]


def test_text_with_an_unknown_character_is_not_encoded() -> None:
    assert encode("abc", class_indices(("", "a", "b"))) is None


def test_the_blank_is_no_character() -> None:
    assert class_indices(("", "a", "")) == {"a": 1}


def test_other_scripts_are_left_out_unless_they_occur() -> None:
    start = head_of("aЖ漢1!")
    assert characters_for(["ab"], start) == ("", "a", "1", "!", " ", "b")
    assert characters_for(["Ф"], start) == ("", "a", "Ж", "1", "!", " ", "Ф")


def test_signs_of_a_script_that_occurs_stay() -> None:
    start = head_of("aकि।१漢")
    assert characters_for(["ख"], start) == ("", "a", "क", "ि", "।", "१", " ", "ख")


def test_a_letter_with_accents_is_a_character_and_a_vowel_sign_is_one() -> None:
    assert characters_of(["x́ कि", "7"], "שׁ") == (
        "", " ", "7", "x́", "ׁ", "ש", "क", "ि",
    )  # fmt: skip


def test_what_is_something_else_stays_in_a_head_of_its_own() -> None:
    assert OTHER in characters_for(["Ж"], head_of(f"Ж{OTHER}"))


def test_a_head_with_context_gets_further_characters() -> None:
    start = head_of("äb")
    hidden = (Convolution(np.ones((3, 5, 2), np.float32), np.zeros(2, np.float32)),)
    new = extend(
        replace(start, layer=ContextLayer(hidden, linear_part(start.layer))), ("", "b", "aͤ")
    )
    assert isinstance(new.layer, ContextLayer) and new.layer.hidden == hidden
    assert new.layer.output.weights[0].tolist() == [0, 2, 1]
    base = head_of("xyzñ")
    assert linear_part(extend(new, ("", "ñ"), base).layer).weights[0, 1] == 1.5


def test_the_script_of_most_letters() -> None:
    assert main_script(["Linux 95 в России", "1914—1918"]) == "Cyrl"
    assert main_script(["1914—1918"]) == ""


def test_a_consonant_below_another_is_one_with_its_virama() -> None:
    classes = class_indices(("", "प", "प्", "य", "र", "ा", "्र", "न्"))
    assert encode("प्रान्य", classes) == [1, 6, 5, 7, 3]
    assert encode("प्य", classes) == [2, 3]


def test_what_stood_for_another_head_stands_for_itself() -> None:
    start = replace(head_of(f"ab{OTHER}"), stands_for="base")
    characters = characters_for(["a"], start)
    assert characters == ("", "a", "b", " ")
    assert extend(start, characters).stands_for == ""


def test_characters_that_no_text_has_can_be_asked_for() -> None:
    assert characters_for(["a"], head_of("a "), "⸗ uͤ") == ("", "a", " ", "uͤ", "⸗")


def test_known_characters_keep_their_weights() -> None:
    new = extend(head_of("abc"), ("", "c", "a"))
    assert new.layer.weights.tolist() == [[0, 3, 1], [0, 3, 1]]
    assert new.layer.bias.tolist() == [0, 30, 10]


@pytest.mark.parametrize(
    ("new", "like"),
    [("aͤ", "ä"), ("⸗", "="), ("„", "”"), ("ꝛ", "2"), ("é", "e"), ("ﬁ", "f"), ("Q", "q")],
)
def test_a_new_character_begins_as_what_it_looks_like(new: str, like: str) -> None:
    start = head_of("x" + like)
    assert extend(start, ("", new)).layer.weights[0, 1] == 2


def test_a_new_character_comes_from_the_base_if_that_has_it() -> None:
    base = head_of("xyz„")
    assert extend(head_of('a"'), ("", "„"), base).layer.weights[0, 1] == 4


def test_what_looks_like_nothing_begins_as_the_mean() -> None:
    assert extend(head_of("abc"), ("", "☞")).layer.weights[0, 1] == 2


@given(st.text(max_size=30))
def test_whatever_the_texts_are_their_alphabet_encodes_them(text: str) -> None:
    normal = normalize(text)
    classes = characters_for([normal], head_of("ab"))
    assert classes[0] == "" and len(set(classes)) == len(classes)
    numbers = encode(normal, class_indices(classes))
    assert numbers is not None
    assert unicodedata.normalize("NFC", "".join(classes[n] for n in numbers)) == normal
    assert extend(head_of("ab"), classes).layer.weights.shape == (2, len(classes))


def test_equal_neighbours_need_a_column_between() -> None:
    assert [columns_needed(text) for text in ("", "a", "ab", "aa", "aaa", "abba")] == [
        0, 1, 2, 3, 5, 5,
    ]  # fmt: skip

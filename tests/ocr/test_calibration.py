# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the probabilities of a network to confidences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.ocr.recognition.calibration import (
    Calibration,
    parse_calibration,
    share_right,
    word_right,
)
from ocrd_rapid.ocr.recognition.ctc_decoding import decode

CHARACTERS = ("", "a", "b", "c")
BLANK, A, B, C = range(4)
WEIGHTS = Calibration(0.7, -0.2, -0.6, 0.8, -1.0)

shares = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def columns(*rows: dict[int, float]) -> FloatArray:
    """Return distributions; what a row does not give goes to the blank."""
    values = np.zeros((len(rows), len(CHARACTERS)), dtype=np.float32)
    for column, row in zip(values, rows, strict=True):
        column[BLANK] = 1 - sum(row.values())
        for number, share in row.items():
            column[number] = share
    return values


def test_without_weights_confidences_are_the_best_probabilities_of_each_character() -> None:
    line = decode(columns({A: 0.6}, {A: 0.9}, {}, {B: 0.8}), CHARACTERS)
    assert [c.confidence for c in line.characters] == pytest.approx([0.9, 0.8])
    assert [c.probability for c in line.characters] == pytest.approx([0.6, 0.8])


def test_a_character_may_be_missing_where_a_blank_is_in_doubt() -> None:
    line = decode(columns({A: 1}, {}, {C: 0.4}, {}, {B: 1}), CHARACTERS)
    assert line.text == "ab"
    assert [c.missing for c in line.characters] == pytest.approx([0, 0.4])
    assert line.confidence == pytest.approx(2 / 2.4)


def test_the_edges_of_neighbours_are_no_doubt() -> None:
    line = decode(columns({A: 1}, {A: 0.4}, {}, {B: 0.4}, {B: 1}), CHARACTERS)
    assert [c.missing for c in line.characters] == pytest.approx([0, 0], abs=1e-6)


def test_doubt_before_the_first_character_counts() -> None:
    line = decode(columns({C: 0.3}, {}, {A: 1}), CHARACTERS)
    assert [c.missing for c in line.characters] == pytest.approx([0.3])


def test_in_a_doubtful_line_a_character_is_less_sure() -> None:
    good, bad = np.array([0.99, 0.999, 0.999]), np.array([0.99, 0.5, 0.6])
    assert WEIGHTS.right(bad)[0] < WEIGHTS.right(good)[0]


@given(shares)
def test_a_surer_character_stays_the_surer_one(values: list[float]) -> None:
    found = Calibration(0.7, 0.0, -0.6).right(np.array(values))
    assert np.all((found >= 0) & (found <= 1))
    order = np.argsort(values)
    assert np.all(np.diff(found[order]) >= -1e-12)


@given(shares, shares)
def test_lines_and_words_have_shares_from_0_to_1(one: list[float], two: list[float]) -> None:
    count = min(len(one), len(two))
    confidences, missing = one[:count], two[:count]
    assert 0 <= share_right(confidences, missing) <= 1
    assert 0 <= word_right(confidences, missing) <= 1


def test_a_line_is_sure_by_the_share_of_its_characters() -> None:
    assert share_right([1.0, 0.5], [0.0, 0.0]) == 0.75
    assert share_right([1.0, 1.0], [0.0, 0.5]) == pytest.approx(0.8)
    assert share_right([], []) == 0.0


def test_a_word_is_less_sure_than_its_least_sure_character_unless_the_others_are_certain() -> None:
    assert word_right([0.9, 0.9, 0.9], [0, 0, 0]) < word_right([0.9, 1.0, 1.0], [0, 0, 0])
    assert word_right([1.0, 1.0], [0.0, 0.0]) == 1.0


def test_weights_survive_a_header() -> None:
    assert parse_calibration(WEIGHTS.as_dict()) == WEIGHTS
    assert parse_calibration({"own": 2}) == Calibration(own=2.0)


@pytest.mark.parametrize(
    "value",
    [None, [1], {"own": "1"}, {"own": float("nan")}, {"own": True}, {"other": 1.0}, {"own": None}],
)
def test_other_things_are_no_weights(value: object) -> None:
    with pytest.raises(ValueError, match="not "):
        parse_calibration(value)

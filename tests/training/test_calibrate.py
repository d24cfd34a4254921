# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the probabilities of a head are worth."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

import numpy as np
import pytest

from ocrd_rapid.ocr.recognition.calibration import Calibration
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training.calibrate import Judged, fit_calibration, judge, judge_lines
from ocrd_rapid.training.samples import TrainingLine


def read(text: str, *, confidences: list[float] | None = None) -> RecognizedLine:
    values = confidences or [0.9] * len(text)
    characters = tuple(
        RecognizedCharacter(sign, value, (i + 1) / (len(text) + 1), (), value, 0.01)
        for i, (sign, value) in enumerate(zip(text, values, strict=True))
    )
    return RecognizedLine(text, 0.9, characters)


@pytest.mark.parametrize(
    ("text", "truth", "right", "missing", "edits"),
    [
        ("abc", "abc", [1, 1, 1], [0, 0, 0], 0),
        ("axc", "abc", [1, 0, 1], [0, 0, 0], 1),
        ("ac", "abc", [1, 1], [0, 1], 1),
        ("abxc", "abc", [1, 1, 0, 1], [0] * 4, 1),
        ("ab", "abc", [1, 1], [0, 0], 1),
        ("das", "da\u017f", [1, 1, 1], [0, 0, 0], 0),
        ("a b", "ab", [1, 0, 1], [0, 0, 0], 1),
        ("ab", "a b", [1, 1], [0, 1], 1),
    ],
)
def test_characters_are_right_or_wrong_or_missing(
    text: str, truth: str, right: list[int], missing: list[int], edits: int
) -> None:
    found = judge(read(text), truth)
    assert found.right.tolist() == right
    assert found.missing.tolist() == missing
    assert (found.length, found.edits) == (len(truth), edits)


def test_syllables_are_judged_by_the_letters_that_they_are_read_by() -> None:
    letters = unicodedata.normalize("NFD", "한글")
    found = judge(read(letters), "한국")
    assert found.right.tolist() == [1, 1, 1, 1, 0, 0] and found.edits == 2


def test_what_counts_for_nothing_is_neither_right_nor_wrong() -> None:
    assert np.isnan(judge(read("a_b"), "ab").right).tolist() == [False, True, False]


def lines_with(share: Callable[[float], float], count: int = 400) -> list[Judged]:
    """Return lines whose characters are right with a share that depends on their confidence."""
    chance = random.Random(3)
    found = []
    for _ in range(count):
        values = [chance.uniform(0.3, 0.999) for _ in range(20)]
        text = "".join("a" if chance.random() < share(value) else "b" for value in values)
        found.append(judge(read(text, confidences=values), "a" * 20))
    return found


def test_an_overconfident_head_is_believed_less() -> None:
    fitted = fit_calibration(lines_with(lambda p: 0.5 + 0.5 * (p - 0.3)), Calibration())
    after = fitted.right(np.full(20, 0.95))
    assert after.mean() == pytest.approx(0.825, abs=0.04)


def test_a_head_that_is_right_as_often_as_it_says_stays_as_it_is() -> None:
    fitted = fit_calibration(lines_with(lambda p: p), Calibration())
    for value in (0.4, 0.7, 0.95):
        assert fitted.right(np.full(20, value)).mean() == pytest.approx(value, abs=0.03)


def test_few_errors_change_nothing() -> None:
    start = Calibration(own=0.7)
    assert fit_calibration(lines_with(lambda p: 1.0), start) is start
    assert fit_calibration([], start) is start


def test_little_is_learnt_from_few_lines() -> None:
    start = Calibration(0.7, -0.2, -0.6, 0.8, -1.0)
    few = fit_calibration(lines_with(lambda p: 0.5, count=5), start)
    many = fit_calibration(lines_with(lambda p: 0.5, count=400), start)
    assert abs(few.own - start.own) < abs(many.own - start.own)


def test_lines_are_read_with_probabilities(head: Head, line: Callable[..., TrainingLine]) -> None:
    [found] = judge_lines([line("ab", [1, 0, 3])], head)
    assert found.line.text == "aä"
    assert found.right.tolist() == [1, 0]
    assert all(0 < c.confidence < 1 for c in found.line.characters)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the readings of a line are evidence of: heads that know letters that are not theirs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedLine, decode
from ocrd_rapid.ocr.recognition.head_files import OTHER
from ocrd_rapid.ocr.recognition.line_model import LineHead
from ocrd_rapid.ocr.recognition.line_readings import (
    REFUSED,
    LineReadings,
    chosen_readings,
    evidence_of,
)
from ocrd_rapid.ocr.recognition.unread_ink import ColumnFacts

LETTERS = ("", *"abcdefghſ", OTHER)
FACTS = ColumnFacts(np.zeros(60, np.bool_), np.ones(60, np.float32), 60.0)
LATIN = LineHead("latin", LETTERS, stands_for="base")
OLD = LineHead("blackletter", LETTERS, "Fraktur")
EARLY = LineHead("earlyprint", LETTERS, frequency=0.05, typical_letters="ſ")


def reading(head: LineHead, text: str, certainty: float) -> RecognizedLine:
    """Return a line that a head reads; ``.`` stands for what it refuses."""
    values = np.full((2 * len(text), len(LETTERS)), 0.001, np.float32)
    values[1::2, 0] = 1
    for place, sign in enumerate(text):
        values[2 * place, LETTERS.index(OTHER if sign == "." else sign)] = certainty
    return replace(decode(values, LETTERS), head=head.name)


def chosen(*lines: tuple[str, str]) -> list[str]:
    """Return the heads of lines by what both heads read, both nearly as surely."""
    every = [
        LineReadings((reading(LATIN, own, 0.9), reading(OLD, other, 0.92)), (FACTS, FACTS))
        for own, other in lines
    ]
    return [line.every[0].head for line in chosen_readings(every, None, (LATIN, OLD))]


def test_a_head_pays_for_letters_that_it_refuses() -> None:
    line = reading(OLD, "ab....gh", 0.9)
    found, other = (evidence_of(line, FACTS, refuses=refuses) for refuses in (True, False))
    assert (found.characters, other.characters) == (8, 4)
    own = 4 * math.log(0.9) + 4 * math.log(REFUSED)
    assert found.log_probability == pytest.approx(own / 8, abs=1e-3)
    assert other.log_probability == pytest.approx(math.log(0.9), abs=1e-3)


@pytest.mark.parametrize(
    ("old", "head"),
    [("abcdefgh" * 3, "blackletter"), ("........" * 3, "latin"), ("a......." * 3, "latin")],
)
def test_a_line_of_refused_letters_is_not_read_by_that_head(old: str, head: str) -> None:
    assert chosen(("abcdefgh" * 3, old)) == [head]


def test_a_refused_word_among_others_is_read_by_the_first_head() -> None:
    line = "abcdefgh" * 4
    every = [line, line[:14] + "...." + line[18:], line]
    assert chosen(*((line, old) for old in every)) == ["blackletter"] * 3
    both = LineReadings((reading(LATIN, line, 0.6), reading(OLD, every[1], 0.92)), (FACTS, FACTS))
    (read,) = chosen_readings([both], None, (LATIN, OLD))
    assert (read.every[0].head, read.every[0].text) == ("blackletter", line)


def chosen_of_three(*lines: tuple[str, str, str]) -> list[str]:
    """Return the heads of lines by what three heads read, all as surely."""
    heads = (LATIN, OLD, EARLY)
    every = [
        LineReadings(
            tuple(reading(head, text, 0.9) for head, text in zip(heads, texts, strict=True)),
            (FACTS,) * 3,
        )
        for texts in lines
    ]
    return [line.every[0].head for line in chosen_readings(every, None, heads)]


def test_early_print_is_known_by_its_long_s() -> None:
    """The head for roman type is as sure of "fa" as the one for early prints is of "ſa"."""
    early = ("fachefaded" * 2, "...hefaded" * 2, "ſacheſaded" * 2)
    plain = ("abcdeabcde", "..cdeabcde", "abcdeabcde")
    assert chosen_of_three(early, plain, early, early) == ["earlyprint"] * 4
    assert chosen_of_three(plain, plain, plain) == ["latin"] * 3


def test_a_single_long_s_is_a_slip() -> None:
    modern = ("fachefaded", "...hefaded", "fachefaded")
    slip = ("fachefaded", "...hefaded", "ſachefaded")
    assert chosen_of_three(modern, slip, modern, modern) == ["latin"] * 4


def test_a_long_s_does_not_decide_between_heads_that_both_read_it() -> None:
    black = ("fachefaded", "ſacheſaded", "ſacheſaded")
    assert chosen_of_three(black, black, black) == ["blackletter"] * 3

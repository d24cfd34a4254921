# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Ink that a reading leaves out, and the choice between heads of different scripts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter
from ocrd_rapid.ocr.recognition.head_files import OTHER
from ocrd_rapid.ocr.recognition.line_input import prepare_line
from ocrd_rapid.ocr.recognition.line_model import HeadedModel, LineHead
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.ocr.recognition.unread_ink import ColumnFacts, ink_of_batch, unread_columns


def facts(columns: str, stretch: float = 1.0) -> ColumnFacts:
    """Return the facts of columns: ``#`` is ink."""
    ink = np.array([column == "#" for column in columns])
    return ColumnFacts(ink, np.full(len(ink), 0.9, np.float32), len(ink), stretch)


def at(*columns: int, width: int, text: str = "a") -> list[RecognizedCharacter]:
    return [RecognizedCharacter(text, 0.9, (column + 0.5) / width) for column in columns]


def test_ink_far_from_any_character_is_unread() -> None:
    line = facts("####    ##########")
    assert unread_columns(line, []) == pytest.approx(14 * 0.9)
    assert unread_columns(line, at(1, width=18)) == pytest.approx(10 * 0.9)
    assert unread_columns(line, at(1, 12, width=18)) == pytest.approx(0.9)
    assert unread_columns(line, at(1, 10, 14, width=18)) == 0


@pytest.mark.parametrize("text", [" ", OTHER])
def test_spaces_and_what_a_head_does_not_know_read_nothing(text: str) -> None:
    line = facts("######")
    assert unread_columns(line, at(2, width=6, text=text)) == unread_columns(line, [])


def test_parts_that_do_not_count() -> None:
    line = facts("##########")
    assert unread_columns(line, [], [(0.5, 1)]) == pytest.approx(5 * 0.9)
    assert unread_columns(line, [], [(0, 1)]) == 0


def test_a_stretched_line_costs_as_much_as_one_that_is_not() -> None:
    assert unread_columns(facts("#" * 20, 2.0), []) == pytest.approx(
        unread_columns(facts("#" * 10), [])
    )
    wide = facts("#" * 34, 2.0)
    assert unread_columns(wide, at(8, 25, width=34)) == 0


@pytest.mark.parametrize("dark", [True, False])
def test_ink_is_found_where_it_is(dark: bool) -> None:
    paper, ink = (230, 30) if dark else (30, 230)
    image = np.full((96, 400, 3), paper, np.uint8)
    image[20:70, 100:150] = ink
    image[40:43, 300:303] = ink  # a speck
    batch, share = prepare_line(image)
    found = np.flatnonzero(ink_of_batch(batch, share))
    assert found.tolist() == [6, 7, 8, 9]
    assert len(ink_of_batch(batch, share)) == batch.shape[3] // 8


#: Words of black bars are Cyrillic, grey points Latin.
KEYS = ("", ".", "б")


def two_heads(batch: FloatArray) -> FloatArray:
    """Let the first head read only points, and the second one letters, too, but less surely."""
    grey = (batch[0].mean(axis=0) + 1) * 127.5
    dark = (grey.reshape(48, -1, 8) < 60).sum(axis=(0, 2))
    letter, point = dark > 200, (dark > 0) & (dark <= 200)
    first = np.full((len(dark), 3), 0.005, np.float32)
    first[np.arange(len(dark)), np.where(point, 1, 0)] = 0.99
    second = np.full((len(dark), 3), 0.1, np.float32)
    second[np.arange(len(dark)), np.where(letter, 2, np.where(point, 1, 0))] = 0.8
    return np.concatenate([first, second], axis=1)[None]


def word(*letters: int, point: bool = True) -> NDArray[np.uint8]:
    """Return a line with that many letters in each word, and a point at its end."""
    parts = [np.full((48, 16, 3), 255, np.uint8)]
    for count in letters:
        for _ in range(count):
            parts.append(np.zeros((48, 16, 3), np.uint8))
            parts.append(np.full((48, 8, 3), 255, np.uint8))
        parts.append(np.full((48, 24, 3), 255, np.uint8))
    if point:
        end = np.full((48, 16, 3), 255, np.uint8)
        end[40:46, 4:10] = 0
        parts.append(end)
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("letters", [(6, 4, 8), (3,), (12,)])
def test_the_head_that_reads_the_letters_wins(order: tuple[int, int], letters: list[int]) -> None:
    names = [("base", KEYS), ("russian", KEYS)]

    def run(batch: FloatArray) -> FloatArray:
        output = two_heads(batch)
        return output if order == (0, 1) else output[:, :, [3, 4, 5, 0, 1, 2]]

    heads = [LineHead(*names[index]) for index in order]
    model = HeadedModel(NullModel(run, {}, (None, 3, 48, None), (None, None, 6)), heads)
    for line in Recognizer(model).recognize([word(*letters)] * 2):
        assert line.head == "russian"
        assert line.text.count("б") == sum(letters)


def test_a_line_of_points_alone_is_read_by_the_surer_head() -> None:
    heads = [LineHead("base", KEYS), LineHead("russian", KEYS)]
    model = HeadedModel(NullModel(two_heads, {}, (None, 3, 48, None), (None, None, 6)), heads)
    [line] = Recognizer(model).recognize([word()])
    assert (line.text, line.head) == (".", "base")

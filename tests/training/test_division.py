# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Training and validation do not share documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import UsageError
from ocrd_rapid.training.division import choose, divide
from ocrd_rapid.training.samples import TrainingLine


def lines_of(*documents: str) -> list[TrainingLine]:
    return [
        TrainingLine(np.zeros((1, 1), np.float16), str(i), document)
        for i, document in enumerate(documents)
    ]


@given(
    st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=60),
    st.floats(0.01, 0.5),
    st.integers(0, 9),
)
def test_every_line_is_in_one_part_and_training_keeps_half(
    documents: list[str], share: float, seed: int
) -> None:
    lines = lines_of(*documents)
    division = divide(lines, share, seed)
    texts = [line.text for line in (*division.training, *division.validation)]
    assert sorted(texts) == sorted(line.text for line in lines)
    assert len(division.training) >= len(division.validation)
    if division.by_document:
        shared = {line.document for line in division.training} & {
            line.document for line in division.validation
        }
        assert shared == set()
    assert division == divide(lines, share, seed)


def test_the_share_is_about_what_was_asked_for() -> None:
    lines = lines_of(*(f"{i // 5}" for i in range(200)))
    division = divide(lines, 0.1)
    assert division.by_document and len(division.validation) == 20


def test_a_single_document_is_divided_by_lines() -> None:
    division = divide(lines_of(*"a" * 40), 0.1)
    assert (len(division.training), len(division.validation)) == (36, 4)
    assert not division.by_document


def test_without_a_share_all_lines_are_learnt() -> None:
    division = divide(lines_of("a", "b"), 0)
    assert (len(division.training), len(division.validation)) == (2, 0)


def test_documents_can_be_named() -> None:
    division = choose(lines_of("a", "b", "a", "c"), ["c", "b"])
    assert [line.text for line in division.validation] == ["1", "3"]


@pytest.mark.parametrize("share", [-0.1, 0.51, float("nan")])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match=r"between 0 and 0\.5"):
        divide(lines_of("a"), share)


def test_an_unknown_document_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'x'.*a, b"):
        choose(lines_of("b", "a"), ["x"])


def test_something_must_be_left_to_train_with() -> None:
    with pytest.raises(UsageError, match="no document is left"):
        choose(lines_of("b", "a"), ["a", "b"])

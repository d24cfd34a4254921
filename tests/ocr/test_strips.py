# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Large inputs of the detection network are cut into strips, and the results joined."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.strips import LARGEST_INPUT, probability_map, split

SIDES = st.integers(1, 120).map(lambda n: 32 * n)


class Recorder(NullModel):
    """Returns the first channel of its input, but 9 in rows at a cut edge."""

    def __init__(self, height: int, spoiled: int = 0) -> None:
        self.height, self.spoiled = height, spoiled
        self.shapes: list[tuple[int, ...]] = []

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        assert batch.flags.c_contiguous
        self.shapes.append(batch.shape)
        output = batch[:, :1].copy()
        if batch[0, 0, 0, 0] != 0:
            output[:, :, : self.spoiled] = 9
        if batch[0, 0, -1, 0] != self.height - 1:
            output[:, :, batch.shape[2] - self.spoiled :] = 9
        return output


def rows(height: int, width: int) -> Any:
    """Return an input in which every pixel has the number of its row."""
    batch = np.zeros((1, 3, height, width), dtype=np.float32)
    batch += np.arange(height, dtype=np.float32)[:, None]
    return batch


def test_an_input_within_the_bound_is_run_as_it_is() -> None:
    model = Recorder(96)
    batch = rows(96, 64)
    assert np.array_equal(probability_map(model, batch, 96 * 64), batch[0, 0])
    assert model.shapes == [(1, 3, 96, 64)]


def test_strips_are_joined_in_the_middle_of_what_they_have_in_common() -> None:
    model = Recorder(288, spoiled=32)
    batch = rows(288, 64)
    joined = probability_map(model, batch, 160 * 64)
    assert model.shapes == [(1, 3, 160, 64), (1, 3, 160, 64), (1, 3, 160, 64)]
    assert joined.shape == (288, 64)
    assert joined.dtype == np.float32
    assert np.array_equal(joined, batch[0, 0])


@given(SIDES, SIDES, st.integers(1, 3_000_000))
def test_strips_cover_the_input_and_keep_to_the_bound(
    height: int, width: int, largest: int
) -> None:
    strips = split(height, width, largest)
    (rows_,) = {end - top for top, end in strips}
    assert all(top % 32 == 0 and end % 32 == 0 for top, end in strips)
    assert (strips[0][0], strips[-1][1]) == (0, height)
    assert all(end - top >= 64 for (_, end), (top, _) in pairwise(strips))
    assert rows_ * width <= max(largest, 96 * width)
    if height * width <= largest:
        assert len(strips) == 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        # A4 with 300 dpi, and the double scan of a book with 600 dpi: as a whole.
        ((1408, 992), [(0, 1408)]),
        ((1856, 1216), [(0, 1856)]),
        # The finer look at a newspaper.
        ((2016, 1568), [(0, 1056), (960, 2016)]),
        ((2848, 1984), [(0, 992), (928, 1920), (1856, 2848)]),
    ],
)
def test_only_the_finest_inputs_are_cut(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    assert split(*size, LARGEST_INPUT) == expected

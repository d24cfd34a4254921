# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How many pages a TIFF has."""

from __future__ import annotations

import io

import pytest
from hostile_images import tiff

from ocrd_rapid.rasters import tiffs
from ocrd_rapid.rasters.tiffs import TooManyDirectoriesError, page_indices


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("kinds", "pages"),
    [([0], [0]), ([0, 0, 2], [0, 1, 2]), ([0, 1, 4, 5], [0]), ([0, 1, 0, 1], [0, 2])],
)
def test_pages_are_told_from_smaller_copies_and_masks(
    kinds: list[int], pages: list[int], order: str, big: bool
) -> None:
    data = tiff(*({254: kind} for kind in kinds), order=order, big=big)
    assert page_indices(io.BytesIO(data)) == pages


@pytest.mark.parametrize("order", "<>")
def test_a_loop_ends(order: str) -> None:
    assert page_indices(io.BytesIO(tiff({}, {}, order=order, loop=True))) == [0, 1]


def test_a_directory_that_is_cut_off_ends_it() -> None:
    data = tiff({}, {}, {})
    assert page_indices(io.BytesIO(data[:-60])) == [0, 1]
    assert page_indices(io.BytesIO(data[:4])) == []


@pytest.mark.parametrize("place", [2**31, 2**63, 2**64 - 1])
def test_a_directory_that_is_nowhere_ends_it(place: int) -> None:
    data = bytearray(tiff({}, big=True))
    data[-8:] = place.to_bytes(8, "little")
    assert page_indices(io.BytesIO(data)) == [0]


def test_the_number_of_directories_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiffs, "MAX_DIRECTORIES", 3)
    assert page_indices(io.BytesIO(tiff({}, {}, {}))) == [0, 1, 2]
    with pytest.raises(TooManyDirectoriesError):
        page_indices(io.BytesIO(tiff({}, {}, {}, {})))

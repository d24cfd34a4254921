# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the columns of a line say besides their most probable characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray


def skipped_characters(
    part: FloatArray, best: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return how probably other characters stand in the blank columns before each character.

    Args:
        part: shape (T, classes).
        best: shape (T,), the most probable class of every column.
        columns: shape (N,), the first column of every character, N >= 1.

    Returns:
        Shape (N,): the highest probability in one column of all that is neither blank nor the
        character before or behind.
    """
    blank = np.flatnonzero(best[: columns[-1]] == 0)
    behind = np.searchsorted(columns, blank)
    classes = best[columns]
    following, preceding = classes[behind], np.where(behind > 0, classes[behind - 1], 0)
    other = 1.0 - part[blank, 0] - part[blank, following]
    apart = (preceding != 0) & (preceding != following)
    other -= np.where(apart, part[blank, preceding], 0)
    found = np.zeros(len(columns))
    np.maximum.at(found, behind, np.minimum(other, 1))
    return found


def alternatives_of(
    probabilities: FloatArray, best: NDArray[np.intp], characters: Sequence[str], count: int
) -> list[tuple[tuple[str, float], ...]]:
    """Return the most probable characters of every row except the best.

    Characters of probability 0 are left out, so there may be fewer than ``count``.

    Args:
        probabilities: shape (N, classes).
        best: shape (N,), the class of the best character of every row.
        characters: the character of every class.
        count: number of characters, at least 1.
    """
    rest = probabilities.copy()
    rest[:, [index for index, text in enumerate(characters) if not text.strip()]] = 0
    rest[np.arange(len(best)), best] = 0
    return [_most_probable(row, characters, min(count, len(row))) for row in rest]


def _most_probable(
    row: FloatArray, characters: Sequence[str], count: int
) -> tuple[tuple[str, float], ...]:
    """Return the ``count`` most probable characters; among equals, the lower classes win."""
    # Sorting all of 18 000 classes for every character would take longer than reading them.
    least = np.partition(row, len(row) - count)[len(row) - count]
    candidates = np.flatnonzero((row >= least) & (row > 0)).tolist()
    best = sorted(candidates, key=lambda index: -row[index])[:count]
    return tuple((characters[index], float(min(1.0, row[index]))) for index in best)

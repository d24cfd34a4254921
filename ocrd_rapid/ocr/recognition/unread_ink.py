# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Ink of a line that a head leaves unread: columns with ink far from any character.

A head is sure of blanks where it has never seen such letters, and a reading of few characters may
be sure of these. So blanks say something only together with the ink below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray
from .ctc_decoding import RecognizedCharacter, figures_of
from .head_files import OTHER
from .words import ink_of_columns

#: Number of ink pixels from which a column, 8 pixels wide and 48 high, has ink: less is a point, a
#: speck, or the edge of a letter.
_INKED = 24
#: Number of columns on either side of a character that it may cover: wide capitals have six.
REACH = 4


@dataclass(frozen=True)
class ColumnFacts:
    """What is known of the columns of a line, for one head.

    Attributes:
        ink: shape (T,), whether there is ink.
        blank: shape (T,), probability that there is no character.
        width: number of columns that are image and not padding.
        stretch: see `Head.stretch`: a column is 8 pixels wide, divided by this.
    """

    ink: NDArray[np.bool_]
    blank: FloatArray
    width: float
    stretch: float = 1.0


def ink_of_batch(batch: FloatArray, share: float) -> NDArray[np.bool_]:
    """Return whether the columns of a prepared line have ink, shape (W / 8,).

    Args:
        batch: shape (1, 3, 48, W), see `prepare_line`.
        share: part of W that is image.
    """
    width = batch.shape[3]
    inner = batch[0, :, :, : max(1, round(width * share))]
    pixels = np.clip((inner + 1) * 127.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    counts = np.zeros(width, dtype=np.int64)
    counts[: inner.shape[2]] = ink_of_columns(np.ascontiguousarray(pixels))
    return np.asarray(counts.reshape(-1, 8).sum(axis=1) >= _INKED)


def far_columns(
    characters: Sequence[RecognizedCharacter], count: int, width: float, stretch: float = 1.0
) -> NDArray[np.bool_]:
    """Return which columns of a line are far from any character.

    Args:
        characters: the characters that a head reads.
        count: number of columns.
        width: number of columns that are image and not padding.
        stretch: see `Head.stretch`.

    Returns:
        Shape (count,); padding is not.
    """
    far, reach = np.arange(count) < width, round(REACH * stretch)
    texts, _, positions = figures_of(characters)
    for text, position in zip(texts, positions, strict=True):
        if text.strip() and text != OTHER:
            middle = int(position * width)
            far[max(0, middle - reach) : middle + reach + 1] = False
    return far


def unread_columns(
    facts: ColumnFacts,
    characters: Sequence[RecognizedCharacter],
    left_out: Sequence[tuple[float, float]] = (),
) -> float:
    """Return the number of columns with ink far from any character.

    Args:
        facts: its columns.
        characters: the characters that it reads.
        left_out: parts of the line that do not count, as shares of its width.

    Returns:
        The sum of the probabilities of blanks in such columns, in columns of 8 pixels.
    """
    if not facts.ink.any():
        return 0.0
    unread = facts.ink & far_columns(characters, len(facts.ink), facts.width, facts.stretch)
    for begin, end in left_out:
        unread[int(begin * facts.width) : int(end * facts.width) + 1] = False
    return float(facts.blank[unread].sum()) / facts.stretch

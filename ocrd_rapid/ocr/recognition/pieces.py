# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Read long lines in pieces.

Time and memory of a network grow with the width of its input, and a squeezed line cannot be read.
So a long line is cut into overlapping pieces, and the network's distributions over characters for
the pieces are joined before decoding, which knows nothing of pieces. They are joined where both
pieces agree, mostly in a gap between words. A cut through a word does no harm, as the next piece
shows the whole word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from ...inference.model import FloatArray

#: Widths are rounded up to multiples of this, so that engines that keep buffers for every shape
#: keep few.
WIDTH_BUCKET = 32
#: The widest input of a network. Lines of books are at most 1800 wide.
PIECE_WIDTH = 2400
#: Least overlap of pieces: longer than most words.
OVERLAP = 480
#: Share of an overlap, at both ends, in which pieces are not joined: near the ends of its input, a
#: network does not see the context.
_MARGIN = 0.2
#: Number of columns on either side of a seam in which the pieces should agree.
_AROUND = 2


def pieces(width: int) -> list[tuple[int, int]]:
    """Return where the pieces of a line begin and end.

    Args:
        width: width of the prepared line, a multiple of `WIDTH_BUCKET`.

    Returns:
        Begin and end of as few pieces as possible, equally wide, from left to right: the whole
        line if it is no wider than `PIECE_WIDTH`. Multiples of `WIDTH_BUCKET`; neighbours overlap
        by at least `OVERLAP`.
    """
    if width <= PIECE_WIDTH:
        return [(0, width)]
    overlap = OVERLAP + WIDTH_BUCKET  # rounding may take that much
    count = -(-(width - overlap) // (PIECE_WIDTH - overlap))
    wide = -(-(width + (count - 1) * overlap) // count)
    wide = -(-wide // WIDTH_BUCKET) * WIDTH_BUCKET
    places = (i * (width - wide) // (count - 1) for i in range(count))
    begins = (place // WIDTH_BUCKET * WIDTH_BUCKET for place in places)
    return [(begin, begin + wide) for begin in begins]


def read_in_pieces(
    read: Callable[[FloatArray], FloatArray], batch: FloatArray, classes: int | None = None
) -> Iterator[FloatArray]:
    """Yield the distributions of a line piece by piece, every column once.

    Args:
        read: function from a batch of width W to distributions of shape (W / s, classes), where s
            divides `WIDTH_BUCKET`.
        batch: the prepared line, shape (1, 3, H, W), W a multiple of `WIDTH_BUCKET`.
        classes: number of columns of ``read``, the first ones, that are distributions; ``None``
            for all.

    Yields:
        Arrays of shape (T, classes); together they have W / s rows. A line of one piece gives the
        result of ``read``.
    """
    places = pieces(batch.shape[3])
    waiting = read(_cut(batch, places[0]))
    for (_, end), (begin, right) in pairwise(places):
        following = read(_cut(batch, (begin, right)))
        common = (end - begin) * len(following) // (right - begin)
        at = seam(waiting[-common:, :classes], following[:common, :classes])
        yield waiting[: len(waiting) - common + at]
        waiting = following[at:]
    yield waiting


def seam(left: FloatArray, right: FloatArray) -> int:
    """Return the best place to join two readings of the same columns.

    It is the place where both most probably mean the same class, in two columns on either side;
    among equals, the one nearest to the middle.

    Args:
        left: distributions of a piece for the columns at its right end, shape (T, classes),
            T >= 4.
        right: distributions of the next piece for the same columns.

    Returns:
        The index of the first column to take from ``right``.
    """
    agreement = np.einsum("tc,tc->t", left, right)
    around = np.lib.stride_tricks.sliding_window_view(agreement, 2 * _AROUND).min(axis=1)
    places = np.arange(len(around)) + _AROUND
    count = len(agreement)
    inner = (places >= _MARGIN * count) & (places <= (1 - _MARGIN) * count)
    # Differences of a thousandth mean nothing.
    order = np.lexsort((np.abs(places - count / 2), -np.round(around, 3), ~inner))
    return int(places[order[0]])


def _cut(batch: FloatArray, place: tuple[int, int]) -> FloatArray:
    begin, end = place
    return np.ascontiguousarray(batch[:, :, :, begin:end])

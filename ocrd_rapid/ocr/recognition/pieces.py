"""Long lines, read in pieces.

Time and memory of a network grow with the width of its input, and a line that is squeezed cannot
be read. So a long line is cut into pieces that overlap, and the distributions over characters
that the network gives for the pieces are joined before anything is decoded: what follows does
not know that there were pieces. They are joined where both pieces say the same, mostly in a gap
between words. A cut through a word does no harm, as the next piece shows the word whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from ...inference.model import FloatArray

#: Widths are rounded up to multiples of this: memory stays flat where engines keep buffers
#: per shape.
WIDTH_BUCKET = 32
#: The widest input of a network. Lines of books are at most 1800 wide.
PIECE_WIDTH = 2400
#: By how much pieces overlap at least: longer than most words.
OVERLAP = 480
#: The share of what two pieces have in common, at both ends, in which they are not joined: near
#: its ends a network does not see what comes next.
_MARGIN = 0.2
#: Columns on either side of a seam in which the pieces are to agree.
_AROUND = 2


def pieces(width: int) -> list[tuple[int, int]]:
    """Return where the pieces of a line begin and end.

    Args:
        width: of the prepared line, a multiple of `WIDTH_BUCKET`.

    Returns:
        Begin and end of as few pieces as possible, equally wide, from the left to the right: the
        whole line if it is no wider than `PIECE_WIDTH`. Multiples of `WIDTH_BUCKET`; neighbours
        overlap by at least `OVERLAP`.
    """
    if width <= PIECE_WIDTH:
        return [(0, width)]
    overlap = OVERLAP + WIDTH_BUCKET  # what rounding takes
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
        read: from a batch of width W to distributions of shape (W / s, classes), where s divides
            `WIDTH_BUCKET`.
        batch: the prepared line, shape (1, 3, H, W), W a multiple of `WIDTH_BUCKET`.
        classes: number of columns of ``read`` that are distributions, if not all: the first ones.

    Yields:
        Arrays of shape (T, classes); together they have W / s rows. A line that is one piece
        gives what ``read`` gives for it.
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
    """Return where two readings of the same columns are joined best.

    That is where both most probably mean the same class, in two columns on either side, and of
    such places the one nearest to the middle.

    Args:
        left: distributions of a piece for the columns at its right end, shape (T, classes),
            T >= 4.
        right: those of the next piece for the same columns.

    Returns:
        The index of the first column that is taken from ``right``.
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

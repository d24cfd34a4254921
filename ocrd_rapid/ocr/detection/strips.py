# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run the detection network on a large input strip by strip.

The network's need of memory grows with its input: 160 bytes a pixel and more. Inputs above a
bound are cut into overlapping strips of equal height across the whole width; of an overlap, each
strip contributes the half that is farther from its cut edge. The bound does not depend on the
machine, so neither do the results. Cutting changes them a little, as the network weighs its
channels by their means over its whole input; see docs/performance.md.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...inference.model import FloatArray, Model

#: The network halves its input five times.
STRIDE = 32

#: Largest input of the network, in pixels. Measured in docs/performance.md.
LARGEST_INPUT = 2_400_000

#: Rows that neighbouring strips share: two lines of text of the height aimed at.
_OVERLAP = 64


def probability_map(
    model: Model, batch: FloatArray, largest: int = LARGEST_INPUT
) -> NDArray[np.float32]:
    """Return the probability of every pixel, shape (height, width).

    Args:
        model: the network.
        batch: shape (1, 3, height, width), sides multiples of 32.
        largest: largest number of pixels per call of the network. If even a strip of the least
            height has more, the input is cut into such strips.

    Raises:
        ModelError: the engine failed.
    """
    height, width = batch.shape[2:]
    strips = split(height, width, largest)
    if len(strips) == 1:
        whole: NDArray[np.float32] = model.run(batch)[0, 0]
        return whole
    seams = [0, *((a[1] + b[0]) // 2 for a, b in pairwise(strips)), height]
    joined = np.empty((height, width), dtype=np.float32)
    for (top, bottom), (begin, end) in zip(strips, pairwise(seams), strict=True):
        part = model.run(np.ascontiguousarray(batch[:, :, top:bottom]))
        joined[begin:end] = part[0, 0, begin - top : end - top]
    return joined


def split(height: int, width: int, largest: int) -> list[tuple[int, int]]:
    """Return first row and end of the strips of an input: as few as possible, all of one height.

    Args:
        height: height of the input, a multiple of 32.
        width: width of the input.
        largest: largest number of pixels of a strip; wide inputs exceed it, as a strip has 96 rows
            at least.

    Returns:
        Strips from top to bottom; heights are multiples of 32, and neighbours share 64 rows or
        more.
    """
    rows = max(largest // (width * STRIDE) * STRIDE, _OVERLAP + STRIDE)
    if height <= rows:
        return [(0, height)]
    count = math.ceil((height - _OVERLAP) / (rows - _OVERLAP))
    rows = _round_up((height + (count - 1) * _OVERLAP) / count)
    tops = [(height - rows) * i // (count - 1) // STRIDE * STRIDE for i in range(count)]
    return [(top, top + rows) for top in tops]


def _round_up(rows: float) -> int:
    return math.ceil(rows / STRIDE) * STRIDE

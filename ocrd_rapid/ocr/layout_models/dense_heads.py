# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Boxes from the output of a network without a final selection.

PicoDet (Yu et al., PP-PicoDet, 2021) judges every cell of four grids over its input. For each cell
it gives the scores of the labels, and for each side of the box a distribution of the distance from
the centre of the cell (Li et al., Generalized Focal Loss, 2020), whose mean is the distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...inference.model import NumberArray
from .region_boxes import SAME_LABEL_OVERLAP, best_boxes

Numbers = NDArray[np.float32]

#: Distances between the centres of cells that a grid may have, in pixels of the input.
_STRIDES = (4, 8, 16, 32, 64, 128)


def stride_of(cells: int, size: tuple[int, int]) -> int | None:
    """Return the distance between the cells of a grid; ``None`` if no grid has so many cells.

    Args:
        cells: number of its cells.
        size: height and width of the network's input in pixels.
    """
    return next((s for s in _STRIDES if -(-size[0] // s) * -(-size[1] // s) == cells), None)


def rows_of_heads(
    outputs: Sequence[NumberArray], size: tuple[int, int], min_score: float
) -> Numbers:
    """Return the boxes that a network sees, the best of those that overlap.

    Args:
        outputs: for each grid the scores, shape (1, cells, labels); then for each grid the
            distributions of the distances to the left, top, right and bottom, shape
            (1, cells, 4 * steps).
        size: height and width of the network's input in pixels.
        min_score: least score of a box.

    Returns:
        Rows (number of the label, score, left, top, right, bottom) in pixels of the input,
        shape (N, 6).
    """
    half = len(outputs) // 2
    found = [
        _of_grid(np.asarray(scores[0]), np.asarray(distances[0]), size, min_score)
        for scores, distances in zip(outputs[:half], outputs[half:], strict=True)
    ]
    rows = np.concatenate(found)
    kept = [
        np.flatnonzero(rows[:, 0] == label)[best]
        for label in np.unique(rows[:, 0])
        for best in [_best(rows[rows[:, 0] == label])]
    ]
    return rows[np.concatenate(kept)] if kept else rows


def _best(rows: Numbers) -> list[int]:
    return best_boxes(rows[:, 2:], rows[:, 1], SAME_LABEL_OVERLAP)


def _of_grid(
    scores: NDArray[np.floating] | NDArray[np.integer],
    distances: NDArray[np.floating] | NDArray[np.integer],
    size: tuple[int, int],
    min_score: float,
) -> Numbers:
    """Return the rows of one grid, each label by itself, without selection."""
    stride = stride_of(len(scores), size) or 1
    columns = -(-size[1] // stride)
    cells, labels = np.nonzero(scores >= min_score)
    centres = (np.stack([cells % columns, cells // columns], axis=1) + 0.5) * stride
    logits = distances[cells].reshape(len(cells), 4, distances.shape[1] // 4).astype(np.float32)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    steps = np.arange(logits.shape[2], dtype=np.float32)
    sides = (weights * steps).sum(axis=2) / weights.sum(axis=2) * stride
    boxes = np.concatenate([centres - sides[:, :2], centres + sides[:, 2:]], axis=1)
    return np.column_stack([labels, scores[cells, labels], boxes]).astype(np.float32)

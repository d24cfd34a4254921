# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The families of layout networks, told by their inputs and outputs.

* `SELECTED`: networks of PaddleDetection with their selection inside (PP-DocLayout, RT-DETR,
  PicoDet): inputs ``image``, ``scale_factor`` and perhaps ``im_shape``; the first output has rows
  (number of the label, score, left, top, right, bottom) in pixels of the page, perhaps with the
  place in the reading order after them, the second one their number.
* `DENSE`: PicoDet without it: one input, and two outputs for each of its grids, see `dense_heads`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...inference.model import End, FloatArray, NamedModel, NumberArray
from .dense_heads import rows_of_heads, stride_of

SELECTED, DENSE = "boxes", "grids"

IMAGE, SHAPE, SCALE = "image", "im_shape", "scale_factor"

#: Numbers in a row: label, score and box; the place in the reading order; what decides where two
#: have the same place, the larger one first.
_ROW_LENGTHS = (6, 7, 8)


def family_of(model: NamedModel) -> str:
    """Return the family of a layout model.

    Raises:
        ModelError: it is of none.
    """
    names = {end.name for end in model.inputs}
    if {IMAGE, SCALE} <= names <= {IMAGE, SHAPE, SCALE} and _gives_rows(model.outputs[0]):
        return SELECTED
    if len(model.inputs) == 1 and _gives_grids(model.inputs[0], model.outputs):
        return DENSE
    shapes = [
        ", ".join(f"{end.name} {end.shape}" for end in ends)
        for ends in (model.inputs, model.outputs[:2])
    ]
    raise ModelError(
        f"not a layout model of a known family: inputs {shapes[0]}, outputs {shapes[1]}; expected"
        f" inputs {IMAGE} and {SCALE} and rows of 6 to 8 numbers (PP-DocLayout), or (1, 3, H, W)"
        " and two outputs for each grid (PicoDet)"
    )


def _gives_rows(output: End) -> bool:
    return len(output.shape) in (1, 2, 3) and output.shape[-1] in (None, *_ROW_LENGTHS)


def _gives_grids(image: End, outputs: Sequence[End]) -> bool:
    half = len(outputs) // 2
    if len(outputs) % 2 or any(len(end.shape) != 3 for end in outputs):
        return False
    size = fixed_size(image)
    if size is None:
        return False
    return all(
        scores.shape[1] == distances.shape[1]
        and stride_of(scores.shape[1] or 0, size) is not None
        and (distances.shape[2] or 1) % 4 == 0
        for scores, distances in zip(outputs[:half], outputs[half:], strict=True)
    )


def fixed_size(image: End) -> tuple[int, int] | None:
    """Return height and width of an image input in pixels; ``None`` if they are open."""
    if len(image.shape) != 4 or image.shape[1] not in (3, None):
        return None
    height, width = image.shape[2:]
    return None if height is None or width is None else (height, width)


def image_input(model: NamedModel) -> End:
    """Return the input that takes the image of a page."""
    return next((end for end in model.inputs if end.name == IMAGE), model.inputs[0])


def input_batches(
    model: NamedModel, image: FloatArray, page_size: tuple[int, int]
) -> Mapping[str, FloatArray]:
    """Return the arrays for all inputs.

    Args:
        model: the model.
        image: the prepared image, shape (1, 3, H, W).
        page_size: height and width of the page in pixels.
    """
    size = np.array([image.shape[2:]], dtype=np.float32)
    scale = np.asarray(size / np.array([page_size], dtype=np.float32), dtype=np.float32)
    return {end.name: {SHAPE: size, SCALE: scale}.get(end.name, image) for end in model.inputs}


def rows_on_page(
    family: str,
    outputs: Sequence[NumberArray],
    size: tuple[int, int],
    page_size: tuple[int, int],
    min_score: float,
) -> NDArray[np.float32]:
    """Return the rows of a network's output, in pixels of the page.

    Args:
        family: see `family_of`.
        outputs: all outputs of the network.
        size: height and width of its input.
        page_size: height and width of the page.
        min_score: least score of a row.

    Returns:
        Shape (N, 6), or (N, 7) with the rank in the reading order, from 0.

    Raises:
        ModelError: the rows are none.
    """
    if family == DENSE:
        rows = rows_of_heads(outputs, size, min_score)
        height, width = np.array(page_size) / size
        return np.asarray(rows * np.array([1, 1, width, height, width, height]), dtype=np.float32)
    rows = np.asarray(outputs[0], dtype=np.float32)
    if not rows.size:
        return np.zeros((0, 6), dtype=np.float32)
    rows = rows.reshape(-1, rows.shape[-1])
    if rows.shape[1] not in _ROW_LENGTHS:
        raise ModelError(
            f"not a layout model: its rows have {rows.shape[1]} numbers, not 6, 7 or 8"
        )
    if len(outputs) > 1 and np.asarray(outputs[1]).size == 1:
        rows = rows[: int(np.asarray(outputs[1]).item())]
    rows = rows[(rows[:, 0] >= 0) & (rows[:, 1] >= min_score)]
    return _ranked(rows)


def _ranked(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows with at most one number after the box: the rank."""
    if rows.shape[1] == 6:
        return rows
    second = -rows[:, 7] if rows.shape[1] == 8 else np.zeros(len(rows), dtype=np.float32)
    ranks = np.empty(len(rows), dtype=np.float32)
    ranks[np.lexsort((second, rows[:, 6]))] = np.arange(len(rows))
    return np.column_stack([rows[:, :6], ranks])

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kinds of models, told by the shape of their output."""

from __future__ import annotations

from ..errors import ModelError
from ..inference.model import Model

#: The shape of an input or output; ``None`` where it may vary.
Shape = tuple[int | None, ...]

DETECTION, ORIENTATION, RECOGNITION = "text detection", "text line orientation", "text recognition"
LAYOUT = "layout"

#: Height of an input, in pixels, that is too high for a line.
_PAGE_HEIGHT = 200

#: The shapes of inputs and outputs of each kind.
_SHAPES = {
    DETECTION: "(N, 3, H, W) and (N, 1, H, W)",
    ORIENTATION: "(N, 3, H, W) and (N, 2)",
    RECOGNITION: "(N, 3, 48, W) and (N, T, classes)",
}


def kind_of(input_shape: Shape, output_shape: Shape) -> str | None:
    """Return the kind of a model; ``None`` if its shapes fit no kind.

    Detection gives a map of the image (N, 1, H, W), recognition a distribution for each step
    (N, T, classes), orientation the probabilities of two classes (N, 2). A layout model with one
    input gives what recognition does, for each place of a page; those with more inputs are told by
    `ocrd_rapid.ocr.layout_models.layout_networks`.

    Args:
        input_shape: see `Model.input_shape`.
        output_shape: see `Model.output_shape`.
    """
    shape = output_shape
    if input_shape[1:2] != (3,):
        return None
    if len(shape) == 4 and shape[1] in (1, None):
        return DETECTION
    if len(shape) == 3:
        return LAYOUT if (input_shape[2] or 0) >= _PAGE_HEIGHT else RECOGNITION
    return ORIENTATION if len(shape) == 2 and shape[1] in (2, None) else None


def wrong_kind(model: Model, wanted: str, purpose: str = "") -> ModelError:
    """Return the error about a model of the wrong kind.

    Args:
        model: the model.
        wanted: the kind that is wanted.
        purpose: what it can be used for, such as `` for ocrd-rapid-detect``; empty if unknown.
    """
    kind = kind_of(model.input_shape, model.output_shape)
    is_one = f", but a {kind} model{purpose}" if kind else ""
    return ModelError(
        f"not a {wanted} model{is_one}: input {model.input_shape}, output {model.output_shape};"
        f" expected {_SHAPES[wanted]}"
    )

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kinds of models, told by the shape of their output."""

from __future__ import annotations

from ..errors import ModelError
from ..inference.model import Model

DETECTION, ORIENTATION, RECOGNITION = "text detection", "text line orientation", "text recognition"

#: The shapes of inputs and outputs of each kind.
_SHAPES = {
    DETECTION: "(N, 3, H, W) and (N, 1, H, W)",
    ORIENTATION: "(N, 3, H, W) and (N, 2)",
    RECOGNITION: "(N, 3, 48, W) and (N, T, classes)",
}


def kind_of(model: Model) -> str | None:
    """Return the kind of a model; ``None`` if its shapes fit no kind.

    Detection gives a map of the image (N, 1, H, W), recognition a distribution for each step
    (N, T, classes), orientation the probabilities of two classes (N, 2).
    """
    shape = model.output_shape
    if model.input_shape[1:2] != (3,):
        return None
    if len(shape) == 4 and shape[1] in (1, None):
        return DETECTION
    if len(shape) == 3:
        return RECOGNITION
    return ORIENTATION if len(shape) == 2 and shape[1] in (2, None) else None


def wrong_kind(model: Model, wanted: str, purpose: str = "") -> ModelError:
    """Return the error about a model of the wrong kind.

    Args:
        model: the model.
        wanted: the kind that is wanted.
        purpose: what it can be used for, such as `` for ocrd-rapid-detect``; empty if unknown.
    """
    kind = kind_of(model)
    is_one = f", but a {kind} model{purpose}" if kind else ""
    return ModelError(
        f"not a {wanted} model{is_one}: input {model.input_shape}, output {model.output_shape};"
        f" expected {_SHAPES[wanted]}"
    )

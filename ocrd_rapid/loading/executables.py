# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The processors that models are resources of, by the kind of the model."""

from __future__ import annotations

from ..inference.model import Model
from ..ocr.model_kinds import DETECTION, LAYOUT, ORIENTATION, RECOGNITION, kind_of, wrong_kind

#: The executable of the processor for each kind of model.
PROCESSORS = {
    DETECTION: "ocrd-rapid-detect",
    ORIENTATION: "ocrd-rapid-classify",
    RECOGNITION: "ocrd-rapid-recognize",
    LAYOUT: "ocrd-rapid-detect",
}

#: The parameter of a processor that takes its models, where that is not ``model``.
_PARAMETERS = {LAYOUT: "-P layout_model of "}


def place_of(kind: str) -> str:
    """Return what takes models of a kind, for messages: a processor, perhaps with a parameter."""
    return _PARAMETERS.get(kind, "") + PROCESSORS[kind]


def check_kind(model: Model, wanted: str) -> None:
    """Check that a model is of a kind.

    Raises:
        ModelError: it is of another kind; the message names the processor for that.
    """
    kind = kind_of(model.input_shape, model.output_shape)
    if kind != wanted:
        raise wrong_kind(model, wanted, f" for {place_of(kind)}" if kind else "")

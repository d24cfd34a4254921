# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The processors that models are resources of, by the kind of the model."""

from __future__ import annotations

from ..inference.model import Model
from ..ocr.model_kinds import DETECTION, ORIENTATION, RECOGNITION, kind_of, wrong_kind

#: The executable of the processor for each kind of model.
PROCESSORS = {
    DETECTION: "ocrd-rapid-detect",
    ORIENTATION: "ocrd-rapid-classify",
    RECOGNITION: "ocrd-rapid-recognize",
}


def check_kind(model: Model, wanted: str) -> None:
    """Check that a model is of a kind.

    Raises:
        ModelError: it is of another kind; the message names the processor for that.
    """
    kind = kind_of(model)
    if kind != wanted:
        raise wrong_kind(model, wanted, f" for {PROCESSORS[kind]}" if kind else "")

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognition network with no head but its own."""

from __future__ import annotations

from ocrd_rapid.inference.model import Model
from ocrd_rapid.ocr.recognition.line_model import BASE, HeadedModel, LineHead


class FullModel(HeadedModel):
    """A recognition network as it was trained, for tests that load nothing."""

    def __init__(self, model: Model, characters: tuple[str, ...]) -> None:
        """Take a model and the characters of its classes."""
        super().__init__(model, [LineHead(BASE, characters)])

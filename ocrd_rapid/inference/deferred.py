# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A model whose facts are known, loaded when it first runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .model import FloatArray, Model
from .prepared import Facts, WithFacts


class DeferredModel(WithFacts):
    """Stand-in for a model of which often only the facts are needed.

    One example is a recognizer with other output layers: the model that runs is derived from it.
    """

    def __init__(self, facts: Facts, load: Callable[[], Model]) -> None:
        """Take the facts about a model for the CPU, and the function that loads it."""
        self._facts = facts
        self._load = load
        self._lock = threading.Lock()
        self._model: Model | None = None

    @property
    def device(self) -> str:
        """See `Model.device`."""
        return "CPU"

    def load(self) -> Model:
        """Return the model; load it if that has not been done yet.

        Raises:
            ModelError, EngineError: see `engines.load_model`.
        """
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        return self.load().run(batch)

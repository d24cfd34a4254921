"""A model that is known, but not loaded before it is run."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .model import FloatArray, Model
from .prepared import Facts, WithFacts


class DeferredModel(WithFacts):
    """Stands for a model of which often only the facts are needed.

    A recogniser that is given other output layers is such a model: what is run is derived from it.
    """

    def __init__(self, facts: Facts, load: Callable[[], Model]) -> None:
        """Take what is known of a model for the CPU, and what loads it."""
        self._facts = facts
        self._load = load
        self._lock = threading.Lock()
        self._model: Model | None = None

    @property
    def device(self) -> str:
        """See `Model.device`."""
        return "CPU"

    def load(self) -> Model:
        """Return the model; it is loaded if that has not been done yet.

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

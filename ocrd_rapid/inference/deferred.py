"""A model that is known, but not loaded before it is run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from .model import FloatArray, Model
from .prepared import Facts


class DeferredModel:
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

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        return self._facts.metadata

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return self._facts.input_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return self._facts.output_shape

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

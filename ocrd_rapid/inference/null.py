"""A model that computes nothing: fixed outputs, so that all else can be tested without models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .model import FloatArray


@dataclass(frozen=True)
class NullModel:
    """A `Model` whose output is a plain function of its input."""

    function: Callable[[FloatArray], FloatArray]
    metadata: Mapping[str, str] = field(default_factory=dict)
    input_shape: tuple[int | None, ...] = (None, 3, None, None)
    output_shape: tuple[int | None, ...] = (None, None, None)
    device: str = "CPU"

    def run(self, batch: FloatArray) -> FloatArray:
        """Return ``function(batch)``."""
        return self.function(batch)

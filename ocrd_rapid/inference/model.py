"""What a loaded model is, and how one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .options import OpenVinoOptions, OrtOptions

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class EngineConfig:
    """How to run a model.

    Attributes:
        engine: ``onnxruntime`` or ``openvino``.
        device: ``CPU``, or what the engine offers beside it (see `ort_providers`, `ov_devices`).
        intra_op_threads: threads that work on one call of `Model.run`.
        parallel_calls: how many threads will call `Model.run` at the same time.
        strict: a device that is not here is an `EngineError`, instead of a warning and the CPU.
        options: more of the same, for one engine; what is said here wins over the fields above.
        reuse_memory: calls take turns, and the next has the memory of the last, unless that was a
            very large one: for models whose inputs are large, but bounded. Asking for it anew at
            every call takes a quarter of the CPU time of detection with onnxruntime; OpenVINO
            always keeps it.
    """

    engine: str = "onnxruntime"
    device: str = "CPU"
    intra_op_threads: int = 1
    parallel_calls: int = 1
    strict: bool = False
    options: OrtOptions | OpenVinoOptions | None = None
    reuse_memory: bool = False


class Model(Protocol):
    """A loaded model with one input and one output. `run` may be called from many threads."""

    @property
    def device(self) -> str:
        """The device it runs on: ``CPU`` if that which was asked for is not here."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """Key-value pairs that the model's file carries, such as ``character``."""
        ...

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the input; ``None`` where it may vary."""
        ...

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output; ``None`` where it depends on the input."""
        ...

    def run(self, batch: FloatArray) -> FloatArray:
        """Return the model's output for an input batch.

        Args:
            batch: float32, C-contiguous, of a shape that `input_shape` allows.

        Raises:
            ModelError: the engine failed.
        """
        ...

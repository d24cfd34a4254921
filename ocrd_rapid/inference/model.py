# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A loaded model, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .options import OpenVinoOptions, OrtOptions

FloatArray = NDArray[np.float32]

#: What a `NamedModel` gives: floating-point or whole numbers.
NumberArray = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]


@dataclass(frozen=True)
class EngineConfig:
    """How to run a model.

    Attributes:
        engine: ``onnxruntime`` or ``openvino``.
        device: ``CPU``, or another device of the engine (see `ort_providers`, `ov_devices`).
        intra_op_threads: number of threads that work on one call of `Model.run`.
        parallel_calls: number of threads that call `Model.run` at the same time.
        strict: raise `EngineError` if the device is not available, instead of warning and using
            the CPU.
        options: further options of one engine, which override the fields above.
        reuse_memory: calls take turns, and each reuses the memory of the last, unless that call
            was a very large one: for models whose inputs are large, but bounded. Allocating it
            again at every call takes a quarter of the CPU time of detection with onnxruntime;
            OpenVINO always keeps it.
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
        """The device that it runs on: ``CPU`` if the requested one is not available."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """Key-value pairs in the model's file, such as ``character``."""
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
            batch: float32, C-contiguous, in a shape that `input_shape` allows.

        Raises:
            ModelError: the engine failed.
        """
        ...


@dataclass(frozen=True)
class End:
    """An input or an output of a model.

    Attributes:
        name: its name in the file.
        shape: its shape; ``None`` where it may vary.
    """

    name: str
    shape: tuple[int | None, ...]


class NamedModel(Protocol):
    """A loaded model with any number of inputs and outputs, known by their names."""

    @property
    def device(self) -> str:
        """See `Model.device`."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        ...

    @property
    def inputs(self) -> tuple[End, ...]:
        """The inputs, in the order of the file."""
        ...

    @property
    def outputs(self) -> tuple[End, ...]:
        """The outputs, in the order of the file."""
        ...

    def run_named(self, batches: Mapping[str, FloatArray]) -> list[NumberArray]:
        """Return the outputs in the order of the file.

        Args:
            batches: an array for each input, by its name; float32, C-contiguous.

        Raises:
            ModelError: the engine failed.
        """
        ...

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Adapters for networks trained with other conventions than PP-OCR's.

`ocrd_rapid.ocr` feeds all networks with values from -1 to 1 and takes class 1 of a classifier to
be "upside down". An adapter stands between it and a network that expects something else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..inference.model import FloatArray, Model

LOG = logging.getLogger(__name__)

_HALVES = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class Conventions:
    """The conventions that a network was trained with; by default those of PP-OCR.

    Attributes:
        mean: subtrahends for the three channels of the input, in the order of the image (BGR),
            with values from 0 to 1.
        std: divisors applied afterwards.
        size: height and width of the input in pixels, for networks that leave them open;
            ``None`` for the choice of `ocrd_rapid.ocr`.
        size_option: the caller's name for ``size``, if a user set it: then a network of another
            size is reported.
        upside_down_first: whether class 0 of a classifier is "upside down", not class 1.
    """

    mean: tuple[float, ...] = _HALVES
    std: tuple[float, ...] = _HALVES
    size: tuple[int, int] | None = None
    size_option: str = ""
    upside_down_first: bool = False


def adapted(model: Model, conventions: Conventions, path: Path) -> Model:
    """Return a model with the conventions of `ocrd_rapid.ocr`, in an adapter if needed.

    Args:
        model: the loaded model.
        conventions: its conventions.
        path: its file, for messages.
    """
    if (conventions.mean, conventions.std) != (_HALVES, _HALVES):
        model = Renormalized(model, conventions.mean, conventions.std)
    if conventions.size is not None:
        height, width = conventions.size
        if model.input_shape[2:] == (None, None):
            model = Sized(model, height, width)
        elif conventions.size_option and model.input_shape[2:] != conventions.size:
            LOG.warning(
                "%s %s is ignored, as model %s has another: %s",
                conventions.size_option, [3, height, width], path, list(model.input_shape[1:]),
            )  # fmt: skip
    return Reversed(model) if conventions.upside_down_first else model


@dataclass(frozen=True)
class Adapter:
    """A `Model` that passes everything on to another."""

    model: Model

    @property
    def device(self) -> str:
        """See `Model.device`."""
        return self.model.device

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        return self.model.metadata

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return self.model.input_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return self.model.output_shape

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        return self.model.run(batch)


@dataclass(frozen=True)
class Renormalized(Adapter):
    """A model whose input is ``(value - mean) / std``, with values from 0 to 1.

    Attributes:
        mean: means of the three channels, in the order of the image (BGR).
        std: standard deviations of the three channels.
    """

    mean: Sequence[float]
    std: Sequence[float]

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`; ``batch`` has values from -1 to 1, shape (N, 3, H, W)."""
        mean = np.asarray(self.mean, dtype=np.float32).reshape(3, 1, 1)
        std = np.asarray(self.std, dtype=np.float32).reshape(3, 1, 1)
        scale, shift = np.float32(0.5) / std, (np.float32(0.5) - mean) / std
        return self.model.run(np.asarray(batch * scale + shift, dtype=np.float32))


@dataclass(frozen=True)
class Sized(Adapter):
    """A model that leaves the size of its input open, but is used with one size only.

    Attributes:
        height: height of the input in pixels.
        width: width of the input in pixels.
    """

    height: int
    width: int

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return (*self.model.input_shape[:2], self.height, self.width)


@dataclass(frozen=True)
class Reversed(Adapter):
    """A classifier with its two classes in reverse order."""

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        return self.model.run(batch)[:, ::-1]


@dataclass(frozen=True)
class Restricted(Adapter):
    """A recognition model that may use only some of its classes.

    Attributes:
        kept: numbers of these classes.
    """

    kept: Sequence[int]

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return (*self.model.output_shape[:-1], len(self.kept))

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`; the remaining probabilities are scaled to add up to one."""
        output = self.model.run(batch)[..., list(self.kept)]
        total = np.maximum(output.sum(axis=-1, keepdims=True), np.finfo(np.float32).tiny)
        return np.asarray(output / total, dtype=np.float32)

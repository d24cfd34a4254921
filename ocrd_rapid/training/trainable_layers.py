# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Output layers as tensors of torch, which training changes.

A new layer learns from standardized features (mean 0, deviation 1), as some features vary ten times
as much as others. The layer that training gives reads features as they are: standardization is part
of its first weights. Weights of new layers begin with random values (He et al., ICCV 2015).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..inference.model import FloatArray
from ..inference.output_layers import ContextLayer, TrainedLayer, arrays_of, layer_of
from .samples import Features

if TYPE_CHECKING:
    import torch

#: A feature that varies less than this, as a share of the mean deviation, says nothing.
_LEAST_DEVIATION = 0.05


@dataclass(frozen=True)
class Shape:
    """What a layer looks at.

    Attributes:
        hidden: outputs of its hidden convolution; 0 for a linear layer.
        columns: columns that a convolution sees at once, an odd number.
        second: outputs of a second convolution, which reads the first one; 0 for none.
    """

    hidden: int
    columns: int
    second: int = 0

    @property
    def outputs(self) -> tuple[int, ...]:
        """Those of every convolution."""
        return tuple(size for size in (self.hidden, self.second) if size)


def is_new_layer(start: TrainedLayer, wanted: Shape | None) -> bool:
    """Return whether a layer of another shape is wanted than the one where training begins."""
    if wanted is None:
        return False
    if not isinstance(start, ContextLayer):
        return wanted.hidden > 0
    sizes = tuple(len(convolution.bias) for convolution in start.hidden)
    columns = {len(convolution.weights) for convolution in start.hidden}
    return sizes != wanted.outputs or columns != {wanted.columns}


@dataclass(frozen=True)
class Scale:
    """The mean and the deviation of every feature, both of shape (features,)."""

    mean: FloatArray
    deviation: FloatArray


def scale_of(lines: Iterable[Features]) -> Scale:
    """Return the scale of the features of lines, each of shape (T, features)."""
    columns = np.concatenate(list(lines)).astype(np.float64)
    deviation = columns.std(axis=0)
    deviation = np.maximum(deviation, max(1e-6, _LEAST_DEVIATION * float(deviation.mean())))
    return Scale(columns.mean(axis=0).astype(np.float32), deviation.astype(np.float32))


class TrainableLayer:
    """A layer whose weights are tensors.

    Attributes:
        values: the weights by their names (`arrays_of`), as they are trained: with a scale, the
            first ones are for standardized features.
    """

    def __init__(self, arrays: Mapping[str, FloatArray], scale: Scale | None, device: str) -> None:
        """Take the weights as they are trained; see `of` and `new`."""
        import torch

        self._hidden = len(arrays) // 2 - 1
        self._scale = None
        if scale is not None:
            parts = (1 / scale.deviation, scale.mean / scale.deviation)
            self._scale = [torch.from_numpy(part).to(device)[:, None] for part in parts]
        self.values = {
            name: torch.from_numpy(np.array(array, dtype=np.float32)).to(device).requires_grad_()
            for name, array in arrays.items()
        }

    @classmethod
    def of(cls, layer: TrainedLayer, scale: Scale, device: str) -> TrainableLayer:
        """Return a layer to go on with; only one with context learns from standardized features."""
        arrays = arrays_of(layer)
        if not isinstance(layer, ContextLayer):
            return cls(arrays, None, device)
        weights = arrays["hidden0.weights"]
        moved = np.einsum("cfo,f->o", weights, scale.mean)
        arrays["hidden0.weights"] = weights * scale.deviation[:, None]
        arrays["hidden0.bias"] = arrays["hidden0.bias"] + moved
        return cls(arrays, scale, device)

    @classmethod
    def new(
        cls, shape: Shape, classes: int, scale: Scale, seed: int, device: str
    ) -> TrainableLayer:
        """Return a layer with random weights."""
        chance = np.random.default_rng(seed)
        features = len(scale.mean)

        def random(variance: float, *size: int) -> FloatArray:
            return chance.normal(0, math.sqrt(variance), size).astype(np.float32)

        inputs = (features, *shape.outputs)
        arrays = {
            "weights": random(1 / inputs[-1], inputs[-1], classes),
            "bias": np.zeros(classes, np.float32),
        }
        for number, (size, outputs) in enumerate(pairwise(inputs)):
            weights = random(2 / (shape.columns * size), shape.columns, size, outputs)
            arrays[f"hidden{number}.weights"] = weights
            arrays[f"hidden{number}.bias"] = np.zeros(outputs, np.float32)
        return cls(arrays, scale, device)

    def scores(
        self, features: torch.Tensor, present: torch.Tensor, kept: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return the scores of classes, before softmax.

        Args:
            features: of lines side by side, shape (T, N, features); zero beyond the end of a line.
            present: 1 in the columns of a line, 0 beyond its end, shape (T, N, 1).
            kept: factors of what the linear part reads, shape (T, N, inputs); ``None`` for 1.

        Returns:
            Shape (T, N, classes).
        """
        values = self._folded()
        for number in range(self._hidden):
            weights, bias = values[f"hidden{number}.weights"], values[f"hidden{number}.bias"]
            features = (_convolved(features, weights) + bias).relu() * present
        if kept is not None:
            features = features * kept
        return features @ values["weights"] + values["bias"]

    def layer(self) -> TrainedLayer:
        """Return the layer as it is now; it reads features as they are."""
        folded = self._folded()
        return layer_of({n: value.detach().cpu().numpy().copy() for n, value in folded.items()})

    def _folded(self) -> dict[str, torch.Tensor]:
        """Return the weights for features as they are: with standardization in the first ones."""
        if self._scale is None:
            return self.values
        first = "hidden0." if self._hidden else ""
        weights, bias = self.values[f"{first}weights"], self.values[f"{first}bias"]
        factor, shift = self._scale
        moved = (weights * shift).reshape(-1, weights.shape[-1]).sum(dim=0)
        folded = {f"{first}weights": weights * factor, f"{first}bias": bias - moved}
        return {**self.values, **folded}


def _convolved(features: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return a convolution of lines (T, N, inputs) with weights (columns, inputs, outputs)."""
    import torch

    count, columns = len(features), len(weights)
    padded = torch.nn.functional.pad(features, (0, 0, 0, 0, columns // 2, columns // 2))
    windows = torch.cat([padded[begin : begin + count] for begin in range(columns)], dim=2)
    return windows @ weights.reshape(-1, weights.shape[-1])

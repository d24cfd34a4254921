# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Output layers of recognition networks: from features to scores of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .model import FloatArray


@dataclass(frozen=True)
class OwnLayer:
    """The output layer that a model was trained with.

    Attributes:
        classes: indices of the classes to keep, in this order; ``None`` keeps all.
    """

    classes: tuple[int, ...] | None = None


@dataclass(frozen=True)
class LinearLayer:
    """Another output layer for the same features.

    Attributes:
        weights: shape (features, classes), float32.
        bias: shape (classes,), float32.
    """

    weights: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class Convolution:
    """A convolution along the line, and a rectifier (ReLU).

    Columns beyond the ends of the line count as zeros.

    Attributes:
        weights: shape (columns, inputs, outputs), float32; ``columns`` is odd.
        bias: shape (outputs,), float32.
    """

    weights: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class ContextLayer:
    """An output layer that looks at neighbouring columns.

    Attributes:
        hidden: at least one convolution; the first one reads the features.
        output: reads what the last one gives.
    """

    hidden: tuple[Convolution, ...]
    output: LinearLayer


@dataclass(frozen=True)
class FeaturesLayer:
    """No output layer: the features, to be run through an output layer later."""


TrainedLayer = LinearLayer | ContextLayer
OutputLayer = OwnLayer | TrainedLayer | FeaturesLayer


def check_layer(layer: TrainedLayer, features: int) -> None:
    """Check that the parts of a layer fit each other and the features.

    Raises:
        ValueError: they do not; it says which, and their shapes.
    """
    if isinstance(layer, ContextLayer):
        for convolution in layer.hidden:
            columns, inputs, outputs = convolution.weights.shape
            if columns % 2 == 0 or inputs != features or convolution.bias.shape != (outputs,):
                raise ValueError(
                    f"a convolution of shape {convolution.weights.shape} with bias"
                    f" {convolution.bias.shape}; there are {features} inputs"
                )
            features = outputs
        layer = layer.output
    if layer.weights.shape != (features, len(layer.bias)):
        raise ValueError(
            f"an output layer of shape {layer.weights.shape}; there are {features} inputs"
        )


def apply_layer(layer: TrainedLayer, features: FloatArray) -> FloatArray:
    """Return the scores that a layer gives, before softmax, as a model with that layer does.

    Args:
        layer: the layer.
        features: shape (T, features).

    Returns:
        Shape (T, classes).
    """
    if isinstance(layer, ContextLayer):
        for convolution in layer.hidden:
            features = _convolved(convolution, features)
        layer = layer.output
    return np.asarray(features @ layer.weights + layer.bias)


def _convolved(convolution: Convolution, features: FloatArray) -> FloatArray:
    columns = len(convolution.weights)
    padded = np.pad(features, ((columns // 2, columns // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, columns, axis=0)
    flat = windows.transpose(0, 2, 1).reshape(len(features), -1)
    weights = convolution.weights.reshape(flat.shape[1], -1)
    return np.asarray(np.maximum(flat @ weights + convolution.bias, 0))


def features_of(layer: TrainedLayer) -> int:
    """Return the number of features that a layer reads."""
    first = layer.hidden[0] if isinstance(layer, ContextLayer) else layer
    return int(first.weights.shape[-2])


def linear_part(layer: TrainedLayer) -> LinearLayer:
    """Return what gives the scores: the layer itself, or what follows its convolutions."""
    return layer.output if isinstance(layer, ContextLayer) else layer


def with_linear_part(layer: TrainedLayer, output: LinearLayer) -> TrainedLayer:
    """Return a layer with another linear part."""
    return replace(layer, output=output) if isinstance(layer, ContextLayer) else output


def classes_of(layer: TrainedLayer) -> int:
    """Return the number of classes of a layer."""
    return len(linear_part(layer).bias)


def arrays_of(layer: TrainedLayer) -> dict[str, FloatArray]:
    """Return the weights of a layer by their names, as the file of a head has them.

    ``weights`` and ``bias`` are those of the linear layer, ``hidden0.weights``, ``hidden0.bias``,
    ``hidden1.weights``, … those of the convolutions.
    """
    hidden = layer.hidden if isinstance(layer, ContextLayer) else ()
    output = linear_part(layer)
    found = {"weights": output.weights, "bias": output.bias}
    for number, convolution in enumerate(hidden):
        found[f"hidden{number}.weights"] = convolution.weights
        found[f"hidden{number}.bias"] = convolution.bias
    return found


def layer_of(arrays: Mapping[str, FloatArray]) -> TrainedLayer:
    """Return the layer that has weights with these names; see `arrays_of`.

    Raises:
        KeyError: one of them is missing.
    """
    output = LinearLayer(arrays["weights"], arrays["bias"])
    hidden = tuple(
        Convolution(arrays[f"hidden{number}.weights"], arrays[f"hidden{number}.bias"])
        for number in range(len(arrays) // 2 - 1)
    )
    return ContextLayer(hidden, output) if hidden else output


def with_classes(layer: TrainedLayer, classes: Sequence[int]) -> TrainedLayer:
    """Return a layer with only some of its classes, in the order given."""
    output, chosen = linear_part(layer), list(classes)
    weights = np.ascontiguousarray(output.weights[:, chosen])
    return with_linear_part(layer, LinearLayer(weights, output.bias[chosen]))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layers of torch give the scores that the network will give with them."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    LinearLayer,
    TrainedLayer,
    apply_layer,
)
from ocrd_rapid.training.trainable_layers import (
    Scale,
    Shape,
    TrainableLayer,
    is_new_layer,
    scale_of,
)

FEATURES, CLASSES = 6, 4


@pytest.fixture(autouse=True)
def torch_or_skip() -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")


def random(*shape: int) -> FloatArray:
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def with_context(*columns: int) -> ContextLayer:
    """Return a layer with convolutions over so many columns."""
    inputs = (FEATURES, *(5 for _ in columns))
    hidden = (
        Convolution(random(n, i, 5), random(5)) for n, i in zip(columns, inputs, strict=False)
    )
    return ContextLayer(tuple(hidden), LinearLayer(random(5, CLASSES), random(CLASSES)))


LINES = [10 * random(length, FEATURES) + 3 for length in (7, 2, 1, 4)]


def scores(layer: TrainableLayer) -> list[FloatArray]:
    """Return the scores of lines that lie side by side."""
    import torch

    longest = max(map(len, LINES))
    features = np.zeros((longest, len(LINES), FEATURES), np.float32)
    present = np.zeros((longest, len(LINES), 1), np.float32)
    for number, line in enumerate(LINES):
        features[: len(line), number] = line
        present[: len(line), number] = 1
    with torch.no_grad():
        found = layer.scores(torch.from_numpy(features), torch.from_numpy(present)).numpy()
    return [found[: len(line), number] for number, line in enumerate(LINES)]


@pytest.mark.parametrize(
    "layer",
    [
        LinearLayer(random(FEATURES, CLASSES), random(CLASSES)),
        with_context(1),
        with_context(5),
        with_context(3, 5),
    ],
)
def test_a_trained_layer_begins_as_it_was(layer: TrainedLayer) -> None:
    trainable = TrainableLayer.of(layer, scale_of(LINES), "cpu")
    for line, found, again in zip(
        LINES,
        scores(trainable),
        (apply_layer(trainable.layer(), line) for line in LINES),
        strict=True,
    ):
        np.testing.assert_allclose(found, apply_layer(layer, line), rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(again, apply_layer(layer, line), rtol=1e-4, atol=1e-3)


def test_a_new_layer_may_have_two_convolutions() -> None:
    layer = TrainableLayer.new(Shape(8, 5, 6), CLASSES, scale_of(LINES), 1, "cpu").layer()
    assert isinstance(layer, ContextLayer)
    sizes = [convolution.weights.shape for convolution in layer.hidden]
    assert sizes == [(5, FEATURES, 8), (5, 8, 6)]
    assert layer.output.weights.shape == (6, CLASSES)


@pytest.mark.parametrize("shape", [Shape(8, 5), Shape(8, 1), Shape(0, 1)])
def test_a_new_layer_has_the_standardization_in_its_weights(shape: Shape) -> None:
    scale = scale_of(LINES)
    trainable = TrainableLayer.new(shape, CLASSES, scale, 1, "cpu")
    own = {name: value.detach().numpy() for name, value in trainable.values.items()}
    reach = shape.columns // 2
    for line, found in zip(LINES, scores(trainable), strict=True):
        # Columns beyond the ends are zeros before they are standardized, as in the network.
        outside = np.zeros((reach, FEATURES), np.float32)
        values = (np.concatenate([outside, line, outside]) - scale.mean) / scale.deviation
        if shape.hidden:
            values = np.stack(
                [
                    np.einsum("cf,cfo->o", values[at : at + shape.columns], own["hidden0.weights"])
                    for at in range(len(line))
                ]
            )
            values = np.maximum(values + own["hidden0.bias"], 0)
        expected = values @ own["weights"] + own["bias"]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        layer = trainable.layer()
        np.testing.assert_allclose(apply_layer(layer, line), expected, rtol=1e-4, atol=1e-4)


def test_the_seed_decides_what_a_new_layer_begins_with() -> None:
    values = [
        TrainableLayer.new(Shape(8, 3), CLASSES, scale_of(LINES), seed, "cpu").values["weights"]
        for seed in (1, 1, 2)
    ]
    assert (values[0] == values[1]).all() and (values[0] != values[2]).any()


def test_a_feature_that_never_changes_does_no_harm() -> None:
    lines = [np.stack([np.full(9, 4.0), np.arange(9.0)], axis=1).astype(np.float16)]
    scale = scale_of(lines)
    assert scale.mean.tolist() == [4, 4]
    assert 0 < scale.deviation[0] < scale.deviation[1]
    assert isinstance(scale, Scale) and scale.deviation.dtype == np.float32


@pytest.mark.parametrize(
    ("start", "wanted", "new"),
    [
        (LinearLayer(random(FEATURES, CLASSES), random(CLASSES)), None, False),
        (LinearLayer(random(FEATURES, CLASSES), random(CLASSES)), Shape(0, 5), False),
        (LinearLayer(random(FEATURES, CLASSES), random(CLASSES)), Shape(5, 5), True),
        (with_context(5), None, False),
        (with_context(5), Shape(5, 5), False),
        (with_context(5), Shape(5, 3), True),
        (with_context(5), Shape(6, 5), True),
        (with_context(5), Shape(0, 5), True),
        (with_context(5, 3), Shape(5, 5), True),
        (with_context(5, 3), Shape(5, 5, 5), True),
        (with_context(5, 5), Shape(5, 5, 5), False),
        (with_context(5, 5), Shape(5, 5, 4), True),
    ],
)
def test_a_layer_is_new_if_it_has_another_shape(
    start: TrainedLayer, wanted: Shape | None, new: bool
) -> None:
    assert is_new_layer(start, wanted) == new

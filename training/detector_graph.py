# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Write a detection network with fewer and cheaper operations that compute the same.

* ``x + x * s``, with a number ``s`` for each channel, becomes ``x * (s + 1)``: one operation over
  the image less.
* Narrow convolutions over large images get channels of zeros, up to a multiple of 16: engines
  compute with that many numbers of 8 bits at a time, and lose time with 12.
* The end, two transposed convolutions that double the sides of the image, becomes two 1x1
  convolutions of the small image, whose channels then are the pixels of a square of 4 x 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from graph_steps import Array, Graph, Step
from numpy.typing import NDArray

from ocrd_rapid.errors import ModelError

#: The operations that the network ends in.
_END = ("ConvTranspose", "Add", "Relu", "ConvTranspose", "Add", "Sigmoid")
#: Numbers of 8 bits that engines compute with at a time.
_CHANNELS = 16
_SQUARE = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0, 0, 0, 0], "group": 1}


def reduced(graph: Graph) -> Graph:
    """Return a network that computes the same.

    Raises:
        ModelError: it does not end as such networks do.
    """
    return _with_small_end(_with_full_channels(_with_gains(graph)))


def _with_gains(graph: Graph) -> Graph:
    """Return a network with ``x * (s + 1)`` in place of ``x + x * s``."""
    makers, readers = graph.makers(), graph.readers()
    arrays: dict[str, Array] = dict(graph.arrays)
    gone, steps = set(), []
    for step in graph.steps:
        product = makers.get(step.inputs[-1]) if step.operation == "Add" else None
        if (
            product is not None
            and product.operation == "Mul"
            and product.inputs[0] == step.inputs[0]
            and len(readers[product.output]) == 1
            and makers[product.inputs[1]].operation == "HardSigmoid"
        ):
            gone.add(product.output)
            gain, one = f"{step.output}.gain", f"{step.output}.one"
            arrays[one] = np.ones((1, 1, 1, 1), np.float32)
            steps.append(Step("Add", (product.inputs[1], one), gain, {}))
            step = replace(step, operation="Mul", inputs=(step.inputs[0], gain))
        steps.append(step)
    return replace(
        graph, steps=tuple(step for step in steps if step.output not in gone), arrays=arrays
    )


def _with_full_channels(graph: Graph) -> Graph:
    """Return a network with more channels between two dense convolutions with a ReLU."""
    readers, arrays = graph.readers(), dict(graph.arrays)
    for step in graph.steps:
        if step.operation != "Conv" or len(step.inputs) != 3 or _is_pointwise(step, graph):
            continue
        (relu,) = readers[step.output] if len(readers[step.output]) == 1 else (None,)
        following = readers[relu.output] if relu is not None and relu.operation == "Relu" else []
        missing = -len(arrays[step.inputs[1]]) % _CHANNELS
        if (
            missing
            and step.attributes.get("group", 1) == 1
            and len(following) == 1
            and following[0].operation == "Conv"
            and following[0].attributes.get("group", 1) == 1
            and not _is_pointwise(following[0], graph)
        ):
            _, weight, bias = step.inputs
            reader = following[0].inputs[1]
            arrays[weight] = _padded(arrays[weight], 0, missing)
            arrays[bias] = _padded(arrays[bias].reshape(1, -1, 1, 1), 1, missing)
            arrays[reader] = _padded(arrays[reader], 1, missing)
    return replace(graph, arrays=arrays)


def _is_pointwise(step: Step, graph: Graph) -> bool:
    return graph.arrays[step.inputs[1]].shape[2:] == (1, 1)


def _padded(array: Array, axis: int, count: int) -> Array:
    widths = [(0, count if each == axis else 0) for each in range(array.ndim)]
    return np.pad(array, widths)


def _with_small_end(graph: Graph) -> Graph:
    """Return a network with another end, see above."""
    end = graph.steps[-len(_END) :]
    if tuple(step.operation for step in end) != _END:
        raise ModelError(f"the network does not end in {', '.join(_END)}")
    first, plus, relu, second, plus_again, _ = end
    wide, narrow = (graph.arrays[step.inputs[1]] for step in (first, second))
    bias, last_bias = (graph.arrays[step.inputs[1]] for step in (plus, plus_again))
    if wide.shape[2:] != (2, 2) or narrow.shape[1:] != (1, 2, 2):
        raise ModelError("the network does not end by doubling the sides of an image twice")
    arrays: Mapping[str, Array] = {
        "pixels.0.weight": _by_pixel(wide),
        "pixels.0.shift": np.tile(bias.reshape(-1), 4),
        "pixels.1.weight": _by_pixel_of_each(narrow),
        "pixels.1.shift": np.full(16, last_bias.reshape(-1)[0], np.float32),
    }
    steps = (
        Step("Conv", (first.inputs[0], "pixels.0.weight", "pixels.0.shift"), "pixels.0", _SQUARE),
        Step("Relu", ("pixels.0",), relu.output, {}),
        Step("Conv", (relu.output, "pixels.1.weight", "pixels.1.shift"), "pixels.1", _SQUARE),
        Step("DepthToSpace", ("pixels.1",), "pixels", {"blocksize": 4}),
        Step("Sigmoid", ("pixels",), graph.output, {}),
    )
    return replace(
        graph, steps=(*graph.steps[: -len(_END)], *steps), arrays={**graph.arrays, **arrays}
    )


def _by_pixel(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weights of a 1x1 convolution whose channels are those of 2 x 2 pixels.

    Args:
        weight: of the transposed convolution, shape (channels, outputs, 2, 2).
    """
    channels, outputs = weight.shape[:2]
    rows = weight.transpose(2, 3, 1, 0).reshape(4 * outputs, channels, 1, 1)
    return np.ascontiguousarray(rows)


def _by_pixel_of_each(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the same where each of 2 x 2 pixels becomes 2 x 2, from top to bottom."""
    channels = len(weight)
    made = np.zeros((16, 4 * channels, 1, 1), np.float32)
    for row in range(4):
        for column in range(4):
            pixel = 2 * (row // 2) + column // 2
            place = slice(pixel * channels, (pixel + 1) * channels)
            made[4 * row + column, place, 0, 0] = weight[:, 0, row % 2, column % 2]
    return made

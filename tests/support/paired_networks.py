# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognition network with all that a large one has, of a few hundred weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

#: Channels, hidden channels of a pair, and features.
CHANNELS, HIDDEN, FEATURES = 6, 16, 5
KEYS = "abc"


class _Writer:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._rng = np.random.default_rng(3)

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def weight(self, *shape: int) -> str:
        values = self._rng.normal(0, 1, shape) / np.sqrt(np.prod(shape[1:]) or 1)
        return self.constant(values.astype(np.float32))

    def constant(self, values: NDArray[np.generic] | float | Sequence[int]) -> str:
        if isinstance(values, float):
            values = np.array(values, np.float32)
        array = np.asarray(values)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def convolution(self, x: str, outputs: int, inputs: int, size: int = 1, **more: object) -> str:
        sizes = {"kernel_shape": [size, size], **more}
        sums = self.node("Conv", x, self.weight(outputs, inputs, size, size), **sizes)
        added = self.node("Add", sums, self.weight(1, outputs, 1, 1))
        return self.node("Identity", added)

    def gelu(self, x: str, half: float = 0.5) -> str:
        erf = self.node("Erf", self.node("Div", x, self.constant(2**0.5)))
        twice = self.node("Mul", x, self.node("Add", erf, self.constant(1.0)))
        return self.node("Mul", twice, self.constant(half))

    def pair(self, x: str, half: float = 0.5) -> str:
        hidden = self.gelu(self.convolution(x, HIDDEN, CHANNELS), half)
        return self.node("Add", x, self.convolution(hidden, CHANNELS, HIDDEN))

    def layer_norm(self, x: str) -> str:
        centred = self.node("Sub", x, self.node("ReduceMean", x, axes=[-1]))
        square = self.node("Pow", centred, self.constant(2.0))
        variance = self.node("ReduceMean", square, axes=[-1])
        root = self.node("Sqrt", self.node("Add", variance, self.constant(1e-5)))
        scaled = self.node("Mul", self.node("Div", centred, root), self.weight(FEATURES))
        return self.node("Add", scaled, self.weight(FEATURES))


def write_paired_network(path: Path, *, half: float = 0.5) -> Path:
    """Write a network for lines that is built like a recognizer of PP-OCR.

    Args:
        path: where to.
        half: the factor of GELU in the second of three pairs.
    """
    w = _Writer()
    x = w.node("Relu", w.convolution("x", CHANNELS, 3, 3, strides=[4, 4], pads=[1] * 4))
    same = w.convolution(x, CHANNELS, CHANNELS, 2, auto_pad="SAME_UPPER")
    x = w.node("Add", w.node("MaxPool", x, kernel_shape=[2, 2], auto_pad="SAME_UPPER"), same)
    x = w.pair(x)
    x = w.convolution(x, CHANNELS, 1, 3, pads=[1] * 4, group=CHANNELS)
    mean = w.node("ReduceMean", x, axes=[2, 3], keepdims=1)
    gate = w.node("HardSigmoid", w.convolution(mean, CHANNELS, CHANNELS), alpha=1 / 6, beta=0.5)
    x = w.pair(w.node("Mul", x, gate), half)
    # Nothing stands beside the last pair.
    x = w.convolution(w.gelu(w.convolution(x, HIDDEN, CHANNELS)), CHANNELS, HIDDEN)
    x = w.node("AveragePool", x, kernel_shape=[12, 2], strides=[12, 2])
    x = w.convolution(x, FEATURES, CHANNELS)
    ends = [w.weight(FEATURES) for _ in range(3)]
    x = w.node("BatchNormalization", x, *ends, w.constant(np.ones(FEATURES, np.float32)))
    x = w.node("Mul", x, w.node("Sigmoid", x))
    shape = w.node("Shape", x)
    ends = [w.constant(np.array([at], np.int64)) for at in (0, 2, 0)]
    both = w.node("Slice", shape, *ends)
    x = w.node("Reshape", x, w.node("Concat", both, w.constant(np.array([-1])), axis=0))
    x = w.layer_norm(w.node("Transpose", x, perm=[0, 2, 1]))
    scores = w.node("MatMul", x, w.weight(FEATURES, len(KEYS) + 2))
    scores = w.node("Add", scores, w.weight(len(KEYS) + 2))
    y = w.node("Softmax", w.node("Identity", scores), axis=2)
    graph = helper.make_graph(
        w.nodes,
        "recognizer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 48, "W"])],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, ["N", "T", len(KEYS) + 2])],
        w.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    helper.set_model_props(model, {"character": "\n".join(KEYS)})
    onnx.save(model, str(path))
    return path

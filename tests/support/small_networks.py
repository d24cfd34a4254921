# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Recognition networks of a few weights, as ONNX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FloatArray = NDArray[np.float32]

#: What the network sees in a column of 8 pixels: the mean and the largest brightness.
FEATURES = 2
KEYS = "abcäÄ中"


def weights(classes: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return an output layer of random weights and biases."""
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(FEATURES, classes)).astype(np.float32),
        rng.normal(size=classes).astype(np.float32),
    )


def write_network(
    path: Path, keys: Sequence[str] = KEYS, *, seed: int = 0, linear: bool = True
) -> Path:
    """Write a network for lines that is built like a recognizer of PP-OCR.

    Args:
        path: where to.
        keys: its characters, without blank and space.
        seed: of its weights.
        linear: whether it ends in a linear layer and softmax; else in softmax alone.
    """
    layer, bias = weights(len(keys) + 2, seed)
    pool = {"kernel_shape": [48, 8], "strides": [48, 8]}
    nodes = [
        helper.make_node("AveragePool", ["x"], ["mean"], **pool),
        helper.make_node("MaxPool", ["x"], ["most"], **pool),
        helper.make_node("ReduceMean", ["mean"], ["mean1"], axes=[1], keepdims=1),
        helper.make_node("ReduceMean", ["most"], ["most1"], axes=[1], keepdims=1),
        helper.make_node("Concat", ["mean1", "most1"], ["both"], axis=1),
        helper.make_node("Squeeze", ["both"], ["flat"], axes=[2]),
        helper.make_node("Transpose", ["flat"], ["features"], perm=[0, 2, 1]),
    ]
    constants = []
    if linear:
        nodes += [
            helper.make_node("MatMul", ["features", "w"], ["product"]),
            helper.make_node("Add", ["product", "b"], ["sum"]),
            helper.make_node("Identity", ["sum"], ["scores"]),
        ]
        constants = [numpy_helper.from_array(layer, "w"), numpy_helper.from_array(bias, "b")]
    nodes.append(helper.make_node("Softmax", ["scores" if linear else "features"], ["y"], axis=2))
    classes = len(keys) + 2 if linear else FEATURES
    graph = helper.make_graph(
        nodes,
        "recognizer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 48, "W"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "T", classes])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    helper.set_model_props(model, {"character": "\n".join(keys)})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def line_batch(width: int = 64, seed: int = 0) -> FloatArray:
    """Return a prepared line of noise."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (1, 3, 48, width)).astype(np.float32)


def write_endless(path: Path) -> Path:
    """Write a network that never ends on input below a million, and else returns it unchanged."""
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["before", "same"], ["after"]),
            helper.make_node("Identity", ["goes_on"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor("same", TensorProto.FLOAT, [1], [1.0])],
    )
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Less", ["largest", "million"], ["endless"]),
        helper.make_node("Loop", ["", "endless", "x"], ["y"], body=body),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 3, None, None])
        for name in "xy"
    ]
    million = helper.make_tensor("million", TensorProto.FLOAT, [], [1e6])
    graph = helper.make_graph(nodes, "endless", ends[:1], ends[1:], [million])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layout networks that always give the same regions, as ONNX files of a few constants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

#: Height and width of the input of both networks, in pixels.
SIZE = (400, 300)

#: Number of the label, score, left, top, right, bottom, and perhaps places in the order.
Row = Sequence[float]


def write_selecting(
    path: Path, rows: Sequence[Row], labels: Sequence[str] = (), *,
    padding: int = 2, shape_input: bool = True, fixed: bool = True,
) -> Path:  # fmt: skip
    """Write a network built like PP-DocLayout, which gives rows in pixels of the page.

    Args:
        path: where to.
        rows: what it gives, boxes as parts of the page, from 0 to 1.
        labels: names of its classes, in its metadata; without any, it has none.
        padding: number of rows that do not count, after those that do.
        shape_input: whether it has an input for the shape, as PP-DocLayout's larger networks.
        fixed: whether the size of the input is fixed.
    """
    length = len(rows[0])
    values = np.array([*rows, *[[0, 0.99] + [0.0] * (length - 2)] * padding], dtype=np.float32)
    shifts = values.copy()
    shifts[:, 2:6] = 0
    parts = values.copy()
    parts[:, [0, 1, *range(6, length)]] = 0
    height, width = SIZE
    nodes = [
        # The page is as large as the input divided by its scale.
        helper.make_node("Div", ["size", "scale_factor"], ["page"]),
        helper.make_node("Gather", ["page", "axes"], ["sides"], axis=1),
        helper.make_node("Mul", ["parts", "sides"], ["boxes"]),
        helper.make_node("Add", ["boxes", "shifts"], ["rows_seen"]),
        # The image and the shape count, but change nothing.
        helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["rows_seen", "nothing"], ["rows"]),
        helper.make_node("Identity", ["number"], ["count"]),
    ]
    axes = np.array([1, 0, 1, 0, 1, 0, 1, 0])[:length]
    constants = [
        numpy_helper.from_array(np.array([SIZE], np.float32), "size"),
        numpy_helper.from_array(axes, "axes"),
        numpy_helper.from_array(parts, "parts"),
        numpy_helper.from_array(shifts, "shifts"),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.array([len(rows)], np.int32), "number"),
    ]
    sides = [height, width] if fixed else ["H", "W"]
    inputs = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, *sides]),
        helper.make_tensor_value_info("scale_factor", TensorProto.FLOAT, [1, 2]),
    ]
    if shape_input:
        inputs.insert(0, helper.make_tensor_value_info("im_shape", TensorProto.FLOAT, [1, 2]))
        nodes[4:4] = [
            helper.make_node("ReduceMean", ["im_shape"], ["mean_side"], keepdims=0),
            helper.make_node("Mul", ["mean_side", "zero"], ["no_side"]),
            helper.make_node("Add", ["rows_seen", "no_side"], ["rows_sized"]),
        ]
        nodes[-2] = helper.make_node("Add", ["rows_sized", "nothing"], ["rows"])
    outputs = [
        helper.make_tensor_value_info("rows", TensorProto.FLOAT, [len(values), length]),
        helper.make_tensor_value_info("count", TensorProto.INT32, [1]),
    ]
    return _save(path, nodes, inputs, outputs, constants, labels)


def write_dense(path: Path, rows: Sequence[Row], labels: Sequence[str]) -> Path:
    """Write a network built like PicoDet without selection.

    Every box is seen by the cell around its centre in the grid of 32 pixels, and less surely by the
    next one.

    Args:
        path: where to.
        rows: what it gives, boxes as parts of the page.
        labels: names of its classes, in its metadata; without any, it has four.
    """
    height, width = SIZE
    steps, nodes, constants, ends = 8, [], [], []
    for stride in (32, 64):
        columns, count = -(-width // stride), -(-height // stride) * -(-width // stride)
        scores = np.zeros((1, count, len(labels) or 4), np.float32)
        distances: NDArray[np.float32] = np.zeros((1, count, 4, steps), np.float32)
        for label, score, *box in rows if stride == 32 else ():
            left, top, right, bottom = np.array(box[:4]) * (width, height, width, height)
            row, column = int((top + bottom) / 2 // stride), int((left + right) / 2 // stride)
            for shift, sure in ((0, score), (1, score - 0.05)):
                x, y = (column + shift + 0.5) * stride, (row + 0.5) * stride
                cell = row * columns + column + shift
                scores[0, cell, int(label)] = sure
                for side, length in enumerate((x - left, y - top, right - x, bottom - y)):
                    distances[0, cell, side] = _distribution(length / stride, steps)
        for name, values in (("scores", scores), ("sides", distances.reshape(1, count, -1))):
            constants.append(numpy_helper.from_array(values, f"{name}_{stride}_seen"))
            nodes.append(
                helper.make_node("Add", [f"{name}_{stride}_seen", "nothing"], [f"{name}_{stride}"])
            )
            ends.append(
                helper.make_tensor_value_info(f"{name}_{stride}", TensorProto.FLOAT, values.shape)
            )
    constants.append(numpy_helper.from_array(np.float32(0), "zero"))
    nodes[:0] = [
        helper.make_node("ReduceMean", ["x"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, height, width])
    return _save(path, nodes, [image], [ends[0], ends[2], ends[1], ends[3]], constants, labels)


def _distribution(length: float, steps: int) -> NDArray[np.float32]:
    """Return the logits of a distribution over whole numbers whose mean is a length."""
    low = int(length)
    weights = np.full(steps, 1e-9)
    weights[low] += 1 - (length - low)
    weights[low + 1] += length - low
    return np.log(weights).astype(np.float32)


def _save(
    path: Path, nodes: Sequence[onnx.NodeProto], inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto], constants: Sequence[onnx.TensorProto],
    labels: Sequence[str],
) -> Path:  # fmt: skip
    graph = helper.make_graph(nodes, "layout", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if labels:
        helper.set_model_props(model, {"character": "\n".join(labels)})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the two ONNX files of this folder; needs the packages onnx and numpy.

They are committed, as onnx is no dependency of the tests. To make them anew::

    python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx numpy
    python tests/inference/make_tiny_model.py

``tiny.onnx``: one convolution of 3 x 3 pixels and a sigmoid, from x [N, 3, H, W] to
y [N, 1, H, W]; the weights are `WEIGHTS`, the bias `BIAS`. Its metadata has ``character`` with
the entries of `KEYS`, one of them white space, one of two code points, one not ASCII.

``two-inputs.onnx``: y = a + b, which is not what a `Model` may be.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = Path(__file__).resolve().parent
OPSET, IR_VERSION = 13, 8

#: -1.3, -1.2, ... 1.3: no two pixels of the window count the same.
WEIGHTS = (np.arange(27, dtype=np.float32).reshape(1, 3, 3, 3) - 13) / 10
BIAS = np.array([0.25], dtype=np.float32)
KEYS = ["a", "ſ", "ch", "\u3000"]


def tiny() -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w", "b"], ["c"], kernel_shape=[3, 3], pads=[1] * 4),
            helper.make_node("Sigmoid", ["c"], ["y"]),
        ],
        "tiny",
        [value("x", TensorProto.FLOAT, ["N", 3, "H", "W"])],
        [value("y", TensorProto.FLOAT, ["N", 1, "H", "W"])],
        [numpy_helper.from_array(WEIGHTS, "w"), numpy_helper.from_array(BIAS, "b")],
    )
    write(graph, HERE / "tiny.onnx", {"character": "\n".join(KEYS)})


def two_inputs() -> None:
    value = helper.make_tensor_value_info
    shape = ["N", 3, "H", "W"]
    graph = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["y"])],
        "two-inputs",
        [value("a", TensorProto.FLOAT, shape), value("b", TensorProto.FLOAT, shape)],
        [value("y", TensorProto.FLOAT, shape)],
    )
    write(graph, HERE / "two-inputs.onnx", {})


def write(graph: object, path: Path, metadata: dict[str, str]) -> None:
    model = helper.make_model(
        graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
    )
    helper.set_model_props(model, metadata)
    checker.check_model(model, full_check=True)
    save(model, path)


if __name__ == "__main__":
    tiny()
    two_inputs()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Write the convolutions of a recognition network with 8 bits.

From the input to the pooling that leaves one row of columns, every value between two operations is
an integer of 8 bits; what follows, a tenth of the work, stays float. The file says so as ONNX
recommends, with a pair of `QuantizeLinear` and `DequantizeLinear` between two operations of
float32: onnxruntime and OpenVINO fuse them to operations on integers.

Weights get 7 of the 8 bits, and a scale for each output channel: processors without VNNI add two
products in 16 bits, which 8 bits would overflow. ReLU costs nothing: the range of a value begins at
zero. GELU, which no engine computes on integers, becomes
``x * sigmoid(1.702 x)``: a table of 256 entries, and a product (Hendrycks and Gimpel, 2016).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from graph_steps import GELU, LAYER_NORM, Array, Graph, Step, read_graph
from onnx import helper, numpy_helper

#: The smallest and the largest that a value becomes, by its name.
Ranges = Mapping[str, tuple[float, float]]

#: See above.
QUICK = 1.702
#: Weights are whole numbers up to this, positive and negative.
LEVELS = 64
#: Operations on numbers of 8 bits.
_OPERATIONS = {
    "Conv", GELU, "Relu", "MaxPool", "Concat", "Add", "Mul", "ReduceMean", "GlobalAveragePool",
    "Resize",
}  # fmt: skip
#: What remains in float begins with one of these: the pooling of rows to one; the convolution
#: whose channels become the pixels of a map begins it, too.
_ENDS = {"AveragePool", "ConvTranspose", "DepthToSpace"}
#: Means over the image, by channel.
_MEANS = {"ReduceMean", "GlobalAveragePool"}
#: The version of the operations in the file, in which a convolution's weights have a scale for each
#: channel, and the format that belongs to it.
_OPSET, _FORMAT = 17, 8


@dataclass(frozen=True)
class Plan:
    """What of a network gets 8 bits.

    Attributes:
        convolutions: outputs of the convolutions.
        values: names of the values.
    """

    convolutions: frozenset[str]
    values: frozenset[str]


def plan_of(graph: Graph) -> Plan:
    """Return what gets 8 bits: all that comes before the pooling of rows to one, or a map."""
    readers = graph.readers()
    convolutions, values, means = set(), {graph.input}, set()
    for step in graph.steps:
        if step.operation in _ENDS or "DepthToSpace" in {r.operation for r in readers[step.output]}:
            break
        if step.operation == "HardSigmoid":
            # What is added to it, for it is a factor, is so in float.
            gains = [one for one in readers[step.output] if one.operation == "Add"]
            values.update(one.output for one in gains or [step])
        if step.operation not in _OPERATIONS:
            continue
        if step.operation in _MEANS:
            means.add(step.output)
            values.add(step.output)
        elif step.inputs[0] in values and step.inputs[0] not in means:
            if step.operation == "Conv":
                convolutions.add(step.output)
            following = readers[step.output]
            if step.operation == "Conv" and [one.operation for one in following] == ["Relu"]:
                # The convolution and what follows it are one.
                values.add(following[0].output)
            else:
                values.add(step.output)
    return Plan(frozenset(convolutions), frozenset(values))


def scale_of(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """Return the scale of the integers that stand for a range, and the one that stands for 0."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32((high - low) / 255 or 1.0)
    return scale, np.uint8(np.rint(-low / scale))


def quantized(
    model: onnx.ModelProto, ranges: Ranges, graph: Graph | None = None
) -> onnx.ModelProto:
    """Return a network that computes with 8 bits; it has no metadata.

    Args:
        model: the network; see `plan_of`.
        ranges: of its values.
        graph: another way to compute the same; ``None`` for that of the model.
    """
    graph = graph or read_graph(model)
    writer = _Writer(graph, ranges)
    for step in graph.steps:
        writer.write(step)
    nodes, arrays = writer.written()
    ends = [list(model.graph.input), list(model.graph.output)]
    ends[1][0].name = graph.output
    made = helper.make_graph(nodes, "int8", *ends, arrays)
    return helper.make_model(
        made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_FORMAT
    )


class _Writer:
    """Writes the steps of a graph, one after the other."""

    def __init__(self, graph: Graph, ranges: Ranges) -> None:
        self._graph, self._ranges, self._plan = graph, ranges, plan_of(graph)
        self._readers = graph.readers()
        self._nodes: list[onnx.NodeProto] = []
        self._arrays: dict[str, onnx.TensorProto] = {}
        self._reads = 0
        self._round(graph.input, graph.input)

    def written(self) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        """Return the nodes and the weights."""
        return self._nodes, list(self._arrays.values())

    def write(self, step: Step) -> None:
        """Write a step, unless the one before it has been written as both."""
        output, operation = step.output, step.operation
        if operation == "Relu" and f"{output}.8bit" in self._names():
            return
        if output in self._plan.convolutions:
            following = self._readers[output]
            if [one.operation for one in following] == ["Relu"]:
                output = following[0].output
            self._convolution(step, f"{output}.float")
        elif output not in self._plan.values:
            self._float(step, step.output)
            return
        elif operation == GELU:
            self._gelu(step.inputs[0], output)
        elif operation in _MEANS:
            self._node("GlobalAveragePool", [self._read(step.inputs[0])], f"{output}.float")
        else:
            self._float(step, f"{output}.float")
        self._round(output, f"{output}.float")

    def _names(self) -> set[str]:
        return {name for node in self._nodes for name in node.output}

    def _array(self, name: str, value: Array | np.generic) -> str:
        self._arrays[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def _node(self, operation: str, inputs: Iterable[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def _round(self, name: str, source: str) -> None:
        """Write the rounding of a value of float32."""
        scale, zero = scale_of(*self._ranges[name])
        scaled = [self._array(f"{name}.scale", scale), self._array(f"{name}.zero", zero)]
        self._node("QuantizeLinear", [source, *scaled], f"{name}.8bit")

    def _read(self, name: str) -> str:
        """Return the name under which a step reads a value; each has a pair of its own."""
        if name in self._graph.arrays:
            return self._weight(name)
        if name not in self._plan.values:
            return name
        self._reads += 1
        return self._node(
            "DequantizeLinear",
            [f"{name}.8bit", f"{name}.scale", f"{name}.zero"],
            f"{name}.read{self._reads}",
        )

    def _weight(self, name: str) -> str:
        if name not in self._arrays:
            self._array(name, self._graph.arrays[name])
        return name

    def _convolution(self, step: Step, output: str) -> None:
        """Write a convolution with weights of 8 bits; its bias has 32."""
        x, weight, *biases = step.inputs
        array = self._graph.arrays[weight].astype(np.float32)
        scale = (np.abs(array.reshape(len(array), -1)).max(1) / np.float32(LEVELS)).clip(1e-10)
        scale = scale.astype(np.float32)
        whole = np.rint(array / scale[:, None, None, None]).clip(-LEVELS, LEVELS).astype(np.int8)
        inputs = [self._read(x), self._by_channel(f"{step.output}.weight", whole, scale)]
        for bias in biases:
            product = (scale.astype(np.float64) * float(scale_of(*self._ranges[x])[0])).astype(
                np.float32
            )
            value = np.rint(self._graph.arrays[bias].reshape(-1).astype(np.float64) / product)
            whole_bias = value.clip(-(2**31), 2**31 - 1).astype(np.int32)
            inputs.append(self._by_channel(f"{step.output}.bias", whole_bias, product))
        self._node("Conv", inputs, output, **step.attributes)

    def _by_channel(self, name: str, whole: Array, scale: Array) -> str:
        zero = np.zeros(len(scale), whole.dtype)
        inputs = [
            self._array(f"{name}.8bit", whole),
            self._array(f"{name}.scale", scale),
            self._array(f"{name}.zero", zero),
        ]
        return self._node("DequantizeLinear", inputs, name, axis=0)

    def _gelu(self, x: str, output: str) -> None:
        # The integers of x, read as if their scale were larger: no product is needed.
        scale = np.float32(scale_of(*self._ranges[x])[0] * QUICK)
        inputs = [f"{x}.8bit", self._array(f"{output}.steep", scale), f"{x}.zero"]
        self._node("DequantizeLinear", inputs, f"{output}.scaled")
        self._node("Sigmoid", [f"{output}.scaled"], f"{output}.sigmoid")
        ends = [
            self._array(f"{output}.share.scale", np.float32(1 / 256)),
            self._array(f"{output}.share.zero", np.uint8(0)),
        ]
        self._node("QuantizeLinear", [f"{output}.sigmoid", *ends], f"{output}.share.8bit")
        self._node("DequantizeLinear", [f"{output}.share.8bit", *ends], f"{output}.share")
        self._node("Mul", [self._read(x), f"{output}.share"], f"{output}.float")

    def _float(self, step: Step, output: str) -> None:
        """Write a step of float32, whose values may be rounded before and behind it."""
        attributes, inputs = dict(step.attributes), [self._read(name) for name in step.inputs]
        if step.operation == "Conv" and len(inputs) > 2:
            bias = self._graph.arrays[inputs[2]]
            inputs[2] = self._array(f"{step.output}.bias", bias.reshape(-1))
            self._arrays.pop(step.inputs[2])
        if step.operation == LAYER_NORM:
            attributes["axis"] = -1
        if step.operation in ("Squeeze", "Unsqueeze"):
            axes = np.array(attributes.pop("axes"), np.int64)
            inputs.append(self._array(f"{step.output}.axes", axes))
        self._node(step.operation, inputs, output, **attributes)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The graph of an ONNX file as a list of steps, with common patterns fused.

Converters write GELU and layer normalization as a handful of operations each, and the bias of a
convolution as a sum. A step for each of these is computed faster, and its gradient even more so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[Any]

#: Operations that ONNX (opset 11) does not have.
GELU, LAYER_NORM = "Gelu", "LayerNormalization"


@dataclass(frozen=True)
class Step:
    """An operation.

    Attributes:
        operation: its name in ONNX, `GELU` or `LAYER_NORM`.
        inputs: names of values; empty for those that are left out.
        output: the name of its result.
        attributes: by name.
    """

    operation: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """A network with one input and one output.

    Attributes:
        steps: in an order in which they can be done.
        arrays: weights and other constants by name.
        input, output: names of the values.
    """

    steps: tuple[Step, ...]
    arrays: Mapping[str, Array]
    input: str
    output: str

    def makers(self) -> dict[str, Step]:
        """Return the step that makes each value."""
        return {step.output: step for step in self.steps}

    def readers(self) -> dict[str, list[Step]]:
        """Return the steps that read each value."""
        found: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            for name in dict.fromkeys(step.inputs):
                found[name].append(step)
        return found


def read_graph(model: onnx.ModelProto) -> Graph:
    """Return the graph of a model; identities are left out.

    Raises:
        ValueError: a step has several outputs.
    """
    graph = model.graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    same: dict[str, str] = {}
    steps = []
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if len(node.output) != 1:
            raise ValueError(f"{node.op_type} with {len(node.output)} outputs")
        inputs = tuple(same.get(name, name) for name in node.input)
        if node.op_type == "Identity":
            same[node.output[0]] = inputs[0]
        elif node.op_type == "Constant":
            arrays[node.output[0]] = numpy_helper.to_array(attributes["value"])
        else:
            steps.append(Step(node.op_type, inputs, node.output[0], attributes))
    (given,) = (each.name for each in graph.input if each.name not in arrays)
    output = graph.output[0].name
    return fused(Graph(tuple(steps), arrays, given, same.get(output, output)))


def fused(graph: Graph) -> Graph:
    """Return a graph in which patterns of several steps are one."""
    fuser = _Fuser(graph)
    for step in graph.steps:
        if step.operation == "Erf":
            fuser.gelu(step)
        elif step.operation == "Pow":
            fuser.layer_norm(step)
        elif step.operation == "Conv" and len(step.inputs) == 2:
            fuser.bias(step)
    return fuser.graph()


class _Fuser:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._makers, self._readers = graph.makers(), graph.readers()
        #: What stands in place of a step, by its output; nothing if it falls away.
        self._instead: dict[str, Step | None] = {}

    def graph(self) -> Graph:
        steps = (self._instead.get(step.output, step) for step in self._graph.steps)
        return replace(self._graph, steps=tuple(step for step in steps if step is not None))

    def gelu(self, erf: Step) -> None:
        """Fuse ``x * (erf(x / √2) + 1) * ½``."""
        scaled, chain = self._makers.get(erf.inputs[0]), self._chain(erf, "Add", "Mul", "Mul")
        if scaled is None or scaled.operation != "Div" or not chain:
            return
        plus, times, half = chain
        x = scaled.inputs[0]
        if (
            self._is(scaled.inputs[1], 2**0.5)
            and self._is(_other(plus, erf.output), 1)
            and _other(times, plus.output) == x
            and self._is(_other(half, times.output), 0.5)
        ):
            self._fuse([scaled, erf, *chain], Step(GELU, (x,), half.output, {}))

    def layer_norm(self, square: Step) -> None:
        """Fuse ``(x - mean) / √(variance + ε) * weight + bias``, over the last axis."""
        centred = self._makers.get(square.inputs[0])
        chain = self._chain(square, "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add")
        if centred is None or centred.operation != "Sub" or not chain:
            return
        mean = self._makers.get(centred.inputs[1])
        variance, plus, root, divided, scaled, moved = chain
        x = centred.inputs[0]
        epsilon = self._graph.arrays.get(_other(plus, variance.output))
        weight, bias = _other(scaled, divided.output), _other(moved, scaled.output)
        if (
            mean is not None
            and mean.operation == "ReduceMean"
            and mean.inputs == (x,)
            and list(mean.attributes["axes"]) == list(variance.attributes["axes"]) == [-1]
            and self._is(square.inputs[1], 2)
            and divided.inputs == (centred.output, root.output)
            and epsilon is not None
            and {weight, bias} <= self._graph.arrays.keys()
        ):
            attributes = {"epsilon": float(epsilon.reshape(()))}
            step = Step(LAYER_NORM, (x, weight, bias), moved.output, attributes)
            self._fuse([mean, centred, square, *chain], step)

    def bias(self, convolution: Step) -> None:
        """Fuse a sum with a constant for each channel, of shape (1, channels, 1, 1)."""
        chain = self._chain(convolution, "Add")
        if not chain:
            return
        name = _other(chain[0], convolution.output)
        channels = len(self._graph.arrays[convolution.inputs[1]])
        array = self._graph.arrays.get(name)
        if array is not None and array.shape == (1, channels, 1, 1):
            inputs = (*convolution.inputs, name)
            self._fuse(
                [convolution, *chain], replace(convolution, inputs=inputs, output=chain[0].output)
            )

    def _chain(self, step: Step, *operations: str) -> list[Step]:
        """Return the steps that follow one, each the only reader of the one before."""
        found: list[Step] = []
        for operation in operations:
            readers = self._readers[step.output]
            if len(readers) != 1 or readers[0].operation != operation:
                return []
            step = readers[0]
            found.append(step)
        return found

    def _is(self, name: str, value: float) -> bool:
        array = self._graph.arrays.get(name)
        return array is not None and array.size == 1 and bool(np.isclose(array, value).all())

    def _fuse(self, steps: list[Step], one: Step) -> None:
        self._instead.update({step.output: None for step in steps})
        self._instead[one.output] = one


def _other(step: Step, name: str) -> str:
    """Return the input of a step that is not the one with a name."""
    first, second = step.inputs
    return second if first == name else first

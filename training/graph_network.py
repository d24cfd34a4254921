# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognition network of an ONNX file that torch can train, and its way back into the file.

The graph of the file stays what it is: only its weights change, in value or in shape. So engines
open the new file like the old one, lines of any width included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import onnx
import torch
from graph_operations import OPERATIONS
from graph_steps import Array, Graph, Step, read_graph
from onnx import numpy_helper
from torch import Tensor, nn

from ocrd_rapid.errors import ModelError


class GraphNetwork(nn.Module):
    """A network whose weights are parameters.

    Attributes:
        graph: its steps. The arrays are the weights as they were at first.
        names: of the trainable weights, in the order of the parameters.
    """

    def __init__(self, model: onnx.ModelProto | Graph) -> None:
        """Take the graph and the weights of a model.

        All weights are trainable but single numbers, and the means and variances of batch
        normalization.

        Raises:
            ModelError: it has operations that are not known here.
        """
        super().__init__()
        self.graph = model if isinstance(model, Graph) else read_graph(model)
        strange = {step.operation for step in self.graph.steps} - OPERATIONS.keys()
        if strange:
            raise ModelError(f"the network has operations that cannot be trained: {strange}")
        read = {name for step in self.graph.steps for name in step.inputs}
        measured = {
            name
            for step in self.graph.steps
            if step.operation == "BatchNormalization"
            for name in step.inputs[3:]
        }
        weights, self._constants = {}, {}
        for name, array in self.graph.arrays.items():
            tensor = torch.from_numpy(np.array(array))
            if array.dtype == np.float32 and array.size > 1 and name not in measured:
                weights[name] = tensor
            elif name in read:
                self._constants[name] = tensor
        self.names = tuple(name for name in weights if name in read)
        self._parameters_by_place = nn.ParameterList(weights[name] for name in self.names)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._makers = self.graph.makers()
        last = {name: step.output for step in self.graph.steps for name in step.inputs}
        #: The values that nobody reads after a step.
        self._done: dict[str, list[str]] = {}
        for name, output in last.items():
            self._done.setdefault(output, []).append(name)

    def weight(self, name: str) -> Tensor:
        """Return a weight, without its gradient."""
        return self._parameters_by_place[self._places[name]].detach()

    def set_weight(self, name: str, value: Tensor) -> None:
        """Replace a weight; its shape may change."""
        self._parameters_by_place[self._places[name]] = nn.Parameter(value.clone().contiguous())

    def weights(self) -> dict[str, Tensor]:
        """Return all weights by name, without their gradients."""
        return {name: self.weight(name) for name in self.names}

    def set_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Replace weights by name."""
        for name, value in weights.items():
            self.set_weight(name, value)

    def forward(self, batch: Tensor) -> Tensor:
        """Return the output for a batch."""
        output = self.graph.output
        return self.values({self.graph.input: batch}, [output])[output]

    def values(self, given: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
        """Return values by name.

        Args:
            given: values from which they are computed: the input, and any others that are known.
            names: of what is wanted.
        """
        needed = self._needed(given, names)
        known = dict(given)
        for step in self.graph.steps:
            if step.output not in needed:
                continue
            inputs = [self._value(name, known) for name in step.inputs]
            known[step.output] = self.compute(step, inputs)
            for name in self._done.get(step.output, ()):
                if name not in names:
                    known.pop(name, None)
        return {name: known[name] for name in names}

    def compute(self, step: Step, inputs: Sequence[Tensor]) -> Tensor:
        """Return the result of a step."""
        return OPERATIONS[step.operation](inputs, step.attributes)

    def _needed(self, given: Mapping[str, Tensor], names: Collection[str]) -> set[str]:
        """Return the values that must be computed."""
        needed: set[str] = set()
        open_names = list(names)
        while open_names:
            name = open_names.pop()
            if name in self._makers and name not in given and name not in needed:
                needed.add(name)
                open_names += self._makers[name].inputs
        return needed

    def _value(self, name: str, known: Mapping[str, Tensor]) -> Tensor:
        if name in known:
            return known[name]
        if name in self._places:
            return self._parameters_by_place[self._places[name]]
        return self._constants[name]


def with_weights(model: onnx.ModelProto, weights: Mapping[str, Array]) -> onnx.ModelProto:
    """Return a model with other weights, by name; those of other shapes as well."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    # Shapes in between, which nobody needs, would be wrong.
    del changed.graph.value_info[:]
    for place, tensor in enumerate(changed.graph.initializer):
        if tensor.name in weights:
            array = np.ascontiguousarray(weights[tensor.name], dtype=np.float32)
            changed.graph.initializer[place].CopyFrom(numpy_helper.from_array(array, tensor.name))
    return changed

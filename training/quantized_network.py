# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognition network that computes as its int8 version does, and can be trained.

Values between the operations, and the weights of convolutions, are rounded as `quantization` rounds
them; gradients pass as if they were not (Jacob et al., CVPR 2018). So a network learns to give the
right features in spite of rounding, and of the cheaper function in place of GELU.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import onnx
import torch
from graph_network import GraphNetwork
from graph_steps import GELU, Graph, Step
from quantization import LEVELS, QUICK, Plan, Ranges, plan_of, scale_of
from torch import Tensor


class QuantizedNetwork(GraphNetwork):
    """A network that rounds."""

    def __init__(self, model: onnx.ModelProto | Graph, ranges: Ranges) -> None:
        """Take a network in float.

        Args:
            model: the network, see `GraphNetwork`.
            ranges: of its values, see `eight_bits.ranges_of`.
        """
        super().__init__(model)
        self._plan: Plan = plan_of(self.graph)
        self._scales = {name: scale_of(*ranges[name]) for name in self._plan.values}

    def values(self, given: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
        """See `GraphNetwork.values`; the input is rounded, too."""
        known = {name: self._rounded(name, value) for name, value in given.items()}
        return super().values(known, names)

    def compute(self, step: Step, inputs: Sequence[Tensor]) -> Tensor:
        """See `GraphNetwork.compute`."""
        if step.output in self._plan.convolutions:
            weight = inputs[1].detach()
            scale = (weight.flatten(1).abs().amax(1) / LEVELS).clamp(min=1e-10)
            zero = torch.zeros(len(scale), dtype=torch.int32)
            rounded = torch.fake_quantize_per_channel_affine(
                inputs[1], scale, zero, 0, -LEVELS, LEVELS
            )
            inputs = [inputs[0], rounded, *inputs[2:]]
        if step.operation == GELU and step.output in self._plan.values:
            x = inputs[0]
            share = torch.fake_quantize_per_tensor_affine(
                torch.sigmoid(QUICK * x.float()), 1 / 256, 0, 0, 255
            )
            return self._rounded(step.output, x * share)
        return self._rounded(step.output, super().compute(step, inputs))

    def _rounded(self, name: str, value: Tensor) -> Tensor:
        if name not in self._scales:
            return value
        scale, zero = self._scales[name]
        return torch.fake_quantize_per_tensor_affine(value.float(), float(scale), int(zero), 0, 255)

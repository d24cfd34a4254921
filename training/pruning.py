# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fewer hidden channels in the pairs of 1x1 convolutions that make up a recognition network.

A pair widens the channels, applies GELU, and narrows them again. The narrowing convolution is
linear, so which hidden channels are needed is a question of least squares: one after the other, the
channel goes whose loss changes the output of the pair least when all others make up for it
(Optimal Brain Surgeon: Hassibi and Stork, NeurIPS 1992; for whole channels Frantar and Alistarh,
NeurIPS 2022). Then the second convolution is solved anew, pair after pair, for what the network
pruned so far gives it: it also corrects what the pairs before it have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from graph_network import GraphNetwork
from graph_steps import GELU, Graph, Step
from torch import Tensor

Values = Mapping[str, Tensor]

#: Added to the diagonal of a Gram matrix, as a share of its mean.
_RIDGE = 1e-3


@dataclass(frozen=True)
class Pair:
    """Two convolutions.

    Attributes:
        expand, project: the steps.
        start: the name of the value that the first one reads.
        hidden: the name of the value between them, after GELU.
        result: the name of what the network goes on with: the output of the second one, or its sum
            with what stands beside it.
    """

    expand: Step
    project: Step
    start: str
    hidden: str
    result: str


@dataclass(frozen=True)
class PrunedPair:
    """What became of a pair.

    Attributes:
        channels, kept: hidden channels before and now.
        left: error of its result, mean square, as a share of the variance.
    """

    channels: int
    kept: int
    left: float


def find_pairs(graph: Graph) -> list[Pair]:
    """Return the pairs of a network, in their order."""
    makers, readers = graph.makers(), graph.readers()
    found = []
    for step in graph.steps:
        if step.operation != GELU or len(readers[step.output]) != 1:
            continue
        expand, project = makers.get(step.inputs[0]), readers[step.output][0]
        if expand is None or len(readers[expand.output]) != 1:
            continue
        if not (_is_pointwise(expand, graph) and _is_pointwise(project, graph)):
            continue
        following = readers[project.output]
        is_sum = len(following) == 1 and following[0].operation == "Add"
        result = following[0].output if is_sum else project.output
        found.append(Pair(expand, project, expand.inputs[0], step.output, result))
    return found


def _is_pointwise(step: Step, graph: Graph) -> bool:
    """Say whether a step is a 1x1 convolution with bias, of weights that are its own."""
    if step.operation != "Conv" or len(step.inputs) != 3:
        return False
    return (
        graph.arrays[step.inputs[1]].shape[2:] == (1, 1)
        and step.attributes.get("group", 1) == 1
        and list(step.attributes.get("strides", (1, 1))) == [1, 1]
    )


@torch.no_grad()
def prune(
    network: GraphNetwork,
    teacher: GraphNetwork,
    batches: Sequence[Tensor],
    keep: float,
    on_pair: Callable[[PrunedPair], None] = lambda _: None,
) -> None:
    """Prune the hidden channels of all pairs of a network.

    Args:
        network: starts as the teacher is.
        teacher: the network as it was.
        batches: lines, each of shape (N, 3, 48, W).
        keep: the share of the channels to keep.
        on_pair: called after each pair.
    """
    # What each network has computed of every batch so far.
    own = [{network.graph.input: batch} for batch in batches]
    taught = list(own)
    for pair in find_pairs(network.graph):
        names = list(dict.fromkeys([pair.start, pair.hidden, pair.project.output, pair.result]))
        own = [network.values(each, names) for each in own]
        taught = [teacher.values(each, [pair.result]) for each in taught]
        sums, variance = _sums(pair, own, taught)
        gram, cross = sums.centred()
        channels = len(gram)
        gram += _RIDGE * gram.diagonal().mean() * torch.eye(channels)
        kept = needed_channels(gram, cross, max(1, round(keep * channels)))
        gram, cross = gram[kept][:, kept], cross[kept]
        solved = torch.linalg.solve(gram, cross)
        mean, target_mean = sums.means()
        _keep(network, pair, kept)
        _, weight, bias = pair.project.inputs
        network.set_weight(weight, solved.T.float()[:, :, None, None])
        constant = target_mean - mean[kept] @ solved
        network.set_weight(bias, constant.float().reshape(network.weight(bias).shape))
        starts = [{pair.start: each[pair.start]} for each in own]
        own = [network.values(each, [pair.result]) for each in starts]
        explained = float((2 * cross * solved - solved * (gram @ solved)).sum())
        on_pair(PrunedPair(channels, len(kept), (sums.spread() - explained) / variance))


def needed_channels(gram: Tensor, cross: Tensor, count: int) -> Tensor:
    """Return the channels from which outputs are best predicted linearly, in ascending order.

    Args:
        gram: products of the channels with each other, shape (channels, channels), float64.
        cross: of the channels with the outputs, shape (channels, outputs), float64.
        count: how many.
    """
    inverse = torch.linalg.inv(gram)
    weight = inverse @ cross
    here = torch.ones(len(gram), dtype=torch.bool)
    for _ in range(len(gram) - count):
        loss = weight.square().sum(1) / inverse.diagonal()
        loss[~here] = torch.inf
        gone = int(loss.argmin())
        here[gone] = False
        # The others make up for the channel; then it has no part in the inverse.
        row = inverse[gone] / inverse[gone, gone]
        weight -= torch.outer(row, weight[gone])
        inverse -= torch.outer(row, row) * inverse[gone, gone]
        # What is left of its row and column is rounding, which would grow.
        inverse[gone], inverse[:, gone], weight[gone] = 0, 0, 0
        inverse[gone, gone] = 1
    return here.nonzero().flatten()


def _sums(pair: Pair, own: Sequence[Values], taught: Sequence[Values]) -> tuple[_Sums, float]:
    """Return the sums from which a pair is solved, and the variance of its result, times places.

    The second convolution is to give what the teacher's result is, less what stands beside it.
    """
    channels, outputs = (own[0][name].shape[1] for name in (pair.hidden, pair.result))
    sums, results = _Sums(channels, outputs), _Sums(0, outputs)
    for values, right in zip(own, taught, strict=True):
        wanted = _rows(right[pair.result])
        beside = _rows(values[pair.result] - values[pair.project.output])
        hidden = _rows(values[pair.hidden])
        sums.add(hidden, wanted - beside)
        results.add(hidden[:, :0], wanted)
    return sums, results.spread()


def _keep(network: GraphNetwork, pair: Pair, channels: Tensor) -> None:
    """Leave only some of the hidden channels to a pair, whose second convolution is not solved."""
    _, weight, bias = pair.expand.inputs
    network.set_weight(weight, network.weight(weight)[channels])
    # A bias has its channels in the second place, or has nothing else.
    old = network.weight(bias)
    network.set_weight(bias, old[channels] if old.dim() == 1 else old[:, channels])


def _rows(image: Tensor) -> Tensor:
    """Return the places of an image, shape (N, channels, H, W), as rows in float64."""
    return image.permute(0, 2, 3, 1).flatten(0, 2).double()


class _Sums:
    """Sums over rows of two matrices, from which least squares are solved."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.count = 0
        self._sum = torch.zeros(inputs + outputs, dtype=torch.float64)
        self._products = torch.zeros(inputs, inputs + outputs, dtype=torch.float64)
        self._squares = torch.zeros(outputs, dtype=torch.float64)

    def add(self, inputs: Tensor, outputs: Tensor) -> None:
        both = torch.cat([inputs, outputs], 1)
        self.count += len(both)
        self._sum += both.sum(0)
        self._products += inputs.T @ both
        self._squares += outputs.square().sum(0)

    def means(self) -> tuple[Tensor, Tensor]:
        """Return the means of inputs and outputs."""
        inputs = len(self._products)
        mean = self._sum / self.count
        return mean[:inputs], mean[inputs:]

    def spread(self) -> float:
        """Return the sum of the squares of the outputs about their means."""
        return float((self._squares - self.count * self.means()[1].square()).sum())

    def centred(self) -> tuple[Tensor, Tensor]:
        """Return the products about the means: of inputs with each other, and with outputs."""
        inputs = len(self._products)
        mean = self._sum / self.count
        products = self._products - self.count * torch.outer(mean[:inputs], mean)
        return products[:, :inputs], products[:, inputs:]

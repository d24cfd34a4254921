# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Teach a detector that rounds the map that it gives in float.

The loss is the Kullback-Leibler divergence of the probabilities of pixels, as a share of the pixels
that are text, and the mean square of the differences of the channels that the map is made of: where
the map is clear, they say how far it is from being otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from distillation import SEED, Training
from graph_network import GraphNetwork
from graph_steps import Graph
from page_squares import as_input
from quantized_network import QuantizedNetwork
from torch import Tensor
from torch.nn import functional

from ocrd_rapid.pixels import BgrImage

#: The highest learning rate. At 6e-6, and where products are of bfloat16, the map gets worse than
#: least squares have left it.
RATE = 2e-6
#: Longest side of what is learnt from a square, in pixels.
SIDE = 448
#: Weight of the channels beside the map.
CHANNELS = 0.2
#: At least so many of the pixels count as text.
_TEXT = 0.02
#: Probabilities are at least so far from 0 and 1.
_LEAST = 1e-6
#: Steps between two reports.
_REPORT = 50


def teach(
    network: QuantizedNetwork,
    teacher: GraphNetwork,
    squares: Sequence[BgrImage],
    steps: int,
    minutes: float,
) -> None:
    """Teach a network, a part of a square a step.

    Args:
        network: learns.
        teacher: the same network in float; the map is its output.
        squares: of pages.
        steps: over which the learning rate falls.
        minutes: after which teaching ends anyway.
    """
    names = [teacher.graph.output, _channels(teacher.graph)]
    training, lost = Training(network, steps, half=False, rate=RATE), []
    end = time.monotonic() + 60 * minutes
    while training.step < steps and time.monotonic() < end:
        chance = np.random.default_rng([SEED, training.step])
        given = _drawn(squares, chance).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            wanted = teacher.values({teacher.graph.input: given}, names)
        found = network.values({network.graph.input: given}, names)
        loss = _loss(*(found[name] for name in names), *(wanted[name] for name in names))
        training.descend(loss)
        lost.append(loss.item())
        if training.step % _REPORT == 0:
            print(f"step {training.step} of {steps}: {np.mean(lost):.4f}", flush=True)
            lost = []


def _drawn(squares: Sequence[BgrImage], chance: np.random.Generator) -> Tensor:
    """Return a part of a square, drawn by lot; of two, one as a mirror shows it."""
    square = squares[int(chance.integers(len(squares)))]
    top, left = (int(chance.integers(max(0, side - SIDE) + 1)) for side in square.shape[:2])
    part = square[top : top + SIDE, left : left + SIDE]
    return as_input(part[:, ::-1] if chance.integers(2) else part)


def _channels(graph: Graph) -> str:
    """Return the name of the channels from which two convolutions make the map."""
    makers = graph.makers()
    last = [step for step in graph.steps if step.operation == "DepthToSpace"][-1]
    second = makers[last.inputs[0]]
    first = makers[makers[second.inputs[0]].inputs[0]]
    return first.inputs[0]


def _loss(found: Tensor, channels: Tensor, wanted: Tensor, right: Tensor) -> Tensor:
    """Return what a map and its channels have to lose."""
    found, clear = (each.clamp(_LEAST, 1 - _LEAST) for each in (found, wanted))
    divergence = functional.binary_cross_entropy(found, wanted)
    divergence = divergence - functional.binary_cross_entropy(clear, wanted)
    square = functional.mse_loss(channels, right) / right.var()
    return divergence / wanted.mean().clamp(min=_TEXT) + CHANNELS * square

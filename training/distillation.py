# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Teach a network to give the features of another (Hinton, Vinyals and Dean, 2015).

The loss is the mean square of the differences of the features, and the Kullback-Leibler divergence
of what heads read in them: what matters to a head must be right, and what is left to chance by the
heads that exist is not left to chance. All that is random is drawn from a seed and the number of
the step, so that a training that was interrupted goes on as it would have.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from graph_network import GraphNetwork
from line_shards import KeptLine
from torch import Tensor
from torch.nn import functional

from ocrd_rapid.files import replacing_quickly
from ocrd_rapid.inference.output_layers import arrays_of
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.ocr.recognition.line_input import LINE_HEIGHT, padded_width
from ocrd_rapid.training.trainable_layers import TrainableLayer

SEED = 1
#: Begins with a rise over so many steps, then falls by a cosine. At 1e-3, what pruning has left is
#: destroyed.
LEARNING_RATE, WARM_UP = 2e-4, 100
WEIGHT_DECAY = 1e-2
#: Pixel columns of a batch, about.
BATCH = 6144
#: Heads that read every line which is no wider than for Latin; of all others one at random reads.
ALWAYS = ("latin", "blackletter")


@dataclass(frozen=True)
class Group:
    """Lines that fit into one batch: they are padded to the same width, as readers pad them."""

    lines: tuple[KeptLine, ...]
    width: int
    stretch: float


class Batches:
    """Batches of lines. A line of a rare width is learnt less often: its batches are small."""

    def __init__(self, lines: Sequence[KeptLine]) -> None:
        """Sort the lines by width and stretch."""
        found: dict[tuple[int, float], list[KeptLine]] = defaultdict(list)
        for line in lines:
            found[padded_width(line.width), line.stretch].append(line)
        self._groups = [Group(tuple(each), *key) for key, each in sorted(found.items())]
        counts = np.array([len(group.lines) for group in self._groups])
        self._shares = counts / counts.sum()

    def draw(self, chance: np.random.Generator) -> Group:
        """Return some lines of a group."""
        group = self._groups[int(chance.choice(len(self._groups), p=self._shares))]
        places = chance.choice(len(group.lines), self._size(group), replace=False)
        lines = tuple(group.lines[place] for place in places)
        return Group(lines, group.width, group.stretch)

    def samples(self, count: int, seed: int) -> list[Tensor]:
        """Return some batches as the network takes them, the same ones for the same seed."""
        chance = np.random.default_rng(seed)
        drawn = [self.draw(chance) for _ in range(count)]
        return [as_batch(each.lines, each.width) for each in drawn]

    def _size(self, group: Group) -> int:
        return min(len(group.lines), max(1, BATCH // group.width))


def as_batch(lines: Sequence[KeptLine], width: int) -> Tensor:
    """Return lines as the network takes them, shape (N, 3, 48, width); see `prepare_line`."""
    batch = np.zeros((len(lines), LINE_HEIGHT, width), np.float32)
    for place, line in enumerate(lines):
        batch[place, :, : line.width] = line.image * np.float32(1 / 127.5) - 1
    return torch.from_numpy(batch)[:, None].expand(-1, 3, -1, -1)


def targets(lines: Sequence[KeptLine]) -> Tensor:
    """Return the features that the teacher gives, shape (N, columns, features)."""
    return torch.from_numpy(np.stack([line.features for line in lines])).float()


class HeadLayer:
    """The layer of a head, for torch; it does not learn."""

    def __init__(self, head: Head) -> None:
        """Take the weights."""
        self.name, self.stretch = head.name, head.stretch
        self._layer = TrainableLayer(arrays_of(head.layer), None, "cpu")
        for value in self._layer.values.values():
            value.requires_grad_(False)

    def __call__(self, features: Tensor) -> Tensor:
        """Return logarithms of the probabilities of classes, shape (N, columns, classes)."""
        columns = features.transpose(0, 1)
        present = torch.ones(*columns.shape[:2], 1)
        return self._layer.scores(columns, present).transpose(0, 1).log_softmax(-1)


class Heads:
    """The heads that read what the network has learnt, by the stretch of their lines."""

    def __init__(self, heads: Sequence[Head]) -> None:
        """Take the heads, in any order."""
        self._by_stretch: dict[float, list[HeadLayer]] = defaultdict(list)
        for head in sorted(heads, key=lambda head: head.name):
            self._by_stretch[head.stretch].append(HeadLayer(head))

    def draw(self, stretch: float, chance: np.random.Generator) -> list[HeadLayer]:
        """Return those that read lines of a stretch now: `ALWAYS`, and one of the others."""
        able = self._by_stretch[stretch]
        found = [head for head in able if head.name in ALWAYS]
        others = [head for head in able if head.name not in ALWAYS]
        if others:
            found.append(others[int(chance.integers(len(others)))])
        return found


def loss_of(found: Tensor, wanted: Tensor, heads: Sequence[HeadLayer]) -> tuple[Tensor, Tensor]:
    """Return what features have to lose.

    Returns:
        The mean square of the differences as a share of the variance of the features, and the sum
        over the heads of the divergences of a column.
    """
    square = functional.mse_loss(found, wanted) / wanted.var()
    divergence = torch.zeros(())
    for head in heads:
        with torch.no_grad():
            right = head(wanted)
        read = head(found)
        divergence = divergence + (right.exp() * (right - read)).sum(-1).mean()
    return square, divergence


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Return the learning rate of a step, counted from 0."""
    rise = min(1.0, (step + 1) / WARM_UP)
    return highest * rise * 0.5 * (1 + math.cos(math.pi * step / steps)) + 1e-7


def _optimizer(network: GraphNetwork) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True
    )


@dataclass(frozen=True)
class Losses:
    """What a step lost, see `loss_of`."""

    square: float
    divergence: float


class Training:
    """A training that can be interrupted after every step.

    Attributes:
        network: what learns.
        step: the number of steps done.
        steps: of the whole training, over which the learning rate falls.
    """

    def __init__(
        self, network: GraphNetwork, steps: int, *, half: bool, rate: float | None = None
    ) -> None:
        """Begin.

        Args:
            network: pruned.
            steps: of the whole training, over which the learning rate falls.
            half: multiply in bfloat16, which is faster on processors with AMX; all weights stay
                float32.
            rate: the highest learning rate; by default `LEARNING_RATE`.
        """
        self.network, self.step, self.steps, self._half = network, 0, steps, half
        self._rate = LEARNING_RATE if rate is None else rate
        self._optimizer = _optimizer(network)

    def learn(self, batches: Batches, heads: Heads) -> Losses:
        """Do a step."""
        chance = np.random.default_rng([SEED, self.step])
        group = batches.draw(chance)
        layers = heads.draw(group.stretch, chance)
        batch = as_batch(group.lines, group.width)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._half):
            found = self.network(batch.contiguous(memory_format=torch.channels_last))
        square, divergence = loss_of(found.float(), targets(group.lines), layers)
        for each in self._optimizer.param_groups:
            each["lr"] = learning_rate(self.step, self.steps, self._rate)
        self._optimizer.zero_grad()
        (square + divergence).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self.step += 1
        return Losses(square.item(), divergence.item())

    def save(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write a checkpoint, in place of the one before.

        Args:
            path: its file.
            facts: what else belongs to it, plain values.
        """
        state = {
            "weights": self.network.weights(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "steps": self.steps,
            "facts": dict(facts),
        }
        with replacing_quickly(path) as stream:
            torch.save(state, stream)

    def resume(self, path: Path) -> dict[str, Any]:
        """Go on from a checkpoint; return the facts that belong to it."""
        state = torch.load(path, weights_only=True)
        self.network.set_weights(state["weights"])
        self._optimizer = _optimizer(self.network)
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.steps = state["step"], state["steps"]
        facts: dict[str, Any] = state["facts"]
        return facts

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A head with context that begins as a linear head and learns a correction of it.

The weights of the linear head stay as they are. Beside them is a convolution over some columns,
whose outputs add to the scores: nothing at first. Classes that the linear head lacks have columns
of weights of their own. The correction learns from lines with texts (CTC) and, at the same time,
that other lines are read as before: the probabilities of the linear head are the aim there
(Hinton, Vinyals and Dean, 2015; Li and Hoiem, ECCV 2016).

The result is one `ContextLayer`: its convolution also passes every feature of the middle column on.
A rectifier leaves what is above zero as it is, so each feature has its lowest value subtracted
before that, and the bias of the linear part makes up for it.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    LinearLayer,
    TrainedLayer,
    linear_part,
)
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training.alphabet import class_indices, encode, extend
from ocrd_rapid.training.ctc import error_rate
from ocrd_rapid.training.optimizer import one_thread
from ocrd_rapid.training.samples import Features, TrainingLine, columns_needed
from ocrd_rapid.training.trainable_layers import Shape, TrainableLayer, scale_of

SEED = 1
#: Outputs of the convolution that correct, and the columns that it sees.
SHAPE = Shape(hidden=128, columns=5)
EPOCHS, BATCH, REHEARSED = 8, 24, 10
LEARNING_RATE, DECAY, DROPOUT = 3e-3, 0.01, 0.1
#: Weight of what stays as it is, per column, beside the loss of a character.
KEEP = 6.0
#: What a new class has less than the one that it begins as.
LESS = 4.0
#: Below the lowest value of a feature that was seen.
MARGIN = 1.0
#: Share of the steps in which the learning rate rises.
_WARM_UP = 0.1


@dataclass(frozen=True)
class Encoded:
    """A line: its features, and the classes of its text; none for a line to be read as before."""

    features: Features
    classes: tuple[int, ...] = ()


@one_thread()
def train(
    start: Head,
    letters: Sequence[str],
    lines: Sequence[TrainingLine],
    rehearsal: Sequence[Features],
    choose: Sequence[TrainingLine],
) -> Head:
    """Return a head that reads more letters, and better.

    Args:
        start: a linear head.
        letters: those to be added, as far as it lacks them.
        lines: to learn from; those that have other characters, or are too short, are left out.
        rehearsal: lines that are read as before.
        choose: lines whose error is reported after every epoch.
    """
    known = set(start.characters)
    characters = (*start.characters, *(each for each in letters if each not in known))
    extended = extend(start, characters)
    classes = class_indices(characters)
    taught = []
    for line in lines:
        encoded = encode(line.text, classes)
        if encoded and columns_needed(encoded) <= len(line.features):
            taught.append(Encoded(line.features, tuple(encoded)))
    kept = [Encoded(features) for features in rehearsal]
    correction = Correction(
        linear_part(extended.layer), len(start.characters), [line.features for line in lines]
    )
    chance = random.Random(SEED)
    steps = len(taught) // BATCH
    for epoch in range(EPOCHS):
        batches = [_batches(taught, BATCH, steps, chance), _batches(kept, REHEARSED, steps, chance)]
        sums = np.zeros(2)
        for number, (learnt, held) in enumerate(zip(*batches, strict=True)):
            share = (epoch * steps + number) / (EPOCHS * steps)
            sums += correction.step(learnt, held, rate(share))
        head = replace(extended, layer=correction.layer(), stands_for=start.stands_for)
        misread, changed = sums / steps
        print(
            f"epoch {epoch + 1}: loss {misread:.4f}, change {changed:.5f}, fonts to choose by"
            f" {100 * error_rate(choose, head):.2f} %",
            file=sys.stderr,
            flush=True,
        )
    return head


def _batches(
    lines: Sequence[Encoded], size: int, count: int, chance: random.Random
) -> list[list[Encoded]]:
    """Return batches of lines of about the same length, in any order."""
    wanted = [chance.sample(lines, len(lines)) for _ in range(-(-size * count // len(lines)))]
    chosen = [line for part in wanted for line in part][: size * count]
    chosen.sort(key=lambda line: len(line.features))
    batches = [chosen[i : i + size] for i in range(0, len(chosen), size)]
    chance.shuffle(batches)
    return batches


def rate(share: float) -> float:
    """Return the learning rate at a share of the steps: a straight rise, then half a cosine."""
    if share < _WARM_UP:
        return LEARNING_RATE * (share + 0.01) / (_WARM_UP + 0.01)
    return LEARNING_RATE * (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) / 2


class Correction:
    """A linear layer whose first classes stay as they are, and what is added to its scores."""

    def __init__(self, linear: LinearLayer, old: int, lines: Sequence[Features]) -> None:
        """Begin with no correction.

        Args:
            linear: with all classes.
            old: number of its classes that stay as they are; they come first.
            lines: features that are learnt from.
        """
        torch.manual_seed(SEED)
        self._old = old
        self._weights = torch.from_numpy(np.ascontiguousarray(linear.weights[:, :old]))
        self._bias = torch.from_numpy(linear.bias[:old])
        self._new = torch.from_numpy(np.ascontiguousarray(linear.weights[:, old:]))
        self._new_bias = torch.from_numpy(linear.bias[old:] - np.float32(LESS))
        self._lowest = np.floor((_lowest(lines) - MARGIN) * 8) / 8
        self._added = TrainableLayer.new(SHAPE, len(linear.bias), scale_of(lines), SEED, "cpu")
        with torch.no_grad():
            self._added.values["weights"].zero_()
        trained = [self._new.requires_grad_(), self._new_bias.requires_grad_()]
        trained += self._added.values.values()
        self._optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=DECAY)
        self._chance = torch.Generator().manual_seed(SEED)

    def step(
        self, lines: Sequence[Encoded], held: Sequence[Encoded], rate: float
    ) -> tuple[float, float]:
        """Learn from some lines.

        Args:
            lines: with texts.
            held: without texts, to be read as before.
            rate: the learning rate.

        Returns:
            The mean loss per character, and the mean change per column (divergence of Kullback
            and Leibler, in nats).
        """
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        scores, _ = self._scores(lines)
        texts = [torch.tensor(line.classes) for line in lines]
        misread = torch.nn.functional.ctc_loss(
            scores,
            torch.cat(texts),
            torch.tensor([len(line.features) for line in lines]),
            torch.tensor([len(text) for text in texts]),
            reduction="sum",
            zero_infinity=True,
        ) / sum(map(len, texts))
        misread.backward()
        scores, before = self._scores(held)
        present = torch.cat([torch.arange(len(scores)) < len(line.features) for line in held])
        aim = before.log_softmax(dim=2).transpose(0, 1).flatten(0, 1)[present]
        found = scores[:, :, : self._old].transpose(0, 1).flatten(0, 1)[present]
        changed = (aim.exp() * (aim - found)).sum(dim=1).mean()
        (KEEP * changed).backward()
        self._optimizer.step()
        return misread.item(), changed.item()

    def _scores(self, lines: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logarithms of probabilities, and the scores of the old classes without correction.

        Both of shape (T, N, classes).
        """
        features = torch.nn.utils.rnn.pad_sequence(
            [torch.from_numpy(line.features.astype(np.float32)) for line in lines]
        )
        lengths = torch.tensor([len(line.features) for line in lines])
        present = (torch.arange(len(features))[:, None] < lengths)[:, :, None].float()
        kept = torch.rand((*features.shape[:2], SHAPE.hidden), generator=self._chance).ge(
            DROPOUT
        ) / (1 - DROPOUT)
        with torch.autocast("cpu", torch.bfloat16):
            added = self._added.scores(features, present, kept)
        old = features @ self._weights + self._bias
        new = features @ self._new + self._new_bias
        return (torch.cat([old, new], dim=2) + added.float()).log_softmax(dim=2), old

    def layer(self) -> TrainedLayer:
        """Return the layer as it is now: the linear part and the correction in one."""
        added = self._added.layer()
        assert isinstance(added, ContextLayer)
        (convolution,) = added.hidden
        columns, size, _ = convolution.weights.shape
        passed = np.zeros((columns, size, size), np.float32)
        passed[columns // 2] = np.eye(size, dtype=np.float32)
        # Weights are kept in 16 bits; the bias makes up for the error of those that are large.
        linear = _in_half(torch.cat([self._weights, self._new], dim=1).detach().numpy())
        bias = torch.cat([self._bias, self._new_bias]).detach().numpy()
        return ContextLayer(
            (
                Convolution(
                    np.concatenate([passed, convolution.weights], axis=2),
                    np.concatenate([-self._lowest, convolution.bias]),
                ),
            ),
            LinearLayer(
                np.concatenate([linear, added.output.weights]),
                bias + added.output.bias + self._lowest @ linear,
            ),
        )


def _in_half(weights: FloatArray) -> FloatArray:
    return weights.astype(np.float16).astype(np.float32)


def _lowest(lines: Sequence[Features]) -> FloatArray:
    """Return the lowest value of every feature in lines."""
    return np.asarray(np.min([line.min(axis=0) for line in lines], axis=0), np.float32)

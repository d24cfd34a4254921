# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The optimizer that trains an output layer, with torch.

AdamW (Loshchilov and Hutter, ICLR 2019) minimizes the loss of CTC. Weights of a layer that was
trained before are drawn back towards those that training began with, not towards zero (L2-SP: Li et
al., ICML 2018), those of a new layer towards zero. The learning rate rises and falls once.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EngineError
from ..inference.output_layers import TrainedLayer, arrays_of, classes_of, layer_of
from .samples import Features
from .trainable_layers import Shape, TrainableLayer, is_new_layer, scale_of

if TYPE_CHECKING:
    import torch

#: Steps of the optimizer for a small number of lines.
_STEPS = 400
#: Columns of a letter, about, for lines without any.
_LETTER = 5
#: Learning rates of layers that were trained before, and of new ones.
_RATE, _RATE_OF_NEW = 2e-3, 5e-3
#: Share of the steps in which the learning rate rises.
_WARM_UP = 0.15


@dataclass(frozen=True)
class TrainingOptions:
    """How to train.

    Attributes:
        epochs: number of passes over all lines, at most; 0 chooses by the number of lines.
        batch: lines per step.
        learning_rate: the highest; 0 chooses.
        pull: share of the distance to the start by which a weight is drawn back per step, in
            units of the learning rate.
        shape: that of the layer; ``None`` for that of the layer where training begins. A layer of
            another shape is a new one.
        decay: as ``pull``, for a new layer: the share by which its weights shrink.
        dropout: share of the inputs of the linear part that every step leaves out, so that the
            others learn to do without them (Srivastava et al., JMLR 2014).
        patience: epochs worse than the best one after which training stops; 0 for half of all,
            but 10 at least.
        last: keep the last epoch, whatever the validation lines say: they are for the record then,
            and judge a head that was not chosen by them.
        rehearsal: lines of the rehearsal that are mixed in, as a share of the training lines.
        seed: random seed.
        half: multiply in bfloat16, which is faster on processors with AMX; all weights stay
            float32.
        device: of torch: ``cpu``, ``cuda``, or ``auto`` for a GPU if there is one.
    """

    epochs: int = 0
    batch: int = 16
    learning_rate: float = 0.0
    pull: float = 1.0
    shape: Shape | None = None
    decay: float = 0.01
    dropout: float = 0.0
    patience: int = 0
    last: bool = False
    rehearsal: float = 0.5
    seed: int = 1
    half: bool = False
    device: str = "auto"


@dataclass(frozen=True)
class EncodedLine:
    """A line whose text is encoded.

    Attributes:
        features: shape (T, features), float16.
        classes: the indices of the classes of its text, no more than CTC can fit into T columns.
        weight: see `TrainingLine`.
    """

    features: Features
    classes: list[int]
    weight: float


def require_torch() -> None:
    """Check that training is possible.

    Raises:
        EngineError: torch is not installed.
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise EngineError(
            f"training needs the package torch ({error});"
            " install it with: pip install torch (its CPU build is enough, see docs/training.md)"
        ) from error


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work in one thread.

    The operations are small: more threads wait for each other longer than they work. And sums do
    not depend on the number of cores.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class LayerOptimizer:
    """A training under way: the layer, its optimizer, and the lines.

    Attributes:
        epochs: number of epochs planned.
        epoch: number of epochs run.
    """

    def __init__(
        self,
        start: TrainedLayer,
        lines: Sequence[EncodedLine],
        rehearsal: Sequence[EncodedLine],
        options: TrainingOptions,
    ) -> None:
        """Take the layer where training begins, and at least one line."""
        import torch

        self._options, self._lines, self._rehearsal = options, lines, rehearsal
        self._device = _device(options.device)
        self._mixed = min(len(rehearsal), round(len(lines) * options.rehearsal))
        self._steps = math.ceil((len(lines) + self._mixed) / options.batch)
        self.epochs = options.epochs or min(40, max(10, math.ceil(_STEPS / self._steps)))
        self.epoch = 0
        scale = scale_of([line.features for line in lines])
        if options.shape is not None and is_new_layer(start, options.shape):
            self._layer = TrainableLayer.new(
                options.shape, classes_of(start), scale, options.seed, self._device
            )
            self._targets = [torch.zeros_like(value) for value in self._layer.values.values()]
            self._pull, self._highest = options.decay, options.learning_rate or _RATE_OF_NEW
        else:
            self._layer = TrainableLayer.of(start, scale, self._device)
            self._targets = [value.detach().clone() for value in self._layer.values.values()]
            self._pull, self._highest = options.pull, options.learning_rate or _RATE
        self._kept = start
        self._adam = torch.optim.Adam(self._layer.values.values(), lr=self._highest)

    def run_epoch(self) -> float:
        """Go through all lines once; return the mean loss per character of the training lines."""
        import torch

        # The order depends on nothing but seed and epoch: a resumed training is the same one.
        chance = random.Random(f"{self._options.seed} {self.epoch}")
        chosen = chance.sample(range(len(self._rehearsal)), self._mixed)
        entries = [(line, True) for line in self._lines]
        entries += [(self._rehearsal[i], False) for i in chosen]
        chance.shuffle(entries)
        total = characters = 0.0
        size = self._options.batch
        for step in range(self._steps):
            part = entries[step * size : (step + 1) * size]
            rate = self._rate(self.epoch * self._steps + step)
            for group in self._adam.param_groups:
                group["lr"] = rate
            self._adam.zero_grad()
            losses, weights, lengths = self._losses([line for line, _ in part], step)
            loss = (losses / lengths * weights).sum() / weights.sum()
            loss.backward()
            self._adam.step()
            with torch.no_grad():
                for value, target in zip(self._layer.values.values(), self._targets, strict=True):
                    value.lerp_(target, min(1.0, rate * self._pull))
            own = torch.tensor([is_own for _, is_own in part])
            total += float(losses.detach()[own].sum())
            characters += float(lengths[own].sum())
        self.epoch += 1
        return total / characters

    def _losses(
        self, lines: Sequence[EncodedLine], step: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the loss of every line, their weights, and the numbers of letters they count for.

        Args:
            lines: those of a step.
            step: its number in the epoch.
        """
        import torch

        columns = [len(line.features) for line in lines]
        batch = np.zeros((max(columns), len(lines), lines[0].features.shape[1]), dtype=np.float32)
        present = np.zeros((max(columns), len(lines), 1), dtype=np.float32)
        for i, line in enumerate(lines):
            batch[: columns[i], i] = line.features
            present[: columns[i], i] = 1
        with torch.autocast(
            self._device.partition(":")[0], torch.bfloat16, enabled=self._options.half
        ):
            scores = self._layer.scores(
                torch.from_numpy(batch).to(self._device),
                torch.from_numpy(present).to(self._device),
                self._kept_inputs(max(columns), len(lines), step),
            )
        lengths = torch.tensor([len(line.classes) for line in lines])
        # A line of nothing weighs as much as one that is full of letters.
        weighty = [len(line.classes) or max(1, len(line.features) // _LETTER) for line in lines]
        # On the CPU in any case: on a GPU its gradient depends on the order of additions.
        losses = torch.nn.functional.ctc_loss(
            scores.float().log_softmax(dim=2).cpu(),
            torch.tensor([index for line in lines for index in line.classes]),
            torch.tensor(columns),
            lengths,
            reduction="none",
            zero_infinity=True,
        )
        return losses, torch.tensor([line.weight for line in lines]), torch.tensor(weighty)

    def _kept_inputs(self, columns: int, lines: int, step: int) -> torch.Tensor | None:
        """Return factors of what the linear part reads: 0 for what a step leaves out."""
        import torch

        dropout = self._options.dropout
        if not dropout:
            return None
        chance = np.random.default_rng([self._options.seed, self.epoch, step])
        inputs = len(self._layer.values["weights"])
        kept = chance.random((columns, lines, inputs), dtype=np.float32) >= dropout
        factors = kept.astype(np.float32) / np.float32(1 - dropout)
        return torch.from_numpy(factors).to(self._device)

    def _rate(self, step: int) -> float:
        """Return the learning rate of a step: a straight rise, then half a cosine."""
        steps = self.epochs * self._steps
        rise = max(1, round(steps * _WARM_UP))
        if step < rise:
            share = (step + 1) / rise
        else:
            share = (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise))) / 2
        return self._highest * share

    def layer(self) -> TrainedLayer:
        """Return the layer as it is now."""
        return self._layer.layer()

    def keep(self) -> None:
        """Remember the layer as it is now."""
        self._kept = self.layer()

    def kept(self) -> TrainedLayer:
        """Return the layer remembered last; at first, the one that training began with."""
        return self._kept

    def arrays(self) -> dict[str, Any]:
        """Return the state as plain arrays, for `restore`."""
        found: dict[str, Any] = {f"kept.{n}": array for n, array in arrays_of(self._kept).items()}
        for name, value in self._layer.values.items():
            found[f"value.{name}"] = value.detach().cpu().numpy().copy()
            for key, moment in self._adam.state[value].items():
                found[f"{key}.{name}"] = moment.detach().cpu().numpy().copy()
        return found

    def restore(self, epoch: int, arrays: Mapping[str, Any]) -> None:
        """Go on where another training of the same lines and options was.

        Args:
            epoch: number of epochs it had run.
            arrays: its state, see `arrays`.
        """
        import torch

        def tensor(name: str) -> torch.Tensor:
            return torch.from_numpy(np.array(arrays[name]))

        self.epoch = epoch
        kept = {n.removeprefix("kept."): a for n, a in arrays.items() if n.startswith("kept.")}
        self._kept = layer_of(kept)
        for name, value in self._layer.values.items():
            with torch.no_grad():
                value.copy_(tensor(f"value.{name}"))
            self._adam.state[value] = {
                key: tensor(f"{key}.{name}").to("cpu" if key == "step" else self._device)
                for key in ("step", "exp_avg", "exp_avg_sq")
            }


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"

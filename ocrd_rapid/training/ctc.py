"""Training of an output layer with CTC.

Algorithm: connectionist temporal classification (Graves et al., ICML 2006), minimised by AdamW
(Loshchilov and Hutter, ICLR 2019) over the linear output layer only, with the weights pulled
towards those that training began with instead of zero (L2-SP: Li et al., ICML 2018), a learning
rate that rises and falls once. Of epochs that read the validation lines about equally well the
last one is kept.

The same lines, options and release of torch on the same kind of machine give the same head.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EngineError, InputError
from ..evaluation.normalisation import characters as graphemes
from ..inference.derive import LinearLayer
from ..ocr.recognition.head_files import Head
from ..ocr.recognition.recognizer import decode
from .alphabet import class_numbers, encode, extend, normalise
from .samples import TrainingLine, columns_needed

if TYPE_CHECKING:
    import torch

#: Steps of the optimiser that a small number of lines is trained for.
_STEPS = 400
#: Share of the steps in which the learning rate rises.
_WARM_UP = 0.15


@dataclass(frozen=True)
class TrainingOptions:
    """How to train.

    Attributes:
        epochs: how often all lines are gone through at most; 0 for as often as their number asks.
        batch: lines per step.
        learning_rate: the highest.
        pull: share of the distance to the start by which a weight is drawn back per step, in
            units of the learning rate.
        patience: epochs worse than the best one after which training stops; 0 for half of all,
            but 10 at least.
        rehearsal: lines of the rehearsal that are mixed in, as a share of the training lines.
        seed: of all that is random.
        device: of torch: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
    """

    epochs: int = 0
    batch: int = 16
    learning_rate: float = 2e-3
    pull: float = 1.0
    patience: int = 0
    rehearsal: float = 0.5
    seed: int = 1
    device: str = "auto"


@dataclass(frozen=True)
class Epoch:
    """What an epoch has come to.

    Attributes:
        number: from 1; 0 is the start.
        loss: mean over the training lines, in nats per character; NaN for the start.
        error: share of wrong characters of the validation lines; NaN without any.
        guard: the same of the guard lines, which show what is forgotten.
    """

    number: int
    loss: float
    error: float
    guard: float


@dataclass(frozen=True)
class TrainingState:
    """Where an interrupted training is to go on: plain arrays and numbers, see `train`."""

    epoch: int
    arrays: Mapping[str, Any]
    history: tuple[Epoch, ...]
    best: int


@dataclass(frozen=True)
class TrainingResult:
    """A trained head.

    Attributes:
        head: that of the epoch that was kept.
        history: the start and every epoch.
        best: number of the epoch that was kept; 0 means that all were worse than the start.
    """

    head: Head
    history: tuple[Epoch, ...]
    best: int


OnEpoch = Callable[[Epoch, TrainingState], None]


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


def read_line(line: TrainingLine, head: Head) -> str:
    """Return what a head makes of a line."""
    scores = line.features.astype(np.float32) @ head.layer.weights + head.layer.bias
    return normalise(decode(scores, head.characters).text)


def error_rate(lines: Sequence[TrainingLine], head: Head) -> float:
    """Return the share of characters that a head reads wrong; NaN without any characters."""
    from rapidfuzz.distance import Levenshtein

    wrong = total = 0
    for line in lines:
        truth = graphemes(normalise(line.text))
        wrong += Levenshtein.distance(graphemes(read_line(line, head)), truth)
        total += len(truth)
    return wrong / total if total else math.nan


def train(
    samples: Sequence[TrainingLine],
    start: Head,
    characters: Sequence[str],
    options: TrainingOptions | None = None,
    *,
    base: Head | None = None,
    validation: Sequence[TrainingLine] = (),
    rehearsal: Sequence[TrainingLine] = (),
    guard: Sequence[TrainingLine] = (),
    resume: TrainingState | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train a head.

    Args:
        samples: lines to be learnt.
        start: the head where training begins.
        characters: those of the new head, the blank first, see `alphabet.characters_for`.
        options: how; without, the defaults.
        base: gives weights to characters that ``start`` does not have, see `alphabet.extend`.
        validation: lines by which the best epoch is chosen; without any it is the last one.
        rehearsal: lines that the head is not to forget; every epoch mixes some of them in.
        guard: lines that are read in every epoch, and used for nothing but the record.
        resume: where to go on, from ``on_epoch`` of an earlier call with the same arguments.
        on_epoch: called after every epoch.

    Raises:
        InputError: no line can be trained with.
        EngineError: torch is not installed.
    """
    require_torch()
    with _one_thread():
        return _train(
            samples, start, characters, options or TrainingOptions(),
            base, validation, rehearsal, guard, resume, on_epoch,
        )  # fmt: skip


def _train(
    samples: Sequence[TrainingLine],
    start: Head,
    characters: Sequence[str],
    options: TrainingOptions,
    base: Head | None,
    validation: Sequence[TrainingLine],
    rehearsal: Sequence[TrainingLine],
    guard: Sequence[TrainingLine],
    resume: TrainingState | None,
    on_epoch: OnEpoch | None,
) -> TrainingResult:
    """See `train`."""
    begin = extend(start, characters, base)
    numbers = class_numbers(begin.characters)
    lines = _usable(samples, numbers)
    if not lines:
        raise InputError(
            "no line can be trained with: each has characters that the head lacks, or more"
            " characters than its image has columns"
        )
    course = _Course(begin, lines, _usable(rehearsal, numbers), options, resume)
    first = Epoch(0, math.nan, error_rate(validation, begin), error_rate(guard, begin))
    history = list(resume.history) if resume is not None else [first]
    best = resume.best if resume is not None else 0
    patience = options.patience or max(10, course.epochs // 2)
    length = sum(len(graphemes(normalise(line.text))) for line in validation)
    while course.epoch < course.epochs and not _is_enough(history, patience):
        loss = course.run_epoch()
        head = replace(begin, layer=course.layer())
        epoch = Epoch(course.epoch, loss, error_rate(validation, head), error_rate(guard, head))
        history.append(epoch)
        if _is_good(history, length):
            best = epoch.number
            course.keep()
        if on_epoch is not None:
            on_epoch(epoch, TrainingState(course.epoch, course.arrays(), tuple(history), best))
    return TrainingResult(replace(begin, layer=course.kept()), tuple(history), best)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch work in one thread.

    The operations are small: more threads wait for each other longer than they work. And sums do
    not depend on how many cores there are.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_enough(history: Sequence[Epoch], patience: int) -> bool:
    """Return whether the last epochs were all worse than an earlier one.

    Equally good ones are no reason to stop: what few validation lines do not show may well get
    better.
    """
    if math.isnan(history[-1].error):
        return False
    lowest = min(history, key=lambda epoch: (epoch.error, -epoch.number))
    return history[-1].number - lowest.number >= patience


def _is_good(history: Sequence[Epoch], length: int) -> bool:
    """Return whether the latest epoch is the one to keep.

    Late epochs, at low learning rates, are the best ones for lines that nobody has seen; few
    validation lines show that badly. So the latest one is kept unless it is worse than the best
    by more than chance explains (one standard deviation of that number of errors), or worse than
    the start.

    Args:
        history: the start and all epochs.
        length: characters of the validation lines.
    """
    latest = history[-1]
    if not length:
        return True
    lowest = min(epoch.error for epoch in history[1:])
    return latest.error <= min(lowest + math.sqrt(lowest / length), history[0].error)


@dataclass(frozen=True)
class _Line:
    """A line whose text is encoded."""

    features: Any
    classes: list[int]
    weight: float


def _usable(lines: Sequence[TrainingLine], numbers: Mapping[str, int]) -> list[_Line]:
    found = []
    for line in lines:
        classes = encode(normalise(line.text), numbers)
        if classes and columns_needed(classes) <= len(line.features):
            found.append(_Line(line.features, classes, line.weight))
    return found


class _Course:
    """A training under way: the weights, the optimiser, and what comes next."""

    def __init__(
        self,
        begin: Head,
        lines: Sequence[_Line],
        rehearsal: Sequence[_Line],
        options: TrainingOptions,
        resume: TrainingState | None,
    ) -> None:
        import torch

        self._options, self._lines, self._rehearsal = options, lines, rehearsal
        self._device = _device(options.device)
        self._mixed = min(len(rehearsal), round(len(lines) * options.rehearsal))
        self._steps = math.ceil((len(lines) + self._mixed) / options.batch)
        self.epochs = options.epochs or min(40, max(10, math.ceil(_STEPS / self._steps)))
        self.epoch = 0
        start = {
            "weights": np.array(begin.layer.weights, dtype=np.float32),
            "bias": np.array(begin.layer.bias, dtype=np.float32),
        }
        arrays = dict(start) if resume is None else dict(resume.arrays)
        self._start = [torch.from_numpy(start[name]).to(self._device) for name in start]
        self._values = [
            torch.from_numpy(np.array(arrays[name])).to(self._device).requires_grad_()
            for name in start
        ]
        self._kept = {name: arrays.get(f"kept.{name}", start[name]) for name in start}
        self._optimiser = torch.optim.Adam(self._values, lr=options.learning_rate)
        if resume is not None:
            self.epoch = resume.epoch
            self._restore(arrays)

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
            for group in self._optimiser.param_groups:
                group["lr"] = rate
            self._optimiser.zero_grad()
            losses, weights, lengths = self._losses([line for line, _ in part])
            loss = (losses / lengths * weights).sum() / weights.sum()
            loss.backward()
            self._optimiser.step()
            with torch.no_grad():
                for value, start in zip(self._values, self._start, strict=True):
                    value.lerp_(start, min(1.0, rate * self._options.pull))
            own = torch.tensor([is_own for _, is_own in part])
            total += float(losses.detach()[own].sum())
            characters += float(lengths[own].sum())
        self.epoch += 1
        return total / characters

    def _losses(self, lines: Sequence[_Line]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the loss of every line, their weights, and the lengths of their texts."""
        import torch

        columns = [len(line.features) for line in lines]
        batch = np.zeros((max(columns), len(lines), lines[0].features.shape[1]), dtype=np.float32)
        for i, line in enumerate(lines):
            batch[: columns[i], i] = line.features
        weights, bias = self._values
        scores = torch.from_numpy(batch).to(self._device) @ weights + bias
        lengths = torch.tensor([len(line.classes) for line in lines])
        # On the CPU in any case: on a GPU its gradient depends on the order of additions.
        losses = torch.nn.functional.ctc_loss(
            scores.log_softmax(dim=2).cpu(),
            torch.tensor([number for line in lines for number in line.classes]),
            torch.tensor(columns),
            lengths,
            reduction="none",
            zero_infinity=True,
        )
        return losses, torch.tensor([line.weight for line in lines]), lengths

    def _rate(self, step: int) -> float:
        """Return the learning rate of a step: a straight rise, then half a cosine."""
        steps = self.epochs * self._steps
        rise = max(1, round(steps * _WARM_UP))
        if step < rise:
            share = (step + 1) / rise
        else:
            share = (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise))) / 2
        return self._options.learning_rate * share

    def layer(self) -> LinearLayer:
        """Return the layer as it is now."""
        weights, bias = (value.detach().cpu().numpy().copy() for value in self._values)
        return LinearLayer(weights, bias)

    def keep(self) -> None:
        """Remember the layer as it is now."""
        layer = self.layer()
        self._kept = {"weights": layer.weights, "bias": layer.bias}

    def kept(self) -> LinearLayer:
        """Return the layer that was remembered; before that, the one that training began with."""
        return LinearLayer(self._kept["weights"], self._kept["bias"])

    def arrays(self) -> dict[str, Any]:
        """Return all that `TrainingState` needs."""
        layer = self.layer()
        found: dict[str, Any] = {"weights": layer.weights, "bias": layer.bias}
        found |= {f"kept.{name}": array for name, array in self._kept.items()}
        for name, value in zip(("weights", "bias"), self._values, strict=True):
            for key, moment in self._optimiser.state[value].items():
                found[f"{key}.{name}"] = moment.detach().cpu().numpy().copy()
        return found

    def _restore(self, arrays: Mapping[str, Any]) -> None:
        import torch

        for name, value in zip(("weights", "bias"), self._values, strict=True):
            self._optimiser.state[value] = {
                key: torch.from_numpy(np.array(arrays[f"{key}.{name}"])).to(
                    "cpu" if key == "step" else self._device
                )
                for key in ("step", "exp_avg", "exp_avg_sq")
            }


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"

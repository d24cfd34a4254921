# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Training of an output layer with CTC.

Algorithm: connectionist temporal classification (Graves et al., ICML 2006), minimized over the
linear output layer only (`optimizer`). Of epochs that read the validation lines about equally well
the last one is kept.

The same lines, options and release of torch on the same kind of machine give the same head.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError
from ..evaluation.normalization import characters as graphemes
from ..inference.output_layers import apply_layer
from ..ocr.recognition.ctc_decoding import decode
from ..ocr.recognition.head_files import Head
from .alphabet import class_indices, encode, normalize
from .optimizer import EncodedLine, LayerOptimizer, TrainingOptions, one_thread, require_torch
from .samples import TrainingLine, columns_needed


@dataclass(frozen=True)
class TrainingData:
    """The lines of a training.

    Attributes:
        lines: to be learnt.
        validation: by which the best epoch is chosen; without any it is the last one.
        rehearsal: not to be forgotten; every epoch mixes some of them in.
        guard: read in every epoch, for the record only: they show what is forgotten.
    """

    lines: Sequence[TrainingLine]
    validation: Sequence[TrainingLine] = ()
    rehearsal: Sequence[TrainingLine] = ()
    guard: Sequence[TrainingLine] = ()


@dataclass(frozen=True)
class Epoch:
    """The figures of an epoch.

    Attributes:
        number: from 1; 0 is the start.
        loss: mean over the training lines, in nats per character; NaN for the start.
        error: share of wrong characters of the validation lines; NaN without any, and where they
            were not read after this epoch.
        guard: the same of the guard lines.
    """

    number: int
    loss: float
    error: float
    guard: float


@dataclass(frozen=True)
class TrainingState:
    """The state of an interrupted training, to go on from: plain arrays and numbers, see `train`.

    Attributes:
        epoch: number of epochs run.
        arrays: see `LayerOptimizer.arrays`.
        history: the start and every epoch run.
        best: number of the epoch kept.
    """

    epoch: int
    arrays: Mapping[str, Any]
    history: tuple[Epoch, ...]
    best: int


@dataclass(frozen=True)
class TrainingResult:
    """A trained head.

    Attributes:
        head: that of the epoch kept.
        history: the start and every epoch.
        best: number of the epoch kept; 0 means that all were worse than the start.
    """

    head: Head
    history: tuple[Epoch, ...]
    best: int


OnEpoch = Callable[[Epoch, TrainingState], None]

#: Epochs between two that are judged, and told, where no epoch is chosen by that.
EPOCHS_BETWEEN = 5


def read_line(line: TrainingLine, head: Head) -> str:
    """Return the text that a head reads in a line."""
    scores = apply_layer(head.layer, line.features.astype(np.float32))
    return normalize(decode(scores, head.characters).text)


def error_rate(lines: Sequence[TrainingLine], head: Head) -> float:
    """Return the share of characters that a head reads wrong; NaN without any characters."""
    from rapidfuzz.distance import Levenshtein

    wrong = total = 0
    for line in lines:
        truth = graphemes(normalize(line.text))
        wrong += Levenshtein.distance(graphemes(read_line(line, head)), truth)
        total += len(truth)
    return wrong / total if total else math.nan


def train(
    start: Head,
    data: TrainingData,
    options: TrainingOptions,
    *,
    resume: TrainingState | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train a head.

    Args:
        start: the head where training begins; the new one has its characters, see
            `alphabet.extend`.
        data: the lines.
        options: how to train.
        resume: the state to go on from, given to ``on_epoch`` in an earlier call with the same
            arguments.
        on_epoch: called after every epoch.

    Raises:
        InputError: none of the lines can be used.
        EngineError: torch is not installed.
    """
    require_torch()
    with one_thread():
        return _train(start, data, options, resume, on_epoch)


def _train(
    start: Head,
    data: TrainingData,
    options: TrainingOptions,
    resume: TrainingState | None,
    on_epoch: OnEpoch | None,
) -> TrainingResult:
    """See `train`."""
    classes = class_indices(start.characters)
    lines = _usable(data.lines, classes)
    if not any(line.classes for line in lines):
        raise InputError(
            "no usable lines to train on: each has characters that the head lacks, or more"
            " characters than its image has columns"
        )
    optimizer = LayerOptimizer(start.layer, lines, _usable(data.rehearsal, classes), options)
    history, best = [_epoch(0, math.nan, data, start)], 0
    if resume is not None:
        optimizer.restore(resume.epoch, resume.arrays)
        history, best = list(resume.history), resume.best
    patience = options.patience or max(10, optimizer.epochs // 2)
    length = sum(len(graphemes(normalize(line.text))) for line in data.validation)
    while optimizer.epoch < optimizer.epochs and (
        options.last or not _is_enough(history, patience)
    ):
        loss = optimizer.run_epoch()
        if options.last and optimizer.epoch % EPOCHS_BETWEEN and optimizer.epoch < optimizer.epochs:
            epoch = Epoch(optimizer.epoch, loss, math.nan, math.nan)
        else:
            epoch = _epoch(optimizer.epoch, loss, data, replace(start, layer=optimizer.layer()))
        history.append(epoch)
        if options.last or _is_good(history, length):
            best = epoch.number
            optimizer.keep()
        if on_epoch is not None:
            state = TrainingState(optimizer.epoch, optimizer.arrays(), tuple(history), best)
            on_epoch(epoch, state)
    return TrainingResult(replace(start, layer=optimizer.kept()), tuple(history), best)


def _epoch(number: int, loss: float, data: TrainingData, head: Head) -> Epoch:
    return Epoch(number, loss, error_rate(data.validation, head), error_rate(data.guard, head))


def _is_enough(history: Sequence[Epoch], patience: int) -> bool:
    """Return whether the last epochs were all worse than an earlier one.

    Equally good ones are no reason to stop: a gain that few validation lines do not show is still
    likely.
    """
    if math.isnan(history[-1].error):
        return False
    lowest = min(history, key=lambda epoch: (epoch.error, -epoch.number))
    return history[-1].number - lowest.number >= patience


def _is_good(history: Sequence[Epoch], length: int) -> bool:
    """Return whether the latest epoch is the one to keep.

    Late epochs, at low learning rates, are the best ones for unseen lines; few validation lines
    show that badly. So the latest one is kept unless it is worse than the best
    by more than chance explains (one standard deviation of that number of errors), or worse than
    the start.

    Args:
        history: the start and all epochs.
        length: number of characters of the validation lines.
    """
    latest = history[-1]
    if not length:
        return True
    lowest = min(epoch.error for epoch in history[1:])
    return latest.error <= min(lowest + math.sqrt(lowest / length), history[0].error)


def _usable(lines: Sequence[TrainingLine], classes: Mapping[str, int]) -> list[EncodedLine]:
    """Return the lines that can be learnt, encoded; one without text is learnt as nothing."""
    found = []
    for line in lines:
        encoded = encode(normalize(line.text), classes)
        if encoded is not None and columns_needed(encoded) <= len(line.features):
            found.append(EncodedLine(line.features, encoded, line.weight))
    return found

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A training from beginning to end: from lines to a head and its report."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..inference.derive import own_layer
from ..inference.feature_identity import features_identity
from ..languages.scripts import LATIN
from ..loading.by_name import request_by_name
from ..loading.heads import AUTO, HeadOptions, known_calibrations
from ..loading.installed_heads import SUFFIX, automatic_heads, find_head, head_stems
from ..loading.load import load_recognizer
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.calibration import Calibration
from ..ocr.recognition.head_files import Head, read_head
from ..ocr.recognition.line_model import BASE
from ..version import __version__
from . import ctc, rehearsal, store
from .alphabet import characters_for, characters_of, extend, main_script
from .calibrate import fit_calibration, judge_lines
from .ctc import Epoch, TrainingData, TrainingResult, TrainingState
from .division import Division
from .features import FeatureExtractor
from .line_sources import Notes, wide_enough
from .optimizer import TrainingOptions
from .samples import Sample, TrainingLine
from .trainable_layers import is_new_layer
from .training_report import FinishedTraining, TrainingReport, compare_heads

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-recognize"

#: Number of lines in memory as images at the same time.
_CHUNK = 64

#: Number of lines by which the head to begin with is chosen.
_FIRST = 100
#: A head is no start for lines if it lacks so many of their characters.
_MOST = 0.5

#: What the description of the new head takes over from that of the start.
_INHERITED = ("languages", "script", "font_family", "attribution")


@dataclass(frozen=True)
class Setting:
    """The start of a training.

    Attributes:
        model: the network's file.
        base: its own output layer, as a head.
        starts: the heads where training may begin; the one that reads the lines best is taken.
    """

    model: Path
    base: Head
    starts: tuple[Head, ...]

    def start(self, samples: Sequence[Sample], extractor: FeatureExtractor) -> Head:
        """Return the head that reads lines best, each head as wide as it needs them."""
        texts = [sample.text for sample in samples]
        able = [head for head in self.starts if _can_write(head, texts)] or [self.base]
        if len(able) == 1:
            return able[0]
        errors: dict[str, float] = {}
        for head in able:
            lines = list(_with_features(samples, extractor, head.stretch))
            errors[head.name] = ctc.error_rate(lines, head)
        for name, error in errors.items():
            LOG.info("%s: character error rate %.2f %%", name or "the model", 100 * error)
        return min(able, key=lambda head: errors[head.name])


def _can_write(head: Head, texts: Sequence[str]) -> bool:
    """Return whether a head has most of the characters of texts."""
    known = set(head.characters)
    signs = [sign for text in texts for sign in text]
    return sum(sign in known for sign in signs) > _MOST * len(signs)


@dataclass(frozen=True)
class NewHead:
    """The head that a training makes.

    Attributes:
        name: its name.
        characters: its further characters, which no line need contain.
        header: its description, see `Head`.
        automatic: see `Head`.
        options: how to train it.
    """

    name: str
    characters: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    automatic: bool = False
    options: TrainingOptions = field(default_factory=TrainingOptions)


def prepare(model: str, head: str, threads: int, stretch: float | None = None) -> Setting:
    """Find the network and the head where training begins.

    Args:
        model: name or path of a recognition model, as for ``ocrd-rapid-recognize``.
        head: name or path of a head, ``base`` for the model's own output layer, or ``auto`` for
            the best of this and the heads that are installed for everybody.
        threads: number of threads; 0 for one per available CPU core.
        stretch: how wide lines are drawn, see `Head`; ``None`` as the head needs them.

    Raises:
        ResourceNotFoundError: one of them is not installed.
        ModelError: one of them cannot be used, or they do not belong together.
    """
    # Heads are trained and installed for the ONNX file of a network.
    network = replace(
        request_by_name(RECOGNITION, model, engine="onnxruntime", threads=threads),
        heads=HeadOptions(BASE),
    )
    loaded = load_recognizer(network)
    base = Head("", features_identity(loaded.path), loaded.characters, own_layer(loaded.path))
    if head == BASE:
        starts = [base]
    elif head == AUTO:
        starts = [base, *automatic_heads(loaded.path)]
    else:
        starts = [_named(head, base, loaded.path)]
    if stretch is not None:
        starts = [replace(start, stretch=stretch) for start in starts]
    return Setting(loaded.path, base, tuple(starts))


def _named(name: str, base: Head, model: Path) -> Head:
    path = find_head(name, model)
    head = read_head(path)
    if head.backbone != base.backbone:
        raise ModelError(
            f"head {path} belongs to another network than {model.name}; name that with --model"
        )
    return head


def resource_name(name: str, model: Path) -> str:
    """Return the file name of a head as a resource.

    It begins with the name of the network whose features ``model`` gives: the head fits that, too.
    """
    return f"{head_stems(model)[-1]}_{name}{SUFFIX}"


def compute(
    samples: Iterable[Sample],
    setting: Setting,
    extractor: FeatureExtractor,
    notes: Notes,
    progress: Callable[[int], None] | None = None,
) -> tuple[Head, list[TrainingLine]]:
    """Return the head to begin with, and lines with the features that it reads.

    The head is chosen by the first lines; only few images are in memory at the same time.

    Args:
        samples: the lines.
        setting: see `prepare`.
        extractor: computes the features.
        notes: collects what is skipped.
        progress: called with the number of lines done.
    """
    rest = iter(samples)
    first = list(islice(rest, _FIRST))
    start = setting.start(first, extractor)
    found: list[TrainingLine] = []
    for line in _with_features(
        wide_enough(chain(first, rest), notes, start.stretch), extractor, start.stretch
    ):
        found.append(line)
        if progress is not None:
            progress(len(found))
    return start, found


def _with_features(
    samples: Iterable[Sample], extractor: FeatureExtractor, stretch: float
) -> Iterator[TrainingLine]:
    for chunk in _chunks(iter(samples)):
        features = extractor.extract([sample.image for sample in chunk], stretch=stretch)
        for sample, values in zip(chunk, features, strict=True):
            yield TrainingLine(values, sample.text, sample.document, name=sample.name)


def _chunks(samples: Iterator[Sample]) -> Iterator[list[Sample]]:
    while chunk := list(islice(samples, _CHUNK)):
        yield chunk


def run(
    new: NewHead,
    setting: Setting,
    start: Head,
    division: Division,
    *,
    resume: bool = False,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> FinishedTraining:
    """Train a head and compare it with the head where training began.

    Args:
        new: the head to be trained.
        setting: see `prepare`.
        start: the head where training begins, see `compute`.
        division: the lines.
        resume: go on with this training, if it was interrupted.
        on_epoch: called after every epoch.

    Raises:
        InputError: none of the lines can be used.
        EngineError: torch is not installed.
        ModelError: the file with the features of roman lines is damaged.
    """
    lines = (*division.training, *division.validation)
    texts = [line.text for line in lines]
    known = rehearsal.load(rehearsal.bundled(), setting.base.backbone)
    if start.stretch != 1:
        # Their features are those of lines that are not drawn wider.
        known = rehearsal.Rehearsal()
    new_layer = is_new_layer(start.layer, new.options.shape)
    if new_layer:
        # It can read only what it is shown.
        characters = characters_of([*texts, *(line.text for line in known.lines)], new.characters)
    else:
        characters = characters_for(texts, start, new.characters)
    key = store.key_of(
        start, characters, new.options, division.training, division.validation, known.lines
    )
    path = store.folder_of(new.name) / "state.npz"
    state = store.read_state(path, key) if resume else None
    if resume:
        where = f"after epoch {state.epoch}" if state else "from the start: no state is stored"
        LOG.info("resuming the training %s", where)

    def after_epoch(epoch: Epoch, current: TrainingState) -> None:
        store.write_state(path, key, current)
        if on_epoch is not None:
            on_epoch(epoch)

    before = extend(start, characters, setting.base)
    data = TrainingData(division.training, division.validation, known.lines, known.guard)
    result = ctc.train(before, data, new.options, resume=state, on_epoch=after_epoch)
    report = compare_heads(division.validation or division.training, before, result.head)
    forgotten = math.nan
    if main_script(texts) == LATIN:
        # Words of other scripts need not be read by a head for roman type, nor the other way round.
        forgotten = _guard_of(result) - result.history[0].guard
    described = _header(
        start.name or setting.model.name, new_layer, division, new.options, result, report
    )
    head = replace(
        result.head,
        name=new.name,
        automatic=new.automatic,
        calibration=_calibration(start, setting, division, result.head),
        header={**({} if new_layer else _inherited(start, texts)), **new.header, **described},
    )
    path.unlink(missing_ok=True)
    return FinishedTraining(replace(result, head=head), report, forgotten, division, new_layer)


def _calibration(start: Head, setting: Setting, division: Division, head: Head) -> Calibration:
    """Return the calibration of a head: that of its start, drawn to what held-out lines say."""
    known = known_calibrations(setting.model)
    before = start.calibration or known.get(start.name or BASE, Calibration())
    return fit_calibration(judge_lines(division.validation, head), before)


def _guard_of(result: TrainingResult) -> float:
    return next((epoch.guard for epoch in result.history if epoch.number == result.best), math.nan)


def _inherited(start: Head, texts: Sequence[str]) -> dict[str, Any]:
    """Return what is still true of a head that goes on learning; nothing for another script."""
    if not _can_write(start, texts):
        return {}
    return {key: start.header[key] for key in _INHERITED if key in start.header}


def _header(
    start: str,
    new_layer: bool,
    division: Division,
    options: TrainingOptions,
    result: TrainingResult,
    report: TrainingReport,
) -> dict[str, Any]:
    documents = _documents(division.training)
    training = {
        "start": start,
        "new_layer": new_layer,
        "lines": len(division.training),
        "documents": len(documents),
        "epochs": result.best,
        "options": asdict(options),
        "software": f"ocrd-rapid {__version__}",
    }
    measured = {
        "on": "validation lines" if division.validation else "training lines",
        "lines": len(division.validation or division.training),
        "characters": report.after.length,
        "before": report.before.character_error_rate,
        "after": report.after.character_error_rate,
    }
    return {"training": training, "measured": measured}


def _documents(lines: Sequence[TrainingLine]) -> set[str]:
    return {line.document for line in lines}

"""A training from beginning to end: from lines to a head and what is to be said of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..inference.derive import own_layer
from ..loading.heads import AUTO, automatic_heads, find_head
from ..ocr.recognition.head_files import Head, read_head
from ..ocr.recognition.recognizer import BASE
from ..processors import model_requests
from ..resmgr.integrity import sha256_of
from ..version import __version__
from . import ctc, rehearsal, store
from .alphabet import characters_for, extend
from .ctc import Epoch, TrainingOptions, TrainingResult, TrainingState
from .division import Division
from .features import FeatureExtractor
from .samples import Sample, TrainingLine
from .training_report import TrainingReport, compare_heads

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-recognize"

#: Lines that are in memory as images at the same time.
_CHUNK = 64

#: Of the description of the head where training began, what holds for the new one, too.
_INHERITED = ("languages", "script", "font_family", "attribution")

#: Roman type is forgotten if so many more of its characters are wrong, in points.
_FORGOTTEN = 0.01


@dataclass(frozen=True)
class Setting:
    """What a training begins with.

    Attributes:
        model: the network's file.
        base: its own output layer, as a head.
        starts: the heads where training may begin; which is best the lines decide.
    """

    model: Path
    base: Head
    starts: tuple[Head, ...]

    def start(self, lines: Sequence[TrainingLine]) -> Head:
        """Return the head that reads the lines best."""
        if len(self.starts) == 1:
            return self.starts[0]
        errors = {head.name: ctc.error_rate(lines, head) for head in self.starts}
        for name, error in errors.items():
            LOG.info("%s reads %.2f %% of the characters wrong", name or "the model", 100 * error)
        return min(self.starts, key=lambda head: errors[head.name])


@dataclass(frozen=True)
class Session:
    """A finished training.

    Attributes:
        result: head and course.
        report: the validation lines, or without any the training lines, before and after.
        forgotten: by how much the share of wrong characters of roman lines rose; NaN if that is
            not known.
        division: the lines.
    """

    result: TrainingResult
    report: TrainingReport
    forgotten: float
    division: Division

    @property
    def forgets(self) -> bool:
        """Whether roman type is read clearly worse than before."""
        return self.forgotten > _FORGOTTEN


def prepare(model: str, head: str, threads: int) -> Setting:
    """Find the network and the head where training begins.

    Args:
        model: name or path of a recognition model, as for ``ocrd-rapid-recognize``.
        head: name or path of a head, ``base`` for the model's own output layer, or ``auto`` for
            the best of this and the heads that are installed for everybody.
        threads: see `models.load`.

    Raises:
        ResourceNotFoundError: one of them is not installed.
        ModelError: one of them cannot be used, or they do not belong together.
    """
    parameters = {"model": model, "threads": threads, "engine": "onnxruntime", "device": "CPU"}
    loaded = model_requests.load(EXECUTABLE, parameters, parallel=True)
    characters = model_requests.load_characters(EXECUTABLE, loaded, "")
    base = Head("", sha256_of(loaded.path), characters, own_layer(loaded.path))
    if head == BASE:
        return Setting(loaded.path, base, (base,))
    if head == AUTO:
        return Setting(loaded.path, base, (base, *automatic_heads(loaded.path)))
    path = find_head(head, loaded.path)
    start = read_head(path)
    if start.backbone != base.backbone:
        raise ModelError(
            f"head {path} belongs to another network than {loaded.path.name};"
            " name that with --model"
        )
    return Setting(loaded.path, base, (start,))


def resource_name(name: str, model: Path) -> str:
    """Return the file name of a head as a resource."""
    return f"{model.stem}_{name}.npz"


def compute(
    samples: Iterable[Sample],
    extractor: FeatureExtractor,
    progress: Callable[[int], None] | None = None,
) -> list[TrainingLine]:
    """Return lines with their features; few images are in memory at the same time.

    Args:
        samples: the lines.
        extractor: gives the features.
        progress: called with how many are done.
    """
    found: list[TrainingLine] = []
    for chunk in _chunks(iter(samples)):
        features = extractor.extract([sample.image for sample in chunk])
        for sample, values in zip(chunk, features, strict=True):
            found.append(TrainingLine(values, sample.text, sample.document))
        if progress is not None:
            progress(len(found))
    return found


def _chunks(samples: Iterator[Sample]) -> Iterator[list[Sample]]:
    while chunk := list(islice(samples, _CHUNK)):
        yield chunk


def run(
    name: str,
    setting: Setting,
    division: Division,
    options: TrainingOptions,
    *,
    extra: str = "",
    header: Mapping[str, Any] | None = None,
    automatic: bool = False,
    resume: bool = False,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Session:
    """Train a head and compare it with that where training began.

    Args:
        name: of the new head.
        setting: see `prepare`.
        division: the lines.
        options: how to train.
        extra: characters that the head shall have although no line contains them.
        header: what is to be said of the head, see `Head`.
        automatic: see `Head`.
        resume: go on where this training was interrupted, if it was.
        on_epoch: called after every epoch.

    Raises:
        InputError: no line can be trained with.
        EngineError: torch is not installed.
        ModelError: the file with the features of roman lines is damaged.
    """
    lines = (*division.training, *division.validation)
    start = setting.start(division.training)
    characters = characters_for([line.text for line in lines], start, extra)
    known = rehearsal.load(rehearsal.bundled(), setting.base.backbone)
    key = store.key_of(
        start, characters, options, division.training, division.validation, known.lines
    )
    path = store.folder_of(name) / "state.npz"
    state = store.read_state(path, key) if resume else None
    if resume:
        where = f"after epoch {state.epoch}" if state else "from the beginning: nothing is stored"
        LOG.info("training goes on %s", where)

    def after_epoch(epoch: Epoch, current: TrainingState) -> None:
        store.write_state(path, key, current)
        if on_epoch is not None:
            on_epoch(epoch)

    result = ctc.train(
        division.training,
        start,
        characters,
        options,
        base=setting.base,
        validation=division.validation,
        rehearsal=known.lines,
        guard=known.guard,
        resume=state,
        on_epoch=after_epoch,
    )
    before = extend(start, characters, setting.base)
    report = compare_heads(division.validation or division.training, before, result.head)
    forgotten = _guard_of(result) - result.history[0].guard
    described = _header(start.name or setting.model.name, division, options, result, report)
    head = replace(
        result.head,
        name=name,
        automatic=automatic,
        header={**_inherited(start), **(header or {}), **described},
    )
    path.unlink(missing_ok=True)
    return Session(replace(result, head=head), report, forgotten, division)


def _guard_of(result: TrainingResult) -> float:
    return next((epoch.guard for epoch in result.history if epoch.number == result.best), math.nan)


def _inherited(start: Head) -> dict[str, Any]:
    return {key: start.header[key] for key in _INHERITED if key in start.header}


def _header(
    start: str,
    division: Division,
    options: TrainingOptions,
    result: TrainingResult,
    report: TrainingReport,
) -> dict[str, Any]:
    documents = _documents(division.training)
    training = {
        "start": start,
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

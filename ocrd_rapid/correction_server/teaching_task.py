# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Trains a head on corrected lines, and compares it with the one before: run as a process.

Every line of the book is judged by a head that has not learnt it, see `gain`; no epoch is chosen by
these lines. The head that is written has learnt all lines. Beside it stands what was read in each
line by the head that had not learnt it: the next teaching compares with that, as the head in use
knows the lines by heart.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..evaluation import Comparison, compare_texts
from ..files import read_regular, write_atomically
from ..ocr.recognition.calibration import Calibration
from ..ocr.recognition.head_files import Head, read_head, write_head
from ..plain_data import parse_json
from ..training import features, line_sources, session
from ..training.alphabet import as_printed
from ..training.calibrate import Judged, fit_calibration, judge_lines
from ..training.ctc import EPOCHS_BETWEEN, Epoch, read_line
from ..training.division import Division
from ..training.line_sources import Notes
from ..training.optimizer import TrainingOptions
from ..training.samples import Sample, TrainingLine
from ..training.training_report import FinishedTraining
from ..workspace.workspace import Workspace
from .background_job import run_task
from .gain import CHANCE, PARTS, chance_of_gain, lines_missing, parts_of
from .line_index import known_lines

Tell = Callable[[dict[str, Any]], None]

#: Number of characters that are named as read better or worse.
_NAMED = 12


def teach(task: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Train a head; see ``docs/correct-api.md`` for the result.

    Args:
        task: ``mets``, ``group`` with the corrected lines, pairs of page and ID of those to leave
            out in ``unconfirmed``, ``also`` with the directories of other workspaces and their
            groups, ``head`` to write, ``current`` head or nothing, ``model``, ``name`` of the
            training, number of ``threads``.
        tell: told about lines, parts and epochs.
    """
    notes = Notes()
    threads = int(task["threads"])
    setting = session.prepare(str(task["model"]), "auto", threads)
    extractor = features.FeatureExtractor(setting.model, threads)
    own: set[str] = set()
    start, lines = session.compute(
        _samples(task, own, notes), setting, extractor, notes,
        lambda done: tell({"stage": "lines", "done": done}),
    )  # fmt: skip
    features.tidy()
    judged = [line for line in lines if line.name in own]
    others = [line for line in lines if line.name not in own]
    missing = lines_missing(len(judged), len(others))
    if missing:
        return {"missing": missing, "lines": len(lines)}
    before = _texts_before(task, judged, start)
    trial = _trial(_Teaching(str(task["name"]), setting, start, threads, tell), judged, others)
    new = replace(trial.head, calibration=_calibration(trial.readings, trial.head))
    path = Path(task["head"])
    texts = {line.name: text for line, text in zip(judged, trial.texts, strict=True)}
    write_atomically(_texts_beside(path), json.dumps(texts, ensure_ascii=False).encode("utf-8"))
    write_head(new, path)
    return {
        "lines": len(lines), "judged": len(judged), "epochs": trial.errors,
        "warnings": trial.warnings, **compared(judged, before, trial.texts),
    }  # fmt: skip


def _samples(task: Mapping[str, Any], own: set[str], notes: Notes) -> Iterator[Sample]:
    """Yield the lines to learn; those of the book come first, and their names go to a set."""
    unconfirmed = {line_name(page, line) for page, line in task["unconfirmed"]}
    workspace = Workspace.open(Path(task["mets"]))
    for sample in line_sources.read_group(workspace, str(task["group"]), notes):
        if sample.name not in unconfirmed:
            own.add(sample.name)
            yield sample
    for directory, group in task["also"]:
        other = Workspace.open(directory=Path(directory))
        for sample in line_sources.read_group(other, group, notes):
            yield replace(sample, name=f"{directory}: {sample.name}")


@dataclass(frozen=True)
class _Teaching:
    """What all heads of a teaching have in common."""

    name: str
    setting: session.Setting
    start: Head
    threads: int
    tell: Tell

    def head(
        self, number: int, learnt: Sequence[TrainingLine], held: Sequence[TrainingLine] = ()
    ) -> FinishedTraining:
        """Train a head; lines that are held out do not choose its epoch."""

        def on_epoch(epoch: Epoch) -> None:
            if epoch.number % EPOCHS_BETWEEN:
                return
            said = {"epoch": epoch.number, "error": _number(epoch.error)}
            self.tell({"stage": "epochs", "part": number, "parts": PARTS + 1, **said})

        new = session.NewHead(f"{self.name}-{number}", options=TrainingOptions(last=True))
        division = Division(tuple(learnt), tuple(held), False)
        return session.run(new, self.setting, self.start, division, on_epoch=on_epoch)


@dataclass(frozen=True)
class _Trial:
    """The head that has learnt all lines, and what is known of it by those that have not.

    Attributes:
        head: the head.
        texts: what was read in each line by a head that had not learnt it.
        readings: the same, with probabilities.
        errors: the error rate of such lines at the start and after every few epochs.
        warnings: of the training of the head.
    """

    head: Head
    texts: list[str]
    readings: list[Judged]
    errors: list[float]
    warnings: list[str]


def _trial(
    teaching: _Teaching, judged: Sequence[TrainingLine], others: Sequence[TrainingLine]
) -> _Trial:
    """Train a head for each part of the lines on all others, and one on all lines."""
    texts = [""] * len(judged)
    readings: list[Judged] = []
    curves: list[tuple[int, list[float]]] = []
    parts = parts_of([line.name for line in judged])

    def train(number: int) -> FinishedTraining:
        held = [judged[i] for i in parts[number]]
        rest = [line for i, line in enumerate(judged) if i not in parts[number]]
        return teaching.head(number + 1, [*rest, *others], held)

    # A training works in one thread, and waits for nobody.
    with ThreadPoolExecutor(teaching.threads) as pool:
        trained = list(pool.map(train, range(PARTS)))
    for part, done in zip(parts, trained, strict=True):
        held = [judged[i] for i in part]
        for i in part:
            texts[i] = read_line(judged[i], done.result.head)
        readings += judge_lines(held, done.result.head)
        length = sum(len(line.text) for line in held)
        errors = [epoch.error for epoch in done.result.history if epoch.error == epoch.error]
        curves.append((length, errors))
    whole = teaching.head(PARTS + 1, [*judged, *others])
    return _Trial(whole.result.head, texts, readings, _mean_curve(curves), list(whole.warnings))


def _mean_curve(curves: Sequence[tuple[int, Sequence[float]]]) -> list[float]:
    """Return the mean of curves with weights, as long as the shortest."""
    total = sum(weight for weight, _ in curves)
    steps = zip(*(curve for _, curve in curves), strict=False)
    weights = [weight for weight, _ in curves]
    return [
        sum(w * value for w, value in zip(weights, values, strict=True)) / total for values in steps
    ]


def _calibration(readings: Sequence[Judged], head: Head) -> Calibration:
    """Return what the probabilities of a head are worth, by lines that were not learnt."""
    return fit_calibration(readings, head.calibration or Calibration())


def _texts_beside(head: Path) -> Path:
    """Return the path of what was read in the lines of a head by heads that had not learnt them."""
    return head.with_suffix(".json")


def _texts_before(task: dict[str, Any], lines: Sequence[TrainingLine], start: Head) -> list[str]:
    """Return how lines are read without the new head, by one that has not learnt them.

    That is the head in use; of lines that it has learnt, what the heads before it was judged by
    read there. Without a head in use it is what a machine read, and where nothing is known of that,
    what the head reads at which the training began.
    """
    known = _machine_texts(task)
    if task["current"]:
        path = Path(task["current"])
        current = read_head(path)
        if current.stretch == start.stretch:  # else it needs lines of another width
            known = {line.name: read_line(line, current) for line in lines}
        known |= _learnt_texts(path)
    return [known.get(line.name) or read_line(line, start) for line in lines]


def _learnt_texts(head: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        value = parse_json(read_regular(_texts_beside(head)).decode("utf-8"))
        if isinstance(value, dict):
            return {name: text for name, text in value.items() if isinstance(text, str)}
    return {}


def _machine_texts(task: dict[str, Any]) -> dict[str, str]:
    """Return what a machine read in the corrected lines, by the names of the lines."""
    workspace = Workspace.open(Path(task["mets"]))
    found = {}
    for page, files in workspace.files_by_page(str(task["group"])).items():
        for line in known_lines(page, workspace.read_page(files[0])):
            if line.state:
                found[line_name(page, line.id)] = as_printed(line.read)
    return found


def line_name(page: str, line: str) -> str:
    """Return the name of a line as a sample."""
    return f"{page}, line {line}"


def compared(
    lines: Sequence[TrainingLine], before: Sequence[str], after: Sequence[str]
) -> dict[str, Any]:
    """Return the errors in lines before and after, and whether fewer are more than chance.

    Args:
        lines: lines; at least one.
        before: how they are read without a new head.
        after: how they are read with it, where it has not learnt them.
    """
    old, new = (
        [compare_texts(line.text, text) for line, text in zip(lines, texts, strict=True)]
        for texts in (before, after)
    )
    chance = chance_of_gain([each.edits for each in old], [each.edits for each in new])
    better, worse = _characters(Comparison.total(old), Comparison.total(new))
    return {
        "before": Comparison.total(old).character_error_rate,
        "after": Comparison.total(new).character_error_rate,
        "chance": chance, "isBetter": chance < CHANCE, "better": better, "worse": worse,
    }  # fmt: skip


def _characters(old: Comparison, new: Comparison) -> tuple[list[Any], list[Any]]:
    """Return the characters with fewer and with more errors: each with both numbers."""
    before, after = (_by_character(each) for each in (old, new))
    changes = {sign: after[sign] - before[sign] for sign in {*before, *after}}
    order = sorted(changes, key=lambda sign: (-abs(changes[sign]), sign))
    rows = [(sign, before[sign], after[sign]) for sign in order]
    better = [list(row) for row in rows if row[2] < row[1]]
    worse = [list(row) for row in rows if row[2] > row[1]]
    return better[:_NAMED], worse[:_NAMED]


def _by_character(comparison: Comparison) -> Counter[str]:
    """Return the number of errors by the character of the reference, or the superfluous one."""
    found: Counter[str] = Counter()
    for (reference, text), count in comparison.confusions.items():
        found[reference or text] += count
    return found


def _number(value: float) -> float | None:
    return None if value != value else value


if __name__ == "__main__":
    run_task(teach)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Trains a head on corrected lines, and compares it with the one before: run as a process.

A fifth of the lines is held out (`is_held_out`): no head of this book ever learns them, and the
training does not choose its epoch by them. So they say what is to be expected of other pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..evaluation import Comparison, compare_texts
from ..ocr.recognition.head_files import Head, read_head, write_head
from ..training import features, line_sources, session
from ..training.alphabet import as_printed
from ..training.ctc import Epoch, read_line
from ..training.division import Division
from ..training.line_sources import Notes
from ..training.samples import Sample, TrainingLine
from ..workspace.workspace import Workspace
from .background_job import run_task
from .gain import CHANCE, FEWEST_HELD_OUT, FEWEST_LEARNT, chance_of_gain, is_held_out, lines_missing
from .line_index import known_lines

Tell = Callable[[dict[str, Any]], None]

#: One of so many lines that may be learnt tells which epoch is the best; fewest of these.
_VALIDATION, _FEWEST = 6, 3

#: Number of characters that are named as read better or worse.
_NAMED = 12


def teach(task: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Train a head; see ``docs/correct-api.md`` for the result.

    Args:
        task: ``mets``, ``group`` with the corrected lines, ``also`` with the directories of other
            workspaces and their groups, ``head`` to write, ``current`` head or nothing, ``model``,
            ``name`` of the training, number of ``threads``.
        tell: told about lines and epochs.
    """
    notes = Notes()
    setting = session.prepare(str(task["model"]), "auto", int(task["threads"]))
    extractor = features.FeatureExtractor(setting.model, int(task["threads"]))
    start, lines = session.compute(
        _samples(task, notes), setting, extractor, notes,
        lambda done: tell({"stage": "lines", "done": done}),
    )  # fmt: skip
    features.tidy()
    held = [line for line in lines if is_held_out(line.document, line.name)]
    learnt = [line for line in lines if not is_held_out(line.document, line.name)]
    if len(held) < FEWEST_HELD_OUT or len(learnt) < FEWEST_LEARNT:
        return {"missing": lines_missing(len(learnt), len(held)), "lines": len(lines)}

    def on_epoch(epoch: Epoch) -> None:
        tell({"stage": "epochs", "epoch": epoch.number, "error": _number(epoch.error)})

    done = session.run(
        session.NewHead(str(task["name"])), setting, start, _division(learnt), on_epoch=on_epoch
    )
    new = done.result.head
    before = _texts_before(task, held, start)
    write_head(new, Path(task["head"]))
    return {
        "lines": len(lines), "learnt": len(learnt), "heldOut": len(held),
        "epochs": [_number(epoch.error) for epoch in done.result.history],
        "warnings": done.warnings, **compared(held, before, new),
    }  # fmt: skip


def _samples(task: dict[str, Any], notes: Notes) -> Iterator[Sample]:
    workspace = Workspace.open(Path(task["mets"]))
    yield from line_sources.read_group(workspace, str(task["group"]), notes)
    for directory, group in task["also"]:
        yield from line_sources.read_group(Workspace.open(directory=Path(directory)), group, notes)


def _division(lines: Sequence[TrainingLine]) -> Division:
    """Divide the lines that may be learnt; every few lines, one chooses the epoch."""
    step = min(_VALIDATION, max(2, len(lines) // _FEWEST))
    return Division(
        tuple(line for i, line in enumerate(lines) if i % step),
        tuple(line for i, line in enumerate(lines) if not i % step),
        False,
    )


def _texts_before(task: dict[str, Any], lines: Sequence[TrainingLine], start: Head) -> list[str]:
    """Return how lines are read without the new head: by the head in use, else as they were read.

    Where nothing is known of that, it is what the head reads at which the training began.
    """
    if task["current"]:
        current = read_head(Path(task["current"]))
        if current.stretch == start.stretch:  # else it needs lines of another width
            return [read_line(line, current) for line in lines]
    read = _machine_texts(task)
    return [read.get(line.name) or read_line(line, start) for line in lines]


def _machine_texts(task: dict[str, Any]) -> dict[str, str]:
    """Return what a machine read in the corrected lines, by the names of the lines."""
    workspace = Workspace.open(Path(task["mets"]))
    found = {}
    for page, files in workspace.files_by_page(str(task["group"])).items():
        for line in known_lines(page, workspace.read_page(files[0])):
            if line.state:
                found[f"{page}, line {line.id}"] = as_printed(line.read)
    return found


def compared(lines: Sequence[TrainingLine], before: Sequence[str], after: Head) -> dict[str, Any]:
    """Return the errors in lines before and after, and whether the new head is better.

    Args:
        lines: lines that were not learnt; at least one.
        before: how they are read without the new head.
        after: the new head.
    """
    old = [compare_texts(line.text, text) for line, text in zip(lines, before, strict=True)]
    new = [compare_texts(line.text, read_line(line, after)) for line in lines]
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

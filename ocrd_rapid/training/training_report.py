# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A finished training and its report: errors before and after, by document and by character.

The report comes as text, line by line, for people, and as plain values for JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

from ..evaluation import Comparison, compare_texts
from ..evaluation.comparison import Confusion
from ..ocr.recognition.head_files import Head
from .ctc import Epoch, TrainingResult, read_line
from .curve import sparkline
from .division import Division
from .samples import TrainingLine
from .trainable_layers import Shape, is_new_layer

#: Roman type is forgotten if the share of its wrong characters rose by more than this.
_FORGOTTEN = 0.01

#: Documents of the validation, documents of the table, and characters that a text names.
_VALIDATION, _DOCUMENTS, _CHANGES = 5, 20, 15


@dataclass(frozen=True)
class DocumentReport:
    """The errors of two heads in one document.

    Attributes:
        name: name of the document.
        lines: number of its lines.
        before: errors of the head where training began.
        after: errors of the new one.
    """

    name: str
    lines: int
    before: Comparison
    after: Comparison


@dataclass(frozen=True)
class Change:
    """A confusion that is rarer or more frequent than before.

    Attributes:
        confusion: the character and its reading; one of them may be empty.
        before: number of occurrences with the head where training began.
        after: number of occurrences with the new one.
    """

    confusion: Confusion
    before: int
    after: int


@dataclass(frozen=True)
class TrainingReport:
    """The errors of two heads in the same lines.

    Attributes:
        documents: in the order of their names.
    """

    documents: tuple[DocumentReport, ...]

    @property
    def before(self) -> Comparison:
        """All errors of the head where training began."""
        return Comparison.total(document.before for document in self.documents)

    @property
    def after(self) -> Comparison:
        """All errors of the new head."""
        return Comparison.total(document.after for document in self.documents)

    def changes(self, count: int | None = None) -> list[Change]:
        """Return the confusions that became rarer or more frequent, most changed first."""
        before, after = self.before.confusions, self.after.confusions
        pairs = sorted({*before, *after})
        found = [Change(pair, before.get(pair, 0), after.get(pair, 0)) for pair in pairs]
        changed = [change for change in found if change.before != change.after]
        changed.sort(key=lambda change: -abs(change.after - change.before))
        return changed[:count]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "before": _rates(self.before),
            "after": _rates(self.after),
            "documents": [
                {
                    "name": document.name,
                    "lines": document.lines,
                    "before": _rates(document.before),
                    "after": _rates(document.after),
                }
                for document in self.documents
            ],
            "changes": [
                {
                    "reference": change.confusion[0],
                    "text": change.confusion[1],
                    "before": change.before,
                    "after": change.after,
                }
                for change in self.changes()
            ],
        }


@dataclass(frozen=True)
class FinishedTraining:
    """A finished training.

    Attributes:
        result: head and epochs.
        report: errors before and after, of the validation lines, or without any of the training
            lines.
        forgotten: rise of the share of wrong characters in roman type; NaN if it is unknown, or
            the lines are of another script.
        division: the lines.
        new_layer: whether the layer was a new one.
    """

    result: TrainingResult
    report: TrainingReport
    forgotten: float
    division: Division
    new_layer: bool = False

    @property
    def warnings(self) -> list[str]:
        """What the user should know before using the head."""
        found = []
        if self.division.validation and self.result.best == 0:
            found.append("every epoch reads the validation lines worse: the head is unchanged")
        if self.forgotten > _FORGOTTEN:
            found.append(
                f"the error on roman type rose by {100 * self.forgotten:.1f} percentage points:"
                " use this head for its own typeface only, not with --automatic"
            )
        return found

    def as_text(self) -> str:
        """Return the learning curve and the errors before and after, as lines of text."""
        curve = []
        if self.division.validation:
            errors = sparkline([epoch.error for epoch in self.result.history])
            curve = [f"error per epoch: {errors}"]
        return "\n".join([*curve, "", *_documents(self.report), "", *_changes(self.report)])

    def as_dict(self) -> dict[str, Any]:
        """Return the training as plain values, for JSON; unknown figures are ``None``."""
        return {
            "lines": len(self.division.training),
            "validation_lines": len(self.division.validation),
            "by_document": self.division.by_document,
            "new_layer": self.new_layer,
            "stretch": self.result.head.stretch,
            "best_epoch": self.result.best,
            "epochs": [
                {key: _known(value) for key, value in vars(epoch).items()}
                for epoch in self.result.history
            ],
            "forgotten": _known(self.forgotten),
            **self.report.as_dict(),
        }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def describe_start(start: Head, shape: Shape | None) -> str:
    """Return where training begins, as one line of text.

    Args:
        start: the head where it begins.
        shape: the shape wanted, see `TrainingOptions`.
    """
    text = f"start: {start.name or 'the model'}"
    if shape is not None and is_new_layer(start.layer, shape):
        text = "start: a new linear layer"
        if shape.hidden:
            text = f"start: a new hidden layer of {shape.hidden} over {shape.columns} columns"
    return text if start.stretch == 1 else f"{text}, lines drawn {start.stretch:g} times as wide"


def describe_division(division: Division) -> str:
    """Return the number of lines for training and for validation, as lines of text."""
    documents = {line.document for line in division.training}
    text = f"training: {_count(division.training, 'line')} of {_count(documents, 'document')}\n"
    held_out = _count(division.validation, "line")
    if not division.validation:
        return text + "validation: no lines, so the error on new pages stays unknown"
    if not division.by_document:
        return text + (
            f"validation: {held_out} of the same document, so the error on new pages will be a"
            " little higher"
        )
    names = sorted({line.document for line in division.validation})
    more = ", …" if len(names) > _VALIDATION else ""
    return text + f"validation: {held_out} of {', '.join(names[:_VALIDATION])}{more}"


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def describe_epoch(epoch: Epoch) -> str:
    """Return the figures of an epoch as one line of text; unknown ones are left out."""
    text = f"epoch {epoch.number:3}  loss {epoch.loss:.3f}"
    if not math.isnan(epoch.error):
        text += f"  error {epoch.error:7.2%}"
    if not math.isnan(epoch.guard):
        text += f"  roman type {epoch.guard:7.2%}"
    return text


def _documents(report: TrainingReport) -> list[str]:
    """Return a table of the errors in the documents and in all of them."""
    shown = report.documents[:_DOCUMENTS]
    width = max(10, *(len(document.name) for document in shown))
    rows = [(document.name, document.lines, document.before, document.after) for document in shown]
    total = ("all", sum(each.lines for each in report.documents), report.before, report.after)
    table = [
        f"{name:{width}}  {lines:5}  {_rate(before)}  {_rate(after)}"
        for name, lines, before, after in [*rows, total]
    ]
    if len(report.documents) > _DOCUMENTS:
        table.insert(-1, f"… and {len(report.documents) - _DOCUMENTS} more")
    return [f"{'document':{width}}  lines  before   after", *table]


def _rate(comparison: Comparison) -> str:
    rate = comparison.character_error_rate
    return "      -" if rate is None else f"{rate:7.2%}"


def _changes(report: TrainingReport) -> list[str]:
    """Return a table of the confusions that changed most."""
    changes = report.changes(_CHANGES)
    if not changes:
        return ["No character is read differently than before."]
    table = ["character  read as  before  after"]
    for change in changes:
        truth, text = (repr(part) if part.isspace() else part for part in change.confusion)
        table.append(f"{truth or '∅':9}  {text or '∅':7}  {change.before:6}  {change.after:5}")
    return table


def compare_heads(lines: Sequence[TrainingLine], before: Head, after: Head) -> TrainingReport:
    """Read lines with two heads and compare both readings with the text of the lines."""
    of_document: dict[str, list[TrainingLine]] = {}
    for line in lines:
        of_document.setdefault(line.document, []).append(line)
    return TrainingReport(
        tuple(
            DocumentReport(name, len(group), _errors(group, before), _errors(group, after))
            for name, group in sorted(of_document.items())
        )
    )


def _errors(lines: Sequence[TrainingLine], head: Head) -> Comparison:
    return Comparison.total(compare_texts(line.text, read_line(line, head)) for line in lines)


def _rates(comparison: Comparison) -> Mapping[str, Any]:
    return {
        "characters": comparison.length,
        "edits": comparison.edits,
        "character_error_rate": comparison.character_error_rate,
        "word_error_rate": comparison.word_error_rate,
    }

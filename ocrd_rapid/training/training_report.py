"""What a training has come to: errors before and after, per document and per character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..evaluation import Comparison, compare_texts
from ..evaluation.comparison import Confusion
from ..ocr.recognition.head_files import Head
from .ctc import read_line
from .samples import TrainingLine


@dataclass(frozen=True)
class DocumentReport:
    """How a document is read by two heads.

    Attributes:
        name: of the document.
        lines: how many.
        before: errors of the head where training began.
        after: errors of the new one.
    """

    name: str
    lines: int
    before: Comparison
    after: Comparison


@dataclass(frozen=True)
class Change:
    """A character that is read in another way than before.

    Attributes:
        confusion: what stands there and what is read; one of them may be empty.
        before: how often it was read so.
        after: how often it is now.
    """

    confusion: Confusion
    before: int
    after: int


@dataclass(frozen=True)
class TrainingReport:
    """How two heads read the same lines.

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
        """Return all of it as plain values, for JSON."""
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


def compare_heads(lines: Sequence[TrainingLine], before: Head, after: Head) -> TrainingReport:
    """Read lines with two heads and compare both with what stands there."""
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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What heads are learnt from: the rules for the texts of early prints, and the folds of books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

pytest.importorskip("torch")

import earlyprint
from scanned_heads import Training, folds_of

from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.rehearsal import Rehearsal
from ocrd_rapid.training.samples import TrainingLine


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("les dits seigneurs", "les dits ſeigneurs"),
        ("Se nest pas assez", "Se neſt pas aſſez"),
        ("s il estoit, s. Iehan", "ſ il eſtoit, s. Iehan"),
        ("la belle bellis-", "la belle belliſ-"),
        ("ain \u1de4\u1de4 se bastõ \u1de4\u1de4, ce", "ains ſe baſtõs, ce"),
        ("uous aurez", "uous aurez"),
    ],
)
def test_incunabula_have_a_long_s_where_printers_set_it(text: str, printed: str) -> None:
    assert earlyprint.printed_text({"text": text, "century": "15e"}) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("toutes¬", "toutes-"),
        ("l'Empereur  qu’il", "l’Empereur qu’il"),
        ("aßistant", "aſsistant"),
        ("esté ſi", "esté ſi"),
    ],
)
def test_later_prints_have_the_signs_of_their_transcripts(text: str, printed: str) -> None:
    assert earlyprint.printed_text({"text": text, "century": "17e"}) == printed


def test_a_head_has_no_class_for_slips(head: Head) -> None:
    texts = ["q\u0303 ẽ", "q\u0303l ẽt", "q\u0303 p\u0365 ẽ"]
    found = earlyprint.alphabet(head, texts)
    assert found[:4] == ("", "a", "b", "ä")
    assert {"q\u0303", "ẽ", "ſ", "’"} <= set(found)
    assert "p\u0365" not in found
    assert len(set(found)) == len(found)


def test_a_book_is_in_one_fold() -> None:
    works = [f"w{n}" for n in range(12)] * 3
    folds = folds_of(works)
    assert folds == folds_of(works[::-1])
    assert sorted(list(folds.values()).count(n) for n in range(5)) == [2, 2, 2, 3, 3]


@dataclass
class Lines:
    """Material of lines that are given."""

    clean: list[TrainingLine]
    roman: Rehearsal = field(default_factory=Rehearsal)

    def training_lines(self, without: frozenset[str] = frozenset()) -> list[TrainingLine]:
        """Return what is learnt from."""
        return [line for line in self.clean if line.document not in without]


def test_a_head_reads_what_it_did_not_learn(
    head: Head, line: Callable[..., TrainingLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line("ab", [1, 0, 2, 0], f"w{n % 5}") for n in range(10)]
    learnt: list[frozenset[str]] = []
    options = TrainingOptions(epochs=1, seed=1, device="cpu")
    training = Training(Lines(lines), head, lambda start, _: start.characters, options)  # type: ignore[arg-type]
    run = Training.run

    def recorded(self: Training, without: frozenset[str] = frozenset()) -> Head:
        learnt.append(frozenset(each.document for each in self.material.training_lines(without)))
        return run(self, without)

    monkeypatch.setattr(Training, "run", recorded)
    found = list(training.unseen())
    for (trained, left), works in zip(found, learnt, strict=True):
        assert works == {f"w{n}" for n in range(5)} - {lines[place].document for place in left}
        assert len(works) == 4
        assert np.isfinite(trained.layer.weights).all()
    assert sorted(place for _, left in found for place in left) == list(range(10))

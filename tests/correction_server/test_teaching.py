# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is learnt, by which heads lines are judged, and with what they are compared."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.correction_server import teaching_task
from ocrd_rapid.correction_server.gain import PARTS
from ocrd_rapid.training.ctc import Epoch
from ocrd_rapid.training.samples import TrainingLine


def lines(count: int, book: str = "") -> list[TrainingLine]:
    nothing = np.zeros((4, 2), dtype=np.float16)
    return [
        TrainingLine(nothing, f"line {i}", "P", name=f"{book}P, line l{i}") for i in range(count)
    ]


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replace heads by the names of the lines that they have learnt; return them as they come."""
    made: list[Any] = []

    def run(new: Any, setting: Any, start: Any, division: Any, on_epoch: Any) -> Any:
        assert new.options.last
        learnt = frozenset(line.name for line in division.training)
        made.append(learnt)
        epochs = [Epoch(0, math.nan, 0.5, 0), Epoch(1, 1, math.nan, math.nan), Epoch(5, 1, 0.1, 0)]
        for epoch in epochs:
            on_epoch(epoch)
        return SimpleNamespace(
            result=SimpleNamespace(head=learnt, history=epochs), warnings=["be careful"]
        )

    monkeypatch.setattr(teaching_task.session, "run", run)
    monkeypatch.setattr(
        teaching_task, "read_line", lambda line, head: "known" if line.name in head else "new"
    )
    monkeypatch.setattr(teaching_task, "judge_lines", lambda held, head: [(held, head)])
    return made


@pytest.mark.parametrize("threads", [1, 3])
def test_a_line_is_read_by_a_head_that_has_not_learnt_it(heads: list[Any], threads: int) -> None:
    own, others = lines(23), lines(4, "another book: ")
    told: list[dict[str, Any]] = []
    setting: Any = None
    teaching = teaching_task._Teaching("t", setting, setting, threads, told.append)
    trial = teaching_task._trial(teaching, own, others)
    every = {line.name for line in [*own, *others]}
    assert trial.texts == ["new"] * 23
    assert trial.head == every and len(heads) == PARTS + 1
    assert all({line.name for line in others} < learnt for learnt in heads)
    for held, head in trial.readings:  # type: ignore[misc]
        assert not {line.name for line in held} & head
        assert {line.name for line in held} | head == every
    assert trial.errors == pytest.approx([0.5, 0.1])
    assert trial.warnings == ["be careful"]
    assert {each["part"] for each in told} == set(range(1, PARTS + 2))


def test_what_a_new_head_is_compared_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = lines(4)
    machine = {every[0].name: "machine 0", every[1].name: "", every[3].name: "machine 3"}
    monkeypatch.setattr(teaching_task, "_machine_texts", lambda task: machine)
    monkeypatch.setattr(teaching_task, "read_head", lambda path: SimpleNamespace(stretch=1.0))
    monkeypatch.setattr(
        teaching_task,
        "read_line",
        lambda line, head: f"{'start' if head is start else 'current'} {line.name[-1]}",
    )
    start: Any = SimpleNamespace(stretch=1.0)
    before = teaching_task._texts_before({"current": ""}, every, start)
    assert before == ["machine 0", "start 1", "start 2", "machine 3"]
    head = tmp_path / "head-1.npz"
    head.with_suffix(".json").write_text(json.dumps({every[2].name: "judged 2", "x": 7}))
    before = teaching_task._texts_before({"current": str(head)}, every, start)
    assert before == ["current 0", "current 1", "judged 2", "current 3"]
    head.with_suffix(".json").write_text("{")
    assert teaching_task._texts_before({"current": str(head)}, every, start)[2] == "current 2"

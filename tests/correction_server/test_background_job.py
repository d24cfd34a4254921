# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What processes that teach and read on say, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.correction_server.background_job import BackgroundJob
from ocrd_rapid.errors import OcrdRapidError

TASK = """
from ocrd_rapid.correction_server.background_job import run_task
from ocrd_rapid.errors import InputError

def work(task, tell):
    tell({"stage": "epochs", "epoch": 5, "error": 0.25})
    if task["fails"]:
        raise InputError("no lines")
    return {"lines": 3}

run_task(work)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "small_task.py").write_text(TASK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "small_task"


def test_the_error_rate_of_an_epoch_is_told_and_is_no_failure(module: str, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    job = BackgroundJob(module, {"fails": False}, tmp_path / "log")
    assert job.wait(told.append) == {"lines": 3}
    assert told == [{"stage": "epochs", "epoch": 5, "error": 0.25}]


def test_a_failure_says_why(module: str, tmp_path: Path) -> None:
    job = BackgroundJob(module, {"fails": True}, tmp_path / "log")
    with pytest.raises(OcrdRapidError, match=r"^no lines$"):
        job.wait(lambda _: None)

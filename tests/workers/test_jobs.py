# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Workers, RabbitMQ, the Processing Server and METS servers: jobs, and how they fail."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processing_network import Network, missing, wait_for

from ocrd_rapid.workspace.workspace import Workspace

pytestmark = [
    pytest.mark.workers,
    pytest.mark.models,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

#: Written into the environment of a worker, where Python finds it before all else.
TELLING_OF_FORKS = """
import os
os.register_at_fork(before=lambda: print("a fork", flush=True))
"""


def without_dates(path: Path) -> bytes:
    return re.sub(rb"(<pc:(Created|LastChange)>)[^<]*", rb"\1", path.read_bytes())


def test_two_workers_make_of_single_pages_what_a_command_line_makes_of_all(
    servers: Network, models: Path, book: Callable[[int], Path], run: Any
) -> None:
    mets = book(6)
    for number in (1, 2):
        servers.start_worker(f"worker{number}", "ocrd-rapid-detect")
    pages = [f"P_{number:04}" for number in range(1, 7)]
    groups = ("OCR-D-IMG", "SEG")
    jobs = [servers.send("ocrd-rapid-detect", mets, groups, page_id=page) for page in pages]
    assert set(servers.wait_for_jobs(jobs).values()) == {"SUCCESS"}
    workspace = Workspace.open(mets)
    found = list(workspace.mets.files("SEG"))
    assert sorted(file.page_id for file in found) == pages
    assert run("ocrd-rapid", "workspace", "-d", mets.parent, "validate").code == 0
    # Core records each job, and we do not a second time.
    recorded = [agent.notes["page-id"] for agent in workspace.mets.agents()[1:]]
    assert sorted(recorded) == pages
    assert run("ocrd-rapid-detect", "-m", mets, "-I", "OCR-D-IMG", "-O", "CLI").code == 0
    for file in Workspace.open(mets).mets.files("CLI"):
        by_worker = without_dates(mets.parent / file.path.replace("CLI", "SEG"))
        assert by_worker.replace(b"SEG_P", b"CLI_P") == without_dates(mets.parent / file.path)
    logs = servers.folder / "logs" / "processing_workers"
    # A worker logs this after it has said that the job is done.
    end, done = time.monotonic() + 60, [0]
    while sum(done) < 6 and time.monotonic() < end:
        time.sleep(0.1)
        done = [path.read_text().count("Successfully processed") for path in logs.glob("worker.*")]
    assert sum(done) == 6
    assert min(done) > 0


def test_a_job_that_fails_says_why_and_the_next_one_is_done(
    servers: Network, models: Path, book: Callable[[int], Path]
) -> None:
    mets = book(2)
    (mets.parent / "OCR-D-IMG" / "page1.png").write_bytes(b"no image")
    servers.start_worker("worker", "ocrd-rapid-preprocess")
    steps = {"steps": ["contrast"]}  # core's cache of processors knows no lists
    jobs = [
        servers.send("ocrd-rapid-preprocess", mets, ("OCR-D-IMG", "PRE"), page_id=page,
                     parameters=steps)
        for page in ("P_0001", "P_0002")
    ]  # fmt: skip
    assert list(servers.wait_for_jobs(jobs).values()) == ["FAILED", "SUCCESS"]
    log = (servers.folder / "logs" / "processing_jobs" / f"{jobs[0]}.log").read_text()
    assert "ocrd_rapid.errors.ImageError: " in log
    assert "page1.png" in log
    assert [file.page_id for file in Workspace.open(mets).mets.files("PRE")] == ["P_0002"]


def test_pages_in_parallel_are_threads_and_no_forks_of_loaded_models(
    servers: Network, models: Path, book: Callable[[int], Path], tmp_path: Path
) -> None:
    mets = book(4)
    (tmp_path / "sitecustomize.py").write_text(TELLING_OF_FORKS)
    servers.start_worker(
        "worker", "ocrd-rapid-detect", PYTHONPATH=str(tmp_path), OCRD_MAX_PARALLEL_PAGES="4"
    )
    log = servers.folder / "worker.log"
    told = log.read_text().count("a fork")
    job = servers.send("ocrd-rapid-detect", mets, ("OCR-D-IMG", "SEG"))
    assert servers.wait_for_jobs([job])[job] == "SUCCESS"
    assert len(list(Workspace.open(mets).mets.files("SEG"))) == 4
    assert log.read_text().count("a fork") == told


def test_files_in_other_formats(
    servers: Network, models: Path, book: Callable[[int], Path]
) -> None:
    mets = book(2)
    for name, groups, more in (
        ("ocrd-rapid-detect", ("OCR-D-IMG", "SEG"), {}),
        ("ocrd-rapid-export", ("SEG", "FULLTEXT"), {"parameters": {"formats": ["alto", "txt"]}}),
    ):
        servers.start_worker(f"worker-{name}", name)
        job = servers.send(name, mets, groups, **more)
        assert servers.wait_for_jobs([job])[job] == "SUCCESS"
    made = sorted(path.suffix for path in (mets.parent / "FULLTEXT").iterdir())
    assert made == [".txt", ".txt", ".xml", ".xml"]
    wait_for(lambda: len(list(Workspace.open(mets).mets.files("FULLTEXT"))) == 4, "the METS")

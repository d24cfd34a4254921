# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What ends in the middle of a job: the worker, the METS server, the Processing Server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from processing_network import Network, missing, wait_for

from ocrd_rapid.workspace.workspace import Workspace

pytestmark = [
    pytest.mark.workers,
    pytest.mark.models,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

DETECT = "ocrd-rapid-detect"
PAGES = 24


def begun(servers: Network, mets: Path) -> str:
    """Send a job for a whole book, and return when some of its pages are done."""
    servers.start_worker("worker1", DETECT, OCRD_MAX_PARALLEL_PAGES="1")
    job = servers.send(DETECT, mets, ("OCR-D-IMG", "SEG"))
    wait_for(lambda: pages_made(mets) >= 3, "the first pages")
    assert pages_made(mets) < PAGES
    return job


def pages_made(mets: Path) -> int:
    return len(list((mets.parent / "SEG").glob("*.xml")))


def check_book(mets: Path) -> None:
    """Check that METS and disk have each page once."""
    listed = sorted(file.path for file in Workspace.open(mets).mets.files("SEG"))
    assert listed == [f"SEG/SEG_P_{number:04}.xml" for number in range(1, PAGES + 1)]
    assert sorted(f"SEG/{path.name}" for path in (mets.parent / "SEG").iterdir()) == listed


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_another_worker_goes_on_where_one_was_ended(
    servers: Network, models: Path, book: Callable[[int], Path], sign: signal.Signals
) -> None:
    mets = book(PAGES)
    job = begun(servers, mets)
    status = servers.kill("worker1", sign)
    assert status == (-9 if sign == signal.SIGKILL else 143)
    before = {path: path.stat().st_mtime_ns for path in (mets.parent / "SEG").iterdir()}
    servers.start_worker("worker2", DETECT)
    assert servers.wait_for_jobs([job])[job] == "SUCCESS"
    check_book(mets)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    log = (servers.folder / "logs" / "processing_jobs" / f"{job}.log").read_text()
    assert f"{PAGES} pages, {len(before)} of them already finished" in log


def test_a_job_outlives_its_mets_server(
    servers: Network, models: Path, book: Callable[[int], Path]
) -> None:
    mets = book(PAGES)
    job = begun(servers, mets)
    for process, workspace in servers.mets_servers().items():
        if workspace == str(mets.parent):
            os.kill(process, signal.SIGKILL)
    assert servers.wait_for_jobs([job])[job] == "SUCCESS"
    check_book(mets)


# Over TCP the Processing Server takes the METS server with it: the job would wait for both.
@pytest.mark.parametrize("network", ["socket"], indirect=True)
def test_a_job_that_nobody_heard_of_is_told_again(
    servers: Network, models: Path, book: Callable[[int], Path]
) -> None:
    mets = book(PAGES)
    job = begun(servers, mets)
    servers.kill("processing")
    worker = servers.processes.pop("worker1")
    assert worker.wait(300) == 5
    assert f"{job}: " in (servers.folder / "worker1.log").read_text().splitlines()[-1]
    servers.start_processing_server()
    servers.start_worker("worker2", DETECT)
    assert servers.wait_for_jobs([job])[job] == "SUCCESS"
    check_book(mets)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Job arrays of examples/slurm/ by a real Slurm: tasks that are ended go on where they were."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from documents import shell_code
from halted_books import halt
from slurm_cluster import Cluster
from small_books import check_small_book, page_files

pytestmark = [pytest.mark.models, pytest.mark.examples]

COMMANDS = shell_code("examples/slurm/README.md")
GROUPS = ("OCR-D-SEG", "OCR-D-OCR")
#: Pages of a book.
PAGES = 6

Desk = Callable[[str, int], Path]


def submit(cluster: Cluster, folder: Path, script: str) -> str:
    """Run a script of commands one of which is ``sbatch``; return the number of its job."""
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, check=True,
        env=cluster.environ,
    )  # fmt: skip
    found = re.search(r"Submitted batch job (\d+)", done.stdout)
    assert found, done
    return found[1]


def check_kept(before: Mapping[Path, Mapping[str, int]]) -> None:
    """Check that pages of books were not read a second time."""
    for book, pages in before.items():
        assert pages
        assert pages.items() <= page_files(book, "OCR-D-OCR").items()


def minutes_of(cluster: Cluster, job: str) -> int:
    """Return for how many whole minutes a job has run."""
    hours, minutes, _ = cluster.job(job)["RunTime"].split(":")
    return 60 * int(hours) + int(minutes)


def set_time_limit(cluster: Cluster, job: str, minutes: int) -> None:
    cluster.ask("scontrol", "update", f"JobId={job}", f"TimeLimit={minutes}")


def logs(folder: Path) -> dict[str, str]:
    """Return what the tasks have logged, by the number of the task."""
    files = folder.glob("*-*_*.log")
    return {path.stem.rpartition("_")[2]: path.read_text() for path in files}


def test_killed_and_preempted_tasks_go_on_where_they_were(cluster: Cluster, desk: Desk) -> None:
    folder = desk("slurm", PAGES)
    atlas, bible = folder / "books" / "atlas", folder / "books" / "bible"
    job = submit(cluster, folder, COMMANDS[0])
    killed = halt(atlas, PAGES, "books/atlas/")
    halt(bible, PAGES, "books/bible/")
    kept = {book: page_files(book, "OCR-D-OCR") for book in (atlas, bible)}
    os.kill(killed, signal.SIGKILL)
    cluster.wait(lambda: cluster.job(f"{job}_1").get("Restarts") == "1", "the killed task's return")
    submit(cluster, folder, "sbatch -p urgent --exclusive --wrap true")
    cluster.wait_for_jobs()
    said = logs(folder)
    assert "Killed" in said["1"]
    assert "DUE TO PREEMPTION" in said["2"]
    for task in ("1", "2", "3"):
        assert cluster.job(f"{job}_{task}")["JobState"] == "COMPLETED"
    check_kept(kept)
    for book in (folder / "books").iterdir():
        check_small_book(book, PAGES, *GROUPS)
    reported = subprocess.run(
        ["bash", "-euc", COMMANDS[1]], cwd=folder, capture_output=True, text=True, check=True
    )
    row = rf"^all \(3\) +{3 * PAGES} +{3 * PAGES} +0 +0 "
    assert re.search(row, reported.stdout, re.MULTILINE), reported.stdout


def test_a_task_whose_time_is_up_goes_on_where_it_was(cluster: Cluster, desk: Desk) -> None:
    folder = desk("slurm", PAGES)
    atlas = folder / "books" / "atlas"
    array = "sbatch --signal=TERM@110 --array=1 books.sbatch books.txt"
    job = submit(cluster, folder, f"echo books/atlas > books.txt; {array}")
    halt(atlas, PAGES, "books/atlas")
    kept = {atlas: page_files(atlas, "OCR-D-OCR")}
    set_time_limit(cluster, f"{job}_1", 2 + minutes_of(cluster, f"{job}_1"))
    # Slurm looks twice a minute whose time is nearly up, and wakes whom it sends a signal.
    cluster.wait(lambda: cluster.job(f"{job}_1").get("Restarts") == "1", "the task's return")
    set_time_limit(cluster, f"{job}_1", 240)
    cluster.wait_for_jobs()
    log = logs(folder)["1"]
    assert "terminated; finished pages are kept" in log
    check_kept(kept)
    assert cluster.job(f"{job}_1")["JobState"] == "COMPLETED"
    check_small_book(atlas, PAGES, *GROUPS)


def test_tasks_share_the_pages_of_a_book(cluster: Cluster, desk: Desk) -> None:
    folder = desk("slurm", PAGES)
    atlas = folder / "books" / "atlas"
    job = submit(cluster, folder, COMMANDS[2].replace("0-3", "0-1").replace("atlas 4", "atlas 2"))
    os.kill(halt(atlas, PAGES, "books/atlas", "--page-id", "P_0001"), signal.SIGKILL)
    cluster.wait_for_jobs()
    for task in ("0", "1"):
        assert cluster.job(f"{job}_{task}")["JobState"] == "COMPLETED"
    check_small_book(atlas, PAGES, *GROUPS)
    assert "Killed" in logs(folder)["0"]

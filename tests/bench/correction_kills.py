# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kills the correction server at random moments: nothing that was confirmed is lost.

Usage: PYTHONPATH=tests/support python tests/bench/correction_kills.py [--kills N] [--jobs SCAN …]

Lines are saved all the time. With ``--jobs``, heads are taught and pages read on meanwhile, in a
book that is made of scans with ground truth beside them, see `correction_story`; the first two
pages have lines to learn from.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import correction_story
from correction_client import (
    Client,
    RunningServer,
    Typed,
    check_whole,
    corrected_texts,
    kill_while_typing,
    serving,
)
from read_books import make_read_book

from ocrd_rapid.files import process_lives


def kill_while_typing_only(kills: int) -> None:
    chance, typed, saved = random.Random("kills"), Typed(), 0
    with tempfile.TemporaryDirectory() as folder:
        book = make_read_book(Path(folder) / "book", 6)
        for number in range(kills):
            saved += kill_while_typing(book, chance, typed, longest=1.5)
            print(f"\rkill {number + 1}: {saved} lines confirmed", end="", flush=True)
    print(f"\n{kills} kills, {saved} lines confirmed, none lost")


def children(process: int) -> list[int]:
    """Return the numbers of the processes that a process has started (Linux)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process:
            found.append(int(status.parent.name))
    return found


def kill_in_job(book: Path, kind: str, after: float, typed: Typed) -> None:
    """Begin a job, save a line, and kill the server after some seconds; check the book."""
    server = RunningServer(book, "-I", "OCR")
    client = Client(server.address)
    client.ask("POST", f"jobs/{kind}", {})
    time.sleep(after)
    page = client.ask("GET", "page", page="P_0001")
    line = page["lines"][int(after * 7) % len(page["lines"])]
    text = f"text {after:.3f}"
    body = {"page": "P_0001", "line": line["id"], "text": text, "state": "corrected"}
    client.ask("PUT", "line", {**body, "base": line["base"]})
    typed.confirmed["P_0001", line["id"]] = text
    started = children(server.process.pid)
    server.kill()
    for _ in range(100):
        if not any(map(process_lives, started)):
            break
        time.sleep(0.1)
    assert not any(map(process_lives, started)), "a job outlives its server"
    check_whole(book, typed)


def kill_jobs(scans: Sequence[Path], kills: int) -> None:
    chance = random.Random("jobs")
    with tempfile.TemporaryDirectory() as folder:
        book = correction_story.read_book(Path(folder), scans, {"heads": "base"})
        truths = [correction_story.truth_of(scan) for scan in scans[:2]]
        with serving(book, "-I", "OCR") as client:
            correction_story.correct_lines(client, book, truths, 40)
            client.ask("POST", "jobs/teach", {})
            longest = time.monotonic()
            status = client.job_done()
            longest = time.monotonic() - longest
        assert status["head"], status
        typed = Typed(confirmed=corrected_texts(book))
        for kind in ("teach", "read"):
            for number in range(kills):
                kill_in_job(book, kind, chance.uniform(0.1, longest / 2), typed)
                print(f"\r{kind}: kill {number + 1}", end="", flush=True)
            print()
        with serving(book, "-I", "OCR") as client:
            readings = client.ask("GET", "jobs")["readings"]
            assert all(each["finished"] for each in readings)
            for _ in readings:
                client.ask("POST", "readings/undo", {})
        check_whole(book, typed)
        print(f"{kills} kills each while teaching and reading on, none of the lines lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--jobs", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    if options.jobs:
        kill_jobs(options.jobs, options.kills)
    else:
        kill_while_typing_only(options.kills)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Jobs a minute, memory and losses of workers in OCR-D's network, with real servers.

Small pages are read, a job a page: by command lines, one after the other; by workers; and by
workers of which some are killed on the way, and the METS server. A page may be broken meanwhile, so
that its job fails. What the database calls FAILED is sent again, by core's own command, until all
is done.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from processing_network import ENVIRONMENT, Network, missing, running_network  # noqa: E402
from small_books import image_path, make_small_book, page_id  # noqa: E402

from ocrd_rapid.workspace.workspace import Workspace  # noqa: E402

READ = "ocrd-rapid-recognize"
_BROKEN = b"no image"


def make_book(directory: Path, pages: int) -> None:
    """Make a workspace of small pages with lines."""
    make_small_book(directory, pages)
    command(directory, "ocrd-rapid-detect", "OCR-D-IMG", "SEG")


def command(directory: Path, executable: str, source: str, target: str, *more: str) -> None:
    """Run a processor on the command line."""
    groups = ["-w", directory, "-I", source, "-O", target]
    subprocess.run([ENVIRONMENT / executable, *groups, "-l", "ERROR", *more], check=True)


def memory(process: int) -> int:
    """Return the resident memory of a process in megabytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process and of the children it has waited for."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def command_lines(mets: Path, count: int) -> dict[str, Any]:
    """Read pages by one command line each."""
    began, used = time.perf_counter(), cpu_seconds(os.getpid())
    for number in range(1, count + 1):
        command(mets.parent, READ, "SEG", "CLI", "-g", page_id(number))
    seconds, used = time.perf_counter() - began, cpu_seconds(os.getpid()) - used
    return {
        "what": "command lines",
        "jobs": count,
        "jobs a minute": round(60 * count / seconds, 1),
        "CPU seconds a job": round(used / count, 2),
    }


def done_pages(network: Network, mets: Path) -> int:
    return len(list((mets.parent / "OCR").glob("*.xml")))


def states_in_database(network: Network) -> dict[str, int]:
    """Return the number of jobs by state, as the database has them."""
    code = (
        "import collections, json, pymongo, sys\n"
        "jobs = pymongo.MongoClient(sys.argv[1])['ocrd']['DBProcessorJob'].find({}, {'state': 1})\n"
        "print(json.dumps(collections.Counter(job['state'] for job in jobs)))"
    )
    done = subprocess.run(
        [ENVIRONMENT / "python", "-c", code, network.database],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, int] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def broken_page(mets: Path, number: int) -> Iterator[None]:
    """Have the image of a page broken; no page is 0."""
    if not number:
        yield
        return
    path = mets.parent / image_path(number)
    content = path.read_bytes()
    if content == _BROKEN:
        sys.exit(f"{path} is broken since a run that was killed: remove the book")
    path.write_bytes(_BROKEN)
    try:
        yield
    finally:
        path.write_bytes(content)


def programs(network: Network) -> dict[str, int]:
    """Return the process IDs of all programs of a network."""
    servers = {f"METS server {p}": p for p in network.mets_servers()}
    return {name: process.pid for name, process in network.processes.items()} | servers


def workers(network: Network, mets: Path, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Read all pages by workers; kill some of them, and the METS server."""
    total = options.jobs
    wanted = total - bool(options.broken)
    running = {
        f"worker{n}": network.start_worker(f"worker{n}", READ) for n in range(options.workers)
    }
    kills = [total * (k + 1) // (options.kills + 2) for k in range(options.kills)]
    mets_kills = [total * (options.kills + 1) // (options.kills + 2)] if options.kill_mets else []
    broken = contextlib.ExitStack()
    broken.enter_context(broken_page(mets, options.broken))
    began = time.perf_counter()
    jobs = [network.send(READ, mets, ("SEG", "OCR"), page_id=page_id(n + 1)) for n in range(total)]
    sent = time.perf_counter() - began
    marks = {min(50, total - 1): "memory after 50 jobs"}
    started, last = None, (0, time.perf_counter())
    report: dict[str, Any] = {"what": "workers", "workers": options.workers, "jobs": total}
    while True:
        now = done_pages(network, mets)
        if started is None and now:
            started = (now, time.perf_counter())
            used = {name: cpu_seconds(p) for name, p in programs(network).items()}
        if now != last[0]:
            last = (now, time.perf_counter())
        for mark in [m for m in marks if now >= m]:
            report[marks.pop(mark)] = [memory(p) for p in running.values()]
        if kills and now >= kills[0]:
            kills.pop(0)
            name = list(running)[-1]  # the first one lives on: its memory is of interest
            network.kill(name, signal.SIGKILL)
            del running[name]
            again = f"worker{options.workers + options.kills - len(kills)}"
            running[again] = network.start_worker(again, READ)
            yield {"what": f"killed {name} and started {again}", "pages": now}
        if mets_kills and now >= mets_kills[0]:
            mets_kills.pop()
            for process in network.mets_servers():
                os.kill(process, signal.SIGKILL)
            yield {"what": "killed the METS server", "pages": now}
        if now >= wanted or time.perf_counter() - last[1] > options.patience:
            break
        time.sleep(0.2)
    assert started is not None
    report["jobs a minute"] = round(60 * (last[0] - started[0]) / (last[1] - started[1]), 1)
    report["CPU seconds a job"] = {
        name: round((cpu_seconds(p) - used[name]) / (last[0] - started[0]), 2)
        for name, p in programs(network).items()
        if name in used
    }
    report["seconds to send"] = round(sent, 1)
    report["memory at the end"] = [memory(p) for p in running.values()]
    states = network.wait_for_jobs(jobs, options.patience)
    broken.close()
    report["states in the database"] = states_in_database(network)
    report["states"] = dict(collections.Counter(states.values()))
    report |= result(network, mets)
    yield report
    rounds = 0
    while failed := [job for job in jobs if states[job] != "SUCCESS"]:
        rounds += 1
        numbers = [jobs.index(job) for job in failed]
        for number in numbers:
            send = ["network", "client", "processing", "run", READ, "-m", mets, "-I", "SEG",
                    "-O", "OCR", "-g", page_id(number + 1)]  # fmt: skip
            out = subprocess.run(
                [ENVIRONMENT / "ocrd", *send], env=network.environ, check=True, capture_output=True,
                text=True,
            ).stdout  # fmt: skip
            jobs[number] = out.split()[-1]
        states |= network.wait_for_jobs([jobs[n] for n in numbers])
        again = {"what": "sent again", "round": rounds, "jobs": len(failed)}
        database = {"states in the database": states_in_database(network)}
        yield again | database | result(network, mets)


def result(network: Network, mets: Path) -> dict[str, Any]:
    """Count the pages in METS and on disk."""
    workspace = Workspace.open(mets)
    listed = [file.page_id for file in workspace.mets.files("OCR")]
    on_disk = {path.stem for path in (mets.parent / "OCR").glob("*.xml")}
    entered = {file.id for file in workspace.mets.files("OCR")}
    return {
        "pages in METS": len(set(listed)),
        "twice in METS": len(listed) - len(set(listed)),
        "on disk only": len(on_disk - entered),
        "in METS only": len(entered - on_disk),
        "METS servers": len(network.mets_servers()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--book", type=Path, help="folder for the book; used again if it is there")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, help="workers to kill on the way")
    parser.add_argument("--broken", type=int, default=0, help="page that is broken at first")
    parser.add_argument("--kill-mets", action="store_true", help="kill the METS server on the way")
    parser.add_argument("--tcp", action="store_true", help="METS server over TCP")
    parser.add_argument("--command-lines", type=int, default=0, help="jobs by command lines before")
    parser.add_argument("--patience", type=float, default=300, help="seconds without a new page")
    parser.add_argument("--keep", type=Path, help="folder for the logs")
    options = parser.parse_args()
    if reason := missing():
        sys.exit(reason)
    folder = Path(tempfile.mkdtemp(prefix="book"))
    try:
        directory = options.book or folder / "book"
        mets = directory / "mets.xml"
        if not mets.exists():
            make_book(directory, options.jobs)
        if options.command_lines:
            print(json.dumps(command_lines(mets, options.command_lines)), flush=True)
        with running_network(tcp_mets=options.tcp) as network, contextlib.ExitStack() as stack:
            if options.keep:
                stack.callback(
                    shutil.copytree, network.folder, options.keep, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("sockets", "rabbitmq", "database"),
                )  # fmt: skip
            for line in workers(network, mets, options):
                print(json.dumps(line), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What OCR-D core's METS server can take, and what it costs to share a book through it.

Usage: python tests/bench/mets_server.py clients [--pages 100,1000] [--clients 1,10,100,1000]
       python tests/bench/mets_server.py book [--pages 12] [--small] [--processes 1,2]

``clients`` measures the server alone: clients that do nothing else enter a file after the other, as
our runtime does (one request looks the file up, one adds it), until the time is over. Its CPU time
for a file says how many it could take on a core of its own, whatever else the machine does.

``book`` reads a book by ``ocrd-rapid process``, in as many processes as are asked for, each with a
part of the pages and one thread, with the METS server, and without it, by the lock on the METS.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from listening import free_port  # noqa: E402
from small_books import SAMPLE, image_path, make_small_book, page_id  # noqa: E402

from ocrd_rapid.errors import MetsError  # noqa: E402
from ocrd_rapid.workspace.contents import MetsFile  # noqa: E402
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE  # noqa: E402
from ocrd_rapid.workspace.mets_server import MetsServer  # noqa: E402
from ocrd_rapid.workspace.workspace import Workspace  # noqa: E402

CORE = ROOT / ".venv-network" / "bin" / "ocrd"

#: What is done with each page of a book.
TASKS = (
    "rapid-detect -I OCR-D-IMG -O OCR-D-SEG -P threads 1",
    "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR -P threads 1 -P textequiv_level word",
    "rapid-export -I OCR-D-OCR -O FULLTEXT",
)


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


@contextlib.contextmanager
def serving(directory: Path, *, caching: bool) -> Iterator[tuple[str, int]]:
    """Run core's METS server; yield its address and process ID when it answers."""
    url = f"http://127.0.0.1:{free_port()}"
    environ = {**os.environ, "OCRD_METS_CACHING": str(caching).lower()}
    command = [CORE, "workspace", "-d", directory, "-U", url, "server", "start"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environ, stdout=quiet, stderr=quiet)
    try:
        while True:
            try:
                MetsServer.connect(url, directory, directory / "mets.xml").close()
                break
            except MetsError:
                assert process.poll() is None, "the METS server ended"
                time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(60)


def entering(url: str, directory: Path, name: str, end: float, took: list[float]) -> None:
    """Enter files until the time is over; note how long each took."""
    mets = MetsServer.connect(url, directory, directory / "mets.xml", timeout=600)
    number = 0
    while time.perf_counter() < end:
        number += 1
        began = time.perf_counter()
        identifier = f"{name}_{number}"
        path = f"OCR/{identifier}.xml"
        mets.add_file(MetsFile(identifier, "OCR", page_id(1), MIMETYPE_PAGE, path))
        took.append(time.perf_counter() - began)
    mets.close()


def clients(pages: int, number: int, seconds: float, *, caching: bool) -> dict[str, Any]:
    """Measure the server with a METS of so many pages in four groups, and so many clients."""
    folder = Path(tempfile.mkdtemp(prefix="mets"))
    try:
        make_entries(folder / "book", pages)
        with serving(folder / "book", caching=caching) as (url, process):
            took: list[float] = []
            used, began = cpu_seconds(process), time.perf_counter()
            threads = [
                threading.Thread(
                    target=entering,
                    args=(url, folder / "book", f"C{n}", began + seconds, took),
                )
                for n in range(number)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            elapsed, used = time.perf_counter() - began, cpu_seconds(process) - used
            mets = MetsServer.connect(url, folder / "book", folder / "book" / "mets.xml")
            listed = sum(1 for _ in mets.files("OCR"))
            saving, saved = cpu_seconds(process), time.perf_counter()
            mets.save()
            saved, saving = time.perf_counter() - saved, cpu_seconds(process) - saving
            return {
                "pages": pages, "clients": number, "caching": caching, "files": len(took),
                "lost": len(took) - listed,
                "files a second": round(len(took) / elapsed, 1),
                "server's share of a core": round(used / elapsed, 2),
                "CPU ms a file": round(1000 * used / len(took), 2),
                "ms a file, median": round(1000 * statistics.median(took), 1),
                "ms a file, longest": round(1000 * max(took), 1),
                "save s": round(saved, 3), "save CPU s": round(saving, 3),
                "MB": megabytes(process),
            }  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_entries(directory: Path, pages: int) -> None:
    """Make a METS of so many pages with files in four groups, none of which is there."""
    workspace = Workspace.create(directory=directory)
    for group in ("OCR-D-IMG", "OCR-D-SEG", "OCR-D-OCR", "FULLTEXT"):
        for number in range(1, pages + 1):
            path = f"{group}/{number}.xml"
            workspace.mets.add_file(
                MetsFile(f"{group}_{number}", group, page_id(number), MIMETYPE_PAGE, path)
            )
    workspace.save()


def make_book(directory: Path, pages: int, *, small: bool) -> None:
    """Make a book of small pages, or of whole ones (A4, 200 dpi, 34 lines)."""
    make_small_book(directory, pages)
    if not small:
        for number in range(1, pages + 1):
            shutil.copyfile(SAMPLE, directory / image_path(number))


def parts(pages: int, number: int) -> Sequence[str]:
    """Return the ranges of pages of so many processes."""
    edges = [1 + pages * part // number for part in range(number + 1)]
    return [f"{page_id(a)}..{page_id(b - 1)}" for a, b in itertools.pairwise(edges)]


def book(pages: int, processes: int, *, served: bool, small: bool) -> dict[str, Any]:
    """Read a book by so many processes; return how long it took, and whose time it was."""
    folder = Path(tempfile.mkdtemp(prefix="book"))
    try:
        directory = folder / "book"
        make_book(directory, pages, small=small)
        with contextlib.ExitStack() as stack:
            options: list[str] = []
            server = 0
            if served:
                url, server = stack.enter_context(serving(directory, caching=False))
                options = ["--mets-server-url", url]
            environ = {**os.environ, "OCRD_MAX_PARALLEL_PAGES": "1", "OMP_NUM_THREADS": "1"}
            used = sum(os.times()[2:4])
            by_server = cpu_seconds(server) if server else 0.0
            began = time.perf_counter()
            running = [
                subprocess.Popen(
                    [Path(sys.executable).with_name("ocrd-rapid"), "process", "-w", directory,
                     "--resume", "-g", part, *options, *TASKS],
                    env=environ, stderr=subprocess.DEVNULL,
                )
                for part in parts(pages, processes)
            ]  # fmt: skip
            codes = [process.wait() for process in running]
            elapsed = time.perf_counter() - began
            used = sum(os.times()[2:4]) - used
            by_server = cpu_seconds(server) - by_server if server else 0.0
        done = [file.page_id for file in Workspace.open(directory=directory).mets.files("FULLTEXT")]
        assert codes == [0] * processes
        assert sorted(done) == [page_id(number) for number in range(1, pages + 1)]
        return {
            "pages": pages, "small": small, "processes": processes,
            "METS server": served, "pages a minute": round(60 * pages / elapsed, 1),
            "CPU s a page": round(used / pages, 3),
            "CPU ms a page, METS server": round(1000 * by_server / pages, 1),
            "load": os.getloadavg()[0],
        }  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("clients", "book"))
    parser.add_argument("--pages", type=numbers, default=[])
    parser.add_argument("--clients", type=numbers, default=[1, 10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--caching", action="store_true", help="with core's cache of the METS")
    parser.add_argument("--processes", type=numbers, default=[1, 2])
    parser.add_argument("--small", action="store_true", help="pages of five lines")
    options = parser.parse_args()
    if not CORE.exists():
        sys.exit("OCR-D core is not in .venv-network: run `make network`")
    if options.what == "clients":
        for pages in options.pages or [100, 1000, 10000]:
            for number in options.clients:
                found = clients(pages, number, options.seconds, caching=options.caching)
                print(json.dumps(found), flush=True)
        return
    for pages in options.pages or [12]:
        for processes in options.processes:
            for served in (False, True):
                found = book(pages, processes, served=served, small=options.small)
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

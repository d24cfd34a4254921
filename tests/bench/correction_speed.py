# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How fast the correction server is with a large book, and how much memory it takes.

Usage: PYTHONPATH=tests/support python tests/bench/correction_speed.py PAGE_XML IMAGE [PAGES]

A book of so many pages (1000) is made of one page that was read, each with an image of its own.
Times are those of requests as a browser makes them; the memory is that of the server, resident.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from correction_client import Client, RunningServer

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace


def make_book(directory: Path, page: Path, image: Path, pages: int) -> None:
    """Make a workspace of copies of a page; the files of the image are one."""
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for number in range(1, pages + 1):
        name = f"{number:04}"
        at = f"IMG/{name}{image.suffix}"
        (directory / at).symlink_to(image.resolve())
        document = PageDocument.read(page)
        document.set_image_filename(at)
        document.pcgts_id = f"OCR_{name}"
        workspace.path_to_write(f"OCR/OCR_{name}.xml").write_bytes(document.to_bytes())
        entries = (("IMG", "image/jpeg", at), ("OCR", MIMETYPE_PAGE, f"OCR/OCR_{name}.xml"))
        for group, kind, path in entries:
            workspace.mets.add_file(MetsFile(f"{group}_{name}", group, f"P_{name}", kind, path))
    workspace.save()


def memory(process: int) -> int:
    """Return the resident memory of a process in MiB (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


class Watch:
    """Prints how long things take."""

    def __init__(self, process: int) -> None:
        self._process = process

    def time(self, what: str, times: list[float]) -> None:
        times = sorted(times)
        print(
            f"{what}: median {times[len(times) // 2]:.3f} s, 95 % below"
            f" {times[len(times) * 95 // 100]:.3f} s; server {memory(self._process)} MiB",
            flush=True,
        )


def timed(act: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


def measure(book: Path, pages: int) -> None:
    began = time.perf_counter()
    server = RunningServer(book)
    print(f"the address is there after {time.perf_counter() - began:.1f} s")
    client, watch = Client(server.address), Watch(server.process.pid)
    seconds, found = timed(lambda: client.ask("GET", "pages"))
    print(f"list of {len(found['pages'])} pages: {seconds:.3f} s")
    while not client.ask("GET", "lines", count="1")["whole"]:
        time.sleep(0.2)
    print(f"all pages were looked at after {time.perf_counter() - began:.1f} s")
    for order in ("teach", "unsure"):
        seconds, _ = timed(lambda order=order: client.ask("GET", "lines", order=order, count="200"))
        print(f"next lines, {order}: {seconds:.3f} s")
    seconds, _ = timed(lambda: client.ask("GET", "progress"))
    print(f"figures: {seconds:.3f} s")
    for begin in (1, 101):
        names = [f"P_{number:04}" for number in range(begin, min(begin + 100, pages + 1))]
        views, saves, pictures = [], [], []
        for name in names:
            seconds, page = timed(lambda name=name: client.ask("GET", "page", page=name))
            views.append(seconds)
            line = page["lines"][0]
            pictures.append(timed(lambda name=name: client.fetch("picture", page=name))[0])
            body = {"page": name, "line": line["id"], "text": "neu", "state": "corrected"}
            body["base"] = line["base"]
            saves.append(timed(lambda body=body: client.ask("PUT", "line", body))[0])
        watch.time(f"pages {begin}-{begin + len(names) - 1}, a page", views)
        watch.time("its picture", pictures)
        watch.time("saving its first line", saves)
    server.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("pages", type=int, nargs="?", default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        make_book(book, options.page, options.image, options.pages)
        measure(book, options.pages)


if __name__ == "__main__":
    main()

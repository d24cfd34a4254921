# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Kills the correction server at random moments: nothing that was confirmed is lost.

Usage: PYTHONPATH=tests/support python tests/bench/correction_kills.py [--kills N] [--browser]
       [--teach SCAN … | --read SCAN …] [--lines 40]

Lines are saved all the time. With ``--teach`` or ``--read``, a head is taught or pages are read on
meanwhile, in a book that is made of scans with ground truth beside them, see `correction_story`;
the first two pages have lines to learn from, of which so many are corrected. With ``--browser``,
it is Chromium that is killed while somebody types there.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
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
from typists import BookTypist

from ocrd_rapid.processes import process_lives

#: Kills of the browser in one book, before another one is begun.
_KILLS_PER_BOOK = 10


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


def kill_browsers(kills: int) -> None:
    """Kill Chromium at random moments while somebody types; what it said was saved is there."""
    chance, confirmed = random.Random("browser"), []
    with tempfile.TemporaryDirectory() as folder:
        while len(confirmed) < kills:  # each book has more lines than are typed until the next
            book = make_read_book(Path(folder) / f"book-{len(confirmed)}", 120)
            server, typed = RunningServer(book), Typed()
            try:
                for _ in range(min(_KILLS_PER_BOOK, kills - len(confirmed))):
                    confirmed.append(kill_browser(book, server.address, chance, typed))
                    told = f"kill {len(confirmed)}: {sum(confirmed)} lines confirmed"
                    print(f"\r{told}", end="", flush=True)
            finally:
                server.end()
    typing = sum(map(bool, confirmed))
    print(f"\n{kills} kills of the browser, {typing} of them after lines had been confirmed")
    print(f"{sum(confirmed)} lines confirmed, none lost")


def kill_browser(book: Path, address: str, chance: random.Random, typed: Typed) -> int:
    """Kill Chromium once; return the number of lines that it had confirmed until then.

    One in ten is killed while it loads the page, the others within three seconds of typing.
    """
    heard, said = multiprocessing.Pipe(duplex=False)
    person = multiprocessing.get_context("spawn").Process(
        target=type_until_killed, args=(address, chance.randrange(10**9), said)
    )
    person.start()
    said.close()
    count, is_early, moment = 0, chance.random() < 0.1, chance.uniform(0, 3)

    def listen(seconds: float, until: str = "") -> None:
        """Note what the person types, for some time, or until something is said."""
        nonlocal count
        end = time.monotonic() + seconds
        while heard.poll(max(0.0, end - time.monotonic())):
            what, key, text = heard.recv()
            if what == "types":
                typed.underway[key].add(text)
            elif what == "confirmed":
                typed.confirmed[key] = text
                typed.underway[key].clear()
                count += 1
            if what == until:
                return

    listen(120, "launched" if is_early else "types")
    listen(moment)
    kill_all([each for each in descendants(person.pid or 0) if is_browser(each)])
    with contextlib.suppress(EOFError):
        listen(5)
    # The driver of the browser sometimes waits for it for ever.
    kill_all([*descendants(person.pid or 0), person.pid or 0])
    person.join()
    time.sleep(0.3)  # a request that was on its way is done
    check_whole(book, typed)
    return count


def type_until_killed(address: str, seed: int, said: Connection) -> None:
    """Type in Chromium without end, and say so: in a process of its own."""
    from playwright.sync_api import Error, sync_playwright

    chance = random.Random(seed)
    with contextlib.suppress(Error), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        said.send(("launched", ("", ""), ""))
        person = BookTypist(browser.new_context(), address)
        person.start()
        while True:
            key, text = person.here, f"text {chance.randrange(10**9)}"
            said.send(("types", key, text))
            person.write(text)
            person.press("Enter")
            person.settled()
            said.send(("confirmed", key, text))


def is_browser(process: int) -> bool:
    """Return whether a process is one of Chromium's (Linux)."""
    with contextlib.suppress(OSError):
        return b"chromium" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0]
    return False


def descendants(process: int) -> list[int]:
    """Return the numbers of the processes that came from a process (Linux)."""
    own = children(process)
    return [*own, *(each for child in own for each in descendants(child))]


def kill_all(processes: Sequence[int]) -> None:
    for process in processes:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


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


def kill_jobs(kind: str, scans: Sequence[Path], kills: int, lines: int) -> None:
    chance = random.Random(kind)
    with tempfile.TemporaryDirectory() as folder:
        book = correction_story.read_book(Path(folder), scans, {"heads": "base"})
        truths = [correction_story.truth_of(scan) for scan in scans[:2]]
        with serving(book, "-I", "OCR") as client:
            correction_story.correct_lines(client, book, truths, lines)
            longest = seconds_of(client, "teach")
            if kind == "read":
                assert client.ask("GET", "jobs")["head"]
                longest = seconds_of(client, "read")
                client.ask("POST", "readings/undo", {})
        typed = Typed(confirmed=corrected_texts(book))
        for number in range(kills):
            kill_in_job(book, kind, chance.uniform(0.1, longest), typed)
            print(f"\r{kind}: kill {number + 1} within {longest:.0f} s", end="", flush=True)
        print()
        with serving(book, "-I", "OCR") as client:
            readings = client.ask("GET", "jobs")["readings"]
            assert all(each["finished"] for each in readings)
            for _ in readings:
                client.ask("POST", "readings/undo", {})
            assert seconds_of(client, kind)  # it goes on
        check_whole(book, typed)
        print(f"{kills} kills in {kind}, none of the lines lost")


def seconds_of(client: Client, kind: str) -> float:
    """Do a job to its end, and return how long it took."""
    began = time.monotonic()
    client.ask("POST", f"jobs/{kind}", {})
    client.job_done()
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--teach", type=Path, nargs="*", default=[])
    parser.add_argument("--read", type=Path, nargs="*", default=[])
    parser.add_argument("--lines", type=int, default=40)
    options = parser.parse_args()
    if options.browser:
        kill_browsers(options.kills)
    elif options.teach or options.read:
        kind = "teach" if options.teach else "read"
        kill_jobs(kind, options.teach or options.read, options.kills, options.lines)
    else:
        kill_while_typing_only(options.kills)


if __name__ == "__main__":
    main()

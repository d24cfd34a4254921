# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Correction servers in processes of their own, programs that ask them, and kills of both."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from ocrd_rapid.workspace.ground_truth import state_of
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace


class RunningServer:
    """A server in a process of its own.

    Attributes:
        process: the process.
        address: the address with the token.
    """

    def __init__(self, book: Path, *options: str) -> None:
        command = str(Path(sys.executable).with_name("ocrd-rapid"))
        self.process = subprocess.Popen(
            [command, "correct", str(book), "--no-browser", *options],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stdout is not None
        rows = (re.search(r"http://\S+\?token=\S+", row) for row in self.process.stdout)
        found = next(filter(None, rows), None)
        if found is None:
            raise AssertionError(f"the server did not start: exit code {self.process.wait(60)}")
        self.address = found[0]

    def kill(self) -> None:
        """End it at once, as the system does when memory is short."""
        self.process.kill()
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


class Client:
    """A program that asks a running server, as the browser does."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address)
        connection = self._connection()
        connection.request("GET", f"/?{self._place.query}")
        self._cookie = connection.getresponse().headers["set-cookie"].partition(";")[0]
        connection.close()

    def _connection(self) -> HTTPConnection:
        return HTTPConnection(self._place.hostname or "", self._place.port, timeout=120)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Return the answer as plain data; an error of the server is one here."""
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self._answer(method, path, data, query))

    def fetch(self, path: str, **query: str) -> bytes:
        """Return the bytes of an answer, such as a picture."""
        return self._answer("GET", path, None, query)

    def _answer(self, method: str, path: str, data: bytes | None, query: dict[str, str]) -> bytes:
        headers = {"cookie": self._cookie, "content-type": "application/json"}
        where = f"/api/{path}" + (f"?{urlencode(query)}" if query else "")
        with contextlib.closing(self._connection()) as connection:
            connection.request(method, where, data, headers)
            answer = connection.getresponse()
            content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content!r:.200}")
        return content

    def job_done(self) -> dict[str, Any]:
        """Wait for the end of the job; return what is known then."""
        while True:
            status: dict[str, Any] = self.ask("GET", "jobs")
            if status["job"] is None:
                return status
            time.sleep(0.3)


@contextlib.contextmanager
def serving(book: Path, *options: str) -> Iterator[Client]:
    """Serve a book until the end of a block."""
    server = RunningServer(book, *options)
    try:
        yield Client(server.address)
    finally:
        server.end()
        assert server.process.stdout is not None
        server.process.stdout.close()


@dataclass
class Typed:
    """What was typed into a book whose server was killed.

    Attributes:
        confirmed: the texts that the server had confirmed last, by page and line.
        underway: texts that were on their way when it was killed: they may be there, too.
    """

    confirmed: dict[Any, str] = field(default_factory=dict)
    underway: dict[Any, set[str]] = field(default_factory=lambda: defaultdict(set))


def kill_while_typing(book: Path, chance: random.Random, typed: Typed, longest: float = 0.6) -> int:
    """Correct lines of a book until the server is killed at a random moment, and check the book.

    Args:
        book: the workspace.
        chance: decides on the moment, the lines and their texts.
        typed: what was typed before; what is typed now is added.
        longest: seconds after which the server is killed at the latest.

    Returns:
        The number of lines that the server had confirmed.
    """
    server = RunningServer(book)
    client = Client(server.address)
    count = 0
    killer = threading.Timer(chance.uniform(0, longest), server.process.kill)
    killer.start()
    with contextlib.suppress(OSError, HTTPException, ValueError):
        lines = [
            line
            for page in client.ask("GET", "pages")["pages"]
            for line in client.ask("GET", "page", page=page["id"])["lines"]
        ]
        while True:
            line = chance.choice(lines)
            text = f"text {chance.randrange(10**9)}"
            key = line["page"], line["id"]
            typed.underway[key].add(text)
            body = {"page": line["page"], "line": line["id"], "text": text, "state": "corrected"}
            saved = client.ask("PUT", "line", {**body, "base": line["base"]})["line"]
            line["base"] = saved["base"]
            typed.confirmed[key] = text
            typed.underway[key].clear()
            count += 1
    killer.join()
    server.kill()
    check_whole(book, typed)
    return count


def check_whole(book: Path, typed: Typed) -> None:
    """Check that all that was confirmed is in the workspace, nothing else, and that it is sound.

    What was on its way is there as a whole or not at all. A page whose file was written, but not
    entered in the METS, is entered by the next server, so it may come later.
    """
    found = corrected_texts(book)
    for key in {*found, *typed.confirmed}:
        allowed = {typed.confirmed.get(key), *typed.underway[key]}
        assert found.get(key) in allowed, (key, found.get(key), allowed)
    typed.confirmed = found
    assert [each for each in validate(book / "mets.xml") if each.severity == "error"] == []


def corrected_texts(book: Path) -> dict[Any, str]:
    """Return the texts of corrected lines, by page and line, as the METS lists the pages."""
    workspace = Workspace.open(directory=book)
    if "OCR-D-GT" not in workspace.mets.groups:
        return {}
    return {
        (file.page_id, line.id): str(line.text)
        for file in workspace.files("OCR-D-GT")
        for region in workspace.read_page(file).text_regions()
        for line in region.lines
        if state_of(line) is not None
    }

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A book of two pages that is being corrected: in this process, and by a server of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from correction_client import RunningServer
from read_books import make_read_book

pytest.importorskip("starlette", reason="needs starlette: pip install 'ocrd-rapid[correct]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: pip install 'ocrd-rapid[correct]'")

from starlette.testclient import TestClient

from ocrd_rapid.correction_server.book_jobs import BookJobs, JobOptions
from ocrd_rapid.correction_server.event_stream import EventStream
from ocrd_rapid.correction_server.http_api import CorrectionApi
from ocrd_rapid.correction_server.open_book import OpenBook
from ocrd_rapid.correction_server.request_guard import RequestGuard
from ocrd_rapid.correction_server.session_folder import session_folder
from ocrd_rapid.correction_server.working_pages import BookChoice, WorkingPages

TOKEN, PORT = "the-token-of-this-test", 4321
HOME = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace whose two pages have the lines `read_books.LINES`."""
    return make_read_book(tmp_path / "book")


@dataclass
class Served:
    """A book, and a client that has the cookie."""

    client: TestClient
    book: OpenBook
    jobs: BookJobs
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def get(self, path: str, status: int = 200, **query: str) -> Any:
        answer = self.client.get(f"/api/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def send(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        answer = self.client.request(method, f"/api/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def line(self, page: str, line: str) -> dict[str, Any]:
        return dict(self.get("line", page=page, line=line))

    def save(
        self, page: str, line: str, text: str, state: str = "corrected", status: int = 200,
        base: str | None = None,
    ) -> Any:  # fmt: skip
        base = self.line(page, line)["base"] if base is None else base
        body = {"page": page, "line": line, "text": text, "state": state, "base": base}
        return self.send("PUT", "line", status, **body)


Serve = Callable[..., Served]


@pytest.fixture
def serve(book: Path) -> Serve:
    """Return a function that opens the book, for a client in this process."""

    def start(directory: Path = book, also: Path | None = None, **choice: str) -> Served:
        working = WorkingPages(
            BookChoice(directory / "mets.xml", **{"group": "OCR", "output": "OCR-D-GT", **choice})
        )
        folder = session_folder(directory)
        opened = OpenBook(working, folder)
        told: list[tuple[str, dict[str, Any]]] = []
        jobs = BookJobs(
            opened,
            folder,
            lambda *event: told.append(event),
            JobOptions(also=((also, "OCR-D-GT"),) if also else ()),
        )
        api = CorrectionApi(opened, jobs, EventStream()).application()
        client = TestClient(RequestGuard(api, "127.0.0.1", PORT, TOKEN), base_url=HOME)
        client.cookies.set(f"ocrd-rapid-{PORT}", TOKEN)
        opened.look_at_all()
        return Served(client, opened, jobs, told)

    return start


@pytest.fixture
def served(serve: Serve) -> Served:
    """Return the book for a client in this process."""
    return serve()


StartServer = Callable[..., RunningServer]


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Return a function that starts a server for a workspace; all end with the test."""
    running: list[RunningServer] = []

    def start(directory: Path, *options: str) -> RunningServer:
        running.append(RunningServer(directory, *options))
        return running[-1]

    yield start
    for server in running:
        server.kill()

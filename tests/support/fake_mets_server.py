# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A METS server for tests: it holds a METS as OCR-D's does, or misbehaves as it is told.

It listens on TCP or a unix socket, or takes what a Processing Server of OCR-D core 3.13.3 takes
and hands on to a METS server.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from listening import answering

CARRIERS = ("tcp", "unix", "multiplexed")

_FILE_KEYS = ("file_grp", "file_id", "mimetype", "page_id", "url", "local_filename")


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        content: text, or anything else to be sent as JSON.
        delay: seconds before it is sent.
        raw: sent instead, as it is; then the connection ends.
        parts: sent instead, one by one as they come; then the connection ends.
        ends: whether the connection ends afterwards, without an announcement.
    """

    content: Any = ""
    status: int = 200
    delay: float = 0.0
    raw: bytes | None = None
    parts: Iterable[bytes] | None = None
    ends: bool = False

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else json.dumps(self.content)


@dataclass(frozen=True)
class Asked:
    """A request that came.

    Attributes:
        connection: number of the connection it came on.
        data: the query, form or JSON.
    """

    method: str
    path: str
    data: dict[str, Any]
    headers: dict[str, str]
    connection: int

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class FakeMetsServer:
    """A running server and what it holds.

    Attributes:
        scripted: replies that are given first, by route (``GET /file``).
        asked: the requests so far.
    """

    url: str
    directory: Path
    pages: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    agents: list[dict[str, Any]] = field(default_factory=list)
    saves: int = 0
    scripted: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def routes(self) -> list[str]:
        """Return the routes of the requests so far."""
        return [asked.route for asked in self.asked]

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            if self.scripted.get(asked.route):
                return self.scripted[asked.route].pop(0)
            actions: dict[str, Callable[[dict[str, Any]], Reply]] = {
                "GET /workspace_path": lambda data: Reply(str(self.directory)),
                "GET /physical_pages": lambda data: Reply({"physical_pages": self.pages}),
                "GET /file_groups": lambda data: Reply({"file_groups": self.groups}),
                "GET /file": self._find,
                "POST /file": self._add_file,
                "GET /agent": self._list_agents,
                "POST /agent": self._add_agent,
                "PUT /": self._save,
            }
            action = actions.get(asked.route)
            return action(asked.data) if action else Reply({"detail": "Not Found"}, 404)

    def _find(self, data: dict[str, Any]) -> Reply:
        found = [f for f in self.files if all(f[key] == data[key] for key in data)]
        return Reply({"files": [{**f, "url": f["url"] or ""} for f in found]})

    def _add_file(self, data: dict[str, Any]) -> Reply:
        file = {key: data.get(key) for key in _FILE_KEYS}
        self.files = [f for f in self.files if f["file_id"] != file["file_id"]] + [file]
        if file["file_grp"] not in self.groups:
            self.groups.append(str(file["file_grp"]))
        if file["page_id"] and file["page_id"] not in self.pages:
            self.pages.append(file["page_id"])
        return Reply(file)

    def _list_agents(self, data: dict[str, Any]) -> Reply:
        def noted(note: list[Any]) -> list[Any]:
            return [{f"{{https://ocr-d.de}}{k}": v for k, v in note[0].items()}, note[1]]

        listed = [{**a, "notes": [noted(note) for note in a["notes"]]} for a in self.agents]
        return Reply({"agents": listed})

    def _add_agent(self, data: dict[str, Any]) -> Reply:
        self.agents.append(data)
        return Reply(data)

    def _save(self, data: dict[str, Any]) -> Reply:
        self.saves += 1
        return Reply("The Mets Server is writing changes to disk.")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what is tested."""


class _UnixListener(_Listener):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", 0


@contextlib.contextmanager
def serving(directory: Path, carrier: str = "tcp") -> Iterator[FakeMetsServer]:
    """Run a METS server of a workspace for as long as the context lasts."""
    numbers = itertools.count()
    server = FakeMetsServer("", directory)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for headers and content, or each answer takes 40 ms

        def setup(self) -> None:
            super().setup()
            self.number = next(numbers)

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # who asked was killed
                self.close_connection = True
                return
            if carrier == "multiplexed":
                if self.path != "/tcp_mets":
                    self.put(Reply({"detail": "Not Found"}, 404))
                    return
                wrapped = json.loads(body)
                self.put(_forward(server, wrapped, dict(self.headers), self.number))
                return
            parts = urlsplit(self.path)
            if self.headers.get("Content-Type") == "application/json":
                data = json.loads(body)
            else:
                data = dict(parse_qsl(parts.query or body.decode(), keep_blank_values=True))
            asked = Asked(self.command, parts.path, data, dict(self.headers), self.number)
            self.put(server.reply(asked))

        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def put(self, reply: Reply) -> None:
            time.sleep(reply.delay)
            ends = reply.ends or reply.raw is not None or reply.parts is not None
            self.close_connection = self.close_connection or ends
            if reply.parts is not None:
                for part in reply.parts:
                    self.wfile.write(part)
                    self.wfile.flush()
                return
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                return
            content = reply.text.encode()
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with contextlib.ExitStack() as stack:
        if carrier == "unix":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            server.url = f"{folder}/mets.sock"  # short: the system allows about 100 characters
            listener: _Listener = _UnixListener(server.url, Handler)  # type: ignore[arg-type]
        else:
            listener = _Listener(("127.0.0.1", 0), Handler)
            path = "/tcp_mets" if carrier == "multiplexed" else ""
            server.url = f"http://127.0.0.1:{listener.server_port}{path}"
        with answering(listener):
            yield server


def _forward(
    server: FakeMetsServer, wrapped: dict[str, Any], headers: dict[str, str], connection: int
) -> Reply:
    """Answer a wrapped request as a Processing Server does: errors too have status 200."""
    assert sorted(wrapped) == [
        "method_type", "request_data", "request_url", "response_type", "workspace_path",
    ]  # fmt: skip
    assert wrapped["workspace_path"] == str(server.directory)
    assert set(wrapped["request_data"]) <= {"params", "form", "class"}
    data = next(iter(wrapped["request_data"].values()), {})
    path = f"/{wrapped['request_url']}"
    reply = server.reply(Asked(wrapped["method_type"], path, data, headers, connection))
    if reply.raw is not None or reply.parts is not None:
        return reply
    if reply.status >= 400:
        content: Any = {"error": reply.text}
    elif wrapped["response_type"] == "text":
        content = {"text": reply.text}
    else:
        content = reply.content
    return Reply(content, delay=reply.delay, ends=reply.ends)

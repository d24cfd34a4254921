# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""An HTTP server that misbehaves as it is told, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from listening import answering


@dataclass(frozen=True)
class Answer:
    """One response.

    Attributes:
        status: of the response.
        headers: besides ``Content-Length``.
        body: what ought to come.
        sized: whether ``Content-Length`` is sent.
        sent: bytes after which the connection ends; by default all.
        reset: end it with a reset and not in good order.
        pause: seconds to wait after each sixteenth of the body.
        hold: half-way, wait for this event.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    sized: bool = True
    sent: int | None = None
    reset: bool = False
    pause: float = 0.0
    hold: threading.Event | None = None


#: Gives the answer to a request, from its headers.
Respond = Callable[[dict[str, str]], Answer]


def a_file(
    content: bytes,
    etag: str = '"one"',
    pause: float = 0.0,
    hold: threading.Event | None = None,
) -> Respond:
    """Return what a server does that has this file and knows ranges."""

    def respond(headers: dict[str, str]) -> Answer:
        wanted = headers.get("Range", "")
        own = {"ETag": etag}
        if not wanted or headers.get("If-Range", etag) != etag:
            return Answer(200, own, content, pause=pause, hold=hold)
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return Answer(416, own | {"Content-Range": f"bytes */{len(content)}"})
        own["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(206, own, content[start:], pause=pause, hold=hold)

    return respond


def in_turn(*answers: Answer) -> Respond:
    """Return a function that gives these answers one after the other, then only errors."""
    left = iter(answers)
    return lambda headers: next(left, Answer(410))


@dataclass
class Server:
    """A running server.

    Attributes:
        url: of the one file it has.
        requests: the headers of all requests so far.
    """

    url: str
    requests: list[dict[str, str]] = field(default_factory=list)

    @property
    def ranges(self) -> list[str | None]:
        """The ``Range`` of each request."""
        return [headers.get("Range") for headers in self.requests]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def shutdown_request(self, request: Any) -> None:
        """Close without the orderly end that would hide a reset."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that are killed are what is tested."""


@contextlib.contextmanager
def serving(respond: Respond) -> Iterator[Server]:
    """Run a server for as long as the context lasts."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = dict(self.headers)
            with lock:
                server.requests.append(headers)
                answer = respond(headers)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.sized:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self._send(answer)
            if answer.reset:
                time.sleep(0.05)  # what was sent arrives before the reset
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)

        def _send(self, answer: Answer) -> None:
            body = answer.body[: answer.sent]
            size = len(body) // 16 + 1 if answer.pause or answer.hold else len(body) or 1
            for start in range(0, len(body), size):
                self.wfile.write(body[start : start + size])
                self.wfile.flush()
                time.sleep(answer.pause)
                if answer.hold is not None and start >= len(body) // 2:
                    answer.hold.wait(600)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listener = _Listener(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{listener.server_port}/model.onnx")
    with answering(listener):
        yield server

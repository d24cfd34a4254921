# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""HTTP to OCR-D's METS server: its address, and shared, kept connections.

HTTP comes from the standard library, the same for TCP and unix sockets; proxies named in the
environment are not used. Measured on OCR-D core 3.13.3, whose server closes a connection after 5 s
without traffic.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..addresses import redact, scrub
from ..errors import MetsServerError

#: A connection idle for longer (seconds) is not used again: the server is about to close it, and
#: a request at that moment is lost.
_MAX_IDLE = 2.0

#: Longest accepted answer in bytes: the description of a file takes some 200 of them.
MAX_ANSWER = 1 << 28


class AnswerTooLongError(OSError):
    """A server sends more than any METS server would."""


@dataclass(frozen=True)
class Address:
    """Where a METS server is.

    Attributes:
        url: its name in messages: an ``http`` URL, or the absolute path of a socket.
        socket_path: path of the unix socket; empty for TCP.
        host: name or number of the host, for TCP.
        port: number of the port, for TCP.
        path: prefix of the path of every request; empty or beginning with a slash.
        multiplexed: whether a Processing Server forwards the requests (``tcp_mets`` in the URL).
    """

    url: str
    socket_path: str = ""
    host: str = "localhost"
    port: int = 80
    path: str = ""
    multiplexed: bool = False

    @classmethod
    def parse(cls, url: str) -> Address:
        """Return the address that ``--mets-server-url`` means: an ``http`` URL, or else a path.

        Raises:
            MetsServerError: it is neither.
        """
        try:
            if "://" not in url:
                path = _socket_path(url)
                return cls(url=path, socket_path=path)
            parts = urlsplit(url)
            host, port = _host_and_port(parts)
        except ValueError as error:
            raise MetsServerError(
                f"'{redact(url)}' is not the address of a METS server ({scrub(str(error))}):"
                " --mets-server-url is http://HOST:PORT or the path of a unix socket"
            ) from None
        return cls(
            url=url,
            host=host,
            port=port,
            path=parts.path.rstrip("/"),
            multiplexed="tcp_mets" in url,
        )


def _socket_path(url: str) -> str:
    if not url:
        raise ValueError("it is empty")
    if not hasattr(socket, "AF_UNIX"):
        raise ValueError("this system has no unix sockets")
    return os.path.realpath(url)


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    if parts.scheme != "http":
        raise ValueError(f"it begins with {parts.scheme}://")
    if not parts.geturl().isascii() or " " in parts.geturl():
        raise ValueError("it has a letter or a space that a URL cannot have")
    if not parts.hostname:
        raise ValueError("it has no host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it has more than host, port and path")
    return parts.hostname, parts.port or 80


@dataclass(frozen=True)
class Message:
    """A request in the form of HTTP.

    Attributes:
        method: such as ``GET``.
        target: path and query.
        body: content sent after the headers, if any.
        headers: those besides the ones of every request.
    """

    method: str
    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class _Connection(http.client.HTTPConnection):
    """A connection over TCP or a unix socket.

    Attributes:
        used: whether it has carried an answer.
        idle_since: time of the last answer, on the monotonic clock.
    """

    def __init__(self, address: Address) -> None:
        super().__init__(address.host, address.port)
        self._socket_path = address.socket_path
        self.used = False
        self.idle_since = 0.0

    def connect(self) -> None:
        if not self._socket_path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket_path)

    def exchange(self, message: Message, deadline: float) -> tuple[int, bytes]:
        """Send a request and return status and content of the answer.

        Raises:
            TimeoutError: the answer is not complete at the deadline, on the monotonic clock.
            OSError, http.client.HTTPException, UnicodeError: see `Connections.exchange`.
        """
        self.timeout = _left(deadline)
        if self.sock is not None:
            self.sock.settimeout(self.timeout)

        class Response(http.client.HTTPResponse):
            """An answer that must be complete at the deadline, however slowly it arrives."""

            def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
                super().__init__(sock, *arguments, **named)
                raw: Any = self.fp.detach()
                self.fp = io.BufferedReader(_Until(sock, raw, deadline))

        self.response_class = Response
        self.request(message.method, message.target, message.body, dict(message.headers))
        response = self.getresponse()
        return response.status, _read(response)


class _Until(io.RawIOBase):
    """The data from a socket until a deadline."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return the content of an answer, limited in length even if it states a wrong one or none."""
    parts: list[bytes] = []
    size = 0
    while part := response.read(1 << 18):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise AnswerTooLongError(f"its answer is longer than {MAX_ANSWER >> 20} MB")
    content = b"".join(parts)
    if response.length:
        raise http.client.IncompleteRead(content, response.length)
    return content


def _left(deadline: float) -> float:
    """Return the seconds left until a time on the monotonic clock.

    Raises:
        TimeoutError: there are none.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is up")
    return left


class Connections:
    """Connections to one address; threads and forked processes may share the object."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Store the address; nothing is opened yet.

        Args:
            address: where the server is.
            timeout: most seconds for a request, from the connection to the end of the answer.
        """
        self.address = address
        self.timeout = timeout
        self._owner = os.getpid()
        self._idle: deque[_Connection] = deque()

    def exchange(self, message: Message, *, repeatable: bool) -> tuple[int, bytes]:
        """Send a request and return status and content of the answer.

        What the server did with a request is unknown when the connection ends without an answer.
        So one that must not arrive twice gets a connection of its own, and only others are sent
        again, once, if a connection that had been open before ended on them.

        Raises:
            OSError: there is no connection, it broke, or the time is up.
            http.client.HTTPException: the answer is not HTTP, or ends too early.
            UnicodeError: the name of the host is not allowed.
        """
        deadline = time.monotonic() + self.timeout
        connection = self._take() if repeatable else self._new()
        try:
            try:
                answer = connection.exchange(message, deadline)
            except (ConnectionResetError, BrokenPipeError):  # RemoteDisconnected is among them
                if not connection.used:
                    raise
                connection.close()
                connection = self._new()
                answer = connection.exchange(message, deadline)
        except (OSError, http.client.HTTPException, UnicodeError):
            connection.close()
            raise
        self._give_back(connection)
        return answer

    def close(self) -> None:
        """Close unused connections; a later request opens a new one."""
        while self._idle:
            self._idle.pop().close()

    def _new(self) -> _Connection:
        return _Connection(self.address)

    def _take(self) -> _Connection:
        if self._owner != os.getpid():  # a forked process must not use its parent's sockets
            self._owner, self._idle = os.getpid(), deque()
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if time.monotonic() - connection.idle_since < _MAX_IDLE:
                return connection
            connection.close()
        return self._new()

    def _give_back(self, connection: _Connection) -> None:
        if connection.sock is None:  # the server wanted the connection closed
            return
        connection.used = True
        connection.idle_since = time.monotonic()
        self._idle.append(connection)

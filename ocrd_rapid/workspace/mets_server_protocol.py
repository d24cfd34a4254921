# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Requests to OCR-D's METS server and its answers, directly or through a Processing Server.

Measured on OCR-D core 3.13.3.
"""

from __future__ import annotations

import http.client
import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from ..errors import MetsError, MetsServerError
from .mets_server_http import Address, Connections, Message

#: Longest text of a server's answer in a message.
_MAX_DETAIL = 300

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Request:
    """A request to a METS server.

    Attributes:
        purpose: its purpose, for messages, such as ``list the file groups``.
        method: ``GET``, ``POST`` or ``PUT``.
        path: below the server's address, without a slash before it.
        kind: the form of `data`: ``params`` in the query, ``form`` as a form, ``class`` as JSON.
        data: the values to send.
        answer: the expected answer: ``text``, or JSON of one of the kinds that a Processing Server
            distinguishes.
        repeatable: whether the server is in the same state when it gets the request twice.
    """

    purpose: str
    method: str
    path: str
    kind: Literal["params", "form", "class"] = "params"
    data: Mapping[str, Any] = field(default_factory=dict)
    answer: Literal["text", "dict", "class"] = "class"
    repeatable: bool = True


class Transport:
    """Carries requests to one METS server; threads and forked processes may share it.

    Attributes:
        address: where the server is.
        directory: the workspace, absolute and without links.
    """

    def __init__(self, address: Address, directory: Path, timeout: float) -> None:
        """Store the address; nothing is sent yet.

        Args:
            address: where the server is.
            directory: the workspace.
            timeout: most seconds for a request, from the connection to the end of the answer.
        """
        self.address = address
        self.directory = Path(os.path.realpath(directory))
        self._connections = Connections(address, timeout)

    def ask(self, request: Request) -> Any:
        """Return the server's answer: text, or the value of its JSON.

        Raises:
            MetsError: the server rejects the request; the message says why.
            MetsServerError: it cannot be reached, does not answer in time, or is not a METS server.
        """
        message = self._wrap(request) if self.address.multiplexed else self._encode(request)
        try:
            status, content = self._connections.exchange(message, repeatable=request.repeatable)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise self._unreachable(request, error) from error
        self._check_status(request, status, content)
        return self._decode(request, content)

    def close(self) -> None:
        """Close unused connections; a later request opens a new one."""
        self._connections.close()

    def _wrap(self, request: Request) -> Message:
        """Return the request in the form in which a Processing Server forwards it."""
        wrapped = {
            "workspace_path": str(self.directory),
            "method_type": request.method,
            "response_type": request.answer,
            "request_url": request.path,
            "request_data": {request.kind: dict(request.data)} if request.data else {},
        }
        return Message("POST", self.address.path, json.dumps(wrapped).encode("ascii"), _JSON)

    def _encode(self, request: Request) -> Message:
        target = f"{self.address.path}/{request.path}"
        if request.kind == "params":
            query = f"?{urlencode(request.data)}" if request.data else ""
            return Message(request.method, target + query)
        if request.kind == "form":
            body = urlencode(request.data).encode("ascii")
            return Message(request.method, target, body, _FORM)
        body = json.dumps(dict(request.data)).encode("ascii")
        return Message(request.method, target, body, _JSON)

    def _unreachable(self, request: Request, error: Exception) -> MetsServerError:
        address = self.address
        if isinstance(error, TimeoutError):
            return MetsServerError(
                f"METS server {address.url} did not {request.purpose}: no complete answer within"
                f" {self._connections.timeout:g} s; check whether it is still working"
            )
        if isinstance(error, FileNotFoundError):
            hint = " (a TCP address begins with http://)" if ":" in address.url else ""
            return MetsServerError(
                f"no METS server at {address.url}: there is no such socket{hint}; {self._remedy()}"
            )
        if isinstance(error, ConnectionRefusedError):
            return MetsServerError(self._refused())
        if isinstance(error, http.client.RemoteDisconnected):
            reason = "it closed the connection without an answer"
        elif isinstance(error, http.client.HTTPException):
            reason = f"its answer is not HTTP ({one_line(repr(error))})"
        elif isinstance(error, OSError) and error.strerror:
            reason = error.strerror
        else:
            reason = one_line(str(error))
        return MetsServerError(
            f"METS server {address.url} did not {request.purpose}: {reason}; {self._remedy()}"
        )

    def _refused(self) -> str:
        path = self.address.socket_path
        if not path:
            return f"no METS server at {self.address.url}: nobody listens there; {self._remedy()}"
        if not Path(path).is_socket():
            return f"no METS server at {path}: this is not a socket; {self._remedy()}"
        return (
            f"no METS server at {path}: nobody listens on this socket, left by a server that has"
            f" ended; remove it and {self._remedy()}"
        )

    def _remedy(self) -> str:
        if self.address.multiplexed:
            host = f"{self.address.host}:{self.address.port}"
            return f"start the Processing Server with: ocrd network processing-server -a {host} …"
        return (
            f"start one with: ocrd workspace -U {shlex.quote(self.address.url)}"
            f" -d {shlex.quote(str(self.directory))} server start"
        )

    def _check_status(self, request: Request, status: int, content: bytes) -> None:
        if 200 <= status < 300:
            return
        if status in (404, 405) or status < 400:
            reason = http.client.responses.get(status, "unknown status")
            raise MetsServerError(
                f"the server at {self.address.url} is not a METS server ({status} {reason});"
                f" {self._remedy()}"
            )
        raise MetsError(
            f"METS server {self.address.url} did not {request.purpose}:"
            f" {_detail(content)} (status {status})"
        )

    def _decode(self, request: Request, content: bytes) -> Any:
        try:
            text = content.decode("utf-8")
            if not self.address.multiplexed:
                return text if request.answer == "text" else json.loads(text)
            answer = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.unexpected(request, content.decode("utf-8", "replace")) from error
        if isinstance(answer, dict) and "error" in answer:
            detail = _detail(str(answer["error"]).encode("utf-8", "replace"))
            raise MetsError(f"METS server {self.address.url} did not {request.purpose}: {detail}")
        if request.answer != "text":
            return answer
        if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
            raise self.unexpected(request, answer)
        return answer["text"]

    def unexpected(self, request: Request, answer: object) -> MetsServerError:
        """Return the error for an answer that a METS server never gives to this request."""
        return MetsServerError(
            f"the server at {self.address.url} is not a METS server: asked to {request.purpose},"
            f" it answers {one_line(repr(answer))}"
        )


def _detail(content: bytes) -> str:
    """Return the error in an answer, in one line.

    The server says it as a JSON string (400), a list of problems (400), the same below ``detail``
    (422), or as text (500).
    """
    text = content.decode("utf-8", "replace")
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        return one_line(text) or "it does not say why"
    if isinstance(said, dict):
        said = said.get("detail", said)
    if isinstance(said, list):
        said = "; ".join(map(_problem, said))
    return one_line(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))


def _problem(problem: object) -> str:
    if not isinstance(problem, dict) or "msg" not in problem:
        return str(problem)
    place = problem.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, (list, tuple)) else ""
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def one_line(text: str) -> str:
    """Return a foreign text fit for a message: one line, printable, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_DETAIL else f"{line[: _MAX_DETAIL - 1]}…"

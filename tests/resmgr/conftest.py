# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A scripted HTTP server, a stand-in for pip, and the command line in this process."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli as cli_command
from ocrd_rapid.resmgr import installed, locations, sources
from ocrd_rapid.transfer import responses


@dataclass
class Answer:
    """What the server sends once.

    Attributes:
        body: the whole file.
        status: of a successful request for it, or of the error.
        headers: further headers.
        sent: number of bytes after which the connection is closed; by default all.
        etag: with one, requests for a range are answered with it.
        hold: half-way, wait for this event.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None
    etag: str = ""
    hold: threading.Event | None = None


@dataclass(frozen=True)
class Request:
    """A request that the server got."""

    path: str
    headers: dict[str, str]


class Server:
    """Answers the requests for a path in turn; the last answer is given again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()

    def gives(self, path: str, body: bytes = b"", status: int = 200, **details: Any) -> str:
        """Add an answer (see `Answer`) to those for a path; return its URL."""
        self._answers.setdefault(path, []).append(Answer(body, status, **details))
        return self.url + path

    def forget(self) -> None:
        """Forget all answers and requests."""
        self.requests.clear()
        self._answers.clear()

    def next_answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            answers = self._answers.get(request.path) or [Answer(status=404)]
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = server.next_answer(Request(self.path, dict(self.headers)))
            start = self._start_of_range(answer)
            body = answer.body[start:]
            self.send_response(206 if start else answer.status)
            if start:
                last, total = len(answer.body) - 1, len(answer.body)
                self.send_header("Content-Range", f"bytes {start}-{last}/{total}")
            if answer.etag:
                self.send_header("ETag", answer.etag)
            for name, value in {"Content-Length": str(len(body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            half = len(body) // 2 if answer.hold is not None else 0
            with contextlib.suppress(OSError):  # the client may have been killed
                self.wfile.write(body[:half])
                self.wfile.flush()
                if answer.hold is not None:
                    answer.hold.wait(600)
                self.wfile.write(body[half : answer.sent])

        def _start_of_range(self, answer: Answer) -> int:
            wanted = self.headers.get("Range", "")
            if not answer.etag or self.headers.get("If-Range") != answer.etag:
                return 0
            return int(wanted.removeprefix("bytes=").partition("-")[0] or 0)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Run a scripted HTTP server."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    # Trying again takes no time in tests.
    monkeypatch.setattr(responses, "_FIRST_DELAY", 0.0)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    listener.daemon_threads = True
    listener.block_on_close = False
    scripted = Server(f"http://127.0.0.1:{listener.server_port}")
    listener.RequestHandlerClass = _handler(scripted)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield scripted
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a URL whose port nobody listens to, and nobody can begin to."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/model.onnx"


@dataclass(frozen=True)
class FakePip:
    """A command that stands for pip and gives one wheel."""

    log: Path

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]


_FAKE_PIP = """
import json, pathlib, shutil, sys
log, wheel, error = sys.argv[1:4]
arguments = sys.argv[4:]
with open(log, "a", encoding="utf-8") as stream:
    stream.write(json.dumps(arguments) + "\\n")
if error:
    sys.exit("WARNING: before\\nERROR: " + error)
target = pathlib.Path(arguments[arguments.index("--dest") + 1]) / "made_up-1.0-py3-none-any.whl"
shutil.copyfile(wheel, target)
"""

MakePip = Callable[..., FakePip]


@pytest.fixture
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePip:
    """Return a function that puts a stand-in for pip in its place.

    It gives a wheel with certain members, or these bytes as a wheel, or an error.
    """

    def install(
        members: dict[str, bytes] | None = None, *, raw: bytes = b"", error: str = ""
    ) -> FakePip:
        wheel, script = tmp_path / "fake.whl", tmp_path / "fake_pip.py"
        if members is None:
            wheel.write_bytes(raw)
        else:
            with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
        script.write_text(_FAKE_PIP, encoding="utf-8")
        pip = FakePip(tmp_path / "fake_pip.log")
        command = [sys.executable, str(script), str(pip.log), str(wheel), error]
        monkeypatch.setattr(sources, "_pip", lambda: command)
        return pip

    return install


@pytest.fixture(autouse=True)
def system_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory that takes the place of /usr/local/share."""
    directory = tmp_path / "system-share"
    for module in (locations, installed):
        monkeypatch.setattr(module, "SYSTEM_SHARE", directory)
    return directory


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the package itself ships."""
    monkeypatch.setattr(locations, "module_root", lambda: tmp_path / "shipped")


@pytest.fixture
def module_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory that takes the place of the models in the package."""
    directory = tmp_path / "module"
    directory.mkdir()
    monkeypatch.setattr(locations, "module_dir", lambda _: directory)
    return directory


@pytest.fixture
def data(own_home: Path) -> Path:
    """Return the root of the resources at the location *data*."""
    return own_home / "data" / "ocrd-resources"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory that stands for /usr/local/share."""
    share = tmp_path / "system"
    monkeypatch.setattr(locations, "SYSTEM_SHARE", share)
    monkeypatch.setattr(installed, "SYSTEM_SHARE", share)
    return share


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only directory on the PATH, which is empty."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


@pytest.fixture
def cli(bin_dir: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Return a function that runs ``ocrd-rapid`` in this process."""
    root, ours = logging.getLogger(), logging.getLogger("ocrd_rapid")
    before = root.handlers[:], root.level, ours.level

    def call(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code = run_command(cli_command, "ocrd-rapid", [str(a) for a in arguments])
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    yield call
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])

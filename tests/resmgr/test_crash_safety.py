# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whenever a process is killed or the disk is full: what is there is whole, and one goes on."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import scripted_server as http
import yaml

from ocrd_rapid.errors import StorageError
from ocrd_rapid.resmgr import database, installed, locations
from ocrd_rapid.resmgr.download import Action, download
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.locations import Location
from ocrd_rapid.resmgr.resource import Resource

EXECUTABLE = "ocrd-rapid-recognize"
CONTENT = random.Random(1).randbytes(1 << 20)
PAUSE = 0.005  # sixteen times in a download
FLOWING = threading.Event()  # if it is cleared, the server stops half-way
FLOWING.set()

_FORKER = """
import json, os, sys, traceback
import filelock, requests, yaml
from ocrd_rapid.resmgr import database
from ocrd_rapid.resmgr.download import download
from ocrd_rapid.resmgr.resource import Resource

for line in sys.stdin:
    code = json.loads(line)
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            exec(code)
        except KeyboardInterrupt:
            status = 130
        except BaseException:
            traceback.print_exc()
            status = 1
        os._exit(status)
    print(pid, flush=True)
    sys.stdin.readline()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Forker:
    """Starts processes that have imported everything, so that they are killed while they work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._pid = 0

    def _tell(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def start(self, code: str) -> None:
        """Run code in a new process."""
        self._pid = self._tell(json.dumps(code))

    def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal and return the exit status once the process has ended."""
        if number is not None:
            os.kill(self._pid, number)  # it is not reaped yet, so the number is still its own
        return self._tell("")


@pytest.fixture
def forker(own_home: Path) -> Iterator[Forker]:
    with subprocess.Popen(
        [sys.executable, "-c", _FORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=own_home,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
    ) as process:
        yield Forker(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Run a slow server that knows ranges."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.serving(http.a_file(CONTENT, pause=PAUSE, hold=FLOWING)) as running:
        yield running
        FLOWING.set()


def model(url: str, content: bytes = CONTENT) -> Resource:
    digest = hashlib.sha256(content).hexdigest()
    return Resource(EXECUTABLE, "model.onnx", url, size=len(content), sha256=digest)


def downloading(resource: Resource, **options: object) -> str:
    """Return code that downloads a resource."""
    entry = resource.to_core()
    return f"download(Resource.from_mapping({EXECUTABLE!r}, {entry!r}), **{options!r})"


def place() -> Path:
    return locations.resource_dir(Location.DATA, EXECUTABLE) / "model.onnx"


def listed() -> list[Path]:
    """Return what is listed as installed, without what the package itself has."""
    return [path for origin, path in installed.list_files(EXECUTABLE) if origin == "data"]


def private(what: str) -> list[Path]:
    """Return what is in one of our own directories."""
    root = locations.resource_root(Location.DATA) / locations.PRIVATE_DIR
    return sorted((root / what).glob("*"))


def end_half_way(forker: Forker, server: Any, code: str, number: signal.Signals) -> int:
    """Start a process that downloads, and end it when it has got a part; return its status."""
    FLOWING.clear()
    requests = len(server.requests)
    before = _received()
    forker.start(code)
    deadline = time.monotonic() + 600
    while len(server.requests) == requests or _received() <= before:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    status = forker.end(number)
    FLOWING.set()
    return status


def _received() -> int:
    """Return how many bytes of downloads there are that are not finished."""
    total = 0
    for path in private("parts"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.suffix != ".json" else 0
    return total


# --- downloads


def test_a_download_killed_at_any_moment_leaves_all_or_nothing(forker: Forker, server: Any) -> None:
    resource, moments = model(server.url), random.Random(2)
    killed = 0
    for turn in itertools.count():
        if turn >= 60 and killed >= 10:
            break
        forker.start(downloading(resource))
        time.sleep(moments.uniform(0, 20 * PAUSE))
        status = forker.end(signal.SIGKILL)
        assert status in (0, -signal.SIGKILL)
        killed += status != 0
        assert listed() in ([], [place()])
        if place().exists():
            assert sha256_of(place()) == resource.sha256
            place().unlink()
        elif turn % 3 == 0:
            assert download(resource).action is Action.FETCH
            assert sha256_of(place()) == resource.sha256
            place().unlink()

    assert sha256_of(download(resource).path) == resource.sha256
    assert [entry.name for entry in database.read()[EXECUTABLE]] == ["model.onnx"]


def test_what_a_killed_process_received_is_not_fetched_again(forker: Forker, server: Any) -> None:
    resource = model(server.url)
    assert end_half_way(forker, server, downloading(resource), signal.SIGKILL) == -signal.SIGKILL
    (part,) = [path for path in private("parts") if path.suffix != ".json"]
    size = part.stat().st_size
    assert 0 < size < len(CONTENT)

    assert download(resource).path.read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={size}-"]
    assert private("parts") == []


def test_overwriting_killed_at_any_moment_leaves_the_old_or_the_new_file(
    forker: Forker, server: Any, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old")
    new, moments = model(server.url), random.Random(3)
    for _ in range(10):
        download(model(str(old), b"old"), overwrite=True)
        forker.start(downloading(new, overwrite=True))
        time.sleep(moments.uniform(0, 20 * PAUSE))
        forker.end(signal.SIGKILL)
        assert place().read_bytes() in (b"old", CONTENT)
        assert listed() == [place()]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_an_interrupted_download_leaves_nothing_listed_and_is_resumed(
    forker: Forker, server: Any, number: signal.Signals, status: int
) -> None:
    resource = model(server.url)
    for _ in range(2):
        assert end_half_way(forker, server, downloading(resource), number) == status
        assert listed() == []
        assert not database.user_database().exists()
    assert download(resource).path.read_bytes() == CONTENT
    assert server.ranges[0] is None
    assert None not in server.ranges[1:]
    assert private("parts") == []


def test_ctrl_c_cleans_the_staging_area(forker: Forker, server: Any) -> None:
    end_half_way(forker, server, downloading(model(server.url)), signal.SIGINT)
    assert private("staging") == []
    assert all(".free" in path.name for path in private("parts"))


def test_ctrl_c_keeps_the_file_that_is_overwritten(
    forker: Forker, server: Any, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old")
    download(model(str(old), b"old"))
    before = database.user_database().read_bytes()
    code = downloading(model(server.url), overwrite=True)
    assert end_half_way(forker, server, code, signal.SIGINT) == 130
    assert place().read_bytes() == b"old"
    assert database.user_database().read_bytes() == before


def test_remains_of_killed_processes_are_removed_after_some_days(server: Any) -> None:
    root = locations.resource_root(Location.DATA) / locations.PRIVATE_DIR / "staging"
    for name, days in (("old", 8), ("young", 6)):
        (root / name).mkdir(parents=True)
        (root / name / "fetched").write_bytes(b"x")
        then = time.time() - days * 24 * 3600
        os.utime(root / name, (then, then))
    download(model(server.url))
    assert [path.name for path in private("staging")] == ["young"]


def test_what_breaks_off_without_a_length_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HTTP/1.0 and some proxies say no length; only size and hash tell."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    broken = http.Answer(200, {}, CONTENT, sized=False, sent=1 << 19)
    with (
        http.serving(http.in_turn(broken)) as server,
        pytest.raises(Exception, match="has 524288 bytes, expected 1048576"),
    ):
        download(model(server.url))
    assert listed() == []


# --- the database


def test_a_database_whose_writer_is_killed_is_whole(forker: Forker) -> None:
    database.register(Resource(EXECUTABLE, "always", "https://example.org/always"))
    moments = random.Random(4)
    for turn in range(40):
        forker.start(
            "import itertools\n"
            "for n in itertools.count():\n"
            f"    database.register(Resource({EXECUTABLE!r}, f'{turn}-{{n % 5}}',"
            " f'https://example.org/{n}'))"
        )
        deadline = time.monotonic() + 600
        while f"name: {turn}-0\n" not in database.user_database().read_text(encoding="utf-8"):
            assert time.monotonic() < deadline
        time.sleep(moments.uniform(0, 0.03))
        assert forker.end(signal.SIGKILL) == -signal.SIGKILL
        text = database.user_database().read_text(encoding="utf-8")
        assert text.startswith(database.HEADER)
        names = [entry["name"] for entry in yaml.safe_load(text)[EXECUTABLE]]
        assert names[0] == "always"
        assert len(names) == len(set(names))
        assert {f"{earlier}-0" for earlier in range(turn + 1)} <= set(names)

    database.register(Resource(EXECUTABLE, "last", "https://example.org/last"))
    names = [entry.name for entry in database.read()[EXECUTABLE]]
    assert names[0] == "always"
    assert names[-1] == "last"


# --- a full disk


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_during_a_download_leaves_nothing_installed(server: Any) -> None:
    with pytest.raises(StorageError, match="No space left on device"):
        download(model(server.url), progress=full)
    assert listed() == []
    assert not place().exists()
    assert private("staging") == []
    assert not database.user_database().exists()

    assert download(model(server.url)).path.read_bytes() == CONTENT
    assert private("parts") == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_disk_that_is_full_while_copying_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"old")
    if overwrite:
        download(model(str(source), b"old"))
    before = {path: path.read_bytes() for path in listed()}
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match="No space left on device"):
        download(model(str(source), b"old"), overwrite=overwrite)
    assert {path: path.read_bytes() for path in listed()} == before
    assert private("staging") == []


def test_a_disk_that_is_full_while_syncing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"new")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        download(model(str(source), b"new"))
    assert listed() == []
    assert private("staging") == []


def test_a_disk_that_is_full_keeps_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    database.register(Resource(EXECUTABLE, "first", "https://example.org/first"))
    path = database.user_database()
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            database.register(Resource(EXECUTABLE, "second", "https://example.org/second"))
    assert path.read_bytes() == before
    assert {p.name for p in path.parent.iterdir()} <= {path.name, path.name + ".lock"}
    with contextlib.suppress(FileNotFoundError):
        path.with_name(path.name + ".lock").unlink()
    database.register(Resource(EXECUTABLE, "second", "https://example.org/second"))
    assert [entry.name for entry in database.read()[EXECUTABLE]] == ["first", "second"]

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Many processes at once: nothing is fetched twice, nothing is lost, with locks and without."""

from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import scripted_server as http
import yaml

from ocrd_rapid.resmgr import database, locations
from ocrd_rapid.resmgr.download import download
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.locations import Location
from ocrd_rapid.resmgr.resource import Resource

EXECUTABLE = "ocrd-rapid-recognize"
PROCESSES = 8
CONTENT = random.Random(1).randbytes(1 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()

_BEGINNING = f"""
import sys, time, pathlib
import filelock, requests, yaml
from ocrd_rapid.resmgr import database
from ocrd_rapid.resmgr.download import download
from ocrd_rapid.resmgr.resource import Resource

number, EXECUTABLE = int(sys.argv[1]), {EXECUTABLE!r}
pathlib.Path(f"ready{{number}}").touch()
while not all(pathlib.Path(f"ready{{n}}").exists() for n in range({PROCESSES})):
    time.sleep(0.002)
"""

#: Takes the place of `_BEGINNING`'s locks on file systems that have none.
WITHOUT_LOCKS = """
class NoLock:
    def __init__(self, *arguments, **options): pass
    def acquire(self, *arguments, **options): pass
    def release(self): pass
    def __enter__(self): return self
    def __exit__(self, *problem): pass

filelock.FileLock = NoLock
"""

AllAtOnce = Callable[[str], list[str]]


@pytest.fixture
def all_at_once(tmp_path: Path) -> AllAtOnce:
    """Return a function that runs code in processes that begin together; returns their output."""
    directory = tmp_path / "together"
    directory.mkdir()

    def run(code: str) -> list[str]:
        with ExitStack() as stack:
            processes = [
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", _BEGINNING + code, str(number)],
                        cwd=directory,
                        env=os.environ | {"NO_PROXY": "127.0.0.1"},
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        text=True,
                    )
                )
                for number in range(PROCESSES)
            ]
            ended = [process.communicate(timeout=600) for process in processes]
        errors = "\n".join(err for _, err in ended)
        assert [process.returncode for process in processes] == [0] * PROCESSES, errors
        return [out for out, _ in ended]

    return run


@pytest.fixture
def server() -> Iterator[Any]:
    with http.serving(http.a_file(CONTENT, pause=0.01)) as running:
        yield running


def downloading(url: str, **fields: object) -> str:
    entry = {"url": url, "name": "model.onnx", **fields}
    return (
        f"outcome = download(Resource.from_mapping(EXECUTABLE, {entry!r}))\n"
        "print(outcome.action.value)\n"
    )


def place() -> Path:
    return locations.resource_dir(Location.DATA, EXECUTABLE) / "model.onnx"


def remains() -> list[Path]:
    private = locations.resource_root(Location.DATA) / locations.PRIVATE_DIR
    return [*private.glob("staging/*"), *private.glob("parts/*")]


def test_of_many_that_want_the_same_one_downloads(all_at_once: AllAtOnce, server: Any) -> None:
    said = all_at_once(downloading(server.url, sha256=SHA256))
    assert sorted(said) == ["fetch\n"] + ["keep\n"] * (PROCESSES - 1)
    assert server.ranges == [None]
    assert place().read_bytes() == CONTENT
    assert remains() == []
    (entry,) = database.read()[EXECUTABLE]
    assert (entry.name, entry.sha256, entry.size) == ("model.onnx", SHA256, len(CONTENT))


def test_many_without_locks_all_get_the_right_file(all_at_once: AllAtOnce, server: Any) -> None:
    all_at_once(WITHOUT_LOCKS + downloading(server.url, sha256=SHA256))
    assert 1 <= len(server.requests) <= PROCESSES
    assert place().read_bytes() == CONTENT
    assert remains() == []
    (entry,) = database.read()[EXECUTABLE]
    assert (entry.name, entry.sha256) == ("model.onnx", SHA256)


def test_many_without_locks_share_an_orphan_only_once(all_at_once: AllAtOnce, server: Any) -> None:
    """One of them takes what is there of the file; the others begin themselves."""
    parts = locations.resource_root(Location.DATA) / locations.PRIVATE_DIR / "parts"
    parts.mkdir(parents=True)
    key = hashlib.sha256(server.url.encode()).hexdigest()[:20]
    (parts / f"{key}.free").write_bytes(CONTENT[:100_000])
    (parts / f"{key}.free.json").write_text('{"validator": "\\"one\\""}')
    all_at_once(WITHOUT_LOCKS + downloading(server.url, sha256=SHA256))
    assert server.ranges.count("bytes=100000-") == 1
    assert place().read_bytes() == CONTENT
    assert remains() == []


def test_many_unpack_the_same_archive(all_at_once: AllAtOnce, tmp_path: Path) -> None:
    members = {f"file{number}": bytes([number]) * 1000 for number in range(20)}
    archive = tmp_path / "archive.tar"
    with tarfile.open(archive, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    said = all_at_once(downloading(archive.as_uri(), type="archive"))
    assert said.count("fetch\n") == 1
    assert {path.name: path.read_bytes() for path in place().iterdir()} == members
    assert remains() == []


def test_no_entry_is_lost_when_many_register(all_at_once: AllAtOnce) -> None:
    all_at_once(
        "for turn in range(2):\n"
        "    name = f'model-{number}-{turn}'\n"
        "    database.register(Resource(EXECUTABLE, name, f'https://example.org/{name}'))\n"
    )
    text = database.user_database().read_text(encoding="utf-8")
    assert text.startswith(database.HEADER)
    names = [entry["name"] for entry in yaml.safe_load(text)[EXECUTABLE]]
    assert sorted(names) == sorted(f"model-{n}-{t}" for n in range(PROCESSES) for t in range(2))


def test_no_entry_of_another_executable_is_lost(all_at_once: AllAtOnce) -> None:
    all_at_once("database.register(Resource(f'ocrd-tool{number}', 'x', 'https://example.org/x'))\n")
    assert sorted(database.read()) == [f"ocrd-tool{number}" for number in range(PROCESSES)]


def test_a_database_that_many_write_without_locks_is_whole(all_at_once: AllAtOnce) -> None:
    """Entries may be lost then, but it is never half written, and the last word is there."""
    said = all_at_once(
        WITHOUT_LOCKS + "for turn in range(10):\n"
        "    database.register(Resource(EXECUTABLE, f'model-{number}', f'https://x/{turn}'))\n"
        "    text = database.user_database().read_text(encoding='utf-8')\n"
        "    assert text.startswith(database.HEADER)\n"
        "    assert yaml.safe_load(text)[EXECUTABLE]\n"
        "print('whole')\n"
    )
    assert said == ["whole\n"] * PROCESSES
    names = [entry.name for entry in database.read()[EXECUTABLE]]
    assert len(names) == len(set(names))
    assert set(names) <= {f"model-{number}" for number in range(PROCESSES)}


def test_forgetting_and_registering_at_once(all_at_once: AllAtOnce) -> None:
    for number in range(PROCESSES):
        database.register(Resource(EXECUTABLE, f"old-{number}", "https://example.org/old"))
    all_at_once(
        "database.forget(EXECUTABLE, f'old-{number}')\n"
        "database.register(Resource(EXECUTABLE, f'new-{number}', 'https://example.org/new'))\n"
    )
    names = sorted(entry.name for entry in database.read()[EXECUTABLE])
    assert names == [f"new-{number}" for number in range(PROCESSES)]


def test_two_downloads_to_the_current_directory_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode())

    def another_meanwhile(done: int, total: int) -> None:
        source = str(tmp_path / "two")
        download(Resource(EXECUTABLE, "two", source), location=Location.CWD)

    source = str(tmp_path / "one")
    one = Resource(EXECUTABLE, "one", source, sha256=sha256_of(tmp_path / "one"))
    download(one, location=Location.CWD, progress=another_meanwhile)
    assert {p.name: p.read_bytes() for p in directory.iterdir()} == {"one": b"one", "two": b"two"}

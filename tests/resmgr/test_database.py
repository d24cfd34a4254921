# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The user's database, which OCR-D core reads and writes too."""

from __future__ import annotations

import errno
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocrd_rapid.errors import ExitCode, StorageError
from ocrd_rapid.plain_data import parse_yaml
from ocrd_rapid.resmgr import database
from ocrd_rapid.resmgr.resource import Resource

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT.parent / "shared" / "reference" / "golden" / "golden_resources.yml"
EXECUTABLE = "ocrd-rapid-recognize"

HEADER = (
    "# OCR-D private resource list (consider sending a PR with your own resources to OCR-D/core)"
)
#: What core writes for a file that it found somewhere.
FOREIGN = {
    "ocrd-toy": [
        {
            "description": "Found at data on 2024-01-02 03:04:05.678901",
            "name": "manual.model",
            "parameter_usage": "as-is",
            "path_in_archive": ".",
            "size": 13,
            "type": "file",
            "url": "???",
            "version_range": "???",
        }
    ]
}


def resource(name: str = "m.onnx", **changes: Any) -> Resource:
    defaults = {"url": f"http://h/{name}", "description": "A model", "size": 5}
    return Resource(executable=EXECUTABLE, name=name, **{**defaults, **changes})


@pytest.fixture
def path(own_home: Path) -> Path:
    """Return the path of the database, whose directory is there."""
    target = own_home / "config" / "ocrd" / "resources.yml"
    target.parent.mkdir(parents=True)
    return target


def content(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_database_is_where_core_has_it(own_home: Path) -> None:
    assert database.user_database() == own_home / "config" / "ocrd" / "resources.yml"


def test_a_database_that_is_not_there_is_empty_and_reading_does_not_make_it(
    own_home: Path,
) -> None:
    assert dict(database.read()) == {}
    assert list(own_home.iterdir()) == []


def test_the_first_entry_makes_the_file_as_core_writes_it(own_home: Path) -> None:
    database.register(resource(sha256="ab" * 32, licence="Apache-2.0", mirrors=("http://i/m",)))
    path = own_home / "config" / "ocrd" / "resources.yml"
    digest = "ab" * 32
    assert path.read_text(encoding="utf-8") == (
        f"{HEADER}\n"
        "ocrd-rapid-recognize:\n"
        "- description: A model\n"
        "  name: m.onnx\n"
        "  parameter_usage: as-is\n"
        "  path_in_archive: .\n"
        "  size: 5\n"
        "  type: file\n"
        f"  url: http://h/m.onnx#sha256={digest}\n"
        "  version_range: '>= 0.0.1'\n"
    )


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_who_may_write_above_may_write_to_a_new_database(mode: int, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    made = shared / "ocrd" / "resources.yml"
    database.register(resource(), made)
    assert {item.stat().st_mode & 0o022 for item in (made.parent, made)} == {mode & 0o022}


def test_entries_of_core_are_written_as_core_writes_them(path: Path) -> None:
    if not GOLDEN.is_file():
        pytest.skip(f"the golden file {GOLDEN.name} of OCR-D core is not here")
    expected = GOLDEN.read_text(encoding="utf-8")
    for executable, found in yaml.safe_load(expected).items():
        for entry in found:
            database.register(Resource.from_mapping(executable, entry))
    assert path.read_text(encoding="utf-8") == expected


def test_what_is_registered_is_read_back(path: Path) -> None:
    first, second = resource("a"), resource("b", type="archive", path_in_archive="x/y")
    database.register(first)
    database.register(second)
    assert dict(database.read()) == {EXECUTABLE: (first, second)}


def test_an_entry_of_the_same_name_is_replaced_in_its_place(path: Path) -> None:
    for name in ("a", "b", "c"):
        database.register(resource(name))
    changed = resource("b", size=99, description="Another")
    database.register(changed)
    assert database.read()[EXECUTABLE] == (resource("a"), changed, resource("c"))


def test_the_same_name_of_another_processor_is_another_entry(path: Path) -> None:
    database.register(resource())
    database.register(Resource("ocrd-other", "m.onnx", "http://h/other"))
    assert {name: len(found) for name, found in database.read().items()} == {
        EXECUTABLE: 1,
        "ocrd-other": 1,
    }


def test_entries_of_others_are_kept_as_they_are(path: Path) -> None:
    path.write_text(yaml.safe_dump(FOREIGN), encoding="utf-8")
    database.register(resource())
    assert content(path) == {**FOREIGN, EXECUTABLE: [resource().to_core()]}


def test_keys_that_we_do_not_know_are_kept(path: Path) -> None:
    entry = {**FOREIGN["ocrd-toy"][0], "note": "by hand"}
    path.write_text(yaml.safe_dump({"ocrd-toy": [entry]}), encoding="utf-8")
    database.register(resource())
    assert content(path)["ocrd-toy"] == [entry]


@pytest.mark.parametrize("text", ["", "{}\n", HEADER + "\n{}\n", "# nothing\n"])
def test_an_empty_database_is_empty(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    assert dict(database.read()) == {}
    database.register(resource())
    assert content(path) == {EXECUTABLE: [resource().to_core()]}


def test_an_executable_without_entries_is_no_obstacle(path: Path) -> None:
    path.write_text(f"{EXECUTABLE}:\nocrd-toy: []\n", encoding="utf-8")
    assert database.read().get("ocrd-toy", ()) == ()
    database.register(resource())
    assert database.read()[EXECUTABLE] == (resource(),)


# Broken databases

BROKEN = [
    "ocrd-toy: [unclosed\n", "- a\n- list\n", "just text\n", "a: b: c\n",
    "ocrd-toy: !!float x\n", "ocrd-toy: !!timestamp 2001-13-45\n", "ocrd-toy: &x [*x]\n",
    "ocrd-toy: " + "[" * 5000, "!!python/object:os.system x\n", "? [a]\n: b\n",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_database_is_empty_a_warning_and_kept(
    text: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(text, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert dict(database.read()) == {}
    assert str(path) in caplog.text
    database.register(resource())
    assert content(path) == {EXECUTABLE: [resource().to_core()]}
    copies = [p for p in path.parent.iterdir() if p.name.startswith("resources.yml.broken")]
    assert [p.read_text(encoding="utf-8") for p in copies] == [text]


def test_a_database_of_bytes_that_are_no_text_is_kept_too(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00broken")
    assert dict(database.read()) == {}
    database.register(resource())
    copies = list(path.parent.glob("resources.yml.broken*"))
    assert [p.read_bytes() for p in copies] == [b"\xff\xfe\x00broken"]


def test_a_second_broken_database_is_kept_too(path: Path) -> None:
    for text in BROKEN[:2]:
        path.write_text(text, encoding="utf-8")
        database.register(resource())
    copies = path.parent.glob("resources.yml.broken*")
    assert sorted(p.read_text(encoding="utf-8") for p in copies) == sorted(BROKEN[:2])


@pytest.mark.parametrize(
    "text",
    [
        "ocrd-toy: 5\n",
        "ocrd-toy: {url: x}\n",
        "ocrd-toy: [text, 5, null]\n",
        "ocrd-toy: [{name: without-url}]\n",
        "5: [{name: n}]\n",
    ],
)
def test_parts_that_cannot_be_used_do_not_hide_the_others(text: str, path: Path) -> None:
    path.write_text(text + yaml.safe_dump({EXECUTABLE: [resource().to_core()]}), encoding="utf-8")
    found = database.read()
    assert found[EXECUTABLE] == (resource(),)
    assert found.get("ocrd-toy", ()) == ()


@pytest.mark.parametrize(
    "value",
    [
        "size: about 5 MB", "mirrors: 5", "size: .inf", "size: -1", "size: [1]", "size: 2001-01-01",
        pytest.param(f"size: '{'9' * 5000}'", id="long"), "size: 99999999999999999999",
    ],
)  # fmt: skip
def test_an_entry_with_a_senseless_value_does_not_hide_the_others(value: str, path: Path) -> None:
    entry = {"name": "bad", "url": "http://h/bad", **parse_yaml(value)}
    both = {"ocrd-toy": [entry], EXECUTABLE: [resource().to_core()]}
    path.write_text(yaml.safe_dump(both), encoding="utf-8")
    assert database.read()[EXECUTABLE] == (resource(),)


@pytest.mark.parametrize("value", ["{url: x}", "[text, 5]", "5"])
def test_registering_beside_entries_that_cannot_be_used_works(value: str, path: Path) -> None:
    path.write_text(f"{EXECUTABLE}: {value}\n", encoding="utf-8")
    database.register(resource())
    assert resource() in database.read()[EXECUTABLE]


@pytest.mark.parametrize("value", ["2001-13-45", "2001-12-14", "0x_", "12:30", "9" * 5000])
def test_a_date_in_an_entry_is_text_and_stays_so(value: str, path: Path) -> None:
    entry = {"name": "m", "url": "http://h/m"}
    path.write_text(f"ocrd-toy:\n- {{name: m, url: http://h/m, description: {value}}}\n")
    assert [found.description for found in database.read()["ocrd-toy"]] == [value]
    database.register(resource())
    assert parse_yaml(path.read_text())["ocrd-toy"] == [{**entry, "description": value}]


# Failing writes


def test_a_database_that_cannot_be_written_is_a_storage_error(own_home: Path) -> None:
    (own_home / "config").write_text("a file where the directory should be", encoding="utf-8")
    with pytest.raises(StorageError, match=r"user database .*resources\.yml") as caught:
        database.register(resource())
    assert caught.value.exit_code is ExitCode.STORAGE


def test_a_full_disk_leaves_the_database_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.register(resource("a"))
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ocrd_rapid.files.os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        database.register(resource("b"))
    assert path.read_bytes() == before
    assert list(path.parent.glob("*.tmp")) + list(path.parent.glob(".*.tmp")) == []


def test_a_database_that_cannot_be_read_is_not_replaced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.register(resource("a"))
    before = path.read_bytes()

    def unreadable(self: Path, *args: Any, **kwargs: Any) -> str:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", unreadable)
        with pytest.raises(StorageError):
            database.register(resource("b"))
    assert path.read_bytes() == before


# Several processes

_REGISTER = """
import sys
from ocrd_rapid.resmgr import database
from ocrd_rapid.resmgr.resource import Resource
number = sys.argv[1]
sys.stdin.readline()
for i in range(5):
    database.register(Resource("ocrd-toy", f"{number}-{i}", "http://h/x"))
"""


def test_eight_processes_that_register_at_once_lose_nothing(path: Path) -> None:
    path.write_text(yaml.safe_dump({EXECUTABLE: [resource().to_core()]}), encoding="utf-8")
    processes = [
        subprocess.Popen([sys.executable, "-c", _REGISTER, str(n)], stdin=subprocess.PIPE)
        for n in range(8)
    ]
    for process in processes:  # all have started: now begin
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(600) for process in processes] == [0] * 8
    found = database.read()
    assert sorted(entry.name for entry in found["ocrd-toy"]) == sorted(
        f"{n}-{i}" for n in range(8) for i in range(5)
    )
    assert found[EXECUTABLE] == (resource(),)

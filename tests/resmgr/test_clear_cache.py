# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``resmgr clear-cache``: what it lists, what goes, and what stays."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrd_rapid.cache import DAY, PARTS
from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli
from ocrd_rapid.errors import ExitCode

Clear = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Clear:
    """Return a function that runs the command in this process: code, output, messages."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run_command(cli, "ocrd-rapid", ["resmgr", "clear-cache", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def root(own_home: Path) -> Path:
    """Return a cache with something in some parts, of several ages."""
    root = own_home / ".cache" / "ocrd-rapid"
    key = "0a" * 16
    for name, size, days in (
        (f"prepared/onnxruntime-1.30-{key}/model", 3_000_000, 0),
        (f"derived/net.{key}.onnx", 2000, 40),
        (f"hashes/{key}", 100, 0),
        ("training/kurrent/state.npz", 5000, 50),
    ):
        path = root / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * size)
        for touched in (path, path.parent):
            os.utime(touched, (time.time() - days * DAY,) * 2)
    return root


def files(root: Path) -> set[str]:
    return {path.relative_to(root).parts[0] for path in root.rglob("*") if path.is_file()}


ALL = {"prepared", "derived", "hashes", "training"}


def test_a_dry_run_lists_and_removes_nothing(clear: Clear, root: Path) -> None:
    code, out, err = clear("--dry-run")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["part", "entries", "size", "to", "free", "what"]
    rows = {line.split()[0]: line.split()[1:] for line in lines[1:]}
    assert rows["prepared"][:5] == ["1", "3.0", "MB", "3.0", "MB"]
    assert rows["training"][:5] == ["1", "5.0", "kB", "0", "B"]
    assert rows["all"] == ["4", "3.0", "MB", "3.0", "MB"]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() - 50 * DAY))
    assert lines[-1] == f"training: kurrent, last used on {day}"
    assert files(root) == ALL


def test_all_but_trainings_goes(clear: Clear, root: Path) -> None:
    code, out, _ = clear()
    assert code == 0
    assert "freed" in out.splitlines()[0]
    assert files(root) == {"training"}
    assert clear("--dry-run")[1].splitlines()[-2].split() == ["all", "1", "5.0", "kB", "0", "B"]


def test_a_training_is_named_before_it_goes(clear: Clear, root: Path) -> None:
    code, _, err = clear("--part", "training")
    assert code == 0
    assert "Removing training 'kurrent', last used on 2" in err
    assert files(root) == ALL - {"training"}


def test_what_was_used_lately_stays(clear: Clear, root: Path) -> None:
    assert clear("--older-than", "30")[0] == 0
    assert files(root) == ALL - {"derived"}


def test_parts_are_chosen(clear: Clear, root: Path) -> None:
    assert clear("--part", "hashes", "--part", "derived")[0] == 0
    assert files(root) == {"prepared", "training"}


def test_json_has_every_part_in_bytes(clear: Clear, root: Path) -> None:
    code, out, _ = clear("--json", "--part", "derived")
    found = {entry["part"]: entry for entry in json.loads(out)}
    assert (code, list(found)) == (0, [part.name for part in PARTS])
    assert found["derived"]["folders"][0] == str(root / "derived")
    numbers = ("entries", "size", "removed", "freed")
    assert [found["derived"][key] for key in numbers] == [1, 2000, 1, 2000]
    assert [found["prepared"][key] for key in numbers] == [1, 3_000_000, 0, 0]
    assert [found["urls"][key] for key in numbers] == [0, 0, 0, 0]
    assert (found["training"]["names"], found["prepared"]["names"]) == (["kurrent"], None)


def test_what_cannot_be_removed_is_an_error(
    clear: Clear, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    code, out, err = clear()
    assert code == ExitCode.STORAGE
    assert "1 of 3 entries of the cache cannot be removed, first " in err
    assert f"make {root / 'prepared'} writable" in err
    assert out.splitlines()[-2].split() == ["all", "4", "3.0", "MB", "2.1", "kB"]
    assert files(root) == {"prepared", "training"}


def test_what_a_link_leads_to_stays(clear: Clear, root: Path, tmp_path: Path) -> None:
    (root / "derived").rename(tmp_path / "elsewhere")
    (root / "derived").symlink_to(tmp_path / "elsewhere")
    code, _, err = clear("--part", "derived")
    assert code == 0
    assert f"{root / 'derived'} is a link; its target is left alone" in err
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_resources_databases_and_other_files_stay(clear: Clear, root: Path, own_home: Path) -> None:
    others = [
        own_home / "data" / "ocrd-resources" / "ocrd-rapid-detect" / "my.onnx",
        own_home / "config" / "ocrd" / "resources.yml",
        root / "derived" / "notes.txt",
        root / "of-somebody-else" / "model",
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert clear()[0] == 0
    assert clear("--part", "training")[0] == 0
    assert all(path.is_file() for path in others)


def test_without_a_cache_there_is_nothing_to_do(clear: Clear, own_home: Path) -> None:
    code, out, _ = clear()
    assert (code, out.splitlines()[-1].split()) == (0, ["all", "0", "0", "B", "0", "B"])
    assert not (own_home / ".cache").exists()


@pytest.mark.parametrize("arguments", [("--part", "models"), ("--older-than", "-1")])
def test_what_cannot_be_meant_is_refused(clear: Clear, root: Path, arguments: tuple[str]) -> None:
    code, _, err = clear(*arguments)
    assert (code, "error" in err.lower()) == (ExitCode.USAGE, True)
    assert files(root) == ALL

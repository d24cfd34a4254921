# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which processors are found on the PATH, and what of their answers is believed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.resmgr import discovery

TOOL: dict[str, Any] = {"executable": "ocrd-fake", "resources": []}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the first directory on the PATH, still empty."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(directory), os.defpath]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return directory


def script(path: Path, *lines: str, mode: int = 0o755) -> Path:
    """Write a shell script."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(mode)
    return path


def printing(text: str) -> str:
    """Return shell lines that print a text."""
    return f"cat <<'END'\n{text}\nEND"


def describe(name: str = "ocrd-fake") -> dict[str, Any] | None:
    return discovery.describe(discovery.find_executables()).get(name)


def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: object) -> None:
    """Put a registry beside a package that is named like OCR-D core."""
    package = tmp_path / "site" / "ocrd"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / name).write_text(json.dumps(content))
    monkeypatch.syspath_prepend(str(package.parent))


def test_a_processor_describes_itself(folder: Path) -> None:
    script(folder / "ocrd-fake", f'test "$1" = --dump-json && {printing(json.dumps(TOOL))}')
    assert describe() == TOOL


def test_noise_before_and_after_the_json_is_skipped(folder: Path) -> None:
    text = json.dumps(TOOL, indent=1)
    script(
        folder / "ocrd-fake",
        "echo 'to stderr: {not read}' >&2",
        printing(f"Warning: something\n\n{text}\nbye"),
    )
    assert describe() == TOOL


@pytest.mark.parametrize("noise", ["dict {'a': 1} is deprecated", "set {x}: [1]"])
def test_noise_with_braces_does_not_hide_the_json(folder: Path, noise: str) -> None:
    script(folder / "ocrd-fake", printing(f"{noise}\n{json.dumps(TOOL)}"))
    assert describe() == TOOL


@pytest.mark.parametrize(
    "body",
    [
        "echo hello",
        "echo '[1, 2]'",
        "echo '{\"executable\": '",
        ":",
        "printf '\\377\\376{'",
        f"{printing(json.dumps(TOOL))}\nexit 1",
    ],
    ids=["text", "list", "half", "nothing", "bytes", "failed"],
)
def test_who_gives_no_description_is_left_out_and_the_others_stay(folder: Path, body: str) -> None:
    script(folder / "ocrd-broken", body)
    script(folder / "ocrd-fake", printing(json.dumps(TOOL)))
    assert discovery.describe(discovery.find_executables()) == {"ocrd-fake": TOOL}


def test_a_file_that_no_system_can_run_is_left_out(folder: Path) -> None:
    broken = folder / "ocrd-broken"
    broken.write_bytes(b"#!/nowhere/interpreter\n")
    broken.chmod(0o755)
    assert discovery.describe({"ocrd-broken": broken}) == {}


def test_who_hangs_is_left_out_after_the_time_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = subprocess.run
    limits: list[float] = []

    def shorter(command: list[str], *, timeout: float, **options: Any) -> Any:
        limits.append(timeout)
        return run(command, timeout=0.2 if "slow" in command[0] else 600, **options)

    monkeypatch.setattr(subprocess, "run", shorter)
    script(folder / "ocrd-slow", "exec sleep 600")
    script(folder / "ocrd-fake", printing(json.dumps(TOOL)))
    assert discovery.describe(discovery.find_executables()) == {"ocrd-fake": TOOL}
    assert limits == [discovery.TIME_LIMIT] * 2
    assert "ocrd-slow --dump-json did not answer within 60 s; it is left out" in caplog.text


def test_a_processor_cannot_wait_for_input(folder: Path) -> None:
    script(folder / "ocrd-fake", "read line", printing(json.dumps(TOOL)))
    assert describe() == TOOL


def test_many_are_asked_in_parallel(folder: Path) -> None:
    # Each answers when three others have been asked, too.
    seen = folder.parent / "seen"
    seen.mkdir()
    wait = f'touch "{seen}/$$"; until [ "$(ls "{seen}" | wc -l)" -ge 4 ]; do sleep 0.02; done'
    for number in range(8):
        script(folder / f"ocrd-fake{number}", wait, printing(json.dumps(TOOL)))
    assert len(discovery.describe(discovery.find_executables())) == 8


def test_only_executable_files_that_are_named_like_processors_are_found(folder: Path) -> None:
    script(folder / "ocrd-b")
    script(folder / "ocrd-a")
    script(folder / "ocrd-plain", mode=0o644)
    script(folder / "fake")
    script(folder / "ocrd-make")
    (folder / "ocrd-directory").mkdir()
    (folder / "ocrd-dangling").symlink_to(folder / "missing")
    assert list(discovery.find_executables(path=str(folder)).items()) == [
        ("ocrd-a", folder / "ocrd-a"),
        ("ocrd-b", folder / "ocrd-b"),
    ]


def test_a_pattern_chooses_among_the_executables(folder: Path) -> None:
    for name in ("ocrd-tess-a", "ocrd-tess-b", "ocrd-other"):
        script(folder / name)
    assert list(discovery.find_executables("ocrd-tess-*")) == ["ocrd-tess-a", "ocrd-tess-b"]
    assert discovery.find_executables("tess") == {}


def test_of_two_with_one_name_the_first_on_the_path_counts(tmp_path: Path) -> None:
    first = script(tmp_path / "one" / "ocrd-fake")
    script(tmp_path / "two" / "ocrd-fake")
    path = os.pathsep.join(map(str, [tmp_path / "none", tmp_path / "one", tmp_path / "two"]))
    assert discovery.find_executables(path=path) == {"ocrd-fake": first}


def test_one_that_cannot_be_run_does_not_hide_a_later_one(tmp_path: Path) -> None:
    script(tmp_path / "one" / "ocrd-fake", mode=0o644)
    second = script(tmp_path / "two" / "ocrd-fake")
    path = f"{tmp_path / 'one'}{os.pathsep}{tmp_path / 'two'}"
    assert discovery.find_executables(path=path) == {"ocrd-fake": second}


def test_an_answer_is_cached_until_the_executable_changes(folder: Path, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    path = script(folder / "ocrd-fake", f"echo \"$1\" >> '{calls}'", printing(json.dumps(TOOL)))
    assert describe() == describe() == TOOL
    assert calls.read_text().split() == ["--dump-json"]
    later = path.stat().st_mtime + 10
    os.utime(path, (later, later))
    assert describe() == TOOL
    assert calls.read_text().split() == ["--dump-json"] * 2


def test_a_changed_executable_is_asked_again_and_believed(folder: Path) -> None:
    script(folder / "ocrd-fake", printing(json.dumps(TOOL)))
    assert describe() == TOOL
    changed = {**TOOL, "description": "new"}
    script(folder / "ocrd-fake", printing(json.dumps(changed)))
    assert describe() == changed


def test_a_failure_is_not_cached(folder: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    script(folder / "ocrd-fake", f"test -e '{ready}' || exit 1", printing(json.dumps(TOOL)))
    assert describe() is None
    ready.touch()
    assert describe() == TOOL


def test_a_broken_or_missing_cache_costs_only_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(folder / "ocrd-fake", printing(json.dumps(TOOL)))
    assert describe() == TOOL
    files = [path for path in (tmp_path / "cache").rglob("*.json") if path.is_file()]
    assert len(files) == 1
    files[0].write_text("{half")
    assert describe() == TOOL
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert describe() == TOOL


def test_core_s_registry_is_used_instead_of_asking(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    for name in ("ocrd-fake", "ocrd-other"):
        script(folder / name, f"echo {name} >> '{calls}'", printing('{"executable": "itself"}'))
    registry(tmp_path, monkeypatch, "ocrd-all-tool.json", {"ocrd-fake": {"executable": "registry"}})
    assert describe("ocrd-fake") == {"executable": "registry"}
    assert describe("ocrd-other") == {"executable": "itself"}
    assert calls.read_text().split() == ["ocrd-other"]


@pytest.mark.parametrize("content", [{"ocrd-fake": None}, ["ocrd-fake"], {}])
def test_a_registry_that_knows_nothing_of_a_processor_is_passed_over(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object
) -> None:
    script(folder / "ocrd-fake", printing(json.dumps(TOOL)))
    registry(tmp_path, monkeypatch, "ocrd-all-tool.json", content)
    assert describe() == TOOL


def test_resources_that_cannot_be_used_are_left_out() -> None:
    good = {"url": "https://a.example/good.bin", "name": "good.bin", "size": 3}
    broken = [None, "text", {}, {"name": "no-url"}, {**good, "size": "big"}, ["list"]]
    found = discovery.resources_of("ocrd-fake", {"resources": [*broken, good]})
    assert [(r.executable, r.name, r.size) for r in found] == [("ocrd-fake", "good.bin", 3)]


@pytest.mark.parametrize("tool", [{}, {"resources": None}, {"resources": []}])
def test_a_tool_without_resources_advertises_none(tool: dict[str, Any]) -> None:
    assert discovery.resources_of("ocrd-fake", tool) == []


def test_the_module_directory_is_what_the_processor_says(folder: Path, tmp_path: Path) -> None:
    module = tmp_path / "with space"
    module.mkdir()
    script(
        folder / "ocrd-fake",
        f"test \"$1\" = --dump-module-dir && echo noise && echo '{module}'",
    )
    assert discovery.module_directory("ocrd-fake") == module


@pytest.mark.parametrize("said", ["hello", ".", "bin", "/nowhere/at/all", "", "{file}"])
def test_what_is_no_existing_absolute_directory_is_not_believed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = folder / "ocrd-fake"
    script(path, f"echo '{said.format(file=path)}'")
    assert discovery.module_directory("ocrd-fake") is None


def test_a_processor_that_is_not_there_has_no_module_directory(folder: Path) -> None:
    assert discovery.module_directory("ocrd-missing") is None


def test_the_module_directory_comes_from_the_registry_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(folder / "ocrd-fake", "echo /")
    content = {"ocrd-fake": str(folder)}
    registry(tmp_path, monkeypatch, "ocrd-all-module-dir.json", content)
    assert discovery.module_directory("ocrd-fake") == folder

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What ``ocrd-rapid resmgr`` does beyond OCR-D core, run in this process."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import socket
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli
from ocrd_rapid.errors import ExitCode
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.resmgr import catalogue, database, locations

DETECT = "ocrd-rapid-detect"
RECOGNIZE = "ocrd-rapid-recognize"
MODEL = "PP-OCRv6_det_small.onnx"


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Resmgr = Callable[..., Done]
AddTool = Callable[..., Path]


@pytest.fixture
def resmgr(
    system: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Resmgr]:
    """Return a function that runs a command; no network, only fake processors on the PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.defpath]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "0")  # so that --offline does not outlive the test
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    monkeypatch.setattr(socket.socket, "connect_ex", _no_network)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def call(*arguments: str | Path) -> Done:
        code = run_command(cli, "ocrd-rapid", ["resmgr", *map(str, arguments)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "unexpected " not in captured.err, captured.err
        return Done(code, captured.out, captured.err)

    yield call
    root.handlers[:] = handlers
    root.setLevel(level)


def _no_network(*arguments: object) -> None:
    pytest.fail(f"a connection was opened: {arguments[1:]}")


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a copy of what is shipped with the package, in its place."""
    copy = tmp_path / "models"
    shutil.copytree(Path(locations.__file__).parents[1] / "models", copy)
    monkeypatch.setattr(locations, "module_root", lambda: copy)
    return copy


@pytest.fixture
def add_tool(tmp_path: Path, resmgr: Resmgr) -> AddTool:
    """Return a function that puts a fake processor on the PATH."""

    def add(name: str, *resources: Any, module: Path | None = None, **tool: Any) -> Path:
        text = json.dumps({"executable": name, "resources": list(resources), **tool})
        path = tmp_path / "bin" / name
        path.write_text(
            f"#!/bin/sh\ncase \"$1\" in\n--dump-json) cat <<'END'\n{text}\nEND\n;;\n"
            f"--dump-module-dir) echo '{module or ''}';;\nesac\n"
        )
        path.chmod(0o755)
        return path

    return add


def local(folder: Path, name: str, content: str = "content", **more: Any) -> dict[str, Any]:
    """Return an entry of a resource that is a file in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return {
        "name": name,
        "url": (folder / name).as_uri(),
        "description": f"The {name}",
        "size": len(content),
        **more,
    }


def data(executable: str, name: str = "") -> Path:
    return locations.data_home() / "ocrd-resources" / executable / name


def put(executable: str, name: str, content: str = "content") -> Path:
    path = data(executable, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def entries() -> dict[str, list[dict[str, Any]]]:
    """Return the content of the user's database."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(database.user_database().read_text())
    return content


# list-available


def test_without_dynamic_only_catalogue_and_database_are_listed(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin"))
    assert "- a.bin @  (file://" in resmgr("list-available").out
    done = resmgr("list-available", "-D")
    assert done.code == 0
    assert "a.bin" not in done.out
    assert f"- {MODEL} @  (https://" in done.out


def test_a_glob_chooses_processors(resmgr: Resmgr, add_tool: AddTool, tmp_path: Path) -> None:
    for name in ("ocrd-tess-a", "ocrd-tess-b", "ocrd-other"):
        add_tool(name, local(tmp_path / "src", f"{name}.bin"))
    lines = resmgr("list-available", "-e", "ocrd-tess-*").out.splitlines()
    assert [line for line in lines if line.startswith("ocrd-")] == ["ocrd-tess-a", "ocrd-tess-b"]


def test_available_resources_as_json_have_hashes(resmgr: Resmgr) -> None:
    found = resmgr("list-available", "-D", "--json").json
    assert len(found) == sum(map(len, catalogue.bundled().values()))
    for entry in found:
        assert re.fullmatch("[0-9a-f]{64}", entry["sha256"]), entry["name"]
        assert entry["size"] is None or entry["size"] > 0
        assert entry["sources"]
        assert entry["licence"]


# list-installed


def test_installed_resources_as_json_have_paths(resmgr: Resmgr) -> None:
    path = put(DETECT, "own.onnx")
    [found] = resmgr("list-installed", "-e", DETECT, "--json").json
    assert (found["path"], found["location"]) == (str(path), "data")
    assert (found["executable"], found["name"], found["size"]) == (DETECT, "own.onnx", 7)
    assert found["sha256"] is None


def test_an_unknown_file_is_entered_once_as_core_would(resmgr: Resmgr) -> None:
    put("ocrd-gone", "a.bin")
    put("ocrd-gone", "dir/inner")
    first = resmgr("list-installed")
    assert "- a.bin @  (???)\n  Found at data on 2" in first.out
    content = database.user_database().read_text()
    assert resmgr("list-installed").out == first.out
    assert database.user_database().read_text() == content
    file, directory = entries()["ocrd-gone"]
    assert re.fullmatch(r"Found at data on \d{4}-\d\d-\d\d [\d:.]+", file.pop("description"))
    assert file == {
        "url": "???",
        "name": "a.bin",
        "size": 7,
        "type": "file",
        "parameter_usage": "as-is",
        "path_in_archive": ".",
        "version_range": "???",
    }
    assert (directory["name"], directory["type"], directory["size"]) == ("dir", "directory", 7)


def test_where_the_database_cannot_be_made_listing_works_all_the_same(
    resmgr: Resmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    put("ocrd-gone", "a.bin")
    done = resmgr("list-installed")
    assert done.code == 0
    assert "- a.bin @  (???)" in done.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_where_the_database_may_not_be_written_listing_works_all_the_same(
    resmgr: Resmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir(mode=0o500)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    put("ocrd-gone", "a.bin")
    done = resmgr("list-installed")
    assert done.code == 0
    assert "- a.bin @  (???)" in done.out


def test_installed_resources_of_a_processor_on_the_path_are_listed_with_its_entries(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin"))
    put("ocrd-fake", "a.bin")
    assert "\nocrd-fake\n- a.bin @  (file://" in "\n" + resmgr("list-installed").out
    assert "  The a.bin\n" in resmgr("list-installed", "-e", "ocrd-fake").out
    assert not database.user_database().exists()


# info, path


def test_info_shows_all_that_is_known(resmgr: Resmgr) -> None:
    shown = resmgr("info", MODEL)
    known = catalogue.find(DETECT, MODEL)
    assert known is not None
    assert re.search(rf"^sha256: +{known.sha256}$", shown.out, re.MULTILINE)
    assert re.search("^licence: +Apache-2.0$", shown.out, re.MULTILINE)
    found = resmgr("info", "--json", MODEL).json
    assert found["executable"] == DETECT
    assert found["sources"] == list(known.sources)


def test_info_knows_other_processors_by_option(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin", parameter_usage="without-extension"))
    assert resmgr("info", "-e", "ocrd-fake", "a", "--json").json["parameter"] == "a"
    unknown = resmgr("info", "a.bin")
    assert unknown.code == ExitCode.RESOURCE_NOT_FOUND
    assert "-e" in unknown.err
    assert "did you mean a.bin?" in resmgr("info", "-e", "ocrd-fake", "b.bin").err


@pytest.mark.usefixtures("shipped")
def test_info_of_a_shipped_head_has_what_its_file_says(resmgr: Resmgr) -> None:
    name = "PP-OCRv6_rec_small_blackletter.npz"
    shown = resmgr("info", name).out
    assert re.search("^languages: +deu$", shown, re.MULTILINE)
    assert re.search("^training: .*lines 4255", shown, re.MULTILINE)
    found = resmgr("info", "--json", "-e", RECOGNIZE, name).json
    assert (found["head"], found["font_family"]) == ("blackletter", "Fraktur")
    known = catalogue.find(RECOGNIZE, "PP-OCRv6_rec_small.onnx")
    assert known is not None
    assert found["network"] == known.sha256


def test_info_of_a_damaged_head_has_what_else_is_known(resmgr: Resmgr) -> None:
    path = put(RECOGNIZE, "mine.npz", "no head")
    done = resmgr("info", "mine.npz")
    assert done.code == 0
    assert "mine.npz" in done.out
    assert str(path) in done.err


def test_path_prints_where_an_installed_resource_is(resmgr: Resmgr) -> None:
    path = put(DETECT, MODEL)
    assert resmgr("path", MODEL).out == f"{path}\n"
    assert resmgr("path", "-e", DETECT, MODEL).out == f"{path}\n"
    other = put("ocrd-gone", "a.bin")
    assert resmgr("path", "-e", "ocrd-gone", "a.bin").out == f"{other}\n"


def test_path_takes_a_name_without_its_suffix(resmgr: Resmgr) -> None:
    path = put(DETECT, "mymodel.onnx")
    assert resmgr("path", "mymodel").out == f"{path}\n"
    assert "did you mean mymodel.onnx" in resmgr("path", "-e", DETECT, "mymodell").err


def test_path_of_what_is_not_installed_names_the_command_that_installs_it(
    resmgr: Resmgr,
) -> None:
    done = resmgr("path", MODEL)
    assert (done.code, done.out) == (ExitCode.RESOURCE_NOT_FOUND, "")
    assert f"ocrd-rapid resmgr download {DETECT} {MODEL}" in done.err
    assert resmgr("path", "nothing").code == ExitCode.RESOURCE_NOT_FOUND


# verify, remove, migrate


def test_verify_tells_ok_wrong_and_unknown(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    assert resmgr("download", "-n", source, DETECT, "good.bin").code == 0
    unknown = put(DETECT, "unknown.bin")
    assert resmgr("verify").code == 0
    wrong = put(DETECT, MODEL, "not a model")
    done = resmgr("verify", "-e", DETECT)
    assert done.code == ExitCode.INTEGRITY
    lines = [line.split(maxsplit=2)[:2] for line in done.out.splitlines()]
    assert sorted(lines) == [
        ["ok", str(data(DETECT, "good.bin"))],
        ["unknown", str(unknown)],
        ["wrong", str(wrong)],
    ]
    assert f"download --overwrite {DETECT} {MODEL}" in done.err
    states = {r["name"]: r["state"] for r in resmgr("verify", "--json").json}
    assert states == {"good.bin": "ok", "unknown.bin": "unknown", MODEL: "wrong"}


def test_verify_knows_the_hashes_of_what_is_shipped(resmgr: Resmgr, shipped: Path) -> None:
    states = {r["name"]: r["state"] for r in resmgr("verify", "-e", RECOGNIZE, "--json").json}
    shipped_files = {path.name for path in (shipped / RECOGNIZE).iterdir()} - {"README.md"}
    assert set(states) == shipped_files
    assert {"PP-OCRv6_rec_small_latin.npz", "PP-OCRv6_rec_small_greek.npz"} <= set(states)
    assert set(states.values()) == {"ok"}
    damaged = shipped / RECOGNIZE / "PP-OCRv6_rec_small_latin.npz"
    with damaged.open("ab") as stream:
        stream.write(b"0")
    done = resmgr("verify", "-e", RECOGNIZE)
    assert done.code == ExitCode.INTEGRITY
    assert f"wrong   {damaged}" in done.out


def test_remove_deletes_and_forgets(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    resmgr("download", "-n", source, DETECT, "good.bin")
    assert resmgr("remove", DETECT, "good.bin").code == 0
    assert not data(DETECT, "good.bin").exists()
    assert entries()[DETECT] == []
    assert source.exists()


def test_remove_of_what_is_not_there_gives_a_hint(resmgr: Resmgr) -> None:
    path = put(DETECT, "german.bin")
    done = resmgr("remove", DETECT, "gernam.bin")
    assert done.code == ExitCode.RESOURCE_NOT_FOUND
    assert "did you mean german.bin?" in done.err
    assert path.exists()


def test_migrate_keeps_a_backup(resmgr: Resmgr) -> None:
    assert resmgr("migrate", "2.37.0").out == "Nothing to migrate\n"
    path = database.user_database()
    path.parent.mkdir(parents=True)
    old = "ocrd-a:\n- {name: a, url: u, description: d, size: 1, type: tarball}\n"
    path.write_text(old)
    done = resmgr("migrate", "2.37.0")
    assert done.code == 0
    backup = path.with_name("resources.yml.before-2.37.0")
    assert str(backup) in done.out
    assert backup.read_text() == old
    assert entries()["ocrd-a"][0]["type"] == "archive"
    assert resmgr("migrate", "1.0").code == ExitCode.USAGE


# export, import


def test_export_and_import_carry_resources_to_another_machine(
    resmgr: Resmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(DETECT, "a.onnx", "A")
    put("ocrd-gone", "dir/inner", "I")
    bundle = tmp_path / "bundle.zip"
    assert {r["name"] for r in resmgr("export", "-o", bundle, "--json").json} == {"a.onnx", "dir"}
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "there"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "there"))
    imported = resmgr("import", bundle, "--json").json
    assert {r["path"] for r in imported} == {
        str(data(DETECT, "a.onnx")), str(data("ocrd-gone", "dir"))
    }  # fmt: skip
    assert data(DETECT, "a.onnx").read_text() == "A"
    assert data("ocrd-gone", "dir/inner").read_text() == "I"
    assert "Kept" in resmgr("import", bundle).err
    data("ocrd-gone", "dir/inner").write_text("changed")
    assert resmgr("import", "--overwrite", bundle).code == 0
    assert data("ocrd-gone", "dir/inner").read_text() == "I"


def test_export_can_be_limited_to_names(resmgr: Resmgr, tmp_path: Path) -> None:
    put(DETECT, "a.onnx")
    put(DETECT, "b.onnx")
    bundle = tmp_path / "bundle.zip"
    done = resmgr("export", "-o", bundle, "--json", DETECT, "b.onnx")
    assert [r["name"] for r in done.json] == ["b.onnx"]
    bundle.unlink()
    missing = resmgr("export", "-o", bundle, DETECT, "c.onnx")
    assert missing.code == ExitCode.RESOURCE_NOT_FOUND
    assert not bundle.exists()


def test_a_file_that_is_no_bundle_is_one_line_of_error(resmgr: Resmgr, tmp_path: Path) -> None:
    path = tmp_path / "no.zip"
    path.write_text("hello")
    for bundle in (path, tmp_path / "missing.zip", tmp_path):
        done = resmgr("import", bundle)
        assert done.code == ExitCode.USAGE
        assert len(done.err.splitlines()) == 1
        assert str(bundle.name) in done.err


def test_import_names_the_bundle_and_not_where_it_was_unpacked(
    resmgr: Resmgr, tmp_path: Path
) -> None:
    put("ocrd-gone", "a.bin")
    bundle = tmp_path / "bundle.zip"
    assert resmgr("export", "-o", bundle).code == 0
    done = resmgr("import", "--overwrite", bundle)
    assert done.code == 0
    assert f"Copying a.bin from {bundle}\n" in done.err
    assert "ocrd-rapid-import-" not in done.err


# what is not known


@pytest.mark.parametrize(
    "arguments",
    [
        ["list-available", "-e", "ocrd-rapid-recognise"],
        ["list-available", "--json", "-e", "ocrd-rapid-recognise"],
        ["list-installed", "-e", "ocrd-rapid-recognise"],
        ["verify", "-e", "ocrd-rapid-recognise"],
        ["remove", "ocrd-rapid-recognise", "a.onnx"],
    ],
)
def test_a_processor_that_is_not_known_is_an_error_with_those_like_it(
    resmgr: Resmgr, arguments: list[str]
) -> None:
    done = resmgr(*arguments)
    assert (done.code, done.out) == (ExitCode.RESOURCE_NOT_FOUND, "")
    assert "no processor 'ocrd-rapid-recognise' is installed" in done.err
    assert "did you mean ocrd-rapid-recognize" in done.err


def test_a_processor_without_resources_is_known(resmgr: Resmgr, add_tool: AddTool) -> None:
    add_tool("ocrd-fake")
    for command in ("list-available", "list-installed"):
        done = resmgr(command, "-e", "ocrd-fake")
        assert (done.code, done.out) == (0, "ocrd-fake\n\n")


# where things go


def test_a_place_where_the_processor_does_not_look_is_warned_of(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    source = local(tmp_path / "src", "a.bin")
    add_tool("ocrd-fake", source, resource_locations=["module"])
    done = resmgr("download", "-l", "system", "ocrd-fake", "a.bin")
    assert done.code == 0
    assert "ocrd-fake looks for resources at module only, not at system" in done.err
    assert "install there with -l module" in done.err
    assert "WARNING" not in resmgr("download", "-o", "-l", "data", DETECT, "-n", "x", "x").err


def test_what_is_there_several_times_is_listed_with_its_places(
    resmgr: Resmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Path
) -> None:
    mine = tmp_path / "mine"
    monkeypatch.setenv("OCRD_FAKE_PATH", str(mine))
    for directory in (mine, system / "ocrd-resources" / "ocrd-fake"):
        directory.mkdir(parents=True)
        (directory / "a.bin").touch()
    put("ocrd-fake", "a.bin")
    put("ocrd-fake", "b.bin")
    out = resmgr("list-installed", "-e", "ocrd-fake").out
    places = re.findall(r"^- (\S+) @ (\S*) \(\?\?\?\)$", out, re.MULTILINE)
    assert sorted(places) == [
        ("a.bin", str(mine)), ("a.bin", "data"), ("a.bin", "system"), ("b.bin", ""),
    ]  # fmt: skip


def test_an_archive_that_is_stored_as_a_file_is_warned_of(resmgr: Resmgr, tmp_path: Path) -> None:
    inside = tmp_path / "model.bin"
    inside.write_text("model")
    tar, packed = tmp_path / "model.tar.gz", tmp_path / "model.zip"
    with tarfile.open(tar, "w:gz") as archive:
        archive.add(inside, "model.bin")
    for path in (packed, tmp_path / "model.npz"):
        with zipfile.ZipFile(path, "w") as content:
            content.write(inside, "model.bin")
    for source, name in ((tar, "model"), (packed, "m.bin")):
        done = resmgr("download", "-n", source, DETECT, name)
        assert done.code == 0
        assert f"{name} is an archive, and was stored as one file" in done.err
        assert "add: -t archive -o" in done.err
        done = resmgr("download", "-o", "-t", "archive", "-n", source, DETECT, name)
        assert done.code == 0
        assert "stored as one file" not in done.err
    for source in (inside, tmp_path / "model.npz"):
        done = resmgr("download", "-n", source, DETECT, source.name)
        assert done.code == 0
        assert "stored as one file" not in done.err


@pytest.mark.parametrize("kind", ["file", "archive"])
def test_who_may_write_to_the_models_keeps_the_right(
    resmgr: Resmgr, tmp_path: Path, kind: str
) -> None:
    inside, tar = tmp_path / "model.bin", tmp_path / "model.tar"
    inside.write_text("model")
    with tarfile.open(tar, "w") as archive:
        archive.add(inside, "sub/model.bin")
    root = data(DETECT, "x").parents[1]
    root.mkdir(parents=True)
    before = os.umask(0o022)
    try:
        for mode in (0o755, 0o2775, 0o777, 0o1777):
            root.chmod(mode)
            source = tar if kind == "archive" else inside
            name = f"{kind}{mode:o}"
            assert resmgr("download", "-n", source, "-t", kind, DETECT, name).code == 0
            made = [path for path in root.rglob("*") if path.is_dir()]
            made += [p for p in data(DETECT, name).rglob("*") if p.is_file()]
            made += [p for p in [data(DETECT, name)] if p.is_file()]
            # Where all may make files, and remove only their own, all may not write to others'.
            shared = mode & (0o020 if mode & 0o1000 else 0o022)
            assert {path.stat().st_mode & 0o022 for path in made} == {shared}
            assert {p.stat().st_mode & 0o2000 for p in made if p.is_dir()} >= {mode & 0o2000}
            shutil.rmtree(root / DETECT)
            shutil.rmtree(root / ".ocrd_rapid")
    finally:
        os.umask(before)


@pytest.mark.usefixtures("shipped")
def test_what_ships_with_the_package_cannot_be_removed(resmgr: Resmgr) -> None:
    done = resmgr("remove", RECOGNIZE, "PP-OCRv6_rec_small_blackletter.npz")
    assert done.code == ExitCode.USAGE
    assert f"ships with the package of {RECOGNIZE} and cannot be removed" in done.err


# download


def test_a_dry_run_of_a_set_lists_its_three(resmgr: Resmgr) -> None:
    put(DETECT, MODEL)
    done = resmgr("download", "--set", "original", "--dry-run")
    assert done.code == 0
    states = [line.split(": ")[0] for line in done.out.splitlines()]
    assert states == ["exists", "would download", "would download"]
    shown = resmgr("download", "--set", "original", "--dry-run", "--json").json
    assert [r["exists"] for r in shown] == [True, False, False]
    assert [r["path"] for r in shown] == [str(data(r["executable"], r["name"])) for r in shown]
    assert "exists" not in resmgr("download", "--set", "original", "--dry-run", "-o").out
    assert [path.name for path in data(DETECT).parent.rglob("*.onnx")] == [MODEL]


def test_a_set_can_be_limited_to_a_processor_but_not_to_a_name(resmgr: Resmgr) -> None:
    shown = resmgr("download", "--set", "original", "--dry-run", "--json", DETECT).json
    assert [r["name"] for r in shown] == [MODEL]
    assert resmgr("download", "--set", "original", DETECT, MODEL).code == ExitCode.USAGE
    assert resmgr("download", "--set", "none").code == ExitCode.RESOURCE_NOT_FOUND


@pytest.mark.parametrize("layout", ["ocrd-fake/a.bin", "a.bin"])
@pytest.mark.parametrize("by_variable", [False, True])
def test_a_mirror_is_tried_first(
    resmgr: Resmgr,
    add_tool: AddTool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    layout: str,
    by_variable: bool,
) -> None:
    add_tool("ocrd-fake", {"name": "a.bin", "url": "https://a.example/a.bin", "size": 6})
    mirror = tmp_path / "mirror"
    (mirror / layout).parent.mkdir(parents=True)
    (mirror / layout).write_text("mirror")
    if by_variable:
        monkeypatch.setenv("OCRD_RAPID_MIRROR", str(mirror))
    option = [] if by_variable else ["--mirror", mirror]
    assert resmgr("download", *option, "ocrd-fake", "a.bin").code == 0
    assert data("ocrd-fake", "a.bin").read_text() == "mirror"
    assert entries()["ocrd-fake"][0]["url"].startswith("https://a.example/a.bin#sha256=")


def test_a_mirror_with_other_content_is_passed_over(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    digest = hashlib.sha256(b"content").hexdigest()
    entry = local(tmp_path / "src", "a.bin")
    add_tool("ocrd-fake", {**entry, "url": f"{entry['url']}#sha256={digest}"})
    local(tmp_path / "mirror", "a.bin", "CONTENT")
    done = resmgr("download", "--mirror", tmp_path / "mirror", "ocrd-fake", "a.bin")
    assert done.code == 0
    assert data("ocrd-fake", "a.bin").read_text() == "content"


def test_offline_opens_no_connection(resmgr: Resmgr) -> None:
    done = resmgr("download", "--offline", DETECT, MODEL)
    assert done.code == ExitCode.NETWORK
    assert "OCRD_RAPID_OFFLINE" in done.err
    assert not data(DETECT, MODEL).exists()
    url = "https://a.example/x.bin"
    assert resmgr("download", "--offline", "-n", url, DETECT, "x.bin").code == ExitCode.NETWORK


def test_offline_installs_from_files(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    assert resmgr("download", "--offline", "-n", source, DETECT, "x.bin").code == 0
    assert data(DETECT, "x.bin").read_text() == "content"


@pytest.mark.parametrize("right", [True, False])
def test_a_hash_on_the_command_line_is_checked(resmgr: Resmgr, tmp_path: Path, right: bool) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    digest = hashlib.sha256(b"content" if right else b"other").hexdigest().upper()
    done = resmgr("download", "-n", source, "--sha256", digest, DETECT, "x.bin")
    assert done.code == (ExitCode.OK if right else ExitCode.INTEGRITY)
    assert data(DETECT, "x.bin").exists() == right
    if right:
        # Core takes a local path as it is: the hash is recorded elsewhere.
        assert entries()[DETECT][0]["url"] == str(source)
        assert resmgr("verify", "-e", DETECT).out.startswith("ok ")


def test_a_relative_path_is_registered_as_an_absolute_one(
    resmgr: Resmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source").write_text("content")
    monkeypatch.chdir(tmp_path)
    assert resmgr("download", "-n", "source", DETECT, "x.bin").code == 0
    assert entries()[DETECT][0]["url"].partition("#")[0] == str(tmp_path / "source")


def test_a_path_may_have_a_hash_sign_in_it(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "model #1.bin"
    source.write_text("content")
    assert resmgr("download", "-n", source, DETECT, "x.bin").code == 0


def test_all_resources_of_a_processor_come_with_a_star(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    found = [local(tmp_path / "src", f"{n}.bin", f"content {n}") for n in range(6)]
    add_tool("ocrd-fake", *found, {"name": "stub", "url": "???"})
    done = resmgr("download", "-j", "4", "--json", "ocrd-fake", "*")
    assert done.code == 0
    assert [r["name"] for r in done.json] == [f"{n}.bin" for n in range(6)]
    assert {p.name: p.read_text() for p in data("ocrd-fake").iterdir()} == {
        f"{n}.bin": f"content {n}" for n in range(6)
    }
    assert {e["name"] for e in entries()["ocrd-fake"]} == {f"{n}.bin" for n in range(6)}


@pytest.mark.parametrize("arguments", [["*"], ["*", "*"]])
def test_a_star_for_the_executable_means_every_processor(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path, arguments: list[str]
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin"))
    add_tool("ocrd-other", local(tmp_path / "src", "b.bin"))
    shown = resmgr("download", "--dry-run", "--json", *arguments).json
    assert len(shown) == 2 + sum(map(len, catalogue.bundled().values()))
    found = {(r["executable"], r["name"]) for r in shown}
    assert {("ocrd-fake", "a.bin"), ("ocrd-other", "b.bin"), (DETECT, MODEL)} <= found


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_where_some_fail_the_others_are_done_and_the_first_gives_the_code(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path, jobs: str
) -> None:
    wrong = {**local(tmp_path / "src", "wrong.bin"), "size": 99}
    missing = {**local(tmp_path / "src", "missing.bin"), "url": "file:///nowhere/missing.bin"}
    last = local(tmp_path / "src", "last.bin")
    add_tool("ocrd-fake", local(tmp_path / "src", "first.bin"), wrong, missing, last)
    done = resmgr("download", "-j", jobs, "ocrd-fake", "*")
    assert done.code == ExitCode.INTEGRITY
    assert "2 of 4 resources failed; the first: wrong.bin" in done.err.splitlines()[-1]
    assert {p.name for p in data("ocrd-fake").iterdir()} == {"first.bin", "last.bin"}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("top/sub", {"x.bin/inner": "I"}),
        ("top/one", {"x.bin": "1"}),
        (".", {"x.bin/top/one": "1", "x.bin/top/sub/inner": "I"}),
    ],
)
def test_a_member_is_taken_out_of_an_archive(
    resmgr: Resmgr, tmp_path: Path, member: str, expected: dict[str, str]
) -> None:
    (tmp_path / "top" / "sub").mkdir(parents=True)
    (tmp_path / "top" / "one").write_text("1")
    (tmp_path / "top" / "sub" / "inner").write_text("I")
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "top", "top")
    done = resmgr("download", "-n", archive, "-t", "archive", "-P", member, DETECT, "x.bin")
    assert done.code == 0, done.err
    files = [path for path in data(DETECT).rglob("*") if path.is_file()]
    found = {path.relative_to(data(DETECT)).as_posix(): path.read_text() for path in files}
    assert found == expected
    [entry] = entries()[DETECT]
    assert (entry["type"], entry["path_in_archive"]) == ("archive", member)


def test_a_missing_member_of_an_archive_installs_nothing(resmgr: Resmgr, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(Path(__file__), "top/one")
    done = resmgr("download", "-n", archive, "-t", "archive", "-P", "no", DETECT, "x.bin")
    assert done.code == ExitCode.FAILURE
    assert "no member 'no'" in done.err
    assert not data(DETECT).exists()


def test_a_directory_is_installed_as_a_whole(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "inner").write_text("inner")
    done = resmgr("download", "-n", source, "-t", "directory", DETECT, "x")
    assert done.code == 0, done.err
    assert data(DETECT, "x/sub/inner").read_text() == "inner"
    [entry] = entries()[DETECT]
    assert (entry["type"], entry["size"], entry["url"]) == ("directory", 5, str(source))


def test_a_processor_that_is_not_installed_needs_an_option(resmgr: Resmgr, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    done = resmgr("download", "-n", source, "ocrd-gone", "x.bin")
    assert done.code == ExitCode.USAGE
    assert "--allow-uninstalled" in done.err
    assert resmgr("download", "-a", "-n", source, "ocrd-gone", "x.bin").code == 0
    assert data("ocrd-gone", "x.bin").read_text() == "content"


def test_what_is_not_named_like_a_processor_has_no_resources(
    resmgr: Resmgr, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    assert resmgr("download", "-a", "-n", source, "fake", "x.bin").code == ExitCode.USAGE
    assert not database.user_database().exists()


def test_a_program_that_is_not_named_like_a_processor_is_never_run(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    called = tmp_path / "called"
    add_tool("fake").write_text(f"#!/bin/sh\ntouch '{called}'\necho '{{}}'\n")
    resmgr("list-installed", "-e", "fake")
    resmgr("download", "--dry-run", "fake", "*")
    assert not called.exists()


# where to


def test_the_processor_s_first_location_is_the_default(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path, system: Path
) -> None:
    module = tmp_path / "module"
    module.mkdir()
    entry = local(tmp_path / "src", "a.bin")
    add_tool("ocrd-in-module", entry, module=module, resource_locations=["module"])
    add_tool("ocrd-in-system", entry, resource_locations=["system", "data"])
    add_tool("ocrd-in-data", entry)
    targets = {
        "ocrd-in-module": module / "a.bin",
        "ocrd-in-system": system / "ocrd-resources" / "ocrd-in-system" / "a.bin",
        "ocrd-in-data": data("ocrd-in-data", "a.bin"),
    }
    for name, target in targets.items():
        [shown] = resmgr("download", "--dry-run", "--json", name, "a.bin").json
        assert shown["path"] == str(target)
        assert resmgr("download", name, "a.bin").code == 0
        assert target.read_text() == "content"
        assert f"- a.bin @  ({entry['url']}" in resmgr("list-installed", "-e", name).out
    assert [path.name for path in module.iterdir()] == ["a.bin"]


def test_the_option_decides_where_to(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin"), resource_locations=["module"])
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert resmgr("download", "-l", "data", "ocrd-fake", "a.bin").code == 0
    assert data("ocrd-fake", "a.bin").is_file()
    assert resmgr("download", "-l", "cwd", "ocrd-fake", "a.bin").code == 0
    assert [path.name for path in (tmp_path / "cwd").iterdir()] == ["a.bin"]


def test_a_foreign_module_directory_does_not_need_ours(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(locations, "module_dir", lambda _: tmp_path / "file" / "models")
    module = tmp_path / "module"
    module.mkdir()
    entry = local(tmp_path / "src", "a.bin")
    add_tool("ocrd-fake", entry, module=module, resource_locations=["module"])
    assert resmgr("download", "ocrd-fake", "a.bin").code == 0
    assert (module / "a.bin").is_file()


def test_a_location_that_does_not_exist_is_not_a_defect_of_ours(
    resmgr: Resmgr, add_tool: AddTool, tmp_path: Path
) -> None:
    add_tool("ocrd-fake", local(tmp_path / "src", "a.bin"), resource_locations=["moon"])
    assert resmgr("download", "ocrd-fake", "a.bin").code in set(ExitCode)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["download", "default"], 2, "to install a set: ocrd-rapid resmgr download --set def"),
        (
            ["download", "PP-OCRv6_rec_small.onnx"],
            2,
            "did you mean: ocrd-rapid resmgr download ocrd-rapid-recognize PP-OCRv6_rec_small.onnx",
        ),
        (["download", "rapid-detect"], 2, "'ocrd-'; did you mean ocrd-rapid-detect"),
        (["download", "ocrd-rapid-recognise"], 2, "; did you mean ocrd-rapid-recognize"),
        (["path", "PP-OCRv6_rec_smal.onnx"], 4, "did you mean PP-OCRv6_rec_small.onnx or "),
        (["info", "PP-OCRv6_rec_smal.onnx"], 4, "did you mean PP-OCRv6_rec_small.onnx or "),
        (["path", "zzz"], 4, "no processor of ocrd-rapid has a resource 'zzz' ('ocrd-rapid resmgr"),
    ],
)
def test_what_was_meant_is_said(
    resmgr: Resmgr, arguments: list[str], code: int, message: str
) -> None:
    done = resmgr(*arguments)
    assert done.code == code
    assert message in done.err


def test_a_bundle_in_a_folder_that_is_not_there(resmgr: Resmgr, tmp_path: Path) -> None:
    model = tmp_path / "a.onnx"
    model.write_bytes(b"model")
    assert resmgr("download", "-n", str(model), "ocrd-rapid-detect", "a.onnx").code == 0
    bundle = tmp_path / "new" / "models.zip"
    assert resmgr("export", "-o", str(bundle)).code == 0
    assert [path.name for path in bundle.parent.iterdir()] == ["models.zip"]


def put_head(shipped: Path, name: str, script: str, languages: list[str]) -> None:
    """Put a head of the default model beside those that are shipped."""
    folder = shipped / RECOGNIZE
    latin = read_head(folder / "PP-OCRv6_rec_small_latin.npz")
    header = {"script": script, "languages": languages}
    layer = LinearLayer(np.zeros((120, 3), np.float32), np.zeros(3, np.float32))
    head = Head(name, latin.backbone, ("", "a", "b"), layer, automatic=True, header=header)
    write_head(head, folder / f"PP-OCRv6_rec_small_{name}.npz")


def test_available_for_a_language(resmgr: Resmgr, shipped: Path) -> None:
    put_head(shipped, "hangul", "Hang", ["kor"])
    found = resmgr("list-available", "--language", "Korean", "--json").json
    assert [(entry["name"], entry.get("location")) for entry in found] == [
        ("PP-OCRv6_rec_small_hangul.npz", "module"),
        ("korean_PP-OCRv4_rec_mobile.onnx", None),
        ("korean_PP-OCRv5_rec_mobile.onnx", None),
    ]
    text = resmgr("list-available", "-e", RECOGNIZE, "--language", "kor").out
    assert text.startswith(f"{RECOGNIZE}\n- PP-OCRv6_rec_small_hangul.npz @ module (")
    assert "Head of PP-OCRv6_rec_small.onnx, which uses it by default: Hangul script" in text


@pytest.mark.usefixtures("shipped")
def test_available_for_several_languages_of_the_processors_asked(
    resmgr: Resmgr, add_tool: AddTool
) -> None:
    entry = {"url": "https://example.org/deu.traineddata", "name": "deu.traineddata"}
    add_tool("ocrd-tesserocr-recognize", entry)
    arguments = ["list-available", "--language", "deu", "--language", "tha", "--json"]
    names = {(e["executable"], e["name"]) for e in resmgr(*arguments).json}
    assert ("ocrd-tesserocr-recognize", "deu.traineddata") in names
    assert (RECOGNIZE, "th_PP-OCRv5_rec_mobile.onnx") in names
    assert (RECOGNIZE, "PP-OCRv6_rec_small_latin.npz") in names
    assert (RECOGNIZE, "PP-OCRv6_rec_small_blackletter.npz") in names
    polish = resmgr("list-available", "--language", "pol", "--json").json
    assert "PP-OCRv6_rec_small_blackletter.npz" not in {entry["name"] for entry in polish}
    assert resmgr("list-available", "-e", DETECT, "--language", "tha").code == 4


@pytest.mark.parametrize("command", [["list-available"], ["download", "--offline"]])
@pytest.mark.usefixtures("shipped")
def test_languages_that_nothing_reads_or_nobody_knows(resmgr: Resmgr, command: list[str]) -> None:
    nothing = resmgr(*command, "--language", "akk")
    assert nothing.code == 4
    assert "is for Cuneiform script, and no installed head reads it" in nothing.err
    unknown = resmgr(*command, "--language", "Germna")
    assert unknown.code == 3
    assert "--language: unknown language or script 'germna'; did you mean german" in unknown.err


def test_download_for_a_language(resmgr: Resmgr, shipped: Path, tmp_path: Path) -> None:
    put_head(shipped, "cyrillic", "Cyrl", ["rus"])
    arguments = ["download", "--language", "rus", "--language", "kor", "--dry-run", "--json"]
    done = resmgr(*arguments)
    assert [(entry["name"], entry["reason"]) for entry in done.json] == [
        ("korean_PP-OCRv5_rec_mobile.onnx", "the newest (PP-OCRv5) of 2 models for Korean"),
        (
            "eslav_PP-OCRv5_rec_mobile.onnx",
            "the newest (PP-OCRv5) of 3 models for Russian, which it is made for",
        ),
    ]
    assert "head cyrillic of PP-OCRv6_rec_small.onnx reads it without a download, too" in done.err
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "th_PP-OCRv5_rec_mobile.onnx").write_bytes(b"another model")
    wrong = resmgr("download", "--language", "tha", "--mirror", mirror, "--offline")
    assert wrong.code in (ExitCode.INTEGRITY, ExitCode.NETWORK)
    assert "Thai: th_PP-OCRv5_rec_mobile.onnx, the only model for Thai" in wrong.err
    assert not data(RECOGNIZE, "th_PP-OCRv5_rec_mobile.onnx").exists()


def test_nothing_to_download_where_a_head_reads(resmgr: Resmgr, shipped: Path) -> None:
    put_head(shipped, "armenian", "Armn", ["hye"])
    done = resmgr("download", "--language", "Armenian", "--json")
    assert (done.code, done.json) == (0, [])
    assert "nothing to download; head armenian of PP-OCRv6_rec_small.onnx reads it" in done.err


@pytest.mark.parametrize(
    "more", [["ocrd-rapid-recognize"], ["--set", "default"], ["-n", "https://example.org/a"]]
)
def test_a_language_alone_chooses_the_resource(resmgr: Resmgr, more: list[str]) -> None:
    done = resmgr("download", "--language", "kor", *more)
    assert done.code == 2
    assert "give no EXECUTABLE, NAME, --set or --any-url" in done.err

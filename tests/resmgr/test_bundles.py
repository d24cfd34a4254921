# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Export to one file, import from it on another machine."""

from __future__ import annotations

import errno
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.errors import IntegrityError, OcrdRapidError, ResourceError, UsageError
from ocrd_rapid.resmgr import bundles, catalogue, database, installed, locations
from ocrd_rapid.resmgr.download import Action
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.locations import Location

EXECUTABLE = "ocrd-gone"  # a processor that is not on the PATH
DETECT = "ocrd-rapid-detect"

GoThere = Callable[[], Path]


pytestmark = pytest.mark.usefixtures("system")


@pytest.fixture
def go_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoThere:
    """Return a function that goes to another machine and returns its resources' root."""

    def change() -> Path:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "there" / "data"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "there" / "config"))
        return tmp_path / "there" / "data" / "ocrd-resources"

    return change


def add(name: str, content: str = "content", executable: str = EXECUTABLE) -> Path:
    path = locations.data_home() / "ocrd-resources" / executable / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def export(tmp_path: Path, executable: str = EXECUTABLE) -> Path:
    bundle = tmp_path / "bundle.zip"
    bundles.export(installed.list_installed(executable), bundle)
    return bundle


def manifest_of(bundle: Path) -> dict[str, Any]:
    with zipfile.ZipFile(bundle) as archive:
        content: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return content


def make_bundle(path: Path, manifest: object, files: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        if manifest is not None:
            archive.writestr("manifest.json", json.dumps(manifest))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return path


def rewritten(bundle: Path, files: dict[str, str]) -> Path:
    """Return the bundle with the content of some members replaced."""
    target = bundle.with_name("rewritten.zip")
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, files.get(name, source.read(name)))
    return target


def files_below(directory: Path) -> dict[str, str]:
    """Return the content of what people see: not of our private directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file() and locations.PRIVATE_DIR not in path.parts
    }


def test_files_and_directories_make_the_round_trip(tmp_path: Path, go_there: GoThere) -> None:
    add("a.model", "A")
    add("dir/one.txt", "1")
    add("dir/deep/two.txt", "2")
    bundle = export(tmp_path)
    there = go_there()
    outcomes = list(bundles.install(bundle))
    assert [(o.resource.name, o.action, o.path) for o in outcomes] == [
        ("a.model", Action.FETCH, there / EXECUTABLE / "a.model"),
        ("dir", Action.FETCH, there / EXECUTABLE / "dir"),
    ]
    assert files_below(there) == {
        f"{EXECUTABLE}/a.model": "A",
        f"{EXECUTABLE}/dir/one.txt": "1",
        f"{EXECUTABLE}/dir/deep/two.txt": "2",
    }


def test_what_was_imported_is_registered_as_a_download_is(
    tmp_path: Path, go_there: GoThere
) -> None:
    add("a.model", "A")
    add("dir/one.txt", "12")
    bundle = export(tmp_path)
    there = go_there()
    list(bundles.install(bundle))
    entries = {r.name: r for r in database.read()[EXECUTABLE]}
    listed = {i.path.name: i.resource for i in installed.list_installed(EXECUTABLE)}
    assert listed["a.model"].sha256 == sha256_of(there / EXECUTABLE / "a.model")
    assert [(r.name, r.type, r.size) for r in entries.values()] == [
        ("a.model", "file", 1),
        ("dir", "directory", 2),
    ]
    assert {i.path.name for i in installed.list_installed(EXECUTABLE)} == {"a.model", "dir"}


def test_the_manifest_tells_what_is_inside(tmp_path: Path) -> None:
    path = add("a.model", "A")
    manifest = manifest_of(export(tmp_path))
    assert manifest["format"] == 1
    [entry] = manifest["resources"]
    assert entry["executable"] == EXECUTABLE
    assert entry["path"] == f"resources/{EXECUTABLE}/a.model"
    assert entry["sha256"] == {".": sha256_of(path)}
    assert entry["entry"]["name"] == "a.model"


def test_licences_of_the_catalogue_are_in_the_manifest(tmp_path: Path) -> None:
    add("PP-OCRv6_det_small.onnx", "x", executable=DETECT)
    [entry] = manifest_of(export(tmp_path, DETECT))["resources"]
    assert entry["licence"] == "Apache-2.0"


def test_a_registered_model_that_is_wrong_is_not_imported(
    tmp_path: Path, go_there: GoThere
) -> None:
    add("PP-OCRv6_det_small.onnx", "not the model", executable=DETECT)
    bundle = export(tmp_path, DETECT)
    there = go_there()
    with pytest.raises(IntegrityError, match="expected"):
        list(bundles.install(bundle))
    assert files_below(there) == {}


def test_nothing_to_export_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="nothing to export"):
        bundles.export([], tmp_path / "bundle.zip")
    assert not list(tmp_path.glob("*bundle*"))


def test_an_export_that_fails_leaves_the_old_bundle_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    add("a.model")
    bundle = tmp_path / "bundle.zip"
    bundle.write_text("old")
    [item] = installed.list_installed(EXECUTABLE)
    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(OSError, match="disk full"):
        bundles.export([item], bundle)
    assert bundle.read_text() == "old"
    assert [p.name for p in tmp_path.glob("*bundle*")] == ["bundle.zip"]


def test_an_exported_bundle_can_be_read_by_others(tmp_path: Path) -> None:
    add("a.model")
    assert export(tmp_path).stat().st_mode & 0o777 == 0o644


def test_existing_resources_are_kept_and_with_overwrite_replaced(
    tmp_path: Path, go_there: GoThere
) -> None:
    add("a.model", "exported")
    bundle = export(tmp_path)
    go_there()
    mine = add("a.model", "my own")
    assert [o.action for o in bundles.install(bundle)] == [Action.KEEP]
    assert mine.read_text() == "my own"
    assert [o.action for o in bundles.install(bundle, overwrite=True)] == [Action.FETCH]
    assert mine.read_text() == "exported"


def test_importing_twice_keeps_what_is_there(tmp_path: Path, go_there: GoThere) -> None:
    add("a.model")
    add("dir/one")
    bundle = export(tmp_path)
    go_there()
    list(bundles.install(bundle))
    assert [o.action for o in bundles.install(bundle)] == [Action.KEEP, Action.KEEP]


def test_the_location_of_an_import_can_be_chosen(
    tmp_path: Path, go_there: GoThere, system: Path
) -> None:
    add("a.model")
    bundle = export(tmp_path)
    there = go_there()
    list(bundles.install(bundle, location=Location.SYSTEM))
    assert (system / "ocrd-resources" / EXECUTABLE / "a.model").is_file()
    assert not (there / EXECUTABLE).exists()


@pytest.mark.parametrize(
    "member", [f"resources/{EXECUTABLE}/b.model", f"resources/{EXECUTABLE}/dir/one"]
)
def test_with_one_wrong_hash_nothing_at_all_is_installed(
    tmp_path: Path, go_there: GoThere, member: str
) -> None:
    for name in ("a.model", "b.model", "dir/one"):
        add(name)
    bundle = rewritten(export(tmp_path), {member: "changed"})
    there = go_there()
    with pytest.raises(IntegrityError, match="does not match the manifest"):
        list(bundles.install(bundle))
    assert not there.exists()


def test_a_missing_or_additional_file_is_noticed(tmp_path: Path, go_there: GoThere) -> None:
    add("dir/one")
    bundle = export(tmp_path)
    manifest = manifest_of(bundle)
    go_there()
    member = f"resources/{EXECUTABLE}/dir/one"
    for files in ({}, {member: "content", f"{member}2": "more"}):
        broken = make_bundle(tmp_path / "broken.zip", manifest, files)
        with pytest.raises(IntegrityError, match="does not match the manifest"):
            list(bundles.install(broken))


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    text = tmp_path / "text.zip"
    text.write_text("hello")
    for path in (text, make_bundle(tmp_path / "empty.zip", None, {"x": "y"})):
        with pytest.raises(UsageError, match=path.name):
            list(bundles.install(path))
    with pytest.raises(UsageError, match="does not exist"):
        list(bundles.install(tmp_path / "missing.zip"))
    with pytest.raises(UsageError, match="it is a directory"):
        list(bundles.install(tmp_path))
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(b"hello"))
    with pytest.raises(UsageError, match="it has no manifest"):
        list(bundles.install(packed))


def test_half_a_bundle_is_damaged(tmp_path: Path, go_there: GoThere) -> None:
    add("a.model", "content" * 1000)
    bundle = export(tmp_path)
    bundle.write_bytes(bundle.read_bytes()[:3000])
    there = go_there()
    with pytest.raises(ResourceError):
        list(bundles.install(bundle))
    assert not there.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        "text",
        {},
        {"resources": "text"},
        {"resources": [1]},
        {"resources": [{}]},
        {"resources": [{"executable": EXECUTABLE, "entry": {}, "sha256": {}}]},
        {"resources": [{"executable": EXECUTABLE, "entry": {"url": "u"}, "sha256": 1}]},
        {"resources": None},
        json.loads('{"resources": ' + "[" * 200 + "]" * 200 + "}"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_damaged_manifest_is_an_error_of_the_bundle(tmp_path: Path, manifest: object) -> None:
    with pytest.raises(IntegrityError, match=r"broken\.zip: the manifest is damaged"):
        list(bundles.install(make_bundle(tmp_path / "broken.zip", manifest)))


@pytest.mark.parametrize(
    ("executable", "name"),
    [
        (EXECUTABLE, "../x"),
        (EXECUTABLE, ".."),
        (EXECUTABLE, "sub/x"),
        (EXECUTABLE, "/x"),
        ("../ocrd-x", "x"),
        ("..", "x"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, go_there: GoThere, executable: str, name: str
) -> None:
    entry = {"url": "https://a.example/x", "name": name}
    manifest = {"resources": [{"executable": executable, "entry": entry, "sha256": {}}]}
    bundle = make_bundle(tmp_path / "evil.zip", manifest)
    there = go_there()
    with pytest.raises(IntegrityError, match="is not the name of"):
        list(bundles.install(bundle))
    assert not there.parent.exists()


def test_a_member_that_leads_elsewhere_is_refused(tmp_path: Path, go_there: GoThere) -> None:
    bundle = make_bundle(tmp_path / "evil.zip", {"resources": []}, {"../../evil": "x"})
    there = go_there()
    with pytest.raises(IntegrityError, match="leads out"):
        list(bundles.install(bundle))
    assert not there.exists()


def test_an_executable_that_is_no_processor_does_not_enter_the_database(
    tmp_path: Path, go_there: GoThere
) -> None:
    path = add("x", executable="fake")
    entry = {"url": "https://a.example/x", "name": "x"}
    hashes = {".": sha256_of(path)}
    manifest = {"resources": [{"executable": "fake", "entry": entry, "sha256": hashes}]}
    bundle = make_bundle(tmp_path / "odd.zip", manifest, {"resources/fake/x": path.read_text()})
    go_there()
    with pytest.raises(OcrdRapidError):
        list(bundles.install(bundle))
    assert "fake" not in database.read()


def test_equal_names_at_two_locations_can_be_exported_and_imported(
    tmp_path: Path, go_there: GoThere, system: Path
) -> None:
    add("a.model", "mine")
    theirs = system / "ocrd-resources" / EXECUTABLE / "a.model"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    bundle = export(tmp_path)
    there = go_there()
    list(bundles.install(bundle))
    # What is found first when it is resolved.
    assert files_below(there) == {f"{EXECUTABLE}/a.model": "mine"}


def test_an_empty_directory_does_not_spoil_a_bundle(tmp_path: Path, go_there: GoThere) -> None:
    add("z.model")
    (locations.data_home() / "ocrd-resources" / EXECUTABLE / "empty").mkdir()
    bundle = export(tmp_path)
    there = go_there()
    list(bundles.install(bundle))
    assert (there / EXECUTABLE / "z.model").is_file()


def test_links_are_followed_when_a_resource_is_packed(tmp_path: Path, go_there: GoThere) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("linked")
    add("dir/one")
    (locations.data_home() / "ocrd-resources" / EXECUTABLE / "dir" / "two").symlink_to(elsewhere)
    bundle = export(tmp_path)
    there = go_there()
    list(bundles.install(bundle))
    two = there / EXECUTABLE / "dir" / "two"
    assert two.read_text() == "linked"
    assert not two.is_symlink()


def test_a_registered_model_keeps_the_entry_of_the_catalogue(
    tmp_path: Path, go_there: GoThere, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add("PP-OCRv6_det_small.onnx", "stands for it", executable=DETECT)
    known = catalogue.find(DETECT, path.name)
    assert known is not None
    bundle = export(tmp_path, DETECT)
    manifest = manifest_of(bundle)
    manifest["resources"][0]["entry"]["url"] = "https://evil.example/x"
    bundle = rewritten(bundle, {"manifest.json": json.dumps(manifest)})
    go_there()
    monkeypatch.setattr("ocrd_rapid.resmgr.download.check_file", lambda *a, **k: "")
    list(bundles.install(bundle))
    assert database.read()[DETECT][0].url == known.url

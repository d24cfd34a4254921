# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The models of the package: in the catalogue, in lists, and where they are asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.errors import IntegrityError, ResourceNotFoundError
from ocrd_rapid.resmgr import catalogue, known, locations
from ocrd_rapid.resmgr.download import Action, download
from ocrd_rapid.resmgr.integrity import check_installed, sha256_of

ENTRIES = [entry for entries in catalogue.packaged().values() for entry in entries]
RECOGNIZE, NAME = "ocrd-rapid-recognize", "PP-OCRv6_rec_small_8bit.onnx"

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def entry_of(name: str) -> Any:
    return next(entry for entry in ENTRIES if entry.name == name)


@every_entry
def test_every_entry_is_that_of_its_file(entry: Any) -> None:
    path = locations.module_file(entry)
    assert (path.stat().st_size, sha256_of(path)) == (entry.size, entry.sha256)
    assert f"{entry.sha256}  {entry.executable}/{entry.name}\n" in (
        locations.module_root() / "SHA256SUMS"
    ).read_text(encoding="utf-8")


@every_entry
def test_every_entry_has_all_else_from_its_original(entry: Any) -> None:
    original = catalogue.find(entry.executable, entry.original)
    assert original is not None and not original.in_package
    same = replace(
        original, name=entry.name, url=entry.url, mirrors=(), sha256=entry.sha256,
        size=entry.size, original=entry.original, description=entry.description,
    )  # fmt: skip
    assert (entry.sources, entry.in_package) == ((), True)
    if "_half_" in entry.name:  # it has a smaller alphabet of its own
        own = {"languages": entry.languages, "keys": ""}
        assert entry == replace(same, **own)
        assert set(entry.languages) < set(original.languages)
        assert catalogue.stand_in(original) != entry
    else:
        assert entry == same
        assert entry.description.startswith(original.description)
        # Of several, one is as good as the original: of detectors, that in float.
        stands_in = entry.name != "PP-OCRv6_det_small_8bit.onnx"
        assert (catalogue.stand_in(original) == entry) == stands_in


def test_every_model_in_the_package_has_an_entry() -> None:
    files = {path.name for path in locations.module_root().glob("*/*.onnx")}
    assert files == {entry.name for entry in ENTRIES}


def test_the_default_models_are_in_the_package() -> None:
    assert {entry.name for entry in catalogue.resource_set("default")} <= {e.name for e in ENTRIES}
    for executable in ("ocrd-rapid-detect", "ocrd-rapid-classify", RECOGNIZE):
        name = tool_description(executable)["parameters"]["model"]["default"]
        found = catalogue.find(executable, name)
        assert found is not None and found.in_package


def test_core_is_offered_nothing_that_nobody_can_download() -> None:
    for executable in ("ocrd-rapid-detect", "ocrd-rapid-classify", RECOGNIZE):
        advertised = tool_description(executable)["resources"]
        assert advertised
        assert all(entry["url"].startswith("https://") for entry in advertised)
    offered = known.by_executable("ocrd-rapid-*", dynamic=False)
    assert not {e.name for e in ENTRIES} & {name for names in offered.values() for name in names}


def test_there_is_nothing_to_download(own_home: Path) -> None:
    outcome = download(entry_of(NAME))
    assert outcome.action is Action.KEEP
    assert outcome.path == locations.module_dir(RECOGNIZE) / NAME
    assert not (own_home / "data").exists() and not (own_home / "config").exists()


def test_a_package_without_its_model_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(locations, "module_dir", lambda _: tmp_path)
    with pytest.raises(ResourceNotFoundError, match="install ocrd-rapid again"):
        download(entry_of(NAME))
    with pytest.raises(ResourceNotFoundError, match="install ocrd-rapid again"):
        locations.resolve(NAME, RECOGNIZE)


def test_a_damaged_model_of_the_package_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / NAME
    shutil.copyfile(locations.module_dir(RECOGNIZE) / NAME, damaged)
    with damaged.open("r+b") as stream:
        stream.seek(5_000_000)
        stream.write(b"broken")
    with pytest.raises(IntegrityError, match="install ocrd-rapid again"):
        check_installed(damaged, entry_of(NAME))


@pytest.mark.parametrize(
    "words",
    [
        ["--set", "default"],
        [RECOGNIZE, NAME],
        ["--language", "deu"],
        ["--offline", "--set", "default", "--mirror", "/nowhere", "--overwrite"],
    ],
)
def test_the_command_says_that_they_are_there(
    call: Callable[..., Any], own_home: Path, words: list[str]
) -> None:
    done = call("ocrd-rapid", "resmgr", "download", *words)
    assert done.code == 0
    assert NAME in done.err and "nothing to download" in done.err
    assert not list(own_home.rglob("*.onnx"))


def test_everything_for_a_processor_leaves_them_out(call: Callable[..., Any]) -> None:
    done = call("ocrd-rapid", "resmgr", "download", "--dry-run", "--json", RECOGNIZE, "*")
    names = {entry["name"] for entry in json.loads(done.out)}
    assert "PP-OCRv6_rec_small.onnx" in names and NAME not in names


def test_lists_and_details(call: Callable[..., Any]) -> None:
    listed = json.loads(call("ocrd-rapid", "resmgr", "list-installed", "--json").out)
    (found,) = [entry for entry in listed if entry["name"] == NAME]
    assert (found["location"], found["licence"]) == ("module", "Apache-2.0")
    assert found["original"] == "PP-OCRv6_rec_small.onnx"
    details = call("ocrd-rapid", "resmgr", "info", NAME).out
    assert "original:     PP-OCRv6_rec_small.onnx" in details
    path = call("ocrd-rapid", "resmgr", "path", NAME).out
    assert Path(path.strip()) == locations.module_dir(RECOGNIZE) / NAME
    done = call("ocrd-rapid", "resmgr", "verify")
    assert done.code == 0 and f"ok      {path.strip()}" in done.out


def test_the_catalogue_s_file_is_another_one_and_stays_where_it_is_named() -> None:
    original = catalogue.find(RECOGNIZE, "PP-OCRv6_rec_small.onnx")
    assert original is not None and original.sources
    with pytest.raises(ResourceNotFoundError, match="resmgr download ocrd-rapid-recognize"):
        locations.resolve("PP-OCRv6_rec_small.onnx", RECOGNIZE)


def test_no_bundle_has_them(call: Callable[..., Any], tmp_path: Path) -> None:
    done = call("ocrd-rapid", "resmgr", "export", "-o", tmp_path / "m.zip")
    assert done.code != 0 and "nothing to export" in done.err

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is listed as installed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrd_rapid.resmgr import database, installed
from ocrd_rapid.resmgr.resource import Resource

EXECUTABLE = "ocrd-rapid-recognize"
VARIABLE = "OCRD_RAPID_RECOGNIZE_PATH"


@pytest.fixture
def recognize(data: Path, module_dir: Path) -> Path:
    """Return the directory of a processor at *data*; all other places are empty."""
    directory = data / EXECUTABLE
    directory.mkdir(parents=True)
    return directory


def put(directory: Path, *names: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_text("content", encoding="utf-8")


def listed() -> list[str]:
    return [path.name for _, path in installed.list_files(EXECUTABLE)]


def origins() -> dict[str, str]:
    return {path.name: origin for origin, path in installed.list_files(EXECUTABLE)}


def test_nothing_is_listed_where_nothing_is(recognize: Path) -> None:
    assert listed() == []


def test_files_of_all_places_but_the_current_directory_are_listed(
    recognize: Path,
    system_share: Path,
    module_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(tmp_path / "one"), str(tmp_path / "two")]))
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "in-cwd.onnx")
    put(tmp_path / "one", "in-one.onnx")
    put(tmp_path / "two", "in-two.onnx")
    put(recognize, "in-data.onnx")
    put(system_share / "ocrd-resources" / EXECUTABLE, "in-system.onnx")
    put(module_dir, "in-module.onnx")
    assert origins() == {
        "in-one.onnx": "env",
        "in-two.onnx": "env",
        "in-data.onnx": "data",
        "in-system.onnx": "system",
        "in-module.onnx": "module",
    }


def test_a_search_path_with_the_current_directory_does_not_hide_it(
    recognize: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "here", "mine.onnx")
    monkeypatch.setenv(VARIABLE, "here")
    assert origins() == {"mine.onnx": "env"}


def test_what_is_listed_is_sorted_by_path(recognize: Path) -> None:
    put(recognize, "b.onnx", "a.onnx", "C.onnx")
    assert listed() == ["C.onnx", "a.onnx", "b.onnx"]


def test_hidden_files_are_not_listed(recognize: Path) -> None:
    put(recognize, ".m.onnx.tmp", ".hidden", "m.onnx")
    assert listed() == ["m.onnx"]


def test_only_the_top_level_is_listed_directories_too(recognize: Path) -> None:
    put(recognize / "bundle", "inside.onnx")
    assert listed() == ["bundle"]


def test_resources_of_another_processor_are_not_listed(recognize: Path, data: Path) -> None:
    put(data / "ocrd-rapid-detect", "det.onnx")
    assert listed() == []


def test_of_the_module_directory_only_files_are_listed(recognize: Path, module_dir: Path) -> None:
    put(module_dir / "bundle", "inside.onnx")
    put(module_dir, "m.onnx")
    assert listed() == ["m.onnx"]


@pytest.mark.parametrize(
    "name",
    [
        "a.py", "a.pyc", "a.onnx~", "a.swo", "copyright.txt", "LICENSE", "LICENSE.txt",
        "README.md", "MANIFEST", "TAGS", ".DS_Store", "a.so", "a.mo", "a.pot", "a.log", "a.orig",
        "a.BAK", "ocrd-tool.json", "environment.pickle", "resource_list.yml",
    ],
)  # fmt: skip
def test_files_of_a_python_package_are_listed_everywhere_but_in_the_module_directory(
    name: str, recognize: Path, module_dir: Path
) -> None:
    put(module_dir, name, "m.onnx")
    assert listed() == ["m.onnx"]
    put(recognize, name)
    expected = ["m.onnx"] if name.startswith(".") else sorted([name, "m.onnx"])
    assert sorted(listed()) == expected


def test_nothing_in_the_package_s_own_module_directory_is_taken_for_a_model(data: Path) -> None:
    assert [pair for pair in installed.list_files("ocrd-rapid-detect") if pair[0] == "module"] == []


def test_a_directory_reached_by_two_ways_is_listed_once(
    recognize: Path, system_share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(recognize, "m.onnx")
    system_share.mkdir()
    (system_share / "ocrd-resources").symlink_to(recognize.parent)
    (tmp_path / "link").symlink_to(recognize)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "link"))
    assert installed.list_files(EXECUTABLE) == [("env", tmp_path / "link" / "m.onnx")]


def test_different_files_of_one_name_are_both_listed(
    recognize: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(recognize, "m.onnx")
    put(tmp_path / "other", "m.onnx")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other"))
    assert listed() == ["m.onnx", "m.onnx"]


def test_two_names_of_one_file_are_both_listed(recognize: Path) -> None:
    put(recognize, "m.onnx")
    (recognize / "default.onnx").symlink_to("m.onnx")
    assert listed() == ["default.onnx", "m.onnx"]


# Entries


def entries() -> dict[str, Resource]:
    return {item.path.name: item.resource for item in installed.list_installed(EXECUTABLE)}


def test_a_file_of_the_catalogue_has_its_entry(recognize: Path) -> None:
    put(recognize, "PP-OCRv6_rec_small.onnx")
    entry = entries()["PP-OCRv6_rec_small.onnx"]
    assert entry.licence == "Apache-2.0"
    assert entry.url.startswith("https://")


def test_a_file_of_the_user_s_database_has_its_entry(recognize: Path) -> None:
    resource = Resource(EXECUTABLE, "mine.onnx", "http://h/mine.onnx", "My own", 7)
    database.register(resource)
    put(recognize, "mine.onnx")
    assert entries() == {"mine.onnx": resource}


def test_a_file_that_nobody_knows_gets_a_stub_with_its_size(recognize: Path) -> None:
    put(recognize, "mine.onnx")
    stub = entries()["mine.onnx"]
    assert (stub.url, stub.size, stub.type) == ("???", len("content"), "file")
    assert stub.description.startswith("Found at data")
    assert stub.sha256 == ""


def test_a_file_in_the_module_directory_gets_a_stub_with_its_path(
    recognize: Path, module_dir: Path
) -> None:
    put(module_dir, "mine.onnx")
    stub = entries()["mine.onnx"]
    assert (stub.url, stub.description) == (str(module_dir / "mine.onnx"), "Found at module")


def test_listing_writes_nothing(recognize: Path, own_home: Path) -> None:
    put(recognize, "mine.onnx")
    before = sorted(own_home.rglob("*"))
    installed.list_installed(EXECUTABLE)
    assert sorted(own_home.rglob("*")) == before


def test_a_dangling_link_does_not_break_the_list(recognize: Path) -> None:
    put(recognize, "m.onnx")
    (recognize / "gone.onnx").symlink_to("unmounted/gone.onnx")
    assert "m.onnx" in entries()


# Executables


def test_executables_are_those_with_a_directory_at_data_or_system(
    data: Path, system_share: Path
) -> None:
    put(data / "ocrd-b")
    put(data / ".ocrd_rapid")
    put(data / "other")
    put(data, "ocrd-file")
    put(system_share / "ocrd-resources" / "ocrd-a")
    put(system_share / "ocrd-resources" / "ocrd-b")
    assert installed.executables_with_resources() == ["ocrd-a", "ocrd-b"]


def test_without_any_directory_there_are_no_executables() -> None:
    assert installed.executables_with_resources() == []

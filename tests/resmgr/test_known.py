# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is known of resources, who says it, and what is found of them on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocrd_rapid.cli.resmgr.listing import find_installed
from ocrd_rapid.config import tools
from ocrd_rapid.errors import UnknownResourceError
from ocrd_rapid.resmgr import catalogue, database, discovery, installed, known, locations

DETECT = "ocrd-rapid-detect"
WITH_RESOURCES = set(catalogue.bundled())
Tool = dict[str, Any]
AddTool = Callable[..., Path]


@pytest.fixture
def add_tool(tmp_path: Path, system: Path, monkeypatch: pytest.MonkeyPatch) -> AddTool:
    """Return a function that puts a fake processor on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.defpath]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def add(name: str, *resources: Any, module: Path | None = None, **tool: Any) -> Path:
        text = json.dumps({"executable": name, "resources": list(resources), **tool})
        path = folder / name
        path.write_text(
            f"#!/bin/sh\ncase \"$1\" in\n--dump-json) cat <<'END'\n{text}\nEND\n;;\n"
            f"--dump-module-dir) echo '{module or ''}';;\nesac\n"
        )
        path.chmod(0o755)
        return path

    return add


def entry(name: str, **more: Any) -> dict[str, Any]:
    url = f"https://tool.example/{name}"
    return {"name": name, "url": url, "description": "From tool", "size": 1, **more}


def write_database(content: dict[str, Any]) -> Path:
    path = database.user_database()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


def data_file(executable: str, name: str, content: bytes = b"x") -> Path:
    path = locations.data_home() / "ocrd-resources" / executable / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def uri(content_type: str | None) -> Tool:
    """Return the parameters of a tool that wants files of a media type."""
    parameter = {"type": "string", "format": "uri", "content-type": content_type}
    return {"model": parameter, "number": {"type": "number", "content-type": "image/png"}}


def names(executable: str, tool: Tool | None = None) -> list[str]:
    return [path.name for _, path in installed.list_files(executable, tool)]


# Who says what is known


def test_the_tool_is_believed_before_the_user_s_database(add_tool: AddTool) -> None:
    add_tool("ocrd-fake", entry("a"), entry("b"))
    write_database({"ocrd-fake": [entry("b", url="https://user.example/b"), entry("c")]})
    for found in (known.of("ocrd-fake"), known.by_executable()["ocrd-fake"]):
        assert list(found) == ["a", "b", "c"]
        assert found["b"].url == "https://tool.example/b"


def test_the_catalogue_is_believed_before_the_user_s_database(system: Path) -> None:
    name = "PP-OCRv6_det_small.onnx"
    write_database({DETECT: [entry(name), entry("own.onnx")]})
    for found in (known.of(DETECT), known.by_executable(dynamic=False)[DETECT]):
        assert found[name] == catalogue.find(DETECT, name)
        assert found["own.onnx"].url == "https://tool.example/own.onnx"


def test_a_stub_is_replaced_by_what_the_user_knows(add_tool: AddTool) -> None:
    add_tool("ocrd-fake", entry("a", url="???"))
    write_database({"ocrd-fake": [entry("a", url="???"), entry("a")]})
    for found in (known.of("ocrd-fake"), known.by_executable()["ocrd-fake"]):
        assert [r.url for r in found.values()] == ["https://tool.example/a"]


def test_without_dynamic_no_processor_is_asked(add_tool: AddTool, tmp_path: Path) -> None:
    called = tmp_path / "called"
    path = add_tool("ocrd-fake", entry("a"))
    path.write_text(f"#!/bin/sh\ntouch '{called}'\n")
    assert known.of("ocrd-fake", dynamic=False) == {}
    assert set(known.by_executable(dynamic=False)) == WITH_RESOURCES
    assert not called.exists()


def test_a_pattern_chooses_from_catalogue_path_and_database(add_tool: AddTool) -> None:
    add_tool("ocrd-fake-one", entry("a"))
    add_tool("ocrd-other", entry("b"))
    write_database({"ocrd-fake-two": [entry("c")], "ocrd-gone": [entry("d")]})
    assert set(known.by_executable("ocrd-fake-*")) == {"ocrd-fake-one", "ocrd-fake-two"}
    assert set(known.by_executable("ocrd-rapid-d*")) == {DETECT}
    assert known.by_executable("ocrd-none*") == {}
    everything = {"ocrd-fake-one", "ocrd-fake-two", "ocrd-other", "ocrd-gone"}
    assert set(known.by_executable()) == everything | WITH_RESOURCES


def test_our_own_processors_are_never_run(
    add_tool: AddTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in tools.executables():
        add_tool(name, entry("fake"))
    asked: list[Path] = []
    monkeypatch.setattr(discovery, "_output", lambda path, option: asked.append(path))
    assert "fake" not in known.by_executable()[DETECT]
    assert "fake" not in known.of(DETECT)
    assert known.tool_of(DETECT) == tools.tool_description(DETECT)
    assert find_installed(DETECT) == {DETECT: []}
    assert asked == []


def test_a_processor_that_is_not_installed_has_what_the_database_says(system: Path) -> None:
    write_database({"ocrd-gone": [entry("a")]})
    assert known.tool_of("ocrd-gone") is None
    assert list(known.of("ocrd-gone")) == ["a"]


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        {"name": "no url"},
        {"url": "u", "size": "big"},
    ],
)
def test_a_broken_entry_of_the_database_does_not_hide_the_others(
    system: Path, broken: object
) -> None:
    write_database({"ocrd-gone": [broken, entry("a")]})
    assert list(known.of("ocrd-gone")) == ["a"]


def test_a_resource_is_found_by_name_and_by_how_parameters_name_it(add_tool: AddTool) -> None:
    add_tool("ocrd-fake", entry("eng.data", parameter_usage="without-extension"))
    assert known.look_up("ocrd-fake", "eng") == known.look_up("ocrd-fake", "eng.data")


def test_an_unknown_name_gets_a_hint(add_tool: AddTool) -> None:
    add_tool("ocrd-fake", entry("english.data"))
    with pytest.raises(UnknownResourceError, match=r"did you mean english\.data\?"):
        known.look_up("ocrd-fake", "englsh.data")


# What is installed


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, ["a.json", "b.png", "c.txt", "d.onnx", "e"]),
        ("application/octet-stream", ["a.json", "b.png", "c.txt", "d.onnx"]),
        ("text/directory", ["a.json", "e"]),
        ("text/plain", ["a.json", "c.txt", "d.onnx"]),
        ("image/*", ["a.json", "b.png", "d.onnx"]),
        ("image/png, text/directory", ["a.json", "b.png", "d.onnx", "e"]),
        ("image/jpeg,text/plain", ["a.json", "c.txt", "d.onnx"]),
    ],
)
def test_media_types_decide_what_is_listed(
    system: Path, content_type: str | None, expected: list[str]
) -> None:
    for name in ("a.json", "b.png", "c.txt", "d.onnx"):
        data_file("ocrd-fake", name)
    data_file("ocrd-fake", "e/inner")
    assert names("ocrd-fake", {"parameters": uri(content_type)}) == expected


def test_the_suffix_of_an_advertised_resource_is_always_listed(system: Path) -> None:
    data_file("ocrd-fake", "mine.png")
    data_file("ocrd-fake", "mine.gif")
    tool = {"parameters": uri("text/plain"), "resources": [entry("theirs.png")]}
    assert names("ocrd-fake", tool) == ["mine.png"]


def test_without_a_description_everything_is_listed_but_hidden_files(system: Path) -> None:
    for name in ("a.png", ".hidden", "dir/inner"):
        data_file("ocrd-gone", name)
    assert names("ocrd-gone") == ["a.png", "dir"]


def test_locations_that_the_processor_does_not_name_are_not_listed(
    add_tool: AddTool, system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, own = tmp_path / "module", tmp_path / "own"
    for folder in (module, own, system / "ocrd-resources" / "ocrd-fake"):
        folder.mkdir(parents=True)
        (folder / f"{folder.parent.name}-{folder.name}").touch()
    data_file("ocrd-fake", "in-data")
    add_tool("ocrd-fake", module=module)
    monkeypatch.setenv("OCRD_FAKE_PATH", str(own))

    def origins(*wanted: str) -> set[str]:
        found = installed.list_files("ocrd-fake", {"resource_locations": list(wanted)})
        return {origin for origin, _ in found}

    assert origins("data") == {"env", "data"}
    assert origins("system", "module") == {"env", "system", "module"}
    assert origins() == {"env", "data", "system", "module"}


def test_of_the_module_only_files_that_are_resources_are_listed(
    add_tool: AddTool, tmp_path: Path
) -> None:
    module = tmp_path / "module"
    (module / "directory").mkdir(parents=True)
    for name in ("model.bin", "code.py", "README.md", "ocrd-tool.json", "LICENSE.txt", "x.so"):
        (module / name).touch()
    add_tool("ocrd-fake", module=module)
    found = installed.list_installed("ocrd-fake")
    assert [(i.path.name, i.origin, i.resource.description) for i in found] == [
        ("model.bin", "module", "Found at module")
    ]
    assert found[0].resource.url == str(module / "model.bin")


def test_a_file_that_two_locations_share_is_listed_once(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_file("ocrd-fake", "a")
    monkeypatch.setattr(locations, "SYSTEM_SHARE", locations.data_home())
    assert names("ocrd-fake") == ["a"]


def test_equal_names_at_two_locations_are_both_listed(system: Path) -> None:
    data_file("ocrd-fake", "a")
    other = system / "ocrd-resources" / "ocrd-fake" / "a"
    other.parent.mkdir(parents=True)
    other.touch()
    origins = [origin for origin, _ in installed.list_files("ocrd-fake")]
    assert sorted(origins) == ["data", "system"]


@pytest.mark.parametrize("broken", ["text", None, ["list"]])
def test_a_broken_resource_of_a_tool_does_not_stop_the_list(
    add_tool: AddTool, broken: object
) -> None:
    add_tool("ocrd-fake", broken, entry("a"))
    data_file("ocrd-fake", "a")
    assert [i.path.name for i in installed.list_installed("ocrd-fake")] == ["a"]


def test_a_broken_parameter_of_a_tool_does_not_stop_the_list(add_tool: AddTool) -> None:
    add_tool("ocrd-fake", parameters={"model": "text"})
    data_file("ocrd-fake", "a")
    assert [i.path.name for i in installed.list_installed("ocrd-fake")] == ["a"]


def test_executables_are_those_of_both_roots(system: Path) -> None:
    data_file("ocrd-b", "x")
    data_file("other", "x")
    (system / "ocrd-resources" / "ocrd-a").mkdir(parents=True)
    (system / "ocrd-resources" / "ocrd-file").touch()
    assert installed.executables_with_resources() == ["ocrd-a", "ocrd-b"]

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The descriptions of our processors, as ``--dump-json`` prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ocrd_rapid
from ocrd_rapid.config import tools
from ocrd_rapid.errors import ExitCode, UsageError

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT.parent / "shared" / "reference" / "golden" / "golden_dumpjson_ocrd-toy.json"


def committed(executable: str) -> dict[str, Any]:
    text = (Path(ocrd_rapid.__file__).parent / "ocrd-tool.json").read_text(encoding="utf-8")
    tool: dict[str, Any] = json.loads(text)["tools"][executable]
    return tool


@pytest.fixture(params=tools.executables())
def executable(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_executables_are_named_in_the_order_of_the_file() -> None:
    text = (Path(ocrd_rapid.__file__).parent / "ocrd-tool.json").read_text(encoding="utf-8")
    assert tools.executables() == tuple(json.loads(text)["tools"])
    steps = ("preprocess", "detect", "classify", "recognize", "export")
    assert tools.executables() == tuple(f"ocrd-rapid-{step}" for step in steps)


def test_a_description_names_its_own_executable(executable: str) -> None:
    assert tools.tool_description(executable)["executable"] == executable


def test_nothing_of_the_file_is_changed_and_defaults_come_last(executable: str) -> None:
    file, described = committed(executable), tools.tool_description(executable)
    assert list(described)[: len(file)] == list(file)
    for name, spec in file["parameters"].items():
        filled = described["parameters"][name]
        assert list(filled)[: len(spec)] == list(spec)
        assert {key: filled[key] for key in spec} == spec


def test_every_parameter_says_whether_it_is_cacheable(executable: str) -> None:
    file, described = committed(executable), tools.tool_description(executable)
    for name, spec in described["parameters"].items():
        assert spec["cacheable"] is file["parameters"][name].get("cacheable", False)


def test_every_parameter_has_type_and_description(executable: str) -> None:
    for name, spec in tools.tool_description(executable)["parameters"].items():
        assert spec["type"] in {"string", "number", "boolean", "object", "array"}, name
        assert spec["description"].strip(), name


def test_resource_locations_are_those_of_core(executable: str) -> None:
    described = tools.tool_description(executable)
    assert described["resource_locations"] == ["data", "cwd", "system", "module"]
    assert list(described)[-1] == "resource_locations"


def test_resources_have_all_keys_of_core_s_schema(executable: str) -> None:
    for resource in tools.tool_description(executable).get("resources", []):
        assert set(resource) == {
            "url", "name", "description", "size",
            "type", "parameter_usage", "path_in_archive", "version_range",
        }  # fmt: skip


def test_changing_a_description_does_not_change_the_next_one(executable: str) -> None:
    first = tools.tool_description(executable)
    first["parameters"].clear()
    first["resource_locations"].clear()
    assert tools.tool_description(executable)["parameters"] != {}
    assert tools.tool_description(executable)["resource_locations"] != []


def test_an_unknown_processor_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'ocrd-rapid-nothing' is not a processor") as caught:
        tools.tool_description("ocrd-rapid-nothing")
    assert all(name in str(caught.value) for name in tools.executables())
    assert caught.value.exit_code is ExitCode.USAGE


def test_defaults_are_filled_in_as_core_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """What core prints for a tool, with what it added taken away, comes out the same again."""
    if not GOLDEN.is_file():
        pytest.skip(f"the golden file {GOLDEN.name} of OCR-D core is not here")
    expected = GOLDEN.read_text(encoding="utf-8")
    tool = json.loads(expected)
    del tool["resource_locations"]
    for parameter in tool["parameters"].values():
        if parameter["cacheable"] is False:
            del parameter["cacheable"]
    for resource in tool["resources"]:
        for key in reversed(resource):
            if resource[key] == tools.RESOURCE_DEFAULTS.get(key):
                resource[key] = None
        for key in [key for key, value in resource.items() if value is None]:
            del resource[key]
    monkeypatch.setattr(tools, "packaged_json", lambda _: {"tools": {"ocrd-toy": tool}})
    assert tools.tool_description("ocrd-toy") == json.loads(expected)
    assert json.dumps(tools.tool_description("ocrd-toy"), indent=1) == expected.rstrip("\n")

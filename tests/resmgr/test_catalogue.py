# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The bundled catalogue, and what is made from it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import ocrd_rapid
from ocrd_rapid.plain_data import parse_yaml
from ocrd_rapid.resmgr import catalogue, toolfile
from ocrd_rapid.resmgr.resource import Resource
from ocrd_rapid.resmgr.sources import HttpSource, WheelSource, parse_source

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT.parent / "shared" / "reference" / "model-catalogue.yml"
PACKAGE = Path(ocrd_rapid.__file__).parent

EXECUTABLE_OF_TASK = {
    "det": "ocrd-rapid-detect",
    "cls": "ocrd-rapid-classify",
    "rec": "ocrd-rapid-recognize",
}

ENTRIES = [entry for entries in catalogue.bundled().values() for entry in entries]
#: Models of RapidLayout, whose list of addresses and hashes is in its wheel.
LAYOUT_MODELS = [entry for entry in ENTRIES if entry.description.startswith("Layout")]
MODELS = [e for e in ENTRIES if e.name.endswith(".onnx") and e not in LAYOUT_MODELS]
KEY_FILES = [entry for entry in ENTRIES if entry.name.endswith(".txt")]

#: Models whose bytes are in a wheel of the package index.
IN_WHEELS = {
    "ch_PP-OCRv4_det_mobile.onnx",
    "ch_PP-OCRv5_det_mobile.onnx",
    "PP-OCRv6_det_small.onnx",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "ch_PP-OCRv4_rec_mobile.onnx",
    "ch_PP-OCRv5_rec_mobile.onnx",
    "PP-OCRv6_rec_small.onnx",
}

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@pytest.fixture
def reference() -> dict[str, Any]:
    if not REFERENCE.is_file():
        pytest.skip(f"../shared/reference/{REFERENCE.name} is not here to compare with")
    content: dict[str, Any] = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    return content


def test_there_are_47_models_and_4_key_files_and_nothing_else() -> None:
    assert (len(MODELS), len(LAYOUT_MODELS)) == (42, 5)
    assert sorted(entry.name for entry in KEY_FILES) == [
        "ppocr_keys_v1.txt", "ppocrv5_dict.txt", "ppocrv6_dict.txt", "ppocrv6_tiny_dict.txt",
    ]  # fmt: skip
    assert len(ENTRIES) == 51


def test_every_processor_has_its_kind_of_models() -> None:
    of_kind = {
        name: {e.name for e in found if e not in LAYOUT_MODELS}
        for name, found in catalogue.bundled().items()
    }
    assert {entry.executable for entry in LAYOUT_MODELS} == {"ocrd-rapid-detect"}
    assert set(of_kind) == set(EXECUTABLE_OF_TASK.values())
    for task, executable in EXECUTABLE_OF_TASK.items():
        models = {name for name in of_kind[executable] if name.endswith(".onnx")}
        assert {name for name in models if f"_{task}_" not in name} == set()


@every_entry
def test_every_entry_is_complete(entry: Resource) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.licence == "Apache-2.0"
    assert entry.engines == ("onnxruntime", "openvino")
    if entry in LAYOUT_MODELS:
        # Else a configuration that asks for a language would find them, see `catalogue_entry`.
        assert (entry.languages, entry.model_type) == ((), "")
    else:
        assert entry.languages
        assert re.fullmatch(r"PP-OCRv\d", entry.version)
    assert entry.url.startswith("https://")
    assert entry.description
    assert entry.type == "file"
    assert Path(entry.name).name == entry.name


@every_entry
def test_every_source_of_an_entry_can_be_read(entry: Resource) -> None:
    assert len(set(entry.sources)) == len(entry.sources)
    for url in entry.sources:
        source = parse_source(url)
        assert isinstance(source, HttpSource | WheelSource), url
        assert isinstance(source, WheelSource) or url.startswith("https://"), url


@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.name)
def test_every_model_has_a_size_class(entry: Resource) -> None:
    assert entry.model_type in {"tiny", "small", "medium", "mobile", "server"}


def test_names_are_unique_within_a_processor() -> None:
    counts = Counter((entry.executable, entry.name) for entry in ENTRIES)
    assert [key for key, count in counts.items() if count > 1] == []


def test_different_models_have_different_hashes() -> None:
    counts = Counter(entry.sha256 for entry in ENTRIES)
    assert [digest for digest, count in counts.items() if count > 1] == []


def test_the_key_file_of_a_model_is_in_the_catalogue_too() -> None:
    named = {entry.keys for entry in MODELS if entry.keys}
    assert named == {entry.name for entry in KEY_FILES}


def test_eight_models_and_all_key_files_can_be_had_from_wheels() -> None:
    in_wheels = {e.name for e in ENTRIES if any(u.startswith("pypi:") for u in e.sources)}
    assert in_wheels == IN_WHEELS | {"layout_cdla.onnx"} | {entry.name for entry in KEY_FILES}


@pytest.mark.parametrize("name", sorted(IN_WHEELS))
def test_a_model_from_a_wheel_has_a_known_size(name: str) -> None:
    entry = next(entry for entry in MODELS if entry.name == name)
    assert entry.size > 500_000


def test_models_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    expected = {
        (EXECUTABLE_OF_TASK[m["task"]], m["file"]): (
            m["sha256"], m["url"], m["size"] or 0, m["version"], m["model_type"], m["license"],
        )
        for m in reference["models"]
    }  # fmt: skip
    ours = {
        (e.executable, e.name): (e.sha256, e.url, e.size, e.version, e.model_type, e.licence)
        for e in MODELS
    }
    assert ours == expected


def test_languages_and_engines_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    ours = {entry.name: entry for entry in MODELS}
    for model in reference["models"]:
        entry = ours[model["file"]]
        assert set(model["lang"]) <= set(entry.languages), entry.name
        assert list(entry.engines) == model["engines"], entry.name


def test_key_files_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    expected = {d["name"]: (d["sha256"], d["size"]) for d in reference["dictionaries"]}
    assert {entry.name: (entry.sha256, entry.size) for entry in KEY_FILES} == expected


def test_wheels_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    expected = {m["file"] for m in reference["models"] if m["wheel_source"]}
    assert expected == IN_WHEELS


# resource_list.json and ocrd-tool.json


def test_what_is_read_is_the_resource_list() -> None:
    content = parse_yaml((PACKAGE / "resource_list.yml").read_text(encoding="utf-8"))
    text = (PACKAGE / "resource_list.json").read_text(encoding="utf-8")
    assert text == toolfile.serialise(content), "run: make tool-json"


def test_the_tool_description_has_the_entries_of_the_catalogue() -> None:
    text = (PACKAGE / "ocrd-tool.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert toolfile.with_resources(content) == content
    assert toolfile.serialise(content) == text


def test_resources_are_written_anew_and_all_else_is_kept() -> None:
    text = (PACKAGE / "ocrd-tool.json").read_text(encoding="utf-8")
    changed = json.loads(text)
    changed["version"] = "0"
    for tool in changed["tools"].values():
        tool["resources"] = [{"name": "stale"}]
    assert toolfile.serialise(toolfile.with_resources(changed)) == text


@pytest.mark.parametrize("name", ["resource_list.yml", "ocrd-tool.json"])
def test_the_file_at_the_top_is_that_of_the_package(name: str) -> None:
    assert (ROOT / name).read_bytes() == (PACKAGE / name).read_bytes()


# Looking up


def test_an_entry_is_found_by_its_name_for_its_own_processor_only() -> None:
    found = catalogue.find("ocrd-rapid-detect", "PP-OCRv6_det_small.onnx")
    assert found is not None
    assert (found.executable, found.name) == ("ocrd-rapid-detect", "PP-OCRv6_det_small.onnx")
    assert catalogue.find("ocrd-rapid-recognize", "PP-OCRv6_det_small.onnx") is None
    assert catalogue.find("ocrd-rapid-detect", "nothing") is None


def test_an_entry_is_found_as_it_is_named_in_a_parameter() -> None:
    entry = {"url": "http://h/deu.traineddata", "parameter_usage": "without-extension"}
    content = catalogue.parse_catalogue({"ocrd-x": [entry]})
    assert catalogue.find("ocrd-x", "deu", content) == content["ocrd-x"][0]
    assert catalogue.find("ocrd-x", "deu.traineddata", content) == content["ocrd-x"][0]
    assert catalogue.find("ocrd-x", "deu.other", content) is None

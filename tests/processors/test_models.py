# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From parameters to requests of models, and to processors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.errors import ModelError, ParameterError, ResourceNotFoundError, UsageError
from ocrd_rapid.loading import running
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.loading.keys import KeyRequest
from ocrd_rapid.ocr.model_kinds import RECOGNITION
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.processors import create
from ocrd_rapid.processors.model_requests import model_request, with_config

DETECT, RECOGNIZE = "ocrd-rapid-detect", "ocrd-rapid-recognize"
PARAMETERS = {name: tool_description(name)["parameters"] for name in executables()}
DEFAULT_MODELS = {
    name: declared["model"]["default"]
    for name, declared in PARAMETERS.items()
    if "model" in declared
}


@pytest.fixture(autouse=True)
def nothing_installed(nowhere: Path) -> Path:
    """See `nowhere`."""
    return nowhere


def parameters(executable: str, **given: object) -> dict[str, object]:
    return complete_parameters(given, tool_description(executable), executable=executable)


# Requests


@pytest.mark.parametrize(
    ("executable", "given", "expected"),
    [
        (DETECT, {}, (2, 1)),  # half of three cores, rounded up
        (DETECT, {"engine": "openvino"}, (3, 1)),
        (DETECT, {"threads": 5}, (5, 1)),
        (RECOGNIZE, {}, (1, 3)),  # lines of all pages share the cores
        (RECOGNIZE, {"threads": 5}, (1, 5)),
    ],
)
def test_pages_that_are_found_leave_cores_to_those_that_are_read(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch,
    executable: str, given: dict[str, object], expected: tuple[int, int],
) -> None:  # fmt: skip
    monkeypatch.setattr(running, "available_cores", lambda: 3)
    (nothing_installed / "own.onnx").write_text("x")
    engine = model_request(executable, parameters(executable, model="own.onnx", **given)).engine
    assert (engine.intra_op_threads, engine.parallel_calls) == expected


def test_keys_and_heads_are_those_of_the_parameters(nothing_installed: Path) -> None:
    for name in ("own.onnx", "my.txt"):
        (nothing_installed / name).write_text("x")
    plain = model_request(RECOGNIZE, parameters(RECOGNIZE, model="own.onnx"))
    assert (plain.keys, plain.heads) == (KeyRequest(option="-P keys"), HeadOptions())
    given = {"keys": "my", "heads": "base", "languages": "deu", "umlauts": "modern"}
    given["abbreviations"] = "resolved"
    found = model_request(RECOGNIZE, parameters(RECOGNIZE, model="own", **given))
    assert found.keys == KeyRequest(nothing_installed / "my.txt", "-P keys")
    assert found.heads == HeadOptions("base", Alphabet(("deu",)), "modern", "resolved")
    assert (found.path, found.kind) == (nothing_installed / "own.onnx", RECOGNITION)


# Models


@pytest.mark.parametrize("executable", DEFAULT_MODELS)
def test_a_model_that_is_not_installed_is_named_with_the_command_that_installs_it(
    executable: str,
) -> None:
    model = re.sub("_[0-9]+bit", "", DEFAULT_MODELS[executable])
    with pytest.raises(ResourceNotFoundError) as caught:
        create(executable, parameters(executable, model=model))
    assert f"could not find resource '{model}'" in str(caught.value)
    assert f"ocrd-rapid resmgr download {executable} {model}" in str(caught.value)


@pytest.mark.parametrize("executable", DEFAULT_MODELS)
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_file_that_is_no_model_is_a_model_error_that_names_it(
    nothing_installed: Path, executable: str, engine: str
) -> None:
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    path = nothing_installed / "own.onnx"
    path.write_text("this is no model")
    with pytest.raises(ModelError, match=r"model .*own\.onnx cannot be loaded: ."):
        create(executable, parameters(executable, model="own.onnx", engine=engine))


def test_a_directory_is_no_model(nothing_installed: Path) -> None:
    (nothing_installed / "own.onnx").mkdir()
    with pytest.raises(ModelError, match="is a directory, not a model file"):
        create(RECOGNIZE, parameters(RECOGNIZE, model="own.onnx"))


def test_there_is_no_other_processor() -> None:
    with pytest.raises(UsageError, match="there is no processor 'ocrd-rapid-guess'"):
        create("ocrd-rapid-guess", {})


# Defaults


def installed(own_home: Path, name: str) -> None:
    path = own_home / "data" / "ocrd-resources" / DETECT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"model")


def test_the_suffix_of_the_model_decides_on_the_engine(own_home: Path) -> None:
    installed(own_home, "only.xml")
    installed(own_home, "both.xml")
    installed(own_home, "both.onnx")
    for name, engine in (
        ("only.xml", "openvino"), ("only", "openvino"), ("gone.XML", "openvino"),
        ("both", None), ("both.onnx", None), ("https://host/x.xml", None),
    ):  # fmt: skip
        assert with_config(DETECT, {"model": name}).get("engine") == engine, name
    given = {"model": "only.xml", "engine": "onnxruntime"}
    assert with_config(DETECT, given) == given


@pytest.mark.parametrize("key", ["model", "config"])
def test_a_processor_without_models_has_no_configuration(key: str) -> None:
    given = {key: "x.xml"}
    assert with_config("ocrd-rapid-preprocess", given) == given
    with pytest.raises(ParameterError, match=key):
        complete_parameters(
            given, tool_description("ocrd-rapid-preprocess"), executable="ocrd-rapid-preprocess"
        )

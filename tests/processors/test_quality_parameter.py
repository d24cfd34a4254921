# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""-P quality: what it stands for, and what wins over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.conversion.page_chain import ReadingOptions, chain_of
from ocrd_rapid.errors import ConfigurationError, ParameterError
from ocrd_rapid.loading import quality_sizes
from ocrd_rapid.processors.model_requests import detection_options, with_config
from ocrd_rapid.rapidocr.configured_models import configured_model
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.rapidocr.input_size import detection_options as configured_options
from ocrd_rapid.rapidocr.model_files import find_model
from ocrd_rapid.resmgr.locations import module_dir

DETECT, CLASSIFY, RECOGNIZE = (f"ocrd-rapid-{n}" for n in ("detect", "classify", "recognize"))

#: In place of the real table, whose sizes may come to share a value.
SMALL = "PP-OCRv6_rec_small_8bit.onnx"
TABLE = {
    "fast": {
        DETECT: {"model": "PP-OCRv6_det_small_8bit.onnx", "input_scale": 0.5},
        RECOGNIZE: {"model": SMALL, "line_width": 0.5},
    },
    "balanced": {
        DETECT: {"model": "PP-OCRv6_det_small_8bit.onnx", "input_scale": 1.0},
        RECOGNIZE: {"model": SMALL, "line_width": 1.0},
    },
    "best": {
        DETECT: {"model": "PP-OCRv6_det_medium.onnx", "input_scale": 1.5},
        RECOGNIZE: {"model": "PP-OCRv6_rec_medium.onnx", "line_width": 1.0},
    },
}


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_sizes, "packaged_json", lambda _: TABLE)


def complete(executable: str, **given: Any) -> dict[str, Any]:
    tool = tool_description(executable)
    return complete_parameters(with_config(executable, given), tool, executable=executable)


def test_without_it_the_defaults_are_those_of_the_description() -> None:
    assert with_config(DETECT, {}) == with_config(RECOGNIZE, {}) == {}
    assert complete(DETECT)["quality"] == "balanced"


def test_it_stands_for_models_and_input() -> None:
    assert complete(DETECT, quality="best")["model"] == "PP-OCRv6_det_medium.onnx"
    assert complete(RECOGNIZE, quality="best")["model"] == "PP-OCRv6_rec_medium.onnx"
    assert complete(DETECT, quality="fast")["input_scale"] == 0.5
    assert detection_options(complete(DETECT, quality="fast")).input_scale == 0.5
    assert detection_options(complete(DETECT)).input_scale == 1.0


def test_a_parameter_that_is_given_wins() -> None:
    found = complete(DETECT, quality="best", model="mine.onnx")
    assert (found["model"], found["input_scale"]) == ("mine.onnx", 1.5)
    assert complete(DETECT, quality="best", input_scale=1.0)["input_scale"] == 1.0


@pytest.mark.parametrize("executable", [DETECT, RECOGNIZE])
@pytest.mark.parametrize("value", ["good", 1, None, ["best"]])
def test_other_sizes_are_refused_with_those_that_there_are(executable: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=r"quality.*fast.*balanced.*best"):
        complete(executable, quality=value)


def test_classify_has_one_size() -> None:
    with pytest.raises(ParameterError, match="quality"):
        complete(CLASSIFY, quality="fast")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("det.onnx", "rec.onnx"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path / "config.yaml"


def test_a_configuration_has_it_too(config: Path) -> None:
    config.write_text("Global: {quality: fast}\nRec: {model_path: rec.onnx}\n")
    found = complete(DETECT, config=str(config))
    assert (found["quality"], found["input_scale"]) == ("fast", 0.5)
    assert found["model"] == str(module_dir(DETECT) / "PP-OCRv6_det_small_8bit.onnx")
    # What the configuration names wins over its size.
    assert complete(RECOGNIZE, config=str(config))["model"].endswith("rec.onnx")


def test_the_parameter_wins_over_that_of_the_configuration(config: Path) -> None:
    config.write_text("Global: {quality: fast}\nDet: {model_path: det.onnx}\n")
    found = complete(DETECT, config=str(config), quality="balanced")
    assert (found["quality"], found["input_scale"]) == ("balanced", 1.0)
    # A model is named all the same.
    assert found["model"].endswith("det.onnx")


def test_a_size_of_a_configuration_that_there_is_not(config: Path) -> None:
    config.write_text("Global: {quality: good}\n")
    with pytest.raises(ConfigurationError, match="quality"):
        complete(DETECT, config=str(config))


def test_rapidocr_has_the_same_models_and_input() -> None:
    chosen = load_config(params={"Global.quality": "fast"})
    assert configured_options(chosen).input_scale == 0.5
    assert find_model(chosen, "Rec") == module_dir(RECOGNIZE) / SMALL
    assert configured_model(chosen, "Rec").heads.line_width == 0.5


def test_a_version_that_is_named_wins_over_the_size(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = own_home / "data" / "ocrd-resources"
    for executable, name in (
        (DETECT, "PP-OCRv6_det_medium.xml"), (DETECT, "ch_PP-OCRv4_det_mobile.xml"),
    ):  # fmt: skip
        path = resources / executable / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<net/>")
        path.with_suffix(".bin").write_bytes(b"")
    params = {"Global.quality": "best", "Det.engine_type": "openvino"}
    assert find_model(load_config(params=params), "Det").name == "PP-OCRv6_det_medium.xml"
    older = load_config(params={**params, "Det.ocr_version": "PP-OCRv4"})
    assert find_model(older, "Det").name == "ch_PP-OCRv4_det_mobile.xml"


def test_documents_are_read_with_it() -> None:
    steps = {step.executable: step.parameters for step in chain_of(ReadingOptions(quality="fast"))}
    assert steps[DETECT]["input_scale"] == 0.5
    assert steps[RECOGNIZE]["quality"] == "fast"
    assert steps[RECOGNIZE]["line_width"] == 0.5
    assert "quality" not in steps[CLASSIFY]

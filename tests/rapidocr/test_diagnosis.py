# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Is everything here that a configuration needs?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ocrd_rapid.errors import ConfigurationError, ExitCode, ResourceNotFoundError
from ocrd_rapid.inference import devices
from ocrd_rapid.inference.devices import DeviceInfo, EngineInfo
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.rapidocr.diagnosis import ERROR, OK, TEXT, UNUSED, WARNING, CheckResult, examine


def look(text: str = "") -> dict[str, CheckResult]:
    """Examine a configuration; return the findings by name."""
    Path("c.yaml").write_text(text, encoding="utf-8")
    return {finding.name: finding for finding in examine("c.yaml")}


def test_all_is_here(models: Path) -> None:
    found = look()
    assert list(found) == [
        "engine onnxruntime", "engine openvino", "model Det", "model Cls", "model Rec", "trial",
    ]  # fmt: skip
    assert found["model Det"].state == OK
    assert found["model Det"].facts["hash"] == "as in the catalogue"
    assert found["model Rec"].facts["classes"] == 18710
    assert found["model Rec"].facts["keys"] == "model"
    assert found["trial"].state == OK
    assert found["trial"].facts["text"] == list(TEXT)
    assert all(finding.exit_code == 0 for finding in found.values())
    assert [f.name for f in examine()] == list(found)


def test_nothing_is_here() -> None:
    found = look()
    for stage in ("Det", "Cls", "Rec"):
        finding = found[f"model {stage}"]
        assert finding.state == ERROR
        assert finding.exit_code == ExitCode.RESOURCE_NOT_FOUND
        assert "ocrd-rapid resmgr download" in finding.detail
    assert "trial" not in found


def test_stages_that_are_off_are_not_needed(models: Path) -> None:
    shutil.rmtree(models / "ocrd-rapid-classify")
    found = look("Global: {use_cls: false}")
    assert found["model Cls"].state == UNUSED
    assert found["trial"].state == OK
    assert look()["model Cls"].state == ERROR


def test_only_some_stages(models: Path) -> None:
    found = look("Global: {use_det: false, use_cls: false}")
    assert found["trial"].facts["text"] == [TEXT[0]]
    assert look("Global: {use_rec: false}")["trial"].state == OK


def test_a_model_of_ones_own(models: Path) -> None:
    shutil.copyfile(models / "ocrd-rapid-detect" / "PP-OCRv6_det_small_8bit.onnx", "mine.onnx")
    found = look("Det: {model_path: mine.onnx}")
    assert found["model Det"].state == OK
    assert found["model Det"].facts["hash"] == "not in the catalogue"


def test_a_model_that_has_the_name_of_another(models: Path) -> None:
    shutil.copyfile(models / "ocrd-rapid-detect" / "PP-OCRv6_det_small_8bit.onnx",
                    "ch_PP-OCRv4_det_infer.onnx")  # fmt: skip
    found = look("Det: {model_path: ch_PP-OCRv4_det_infer.onnx}")
    assert found["model Det"].state == WARNING
    assert "not that of the catalogue's model" in found["model Det"].detail
    assert found["model Det"].exit_code == 0


def test_damaged_models_and_keys(models: Path) -> None:
    model = models / "ocrd-rapid-recognize" / "PP-OCRv6_rec_small_8bit.onnx"
    Path("keys.txt").write_text("a\nb\n")
    found = look("Rec: {rec_keys_path: keys.txt}")["model Rec"]
    assert (found.state, found.exit_code) == (ERROR, ExitCode.MODEL)
    assert "2 keys, but 18710 classes" in found.detail
    half = model.read_bytes()[:-1000]
    model.unlink()  # it is a link to the one of all tests
    model.write_bytes(half)
    assert look()["model Rec"].exit_code == ExitCode.INTEGRITY


def test_models_of_other_stages(models: Path) -> None:
    wrong = models / "ocrd-rapid-recognize" / "PP-OCRv6_rec_small_8bit.onnx"
    found = look(f"Det: {{model_path: '{wrong}'}}\nCls: {{model_path: '{wrong}'}}")
    assert found["model Det"].detail.startswith(f"Det: model {wrong}: not a text detection model")
    assert found["model Cls"].detail.startswith(f"Cls: model {wrong}: not a text line orientation")


def test_a_device_that_is_not_here(models: Path) -> None:
    pytest.importorskip("openvino", reason="engine openvino is not installed")
    text = "EngineConfig: {openvino: {device_name: NPU}, strict: %s}\nCls: {engine_type: openvino}"
    found = look(text % "false")["model Cls"]
    assert (found.state, found.exit_code) == (WARNING, 0)
    assert "openvino on CPU, as NPU is not available" in found.detail
    assert found.facts["requested_device"] == "NPU"
    found = look(text % "true")["model Cls"]
    assert (found.state, found.exit_code) == (ERROR, ExitCode.MODEL)


def test_an_engine_that_is_not_here(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = (
        EngineInfo("onnxruntime", "1", (DeviceInfo("CPU", "a CPU"),), None),
        EngineInfo("openvino", "", (), "not installed; install it with: pip install openvino"),
    )
    monkeypatch.setattr(devices, "available", lambda: engines)
    assert look()["engine openvino"].state == UNUSED
    found = look("Cls: {engine_type: openvino}")["engine openvino"]
    assert (found.state, found.exit_code) == (ERROR, ExitCode.MODEL)


def test_a_model_with_the_keys_of_another(models: Path) -> None:
    """Of the right number, so that nothing complains before the trial."""
    model = load_model(
        models / "ocrd-rapid-recognize" / "PP-OCRv6_rec_small_8bit.onnx", EngineConfig()
    )
    keys = model.metadata["character"].split("\n")
    Path("keys.txt").write_text("\n".join(reversed(keys)), encoding="utf-8")
    found = look("Rec: {rec_keys_path: keys.txt}")
    assert found["model Rec"].state == OK
    assert (found["trial"].state, found["trial"].exit_code) == (ERROR, ExitCode.MODEL)
    assert "expected 'Offline reading works / without a network'" in found["trial"].detail


def test_a_configuration_that_is_wrong() -> None:
    with pytest.raises(ConfigurationError, match=r"Det\.x is not a valid key"):
        look("Det: {x: 1}")
    with pytest.raises(ResourceNotFoundError):
        examine("none.yaml")

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is refused, and how it is said."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

import pytest

from ocrd_rapid.errors import ConfigurationError, EngineError, ExitCode, ModelError
from ocrd_rapid.inference.cores import available_cores
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.options import OpenVinoOptions, OrtOptions
from ocrd_rapid.inference.traits import ENGINES


def test_the_default_is_one_thread_of_onnxruntime_on_the_cpu() -> None:
    assert EngineConfig() == EngineConfig("onnxruntime", "CPU", 1, 1, False, None)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        EngineConfig().device = "GPU"  # type: ignore[misc]


def test_available_cores_are_those_of_the_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {2, 3, 5}, raising=False)
    assert available_cores() == 3


def test_without_affinity_all_cores_are_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert available_cores() == 7
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert available_cores() == 1


@pytest.mark.parametrize("name", ["tensorrt", "", "ONNXRuntime", "openvino "])
def test_an_unknown_engine_is_refused_with_the_known_ones(tiny: Path, name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_model(tiny, EngineConfig(name))
    assert f"'{name}'" in str(caught.value)
    assert all(known in str(caught.value) for known in ENGINES)
    assert caught.value.exit_code == ExitCode.PARAMETER


@pytest.mark.parametrize("name", ENGINES)
def test_a_missing_file_is_named_with_its_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        load_model(Path("nowhere") / "no.onnx", EngineConfig(name))
    assert str(caught.value) == f"model {tmp_path / 'nowhere' / 'no.onnx'} does not exist"
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.exit_code == ExitCode.MODEL


@pytest.mark.parametrize("name", ENGINES)
def test_a_directory_is_no_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="is a directory, not a model file"):
        load_model(tmp_path, EngineConfig(name))


@pytest.mark.parametrize("name", ["model.xml", "MODEL.XML"])
def test_onnxruntime_names_the_engine_that_runs_an_xml_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<net/>")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(ModelError, match="use engine openvino"):
        load_model(path, EngineConfig("onnxruntime"))


@pytest.mark.usefixtures("openvino_installed")
def test_an_xml_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text("<net/>")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"model\.xml cannot be loaded: "):
        load_model(path, EngineConfig("openvino"))


def test_a_model_with_two_inputs_is_refused(two_inputs: Path, engine: str) -> None:
    with pytest.raises(
        ModelError, match=r"two-inputs\.onnx has 2 inputs and 1 outputs, expected one input"
    ):
        load_model(two_inputs, EngineConfig(engine))


@pytest.mark.parametrize(
    ("name", "options"), [("onnxruntime", OpenVinoOptions()), ("openvino", OrtOptions())]
)
def test_options_of_the_other_engine_are_refused(
    tiny: Path, name: str, options: OrtOptions | OpenVinoOptions
) -> None:
    with pytest.raises(ConfigurationError, match=f"engine {name} takes .*, not "):
        load_model(tiny, EngineConfig(name, options=options))


def test_the_log_says_what_is_used_and_how_long_it_took(
    tiny: Path, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ocrd_rapid")
    model = load_model(tiny, EngineConfig(engine))
    first, *_, used, compiled = [record.getMessage() for record in caplog.records]
    assert model.device == "CPU"
    assert first == f"Using {tiny}"
    assert used == "Using device: CPU"
    assert re.fullmatch(r"Model compiled successfully on CPU device in \d+\.\d\ds", compiled)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_is_not_installed_says_how_to_install_it(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EngineError, match=f"pip install {name}"):
        load_model(tiny, EngineConfig(name))

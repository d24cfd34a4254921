"""What is refused, and how it is said."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ConfigurationError, EngineError, ExitCode, ModelError
from ocrd_rapid.inference.engines import ENGINES, load_model
from ocrd_rapid.inference.model import EngineConfig, available_cores

ZEROS = np.zeros((1, 3, 2, 2), dtype=np.float32)


def test_the_default_is_one_thread_of_onnxruntime_on_the_cpu() -> None:
    assert EngineConfig() == EngineConfig("onnxruntime", "CPU", 1, 1)


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
    assert caught.value.exit_code == ExitCode.MODEL


@pytest.mark.parametrize("name", ENGINES)
def test_a_directory_is_no_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="is a directory, not a model file"):
        load_model(tmp_path, EngineConfig(name))


def _broken(kind: str, good: bytes) -> bytes:
    return {
        "text": b"<html>404 Not Found</html>\n" * 50,
        "empty": b"",
        "half": good[: len(good) // 2],
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    }[kind]


@pytest.mark.parametrize("kind", ["text", "empty", "half", "pointer"])
def test_a_damaged_file_is_refused_in_one_line_that_names_it(
    tmp_path: Path, tiny: Path, engine: str, kind: str
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(_broken(kind, tiny.read_bytes()))
    with pytest.raises(ModelError) as caught:
        load_model(broken, EngineConfig(engine))
    assert str(caught.value).startswith(f"model {broken} cannot be loaded: ")
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, EngineError)


@pytest.mark.parametrize("name", ["model.xml", "MODEL.XML"])
def test_onnxruntime_names_the_engine_that_runs_an_xml_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<net/>")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(ModelError, match="use engine openvino"):
        load_model(path, EngineConfig("onnxruntime"))


def test_openvino_names_the_weights_that_an_xml_file_lacks(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text("<net/>")
    with pytest.raises(ModelError) as caught:
        load_model(path, EngineConfig("openvino"))
    assert str(caught.value) == f"model {path}: its weights {tmp_path / 'model.bin'} do not exist"


@pytest.mark.usefixtures("openvino_installed")
def test_an_xml_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text("<net/>")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"model\.xml cannot be loaded: "):
        load_model(path, EngineConfig("openvino"))


def test_a_model_with_two_inputs_is_refused(two_inputs: Path, engine: str) -> None:
    with pytest.raises(ModelError, match=r"two-inputs\.onnx has 2 inputs, expected one"):
        load_model(two_inputs, EngineConfig(engine))


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


@pytest.mark.parametrize("device", ["CPU", "cpu"])
def test_the_cpu_is_there_without_a_warning(
    tiny: Path, engine: str, device: str, caplog: pytest.LogCaptureFixture
) -> None:
    load_model(tiny, EngineConfig(engine, device))
    assert _warnings(caplog) == []


def test_onnxruntime_falls_back_to_the_cpu_with_a_warning(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    expected = load_model(tiny, EngineConfig()).run(ZEROS)
    output = load_model(tiny, EngineConfig("onnxruntime", "CUDA")).run(ZEROS)
    assert _warnings(caplog) == ["Requested device 'CUDA' is not available. Falling back to CPU."]
    assert np.array_equal(output, expected)


def test_onnxruntime_asks_for_the_device_and_then_the_cpu(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import onnxruntime

    asked: list[list[str]] = []
    session = onnxruntime.InferenceSession

    def record(path: str, options: Any, providers: list[str]) -> Any:
        asked.append(providers)
        return session(path, options, providers=["CPUExecutionProvider"])

    cuda = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: cuda)
    monkeypatch.setattr(onnxruntime, "InferenceSession", record)
    load_model(tiny, EngineConfig("onnxruntime", "cuda"))
    load_model(tiny, EngineConfig("onnxruntime", "CPU"))
    assert asked == [cuda, ["CPUExecutionProvider"]]
    assert _warnings(caplog) == []


def test_a_device_onnxruntime_never_has_is_an_error_of_the_engine(tiny: Path) -> None:
    with pytest.raises(EngineError) as caught:
        load_model(tiny, EngineConfig("onnxruntime", "NPU"))
    assert "no device 'NPU'" in str(caught.value)
    assert "CPU, CUDA" in str(caught.value)


@pytest.mark.usefixtures("openvino_installed")
@pytest.mark.parametrize("device", ["NPU", "FOO", "gpu.7"])
def test_openvino_falls_back_to_the_cpu_with_a_warning(
    tiny: Path, device: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import openvino

    monkeypatch.setattr(openvino.Core, "available_devices", ["CPU"], raising=False)
    output = load_model(tiny, EngineConfig("openvino", device)).run(ZEROS)
    assert _warnings(caplog) == [
        f"Requested device '{device}' is not available. Falling back to CPU."
    ]
    assert output.shape == (1, 1, 2, 2)


@pytest.fixture
def compiled_for(
    openvino_installed: None, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, dict[str, Any]]]:
    """Record what OpenVINO is asked to compile for; it is always compiled for the CPU."""
    import openvino

    asked: list[tuple[str, dict[str, Any]]] = []
    compile_model = openvino.Core.compile_model

    def record(self: Any, network: Any, device: str, options: dict[str, Any]) -> Any:
        asked.append((device, options))
        return compile_model(self, network, "CPU", {})

    monkeypatch.setattr(openvino.Core, "compile_model", record)
    return asked


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ("CPU", ["CPU"], "CPU"),
        ("gpu", ["CPU", "GPU"], "GPU"),
        ("GPU", ["CPU", "GPU.0", "GPU.1"], "GPU"),
        ("GPU.1", ["CPU", "GPU.0", "GPU.1"], "GPU.1"),
        ("NPU", ["CPU", "GPU.0"], "CPU"),
        ("auto", ["CPU"], "AUTO"),
    ],
)
def test_openvino_uses_the_device_asked_for_if_it_is_there(
    tiny: Path,
    compiled_for: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    there: list[str],
    expected: str,
) -> None:
    import openvino

    monkeypatch.setattr(openvino.Core, "available_devices", there, raising=False)
    load_model(tiny, EngineConfig("openvino", wanted))
    assert [device for device, _ in compiled_for] == [expected]


def test_openvino_gets_its_threads_and_streams(
    tiny: Path, compiled_for: list[tuple[str, dict[str, Any]]]
) -> None:
    load_model(tiny, EngineConfig("openvino", intra_op_threads=3, parallel_calls=2))
    ((_, options),) = compiled_for
    assert (options["INFERENCE_NUM_THREADS"], options["NUM_STREAMS"]) == (6, 2)


@pytest.mark.parametrize("device", ["CPU", "AUTO"])
def test_openvino_computes_in_float32(
    tiny: Path, device: str, compiled_for: list[tuple[str, dict[str, Any]]]
) -> None:
    load_model(tiny, EngineConfig("openvino", device))
    ((_, options),) = compiled_for
    assert options.get("INFERENCE_PRECISION_HINT") == "f32"


def test_onnxruntime_gets_its_threads(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    made: list[Any] = []
    session = onnxruntime.InferenceSession

    def record(path: str, options: Any, providers: list[str]) -> Any:
        made.append(options)
        return session(path, options, providers=providers)

    monkeypatch.setattr(onnxruntime, "InferenceSession", record)
    load_model(tiny, EngineConfig(intra_op_threads=3, parallel_calls=2))
    (options,) = made
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_is_not_installed_says_how_to_install_it(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EngineError, match=f"pip install {name}"):
        load_model(tiny, EngineConfig(name))

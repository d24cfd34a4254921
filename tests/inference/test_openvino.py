# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OpenVINO gets all its options, and falls back to the CPU where a device is missing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import EngineError, ModelError, StorageError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.options import OpenVinoOptions
from ocrd_rapid.inference.ov_devices import properties, resolve

openvino = pytest.importorskip("openvino")

Warned = Callable[[], list[str]]

ZEROS = np.zeros((1, 3, 2, 2), dtype=np.float32)


@dataclass
class Machine:
    """A machine with more devices than this one.

    Attributes:
        devices: what OpenVINO says is here.
        broken: devices that fail while they compile.
        asked: what was to be compiled for, with the properties.
        compiled: the results, all for the CPU where the device is not here.
    """

    devices: list[str] = field(default_factory=lambda: ["CPU"])
    broken: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    compiled: list[Any] = field(default_factory=list)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Replace the boundary to OpenVINO: what is here, and compiling for it."""
    machine = Machine()

    class Core(openvino.Core):  # type: ignore[misc]
        @property
        def available_devices(self) -> list[str]:
            return machine.devices

        def compile_model(self, network: Any, device: str, options: dict[str, Any]) -> Any:
            machine.asked.append((device, options))
            if device in machine.broken:
                raise RuntimeError(f"Exception from core.cpp:117:\n{device} has no driver\n\n")
            real = device in ("CPU", "AUTO", "HETERO:CPU", "AUTO:CPU", "MULTI:CPU")
            made = super().compile_model(network, *((device, options) if real else ("CPU", {})))
            machine.compiled.append(made)
            return made

    monkeypatch.setattr(openvino, "Core", Core)
    return machine


def load(path: Path, **options: Any) -> Any:
    return load_model(path, EngineConfig("openvino", options=OpenVinoOptions(**options)))


@pytest.mark.parametrize("suffix", ["onnx", "xml"])
def test_both_formats_give_the_same_with_the_same_metadata(
    tiny: Path, converted: Path, suffix: str
) -> None:
    model = load({"onnx": tiny, "xml": converted}[suffix])
    assert model.metadata["character"] == "a\nſ\nch\n\u3000"
    assert model.input_shape == (None, 3, None, None)
    expected = load_model(tiny, EngineConfig()).run(ZEROS)
    assert np.abs(model.run(ZEROS) - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "key", "expected"),
    [
        ({}, "INFERENCE_PRECISION_HINT", "<Type: 'float32'>"),
        ({"inference_precision": "f32"}, "INFERENCE_PRECISION_HINT", "<Type: 'float32'>"),
        ({}, "ENABLE_CPU_PINNING", "False"),
        ({"inference_num_threads": 1}, "INFERENCE_NUM_THREADS", "1"),
        ({}, "NUM_STREAMS", "1"),
        ({"num_streams": 2}, "NUM_STREAMS", "2"),
        ({}, "PERFORMANCE_HINT", "LATENCY"),
        ({"performance_hint": "LATENCY"}, "PERFORMANCE_HINT", "LATENCY"),
        ({"performance_hint": "THROUGHPUT"}, "PERFORMANCE_HINT", "THROUGHPUT"),
        (
            {"performance_hint": "CUMULATIVE_THROUGHPUT"},
            "PERFORMANCE_HINT",
            "CUMULATIVE_THROUGHPUT",
        ),
        ({}, "PERFORMANCE_HINT_NUM_REQUESTS", "0"),
        ({"performance_num_requests": 3}, "PERFORMANCE_HINT_NUM_REQUESTS", "3"),
    ],
)
@pytest.mark.parametrize("device", ["CPU", "AUTO", "AUTO:CPU", "HETERO:CPU", "MULTI:CPU"])
def test_the_compiled_model_says_that_the_options_are_applied(
    tiny: Path, machine: Machine, device: str, options: dict[str, Any], key: str, expected: str
) -> None:
    two_streams_need = {"inference_num_threads": 2} if "num_streams" in options else {}
    load(tiny, device_name=device, **two_streams_need, **options)
    (compiled,) = machine.compiled
    found = (
        compiled.get_property(key)
        if device == "CPU"
        else compiled.get_property("DEVICE_PROPERTIES")["CPU"][key]
    )
    virtual = device != "CPU" and expected == "CUMULATIVE_THROUGHPUT"
    # What AUTO and the like spread over devices, is throughput for each of them.
    assert ("THROUGHPUT" if virtual else expected) in str(found)


@pytest.mark.parametrize("kind", ["ANY_CORE", "PCORE_ONLY", "ECORE_ONLY"])
def test_the_type_of_cores_is_sent_whether_or_not_the_cpu_has_such(
    tiny: Path, machine: Machine, kind: str
) -> None:
    assert load(tiny, scheduling_core_type=kind).run(ZEROS).shape == (1, 1, 2, 2)
    ((_, sent),) = machine.asked
    assert sent["SCHEDULING_CORE_TYPE"] == kind


@pytest.mark.parametrize("flag", [True, False])
def test_flags_are_sent_as_they_are(tiny: Path, machine: Machine, flag: bool) -> None:
    load(tiny, enable_hyper_threading=flag, enable_cpu_pinning=flag)
    ((_, sent),) = machine.asked
    assert (sent["ENABLE_HYPER_THREADING"], sent["ENABLE_CPU_PINNING"]) == (flag, flag)


def test_a_hint_chooses_the_streams_itself(tiny: Path, machine: Machine) -> None:
    load(tiny, performance_hint="THROUGHPUT")
    load(tiny, performance_hint="THROUGHPUT", num_streams=1)
    assert ["NUM_STREAMS" in sent for _, sent in machine.asked] == [False, True]
    assert machine.compiled[1].get_property("NUM_STREAMS") == 1


@pytest.mark.parametrize("precision", [None, "auto"])
def test_the_precision_may_be_left_to_the_device(
    tiny: Path, machine: Machine, precision: str | None, warned: Warned
) -> None:
    load(tiny, inference_precision=precision)
    ((_, sent),) = machine.asked
    assert "INFERENCE_PRECISION_HINT" not in sent
    assert warned() == []


@pytest.mark.parametrize("precision", ["bf16", "f16"])
def test_a_precision_that_the_cpu_does_not_have_is_told(
    tiny: Path, precision: str, warned: Warned
) -> None:
    compiled = openvino.Core().compile_model(
        str(tiny), "CPU", {"INFERENCE_PRECISION_HINT": precision}
    )
    used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    for _ in range(2):
        load(tiny, inference_precision=precision)
    told = f"This CPU does not support {precision}: {used} is used"
    assert warned() == ([] if used == precision else [told] * 2)


@pytest.mark.parametrize("precision", ["bf16", "f16"])
def test_another_precision_is_sent(tiny: Path, machine: Machine, precision: str) -> None:
    load(tiny, inference_precision=precision)
    ((_, sent),) = machine.asked
    assert sent["INFERENCE_PRECISION_HINT"] == precision


def test_threads_and_streams_are_those_of_the_configuration(tiny: Path, machine: Machine) -> None:
    load_model(tiny, EngineConfig("openvino", intra_op_threads=1, parallel_calls=2))
    ((_, sent),) = machine.asked
    assert (sent["INFERENCE_NUM_THREADS"], sent["NUM_STREAMS"]) == (2, 2)
    assert machine.compiled[0].get_property("NUM_STREAMS") == 2


@pytest.mark.parametrize("device", ["CPU", "AUTO"])
def test_compiled_models_are_kept_in_the_cache(
    tiny: Path, tmp_path: Path, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    first = load(tiny, device_name=device, cache_dir="~/deep/cache")
    (blob,) = (tmp_path / "deep" / "cache").glob("*.blob")
    written = blob.stat().st_mtime_ns
    second = load(tiny, device_name=device, cache_dir="~/deep/cache")
    assert [path.stat().st_mtime_ns for path in blob.parent.iterdir()] == [written]
    assert np.array_equal(first.run(ZEROS), second.run(ZEROS))
    assert second.metadata["character"].startswith("a\n")


def test_a_cache_that_cannot_be_made_is_named(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        load(tiny, cache_dir=str(tmp_path / "file" / "cache"))
    assert str(caught.value) == (
        f"cache_dir {tmp_path / 'file' / 'cache'} cannot be created (Not a directory);"
        " name another folder"
    )


ALL = {
    "inference_num_threads": 1,
    "performance_hint": "THROUGHPUT",
    "performance_num_requests": 4,
    "enable_cpu_pinning": True,
    "num_streams": 1,
    "enable_hyper_threading": False,
    "scheduling_core_type": "PCORE_ONLY",
    "cache_dir": "cache",
}

#: What every device gets, and what only a CPU may get.
COMMON = {
    "PERFORMANCE_HINT": "THROUGHPUT",
    "PERFORMANCE_HINT_NUM_REQUESTS": 4,
    "CACHE_DIR": "cache",
}
OF_CPU = {
    "INFERENCE_PRECISION_HINT": "f32",
    "INFERENCE_NUM_THREADS": 1,
    "ENABLE_CPU_PINNING": True,
    "NUM_STREAMS": 1,
    "ENABLE_HYPER_THREADING": False,
    "SCHEDULING_CORE_TYPE": "PCORE_ONLY",
}
OF_GPU = {"INFERENCE_PRECISION_HINT": "f32"}


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("CPU", COMMON | OF_CPU),
        ("GPU", COMMON | OF_GPU),
        ("GPU.1", COMMON | OF_GPU),
        ("NPU", COMMON),
        ("AUTO", COMMON | {"DEVICE_PROPERTIES": {"CPU": OF_CPU, "GPU": OF_GPU}}),
        ("AUTO:GPU.1,CPU", COMMON | {"DEVICE_PROPERTIES": {"CPU": OF_CPU, "GPU": OF_GPU}}),
        ("HETERO:GPU,NPU", COMMON | {"DEVICE_PROPERTIES": {"GPU": OF_GPU}}),
        ("MULTI:CPU", COMMON | {"DEVICE_PROPERTIES": {"CPU": OF_CPU}}),
    ],
)
def test_a_device_gets_what_concerns_it(device: str, expected: dict[str, Any]) -> None:
    found = properties(device, EngineConfig("openvino"), OpenVinoOptions(**ALL))  # type: ignore[arg-type]
    assert found == expected


def test_an_npu_is_asked_for_float16_only() -> None:
    config = EngineConfig("openvino")
    assert properties("NPU", config, OpenVinoOptions(inference_precision="f16")) == {
        "INFERENCE_PRECISION_HINT": "f16"
    }
    assert properties("NPU", config, OpenVinoOptions(inference_precision="bf16")) == {}


@pytest.mark.parametrize(
    ("wanted", "here", "device", "missing"),
    [
        ("CPU", ["CPU"], "CPU", []),
        ("cpu", ["CPU"], "CPU", []),
        ("gpu", ["CPU", "GPU"], "GPU", []),
        ("GPU", ["CPU", "GPU.0", "GPU.1"], "GPU", []),
        ("GPU.1", ["CPU", "GPU.0", "GPU.1"], "GPU.1", []),
        ("GPU.0", ["CPU", "GPU"], "GPU.0", []),
        ("GPU.1", ["CPU", "GPU"], "CPU", ["GPU.1"]),
        ("NPU", ["CPU", "GPU.0"], "CPU", ["NPU"]),
        ("FOO", ["CPU"], "CPU", ["FOO"]),
        ("CPU:GPU", ["CPU", "GPU"], "CPU", ["CPU:GPU"]),
        ("auto", ["CPU"], "AUTO", []),
        ("AUTO:GPU,CPU", ["CPU", "GPU"], "AUTO:GPU,CPU", []),
        ("AUTO:GPU,NPU,CPU", ["CPU"], "AUTO:CPU", ["GPU", "NPU"]),
        ("HETERO:GPU,NPU", ["CPU"], "CPU", ["GPU", "NPU"]),
        ("MULTI:GPU.1,GPU.0", ["CPU", "GPU.0"], "MULTI:GPU.0", ["GPU.1"]),
    ],
)
def test_devices_that_are_here(
    wanted: str, here: list[str], device: str, missing: list[str]
) -> None:
    assert resolve(wanted, here) == (device, missing)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (EngineConfig("openvino", "gpu"), "GPU"),
        (EngineConfig("openvino", options=OpenVinoOptions(device_name="GPU")), "GPU"),
        (EngineConfig("openvino", "NPU", options=OpenVinoOptions(device_name="GPU.1")), "GPU.1"),
        (EngineConfig("openvino", "GPU", options=OpenVinoOptions()), "GPU"),
        (EngineConfig("openvino", "GPU", options=OpenVinoOptions(device_name="CPU")), "CPU"),
    ],
)
def test_a_device_that_is_here_is_compiled_for(
    tiny: Path, machine: Machine, config: EngineConfig, expected: str, warned: Warned
) -> None:
    machine.devices = ["CPU", "GPU.0", "GPU.1"]
    assert load_model(tiny, config).device == expected
    assert [device for device, _ in machine.asked] == [expected]
    assert warned() == []


@pytest.mark.parametrize("device", ["NPU", "FOO", "gpu.7"])
def test_a_device_that_is_missing_is_replaced_by_the_cpu(
    tiny: Path, machine: Machine, device: str, warned: Warned
) -> None:
    model = load_model(tiny, EngineConfig("openvino", device))
    assert model.device == "CPU"
    assert warned() == [f"Requested device '{device}' is not available. Falling back to CPU."]
    assert model.run(ZEROS).shape == (1, 1, 2, 2)


def test_what_is_missing_of_a_list_is_left_out(
    tiny: Path, machine: Machine, warned: Warned
) -> None:
    assert load(tiny, device_name="AUTO:GPU,CPU").device == "AUTO:CPU"
    assert warned() == ["Requested device 'GPU' is not available. Falling back to CPU."]


@pytest.mark.parametrize("device", ["GPU", "AUTO"])
def test_a_device_that_fails_is_replaced_by_the_cpu_with_its_own_options(
    tiny: Path, machine: Machine, device: str, warned: Warned
) -> None:
    machine.devices, machine.broken = ["CPU", "GPU"], [device]
    model = load(tiny, device_name=device)
    assert model.device == "CPU"
    assert [asked for asked, _ in machine.asked] == [device, "CPU"]
    assert machine.asked[1][1]["INFERENCE_NUM_THREADS"] == 1
    assert warned() == [
        f"Failed to compile model on {device} device. Error: {device} has no driver"
        f" (model {tiny}). Falling back to CPU."
    ]
    assert model.run(ZEROS).shape == (1, 1, 2, 2)


def test_a_model_that_no_device_can_compile_is_an_error(tiny: Path, machine: Machine) -> None:
    machine.devices, machine.broken = ["CPU", "GPU"], ["CPU", "GPU"]
    with pytest.raises(ModelError) as caught:
        load(tiny, device_name="GPU")
    assert str(caught.value) == f"model {tiny} cannot be loaded: CPU has no driver"
    assert not isinstance(caught.value, EngineError)


@pytest.mark.parametrize("device", ["NPU", "AUTO:NPU,CPU"])
def test_strict_allows_no_other_device(tiny: Path, machine: Machine, device: str) -> None:
    options = OpenVinoOptions(device_name=device)
    with pytest.raises(EngineError) as caught:
        load_model(tiny, EngineConfig("openvino", strict=True, options=options))
    assert str(caught.value) == (
        "Requested device 'NPU' is not available: openvino has CPU"
        " ('ocrd-rapid check' shows all; without strict, the CPU is used)"
    )
    assert machine.asked == []


def test_strict_allows_no_other_device_when_one_fails(tiny: Path, machine: Machine) -> None:
    machine.devices, machine.broken = ["CPU", "GPU"], ["GPU"]
    with pytest.raises(EngineError) as caught:
        load_model(tiny, EngineConfig("openvino", "GPU", strict=True))
    assert str(caught.value) == (
        f"Failed to compile model {tiny} on GPU device: GPU has no driver"
        " (without strict, the CPU is used)"
    )


def test_the_log_has_the_lines_of_rapidocr(
    tiny: Path, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ocrd_rapid")
    load(tiny, device_name="NPU")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:-1] == [
        f"Using {tiny}",
        "Requested device: NPU",
        "Available OpenVINO devices: ['CPU']",
        "Requested device 'NPU' is not available. Falling back to CPU.",
        "Using device: CPU",
    ]
    assert lines[-1].startswith("Model compiled successfully on CPU device in ")


@pytest.mark.parametrize("device", ["GPU", "NPU"])
def test_a_device_that_openvino_lists_in_vain_is_replaced_by_the_cpu(
    tiny: Path, device: str, monkeypatch: pytest.MonkeyPatch, warned: Warned
) -> None:
    if device in openvino.Core().available_devices:
        pytest.skip(f"there is a {device} here")
    monkeypatch.setattr(openvino.Core, "available_devices", ["CPU", device], raising=False)
    model = load(tiny, device_name=device)
    assert model.device == "CPU"
    (warning,) = warned()
    assert warning.startswith(f"Failed to compile model on {device} device. Error: ")
    assert "\n" not in warning

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is here is told whatever it is, and without raising."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest

from ocrd_rapid.inference.devices import DeviceInfo, EngineInfo, available


def info(name: str) -> EngineInfo:
    return {engine.name: engine for engine in available()}[name]


def test_all_engines_are_named_in_their_order() -> None:
    assert [engine.name for engine in available()] == ["onnxruntime", "openvino"]


def test_an_engine_has_its_version_and_the_cpu(engine: str) -> None:
    found = info(engine)
    assert found.error is None
    assert found.version.count(".") == 2
    assert found.devices[0].name == "CPU"
    assert found.devices[0].description != ""


def test_devices_of_onnxruntime_are_named_as_they_are_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    monkeypatch.setattr(
        onnxruntime,
        "get_available_providers",
        lambda: ["CUDAExecutionProvider", "AzureExecutionProvider", "CPUExecutionProvider"],
    )
    cpu, cuda = info("onnxruntime").devices
    assert cuda == DeviceInfo("CUDA", "CUDAExecutionProvider")
    assert cpu.name == "CPU"
    assert cpu.description.endswith(" (CPUExecutionProvider)")


def test_devices_of_openvino_have_their_full_names(monkeypatch: pytest.MonkeyPatch) -> None:
    openvino = pytest.importorskip("openvino")

    class Core:
        available_devices = ("GPU.1", "GPU.0", "CPU", "NPU")

        def get_property(self, device: str, key: str) -> str:
            if device == "NPU":
                raise RuntimeError("Exception from core.cpp:1:\nno driver\n")
            return f"{key} of {device}"

    monkeypatch.setattr(openvino, "Core", Core)
    monkeypatch.setattr(openvino, "__version__", "2026.4.1-1-abc-releases/2026/4")
    assert info("openvino") == EngineInfo(
        "openvino",
        "2026.4.1",
        (
            DeviceInfo("CPU", "FULL_DEVICE_NAME of CPU"),
            DeviceInfo("GPU.0", "FULL_DEVICE_NAME of GPU.0"),
            DeviceInfo("GPU.1", "FULL_DEVICE_NAME of GPU.1"),
            DeviceInfo("NPU", "does not answer: no driver"),
        ),
        None,
    )


def _failing_import(monkeypatch: pytest.MonkeyPatch, module: str, failure: BaseException) -> None:
    real = builtins.__import__

    def fail(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == module:
            raise failure
        return real(name, *arguments, **keywords)

    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(builtins, "__import__", fail)


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (None, "not installed; install it with: pip install {name}"),
        (ModuleNotFoundError("No module named 'numpy'", name="numpy"), "No module named 'numpy'"),
        (ImportError("libgomp.so.1: cannot open"), "libgomp.so.1: cannot open"),
        (OSError("a DLL is missing"), "a DLL is missing"),
        (RuntimeError("Exception from core.cpp:1:\nno plugins\n\n"), "no plugins"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_an_engine_that_fails_is_told_and_the_other_one_too(
    monkeypatch: pytest.MonkeyPatch, name: str, failure: Exception | None, expected: str
) -> None:
    failure_ = failure or ModuleNotFoundError(f"No module named '{name}'", name=name)
    _failing_import(monkeypatch, name, failure_)
    found = available()
    assert [engine.name for engine in found] == ["onnxruntime", "openvino"]
    text = expected.format(name=name) if failure is None else f"not usable: {expected}"
    assert info(name) == EngineInfo(name, "", (), text)

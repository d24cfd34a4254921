# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Engines and devices of this machine."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import EngineError
from . import reports
from .libraries import import_onnxruntime, import_openvino


@dataclass(frozen=True)
class DeviceInfo:
    """A device that an engine offers.

    Attributes:
        name: the engine's name for it, such as ``CPU``, ``CUDA``, ``GPU.1``.
        description: the hardware, or the name of onnxruntime's execution provider. An offered
            provider was built into this onnxruntime; only loading a model shows whether its
            libraries and hardware are there, too.
    """

    name: str
    description: str


@dataclass(frozen=True)
class EngineInfo:
    """An engine.

    Attributes:
        name: as in `EngineConfig.engine`.
        version: version of the engine; empty if the engine is not usable.
        devices: the devices that it can run on, the CPU first.
        error: why the engine is not usable; ``None`` if it is.
    """

    name: str
    version: str
    devices: tuple[DeviceInfo, ...]
    error: str | None


def available() -> tuple[EngineInfo, ...]:
    """Return all engines that this package knows, usable or not. Raises nothing."""
    return (_ask("onnxruntime", _onnxruntime), _ask("openvino", _openvino))


def _ask(name: str, engine: Callable[[], EngineInfo]) -> EngineInfo:
    try:
        return engine()
    except EngineError as error:
        reason = error.__cause__ or error
    except Exception as error:  # a faulty driver must not hide the other engine
        reason = error
    if isinstance(reason, ModuleNotFoundError) and (reason.name or "").partition(".")[0] == name:
        return EngineInfo(name, "", (), f"not installed; install it with: pip install {name}")
    return EngineInfo(name, "", (), f"not usable: {reports.last_line(reason)}")


def _onnxruntime() -> EngineInfo:
    from .ort_providers import PROVIDERS

    onnxruntime = import_onnxruntime()
    here = onnxruntime.get_available_providers()
    devices = tuple(
        DeviceInfo(device, f"{_processor()} ({provider})" if device == "CPU" else provider)
        for device, provider in PROVIDERS.items()
        if provider in here
    )
    return EngineInfo("onnxruntime", onnxruntime.__version__, devices, None)


def _openvino() -> EngineInfo:
    openvino = import_openvino()
    core = openvino.Core()
    names = sorted(core.available_devices, key=lambda name: (name != "CPU", name))
    devices = tuple(DeviceInfo(name, _full_name(core, name)) for name in names)
    # 2026.4.1-21234-abcdef-releases/2026/4: pip shows the first part.
    return EngineInfo("openvino", openvino.__version__.partition("-")[0], devices, None)


def _full_name(core: object, device: str) -> str:
    try:
        return str(core.get_property(device, "FULL_DEVICE_NAME"))  # type: ignore[attr-defined]
    except RuntimeError as error:
        return f"does not answer: {reports.last_line(error)}"


def _processor() -> str:
    """Return the system's name for its CPU."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()

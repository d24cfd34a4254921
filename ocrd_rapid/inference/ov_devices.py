# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Turn device names and options into OpenVINO's devices and properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .model import EngineConfig
from .options import OpenVinoOptions

#: Devices that compute nothing themselves, but choose others or distribute work to them.
_VIRTUAL = ("AUTO", "HETERO", "MULTI")


def resolve(wanted: str, here: Sequence[str]) -> tuple[str, list[str]]:
    """Return the device to use, and the wanted devices that are not available.

    Args:
        wanted: ``GPU``, ``GPU.1``, ``AUTO``, ``AUTO:GPU,CPU`` and the like, in any case.
        here: OpenVINO's ``available_devices``, such as ``CPU``, ``GPU.0``, ``GPU.1``.

    Returns:
        ``CPU`` if no wanted device is available. A list loses its missing devices, as OpenVINO
        fails to load a missing driver even if it would not need it.
    """
    head, _, tail = wanted.upper().partition(":")
    if head not in _VIRTUAL:
        return (head, []) if not tail and _is_here(head, here) else ("CPU", [wanted])
    if not tail:
        return head, []
    devices = tail.split(",")
    present = [device for device in devices if _is_here(device, here)]
    missing = [device for device in devices if device not in present]
    return (f"{head}:{','.join(present)}" if present else "CPU"), missing


def _is_here(device: str, here: Sequence[str]) -> bool:
    """Return whether a device is available: ``GPU`` if any GPU is, ``GPU.0`` if ``GPU`` is."""
    kind, _, number = device.partition(".")
    return (
        device in here
        or (not number and any(one.startswith(f"{kind}.") for one in here))
        or (number == "0" and kind in here)
    )


def properties(device: str, config: EngineConfig, options: OpenVinoOptions) -> dict[str, Any]:
    """Return the properties to compile with.

    Properties of one kind of device go to that kind only: under ``DEVICE_PROPERTIES`` if the
    device is a virtual one.
    """
    found: dict[str, Any] = {}
    if options.performance_hint is not None:
        found["PERFORMANCE_HINT"] = options.performance_hint
    if options.performance_num_requests != -1:
        found["PERFORMANCE_HINT_NUM_REQUESTS"] = options.performance_num_requests
    if options.cache_dir is not None:
        found["CACHE_DIR"] = options.cache_dir
    head, _, tail = device.partition(":")
    if head not in _VIRTUAL:
        return found | _own(head.partition(".")[0], config, options)
    kinds = {one.partition(".")[0] for one in tail.split(",")} if tail else {"CPU", "GPU"}
    own = {kind: _own(kind, config, options) for kind in sorted(kinds)}
    return found | {"DEVICE_PROPERTIES": {kind: p for kind, p in own.items() if p}}


def _own(kind: str, config: EngineConfig, options: OpenVinoOptions) -> dict[str, Any]:
    """Return the properties of one kind of device."""
    found: dict[str, Any] = {}
    # NPUs compute in float16 only and reject any other request.
    if options.inference_precision not in (None, "auto") and (
        kind != "NPU" or options.inference_precision == "f16"
    ):
        found["INFERENCE_PRECISION_HINT"] = options.inference_precision
    return found | (_cpu(config, options) if kind == "CPU" else {})


def _cpu(config: EngineConfig, options: OpenVinoOptions) -> dict[str, Any]:
    threads = options.inference_num_threads
    if threads == -1:
        threads = config.intra_op_threads * config.parallel_calls
    found: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": threads,
        # Pinned threads of several processes would all be pinned to the same cores.
        "ENABLE_CPU_PINNING": bool(options.enable_cpu_pinning),
    }
    if options.num_streams != -1:
        found["NUM_STREAMS"] = options.num_streams
    elif options.performance_hint is None:
        # A hint chooses the streams itself; a number beside it would win over the hint.
        found["NUM_STREAMS"] = config.parallel_calls
    if options.enable_hyper_threading is not None:
        found["ENABLE_HYPER_THREADING"] = options.enable_hyper_threading
    if options.scheduling_core_type is not None:
        found["SCHEDULING_CORE_TYPE"] = options.scheduling_core_type
    return found

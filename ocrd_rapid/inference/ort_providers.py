# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Turn devices and options into the settings of an onnxruntime session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import EngineError
from .model import EngineConfig
from .options import OrtOptions, ProviderValue

#: Device names as users write them, and onnxruntime's names of the execution providers.
PROVIDERS = {
    "CPU": "CPUExecutionProvider",
    "CUDA": "CUDAExecutionProvider",
    "DML": "DmlExecutionProvider",
    "CANN": "CANNExecutionProvider",
    "COREML": "CoreMLExecutionProvider",
}


def requested_devices(device: str, options: OrtOptions) -> list[str]:
    """Return the requested devices besides the CPU, in order of preference.

    Raises:
        EngineError: onnxruntime does not know this device.
    """
    name = device.upper()
    if name not in PROVIDERS:
        raise EngineError(
            f"engine onnxruntime has no device '{device}' (it has: {', '.join(PROVIDERS)})"
        )
    return [one for one in dict.fromkeys([name, *options.devices]) if one != "CPU"]


def provider_options(device: str, options: OrtOptions) -> dict[str, str]:
    """Return the options of a device's execution provider, as the strings that it expects."""
    values: dict[str, Mapping[str, ProviderValue]] = {
        "CUDA": {f.name: getattr(options.cuda_ep_cfg, f.name) for f in fields(options.cuda_ep_cfg)},
        "DML": options.dml_ep_cfg,
        "CANN": options.cann_ep_cfg,
        "COREML": options.coreml_ep_cfg,
    }
    return {key: _text(value) for key, value in values.get(device, {}).items()}


def session_options(
    onnxruntime: Any, config: EngineConfig, options: OrtOptions, devices: list[str]
) -> Any:
    """Return the ``SessionOptions`` for a configuration and the devices it will run on."""
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    intra, inter = options.intra_op_num_threads, options.inter_op_num_threads
    settings.intra_op_num_threads = config.intra_op_threads if intra == -1 else intra
    settings.inter_op_num_threads = max(1, inter)
    if inter > 1:
        # The default mode computes one part at a time, whatever the number of threads.
        settings.execution_mode = onnxruntime.ExecutionMode.ORT_PARALLEL
    # Threads that wait by spinning take the cores from others that have work.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # An arena keeps the largest tensors ever seen: with changing widths, memory grows.
    settings.enable_cpu_mem_arena = options.enable_cpu_mem_arena or config.reuse_memory
    if config.reuse_memory:
        # A pattern allocates one more block with all that a call needs for each input shape.
        settings.enable_mem_pattern = False
    if options.enable_cpu_mem_arena and options.cpu_arena_extend_strategy == "kSameAsRequested":
        _share_exact_arena(onnxruntime)
        settings.add_session_config_entry("session.use_env_allocators", "1")
    if "DML" in devices:
        # DirectML supports neither (onnxruntime's documentation of the provider).
        settings.enable_mem_pattern = False
        settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return settings


def _share_exact_arena(onnxruntime: Any) -> None:
    """Give the process an arena that grows by the requested size.

    A session's own arena always grows by powers of two: onnxruntime does not read
    ``arena_extend_strategy`` among the options of its CPU provider.
    """
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    same_as_requested = onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(memory, same_as_requested)


def _text(value: ProviderValue) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)

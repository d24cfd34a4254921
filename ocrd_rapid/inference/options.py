# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Options of the two engines, with the keys and defaults of RapidOCR's ``EngineConfig``.

-1 and ``None`` mean "not set": the engine's own choice or, for threads and streams, that of
`EngineConfig`. The constructors reject values that are not allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..errors import ConfigurationError

ARENA_STRATEGIES = ("kNextPowerOfTwo", "kSameAsRequested")
CUDNN_SEARCHES = ("EXHAUSTIVE", "HEURISTIC", "DEFAULT")
PERFORMANCE_HINTS = ("LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT")
CORE_TYPES = ("ANY_CORE", "PCORE_ONLY", "ECORE_ONLY")
PRECISIONS = ("f32", "f16", "bf16", "auto")
DEVICE_NAMES = ("CPU", "NPU", "GPU", "AUTO")

_ONE_DEVICE = r"(?:CPU|NPU|GPU)(?:\.\d+)?"
_DEVICE = re.compile(rf"{_ONE_DEVICE}|AUTO|(?:AUTO|HETERO|MULTI):{_ONE_DEVICE}(?:,{_ONE_DEVICE})*")

#: Values of the maps of options for execution providers.
ProviderValue = str | int | float | bool


@dataclass(frozen=True)
class CudaOptions:
    """``cuda_ep_cfg``: options of onnxruntime's CUDA provider.

    Attributes:
        device_id: the number of the GPU, from 0.
        arena_extend_strategy: one of `ARENA_STRATEGIES`.
        cudnn_conv_algo_search: one of `CUDNN_SEARCHES`.
        do_copy_in_default_stream: copy in the stream that computes.
    """

    device_id: int = 0
    arena_extend_strategy: str = "kNextPowerOfTwo"
    cudnn_conv_algo_search: str = "EXHAUSTIVE"
    do_copy_in_default_stream: bool = True

    def __post_init__(self) -> None:
        _at_least("cuda_ep_cfg.device_id", self.device_id, 0)
        _one_of("cuda_ep_cfg.arena_extend_strategy", self.arena_extend_strategy, ARENA_STRATEGIES)
        _one_of("cuda_ep_cfg.cudnn_conv_algo_search", self.cudnn_conv_algo_search, CUDNN_SEARCHES)


@dataclass(frozen=True)
class OrtOptions:
    """``EngineConfig.onnxruntime``.

    Attributes:
        intra_op_num_threads: number of threads that work on one call; -1:
            `EngineConfig.intra_op_threads`.
        inter_op_num_threads: number of parts of a network computed at the same time; -1: one.
        enable_cpu_mem_arena: keep freed memory for the next call.
        cpu_arena_extend_strategy: how that memory grows, one of `ARENA_STRATEGIES`
            (``cpu_ep_cfg.arena_extend_strategy``).
        use_cuda: compute on an NVIDIA GPU.
        cuda_ep_cfg: its options.
        use_dml: compute with DirectML (Windows).
        dml_ep_cfg: options of the provider, passed on unchanged.
        use_cann: compute on a Huawei Ascend NPU.
        cann_ep_cfg: options of the provider, passed on unchanged.
        use_coreml: compute with CoreML (macOS).
        coreml_ep_cfg: options of the provider, passed on unchanged.
    """

    intra_op_num_threads: int = -1
    inter_op_num_threads: int = -1
    enable_cpu_mem_arena: bool = False
    cpu_arena_extend_strategy: str = "kSameAsRequested"
    use_cuda: bool = False
    cuda_ep_cfg: CudaOptions = field(default_factory=CudaOptions)
    use_dml: bool = False
    dml_ep_cfg: Mapping[str, ProviderValue] = field(default_factory=dict, hash=False)
    use_cann: bool = False
    cann_ep_cfg: Mapping[str, ProviderValue] = field(default_factory=dict, hash=False)
    use_coreml: bool = False
    coreml_ep_cfg: Mapping[str, ProviderValue] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _threads("intra_op_num_threads", self.intra_op_num_threads)
        _threads("inter_op_num_threads", self.inter_op_num_threads)
        _one_of(
            "cpu_ep_cfg.arena_extend_strategy", self.cpu_arena_extend_strategy, ARENA_STRATEGIES
        )

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that are switched on, in order of preference (that of RapidOCR)."""
        switches = {
            "COREML": self.use_coreml,
            "CANN": self.use_cann,
            "DML": self.use_dml,
            "CUDA": self.use_cuda,
        }
        return tuple(device for device, on in switches.items() if on)


@dataclass(frozen=True)
class OpenVinoOptions:
    """``EngineConfig.openvino``.

    The options from ``inference_num_threads`` to ``scheduling_core_type`` that concern CPU threads
    (all but ``performance_*``) go to the CPU only.

    Attributes:
        device_name: ``CPU``, ``GPU``, ``NPU``, ``AUTO``, one of several (``GPU.1``), or a list
            (``AUTO:GPU,CPU``, ``HETERO:GPU,CPU``); ``None``: `EngineConfig.device`.
        inference_num_threads: number of threads of the whole model, 1 to the number of CPUs; -1:
            that of `EngineConfig`.
        performance_hint: one of `PERFORMANCE_HINTS`.
        performance_num_requests: number of simultaneous calls that the hint may count on.
        enable_cpu_pinning: bind threads to cores; ``None``: no.
        num_streams: number of calls computed at the same time; -1: that of the hint if there is
            one, else `EngineConfig.parallel_calls`.
        enable_hyper_threading: use both threads of a core.
        scheduling_core_type: one of `CORE_TYPES`.
        inference_precision: one of `PRECISIONS`; ``auto`` and ``None``: the device's own choice,
            which is bfloat16 on CPUs that have it and changes up to 0.9 % of the characters.
        cache_dir: a folder for OpenVINO's own cache of compiled models; ``None``: for the CPU see
            `prepared`, for other devices a folder in the user's cache.
    """

    device_name: str | None = None
    inference_num_threads: int = -1
    performance_hint: str | None = None
    performance_num_requests: int = -1
    enable_cpu_pinning: bool | None = None
    num_streams: int = -1
    enable_hyper_threading: bool | None = None
    scheduling_core_type: str | None = None
    inference_precision: str | None = "f32"
    cache_dir: str | None = None

    def __post_init__(self) -> None:
        if self.device_name is not None and _DEVICE.fullmatch(self.device_name) is None:
            raise ConfigurationError(
                f"Invalid device_name configuration: '{self.device_name}'. Allowed values are:"
                f" {', '.join(DEVICE_NAMES)}, GPU.1, AUTO:GPU,CPU, HETERO:GPU,CPU."
                " Please update your configuration file with a valid device name."
            )
        _threads("inference_num_threads", self.inference_num_threads)
        _one_of("performance_hint", self.performance_hint, (None, *PERFORMANCE_HINTS))
        _count("performance_num_requests", self.performance_num_requests)
        _count("num_streams", self.num_streams)
        _one_of("scheduling_core_type", self.scheduling_core_type, (None, *CORE_TYPES))
        _one_of("inference_precision", self.inference_precision, (None, *PRECISIONS))


def with_precision(
    engine: str, options: OrtOptions | OpenVinoOptions | None, precision: str
) -> OrtOptions | OpenVinoOptions | None:
    """Return the options of an engine with a precision, where it offers more than one.

    Args:
        engine: name of the engine.
        options: the options so far; ``None`` for the defaults.
        precision: one of `PRECISIONS`.
    """
    if engine != "openvino":
        return options
    given = options if isinstance(options, OpenVinoOptions) else OpenVinoOptions()
    return replace(given, inference_precision=precision)


def _one_of(key: str, value: str | None, allowed: tuple[str | None, ...]) -> None:
    if value not in allowed:
        names = ", ".join("null" if name is None else name for name in allowed)
        raise ConfigurationError(
            f"Invalid {key} configuration: '{value}'. Allowed values are: {names}."
            " Please update your configuration file with a valid value."
        )


def _threads(key: str, value: int) -> None:
    cores = os.cpu_count() or 1
    if value != -1 and not 1 <= value <= cores:
        raise ConfigurationError(
            f"Invalid {key} configuration: {value}. Must be between 1 and {cores}"
            " (available CPU cores), or -1 for automatic selection."
        )


def _count(key: str, value: int) -> None:
    if value != -1:
        _at_least(key, value, 1, ", or -1 for automatic selection")


def _at_least(key: str, value: int, least: int, otherwise: str = "") -> None:
    if value < least:
        raise ConfigurationError(
            f"Invalid {key} configuration: {value}. Must be {least} or more{otherwise}."
        )

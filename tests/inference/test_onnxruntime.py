# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""onnxruntime gets all its options, and falls back to the CPU where a device is missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import EngineError, ModelError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.options import CudaOptions, OrtOptions

onnxruntime = pytest.importorskip("onnxruntime")

Warned = Callable[[], list[str]]

ZEROS = np.zeros((1, 3, 2, 2), dtype=np.float32)
CPU = ("CPUExecutionProvider", {})

CUDA_DEFAULTS = {
    "device_id": "0",
    "arena_extend_strategy": "kNextPowerOfTwo",
    "cudnn_conv_algo_search": "EXHAUSTIVE",
    "do_copy_in_default_stream": "1",
}


@dataclass
class Build:
    """A build of onnxruntime with more providers than this one has.

    Attributes:
        providers: what it was built with.
        broken: providers that raise when a session is made for them.
        absent: providers whose libraries are missing: sessions are made without them.
        asked: the providers of all sessions that were asked for.
        settings: their options.
        sessions: the sessions themselves, which all run on the CPU.
    """

    providers: list[str] = field(default_factory=lambda: ["CPUExecutionProvider"])
    broken: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    asked: list[list[tuple[str, dict[str, str]]]] = field(default_factory=list)
    settings: list[Any] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)

    def session(self, path: str, settings: Any, providers: list[Any], enable_fallback: int) -> Any:
        assert enable_fallback == 0
        if settings.optimized_model_filepath:  # made for its file only
            return self.real(path, settings, providers=providers)
        self.asked.append(providers)
        self.settings.append(settings)
        names = [name for name, _ in providers]
        for name in names:
            if name in self.broken:
                raise RuntimeError(f"{name} does not start\nat some/file.cc:12")
        session = self.real(path, settings, providers=["CPUExecutionProvider"])
        session.get_providers = lambda: [name for name in names if name not in self.absent]
        self.sessions.append(session)
        return session

    real: Any = onnxruntime.InferenceSession


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Build:
    """Replace the boundary to onnxruntime."""
    build = Build()
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: build.providers)
    monkeypatch.setattr(onnxruntime, "InferenceSession", build.session)
    return build


def load(path: Path, **options: Any) -> Any:
    return load_model(path, EngineConfig(options=OrtOptions(**options)))


def test_threads_are_those_of_the_configuration_unless_the_options_name_some(
    tiny: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    load_model(tiny, EngineConfig(intra_op_threads=3, parallel_calls=2))
    load_model(tiny, EngineConfig(intra_op_threads=3, options=OrtOptions()))
    load_model(tiny, EngineConfig(intra_op_threads=3, options=OrtOptions(2, 4)))
    used = [session.get_session_options() for session in build.sessions]
    assert [one.intra_op_num_threads for one in used] == [3, 3, 2]
    assert [one.inter_op_num_threads for one in used] == [1, 1, 4]
    modes = onnxruntime.ExecutionMode
    assert [one.execution_mode for one in used] == [
        modes.ORT_SEQUENTIAL,
        modes.ORT_SEQUENTIAL,
        modes.ORT_PARALLEL,
    ]


@pytest.mark.parametrize(
    ("arena", "strategy", "shared"),
    [
        (False, "kSameAsRequested", False),
        (False, "kNextPowerOfTwo", False),
        (True, "kSameAsRequested", True),
        (True, "kNextPowerOfTwo", False),
    ],
)
def test_the_arena_is_as_the_options_say(
    tiny: Path, build: Build, arena: bool, strategy: str, shared: bool
) -> None:
    expected = load(tiny).run(ZEROS)
    model = load(tiny, enable_cpu_mem_arena=arena, cpu_arena_extend_strategy=strategy)
    used = build.sessions[1].get_session_options()
    assert used.enable_cpu_mem_arena is arena
    assert _shares_arena(used) is shared
    assert np.array_equal(model.run(ZEROS), expected)


def test_memory_that_is_reused_is_an_arena_without_patterns_for_one_call_at_a_time(
    tiny: Path, build: Build
) -> None:
    expected = load(tiny).run(ZEROS)
    model = load_model(tiny, EngineConfig(parallel_calls=2, reuse_memory=True))
    before, used = (session.get_session_options() for session in build.sessions)
    assert (before.enable_cpu_mem_arena, before.enable_mem_pattern) == (False, True)
    assert (used.enable_cpu_mem_arena, used.enable_mem_pattern) == (True, False)
    session = _Overlapping(build.sessions[1])
    model._session = session  # type: ignore[attr-defined]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(model.run, [ZEROS] * 8))
    assert session.most == 1
    assert all(np.array_equal(result, expected) for result in results)


def test_the_memory_of_a_very_large_input_is_given_back(tiny: Path, build: Build) -> None:
    model = load_model(tiny, EngineConfig(reuse_memory=True))
    kept: list[tuple[int, bool]] = []

    class Session:
        def run(self, _names: Any, inputs: Any, options: Any) -> Any:
            key = "memory.enable_memory_arena_shrinkage"
            keeps = options is None or options.get_run_config_entry(key) != "cpu:0"
            [batch] = inputs.values()
            kept.append((batch.shape[2], keeps))
            return [ZEROS]

    model._session = Session()  # type: ignore[attr-defined]
    for rows in (1000, 1001):
        model.run(np.zeros((1, 3, rows, 1500), dtype=np.float32))
    # What was kept is given back before the large one, too: a small input has it done.
    assert kept == [(1000, True), (32, False), (1001, False)]


class _Overlapping:
    """A session that notes how many calls there are at the same time."""

    def __init__(self, session: Any) -> None:
        self.session, self.now, self.most = session, 0, 0

    def run(self, *arguments: Any) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.01)
        self.now -= 1
        return self.session.run(*arguments)


def _shares_arena(settings: Any) -> bool:
    try:
        return str(settings.get_session_config_entry("session.use_env_allocators")) == "1"
    except RuntimeError:
        return False


def test_the_shared_arena_grows_by_what_is_requested(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    register = onnxruntime.create_and_register_allocator

    def record(memory: Any, arena: Any) -> None:
        asked.append((memory.name, arena.arena_extend_strategy))
        register(memory, arena)

    monkeypatch.setattr(onnxruntime, "create_and_register_allocator", record)
    load(tiny, enable_cpu_mem_arena=True)
    load(tiny, enable_cpu_mem_arena=True)
    assert asked == [("Cpu", 1), ("Cpu", 1)]


def test_a_real_session_runs_on_the_cpu_alone(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    real = onnxruntime.InferenceSession

    def record(*arguments: Any, **keywords: Any) -> Any:
        made.append(real(*arguments, **keywords))
        return made[-1]

    monkeypatch.setattr(onnxruntime, "InferenceSession", record)
    model = load(tiny, use_cuda="CUDAExecutionProvider" in onnxruntime.get_available_providers())
    assert made[0].get_providers()[-1] == "CPUExecutionProvider"
    assert model.run(ZEROS).shape == (1, 1, 2, 2)


@pytest.mark.parametrize("device", ["CPU", "cpu"])
def test_the_cpu_is_there_without_a_warning(
    tiny: Path, build: Build, device: str, warned: Warned
) -> None:
    assert load_model(tiny, EngineConfig(device=device, strict=True)).device == "CPU"
    assert build.asked == [[CPU]]
    assert warned() == []


@pytest.mark.parametrize(
    "config",
    [
        EngineConfig(device="CUDA"),
        EngineConfig(device="cuda"),
        EngineConfig(options=OrtOptions(use_cuda=True)),
        EngineConfig(device="CUDA", options=OrtOptions(use_cuda=True)),
    ],
)
def test_the_cpu_comes_after_the_device_for_what_that_cannot_compute(
    tiny: Path, build: Build, config: EngineConfig, warned: Warned
) -> None:
    build.providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert load_model(tiny, config).device == "CUDA"
    assert build.asked == [[("CUDAExecutionProvider", CUDA_DEFAULTS), CPU]]
    assert warned() == []


ALL = {
    "use_cuda": True,
    "cuda_ep_cfg": CudaOptions(1, "kSameAsRequested", "HEURISTIC", False),
    "use_dml": True,
    "dml_ep_cfg": {"device_id": 2},
    "use_cann": True,
    "cann_ep_cfg": {"npu_mem_limit": 1 << 34, "enable_cann_graph": True},
    "use_coreml": True,
    "coreml_ep_cfg": {"ModelFormat": "MLProgram", "RequireStaticInputShapes": 0},
}


def test_every_provider_gets_its_own_options_in_the_order_of_preference(
    tiny: Path, build: Build
) -> None:
    build.providers = [
        f"{name}ExecutionProvider" for name in ("CUDA", "Dml", "CANN", "CoreML", "CPU")
    ]
    assert load(tiny, **ALL).device == "COREML"
    assert build.asked == [
        [
            (
                "CoreMLExecutionProvider",
                {"ModelFormat": "MLProgram", "RequireStaticInputShapes": "0"},
            ),
            ("CANNExecutionProvider", {"npu_mem_limit": "17179869184", "enable_cann_graph": "1"}),
            ("DmlExecutionProvider", {"device_id": "2"}),
            (
                "CUDAExecutionProvider",
                {
                    "device_id": "1",
                    "arena_extend_strategy": "kSameAsRequested",
                    "cudnn_conv_algo_search": "HEURISTIC",
                    "do_copy_in_default_stream": "0",
                },
            ),
            CPU,
        ]
    ]


def test_directml_has_neither_memory_patterns_nor_parallel_parts(
    tiny: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    load(tiny, inter_op_num_threads=2)
    build.providers = ["DmlExecutionProvider", "CPUExecutionProvider"]
    load(tiny, inter_op_num_threads=2, use_dml=True)
    assert [one.enable_mem_pattern for one in build.settings] == [True, False]
    assert build.settings[1].execution_mode == onnxruntime.ExecutionMode.ORT_SEQUENTIAL


@pytest.mark.parametrize(("use_dml", "expected"), [(False, 4), (True, 1)])
def test_directml_is_called_by_one_thread_at_a_time(
    tiny: Path, build: Build, use_dml: bool, expected: int
) -> None:
    build.providers = ["DmlExecutionProvider", "CPUExecutionProvider"]
    model = load(tiny, use_dml=use_dml)
    (session,) = build.sessions
    inside: list[int] = [0, 0]
    lock, run, barrier = threading.Lock(), session.run, threading.Barrier(4)
    together = threading.Barrier(4)

    def slow(*arguments: Any) -> Any:
        with lock:
            inside[0] += 1
            inside[1] = max(inside)
        if expected == 1:
            time.sleep(0.1)  # time for another one to come in
        else:
            together.wait(600)  # until all are inside
        with lock:
            inside[0] -= 1
        return run(*arguments)

    def work() -> None:
        barrier.wait()
        model.run(ZEROS)

    session.run = slow
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == [0, expected]


MISSING = "Requested device 'CUDA' is not available. Falling back to CPU."


def test_a_device_that_was_not_built_in_is_replaced_by_the_cpu(
    tiny: Path, build: Build, warned: Warned
) -> None:
    model = load(tiny, use_cuda=True)
    assert (model.device, build.asked) == ("CPU", [[CPU]])
    assert warned() == [MISSING]


def test_a_device_without_its_libraries_is_replaced_by_the_cpu(
    tiny: Path, build: Build, warned: Warned
) -> None:
    build.providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    build.absent = ["CUDAExecutionProvider"]
    model = load(tiny, use_cuda=True)
    assert model.device == "CPU"
    assert warned() == [MISSING]


def test_a_device_that_fails_is_replaced_by_the_cpu(
    tiny: Path, build: Build, warned: Warned
) -> None:
    build.providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    build.broken = ["CUDAExecutionProvider"]
    model = load(tiny, use_cuda=True)
    assert model.device == "CPU"
    assert build.asked == [[("CUDAExecutionProvider", CUDA_DEFAULTS), CPU], [CPU]]
    assert warned() == [
        "Failed to compile model on CUDA device. Error: CUDAExecutionProvider does not start"
        f" (model {tiny}). Falling back to CPU."
    ]
    assert np.array_equal(model.run(ZEROS), load(tiny).run(ZEROS))


def test_of_two_devices_the_one_that_is_here_is_used(
    tiny: Path, build: Build, warned: Warned
) -> None:
    build.providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert load(tiny, use_cuda=True, use_coreml=True).device == "CUDA"
    assert warned() == [MISSING.replace("CUDA", "COREML")]


@pytest.mark.parametrize("trouble", ["providers", "absent", "broken"])
def test_strict_allows_no_other_device(tiny: Path, build: Build, trouble: str) -> None:
    if trouble != "providers":
        build.providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
        setattr(build, trouble, ["CUDAExecutionProvider"])
    config = EngineConfig(device="CUDA", strict=True)
    with pytest.raises(EngineError) as caught:
        load_model(tiny, config)
    assert str(caught.value) == (
        f"Failed to compile model {tiny} on CUDA device: CUDAExecutionProvider does not start"
        " (without strict, the CPU is used)"
        if trouble == "broken"
        else "Requested device 'CUDA' is not available: onnxruntime has CPU"
        " ('ocrd-rapid check' shows all; without strict, the CPU is used)"
    )


def test_a_device_onnxruntime_never_has_is_an_error_of_the_engine(tiny: Path) -> None:
    with pytest.raises(EngineError) as caught:
        load_model(tiny, EngineConfig(device="NPU"))
    assert str(caught.value) == (
        "engine onnxruntime has no device 'NPU' (it has: CPU, CUDA, DML, CANN, COREML)"
    )


def test_a_failing_run_is_an_error_and_says_nothing_on_stdout(
    tiny: Path, build: Build, capfd: pytest.CaptureFixture[str]
) -> None:
    model = load(tiny)

    def fail(*_arguments: Any) -> None:
        raise onnxruntime.capi.onnxruntime_pybind11_state.EPFail("out of memory")

    build.sessions[0].run = fail
    with pytest.raises(ModelError, match=r"tiny\.onnx failed on input \(1, 3, 2, 2\): out of"):
        model.run(ZEROS)
    assert capfd.readouterr().out == ""

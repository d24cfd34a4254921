# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models that never end: their calls are stopped, and those of others are not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from small_networks import write_endless

from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, Model
from ocrd_rapid.inference.stopping import StoppedError, Stopper, carried, stoppable

ENDS = np.full((1, 3, 8, 8), 2e6, np.float32)
ENDLESS = np.zeros((1, 3, 8, 8), np.float32)

SUPPORT = Path(__file__).parent.parent / "support"


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return load_model(write_endless(tmp_path / "endless.onnx"), EngineConfig("onnxruntime"))


def run_stoppably(stopper: Stopper, call: Callable[[], object]) -> BaseException | object:
    with stoppable(stopper):
        try:
            return call()
        except StoppedError as error:
            return error


@pytest.mark.parametrize("reuse", [False, True])
def test_onnxruntime_ends_the_call_and_the_model_is_usable(
    tmp_path: Path, reuse: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_endless(tmp_path / "endless.onnx")
    model = load_model(path, EngineConfig("onnxruntime", reuse_memory=reuse))
    stopper = Stopper()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run_stoppably, stopper, lambda: model.run(ENDLESS))
        time.sleep(0.3)
        assert not done.done()
        stopper.stop()
        error = done.result(timeout=60)  # which also shows that the thread is free again
    assert isinstance(error, StoppedError)
    assert str(error) == f"model {path} was stopped"
    assert np.array_equal(model.run(ENDS), ENDS)
    assert capfd.readouterr().err == ""


def test_what_was_stopped_begins_no_other_call(model: Model) -> None:
    stopper = Stopper()
    stopper.stop()
    assert isinstance(run_stoppably(stopper, lambda: model.run(ENDS)), StoppedError)


def test_only_the_calls_of_one_piece_of_work_are_stopped(model: Model) -> None:
    first, second = Stopper(), Stopper()
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(run_stoppably, stopper, lambda: model.run(ENDLESS))
            for stopper in (first, second)
        ]
        time.sleep(0.3)
        first.stop()
        assert isinstance(calls[0].result(timeout=60), StoppedError)
        assert not calls[1].done()
        second.stop()
        assert isinstance(calls[1].result(timeout=60), StoppedError)


def test_calls_that_are_carried_to_other_threads_are_stopped_too(model: Model) -> None:
    stopper = Stopper()
    with ThreadPoolExecutor(1) as inner, ThreadPoolExecutor(1) as outer:

        def work() -> object:
            return inner.submit(carried(model.run), ENDLESS).result()

        done = outer.submit(run_stoppably, stopper, work)
        time.sleep(0.3)
        stopper.stop()
        assert isinstance(done.result(timeout=60), StoppedError)


def test_without_a_stopper_a_call_is_as_it_was(model: Model) -> None:
    assert np.array_equal(model.run(ENDS), ENDS)
    assert threading.active_count() >= 1


OPENVINO = """
    import os, sys, threading, time
    import numpy as np
    from pathlib import Path
    from small_networks import write_endless
    from ocrd_rapid.inference import stopping
    from ocrd_rapid.inference.engines import load_model
    from ocrd_rapid.inference.model import EngineConfig

    config = EngineConfig("openvino", parallel_calls=2)
    model = load_model(write_endless(Path(sys.argv[1])), config)
    ends, endless = (np.full((1, 3, 8, 8), value, np.float32) for value in (2e6, 0))
    stopper = stopping.Stopper()
    said = []
    def call():
        with stopping.stoppable(stopper):
            try:
                model.run(endless)
            except stopping.StoppedError as error:
                said.append(str(error))
    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.5)
    stopper.stop()
    thread.join(60)
    print(said, stopping.computing_on(), flush=True)
    for _ in range(4):  # by the other one of the two requests
        with stopping.stoppable(stopping.Stopper()):
            assert np.array_equal(model.run(ends), ends)
    print("usable", flush=True)
    stopper = stopping.Stopper()
    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.5)
    stopper.stop()
    thread.join(60)
    try:
        model.run(ends)
    except Exception as error:
        print(type(error).__name__, str(error).partition(": ")[2], flush=True)
    os._exit(0)
"""


def test_openvino_gives_up_a_call_that_it_cannot_end(tmp_path: Path) -> None:
    """In a process of its own, as an abandoned call computes until its end."""
    path = tmp_path / "endless.onnx"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OPENVINO), path], capture_output=True, text=True,
        timeout=120, check=False, env={"PYTHONPATH": str(SUPPORT), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"['model {path} was stopped'] True",
        "usable",
        "ModelError a call was stopped, but is still computing; start a new process",
    ]

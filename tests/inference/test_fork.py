# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models that are used after a fork: by multiprocessing, gunicorn --preload, Celery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).with_name("tiny.onnx")

SCRIPT = """
import os, signal, sys
from pathlib import Path
import numpy as np
from ocrd_rapid.errors import EngineError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig

engine, calls, when = sys.argv[2], int(sys.argv[3]), sys.argv[4]

def load():
    return load_model(Path(sys.argv[1]), EngineConfig(engine, parallel_calls=calls))

batch = np.ones((1, 3, 32, 32), np.float32)
model = None if when == "before" else load()
if when == "run":
    model.run(batch)
if os.fork() == 0:
    signal.alarm(300)  # instead of a wait that would never end
    try:
        if when in ("before", "again"):
            model = load()
        print(model.run(batch).shape[0], flush=True)
    except EngineError as error:
        print(error, flush=True)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(
    ("engine", "calls", "when", "works"),
    [
        ("onnxruntime", 2, "run", True),
        ("onnxruntime", 2, "again", True),
        ("openvino", 2, "before", True),
        ("openvino", 1, "run", True),
        ("openvino", 2, "loaded", False),
        ("openvino", 2, "run", False),
        ("openvino", 1, "again", False),
    ],
)
def test_a_forked_process_reads_or_says_why_not(
    engine: str, calls: int, when: str, works: bool
) -> None:
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(TINY), engine, str(calls), when],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != -signal.SIGALRM, "it hangs"
    assert done.returncode == 0, done.stderr
    if works:
        assert done.stdout == "1\n"
    else:
        assert "forked after it loaded a model; load models in each process" in done.stdout


BUSY = """
import os, signal, sys, threading, time
from pathlib import Path
import numpy as np
from ocrd_rapid.errors import EngineError
from ocrd_rapid.inference import forking
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig

engine, lasts, forking._PATIENCE = sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
model = load_model(Path(sys.argv[1]), EngineConfig(engine, reuse_memory=True))
step = "_call" if engine == "onnxruntime" else "_finish"
compute, begun = getattr(model, step), threading.Event()

def slowly(*arguments, **options):
    begun.set()
    time.sleep(lasts)
    return compute(*arguments, **options)

setattr(model, step, slowly)
batch = np.ones((1, 3, 32, 32), np.float32)
threading.Thread(target=model.run, args=(batch,), daemon=True).start()
begun.wait()
if os.fork() == 0:
    setattr(model, step, compute)
    signal.alarm(300)  # instead of a wait that would never end
    try:
        print(model.run(batch).shape[0], flush=True)
    except EngineError as error:
        print(error, flush=True)
    os._exit(0)
status = os.waitstatus_to_exitcode(os.wait()[1])
setattr(model, step, compute)
if lasts < 100:
    print(model.run(batch).shape[0], flush=True)
os._exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
@pytest.mark.parametrize(("lasts", "patience"), [(0.5, 300), (1000, 0.1)])
def test_a_fork_waits_for_the_call_of_another_thread(
    engine: str, lasts: float, patience: float
) -> None:
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", BUSY, str(TINY), engine, str(lasts), str(patience)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != -signal.SIGALRM, "it hangs"
    assert done.returncode == 0, done.stderr
    if patience > lasts:
        assert done.stdout == "1\n1\n"
    else:
        assert "was forked while another thread was running a model" in done.stdout

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What OpenVINO's binding does on first use must have been done when threads come."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: The call within ``infer`` that blocked, by threads that change as often as Python allows.
SCRIPT = """
import sys, threading
from pathlib import Path
import openvino
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig

load_model(Path(sys.argv[1]), EngineConfig(engine="openvino"))
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(8)

def work():
    barrier.wait()
    openvino.Type.f32.to_dtype()

threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def test_threads_that_are_the_first_do_not_wait_for_each_other(
    openvino_installed: None, tiny: Path
) -> None:
    # Without the call in our engine, ten of twelve processes wait for ever.
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tiny)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.stdout == "done\n", done.stderr

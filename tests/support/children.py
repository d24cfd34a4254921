# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A process of its own that runs jobs in children, which may be killed: one job a line, as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SUPPORT = Path(__file__).parent


def start(script: Path) -> subprocess.Popen[str]:
    """Start a script that calls `serve`."""
    path = os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def serve(run_and_kill: Callable[[dict[str, Any]], int]) -> None:
    """Answer each job with how its child ended, until the input ends."""
    for line in sys.stdin:
        sys.stdout.write(f"{run_and_kill(json.loads(line))}\n")
        sys.stdout.flush()

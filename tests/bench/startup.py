# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Compare the start-up of our commands with that of OCR-D core, side by side.

    startup.py BIN CORE_BIN

BIN and CORE_BIN are the directories of our executables and of OCR-D core's. The runs are
interleaved, so that a busy machine is busy for both; the medians of the wall time are printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15

PAIRS = [
    (["ocrd-rapid-recognize", "-J"], ["ocrd-dummy", "-J"]),
    (["ocrd-rapid-recognize", "-h"], ["ocrd-dummy", "-h"]),
    (["ocrd-rapid-recognize", "-L"], ["ocrd-dummy", "-L"]),
    (["ocrd-rapid-recognize", "-V"], ["ocrd-dummy", "-V"]),
    (["ocrd-rapid", "resmgr", "list-available"], ["ocrd", "resmgr", "list-available", "-D"]),
    (["ocrd-rapid", "resmgr", "list-installed"], ["ocrd", "resmgr", "list-installed"]),
]


def seconds(directory: Path, command: list[str]) -> float:
    """Return the wall time of one run."""
    start = time.perf_counter()
    subprocess.run([directory / command[0], *command[1:]], capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print one row per pair of commands."""
    ours, core = Path(sys.argv[1]), Path(sys.argv[2])
    print(f"{'command':38}{'ours':>9}{'core':>9}{'ratio':>8}")
    for our_command, core_command in PAIRS:
        times = [(seconds(ours, our_command), seconds(core, core_command)) for _ in range(RUNS)]
        own, theirs = (statistics.median(column) for column in zip(*times, strict=True))
        name = " ".join(our_command)
        print(f"{name:38}{own * 1000:6.0f} ms{theirs * 1000:6.0f} ms{theirs / own:7.1f}x")
    return 0


if __name__ == "__main__":
    sys.exit(main())

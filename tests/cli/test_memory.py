# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What commands set for the memory of their process."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from ocrd_rapid.cli.memory import limit_arenas

#: Threads that hold memory at the same time get arenas of their own; then counts the arenas.
_COUNT = """
import ctypes, os, sys, threading
from ocrd_rapid.cli.memory import limit_arenas
if sys.argv[1] == "limit":
    assert limit_arenas({})
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(7)
def hold():
    libc.malloc(1000)
    together.wait()
for thread in [threading.Thread(target=hold) for _ in range(6)]:
    thread.start()
together.wait()
libc.malloc_stats()
"""


@pytest.mark.parametrize(
    "environ",
    [{"MALLOC_ARENA_MAX": "7"}, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=7"}],
)
def test_what_the_environment_says_stays(environ: dict[str, str]) -> None:
    assert limit_arenas(environ) is False


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_threads_share_arenas() -> None:
    assert _arenas("free") > 4
    assert _arenas("limit") <= 2


def _arenas(mode: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, mode], capture_output=True, text=True, check=True,
        env={"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return done.stderr.count("Arena ")

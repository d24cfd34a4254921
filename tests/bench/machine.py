# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the machine tells of itself: its name, and who used its processors and memory.

Only Linux tells all of it; elsewhere what is not known is 0 or empty. Nothing is imported that
the other side of a comparison does not have.
"""

from __future__ import annotations

import os
import platform
import resource
from dataclasses import dataclass
from pathlib import Path

_BUSY = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal: columns of /proc/stat


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_cores() -> int:
    """Return how many cores the machine has, whoever may use them."""
    return os.cpu_count() or 1


def own_cpu() -> float:
    """Return the CPU seconds, user and system, of this process and the children it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def machine_cpu() -> float:
    """Return the CPU seconds that all processes of the machine have used."""
    try:
        with Path("/proc/stat").open(encoding="ascii") as stream:
            return busy_seconds(stream.readline(), os.sysconf("SC_CLK_TCK"))
    except OSError:
        return 0.0


def busy_seconds(line: str, ticks: int) -> float:
    """Return the seconds of work in the first line of ``/proc/stat``, ``ticks`` a second."""
    columns = [int(value) for value in line.split()[1:]]
    return sum(columns[i] for i in _BUSY if i < len(columns)) / ticks


@dataclass(frozen=True)
class Memory:
    """The memory of this process in MB: now, and at most so far."""

    now: float
    peak: float


def memory() -> Memory:
    """Return the memory of this process.

    The peak is not that of `getrusage`: there a process begins with what its parent had.
    """
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Memory(0.0, peak)
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    now, peak = (float(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return Memory(now, peak)


def children_peak() -> float:
    """Return the memory of the largest child that was waited for, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@dataclass(frozen=True)
class Clock:
    """A moment: wall clock, CPU of this process and of the machine, all in seconds."""

    wall: float
    own: float
    machine: float


def foreign_share(begin: Clock, end: Clock, machine_cores: int) -> float:
    """Return which share of the machine others used between two moments, 0 to 1."""
    wall = end.wall - begin.wall
    others = (end.machine - begin.machine) - (end.own - begin.own)
    return min(1.0, max(0.0, others / (wall * machine_cores))) if wall > 0 else 0.0


def description() -> str:
    """Return processor, its vector extensions that matter, cores, memory and system."""
    model, flags = platform.processor() or platform.machine(), set[str]()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split("\n"):
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    except OSError:
        pass
    known = [f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if f in flags]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model} ({', '.join(known) or 'no vector extensions known'}), {cores()} cores,"
        f" {memory_gb:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    )

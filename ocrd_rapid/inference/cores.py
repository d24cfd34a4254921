# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Number of CPU cores that this process may use."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_ROOT = Path("/")


def available_cores(root: Path = _ROOT, environ: Mapping[str, str] | None = None) -> int:
    """Return the number of CPU cores that this process may use, at least 1.

    It is the smallest of: the number of cores that the process is bound to, the CPU quotas of its
    control group and its ancestors (versions 1 and 2; part of a core counts as one), and the first
    number of ``OMP_NUM_THREADS``.

    Args:
        root: the folder that has ``/proc`` and ``/sys``.
        environ: environment variables; ``None`` for those of the process.
    """
    limits = [_bound(), _omp(os.environ if environ is None else environ), _quota(root)]
    return max(1, math.ceil(min(limit for limit in limits if limit is not None)))


def _bound() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _omp(environ: Mapping[str, str]) -> int | None:
    """Return ``OMP_NUM_THREADS``, ``None`` if it is not a number above zero."""
    first = environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(first) or None if re.fullmatch("[0-9]{1,9}", first) else None


@dataclass(frozen=True)
class _Mount:
    """A mounted hierarchy of control groups.

    Attributes:
        group: the control group found at ``point``.
        point: a directory.
        unified: whether it is of version 2.
    """

    group: PurePosixPath
    point: PurePosixPath
    unified: bool


def _quota(root: Path) -> float | None:
    """Return the CPU quota in cores; ``None`` if there is no quota or it is unknown."""
    try:
        mounts = list(_mounts((root / "proc/self/mountinfo").read_text(encoding="utf-8")))
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found: list[float] = []
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        unified = number == "0" and not controllers
        if unified or "cpu" in controllers.split(","):
            for mount in mounts:
                if mount.unified == unified:
                    found += _quotas(root, mount, PurePosixPath(group))
    return min(found, default=None)


def _mounts(text: str) -> Iterator[_Mount]:
    """Yield the mounted hierarchies that can limit CPUs, from ``mountinfo`` (see proc(5))."""
    for line in text.splitlines():
        mount, _, kind = (part.split() for part in line.partition(" - "))
        if len(mount) < 5 or len(kind) < 3:
            continue
        unified = kind[0] == "cgroup2"
        if unified or (kind[0] == "cgroup" and "cpu" in kind[2].split(",")):
            yield _Mount(PurePosixPath(mount[3]), PurePosixPath(mount[4]), unified)


def _quotas(root: Path, mount: _Mount, group: PurePosixPath) -> Iterator[float]:
    """Yield the quotas of a control group and of its visible ancestors."""
    # In a container, the group may have the name that the host knows: then it is the mount itself.
    below = group.relative_to(mount.group) if group.is_relative_to(mount.group) else None
    inner = mount.point if below is None else mount.point / below
    for directory in (inner, *inner.parents):
        if directory.is_relative_to(mount.point):
            quota = _read_quota(root / directory.relative_to("/"), mount.unified)
            if quota is not None:
                yield quota


def _read_quota(directory: Path, unified: bool) -> float | None:
    names = ["cpu.max"] if unified else ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
    try:
        text = " ".join((directory / name).read_text(encoding="ascii") for name in names)
        quota, period = (int(value) for value in text.split())
    except (OSError, ValueError):  # "max" is not a number: no limit
        return None
    return quota / period if quota > 0 and period > 0 else None

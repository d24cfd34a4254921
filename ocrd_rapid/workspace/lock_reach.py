# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How far the locks of a file system reach: all machines that see a file, or this one alone.

A lock that only this machine knows is given like any other, so a program cannot tell by trying.
Linux tells by the kind of the file system and its options.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

#: Linux's list of what is mounted where: see proc_pid_mountinfo(5).
_MOUNTS = Path("/proc/self/mountinfo")

#: Kinds of file systems, and the option with which their locks stay on the machine; those without
#: an option never pass them on. Sources: nfs(5), mount.lustre(8), and what the makers of sshfs
#: (pull request 55) and s3fs (issue 2137) say.
_LOCAL = {
    r"nfs4?": r"nolock|local_lock=(all|flock)",
    r"lustre": r"localflock",
    r"fuse\.(sshfs|s3fs)": "",
}

#: How the kernel writes characters that would end a field.
_ESCAPED = re.compile(r"\\([0-7]{3})")


def reach_problem(path: Path) -> str:
    """Return why locks on a file are unknown to other machines; empty if they may well be known.

    Args:
        path: the file, or the directory that it will be in.
    """
    return _problem(str(path.parent.resolve()))


@functools.lru_cache
def _problem(directory: str) -> str:
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # not Linux
        return ""
    return problem_of(mounts, directory)


def problem_of(mounts: str, directory: str) -> str:
    """Return the kind and the option of a directory's file system if its locks are local.

    Args:
        mounts: the text of Linux's file ``mountinfo``.
        directory: an absolute path without links.
    """
    found = ""
    longest = -1
    for line in mounts.splitlines():
        where, _, what = line.partition(" - ")
        fields, kind = where.split(), what.split()
        if len(fields) < 6 or len(kind) < 3:
            continue
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
        is_above = directory == point or directory.startswith(point.rstrip("/") + "/")
        # Of two mounts at one point, the later one hides the other.
        if is_above and len(point) >= longest:
            longest = len(point)
            found = _local(kind[0], f"{fields[5]},{kind[2]}")
    return found


def _local(kind: str, options: str) -> str:
    for kinds, option in _LOCAL.items():
        if re.fullmatch(kinds, kind):
            if not option:
                return kind
            given = [word for word in options.split(",") if re.fullmatch(option, word)]
            return f"{kind} with {given[0]}" if given else ""
    return ""

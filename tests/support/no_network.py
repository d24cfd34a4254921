# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Runs a command that may open no socket but local ones, whatever language opens it.

The kernel itself watches (seccomp): the process that asks for a socket of the internet, or for
one that name look-ups use to see which addresses the machine has, is killed by SIGSYS at that
moment, as is one that could go round the filter. Children inherit it. No privilege is needed.

Run as ``python no_network.py COMMAND ARGUMENT…``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path

#: What a shell says of a process that the filter has killed, and what Python does.
KILLED = (128 + 31, -31)

#: Numbers of system calls, and the architecture as the kernel names it (linux/audit.h).
_MACHINES = {
    "x86_64": {"arch": 0xC000003E, "socket": 41, "io_uring_setup": 425},
    "aarch64": {"arch": 0xC00000B7, "socket": 198, "io_uring_setup": 425},
}
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
#: Where ``struct seccomp_data`` has the number of the call, the architecture, the first argument.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _filter() -> bytes:
    here = _MACHINES[platform.machine()]
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 0, 6, here["arch"]),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_EQUAL, 4, 0, here["io_uring_setup"]),
        (_JUMP_EQUAL, 0, 2, here["socket"]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, socket.AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _KILL_PROCESS),
    ]
    return b"".join(struct.pack("HBBI", *one) for one in instructions)


def forbid() -> None:
    """Forbid this process and its children any socket but local ones, for ever.

    Raises:
        OSError: the kernel does not allow to install the filter.
    """
    content = ctypes.create_string_buffer(_filter())
    program = _Program(len(content) // 8, ctypes.addressof(content))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "seccomp cannot be used")


def unusable() -> str | None:
    """Return why nothing can be watched here, ``None`` if it can."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return f"system calls cannot be watched on {sys.platform} {platform.machine()}"
    probe = subprocess.run(
        [sys.executable, Path(__file__), sys.executable, "-c", "import socket; socket.socket()"],
        capture_output=True,
        check=False,
    )
    if probe.returncode in KILLED:
        return None
    return f"system calls cannot be watched here: {probe.stderr.decode(errors='replace')}"


if __name__ == "__main__":
    forbid()
    os.execv(sys.argv[1], sys.argv[1:])

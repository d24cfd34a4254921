# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Runs our commands without what Windows lacks, as far as Linux can do without it.

Run as ``python elsewhere.py COMMAND…``, each COMMAND one string; the exit code is that of the first
that fails.
"""

from __future__ import annotations

import importlib
import os
import shlex
import signal
import socket
import sys

#: Modules that Python has on Unix only.
MODULES = ("fcntl", "grp", "pwd", "resource", "syslog", "termios", "tty", "pty")

#: What the modules `os`, `signal` and `socket` have on Unix only.
NAMES = {
    os: (
        "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_TMPFILE", "chown", "fchown",
        "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid",
        "getsid", "getuid", "killpg", "lchown", "mkfifo", "nice", "posix_fadvise",
        "posix_fallocate", "pread", "pwrite", "register_at_fork", "sched_getaffinity",
        "sched_setaffinity", "setsid", "statvfs", "sync", "uname", "wait3", "wait4",
    ),
    signal: (
        "SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1",
        "SIGUSR2", "alarm", "pause", "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    ),
    socket: ("AF_UNIX", "send_fds", "socketpair"),
}  # fmt: skip

#: Those of them that libraries use that have another way on Windows.
USED_BY_OTHERS = {"O_CLOEXEC", "O_NONBLOCK", "statvfs", "uname"}


def forget() -> None:
    """Take away what Windows lacks."""
    # Libraries that have a branch of their own for Windows, and choose when they are imported.
    for name in ("asyncio", "filelock", "multiprocessing.util", "platformdirs.unix", "shutil",
                 "subprocess", "uuid"):  # fmt: skip
        importlib.import_module(name)
    # It asks when it is imported, too.
    vars(importlib.import_module("tempfile"))["_O_TMPFILE_WORKS"] = False
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in NAMES.items():
        for name in names:
            if name not in USED_BY_OTHERS and hasattr(module, name):
                delattr(module, name)


def main() -> int:
    """Run the commands that are given."""
    forget()
    from ocrd_rapid.cli import streams
    from ocrd_rapid.cli.errors import run_command
    from ocrd_rapid.cli.main import cli
    from ocrd_rapid.cli.processor import processor_command

    streams.secure()
    for line in sys.argv[1:]:
        name, *arguments = shlex.split(line)
        command = cli if name == "ocrd-rapid" else processor_command(name)
        code = run_command(command, name, arguments)
        if code:
            sys.stderr.write(f"{line}: {code}\n")
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

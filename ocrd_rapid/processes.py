# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Processes: whether one of a number lives, and the end of those that we have started."""

from __future__ import annotations

import contextlib
import os
import subprocess


def process_lives(pid: int) -> bool:
    """Return whether there is a process of this number on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def end_process(process: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a process to end; kill it after some time, or on an interrupt meanwhile.

    It has ended when this returns, however it does. One that has ended before stays as it is.

    Args:
        process: a process that we have started.
        patience: seconds that it has to end in good order.
    """
    try:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()

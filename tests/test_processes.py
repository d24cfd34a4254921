# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Ends of processes: in good order, by force, and on an interrupt."""

from __future__ import annotations

import signal
import subprocess
import threading

import pytest

from ocrd_rapid.processes import end_process, process_lives

ORDERLY = "trap 'exit 3' TERM; echo ready; while true; do sleep 0.05; done"
DEAF = "trap '' TERM; echo ready; while true; do sleep 0.05; done"


def started(script: str) -> subprocess.Popen[bytes]:
    """Start a script, and wait until it is ready for signals."""
    process = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    process.stdout.close()
    return process


def test_a_process_ends_in_good_order() -> None:
    process = started(ORDERLY)
    end_process(process, 600)
    assert process.returncode == 3
    assert not process_lives(process.pid)


def test_one_that_does_not_listen_is_killed() -> None:
    process = started(DEAF)
    end_process(process, 0.1)
    assert process.returncode == -signal.SIGKILL


def test_an_interrupt_meanwhile_kills_it() -> None:
    process = started(DEAF)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        end_process(process, 600)
    assert process.returncode == -signal.SIGKILL
    timer.join()


def test_one_that_has_ended_keeps_its_code() -> None:
    process = subprocess.Popen(["bash", "-c", "exit 5"])
    process.wait(600)
    end_process(process, 600)
    assert process.returncode == 5

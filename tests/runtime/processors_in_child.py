# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run a workflow of all processors, or one of them, in a process that can be killed.

The models see paint instead of letters (see ``painted_pages``); all else is the command line as it
is. It reads a job as one line of JSON and answers with one line, as ``run_in_child`` does. A job
says when the run is to die: after so many seconds, by which signals, or at which of its steps in
writing files.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from children import serve
from painted_pages import classify, detect, recognize

import ocrd_rapid.processors
from ocrd_rapid.cli import logs
from ocrd_rapid.cli import process as _loads_the_workflow  # noqa: F401
from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli
from ocrd_rapid.cli.processor import processor_command
from ocrd_rapid.ocr import preprocessing as _loads_opencv  # noqa: F401
from ocrd_rapid.processors.export import ExportProcessor
from ocrd_rapid.processors.preprocess import PreprocessProcessor
from ocrd_rapid.runtime import run as _loads_the_runtime  # noqa: F401
from ocrd_rapid.workspace import decoding as _loads_pillow  # noqa: F401

MAKERS: dict[str, Callable[[], Any]] = {
    "ocrd-rapid-detect": detect,
    "ocrd-rapid-classify": classify,
    "ocrd-rapid-recognize": recognize,
}


def create(executable: str, parameters: dict[str, Any]) -> Any:
    """Stand in for `ocrd_rapid.processors.create`."""
    if executable in MAKERS:
        return MAKERS[executable]()
    kind = ExportProcessor if executable == "ocrd-rapid-export" else PreprocessProcessor
    return kind.from_parameters(parameters)


class Death:
    """Kills this process at the n-th step of writing: before or after a file is opened, forced to
    the disk or put in its place, or something is sent to a METS server."""

    def __init__(self, at: int) -> None:
        self._rest = at

    def watch(self, module: Any, name: str) -> None:
        """Count the calls of a function, once before and once after."""
        plain = getattr(module, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            if name == "open" and not arguments[1] & os.O_CREAT:
                return plain(*arguments, **named)
            self._step()
            done = plain(*arguments, **named)
            self._step()
            return done

        setattr(module, name, watched)

    def _step(self) -> None:
        self._rest -= 1
        if self._rest == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run(job: dict[str, Any]) -> int:
    """Run the command of a job; return its exit code."""
    os.environ["OCRD_MAX_PARALLEL_PAGES"] = str(job["workers"])
    ocrd_rapid.processors.create = create
    logs.configure("OFF")
    if job["die_at"]:
        death = Death(job["die_at"])
        moments = (os, "open"), (os, "fsync"), (Path, "replace"), (HTTPConnection, "send")
        for module, name in moments:
            death.watch(module, name)
    executable, *arguments = job["command"]
    if executable == "ocrd-rapid":
        return run_command(cli, executable, ["-l", "OFF", *arguments])
    return run_command(processor_command(executable), executable, [*arguments, "-l", "OFF"])


def run_and_kill(job: dict[str, Any]) -> int:
    """Run in a child that receives the job's signals; return how it ended."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run(job)
        finally:
            os._exit(code)
    for pause, number in job["signals"]:
        time.sleep(pause)
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            os.kill(pid, number)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    serve(run_and_kill)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Long work in a process of its own, which says in lines of JSON what it does.

The process gets its task as a line of JSON, and ends when the other end of that pipe is closed: a
server that is killed leaves none behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from ..errors import OcrdRapidError
from ..processes import end_process

#: What a process prints: how far it is, and last its result, or why there is none.
_TOLD, _RESULT, _FAILURE = "told", "result", "failure"

#: Seconds that a process has to end when it is asked to.
_PATIENCE = 5.0


class JobStoppedError(OcrdRapidError):
    """Somebody stopped the work."""


class BackgroundJob:
    """A process that works on a task."""

    def __init__(self, module: str, task: Mapping[str, Any], log: Path) -> None:
        """Start it.

        Args:
            module: the module to run, which calls `run_task`.
            task: plain data.
            log: the file for what it says on standard error.

        Raises:
            OSError: it cannot be started.
        """
        # The arrays are small: threads of numpy's library would only wait for each other.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._stopped = False
        self._log = log
        with contextlib.suppress(BrokenPipeError):
            _input(self._process).write(json.dumps(task).encode() + b"\n")
            _input(self._process).flush()

    def wait(self, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Return the result.

        Args:
            tell: told what the process says meanwhile.

        Raises:
            JobStoppedError: it was stopped.
            OcrdRapidError: it failed.
        """
        result: dict[str, Any] | None = None
        error = ""
        assert self._process.stdout is not None
        for row in self._process.stdout:
            value = _parsed(row)
            if _RESULT in value:
                result = value[_RESULT]
            elif _FAILURE in value:
                error = str(value[_FAILURE])
            elif _TOLD in value:
                tell(value[_TOLD])
        code = self._process.wait()
        with contextlib.suppress(OSError):
            _input(self._process).close()
        self._process.stdout.close()
        if self._stopped:
            raise JobStoppedError("stopped")
        if result is None:
            raise OcrdRapidError(error or f"it ended with code {code}; see {self._log}")
        return result

    def stop(self) -> None:
        """End the process."""
        self._stopped = True
        end_process(self._process, _PATIENCE)


def _input(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def _parsed(row: bytes) -> dict[str, Any]:
    try:
        value = json.loads(row)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def run_task(work: Callable[[dict[str, Any], Callable[[dict[str, Any]], None]], Any]) -> None:
    """Do the task of this process, and end it.

    Args:
        work: gets the task and a function to tell how far it is; returns the result, as plain data.
    """
    with _own_output() as output:
        task = json.loads(sys.stdin.buffer.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()

        def say(kind: str, value: Any) -> None:
            output.write(json.dumps({kind: value}).encode() + b"\n")
            output.flush()

        try:
            say(_RESULT, work(task, partial(say, _TOLD)))
        except (OcrdRapidError, OSError) as error:
            say(_FAILURE, str(error))


@contextlib.contextmanager
def _own_output() -> Iterator[IO[bytes]]:
    """Yield standard output; what others print goes to standard error meanwhile."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        yield output


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(1)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run a toy over a workspace in a process of its own that can be killed.

Loading the program takes longer than a run here, so one process loads it and then forks a child
for every run. It reads a job as one line of JSON and answers with one line: the child's exit code,
or minus the signal that ended it.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from children import serve
from toys import STEP, Toy, made, with_groups

from ocrd_rapid.cli.errors import guard
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.workspace import workspace as _loads_the_lock  # noqa: F401
from ocrd_rapid.workspace.workspace import Workspace


def run(job: dict[str, Any]) -> int:
    """Run the toy that turns pages by their number, each after a pause."""

    def turn(page: OpenPage) -> None:
        time.sleep(job["pause"])
        page.document.set_orientation(int(page.page_id.removeprefix("P_")))

    step = with_groups(output_group=job["output"], resume=True, parameters=STEP.parameters)
    policy = Policy(parallel_pages=job["workers"])
    workspace = Workspace.open(directory=Path(job["directory"]))
    run_steps(workspace, [step], made(Toy(turn)), policy=policy)
    return 0


def run_and_kill(job: dict[str, Any]) -> int:
    """Run in a child, which is killed after a while if the job says so; return how it ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(guard(lambda: run(job), "toy"))
    if job["kill_after"] is not None:
        time.sleep(job["kill_after"])
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    serve(run_and_kill)

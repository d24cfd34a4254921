# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Reads pages with a head into a file group of its own: run as a process.

It is the processor ``ocrd-rapid-recognize``, so what a person wrote stays.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from .. import processors
from ..config.parameters import complete_parameters
from ..config.tools import tool_description
from ..loading.heads import AUTO
from ..runtime.policy import MissingInput, MissingOutput, Policy
from ..runtime.processor import Processor
from ..runtime.run import run_steps
from ..runtime.step import Existing
from ..workspace.workspace import Workspace
from .background_job import run_task

RECOGNIZE = "ocrd-rapid-recognize"


def recognition_parameters(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the recognizer for a task with ``head`` and ``threads``."""
    given = {
        "heads": str(task["head"]) or AUTO,
        "textequiv_level": "word",
        "threads": int(task["threads"]),
    }
    return complete_parameters(given, tool_description(RECOGNIZE), executable=RECOGNIZE)


def read_on(task: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Read pages.

    Args:
        task: ``mets``, pairs of input groups and lists of pages in ``groups``, ``output`` group,
            ``head`` or nothing for the default ones, number of ``threads``.
        tell: told the number of pages done, and of all.

    Returns:
        The ``failed`` pages with the reasons.
    """
    parameters = recognition_parameters(task)
    policy = replace(
        Policy.from_environment(), missing_input=MissingInput.SKIP,
        missing_output=MissingOutput.SKIP, tolerated=-1, existing=None, parallel_pages=1,
    )  # fmt: skip

    @cache
    def processor(executable: str) -> Processor:
        return processors.create(executable, parameters)

    failed: dict[str, str] = {}
    total = sum(len(pages) for _, pages in task["groups"])
    before = 0
    for group, pages in task["groups"]:
        step = processors.make_step(
            RECOGNIZE, parameters, group, str(task["output"]),
            page_ids=",".join(f"physical:id:{page}" for page in pages),
            existing=Existing.OVERWRITE,
        )  # fmt: skip
        begin = before

        def progress(done: int, of: int, begin: int = begin) -> None:
            tell({"done": begin + done, "total": total})

        report = run_steps(
            Workspace.open(Path(task["mets"])), [step], lambda name, _: processor(name),
            policy=policy, progress=progress,
        )  # fmt: skip
        for summary in report.steps:
            failed |= summary.failed
        before += len(pages)
    return {"failed": failed}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run_task(read_on)

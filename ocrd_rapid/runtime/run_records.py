# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The record of runs in a workspace: what failed and why, and how long the pages took.

The METS tells what is there, and PAGE-XML how it was made; neither tells what is missing, and
why. So each run adds a line of JSON to `PATH`, which people may delete at any time: nothing but
reports reads it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..files import read_regular
from ..plain_data import parse_json
from .step import RunReport, Summary

LOG = logging.getLogger(__name__)

#: The file with the records, from the directory of the workspace.
PATH = ".ocrd-rapid-runs.jsonl"


@dataclass(frozen=True)
class RecordedStep:
    """What a step did in a run.

    Attributes:
        executable: name of the processor.
        output_group: the file group that it wrote to.
        done: number of pages that were processed.
        failed: messages of the pages that failed, by page ID.
    """

    executable: str
    output_group: str
    done: int
    failed: Mapping[str, str]


@dataclass(frozen=True)
class RunRecord:
    """What is recorded of a run.

    Attributes:
        ended: when it ended, in ISO 8601 with the offset from UTC.
        seconds: its duration.
        steps: its steps.
    """

    ended: str
    seconds: float
    steps: Sequence[RecordedStep]

    @property
    def pages(self) -> int:
        """The number of pages that at least one step was done on."""
        return max((step.done for step in self.steps), default=0)


def add_record(directory: Path, report: RunReport) -> None:
    """Record a run in its workspace, unless it did nothing.

    A workspace that cannot be written to gives a warning: the run is not worse for it.
    """
    steps = [_recorded(summary) for summary in report.steps]
    if not any(step.done or step.failed for step in steps):
        return
    ended = datetime.now(timezone.utc).astimezone().isoformat(timespec="seconds")
    record = RunRecord(ended, round(report.elapsed, 3), steps)
    line = json.dumps(asdict(record), ensure_ascii=False) + "\n"
    path = directory / PATH
    try:
        # One write at the end of the file: several processes may work on one book.
        with path.open("ab", buffering=0) as stream:
            stream.write(line.encode("utf-8", "backslashreplace"))
    except OSError as error:
        LOG.warning("the run is not in %s, for 'ocrd-rapid report': %s", path, error.strerror)


def _recorded(summary: Summary) -> RecordedStep:
    step = summary.step
    return RecordedStep(step.executable, step.output_group, len(summary.done), dict(summary.failed))


def read_records(directory: Path) -> list[RunRecord]:
    """Return the records of a workspace in their order; those that cannot be read are left out."""
    try:
        lines = read_regular(directory / PATH).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return list(_parsed(lines))


def _parsed(lines: Sequence[str]) -> Iterator[RunRecord]:
    for line in lines:
        try:
            yield _as_record(parse_json(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            LOG.debug("not a record of a run: %s", line[:80])


def _as_record(value: Any) -> RunRecord:
    steps = [
        RecordedStep(
            str(step["executable"]),
            str(step["output_group"]),
            int(step["done"]),
            {str(page): str(message) for page, message in step["failed"].items()},
        )
        for step in value["steps"]
    ]
    return RunRecord(str(value["ended"]), float(value["seconds"]), steps)

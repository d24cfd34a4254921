# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One engine reads one list of pages, in a process of its own; what it cost goes to a file.

    speed_worker.py JOB_JSON

Runs in the environment of the engine it measures, so nothing of ours is imported here unless the
engine is ours. The job is an object with the fields of `Job`; the answer, see `measure`, is
written to the file ``answer``.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import machine


@dataclass(frozen=True)
class Job:
    """What is to be measured.

    Attributes:
        kind: which adapter of `speed_engines`.
        options: for the adapter.
        models: paths of the models, by stage: ``Det``, ``Cls``, ``Rec``.
        warm_up: an image that is read first and not counted; empty for none.
        pages: names of the pages and paths of their images. A name may come again.
        answer: where to write what was measured.
        texts: folder for the texts, one file per page; empty for none.
        scratch: an empty folder.
        started: the moment (`time.monotonic`) at which the process was started.
        stages: measure the stages, too, which costs a little.
    """

    kind: str
    options: dict[str, Any]
    models: dict[str, str]
    warm_up: str
    pages: list[tuple[str, str]]
    answer: str
    texts: str
    scratch: str
    started: float
    stages: bool = False


def clock() -> machine.Clock:
    """Return this moment."""
    return machine.Clock(time.perf_counter(), machine.own_cpu(), machine.machine_cpu())


@dataclass
class Recorder:
    """Notes what has been used whenever a page is done."""

    last: machine.Clock
    pages: list[dict[str, float]] = field(default_factory=list)

    def __call__(self) -> None:
        """Note that a page is done."""
        now, used = clock(), machine.memory()
        self.pages.append(
            {
                "wall": now.wall - self.last.wall,
                "cpu": now.own - self.last.own,
                "rss_mb": used.now,
                "peak_mb": used.peak,
            }
        )
        self.last = now


def measure(job: Job) -> dict[str, Any]:
    """Load the engine, read the pages, return what that took.

    Returns:
        ``ready``: seconds from the start of the process until the models were loaded; ``wall``,
        ``cpu``: seconds for all pages; ``foreign``: the share of the machine that others used
        meanwhile; ``peak_mb``; ``pages``: for each what it added (in order of completion, so with
        several at a time a page may seem to take no time); ``stages``: see `speed_stages`.
    """
    import speed_engines

    engine = speed_engines.make(job.kind, job.models, job.options, Path(job.scratch))
    ready = time.monotonic() - job.started
    if job.warm_up:
        engine.prepare([("warm/up", job.warm_up)])
        engine.run(lambda: None)
    if not job.pages:
        return {"ready": ready, "peak_mb": machine.memory().peak}
    stages = None
    if job.stages:
        import speed_stages

        stages = speed_stages.Stages()
        stages.install()
    engine.prepare(job.pages)
    begin = clock()
    recorder = Recorder(begin)
    engine.run(recorder)
    end = clock()
    wall, cpu = end.wall - begin.wall, end.own - begin.own
    foreign = machine.foreign_share(begin, end, machine.machine_cores())
    if job.texts:
        for name, text in engine.texts().items():
            target = Path(job.texts, f"{name}{text.suffix}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.data)
    return {
        "ready": ready, "wall": wall, "cpu": cpu, "foreign": foreign,
        "peak_mb": engine.peak_mb(), "pages": recorder.pages,
        "stages": stages.report(wall, cpu, foreign) if stages is not None else None,
    }  # fmt: skip


def main() -> None:
    """Do the job that the command line names."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(job.answer).write_text(json.dumps(measure(job)), encoding="utf-8")


if __name__ == "__main__":
    main()

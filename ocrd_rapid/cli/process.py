# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid process``: run a workflow, with the task syntax of ``ocrd process``."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from .. import processors
from ..config import tools
from ..config.similar import did_you_mean
from ..errors import ForeignProcessorError, MetsError, UsageError
from ..processes import end_process
from ..resmgr.discovery import describe
from ..runtime.policy import Policy
from ..runtime.resume import check_same_step
from ..runtime.step import Existing, Step
from ..runtime.workflow import Task, batches, check_groups, parse_task
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace
from .errors import held_signals
from .groups import CONTEXT
from .runs import (
    make_step,
    open_workspace,
    policy_of,
    profiling,
    resumable,
    run_and_log,
    valid_parameters,
)
from .tasks import TasksCommand

LOG = logging.getLogger(__name__)

#: Time that a foreign processor has to end cleanly, in seconds.
_FAREWELL_SECONDS = 10


@click.command(
    cls=TasksCommand,
    context_settings=CONTEXT,
    epilog="\b\nExamples:\n"
    '  ocrd-rapid process "rapid-detect -I OCR-D-IMG -O OCR-D-SEG" \\\n'
    '    "rapid-classify -I OCR-D-SEG -O OCR-D-ORI" \\\n'
    '    "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR -P textequiv_level word"',
)
@click.option(
    "-m", "--mets", metavar="PATH|URL", help="METS file to process.  [default: ./mets.xml]"
)
@click.option(
    "-w", "--working-dir", metavar="PATH",
    help="Directory of the workspace.  [default: that of the METS file]",
)  # fmt: skip
@click.option(
    "-U", "--mets-server-url", metavar="ADDRESS",
    help="Address of a METS server: http://… or a Unix socket.",
)  # fmt: skip
@click.option(
    "-g", "--page-id", metavar="PAGES",
    help="Pages to process, as for the processors.  [default: all]",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace existing output.")
@click.option("--resume", is_flag=True, help="Keep existing output and process the rest.")
@click.option("--debug", is_flag=True, help="Stop at the first error.")
@click.option("--dry-run", is_flag=True, help="Check the tasks without running them.")
@click.option("--profile", is_flag=True, help="Profile the run.")
@click.option(
    "--profile-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write cProfile statistics to this file.",
)
@click.argument("tasks", nargs=-1, required=True)
def command(tasks: tuple[str, ...], **options: Any) -> None:
    """Run a workflow of several processors.

    A task is the name of a processor without "ocrd-", followed by -I, -O, -p and -P, all in quotes.
    Consecutive tasks of ocrd-rapid run in one process, page by page, and load models and decode
    images only once; other processors run as separate commands. After an interruption, the same
    command with --resume continues where it stopped.
    """
    policy = policy_of(options)
    workflow = [parse_task(text) for text in tasks]
    described = _described({task.executable for task in workflow})
    steps = _steps(workflow, described, options, policy)
    workspace = open_workspace(options)
    _check_groups(workspace, workflow, described, options, policy)
    for step in steps.values():
        if step.existing is Existing.SKIP:
            check_same_step(workspace, step)
    if options["dry_run"]:
        for number, task in enumerate(workflow, start=1):
            click.echo(f"{number}. {task}")
        return
    parts = list(batches(workflow, lambda task: task in steps))
    with resumable(options), profiling(options):
        _try_models([step for part in parts[1:] for step in _ours(part, steps)])
        for batch in parts:
            if batch[0] in steps:
                ours = _ours(batch, steps)
                run_and_log(workspace, ours, policy, title=_title(ours))
            else:
                _run_foreign(workspace, batch[0], described, options, policy)
                workspace = _reopened(workspace, options)


def _described(names: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the tool descriptions of processors.

    Raises:
        UsageError: one is not installed, or does not describe itself.
    """
    own = tools.executables()
    found = {name: shutil.which(name) for name in names if name not in own}
    missing = sorted(name for name, path in found.items() if path is None)
    if missing:
        meant = "".join(did_you_mean(name, own) for name in missing)
        raise UsageError(
            f"processor not installed, or not on the PATH: {', '.join(missing)}{meant}"
        )
    described = describe({name: Path(path) for name, path in found.items() if path})
    described |= {name: tools.tool_description(name) for name in names if name in own}
    silent = sorted(set(names) - set(described))
    if silent:
        raise UsageError(f"{silent[0]} --dump-json does not describe a processor")
    return described


def _steps(
    workflow: Sequence[Task], described: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any], policy: Policy,
) -> dict[Task, Step]:  # fmt: skip
    """Validate the parameters of all tasks; return the steps for our processors.

    Raises:
        UsageError: a task of our processors has no output group.
        ParameterError: a parameter is not allowed.
    """
    steps: dict[Task, Step] = {}
    for task in workflow:
        if task.executable not in tools.executables():
            _foreign_parameters(task, described)
            continue
        if not task.output_groups:
            raise UsageError(f"task '{task}' has no output file group; add -O GROUP")
        steps[task] = make_step(
            task.executable,
            ",".join(task.input_groups),
            ",".join(task.output_groups),
            task.parameters,
            task.overrides,
            page_ids=options["page_id"],
            existing=policy.existing or Existing.ABORT,
        )
    return steps


def _ours(batch: Sequence[Task], steps: Mapping[Task, Step]) -> list[Step]:
    return [steps[task] for task in batch if task in steps]


def _title(steps: Sequence[Step]) -> str:
    return " + ".join(step.executable.removeprefix("ocrd-rapid-") for step in steps)


def _check_groups(
    workspace: Workspace, workflow: Sequence[Task], described: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any], policy: Policy,
) -> None:  # fmt: skip
    """Check the groups of all tasks for the requested pages.

    Raises:
        UsageError: there are no such pages, or groups do not fit.
    """
    mets = workspace.mets
    pages = set(select_pages(options["page_id"], mets.structure()))
    present = {g: {f.page_id for f in mets.files(g)} & pages for g in mets.groups}
    may_exist = policy.existing in (Existing.SKIP, Existing.OVERWRITE)
    all_pages = not options["page_id"]
    check_groups(workflow, present, described, may_exist=may_exist, all_pages=all_pages)


def _try_models(steps: Sequence[Step]) -> None:
    """Load the models of steps once, to find errors in them before other steps run.

    Raises:
        ResourceNotFoundError, ModelError, IntegrityError, ConfigurationError: see
            `processors.create`.
    """
    for step in steps:
        processors.create(step.executable, step.parameters)


def _foreign_parameters(task: Task, described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    tool = described[task.executable]
    return valid_parameters(task.executable, tool, task.parameters, task.overrides)


def _run_foreign(
    workspace: Workspace, task: Task, described: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any], policy: Policy,
) -> None:  # fmt: skip
    """Run a foreign processor as core does, and check that it wrote something.

    Raises:
        ForeignProcessorError: it failed, or its output is not in the METS.
    """
    page_ids = options["page_id"]
    if policy.existing is Existing.SKIP:
        page_ids = _unfinished(workspace, task, page_ids)
        if page_ids == "":
            LOG.info("%s: already finished", task)
            return
    parameters = _foreign_parameters(task, described)
    arguments = [
        "--working-dir", str(workspace.directory), "--mets", str(workspace.mets_path),
        "--log-level", _log_level(), "--input-file-grp", ",".join(task.input_groups),
        "--parameter", json.dumps(parameters),
    ]  # fmt: skip
    if task.output_groups:
        arguments += ["--output-file-grp", ",".join(task.output_groups)]
    if page_ids:
        arguments += ["--page-id", page_ids]
    if options["overwrite"]:
        arguments.append("--overwrite")
    if options["debug"]:
        arguments.append("--debug")
    if options["mets_server_url"]:
        arguments += ["--mets-server-url", options["mets_server_url"]]
    LOG.info("running %s", task)
    sys.stdout.flush()
    # Our own directory comes first on the PATH, so that scripts of one environment find each other.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which(task.executable) or task.executable
    code = _call([program, *arguments], {**os.environ, "PATH": path})
    if code != 0:
        raise ForeignProcessorError(f"task '{task}' failed with exit code {code}")
    absent = set(task.output_groups) - set(_reopened(workspace, options).mets.groups)
    if absent:
        raise ForeignProcessorError(
            f"task '{task}' succeeded, but wrote nothing to '{sorted(absent)[0]}'"
        )


def _call(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command; return its exit code.

    On an interrupt the command is asked to end and given some time; on a second one it is killed.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with held_signals():  # an interrupt in here would leave a process that nobody knows
            process = subprocess.Popen(command, env=environ)
        return process.wait()
    finally:
        if process is not None:
            end_process(process, _FAREWELL_SECONDS)


def _reopened(workspace: Workspace, options: Mapping[str, Any]) -> Workspace:
    """Return the workspace as another process left it."""
    return Workspace.open(workspace.mets_path, workspace.directory, options["mets_server_url"])


def _unfinished(workspace: Workspace, task: Task, page_ids: str | None) -> str | None:
    """Return an expression for the pages that lack output; ``None`` for all, empty for none."""
    mets = workspace.mets
    have = {g: {f.page_id for f in mets.files(g)} for g in task.input_groups + task.output_groups}
    pages = select_pages(page_ids, mets.structure())
    with_input = [p for p in pages if all(p in have[group] for group in task.input_groups)]
    rest = [p for p in with_input if not all(p in have[group] for group in task.output_groups)]
    if not with_input:
        raise MetsError(f"task '{task}': no page has input")
    return page_ids if rest == pages else ",".join(rest)


def _log_level() -> str:
    level = logging.getLogger("ocrd_rapid").getEffectiveLevel()
    name = logging.getLevelName(level)
    return {"WARNING": "WARN"}.get(name, name if name in ("DEBUG", "INFO", "ERROR") else "OFF")

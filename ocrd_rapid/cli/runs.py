# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run steps over a workspace, for the processors and ``ocrd-rapid process``.

Turns options and parameters into workspace, policy and steps, runs the steps, and logs the report.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import processors
from ..addresses import redact
from ..config.environment import offline
from ..config.parameters import complete_parameters, parse_parameters
from ..config.tools import tool_description
from ..errors import OfflineError, UsageError
from ..processors.model_requests import with_config
from ..resmgr import locations
from ..runtime.policy import MissingInput, MissingOutput, Policy
from ..runtime.run import run_steps
from ..runtime.step import Existing, RunReport, Step
from ..workspace.workspace import Workspace
from .memory import limit_arenas
from .progress import progress_bar

LOG = logging.getLogger("ocrd_rapid.processor")


def run_processor(executable: str, options: Mapping[str, Any]) -> None:
    """Run one processor with the options of its command line."""
    for option, name in (("-I/--input-file-grp", "input"), ("-O/--output-file-grp", "output")):
        if not options[f"{name}_file_grp"]:
            raise UsageError(f"{option} is required (see '{executable} --help')")
    policy = policy_of(options)
    step = make_step(
        executable,
        options["input_file_grp"],
        options["output_file_grp"],
        options["parameter"],
        options["parameter_override"],
        page_ids=options["page_id"],
        existing=policy.existing or Existing.ABORT,
    )
    workspace = open_workspace(options)
    with resumable(options), profiling(options):
        run_and_log(workspace, [step], policy, title=executable)


def run_and_log(workspace: Workspace, steps: Sequence[Step], policy: Policy, *, title: str) -> None:
    """Run steps of our processors on each page; show the progress, and log the report.

    Raises:
        OcrdRapidError: see `run_steps`.
    """
    limit_arenas()
    with progress_bar(title, "page") as progress:
        report = run_steps(workspace, steps, processors.create, policy=policy, progress=progress)
    _log_report(report)


@contextlib.contextmanager
def resumable(options: Mapping[str, Any]) -> Iterator[None]:
    """Tell whoever interrupts a run what is kept and how to continue."""
    instead = " instead of --overwrite" if options["overwrite"] else ""
    try:
        yield
    except KeyboardInterrupt as error:
        error.args = (
            f"finished pages are kept; the same command with --resume{instead} processes the rest",
        )
        raise


def make_step(
    executable: str, input_group: str, output_group: str, parameters: tuple[str, ...],
    overrides: tuple[tuple[str, str], ...], *, page_ids: str | None, existing: Existing,
) -> Step:  # fmt: skip
    """Return a step of one of our processors, its parameters validated and complete.

    Raises:
        ParameterError: a parameter is not allowed.
        UsageError: it cannot be combined with another one.
    """
    tool = tool_description(executable)
    complete = valid_parameters(executable, tool, parameters, overrides)
    return processors.make_step(
        executable, complete, input_group, output_group, page_ids=page_ids, existing=existing
    )


def valid_parameters(
    executable: str,
    tool: Mapping[str, Any],
    values: Sequence[str],
    overrides: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return the parameters of any processor, validated and complete.

    Args:
        executable: the name of the processor, such as ``ocrd-rapid-detect``.
        tool: its description.
        values: the values of ``-p``: JSON, or a file or preset with JSON.
        overrides: the pairs of ``-P``.

    Raises:
        ParameterError: a parameter is not allowed.
        ResourceNotFoundError, ConfigurationError, ModelError, IntegrityError: see `with_config`.
    """
    find_preset = partial(locations.find, executable=executable)
    given = parse_parameters(values, overrides, find_preset=find_preset)
    return complete_parameters(with_config(executable, given), tool, executable=executable)


def policy_of(options: Mapping[str, Any]) -> Policy:
    """Return the policy of the environment, with options taking precedence.

    Raises:
        UsageError: options contradict each other.
        ConfigurationError: an environment variable has a value that is not allowed.
    """
    policy = Policy.from_environment()
    if options["overwrite"] and options["resume"]:
        raise UsageError("--overwrite and --resume contradict each other")
    if options["debug"]:
        policy = replace(
            policy,
            missing_input=MissingInput.ABORT,
            missing_output=MissingOutput.ABORT,
            existing=Existing.ABORT,
        )
    if options["overwrite"]:
        policy = replace(policy, existing=Existing.OVERWRITE)
    if options["resume"]:
        policy = replace(policy, existing=Existing.SKIP)
    return policy


def open_workspace(options: Mapping[str, Any]) -> Workspace:
    """Open the workspace that ``--mets``, ``--working-dir`` and ``--mets-server-url`` name.

    A METS on the web is downloaded into the working directory first.

    Raises:
        UsageError: the METS is on the web, and no directory is given.
        OfflineError: the METS is on the web, and offline mode forbids fetching it.
    """
    mets, directory = options["mets"], _path(options["working_dir"])
    if mets and mets.startswith(("http://", "https://")):
        if directory is None:
            raise UsageError(
                "--mets is an http(s) URL but no --working-dir was given;"
                " name a directory for the workspace with -w"
            )
        if offline():
            raise OfflineError(f"OCRD_RAPID_OFFLINE forbids fetching {redact(mets)}")
        return Workspace.clone(mets, directory)
    return Workspace.open(_path(mets), directory, options["mets_server_url"])


def _path(value: str | None) -> Path | None:
    return Path(value.removeprefix("file://")) if value else None


def _log_report(report: RunReport) -> None:
    """Log the numbers of pages by result, and the time by part of the work."""
    for summary in report.steps:
        LOG.info(
            "%s: %d page%s done, %d already finished, %d failed; output in file group %s",
            summary.step.executable, len(summary.done), "" if len(summary.done) == 1 else "s",
            len(summary.skipped), len(summary.failed), summary.step.output_group,
        )  # fmt: skip
    pages = max((len(summary.done) for summary in report.steps), default=0)
    parts = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    rate = 60 * pages / report.elapsed if report.elapsed else 0.0
    LOG.info("took %.1f s, %.1f pages a minute (%s)", report.elapsed, rate, parts)


@contextlib.contextmanager
def profiling(options: Mapping[str, Any]) -> Iterator[None]:
    """Profile the enclosed code if options or OCR-D's variables ask for it.

    ``--profile`` is ``OCRD_PROFILE=CPU``, ``--profile-file`` is ``OCRD_PROFILE_FILE``.
    """
    named = options["profile_file"] or os.environ.get("OCRD_PROFILE_FILE")
    target = Path(named) if named else None
    wanted = options["profile"] or "CPU" in os.environ.get("OCRD_PROFILE", "").split(",")
    if not wanted and target is None:
        yield
        return
    if target is not None and not target.absolute().parent.is_dir():
        raise UsageError(f"profile {target}: the directory {target.parent} does not exist")
    import cProfile
    import io
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        if target is not None:
            profile.dump_stats(target)
            LOG.info("wrote the profile to %s", target)
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(30)
        LOG.info("profile of the main thread:\n%s", text.getvalue())

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Our processors as classes of OCR-D core, for its workers.

Core makes an instance for each set of parameters, keeps it, and hands it one workspace after the
other. So models are loaded once. All else is our own runtime: core's own way of working on pages
in parallel, which would fork processes with loaded models, is never taken.

Core 3.13.3, as read and run: ``run_processor`` calls `process_workspace`, then records the step in
the METS and saves it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ocrd import Processor as CoreBase
from ocrd import Workspace as CoreWorkspace

from .. import processors
from ..config.parameters import complete_parameters
from ..config.tools import tool_description
from ..errors import MetsServerError
from ..processors.model_requests import with_config
from ..runtime.policy import Policy
from ..runtime.run import run_steps
from ..runtime.step import Existing, recorded_parameters
from ..version import __version__
from ..workspace.workspace import Workspace
from .mets_server_waiting import ServingMets

LOG = logging.getLogger(__name__)

_PACKAGE = __name__.partition(".")[0]

#: The beginning of the URLs that core makes of the paths of sockets.
_SOCKET = "http+unix://"


class LogLevels:
    """The levels of our loggers, as they are when it is created.

    For every job, core configures logging anew, which silences loggers that it does not know, and
    sets those whose names begin with ``ocrd`` to DEBUG.
    """

    def __init__(self) -> None:
        self._levels = {name: logger.level for name, logger in _own_loggers().items()}

    def restore(self) -> None:
        """Give our loggers their voices and levels back."""
        for name, logger in _own_loggers().items():
            logger.disabled = False
            logger.setLevel(self._levels.get(name, logging.NOTSET))


def _own_loggers() -> dict[str, logging.Logger]:
    known = logging.root.manager.loggerDict
    return {
        name: logger
        for name, logger in known.items()
        if isinstance(logger, logging.Logger) and f"{name}.".startswith(f"{_PACKAGE}.")
    }


class CoreProcessor(CoreBase):  # type: ignore[misc]
    """One of our processors with one set of parameters; see `core_processor`.

    Attributes:
        executable: the name of the processor.
        log_levels: the levels of our loggers in every job.
        serving_mets: the METS server of the job.
    """

    #: Most instances that core keeps, each with models of its own; ``OCRD_MAX_PROCESSOR_CACHE``
    #: can only lower it.
    max_instances = 3

    executable: str
    log_levels: LogLevels
    serving_mets: ServingMets

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Core puts a method of the instance into it. Such a circle would keep models in memory
        # after core has dropped the instance, until garbage happens to be collected.
        del self.process

    @cached_property
    def ocrd_tool(self) -> dict[str, Any]:
        """The description of the processor."""
        return tool_description(self.executable)

    @cached_property
    def version(self) -> str:
        """Our version, which core records."""
        return __version__

    @property
    def parameter(self) -> dict[str, Any] | None:
        """All parameters, as core records them; ``None`` before there are any."""
        return recorded_parameters(self._complete) if hasattr(self, "_complete") else None

    @parameter.setter
    def parameter(self, given: Mapping[str, Any]) -> None:
        self.log_levels.restore()
        lists = {key: list(v) if isinstance(v, tuple) else v for key, v in given.items()}
        # Core would fill in the defaults before a configuration is read, which has others.
        self._complete = complete_parameters(
            with_config(self.executable, lists), self.ocrd_tool, executable=self.executable
        )
        self._loaded = processors.create(self.executable, self._complete)

    def process_workspace(self, workspace: CoreWorkspace) -> None:
        """Do a job: process the pages of a workspace.

        Output that is there already stays, unless ``OCRD_EXISTING_OUTPUT`` says otherwise: a job
        arrives again when the worker that had it was killed. If the METS server ends meanwhile, the
        job is done again when it is back.

        Args:
            workspace: core's workspace, whose METS a server may hold.

        Raises:
            OcrdRapidError: see `run_steps`.
        """
        self.log_levels.restore()
        server = None
        if workspace.is_remote:
            server = workspace.mets.url
            if server.startswith(_SOCKET):
                server = unquote(server.removeprefix(_SOCKET))
        try:
            self._run(workspace, server)
        except MetsServerError as error:
            LOG.warning("%s", error)
            if not self.serving_mets.wait(ended=True):
                raise
            self._run(workspace, server)
        if not workspace.is_remote:
            workspace.reload_mets()

    def _run(self, workspace: CoreWorkspace, server: str | None) -> None:
        """Run the step once.

        Raises:
            MetsServerError: the METS server does not answer, or has lost pages: the Processing
                Server starts another one when it hands on a request, and nobody is told.
        """
        ours = Workspace.open(Path(workspace.mets_target), Path(workspace.directory), server)
        policy = Policy.from_environment()
        step = processors.make_step(
            self.executable,
            self._complete,
            self.input_file_grp,
            self.output_file_grp,
            page_ids=self.page_id,
            existing=policy.existing or Existing.SKIP,
        )
        step = replace(step, recorded_by_core=True)
        report = run_steps(ours, [step], lambda *_: self._loaded, policy=policy)
        if workspace.is_remote and not step.per_work:
            pages = {page for summary in report.steps for page in (*summary.done, *summary.skipped)}
            lost = pages - {file.page_id for file in ours.mets.files(step.output_group)}
            if lost:
                raise MetsServerError(f"METS server {server} has lost {len(lost)} pages")


def core_processor(executable: str) -> type[CoreProcessor]:
    """Return the class of one of our processors; its logging stays as it is now."""
    values = {
        "executable": executable,
        "log_levels": LogLevels(),
        "serving_mets": ServingMets("", "", ""),
    }
    return type(executable, (CoreProcessor,), values)

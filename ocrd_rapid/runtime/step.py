# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A step of a workflow, and its results, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..addresses import storable
from ..provenance import ProcessingStep
from ..version import __version__
from ..workspace.contents import Agent

#: The executable that METS and PAGE record for what people corrected: no processor.
CORRECTION = "ocrd-rapid-correct"


class Existing(Enum):
    """What to do about pages that already have output."""

    ABORT = "ABORT"
    """Do not start."""
    SKIP = "SKIP"
    """Keep finished pages and process the rest: resume a run."""
    OVERWRITE = "OVERWRITE"
    """Replace the output."""


@dataclass(frozen=True)
class FileKind:
    """A kind of files that a step gives in place of PAGE-XML.

    Attributes:
        name: in capitals, such as ``PDF``; the end of an ID where there are several kinds.
        suffix: of the names of the files, such as ``.pdf``.
        mimetype: the media type.
    """

    name: str
    suffix: str
    mimetype: str


@dataclass(frozen=True)
class Step:
    """One call of a processor, as it is recorded in METS and PAGE.

    Attributes:
        executable: name of the processor.
        step: what it does, in OCR-D's vocabulary.
        input_group: file group to read.
        output_group: file group to write.
        parameters: all of them, defaults included.
        page_ids: expression of ``--page-id``.
        existing: what to do about existing output.
        gives: the files that it gives for each page; empty: PAGE-XML.
        per_work: whether it gives these files once, for all pages, and not for each page; its
            parameter of this name tells later runs.
        recorded_by_core: whether OCR-D core records the step in the METS, around our run.
    """

    executable: str
    step: str
    input_group: str
    output_group: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    page_ids: str | None = None
    existing: Existing = Existing.ABORT
    gives: tuple[FileKind, ...] = ()
    per_work: bool = False
    recorded_by_core: bool = False

    def agent(self) -> Agent:
        """Return the record of this step for the METS."""
        return Agent(
            name=f"{self.executable} v{__version__}",
            role=self.step,
            notes={
                "input-file-grp": self.input_group,
                "output-file-grp": self.output_group,
                "parameter": json.dumps(recorded_parameters(self.parameters)),
                "page-id": self.page_ids or "",
            },
        )

    def record(self, versions: Mapping[str, str]) -> ProcessingStep:
        """Return the record of this step for a PAGE document.

        Args:
            versions: the versions of engine and models, see `Processor.versions`.
        """
        return ProcessingStep(
            step=self.step,
            executable=self.executable,
            parameters={
                name: str(value) for name, value in recorded_parameters(self.parameters).items()
            },
            versions={self.executable: __version__, **versions},
        )


def recorded_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as METS and PAGE record them: without secrets in addresses."""
    return {
        name: storable(value)[0] if isinstance(value, str) else value
        for name, value in parameters.items()
    }


@dataclass(frozen=True)
class Summary:
    """The results of a step.

    Attributes:
        step: the step.
        done: IDs of the pages that were processed.
        skipped: IDs of the pages that were already finished.
        failed: messages of the pages that failed, by page ID.
    """

    step: Step
    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunReport:
    """The results of a run of one or more steps.

    Attributes:
        steps: one summary per step.
        elapsed: seconds from start to end.
        seconds: the time by part of the work: ``models``, ``input``, the executables, ``output``,
            ``METS``; the sum of all threads.
    """

    steps: tuple[Summary, ...]
    elapsed: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)

"""A step of a workflow, and what became of it: plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .. import __version__
from ..addresses import storable
from ..workspace.contents import Agent
from ..workspace.page import ProcessingStep


class Existing(Enum):
    """What to do about pages that have output already."""

    ABORT = "ABORT"
    """Refuse to begin."""
    SKIP = "SKIP"
    """Keep what is finished, and do the rest: how a run is resumed."""
    OVERWRITE = "OVERWRITE"
    """Replace it."""


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
        existing: what to do about output that is there already.
    """

    executable: str
    step: str
    input_group: str
    output_group: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    page_ids: str | None = None
    existing: Existing = Existing.ABORT

    def agent(self) -> Agent:
        """Return how the METS records this step."""
        return Agent(
            name=f"{self.executable} v{__version__}",
            role=self.step,
            notes={
                "input-file-grp": self.input_group,
                "output-file-grp": self.output_group,
                "parameter": json.dumps(self._recorded()),
                "page-id": self.page_ids or "",
            },
        )

    def record(self, versions: Mapping[str, str]) -> ProcessingStep:
        """Return how a PAGE document records this step.

        Args:
            versions: of what the processor uses, see `Processor.versions`.
        """
        return ProcessingStep(
            step=self.step,
            executable=self.executable,
            parameters={name: str(value) for name, value in self._recorded().items()},
            versions={self.executable: __version__, **versions},
        )

    def _recorded(self) -> dict[str, Any]:
        """Return the parameters without what is secret in addresses."""
        return {
            name: storable(value)[0] if isinstance(value, str) else value
            for name, value in self.parameters.items()
        }


@dataclass(frozen=True)
class Summary:
    """What became of the pages of a step.

    Attributes:
        step: which it was.
        done: IDs of the pages that were processed.
        skipped: IDs of the pages that were finished before.
        failed: the messages of those that failed, by page ID.
    """

    step: Step
    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunReport:
    """What became of a run of one or more steps.

    Attributes:
        steps: one summary each.
        elapsed: seconds from beginning to end.
        seconds: where the time went: ``models``, ``input``, the executables, ``output``,
            ``METS``; of all threads together.
    """

    steps: tuple[Summary, ...]
    elapsed: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)

"""Run a processor over the pages of a workspace.

A page is read, processed and written by itself. What goes wrong on one page does not stop the
others, unless too many fail; what is done is in the METS whatever happens after.
"""

from __future__ import annotations

import logging
import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import __version__
from ..errors import (
    ConfigurationError,
    MetsError,
    OcrdRapidError,
    OutputExistsError,
    TooManyFailuresError,
    UsageError,
)
from ..workspace.ids import MIMETYPE_PAGE, check_id, output_file_id
from ..workspace.mets import MetsFile
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group
from .processor import PageTask, Processor

LOG = logging.getLogger(__name__)

#: Called with the number of pages done and of all pages.
Progress = Callable[[int, int], None]


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
        overwrite: replace output that is there already.
    """

    executable: str
    step: str
    input_group: str
    output_group: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    page_ids: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Summary:
    """What became of the pages.

    Attributes:
        done: IDs of the pages that have their output.
        failed: the messages of those that failed, by page ID.
    """

    done: tuple[str, ...]
    failed: Mapping[str, str]


@dataclass(frozen=True)
class FailurePolicy:
    """What to do about pages that fail (OCR-D's environment variables).

    Attributes:
        abort: stop at the first failure (``OCRD_MISSING_OUTPUT=ABORT``).
        tolerated: share of pages that may fail (``OCRD_MAX_MISSING_OUTPUTS``); negative: all.
    """

    abort: bool = False
    tolerated: float = 0.1

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> FailurePolicy:
        """Read the variables.

        Raises:
            ConfigurationError: a value is not allowed.
        """
        variables = os.environ if environ is None else environ
        mode = variables.get("OCRD_MISSING_OUTPUT", "SKIP")
        if mode not in ("SKIP", "ABORT"):
            raise ConfigurationError(
                f"environment variable OCRD_MISSING_OUTPUT: '{mode}' is not allowed"
                " (allowed are: SKIP, ABORT)"
            )
        text = variables.get("OCRD_MAX_MISSING_OUTPUTS", "0.1")
        try:
            tolerated = float(text)
            if math.isnan(tolerated):
                raise ValueError(text)
        except ValueError as error:
            raise ConfigurationError(
                f"environment variable OCRD_MAX_MISSING_OUTPUTS: '{text}' is not a number"
            ) from error
        return cls(mode == "ABORT", tolerated)

    def exceeded(self, failed: int, total: int) -> bool:
        """Return whether more pages failed than may."""
        return self.tolerated >= 0 and failed > self.tolerated * total


@dataclass(frozen=True)
class _Page:
    """A page to be done: where its input is, where its output goes, and what was there."""

    page_id: str
    files: tuple[MetsFile, ...]
    output_id: str
    older_output: tuple[str, ...] = ()


def check_step(workspace: Workspace, step: Step) -> list[_Page]:
    """Check a step before anything is loaded, and list its pages.

    Raises:
        UsageError: the groups or pages make no sense.
        MetsError: the input group is missing.
        OutputExistsError: there is output already.
    """
    if "," in step.input_group or "," in step.output_group:
        raise UsageError(
            f"{step.executable} reads one file group and writes one, not"
            f" '{step.input_group}' and '{step.output_group}'"
        )
    mets = workspace.mets
    require_group(mets, step.input_group)
    check_id(step.output_group, "output file group")
    by_page: dict[str, list[MetsFile]] = defaultdict(list)
    for file in mets.files(step.input_group):
        by_page[file.page_id].append(file)
    with_input = [page for page in mets.pages if page in by_page]
    selected = select_pages(step.page_ids, mets.pages)
    missing = [page for page in selected if page not in by_page]
    for page in missing:
        LOG.warning("page %s has no file in file group %s", page, step.input_group)
    older: dict[str, list[str]] = defaultdict(list)
    for file in mets.files(step.output_group):
        if file.mimetype == MIMETYPE_PAGE:
            older[file.page_id].append(file.id)
    pages = [
        _Page(page, tuple(by_page[page]), _output_id(by_page[page], page, step), tuple(older[page]))
        for page in with_input
        if page in set(selected)
    ]
    if not pages:
        raise MetsError(f"file group '{step.input_group}' has no files for the pages asked for")
    _check_output(workspace, step, pages)
    return pages


def _output_id(files: Sequence[MetsFile], page_id: str, step: Step) -> str:
    first = next((f for f in files if f.mimetype == MIMETYPE_PAGE), files[0])
    if step.input_group == step.output_group and first.mimetype != MIMETYPE_PAGE:
        return f"{first.id}_PAGE"  # beside the image, not in its place
    return output_file_id(first.id, page_id, step.input_group, step.output_group)


def _check_output(workspace: Workspace, step: Step, pages: Sequence[_Page]) -> None:
    for page in pages:
        there = workspace.mets.file(page.output_id)
        if there is not None and there.group != step.output_group:
            raise OutputExistsError(
                f"the ID {page.output_id} of the output is that of a file in file group"
                f" '{there.group}'; name another output group"
            )
    if step.overwrite:
        return
    with_output = {file.page_id for file in workspace.mets.files(step.output_group)}
    clash = [page.page_id for page in pages if page.page_id in with_output]
    if clash:
        raise OutputExistsError(
            f"output file group '{step.output_group}' already has page {clash[0]}"
            + (f" and {len(clash) - 1} more" if len(clash) > 1 else "")
            + "; replace it with --overwrite, or name another output group"
        )


def run_step(
    workspace: Workspace,
    step: Step,
    make_processor: Callable[[], Processor],
    *,
    policy: FailurePolicy | None = None,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Run a processor over its pages and save the METS.

    Args:
        workspace: where; its METS is saved once at the end, also after a failure.
        step: what to do.
        make_processor: loads the models; called after the workspace was checked.
        policy: what to do about pages that fail; by default as the environment says.
        progress: told about every page.

    Raises:
        OcrdRapidError: see `check_step`; what ``make_processor`` raises; the error of the page
            if it was the only one.
        TooManyFailuresError: more pages failed than may.
    """
    policy = policy or FailurePolicy.from_environment()
    pages = check_step(workspace, step)
    processor = make_processor()
    done: list[str] = []
    failed: dict[str, OcrdRapidError] = {}
    try:
        for number, page in enumerate(pages):
            progress(number, len(pages))
            try:
                _run_page(workspace, step, processor, page)
            except OcrdRapidError as error:
                if policy.abort or len(pages) == 1:
                    raise
                LOG.error("page %s failed: %s", page.page_id, error)
                failed[page.page_id] = error
                if policy.exceeded(len(failed), len(pages)):
                    break
            else:
                done.append(page.page_id)
        progress(len(pages), len(pages))
    finally:
        if done:
            _record(workspace, step)
            workspace.save()
    if policy.exceeded(len(failed), len(pages)):
        raise TooManyFailuresError(_failure_message(failed, len(pages)))
    return Summary(tuple(done), {page: str(error) for page, error in failed.items()})


def _run_page(workspace: Workspace, step: Step, processor: Processor, page: _Page) -> None:
    file = workspace.select_input(step.input_group, page.page_id, page.files)
    document = workspace.read_page(file)
    LOG.debug("page %s: processing %s", page.page_id, file.path)
    processor.process(PageTask(page.page_id, document, workspace.directory))
    document.add_processing_step(
        step=step.step,
        executable=step.executable,
        parameters=step.parameters,
        versions={step.executable: __version__, **processor.versions},
    )
    entry = workspace.write_page(document, step.output_group, page.output_id, page.page_id)
    for older in page.older_output:
        workspace.mets.remove_file(older)
    workspace.mets.add_file(entry)


def _record(workspace: Workspace, step: Step) -> None:
    workspace.mets.add_agent(
        name=f"{step.executable} v{__version__}",
        role=step.step,
        notes={
            "input-file-grp": step.input_group,
            "output-file-grp": step.output_group,
            "parameter": dict(step.parameters),
            "page-id": step.page_ids or "",
        },
    )


def _failure_message(failed: Mapping[str, OcrdRapidError], total: int) -> str:
    kinds = ", ".join(
        f"{count} {kind}"
        for kind, count in Counter(type(e).__name__ for e in failed.values()).items()
    )
    page, error = next(iter(failed.items()))
    return (
        f"{len(failed)} of {total} pages failed ({kinds}), more than OCRD_MAX_MISSING_OUTPUTS"
        f" allows; the first was {page}: {error}"
    )

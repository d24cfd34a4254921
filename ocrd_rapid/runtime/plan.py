"""Which pages have to be done, from which files, and what is there already.

Several steps can be planned at once: where one reads what another one of them writes, its
input is known before it exists.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import InputError, MetsError, OutputExistsError, UsageError
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE, check_id, output_file_id
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group
from .policy import MissingInput, Policy
from .resume import EarlierOutput, check_same_step
from .step import Existing, Step

LOG = logging.getLogger(__name__)

#: The files of a group, by page.
_Files = dict[str, list[MetsFile]]


@dataclass(frozen=True, slots=True)
class Job:
    """One step on one page.

    Attributes:
        step: number of the step.
        page_id: the page.
        files: its files in the input group.
        output: how the METS will list the output.
        stale: the entries of the output group that belong to an older output.
        finished: the output is there already and stays.
        unlisted: the entries of a finished output that have to go into the METS, with the step: an
            earlier run could not save them any more.
    """

    step: int
    page_id: str
    files: tuple[MetsFile, ...]
    output: MetsFile
    stale: tuple[MetsFile, ...] = ()
    finished: bool = False
    unlisted: tuple[MetsFile, ...] = ()


@dataclass(frozen=True, slots=True)
class PagePlan:
    """What is to be done on one page, step after step."""

    page_id: str
    jobs: tuple[Job, ...]

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return all(job.finished for job in self.jobs)


def make_plan(workspace: Workspace, steps: Sequence[Step], policy: Policy) -> list[PagePlan]:
    """Check steps before anything is loaded, and list their pages in the order of the METS.

    Raises:
        UsageError: groups or pages make no sense.
        MetsError: an input group is missing, or has no files for the pages.
        InputError: a page has no input, and the policy is not to go on then.
        OutputExistsError: there is output already.
    """
    groups: dict[str, _Files] = {}
    jobs: dict[str, list[Job]] = defaultdict(list)
    for number, step in enumerate(steps):
        _check_groups(workspace, step, groups)
        for group in (step.input_group, step.output_group):
            if group not in groups:
                groups[group] = _by_page(workspace, group)
        files, output = groups[step.input_group], groups[step.output_group]
        selected = select_pages(step.page_ids, workspace.mets.structure())
        found = _plan_step(workspace, step, number, selected, files, output)
        _report_missing(step, [p for p in selected if p not in files], policy)
        if not found:
            raise MetsError(f"file group '{step.input_group}' has no files for the pages asked for")
        for job in found:
            jobs[job.page_id].append(job)
            output[job.page_id] = [job.output]
    return [PagePlan(page, tuple(jobs[page])) for page in workspace.mets.pages if page in jobs]


def _check_groups(workspace: Workspace, step: Step, planned: dict[str, _Files]) -> None:
    if "," in step.input_group or "," in step.output_group:
        raise UsageError(
            f"{step.executable} reads one file group and writes one, not"
            f" '{step.input_group}' and '{step.output_group}'"
        )
    if step.input_group not in planned:
        require_group(workspace.mets, step.input_group)
    check_id(step.output_group, "output file group")


def _by_page(workspace: Workspace, group: str) -> _Files:
    files: _Files = defaultdict(list)
    for file in workspace.mets.files(group):
        if file.page_id:
            files[file.page_id].append(file)
    return files


def _plan_step(
    workspace: Workspace, step: Step, number: int, selected: Sequence[str], files: _Files,
    output: _Files,
) -> list[Job]:  # fmt: skip
    jobs = [
        _plan_job(workspace, step, number, page, tuple(files[page]), tuple(output.get(page, ())))
        for page in selected
        if files.get(page)
    ]
    clashing = [job.page_id for job in jobs if output.get(job.page_id)]
    if clashing and step.existing is Existing.ABORT:
        raise OutputExistsError(
            f"output file group '{step.output_group}' already has page {clashing[0]}"
            + (f" and {len(clashing) - 1} more" if len(clashing) > 1 else "")
            + "; go on with --resume, replace it with --overwrite, or name another output group"
        )
    if step.existing is not Existing.SKIP:
        return jobs
    if clashing:
        check_same_step(workspace, step)
    earlier = EarlierOutput(workspace, step, [job.output for job in jobs])
    return [_resume(earlier, job) for job in jobs]


def _plan_job(
    workspace: Workspace, step: Step, number: int, page: str, files: tuple[MetsFile, ...],
    existing: tuple[MetsFile, ...],
) -> Job:  # fmt: skip
    first = next((f for f in files if f.mimetype == MIMETYPE_PAGE), files[0])
    in_place = step.input_group == step.output_group
    if in_place and first.mimetype != MIMETYPE_PAGE:
        identifier = f"{first.id}_PAGE"  # beside the image, not in its place
    else:
        identifier = output_file_id(first.id, page, step.input_group, step.output_group)
    there = workspace.mets.file(identifier)
    if there is not None and there.group != step.output_group:
        raise OutputExistsError(
            f"the ID {identifier} of the output is that of a file in file group"
            f" '{there.group}'; name another output group"
        )
    # In place, the images of the group are input, not older output.
    stale = tuple(f for f in existing if not in_place or f.mimetype == MIMETYPE_PAGE)
    output = workspace.page_entry(step.output_group, identifier, page)
    return Job(number, page, files, output, stale)


def _resume(earlier: EarlierOutput, job: Job) -> Job:
    """Mark a job as finished if its output is there."""
    found = earlier.find(job.output, job.stale)
    if found is None:
        return job
    return replace(job, output=found.entry, finished=True, unlisted=found.unlisted)


def _report_missing(step: Step, pages: Sequence[str], policy: Policy) -> None:
    """Complain of pages that have no input."""
    if not pages:
        return
    shown = ", ".join(pages[:3]) + (f" and {len(pages) - 3} more" if len(pages) > 3 else "")
    message = f"no file in file group {step.input_group} for page {shown}"
    if policy.missing_input is MissingInput.ABORT:
        raise InputError(f"{message} (OCRD_MISSING_INPUT=ABORT)")
    LOG.warning("%s", message)

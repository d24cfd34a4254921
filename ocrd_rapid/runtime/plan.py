# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pages to process, their input files, and existing output.

Several steps can be planned at once: where one reads what another one of them writes, its
input is known before it exists.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import MetsError, OutputExistsError, UsageError
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE, check_id
from ..workspace.naming import OutputNames
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group
from .inputs import is_readable, report_missing, some
from .policy import MissingInput, Policy
from .resume import EarlierOutput, check_same_step, was_written
from .step import Existing, FileKind, Step

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
        outputs: how the METS will list the output: PAGE-XML, or the files given in place of it.
        stale: the entries of the output group that belong to an older output.
        finished: the output already exists and stays.
        unlisted: the entries of a finished output that have to go into the METS, with the step: an
            earlier run could not save them any more.
    """

    step: int
    page_id: str
    files: tuple[MetsFile, ...]
    outputs: tuple[MetsFile, ...]
    stale: tuple[MetsFile, ...] = ()
    finished: bool = False
    unlisted: tuple[MetsFile, ...] = ()

    @property
    def output(self) -> MetsFile:
        """The first of the outputs, after which others are named."""
        return self.outputs[0]


@dataclass(frozen=True, slots=True)
class PagePlan:
    """The jobs of one page, step after step."""

    page_id: str
    jobs: tuple[Job, ...]

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return all(job.finished for job in self.jobs)


def make_plan(workspace: Workspace, steps: Sequence[Step], policy: Policy) -> list[PagePlan]:
    """Check steps before anything is loaded, and list their pages in the order of the METS.

    Steps per work have no jobs of pages, see `ocrd_rapid.runtime.whole_works`.

    Raises:
        UsageError: groups or pages make no sense.
        MetsError: an input group is missing, or has no files for the pages; an output cannot have
            a name of its own.
        InputError: a page has no input, and the policy is not to go on then.
        OutputExistsError: there is output already.
    """
    groups: dict[str, _Files] = {}
    jobs: dict[str, list[Job]] = defaultdict(list)
    names = OutputNames(workspace.mets, workspace.directory)
    # What the pages begin with in each group, also those that are for another run to do: the
    # names of the outputs must not depend on it.
    firsts: dict[str, dict[str, MetsFile]] = {}
    for number, step in enumerate(steps):
        if step.per_work:
            continue
        check_step_groups(workspace, step, groups)
        for group in (step.input_group, step.output_group):
            if group not in groups:
                groups[group] = workspace.files_by_page(group)
                firsts[group] = {page: _first(files) for page, files in groups[group].items()}
        files, output = groups[step.input_group], groups[step.output_group]
        selected = select_pages(step.page_ids, workspace.mets.structure())
        ends = [(mark_of(step, kind), kind.suffix) for kind in step.gives]
        ids = names.assign(firsts[step.input_group], step.input_group, step.output_group, ends)
        entries = {page: _entries(workspace, step, ids[page], page) for page in ids}
        given = {page: outputs[0] for page, outputs in entries.items()}
        firsts[step.output_group] = given | firsts[step.output_group]
        found = _plan_step(workspace, step, number, selected, files, output, entries)
        missing = [page for page in selected if page not in files]
        if missing:
            abort = policy.missing_input is MissingInput.ABORT
            report_missing(step.input_group, missing, abort=abort)
        if not found:
            raise MetsError(_nothing_to_do(workspace, step.input_group))
        if not step.page_ids:
            _report_loose(workspace, step.input_group)
        for job in found:
            jobs[job.page_id].append(job)
            output[job.page_id] = list(job.outputs)
            firsts[step.output_group][job.page_id] = job.output
    return [PagePlan(page, tuple(jobs[page])) for page in workspace.mets.pages if page in jobs]


def check_step_groups(workspace: Workspace, step: Step, planned: Collection[str]) -> None:
    """Check the file groups of a step, given the groups that earlier steps read or write.

    Raises:
        UsageError: there are several groups, or a step would replace its input by other files.
        MetsError: the input group does not exist, or the name of the output group is not allowed.
    """
    if "," in step.input_group or "," in step.output_group:
        raise UsageError(
            f"{step.executable} reads one file group and writes one, not"
            f" '{step.input_group}' and '{step.output_group}'"
        )
    if step.input_group not in planned:
        require_group(workspace.mets, step.input_group)
    check_id(step.output_group, "output file group")
    if step.gives and step.input_group == step.output_group:
        raise UsageError(
            f"{step.executable} cannot write to '{step.output_group}', the group that it reads;"
            " name another output group"
        )


def _plan_step(
    workspace: Workspace, step: Step, number: int, selected: Sequence[str], files: _Files,
    output: _Files, entries: Mapping[str, tuple[MetsFile, ...]],
) -> list[Job]:  # fmt: skip
    jobs = [
        _plan_job(step, number, entries[page], tuple(files[page]), tuple(output.get(page, ())))
        for page in selected
        if files.get(page)
    ]
    clashing = [job.page_id for job in jobs if output.get(job.page_id)]
    if clashing:
        _check_no_scans(workspace, step, jobs)
    if clashing and step.existing is Existing.ABORT:
        raise OutputExistsError(_in_the_way(step, clashing))
    if step.existing is not Existing.SKIP:
        return jobs
    if clashing:
        check_same_step(workspace, step)
    earlier = EarlierOutput(workspace, step, [job.output for job in jobs])
    return [_resume(step, earlier, job) for job in jobs]


def _check_no_scans(workspace: Workspace, step: Step, jobs: Sequence[Job]) -> None:
    """Check that the output group is not one of scans: replacing these would delete them.

    An image is the output of a processor if it is named after the PAGE-XML it belongs to, or if
    a step is recorded that wrote to the group. In place, images stay in any case.

    Raises:
        OutputExistsError: there are images that no processor wrote.
    """
    if step.input_group == step.output_group or was_written(workspace, step.output_group):
        return
    kinds = {kind.mimetype for kind in step.gives}
    scans = [
        file
        for job in jobs
        for file in job.stale
        if file.mimetype not in kinds and not _is_output(file, job)
    ]
    if scans:
        raise OutputExistsError(
            f"file group '{step.output_group}' cannot be the output: it has images that no"
            f" processor wrote, such as {scans[0].path or scans[0].url}; name another output group"
        )


def _is_output(file: MetsFile, job: Job) -> bool:
    if file.mimetype == MIMETYPE_PAGE:
        return True
    documents = (job.output.id, *(f.id for f in job.stale if f.mimetype == MIMETYPE_PAGE))
    return any(file.id.startswith(name) and file.id != name for name in documents)


def _in_the_way(step: Step, pages: Sequence[str]) -> str:
    """Return a message that names existing output and the remedies."""
    group = step.output_group
    if step.input_group == group:
        return (
            f"'{group}' is both the input and the output file group; name another output group,"
            " or change its PAGE-XML in place with --overwrite"
        )
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    return (
        f"output file group '{group}' already has page {pages[0]}{more}; go on with --resume,"
        " replace it with --overwrite, or name another output group"
    )


def _plan_job(
    step: Step, number: int, outputs: tuple[MetsFile, ...], files: tuple[MetsFile, ...],
    existing: tuple[MetsFile, ...],
) -> Job:  # fmt: skip
    # In place, the images of the group are input, not older output.
    in_place = step.input_group == step.output_group
    stale = tuple(f for f in existing if not in_place or f.mimetype == MIMETYPE_PAGE)
    return Job(number, outputs[0].page_id, files, outputs, stale)


def mark_of(step: Step, kind: FileKind) -> str:
    """Return the end of the IDs of files of a kind; empty if the step gives no other kind."""
    return f"_{kind.name}" if len(step.gives) > 1 else ""


def _entries(workspace: Workspace, step: Step, identifier: str, page: str) -> tuple[MetsFile, ...]:
    """Return how the METS will list the output of a page.

    Raises:
        MetsError: group or ID are not allowed.
    """
    group = step.output_group
    document = workspace.page_entry(group, identifier, page)
    if not step.gives:
        return (document,)
    return tuple(
        MetsFile(
            check_id(identifier + mark_of(step, kind), "file ID"),
            group, page, kind.mimetype, f"{group}/{identifier}{kind.suffix}",
        )
        for kind in step.gives
    )  # fmt: skip


def _first(files: Sequence[MetsFile]) -> MetsFile:
    """Return the file of a page after which its output is named."""
    return next((file for file in files if file.mimetype == MIMETYPE_PAGE), files[0])


def _resume(step: Step, earlier: EarlierOutput, job: Job) -> Job:
    """Mark a job as finished if its output is there."""
    if step.gives:
        return replace(job, finished=earlier.lists(job.outputs))
    found = earlier.find(job.output, job.stale)
    if found is None:
        return job
    return replace(job, outputs=(found.entry,), finished=True, unlisted=found.unlisted)


def _nothing_to_do(workspace: Workspace, group: str) -> str:
    """Return in words why no page has a file in a group."""
    if not workspace.mets.pages:
        return (
            "the METS has no pages: there is no mets:div TYPE='page' with an ID in its"
            " mets:structMap TYPE='PHYSICAL'; to enter images as pages of a new workspace:"
            " ocrd-rapid workspace add-images"
        )
    files = list(workspace.files(group))
    if files and not any(file.page_id for file in files):
        return (
            f"no file of file group '{group}' belongs to a page: no mets:fptr of a page in the"
            f" mets:structMap TYPE='PHYSICAL' names one of them, such as {files[0].id}"
        )
    return f"file group '{group}' has no files for the requested pages"


def _report_loose(workspace: Workspace, group: str) -> None:
    """Complain of files that might be pages, but belong to none."""
    loose = [
        file.id or file.path or file.url
        for file in workspace.files(group)
        if not file.page_id and is_readable(file)
    ]
    if loose:
        LOG.warning(
            "file group %s: no mets:div TYPE='page' in the mets:structMap TYPE='PHYSICAL' has"
            " these files, and they are left out: %s", group, some(loose),
        )  # fmt: skip

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Steps that give one file of all pages, once all pages are done.

Such a file is listed without a page, as one of the whole work: OCR-D's specification of METS calls
it ``FULLDOWNLOAD_PDF``, ``FULLDOWNLOAD_TXT`` and so on, https://ocr-d.de/en/spec/mets.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import MetsError, OcrdRapidError, OutputExistsError, UsageError
from ..files import replacing_quickly
from ..workspace.contents import MetsFile
from ..workspace.decoding import ImageStore
from ..workspace.ids import check_id
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace
from . import inputs
from .page_runner import unexpected
from .plan import PagePlan, check_step_groups
from .policy import MissingInput, MissingOutput, Policy
from .processor import OpenPage, OpenWork, PagePlace, WorkProcessor, places_in_work
from .resume import EarlierOutput, check_same_step, had_same_pages
from .step import Existing, FileKind, Step

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkPlan:
    """One step on a whole work.

    Attributes:
        step: number of the step.
        pages: IDs of its pages, in the order of reading.
        outputs: how the METS will list its files.
        stale: the entries of the output group that belong to an older output.
        finished: the output already exists and stays.
    """

    step: int
    pages: tuple[str, ...]
    outputs: tuple[MetsFile, ...]
    stale: tuple[MetsFile, ...] = ()
    finished: bool = False


@dataclass(frozen=True)
class WrittenWork:
    """The files of a work on the disk.

    Attributes:
        entries: how the METS will list them.
        pages: IDs of the pages in them.
        failed: the errors of the other pages.
        seconds: how long it took.
    """

    entries: tuple[MetsFile, ...]
    pages: tuple[str, ...]
    failed: Mapping[str, OcrdRapidError]
    seconds: float


def plan_works(
    workspace: Workspace, steps: Sequence[Step], plans: Sequence[PagePlan], policy: Policy
) -> list[WorkPlan]:
    """Check the steps per work before anything is loaded, and plan them.

    Args:
        workspace: the workspace.
        steps: all steps.
        plans: the pages of the other steps, which are done before.
        policy: what to do about pages without input.

    Raises:
        UsageError: the groups or pages make no sense.
        MetsError: there is no input, or another file has the ID of an output.
        InputError: a page has no input, and the policy is not to go on then.
        OutputExistsError: there is output already.
    """
    return [
        _plan_work(workspace, number, step, plans, [s.output_group for s in steps[:number]], policy)
        for number, step in enumerate(steps)
        if step.per_work
    ]


def _plan_work(
    workspace: Workspace, number: int, step: Step, plans: Sequence[PagePlan],
    written: Sequence[str], policy: Policy,
) -> WorkPlan:  # fmt: skip
    check_step_groups(workspace, step, written)
    coming = {
        job.page_id: job.finished and not job.unlisted
        for plan in plans
        for job in plan.jobs
        if job.output.group == step.input_group
    }
    structure = workspace.mets.structure()
    selected = set(select_pages(step.page_ids, structure))
    wanted = [page for page in structure.reading_order if page in selected]
    present = {file.page_id for file in workspace.files(step.input_group)} | coming.keys()
    pages = tuple(page for page in wanted if page in present)
    missing = [page for page in wanted if page not in present]
    if not pages:
        raise MetsError(f"file group '{step.input_group}' has no files for the requested pages")
    if missing:
        abort = policy.missing_input is MissingInput.ABORT
        inputs.report_missing(step.input_group, missing, abort=abort)
    outputs = tuple(_entry(step, kind) for kind in step.gives)
    older = [f for f in workspace.mets.files(step.output_group) if f.of_work or _is_in(f, outputs)]
    for output in outputs:
        other = workspace.mets.file(output.id)
        if other is not None and other.group != step.output_group:
            raise MetsError(
                f"file group '{other.group}' already has {output.id}, the file of all pages; name"
                " that as the output group, or remove the file with: ocrd-rapid workspace remove"
            )
    if older and step.existing is Existing.ABORT:
        raise OutputExistsError(
            f"output file group '{step.output_group}' already has {older[0].id}; go on with"
            " --resume, replace it with --overwrite, or name another output group"
        )
    finished = False
    if older and step.existing is Existing.SKIP:
        check_same_step(workspace, step)
        finished = (
            all(coming.values())
            and had_same_pages(workspace, step)
            and EarlierOutput(workspace, step, ()).lists(outputs)
            and _is_up_to_date(workspace, step, pages, outputs)
        )
    return WorkPlan(number, pages, outputs, tuple(older), finished)


def _entry(step: Step, kind: FileKind) -> MetsFile:
    name = check_id(f"FULLDOWNLOAD_{kind.name}", "file ID")
    path = f"{step.output_group}/{name}{kind.suffix}"
    return MetsFile(name, step.output_group, "", kind.mimetype, path, of_work=True)


def _is_in(file: MetsFile, outputs: Sequence[MetsFile]) -> bool:
    return any(file.id == output.id for output in outputs)


def _is_up_to_date(
    workspace: Workspace, step: Step, pages: Sequence[str], outputs: Sequence[MetsFile]
) -> bool:
    """Return whether no page was made after the files of the work, as far as it is here."""
    made = min(workspace.local_path(output.path).stat().st_mtime_ns for output in outputs)
    wanted = set(pages)
    for file in workspace.files(step.input_group):
        if file.page_id in wanted and file.path:
            with contextlib.suppress(OSError):
                if workspace.local_path(file.path).stat().st_mtime_ns > made:
                    return False
    return True


def write_work(
    workspace: Workspace, step: Step, processor: object, plan: WorkPlan, policy: Policy,
    *, tell: Callable[[], None],
) -> WrittenWork:  # fmt: skip
    """Write the files of a work, each by one rename, from the pages that the METS lists.

    Args:
        workspace: the workspace.
        step: the step.
        processor: a `WorkProcessor`.
        plan: what to write.
        policy: what to do about pages that fail.
        tell: called after each page of each file.

    Raises:
        OcrdRapidError: a page failed, if the policy is to stop then; more pages failed than
            allowed, and nothing is written then; a file cannot be made.
        OSError: a file cannot be written.
    """
    if not isinstance(processor, WorkProcessor):
        raise UsageError(f"{step.executable} gives no files of whole works")
    began = time.perf_counter()
    structure = workspace.mets.structure()
    work = OpenWork(workspace.directory.absolute().name, structure, plan.pages)
    pages = _Pages(workspace, step, processor, plan.pages, policy)
    for output in plan.outputs:
        with replacing_quickly(workspace.path_to_write(output.path)) as stream:
            processor.write_work(work, pages.parts(tell), output, stream)
            error = policy.verdict(pages.failed, len(plan.pages))
            if error is not None:
                raise error
    done = tuple(page for page in plan.pages if page not in pages.failed)
    return WrittenWork(plan.outputs, done, pages.failed, time.perf_counter() - began)


@dataclass
class _Pages:
    """The pages of a work, read one after the other, once for each file.

    Attributes:
        failed: the errors of pages that cannot be read.
    """

    workspace: Workspace
    step: Step
    processor: WorkProcessor
    pages: Sequence[str]
    policy: Policy
    failed: dict[str, OcrdRapidError] = field(default_factory=dict)

    def parts(self, tell: Callable[[], None]) -> Iterator[object]:
        """Yield what the pages contribute, without those that fail."""
        files: dict[str, list[MetsFile]] = {page: [] for page in self.pages}
        for file in self.workspace.files(self.step.input_group):
            if file.page_id in files:
                files[file.page_id].append(file)
        places = places_in_work(self.workspace.mets.structure())
        for page in self.pages:
            # A page that an earlier step failed to make is counted there.
            if files[page] and page not in self.failed:
                part = self._part(page, files[page], PagePlace(*places[page], files[page][0]))
                if part is not None:
                    yield part
            tell()

    def _part(self, page: str, files: Sequence[MetsFile], place: PagePlace) -> object:
        error: OcrdRapidError
        try:
            chosen = inputs.choose(self.step.input_group, page, files)
            local = inputs.localise(self.workspace, chosen, download=self.policy.download)
            document = self.workspace.read_page(local)
            images = ImageStore(self.workspace.directory)
            return self.processor.part(OpenPage(page, document, images, chosen, place=place))
        except OcrdRapidError as problem:
            error = problem
        except OSError:
            raise
        except Exception as problem:
            error = unexpected(page, problem)
        if self.policy.missing_output is MissingOutput.ABORT:
            raise error
        self.failed[page] = error
        return None

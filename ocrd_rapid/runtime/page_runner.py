# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run all steps on one page: read, process, serialize. Nothing is written here."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import OcrdRapidError, PageTimeoutError
from ..workspace.contents import MetsFile
from ..workspace.decoding import ImageStore
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace
from . import inputs
from .page_hooks import PageHooks
from .plan import Job, PagePlan
from .policy import MissingOutput, Policy
from .processor import NewFile, OpenPage, PagePlace, Processor, Remark, places_in_work
from .resume import images_beside
from .step import Step

LOG = logging.getLogger(__name__)


class UnexpectedError(OcrdRapidError):
    """An unexpected exception on a page: a bug of ours, or of a library."""


@dataclass(frozen=True)
class PageOutcome:
    """The outcome of a job.

    Attributes:
        job: the job.
        files: the files to write, the PAGE document after its images; empty if there are none.
        error: the error, if the job failed.
        remarks: the remarks of the processor on the page.
        fetched: the entry of the input file, if it had to be fetched.
        seconds: the time by part of the work.
    """

    job: Job
    files: tuple[NewFile, ...] = ()
    error: OcrdRapidError | None = None
    remarks: tuple[Remark, ...] = ()
    fetched: MetsFile | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


class PageRunner:
    """Does the jobs of pages, one page per call, in any thread."""

    def __init__(
        self,
        workspace: Workspace,
        steps: Sequence[Step],
        processors: Mapping[int, Processor],
        policy: Policy,
        hooks: PageHooks | None = None,
    ) -> None:
        """Create a runner with processors by the number of their step."""
        self._workspace = workspace
        self._steps = steps
        self._processors = processors
        self._policy = policy
        self._hooks = hooks or PageHooks()
        if any(step.gives for step in steps):
            self._places = places_in_work(workspace.mets.structure())

    def __call__(self, plan: PagePlan) -> list[PageOutcome]:
        """Do the unfinished jobs of a page, except those whose input another one failed to make."""
        with contextlib.ExitStack() as stack:
            first = next(job for job in plan.jobs if not job.finished)
            try:
                made = stack.enter_context(self._hooks.around(plan.page_id))
            except OcrdRapidError as error:
                return [PageOutcome(first, error=error)]
            except OSError:
                raise  # see `_do`
            except Exception as error:
                return [PageOutcome(first, error=unexpected(plan.page_id, error))]
            page = _Page(ImageStore(self._workspace.directory))
            page.fetched.update((entry.id, entry) for entry in made)
            return self._through(plan, page)

    def _through(self, plan: PagePlan, page: _Page) -> list[PageOutcome]:
        lost: set[str] = set()
        outcomes: list[PageOutcome] = []
        for job in plan.jobs:
            step = self._steps[job.step]
            if step.input_group in lost:
                lost.add(step.output_group)
            elif not job.finished:
                outcomes.append(self._do(job, step, page))
                if not outcomes[-1].files:
                    lost.add(step.output_group)
        return outcomes

    def late(self, plan: PagePlan) -> list[PageOutcome]:
        """Return the outcome of a page that takes too long: it fails, or its input is copied."""
        error = PageTimeoutError(
            f"not finished after {self._policy.page_timeout:g} s;"
            " OCRD_PROCESSING_PAGE_TIMEOUT allows no more"
        )
        unfinished = [job for job in plan.jobs if not job.finished]
        if all(self._may_copy(job) for job in unfinished):
            page = _Page(ImageStore(self._workspace.directory))
            with contextlib.suppress(OcrdRapidError):
                return [PageOutcome(job, (self._copy(job, page),), error) for job in unfinished]
        return [PageOutcome(unfinished[0], error=error)]

    def _may_copy(self, job: Job) -> bool:
        """Return whether the input of a job may be copied: PAGE-XML is no substitute for a PDF."""
        copy = self._policy.missing_output is MissingOutput.COPY
        return copy and not self._steps[job.step].gives

    def _copy(self, job: Job, page: _Page) -> NewFile:
        step = self._steps[job.step]
        document = self._read(job, step, page, download=False)
        return self._finish(job, step, document, page, {})

    def _do(self, job: Job, step: Step, page: _Page) -> PageOutcome:
        known = len(page.fetched)
        try:
            outcome = self._attempt(job, step, page)
        except OcrdRapidError as error:
            outcome = PageOutcome(job, error=error)
        except OSError:
            raise  # if one page cannot be written, the others cannot either
        except Exception as error:
            outcome = PageOutcome(job, error=unexpected(job.page_id, error))
        new = list(page.fetched.values())[known:]
        return replace(outcome, fetched=new[0]) if new else outcome

    def _attempt(self, job: Job, step: Step, page: _Page) -> PageOutcome:
        began = time.perf_counter()
        document = self._read(job, step, page, download=self._policy.download)
        copy = self._may_copy(job)
        before = document.to_bytes() if copy else b""
        read = time.perf_counter()
        LOG.debug("page %s: processing", job.page_id)
        opened = self._opened(job, document, page)
        error = None
        try:
            self._processors[job.step].process(opened)
        except OcrdRapidError as problem:
            error = problem
        except Exception as problem:
            # One page of ten thousand must not stop the others, whatever is wrong with it.
            error = unexpected(job.page_id, problem)
        if error is not None:
            if not copy:
                return PageOutcome(job, error=error)
            document = PageDocument.parse(before)
            opened.made.clear()
            opened.remarks.clear()
            opened.versions.clear()
        done = time.perf_counter()
        files = tuple(opened.made)
        if not step.gives:
            # Only those that the PAGE document names, in its order: a resumed run knows no others.
            images = {image.entry.path: image for image in files}
            named = images_beside(document, step.output_group)
            files = tuple(images[path] for path in named if path in images)
            files += (self._finish(job, step, document, page, opened.versions),)
        seconds = {
            "input": read - began,
            step.executable: done - read,
            "output": time.perf_counter() - done,
        }
        return PageOutcome(job, files, error, tuple(opened.remarks), seconds=seconds)

    def _opened(self, job: Job, document: PageDocument, page: _Page) -> OpenPage:
        if not self._steps[job.step].gives:
            return OpenPage(job.page_id, document, page.images, job.output)
        number, attributes = self._places[job.page_id]
        file = inputs.choose(self._steps[job.step].input_group, job.page_id, job.files)
        place = PagePlace(number, attributes, file)
        return OpenPage(
            job.page_id, document, page.images, job.output, outputs=job.outputs, place=place
        )

    def _read(self, job: Job, step: Step, page: _Page, *, download: bool) -> PageDocument:
        document = page.take(step.input_group)
        if document is None:
            file = inputs.choose(step.input_group, job.page_id, job.files)
            local = page.fetched.get(file.id)
            if local is None:
                local = inputs.localise(self._workspace, file, download=download)
                if local != file:
                    page.fetched[file.id] = local
            document = self._workspace.read_page(local)
        return document

    def _finish(
        self,
        job: Job,
        step: Step,
        document: PageDocument,
        page: _Page,
        versions: Mapping[str, str],
    ) -> NewFile:
        used = {**self._processors[job.step].versions, **versions}
        document.add_processing_step(step.record(used))
        document.pcgts_id = job.output.id
        data = document.to_bytes()
        page.put(step.output_group, document, data)
        return NewFile(job.output, data)


def unexpected(page_id: str, error: Exception) -> UnexpectedError:
    """Return the error of a page for an exception that nobody expects."""
    LOG.debug("page %s", page_id, exc_info=error)
    what = " ".join([f"unexpected {type(error).__name__}:", *str(error).split()]).rstrip(":")
    return UnexpectedError(f"{what}; --log-level DEBUG shows where")


class _Page:
    """The data of a page on its way through the steps.

    Attributes:
        images: the image files of the page.
        fetched: entries of the input files that had to be fetched, by ID.
    """

    def __init__(self, images: ImageStore) -> None:
        self.images = images
        self.fetched: dict[str, MetsFile] = {}
        self._data: dict[str, bytes] = {}
        self._latest: tuple[str, PageDocument] | None = None

    def take(self, group: str) -> PageDocument | None:
        """Return the document that an earlier step made for a group, if one did."""
        if self._latest is not None and self._latest[0] == group:
            document = self._latest[1]
            self._latest = None  # the next step changes it
            return document
        data = self._data.get(group)
        return None if data is None else PageDocument.parse(data)

    def put(self, group: str, document: PageDocument, data: bytes) -> None:
        """Keep the document that a step made for a group."""
        self._data[group] = data
        self._latest = (group, document)

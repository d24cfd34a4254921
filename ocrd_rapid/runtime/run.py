# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run processors over the pages of a workspace.

A page is read, processed and written by itself, several at a time. What goes wrong on one page
does not stop the others, unless too many fail. Files are written whole or not at all, and the
METS is saved while the work goes on: whatever ends a run, finished output is kept.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import MetsServerError, OcrdRapidError
from ..workspace.contents import MetsAccess, MetsFile
from ..workspace.workspace import Workspace
from . import inputs
from .page_hooks import PageHooks
from .page_runner import PageOutcome, PageRunner
from .parallel import Late, default_parallel_pages, in_order
from .plan import Job, PagePlan, make_plan
from .policy import MissingOutput, Policy
from .processor import NewFile, Processor, Remark
from .run_records import add_record
from .step import Existing, RunReport, Step, Summary
from .whole_works import WorkPlan, WrittenWork, plan_works, write_work

LOG = logging.getLogger(__name__)
TEXT_LOG = logging.getLogger(f"{__name__}.text")  # for remarks on texts

#: Called with the number of pages done and of all pages.
Progress = Callable[[int, int], None]


def run_steps(
    workspace: Workspace,
    steps: Sequence[Step],
    make: Callable[[str, Mapping[str, Any]], Processor],
    *,
    policy: Policy | None = None,
    progress: Progress = lambda done, total: None,
    hooks: PageHooks | None = None,
) -> RunReport:
    """Run processors one after the other on each page, and page after page.

    Args:
        workspace: where; its METS is saved while the work goes on and at the end.
        steps: what to do; a step may read what an earlier one writes.
        make: makes a processor from the name of its executable and its parameters, which loads
            its models, as `ocrd_rapid.processors.create` does; called for steps with work left.
        policy: what to do about trouble; by default as the environment says.
        progress: told about every page, and again when it is read for a file of all pages.
        hooks: what else is done around each page; the errors of pages are theirs to report then.

    Raises:
        OcrdRapidError: see `make_plan`; what making a processor raises; the error of the page
            if it was the only one, or if the policy is to stop then.
        TooManyFailuresError: more pages failed than allowed.
    """
    began = time.perf_counter()
    policy = policy or Policy.from_environment()
    workspace.remove_leftovers()
    plans = make_plan(workspace, steps, policy)
    works = plan_works(workspace, steps, plans, policy)
    wanted = {job.step for plan in plans for job in plan.jobs if not job.finished}
    wanted |= {work.step for work in works if not work.finished}
    processors = {n: make(steps[n].executable, steps[n].parameters) for n in sorted(wanted)}
    _announce(plans, works, steps, processors)
    ledger = _Ledger(workspace, steps, plans, works, policy, hooks)
    ledger.seconds["models"] = time.perf_counter() - began
    runner = PageRunner(workspace, steps, processors, policy, hooks)
    read = itertools.count(len(plans) + 1)
    total = len(plans) + sum(len(w.pages) * len(w.outputs) for w in works if not w.finished)
    try:
        _do_pages(plans, runner, ledger, policy, lambda done: progress(done, total))
        ledger.adopt_all()
        for work in works:
            if not work.finished and ledger.too_many_failures() is None:
                step, processor = steps[work.step], processors[work.step]
                written = write_work(
                    workspace, step, processor, work, policy,
                    tell=lambda: progress(next(read), total),
                )  # fmt: skip
                ledger.enter_work(work, written)
    except MetsServerError:  # saving would only wait for it again
        LOG.error("finished output is on the disk, and a run with --resume enters it in the METS")
        raise
    except BaseException:
        ledger.save_if_possible()
        raise
    finally:
        add_record(workspace.directory, ledger.report(time.perf_counter() - began))
    ledger.save()
    ledger.tell_remarks()
    if (error := ledger.too_many_failures()) is not None:
        raise error
    return ledger.report(time.perf_counter() - began)


def _do_pages(
    plans: Sequence[PagePlan],
    runner: PageRunner,
    ledger: _Ledger,
    policy: Policy,
    tell: Callable[[int], None],
) -> None:
    """Work on pages, and enter them in their order; stop if that is hopeless.

    Args:
        plans: all pages, finished ones among them.
        runner: works on a page.
        ledger: enters what became of it.
        policy: how many pages at a time, and for how long.
        tell: told the number of pages that are done.
    """
    todo = [plan for plan in plans if not plan.finished]
    workers = min(policy.parallel_pages or default_parallel_pages(), max(1, len(todo)))
    tell(len(plans) - len(todo))
    results = in_order(todo, runner, workers=workers, timeout=policy.page_timeout)
    with contextlib.closing(results):
        for plan in plans:
            outcomes: Sequence[PageOutcome] | Late = ()
            if not plan.finished:
                _, outcomes = next(results)
            if isinstance(outcomes, Late):
                outcomes = runner.late(plan)
            ledger.enter(plan, outcomes)
            if not plan.finished:
                tell(ledger.entered)
            if ledger.hopeless:
                break


def _announce(
    plans: Sequence[PagePlan], works: Sequence[WorkPlan], steps: Sequence[Step],
    processors: Mapping[int, Processor],
) -> None:  # fmt: skip
    """Tell in one line how many pages there are, and what they are processed with."""
    finished = sum(plan.finished for plan in plans)
    total = max(len(plans), *(len(work.pages) for work in works), 0)
    before = f", {finished} of them already finished" if finished else ""
    uses = []
    for number, processor in processors.items():
        parameters = steps[number].parameters
        device = str(parameters.get("device") or "")
        if device not in ("", "CPU"):  # it may not be here; the CPU takes its place then
            device = f"{device} requested"
        engine = str(parameters.get("engine") or "")
        details = ", ".join(filter(None, [*processor.versions.values(), engine, device]))
        uses.append(steps[number].executable + (f" ({details})" if details else ""))
    count = "1 page" if total == 1 else f"{total} pages"
    LOG.info("%s%s%s", count, before, f": {', '.join(uses)}" if uses else "")


class _Ledger:
    """Writes what the steps make, enters it in the METS, and counts."""

    def __init__(
        self, workspace: Workspace, steps: Sequence[Step], plans: Sequence[PagePlan],
        works: Sequence[WorkPlan], policy: Policy, hooks: PageHooks | None,
    ) -> None:  # fmt: skip
        self._workspace = workspace
        self._hooks = hooks
        self._steps = steps
        self._policy = policy
        self._plans = plans
        self._jobs = [job for plan in plans for job in plan.jobs]
        self._works = works
        self._totals = Counter(job.step for job in self._jobs)
        self._totals |= Counter({work.step: len(work.pages) for work in works})
        self._done: dict[int, list[str]] = {n: [] for n in range(len(steps))}
        self._failed: dict[int, dict[str, OcrdRapidError]] = {n: {} for n in range(len(steps))}
        self._remarks: dict[tuple[int, Remark], list[str]] = defaultdict(list)
        self._recorded: set[int] = set()
        self._listed: set[str] | None = None
        self._unsaved = False
        self._saved = time.perf_counter()
        self._saving = 0.0
        self._adopted: set[str] = set()
        self.entered = sum(plan.finished for plan in plans)
        self.seconds: dict[str, float] = defaultdict(float)

    def enter(self, plan: PagePlan, outcomes: Sequence[PageOutcome]) -> None:
        """Take the outcomes of a page, step after step.

        Pages come in the order of the METS, finished ones among them: so the entries have one
        order, whatever an earlier run has done of the work.

        Raises:
            OcrdRapidError: that of a job that failed, if the policy is to stop then.
            OSError: a file cannot be written.
        """
        made = {outcome.job.step: outcome for outcome in outcomes}
        for job in plan.jobs:
            if job.finished:
                self._adopt(job)
            elif job.step in made:
                self._take(made[job.step])
        self.entered += not plan.finished
        if self._hooks is not None:
            errors = (outcome.error for outcome in outcomes if outcome.error is not None)
            self._hooks.entered(plan.page_id, next(errors, None))
        if time.perf_counter() >= self._saved + self._saving / self._workspace.saving_share:
            self.save()

    def _take(self, outcome: PageOutcome) -> None:
        if outcome.error is not None:
            self._fail(outcome.job.step, outcome.job.page_id, outcome.error)
        if outcome.fetched is not None:
            self._set_path(outcome.fetched)
        if outcome.files:
            self._write(outcome.job, outcome.files)
            if outcome.error is None:
                self._done[outcome.job.step].append(outcome.job.page_id)
            for remark in outcome.remarks:
                self._remarks[outcome.job.step, remark].append(outcome.job.page_id)
        for name, value in outcome.seconds.items():
            self.seconds[name] += value

    def adopt_all(self) -> None:
        """Enter the finished output of an earlier run on pages that this one did not reach."""
        for job in self._jobs:
            if job.finished:
                self._adopt(job)

    def _adopt(self, job: Job) -> None:
        """Enter output that an earlier run finished, but could not enter in the METS."""
        if not job.unlisted or job.output.path in self._adopted:
            return
        self._adopted.add(job.output.path)
        for fetched in inputs.fetched_before(self._workspace, job.files):
            self._set_path(fetched)
        self._unsaved = True
        self._record(job.step)
        output = job.output
        if job.unlisted != (output,) or self._mets.file(output.id, output.group) != output:
            for entry in job.unlisted:
                self._mets.add_file(entry)

    def _set_path(self, fetched: MetsFile) -> None:
        self._mets.set_path(fetched.id, fetched.path, fetched.group)
        self._unsaved = True

    def _fail(self, number: int, page_id: str, error: OcrdRapidError) -> None:
        self._failed[number][page_id] = error
        if self._policy.missing_output is MissingOutput.ABORT:
            raise error
        alone = self._totals[number] == 1 and self._policy.exceeded(1, 1)  # the end says it
        if self._hooks is None and not alone:
            where = f" in {self._steps[number].executable}" if len(self._steps) > 1 else ""
            LOG.error("page %s failed%s: %s", page_id, where, error)

    def _write(self, job: Job, files: Sequence[NewFile]) -> None:
        began = time.perf_counter()
        # The PAGE-XML comes last: where it is, all that belongs to it is.
        for file in files:
            self._workspace.write_file(file.entry.path, file.data)
        self._replace(job.step, [file.entry for file in files], job.stale)
        self.seconds["output"] += time.perf_counter() - began

    def enter_work(self, plan: WorkPlan, written: WrittenWork) -> None:
        """Enter the files of a work, and the pages that they lack.

        Raises:
            OcrdRapidError: that of a page, if the policy is to stop then.
        """
        for page, error in written.failed.items():
            self._fail(plan.step, page, error)
        self._replace(plan.step, written.entries, plan.stale)
        self._done[plan.step] += written.pages
        self.seconds[self._steps[plan.step].executable] += written.seconds

    def _replace(self, number: int, new: Sequence[MetsFile], stale: Sequence[MetsFile]) -> None:
        """Enter new files of a step that are written, and remove older ones."""
        self._unsaved = True
        self._record(number)
        # What is listed already keeps its place.
        listed = [f for f in stale if f in new and self._mets.file(f.id, f.group) == f]
        stays = listed == list(new)
        for older in stale:
            if not stays or older not in listed:
                self._mets.remove_file(older.id, older.group)
        for entry in () if stays else new:
            self._mets.add_file(entry)
        kept = {self._place(entry) for entry in new}
        for older in stale:
            if self._may_go(older) and self._place(older) not in kept:
                self._workspace.delete_file(older.path)

    def _may_go(self, stale: MetsFile) -> bool:
        """Return whether a file is in its group's folder, and no entry that stays has its path."""
        if self._listed is None:
            parts: tuple[Job | WorkPlan, ...] = (*self._jobs, *self._works)
            going = {(file.group, file.id) for part in parts for file in part.stale}
            files = (file for group in self._mets.groups for file in self._mets.files(group))
            self._listed = {
                self._place(file) for file in files if (file.group, file.id) not in going
            }
            self._listed |= {self._place(file) for part in parts for file in part.outputs}
        place = self._place(stale)
        folder = os.path.normpath(self._workspace.directory / stale.group)
        return place.startswith(folder + os.sep) and place not in self._listed

    def _place(self, file: MetsFile) -> str:
        """Return the normalized path of a file."""
        return os.path.normpath(self._workspace.local_path(file.path))

    def _record(self, number: int) -> None:
        """Enter the step itself, once, and not again where a run is resumed."""
        step = self._steps[number]
        if step.recorded_by_core or number in self._recorded:
            return
        self._recorded.add(number)
        agent = step.agent()
        if step.existing is Existing.SKIP and agent in self._mets.agents():
            return
        self._mets.add_agent(agent)

    @property
    def _mets(self) -> MetsAccess:
        return self._workspace.mets

    def save(self, *, afresh: bool = False) -> None:
        """Save the METS, if anything is new; see `Workspace.save`."""
        if not self._unsaved:
            return
        began = time.perf_counter()
        self._workspace.save(afresh=afresh)
        self._unsaved = False
        self._saved = time.perf_counter()
        self._saving = self._saved - began
        self.seconds["METS"] += self._saving

    def save_if_possible(self) -> None:
        """Save the METS on the way out; what went wrong before is what the user must hear."""
        try:
            self.adopt_all()
            self.save(afresh=True)
        except (OSError, OcrdRapidError) as error:
            LOG.error(
                "the METS could not be saved: %s; finished output is on the disk, and a run with"
                " --resume enters it",
                error,
            )

    def tell_remarks(self) -> None:
        """Log the remarks of processors as warnings, each once for all pages."""
        for (number, remark), pages in self._remarks.items():
            more = f" and {len(pages) - 3} more" if len(pages) > 3 else ""
            log = TEXT_LOG if remark.of_text else LOG
            log.warning(
                "%s: %d of %d pages %s (%s%s): %s", self._steps[number].executable, len(pages),
                self._totals[number], remark.what, ", ".join(pages[:3]), more, remark.then,
            )  # fmt: skip

    @property
    def hopeless(self) -> bool:
        """Whether to go on makes no sense, see `Policy.hopeless`."""
        failed = ((len(pages), self._totals[number]) for number, pages in self._failed.items())
        return any(self._policy.hopeless(count, total) for count, total in failed)

    def too_many_failures(self) -> OcrdRapidError | None:
        """Return the error if more pages failed than allowed: for a single page, its own error."""
        early = self.entered < len(self._plans)
        verdicts = (
            self._policy.verdict(failed, self._totals[number], early=early)
            for number, failed in self._failed.items()
        )
        return next((error for error in verdicts if error is not None), None)

    def report(self, elapsed: float) -> RunReport:
        """Return the results of the run."""
        skipped = defaultdict(list)
        for job in self._jobs:
            if job.finished:
                skipped[job.step].append(job.page_id)
        for work in self._works:
            if work.finished:
                skipped[work.step] += work.pages
        summaries = tuple(
            Summary(
                step,
                done=tuple(self._done[number]),
                skipped=tuple(skipped[number]),
                failed={page: str(error) for page, error in self._failed[number].items()},
            )
            for number, step in enumerate(self._steps)
        )
        return RunReport(summaries, elapsed, dict(self.seconds))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Teaching and reading on: one job at a time, in a process of its own, while people correct."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import InputError, OcrdRapidError, OutputExistsError, UsageError
from ..files import write_atomically
from ..loading.finding import default_model
from ..ocr.model_kinds import RECOGNITION
from .background_job import BackgroundJob, JobStoppedError
from .open_book import OpenBook
from .session_folder import HEADS, LOG_FILE, READINGS
from .session_state import ReadingRecord, SessionState, read_state, write_state

LOG = logging.getLogger(__name__)

#: Tells everybody who watches: the kind of an event, and its content.
Publish = Callable[[str, dict[str, Any]], None]

_TEACH, _READ, _LINE = "teach", "read", "line"

_MODULES = {
    kind: f"{__package__}.{module}"
    for kind, module in (
        (_TEACH, "teaching_task"),
        (_READ, "reading_task"),
        (_LINE, "single_line_task"),
    )
}


class BusyError(UsageError):
    """There is work already, and there is one job at a time."""


@dataclass(frozen=True)
class JobOptions:
    """How jobs are done.

    Attributes:
        also: other workspaces to learn from, with the groups of their corrected lines.
        threads: number of threads; 0 for all cores but one.
    """

    also: tuple[tuple[Path, str], ...] = ()
    threads: int = 0

    @property
    def number_of_threads(self) -> int:
        """Number of threads: one core is left to those who type."""
        return self.threads or max(1, (os.cpu_count() or 2) - 1)


class BookJobs:
    """The jobs of a book.

    Attributes:
        state: what was taught and read.
    """

    def __init__(self, book: OpenBook, folder: Path, publish: Publish, options: JobOptions) -> None:
        """Take the book, and finish a reading that a killed server left."""
        self._book, self._folder, self._publish, self._options = book, folder, publish, options
        self.state = read_state(folder / READINGS)
        self._job: tuple[str, BackgroundJob] | None = None
        self._thread: threading.Thread | None = None
        self._told: dict[str, Any] = {}
        self._lock = threading.Lock()
        for record in self.state.readings:
            if not record.finished:
                self._finish_reading(record, {})

    @property
    def status(self) -> dict[str, Any]:
        """What is going on, and what was done, as plain data."""
        with self._lock:
            job = None if self._job is None else {"kind": self._job[0], **self._told}
        return {
            "job": job, "head": self.state.head, "taught": self.state.taught,
            "readings": [
                {key: value for key, value in vars(each).items() if key != "pages"}
                | {"pages": len(each.pages)}
                for each in self.state.readings
            ],
        }  # fmt: skip

    def teach(self) -> None:
        """Begin to teach.

        Raises:
            BusyError: there is a job already.
            InputError: nothing is corrected.
        """
        working = self._book.working
        if working.choice.output not in working.workspace.mets.groups:
            raise InputError("nothing is corrected yet")
        name = f"head-{self.state.teachings + 1}.npz"
        key = hashlib.sha256(str(working.choice.mets).encode()).hexdigest()[:12]
        task = {
            "mets": str(working.choice.mets), "group": working.choice.output,
            "unconfirmed": [list(key) for key in self._book.journal.unconfirmed()],
            "also": [[str(path), group] for path, group in self._options.also],
            "head": str(self._folder / HEADS / name), "current": self._path_of(self.state.head),
            "model": default_model(RECOGNITION),
            "name": f"correct-{key}", "threads": self._options.number_of_threads,
        }  # fmt: skip

        def done(result: dict[str, Any]) -> dict[str, Any]:
            head = name if result.get("isBetter") else self.state.head
            taught = self.state.teachings + ("missing" not in result)
            self._remember(replace(self.state, head=head, teachings=taught, taught=result))
            return result

        self._start(_TEACH, task, done)

    def read_on(self, pages: Sequence[str]) -> None:
        """Begin to read pages with the head in use; without one, by the default heads.

        Args:
            pages: the pages; none for all, which needs a head.

        Raises:
            BusyError: there is a job already.
            InputError: no head was taught, or there is no such page.
        """
        if not self.state.head and not pages:
            raise InputError("no head is in use: teach one first, or name pages")
        working = self._book.working
        unknown = set(pages) - set(working.pages)
        if unknown:
            raise InputError(f"there is no page {min(unknown)[:80]!r}")
        wanted = [page for page in working.pages if page in pages or not pages]
        wanted = [page for page in wanted if self._is_open(page)]
        if not wanted:
            raise InputError("all lines of these pages are corrected")
        number = working.next_reading()
        record = ReadingRecord(number, self.state.head, wanted, before=self._book.progress().error)
        task = {
            "mets": str(working.choice.mets), "groups": self._sources(wanted),
            "output": working.reading_group(number), "head": self._path_of(self.state.head),
            "threads": self._options.number_of_threads,
        }  # fmt: skip

        def done(result: dict[str, Any]) -> dict[str, Any]:
            return vars(self._finish_reading(record, result.get("failed", {}))) | {"pages": []}

        self._start(_READ, task, done, stopped=lambda: done({}), begin=lambda: self._add(record))

    def read_line(self, page: str, line: str) -> None:
        """Begin to read a line again, with the head in use or the default ones.

        Nothing changes in the book; what is read is told.

        Raises:
            BusyError: there is a job already.
            LineMissingError: there is no such line.
        """
        self._book.line(page, line)
        working = self._book.working
        corrected = working.is_corrected(page)
        task = {
            "mets": str(working.choice.mets), "page": page, "line": line,
            "group": working.choice.output if corrected else working.reading_group_of(page),
            "head": self._path_of(self.state.head), "threads": self._options.number_of_threads,
        }  # fmt: skip
        self._start(_LINE, task, lambda result: result)

    def _add(self, record: ReadingRecord) -> None:
        self._remember(replace(self.state, readings=[*self.state.readings, record]))

    def _is_open(self, page: str) -> bool:
        lines = self._book.index.page(page)
        return lines is None or any(not line.state for line in lines)

    def _sources(self, pages: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return the groups that pages are read from, with their pages."""
        working = self._book.working
        found: dict[str, list[str]] = {}
        for page in pages:
            corrected = working.is_corrected(page)
            group = working.choice.output if corrected else working.reading_group_of(page)
            found.setdefault(group, []).append(page)
        return list(found.items())

    def _path_of(self, head: str) -> str:
        return str(self._folder / HEADS / head) if head else ""

    def _start(
        self, kind: str, task: dict[str, Any], done: Callable[[dict[str, Any]], dict[str, Any]],
        stopped: Callable[[], Any] = lambda: None, begin: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        with self._lock:
            if self._job is not None:
                raise BusyError(f"wait for the end of this first, or stop it: {self._job[0]}")
            begin()
            job = BackgroundJob(_MODULES[kind], task, self._folder / LOG_FILE)
            self._job, self._told = (kind, job), {}
        self._publish("job", {"kind": kind, "begun": True})
        self._thread = threading.Thread(
            target=self._follow, args=(kind, job, done, stopped), name=kind, daemon=True
        )
        self._thread.start()

    def _follow(
        self, kind: str, job: BackgroundJob, done: Callable[[dict[str, Any]], dict[str, Any]],
        stopped: Callable[[], Any],
    ) -> None:  # fmt: skip
        event: dict[str, Any] = {"kind": kind}
        try:
            event["result"] = done(job.wait(lambda told: self._tell(kind, told)))
        except JobStoppedError:
            event["stopped"] = True
            with contextlib.suppress(OcrdRapidError, OSError):
                stopped()
        except (OcrdRapidError, OSError) as error:
            LOG.warning("%s: %s", kind, error)
            event["error"] = str(error)
            with contextlib.suppress(OcrdRapidError, OSError):
                stopped()
        finally:
            with self._lock:
                self._job = None
        self._publish("job", event)

    def _tell(self, kind: str, told: dict[str, Any]) -> None:
        with self._lock:
            self._told = told
        self._publish("job", {"kind": kind, **told})

    def stop(self) -> None:
        """Stop the job, if there is one; what it has read so far stays."""
        with self._lock:
            job = self._job
        if job is not None:
            job[1].stop()

    def close(self) -> None:
        """Stop the job, and wait for its end."""
        self.stop()
        if self._thread is not None:
            self._thread.join(30)

    def _finish_reading(self, record: ReadingRecord, failed: dict[str, str]) -> ReadingRecord:
        """Take over what was read into the pages with corrected lines; note what changed."""
        working = self._book.working
        with self._book.lock:
            working.refresh()
        changes = []
        for page in record.pages:
            with contextlib.suppress(OcrdRapidError):
                found = self._book.take_over(page)
                changes += [
                    {"page": page, "line": line, "before": before, "after": after}
                    for line, before, after in found
                ]
        path = self._changes_path(record.number)
        write_atomically(path, json.dumps(changes, ensure_ascii=False).encode("utf-8"))
        finished = replace(
            record, finished=True, changed=len(changes), failed=failed,
            after=self._book.progress().error,
        )  # fmt: skip
        others = [each for each in self.state.readings if each.number != record.number]
        self._remember(replace(self.state, readings=[*others, finished]))
        return finished

    def _changes_path(self, number: int) -> Path:
        return self._folder / f"changes-{number}.json"

    def changes(self, number: int) -> list[dict[str, str]]:
        """Return the lines that a reading changed.

        Raises:
            InputError: there is no such reading.
        """
        if number not in [record.number for record in self.state.readings]:
            raise InputError(f"there is no reading {number}")
        try:
            found: list[dict[str, str]] = json.loads(self._changes_path(number).read_bytes())
        except (OSError, ValueError):
            return []
        return found

    def undo_reading(self) -> ReadingRecord:
        """Undo the last reading as a whole; lines that were corrected since then stay.

        Raises:
            BusyError: there is a job.
            InputError: there is no reading.
        """
        with self._lock:
            if self._job is not None:
                raise BusyError(f"wait for the end of this first, or stop it: {self._job[0]}")
        if not self.state.readings:
            raise InputError("there is no reading to undo")
        record = self.state.readings[-1]
        with self._book.lock:
            self._book.working.remove_reading(record.number)
        for page in record.pages:
            with contextlib.suppress(OcrdRapidError):
                self._book.take_over(page)
        self._changes_path(record.number).unlink(missing_ok=True)
        self._remember(replace(self.state, readings=self.state.readings[:-1]))
        return record

    def keep_head(self, name: str, *, overwrite: bool) -> Path:
        """Install the head in use as a resource of the user's, and return its path.

        Raises:
            InputError: no head is in use, or the name is not allowed.
            OutputExistsError: there is one of this name.
        """
        from ..loading.by_name import request_by_name
        from ..ocr.recognition.head_files import read_head
        from ..training.head_installation import install_head, path_of_head

        if not self.state.head:
            raise InputError("no head is in use: teach one first")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
            raise InputError("a name has letters, digits, '.', '_' and '-', no mark first")
        model = request_by_name(RECOGNITION, engine="onnxruntime", threads=1).path
        if path_of_head(name, model).exists() and not overwrite:
            raise OutputExistsError(f"there is a head '{name}' already; choose another name")
        head = replace(read_head(Path(self._path_of(self.state.head))), name=name)
        return install_head(head, name, model)

    def _remember(self, state: SessionState) -> None:
        self.state = state
        write_state(self._folder / READINGS, state)

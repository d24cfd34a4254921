# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How far workspaces are: pages done, failed and left, errors to be expected, speed.

A book is a workspace, as this is about many of them. What is done is in the METS, and the text in
the PAGE-XML; what failed, and how long it took, is in the record of runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import InputError, OcrdRapidError
from ..evaluation.estimate import estimate_group
from ..files import natural_key
from ..workspace.contents import MetsAccess
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.workspace import Workspace
from .run_records import RunRecord, read_records
from .step import CORRECTION

_METS = "mets.xml"


@dataclass(frozen=True)
class FailedPage:
    """A page without output.

    Attributes:
        executable: the processor that failed.
        message: what it said.
    """

    executable: str
    message: str


@dataclass(frozen=True)
class BookReport:
    """How far a book is.

    Attributes:
        book: its path, as the user named it.
        group: the file group in which pages are counted; empty if nothing was written yet.
        pages: number of its pages.
        done: number of pages with output.
        failed: the pages without output of which a run recorded an error, by page ID.
        characters: number of characters with a confidence.
        errors: number of errors to be expected of them.
        timed: number of pages that runs recorded as processed.
        seconds: duration of these runs.
        problem: why the book cannot be read; empty if it can.
    """

    book: str
    group: str = ""
    pages: int = 0
    done: int = 0
    failed: Mapping[str, FailedPage] = field(default_factory=dict)
    characters: int = 0
    errors: float = 0.0
    timed: int = 0
    seconds: float = 0.0
    problem: str = ""

    @property
    def left(self) -> int:
        """The number of pages that no run came to."""
        return self.pages - self.done - len(self.failed)

    @property
    def error_rate(self) -> float | None:
        """The expected character error rate; ``None`` if no text has a confidence."""
        return self.errors / self.characters if self.characters else None

    @property
    def pages_per_minute(self) -> float | None:
        """The speed of a run; ``None`` if none is recorded."""
        return 60 * self.timed / self.seconds if self.timed and self.seconds else None


@dataclass(frozen=True)
class ProgressReport:
    """How far all books are."""

    books: Sequence[BookReport]

    @cached_property
    def total(self) -> BookReport:
        """The sums of all books."""
        books = self.books
        return BookReport(
            book=f"all ({len(books)})",
            pages=sum(book.pages for book in books),
            done=sum(book.done for book in books),
            failed={
                f"{book.book} {page}": why for book in books for page, why in book.failed.items()
            },
            characters=sum(book.characters for book in books),
            errors=sum(book.errors for book in books),
            timed=sum(book.timed for book in books),
            seconds=sum(book.seconds for book in books),
        )

    @property
    def any_failed(self) -> bool:
        """Whether a page failed, or a book cannot be read."""
        return bool(self.total.failed) or any(book.problem for book in self.books)


def find_books(path: Path) -> Iterator[Path]:
    """Yield the METS files of the workspaces in a folder and below it, in natural order.

    Args:
        path: a METS file, a workspace, or a folder with workspaces at any depth.

    Raises:
        InputError: there is none.
    """
    if path.is_file():
        yield path
        return
    found = False
    for folder, below, files in os.walk(path):
        below.sort(key=natural_key)
        if _METS in files:
            found = True
            below.clear()  # a workspace has no other in it
            yield Path(folder, _METS)
    if not found:
        what = f"no {_METS} in it, nor below it" if path.is_dir() else "it does not exist"
        raise InputError(f"{path}: {what}; name a workspace, or a folder of workspaces")


def report_book(mets: Path, *, group: str = "", estimating: bool = True) -> BookReport:
    """Return how far a book is; if it cannot be read, why.

    Args:
        mets: its METS file.
        group: the file group in which pages are counted; by default the one written last.
        estimating: whether to read all PAGE-XML for the errors to be expected.
    """
    book = str(mets.parent if mets.name == _METS else mets)
    try:
        workspace = Workspace.open(mets)
        return _report(book, workspace, group, estimating=estimating)
    except (OcrdRapidError, OSError) as error:
        return BookReport(book, problem=str(error))


def _report(book: str, workspace: Workspace, group: str, *, estimating: bool) -> BookReport:
    contents, records = workspace.mets, read_records(workspace.directory)
    counted = group or written_last(contents)
    pages = contents.pages
    there = {file.page_id for file in contents.files(counted)} if counted else set()
    done = [page for page in pages if page in there]
    failed = _failures(records, set(pages) - set(done))
    characters, errors = 0, 0.0
    text = written_last(contents, MIMETYPE_PAGE)
    if estimating and text:
        try:
            total = estimate_group(workspace, text).total
            characters, errors = total.length, total.errors
        except InputError:  # 'evaluate --estimate' says why
            pass
    return BookReport(
        book, counted, len(pages), len(done), failed, characters, errors,
        timed=sum(record.pages for record in records),
        seconds=sum(record.seconds for record in records if record.pages),
    )  # fmt: skip


def written_last(contents: MetsAccess, mimetype: str = "") -> str:
    """Return the file group that the last recorded step wrote files of pages to, empty if none.

    What people corrected does not count: these may be a few pages of many.

    Args:
        contents: the METS.
        mimetype: only files of this media type count; empty for all.
    """
    for agent in reversed(contents.agents()):
        if agent.name.startswith(CORRECTION):
            continue
        for group in agent.notes.get("output-file-grp", "").split(","):
            files = contents.files(group) if group else ()
            if any(file.page_id and mimetype in ("", file.mimetype) for file in files):
                return group
    return ""


def _failures(records: Sequence[RunRecord], missing: set[str]) -> dict[str, FailedPage]:
    """Return the last recorded errors of the pages that have no output."""
    found = {
        page: FailedPage(step.executable, message)
        for record in records
        for step in record.steps
        for page, message in step.failed.items()
        if page in missing
    }
    return dict(sorted(found.items(), key=lambda item: natural_key(item[0])))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A book that is being corrected: its pages and lines for the interface, and saving.

All methods may be called by several threads. One at a time changes anything.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from rapidfuzz.distance import Levenshtein

from ..correction.corrected_pages import correct_page
from ..correction.corrections import LineCorrection, one_line
from ..correction.machine_lines import give_back
from ..correction.turns import turn
from ..errors import CorrectionsError, InputError, OcrdRapidError
from ..evaluation.normalization import characters
from ..workspace.decoding import ImageStore
from ..workspace.ground_truth import LineState
from ..workspace.page import PageDocument
from ..workspace.xml import clean_text
from .book_progress import BookProgress, progress_of
from .correction_journal import Journal, JournalEntry
from .line_choice import LineOrder, default_order, lines_in_order
from .line_index import KnownLine, LineIndex, known_lines
from .line_pictures import PagePictures, PictureCache, pictures_of
from .page_view import LineView, PageView, base_of, page_view
from .session_folder import JOURNAL
from .working_pages import WorkingPages

LOG = logging.getLogger(__name__)

#: Most characters of a line.
LONGEST_TEXT = 10_000

#: Number of pages whose views are kept.
_VIEWS = 6


class LineMissingError(CorrectionsError):
    """There is no such page or line."""


class TextTooLongError(CorrectionsError):
    """A text is longer than that of a line can be."""


class LineConflictError(CorrectionsError):
    """A line is not what somebody saw any more.

    Attributes:
        line: what it is now.
    """

    def __init__(self, line: LineView) -> None:
        super().__init__(f"line {line['id']} was changed meanwhile; it is shown as it is now")
        self.line = line


@dataclass(frozen=True)
class SavedLine:
    """What a person says about a line.

    Attributes:
        line: its ID.
        text: its text; ignored in states without text.
        state: see `LineState`; empty to take back what was said before.
        base: `base_of` the line as the person saw it.
        confirmed: whether the person says that the line is done, and has not only left it.
    """

    line: str
    text: str
    state: str
    base: str
    confirmed: bool = True


class PageSummary(TypedDict):
    """A page in the list of pages; what is unknown as yet is ``None``."""

    id: str
    label: str
    lines: int | None
    corrected: int | None
    confidence: float | None
    problem: str


class OpenBook:
    """A book that is being corrected.

    Attributes:
        working: its pages.
        index: its lines.
        journal: what was done.
    """

    def __init__(self, working: WorkingPages, folder: Path) -> None:
        """Take the pages, and the folder for what is kept besides, see `session_folder`."""
        self.working = working
        self.index = LineIndex(working.pages)
        self.journal = Journal(folder / JOURNAL)
        self.lock = threading.RLock()
        self._known = set(working.pages)
        self._views: OrderedDict[str, tuple[tuple[str, int, int], PageView, str]] = OrderedDict()
        self._pictures = PictureCache()
        self._stopping = threading.Event()

    def look_at_all(self, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Look at all pages that nobody has looked at yet; ends early after `stop`.

        Args:
            tell: told the number of pages done, and of all.
        """
        total = len(self.working.pages)
        for page in self.index.missing:
            if self._stopping.is_set():
                return
            self._look_at(page)
            tell(total - len(self.index.missing), total)

    def stop(self) -> None:
        """Let `look_at_all` end."""
        self._stopping.set()

    def _look_at(self, page: str) -> None:
        with self.lock:
            if self.index.page(page) is not None:
                return
            try:
                self.index.set(page, known_lines(page, self.working.read(page)))
            except (OcrdRapidError, OSError) as error:
                LOG.warning("page %s cannot be corrected: %s", page, error)
                self.index.set_broken(page, str(error))

    def summaries(self) -> list[PageSummary]:
        """Return the list of pages, at once."""
        broken = self.index.broken
        return [self._summary(page, broken.get(page, "")) for page in self.working.pages]

    def _summary(self, page: str, problem: str) -> PageSummary:
        lines = self.index.page(page)
        summary: PageSummary = {
            "id": page, "label": self.working.labels.get(page, ""), "lines": None,
            "corrected": None, "confidence": None, "problem": problem,
        }  # fmt: skip
        if lines is not None:
            sure = [(line.length, line.confidence) for line in lines if line.confidence is not None]
            weight = sum(length for length, _ in sure)
            summary["lines"] = len(lines)
            summary["corrected"] = sum(bool(line.state) for line in lines)
            if weight:
                summary["confidence"] = sum(length * value for length, value in sure) / weight
        return summary

    def page(self, page: str) -> PageView:
        """Return a page.

        Raises:
            LineMissingError: there is no such page.
            InputError: it cannot be read.
        """
        view = self._view(page)[0]
        begun = self.journal.unconfirmed()
        lines: list[LineView] = [
            {**line, "confirmed": bool(line["state"]) and (page, line["id"]) not in begun}
            for line in view["lines"]
        ]
        return {**view, "lines": lines}

    def _view(self, page: str) -> tuple[PageView, str]:
        """Return a page, and the name of its image."""
        self._require(page)
        with self.lock:
            path = self.working.path(page)
            status = path.stat()
            key = str(path), status.st_mtime_ns, status.st_size
            known = self._views.get(page)
            if known is None or known[0] != key:
                document = self.working.read(page)
                view = page_view(page, self.working.labels.get(page, ""), document)
                known = key, view, document.image_filename
                self.index.set(page, known_lines(page, document))
            self._views[page] = known
            self._views.move_to_end(page)
            while len(self._views) > _VIEWS:
                self._views.popitem(last=False)
            return known[1], known[2]

    def _require(self, page: str) -> None:
        if page not in self._known:
            raise LineMissingError(f"there is no page {page[:80]!r}")

    def line(self, page: str, line: str) -> LineView:
        """Return a line; errors as of `page`."""
        for found in self.page(page)["lines"]:
            if found["id"] == line:
                return found
        raise LineMissingError(f"page {page} has no line {line[:80]!r} that can be corrected")

    def pictures(self, page: str) -> PagePictures:
        """Return the pictures of a page.

        Raises:
            LineMissingError: there is no such page.
            ImageError: its image cannot be read.
            InputError: it cannot be read itself.
        """
        self._require(page)

        def make() -> PagePictures:
            view, image = self._view(page)
            return pictures_of(view, image, ImageStore(self.working.workspace.directory))

        return self._pictures.get(page, make)

    def next_lines(self, order: LineOrder | None, count: int) -> tuple[LineOrder, list[KnownLine]]:
        """Return the next lines to correct, among the pages that were looked at.

        Args:
            order: their order; ``None`` for the default one.
            count: most lines.
        """
        every = list(self.index.lines())
        order = order or default_order(sum(bool(line.state) for line in every))
        return order, lines_in_order(every, order, count)

    def progress(self) -> BookProgress:
        """Return how far the book is."""
        working = self.working
        return progress_of(
            self.index.lines(),
            self.journal,
            lambda page: working.number_of(working.reading_group_of(page)),
        )

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Let nobody else change corrected pages; what others did until now is known then."""
        with self.lock, turn(self.working.workspace) as outdated:
            if outdated:
                self.working.refresh(readings=False)
            yield

    def save(self, page: str, lines: Sequence[SavedLine]) -> list[LineView]:
        """Save what a person says about lines of a page: all of them or none.

        All is on the disk when this returns.

        Raises:
            LineMissingError: there is no such page or line.
            LineConflictError: a line is not what the person saw.
            TextTooLongError: a text is too long.
            InputError: a state or a text is not allowed.
            OSError: it cannot be written; all stays as it was.
        """
        wanted = {line.line: _checked(line) for line in lines}
        with self._turn():
            before = {name: self.line(page, name) for name in wanted}
            for name, view in before.items():
                if view["base"] != wanted[name].base:
                    raise LineConflictError(view)
            document = self.working.read(page)
            said = [self._correction(before[name], line) for name, line in wanted.items()]
            correct_page(document, [correction for correction in said if correction is not None])
            withdrawn = [name for name, line in wanted.items() if not line.state]
            if withdrawn:
                give_back(document, self.working.read_machine(page), withdrawn)
            self.working.write(page, document)
            self._views.pop(page, None)
            self._view(page)
            self._note(page, wanted.values())
            now = self.page(page)
        return [found for found in now["lines"] if found["id"] in wanted]

    def _correction(self, view: LineView, line: SavedLine) -> LineCorrection | None:
        if not line.state:
            return None
        return LineCorrection(line.line, view["text"], line.text, LineState(line.state))

    def _note(self, page: str, lines: Iterable[SavedLine]) -> None:
        """Write into the journal what was done."""
        known = {line.id: line for line in self.index.page(page) or ()}
        reading = self.working.number_of(self.working.reading_group_of(page))
        for line in lines:
            found = known.get(line.line)
            if found is not None:
                observed = Levenshtein.distance(characters(found.read), characters(found.text))
                entry = JournalEntry(
                    time.time(), page, line.line, line.state, reading,
                    round(found.read_errors, 3), observed if line.state else 0, line.confirmed,
                )  # fmt: skip
                self.journal.append(entry)

    def restructure(self, page: str, change: Callable[[PageDocument], object]) -> PageView:
        """Change what lines a page has, and return it.

        Raises:
            LineMissingError: there is no such page.
            CorrectionsError: it cannot be done.
            OSError: it cannot be written; all stays as it was.
        """
        self._require(page)
        with self._turn():
            document = self.working.read(page)
            change(document)
            self.working.write(page, document)
            self._views.pop(page, None)
            self._pictures.drop(page)
            return self.page(page)

    def take_over(self, page: str) -> list[tuple[str, str, str]]:
        """Give the lines of a page that nobody has corrected what was read there last.

        Returns:
            The lines with another text than before: ID, text before, text now.
        """
        self._require(page)
        with self._turn():
            known = self.index.page(page) or ()
            before = {line.id: line.text for line in known if not line.state}
            document = self.working.read(page)
            if self.working.is_corrected(page):
                left = [line.id for line in known_lines(page, document) if not line.state]
                if give_back(document, self.working.read_machine(page), left):
                    self.working.write(page, document)
            now = known_lines(page, document)
            self.index.set(page, now)
            self._views.pop(page, None)
        return [
            (line.id, before[line.id], line.text)
            for line in now
            if line.id in before and before[line.id] != line.text
        ]


def _checked(line: SavedLine) -> SavedLine:
    """Return what a person says in its normal form.

    Raises:
        TextTooLongError, InputError: see `OpenBook.save`.
    """
    if len(line.text) > LONGEST_TEXT:
        raise TextTooLongError(f"the text of a line has at most {LONGEST_TEXT} characters")
    states = ["", *(state.value for state in LineState)]
    if line.state not in states:
        raise InputError(f"state: one of {', '.join(states[1:])}, or none, not '{line.state:.40}'")
    if clean_text(line.text) != line.text:
        raise InputError("the text has control characters")
    text = one_line(line.text)
    if line.state and LineState(line.state).has_text and not text:
        raise InputError(f"a line that is {line.state} has text")
    return replace(line, text=text if line.state and LineState(line.state).has_text else "")


def seen(line: KnownLine) -> Mapping[str, str]:
    """Return a line for lists: page, ID, text, state and `base_of`."""
    return {
        "page": line.page,
        "line": line.id,
        "text": line.text,
        "state": line.state,
        "base": base_of(line.text, line.state),
    }

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The PAGE-XML of the pages of a book that is being corrected: what is read, what is written.

A page with corrections is in the output group. Any other is in the newest reading: the last of the
groups ``OUTPUT-READ-1``, ``OUTPUT-READ-2``, … that has it, which *Read on* writes, or the input
group. Input and readings are never changed.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..correction.group_files import CorrectedFiles, GroupFiles, correction_step, recorded
from ..errors import CorrectionsError, InputError, MetsError, UsageError
from ..files import replace_together
from ..runtime.step import CORRECTION
from ..workspace.contents import MetsFile
from ..workspace.ground_truth import has_changed_layout, has_corrected_lines, has_ground_truth
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.page import PageDocument
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace

LOG = logging.getLogger(__name__)

#: Between the name of the output group and the number of a reading.
_READ = "-READ-"


@dataclass(frozen=True)
class BookChoice:
    """What is corrected.

    Attributes:
        mets: the METS file.
        group: the file group that was read.
        output: the file group of what people wrote.
        pages: expression of ``--page-id``; empty for all pages.
    """

    mets: Path
    group: str
    output: str
    pages: str = ""


class WorkingPages:
    """The pages of a book that is being corrected; callers keep threads apart.

    Attributes:
        choice: what is corrected.
        workspace: the workspace, opened anew by `refresh`.
        pages: the IDs of the pages, in their order.
    """

    def __init__(self, choice: BookChoice) -> None:
        """Open the workspace.

        Raises:
            MetsError: the METS is missing or broken, or lacks the group.
            UsageError: the expression selects no page, or one group is read and written.
            InputError: the group has no pages.
        """
        self.choice = choice
        self._ours: set[str] = set()
        self.refresh()
        self._adopt()

    def refresh(self, *, readings: bool = True) -> None:
        """Open the workspace anew, after another process has changed it.

        Args:
            readings: whether new readings count from now on; one that is under way shall not.
        """
        choice = self.choice
        if choice.group == choice.output:
            raise UsageError(
                f"file group {choice.group} would be read and written, but what was read stays;"
                " name another one with -I or -O"
            )
        self.workspace = Workspace.open(choice.mets)
        self._base = GroupFiles(self.workspace, choice.group)
        self._made = CorrectedFiles(self._base, choice.output)
        self._step = correction_step(choice.group, choice.output)
        if readings:
            groups = self.workspace.mets.groups
            numbers = sorted(filter(None, (self.number_of(group) for group in groups)))
            self._readings = [
                GroupFiles(self.workspace, self.reading_group(number)) for number in numbers
            ]
            self._listed = [set(reading.pages) for reading in self._readings]
        structure = self.workspace.mets.structure()
        known = set(self._base.pages)
        selected = select_pages(choice.pages or None, structure)
        self.pages = [page for page in selected if page in known]
        self.labels = {page.id: page.orderlabel or page.label for page in structure.pages}
        if not self.pages:
            raise InputError(f"file group {choice.group} has none of the pages")

    def number_of(self, group: str) -> int:
        """Return the number of a reading by the name of its group; 0 for other groups."""
        found = re.fullmatch(re.escape(self.choice.output + _READ) + r"([1-9][0-9]{0,5})", group)
        return int(found[1]) if found else 0

    def reading_group(self, number: int) -> str:
        """Return the name of the group of a reading."""
        return f"{self.choice.output}{_READ}{number}"

    def next_reading(self) -> int:
        """Return the number of the next reading."""
        return max((self.number_of(reading.group) for reading in self._readings), default=0) + 1

    def reading_group_of(self, page: str) -> str:
        """Return the group of the newest reading of a page."""
        for reading, listed in zip(reversed(self._readings), reversed(self._listed), strict=True):
            if page in listed:
                return reading.group
        return self._base.group

    def _reading(self, page: str) -> GroupFiles:
        group = self.reading_group_of(page)
        return next((found for found in self._readings if found.group == group), self._base)

    def is_corrected(self, page: str) -> bool:
        """Return whether a page is in the output group."""
        return self._made.made(page) is not None

    def path(self, page: str) -> Path:
        """Return the path of the PAGE-XML of a page, as it is now.

        Raises:
            CorrectionsError: there is no local PAGE-XML.
        """
        file = self._made.made(page) or self._reading(page).file(page)
        return self.workspace.local_path(file.path)

    def read(self, page: str) -> PageDocument:
        """Return a page as it is now.

        Raises:
            CorrectionsError: there is no local PAGE-XML.
            PageXmlError: it is missing or broken.
        """
        return self.workspace.read_page(self._made.made(page) or self._reading(page).file(page))

    def read_machine(self, page: str) -> PageDocument:
        """Return what was read on a page last; errors as of `read`."""
        return self._reading(page).read(page)

    def write(self, page: str, document: PageDocument) -> None:
        """Write a corrected page, whole and on the disk, before this returns.

        A page on which nobody says anything any more, and which says what the machine read, leaves
        the output group: a page there without marks would count as corrected as a whole.

        Raises:
            CorrectionsError: somebody else made the page in the output group, without marks of what
                people corrected: all of it may be theirs.
            OSError: it cannot be written; all stays as it was.
        """
        made = self._made.made(page)
        if made is not None:
            self._require_marks(page, made)
        corrected = has_corrected_lines(document.text_regions())
        if not corrected and self._is_as_read(page, document):
            if made is not None:
                self.workspace.mets.remove_file(made.id, self.choice.output)
                self.workspace.save()
                self.workspace.delete_file(made.path)
                self._made.note(page, None)
            return
        file = made or self._made.new(page)
        data = recorded(document, self._step, file)
        replace_together([(self.workspace.path_to_write(file.path), data)])
        if made is None:
            self._enter([file])

    def _require_marks(self, page: str, made: MetsFile) -> None:
        """Check that a page in the output group tells what people corrected, or is ours."""
        if page in self._ours:
            return
        document = self.workspace.read_page(made)
        ours = any(step.executable == CORRECTION for step in document.processing_steps())
        if not ours and not has_ground_truth(document.text_regions()):
            raise CorrectionsError(
                f"page {page} in file group {self.choice.output} has no marks of what people"
                " corrected, so all of it may be theirs, and stays; write to another group with -O"
            )
        self._ours.add(page)

    def _is_as_read(self, page: str, document: PageDocument) -> bool:
        """Return whether a page has the regions, lines and texts of a machine.

        A reading of lines that a person had made has them from there, and ends with its undoing.
        """
        reading = self.read_machine(page)
        if has_changed_layout(reading.text_regions()):
            return False
        ours, theirs = (
            [
                (region.id, region.element.get("type"), line.id, line.transcript)
                for region in each.text_regions()
                for line in region.lines
            ]
            for each in (document, reading)
        )
        return ours == theirs

    def _enter(self, files: Sequence[MetsFile]) -> None:
        mets = self.workspace.mets
        for file in files:
            mets.add_file(file)
        agent = self._step.agent()
        if agent not in mets.agents():
            mets.add_agent(agent)
        try:
            self.workspace.save()
        except BaseException:
            self.refresh()  # what the METS on the disk lacks is not there
            raise
        for file in files:
            self._made.note(file.page_id, file)

    def _adopt(self) -> None:
        """Enter pages in the METS whose files were written before a process was killed."""
        found = []
        for page in self.pages:
            if self._made.made(page) is None:
                file = self._made.new(page)
                path = self.workspace.local_path(file.path)
                if path.is_file() and self._belongs(page, file):
                    found.append(file)
        if found:
            LOG.info("%s: %d pages of a killed run are entered", self.choice.output, len(found))
            self._enter(found)

    def _belongs(self, page: str, file: MetsFile) -> bool:
        """Return whether a file is a corrected page, and that of the same image."""
        with contextlib.suppress(InputError):
            document = self.workspace.read_page(file)
            image = self._base.read(page).image_filename
            same = document.image_filename == image and document.pcgts_id == file.id
            return same and has_ground_truth(document.text_regions())
        return False

    def remove_reading(self, number: int) -> None:
        """Remove a reading from the METS and from the disk."""
        group = self.reading_group(number)
        mets = self.workspace.document
        if group not in mets.groups:
            return
        files = list(mets.files(group))
        for file in files:
            mets.remove_file(file.id, group)
        mets.remove_group(group)
        self.workspace.save()
        for file in files:
            self.workspace.delete_file(file.path)
        self.refresh()


def default_group(workspace: Workspace, output: str) -> str:
    """Return the newest file group with lines of text.

    Raises:
        InputError: there is none; the message names the groups.
    """
    groups = [group for group in workspace.mets.groups if group != output]
    own = re.compile(re.escape(output + _READ) + r"[0-9]+")
    for group in reversed([group for group in groups if not own.fullmatch(group)]):
        if _has_lines(workspace, group):
            return group
    known = ", ".join(groups) or "none"
    raise InputError(
        f"no file group of {workspace.directory} has lines with text (it has: {known});"
        " read the book with ocrd-rapid process, or name a group with -I"
    )


def _has_lines(workspace: Workspace, group: str) -> bool:
    """Return whether one of the first pages of a group has a line with text."""
    files = [file for file in workspace.files(group) if file.mimetype == MIMETYPE_PAGE]
    for file in files[:5]:
        with contextlib.suppress(InputError, OSError, MetsError, CorrectionsError):
            regions = workspace.read_page(file).text_regions()
            if any(line.transcript for region in regions for line in region.lines):
                return True
    return False

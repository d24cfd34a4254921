# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Corrections go into the pages of a workspace: all of them, or none."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CorrectionsError
from ..files import read_regular, replace_together
from ..runtime.inputs import choose
from ..runtime.step import CORRECTION, Step
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.naming import OutputNames
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace, require_group
from .corrected_pages import correct_page, pending, problems
from .corrections import Corrections, PageCorrections

LOG = logging.getLogger(__name__)

#: The kind of the step in METS and PAGE-XML.
_STEP = "recognition/post-correction"

#: Most problems that a message names.
_NAMED = 5


@dataclass(frozen=True)
class AppliedPage:
    """What became of the corrections of a page.

    Attributes:
        page_id: the page.
        file: the entry of the PAGE-XML that has them.
        lines: number of lines that were written.
        before: number of lines that it had already.
    """

    page_id: str
    file: MetsFile
    lines: int
    before: int


@dataclass(frozen=True)
class _Change:
    """A page to write."""

    applied: AppliedPage
    data: bytes = b""
    is_new: bool = False


def apply_corrections(
    workspace: Workspace, corrections: Corrections, output: str, *,
    group: str = "", overwrite: bool = False,
) -> list[AppliedPage]:  # fmt: skip
    """Write corrections into a file group, after checking all of them.

    A page that the group has already is changed there, so corrections of several people and days
    come together; any other comes from the file group that was read. No file gets its name before
    all are on the disk, and the METS is saved last. If the process is killed between two names,
    each page is whole, and the same corrections again do what is left.

    Args:
        workspace: the workspace.
        corrections: the corrections.
        output: the file group to write to.
        group: the file group that was read; by default that of the corrections.
        overwrite: whether what another person wrote is replaced.

    Raises:
        CorrectionsError: some of them do not fit; nothing is written then.
        MetsError: there is no such file group, or its name is not allowed.
        OSError: the files cannot be written; those that were there stay.
    """
    source = group or corrections.group
    step = Step(CORRECTION, _STEP, source, output)
    files = GroupFiles(workspace, source)
    targets = _Targets(files, output)
    changes, said = [], []
    for page in corrections.pages:
        try:
            changes.append(_change(files, targets, step, page, overwrite=overwrite))
        except CorrectionsError as error:
            said.append(f"page {page.page_id}: {error}")
    if said:
        more = f"; and {len(said) - _NAMED} more pages" if len(said) > _NAMED else ""
        raise CorrectionsError(f"nothing was applied: {'; '.join(said[:_NAMED])}{more}")
    written = [change for change in changes if change.data]
    if written:
        paths = [workspace.path_to_write(change.applied.file.path) for change in written]
        replace_together(zip(paths, (change.data for change in written), strict=True))
        for change in written:
            if change.is_new:
                workspace.mets.add_file(change.applied.file)
        agent = step.agent()
        if agent not in workspace.mets.agents():
            workspace.mets.add_agent(agent)
        workspace.save()
    return [change.applied for change in changes]


class GroupFiles:
    """The PAGE-XML of the pages in a file group."""

    def __init__(self, workspace: Workspace, group: str) -> None:
        """Find the files.

        Raises:
            MetsError: there is no such file group.
        """
        require_group(workspace.mets, group)
        self.workspace, self.group = workspace, group
        self._files = workspace.files_by_page(group)

    @property
    def pages(self) -> list[str]:
        """The IDs of the pages that have files."""
        return list(self._files)

    @property
    def first(self) -> dict[str, MetsFile]:
        """The first file of each page."""
        return {page: files[0] for page, files in self._files.items()}

    def file(self, page: str) -> MetsFile:
        """Return the PAGE-XML of a page.

        Raises:
            CorrectionsError: there is none.
        """
        if page not in self._files:
            raise CorrectionsError(f"it is not in file group {self.group}")
        return _page_xml(self.group, page, self._files[page])

    def read(self, page: str) -> PageDocument:
        """Return the document of a page."""
        return self.workspace.read_page(self.file(page))

    def sha256(self, page: str) -> str:
        """Return the hash of the PAGE-XML of a page."""
        path = self.workspace.local_path(self.file(page).path)
        return hashlib.sha256(read_regular(path)).hexdigest()


class _Targets:
    """The files of the group to write: those of pages that it has, and names for the others."""

    def __init__(self, files: GroupFiles, output: str) -> None:
        self._workspace, self._output = files.workspace, output
        mets = files.workspace.mets
        self._made = files.workspace.files_by_page(output) if output in mets.groups else {}
        names = OutputNames(mets, files.workspace.directory)
        self._ids = names.assign(files.first, files.group, output)

    def made(self, page: str) -> MetsFile | None:
        """Return the PAGE-XML that a page has, if any."""
        found = self._made.get(page)
        return None if found is None else _page_xml(self._output, page, found)

    def new(self, page: str) -> MetsFile:
        """Return an entry for a page that has none."""
        return self._workspace.page_entry(self._output, self._ids[page], page)


def _page_xml(group: str, page: str, files: Sequence[MetsFile]) -> MetsFile:
    file = choose(group, page, files)
    if file.mimetype != MIMETYPE_PAGE or not file.path:
        raise CorrectionsError(f"there is no local PAGE-XML in file group {group}")
    return file


def _change(
    files: GroupFiles, targets: _Targets, step: Step, page: PageCorrections, *, overwrite: bool
) -> _Change:
    """Return what has to be written for a page.

    Raises:
        CorrectionsError: its corrections do not fit.
    """
    source, made = files.file(page.page_id), targets.made(page.page_id)
    same = made is None or made == source
    document = files.workspace.read_page(made or source)
    left = pending(document, page.lines)
    file = made or targets.new(page.page_id)
    applied = AppliedPage(page.page_id, file, len(left), len(page.lines) - len(left))
    if not left:
        return _Change(applied)
    if files.sha256(page.page_id) != page.sha256:
        raise CorrectionsError(
            "it has changed since the view was written, or is that of another workspace; correct"
            " it in a new view"
        )
    said = list(problems(document, left, seen=same, overwrite=overwrite))
    if said:
        more = f" and {len(said) - _NAMED} more lines" if len(said) > _NAMED else ""
        raise CorrectionsError(f"{', '.join(said[:_NAMED])}{more}")
    correct_page(document, left)
    steps = document.processing_steps()
    if not steps or steps[-1].executable != CORRECTION:
        document.add_processing_step(step.record({}))
    document.pcgts_id = file.id
    return _Change(applied, document.to_bytes(), is_new=made is None)

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
from ..runtime.step import Step
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.naming import OutputNames
from ..workspace.workspace import Workspace, require_group
from .corrected_pages import correct_page, pending, problems
from .corrections import Corrections, PageCorrections

LOG = logging.getLogger(__name__)

#: The name and the kind of the step in METS and PAGE-XML.
EXECUTABLE, STEP = "ocrd-rapid-correct", "recognition/post-correction"

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
    step = Step(EXECUTABLE, STEP, source, output)
    files = _Files(workspace, source, output)
    changes, said = [], []
    for page in corrections.pages:
        try:
            changes.append(_change(files, step, page, overwrite=overwrite))
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


class _Files:
    """The files of the pages in the groups that are read and written."""

    def __init__(self, workspace: Workspace, source: str, output: str) -> None:
        require_group(workspace.mets, source)
        self.workspace = workspace
        self.group, self.output = source, output
        self._read = self._by_page(source)
        self._made = self._by_page(output) if output in workspace.mets.groups else {}
        firsts = {page: files[0] for page, files in self._read.items()}
        self._ids = OutputNames(workspace.mets, workspace.directory).assign(firsts, source, output)

    def _by_page(self, group: str) -> dict[str, list[MetsFile]]:
        found: dict[str, list[MetsFile]] = {}
        for file in self.workspace.files(group):
            if file.page_id:
                found.setdefault(file.page_id, []).append(file)
        return found

    def source(self, page: str) -> MetsFile:
        """Return the PAGE-XML that was read."""
        if page not in self._read:
            raise CorrectionsError(f"it is not in file group {self.group}")
        return self._page_xml(self.group, page, self._read[page])

    def made(self, page: str) -> MetsFile | None:
        """Return the PAGE-XML in the group to write, if there is any."""
        if page not in self._made:
            return None
        return self._page_xml(self.output, page, self._made[page])

    def new(self, page: str) -> MetsFile:
        """Return the entry of PAGE-XML in the group to write."""
        return self.workspace.page_entry(self.output, self._ids[page], page)

    def _page_xml(self, group: str, page: str, files: Sequence[MetsFile]) -> MetsFile:
        file = choose(group, page, files)
        if file.mimetype != MIMETYPE_PAGE or not file.path:
            raise CorrectionsError(f"there is no local PAGE-XML in file group {group}")
        return file


def _change(files: _Files, step: Step, page: PageCorrections, *, overwrite: bool) -> _Change:
    """Return what has to be written for a page.

    Raises:
        CorrectionsError: its corrections do not fit.
    """
    workspace, source = files.workspace, files.source(page.page_id)
    made = files.made(page.page_id)
    same = made is None or made == source
    document = workspace.read_page(made or source)
    left = pending(document, page.lines)
    file = made or files.new(page.page_id)
    applied = AppliedPage(page.page_id, file, len(left), len(page.lines) - len(left))
    if not left:
        return _Change(applied)
    if _hash(workspace, source) != page.sha256:
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
    if not steps or steps[-1].executable != EXECUTABLE:
        document.add_processing_step(step.record({}))
    document.pcgts_id = file.id
    return _Change(applied, document.to_bytes(), is_new=made is None)


def _hash(workspace: Workspace, file: MetsFile) -> str:
    return hashlib.sha256(read_regular(workspace.local_path(file.path))).hexdigest()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Corrections go into the pages of a workspace: all of them, or none."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ..errors import CorrectionsError
from ..files import replace_together
from ..runtime.step import Step
from ..workspace.contents import MetsFile
from ..workspace.workspace import Workspace
from .corrected_pages import correct_page, pending, problems
from .corrections import Corrections, PageCorrections
from .group_files import CorrectedFiles, GroupFiles, correction_step, recorded
from .turns import turn

LOG = logging.getLogger(__name__)

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
        StorageError: somebody else is writing corrections, and takes longer than a minute.
        OSError: the files cannot be written; those that were there stay.
    """
    with turn(workspace) as outdated:
        if outdated:
            workspace = Workspace.open(workspace.mets_path, workspace.directory)
        return _applied(workspace, corrections, output, group, overwrite=overwrite)


def _applied(
    workspace: Workspace, corrections: Corrections, output: str, group: str, *, overwrite: bool
) -> list[AppliedPage]:
    """See `apply_corrections`; nobody else writes corrections meanwhile."""
    source = group or corrections.group
    step = correction_step(source, output)
    files = GroupFiles(workspace, source)
    targets = CorrectedFiles(files, output)
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


def _change(
    files: GroupFiles,
    targets: CorrectedFiles,
    step: Step,
    page: PageCorrections,
    *,
    overwrite: bool,
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
    return _Change(applied, recorded(document, step, file), is_new=made is None)

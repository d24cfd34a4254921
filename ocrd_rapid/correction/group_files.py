# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The PAGE-XML of the pages to correct, and of those with corrections."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..errors import CorrectionsError
from ..files import read_regular
from ..runtime.inputs import choose
from ..runtime.step import CORRECTION, Step
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.naming import OutputNames
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace, require_group

#: The kind of the step in METS and PAGE-XML.
_STEP = "recognition/post-correction"


def correction_step(group: str, output: str) -> Step:
    """Return the step that METS and PAGE-XML record for corrections.

    Args:
        group: the file group that people saw.
        output: the one with what they wrote.
    """
    return Step(CORRECTION, _STEP, group, output)


def recorded(document: PageDocument, step: Step, file: MetsFile) -> bytes:
    """Return the content of the file of a corrected page, with the record of the step, once."""
    steps = document.processing_steps()
    if not steps or steps[-1].executable != CORRECTION:
        document.add_processing_step(step.record({}))
    document.pcgts_id = file.id
    return document.to_bytes()


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


class CorrectedFiles:
    """The files of the group to write: those of pages that it has, and names for the others."""

    def __init__(self, files: GroupFiles, output: str) -> None:
        """Find the files of a group to write, for the pages of another."""
        self._workspace, self._output = files.workspace, output
        mets = files.workspace.mets
        self._made = files.workspace.files_by_page(output) if output in mets.groups else {}
        names = OutputNames(mets, files.workspace.directory)
        self._ids = names.assign(files.first, files.group, output)

    @property
    def pages(self) -> list[str]:
        """The IDs of the pages that have files."""
        return list(self._made)

    def made(self, page: str) -> MetsFile | None:
        """Return the PAGE-XML that a page has, if any."""
        found = self._made.get(page)
        return None if found is None else _page_xml(self._output, page, found)

    def note(self, page: str, file: MetsFile | None) -> None:
        """Note that a page has a file now, or none any more."""
        if file is not None:
            self._made[page] = [file]
        else:
            self._made.pop(page, None)

    def new(self, page: str) -> MetsFile:
        """Return an entry for a page that has none."""
        return self._workspace.page_entry(self._output, self._ids[page], page)


def _page_xml(group: str, page: str, files: Sequence[MetsFile]) -> MetsFile:
    file = choose(group, page, files)
    if file.mimetype != MIMETYPE_PAGE or not file.path:
        raise CorrectionsError(f"there is no local PAGE-XML in file group {group}")
    return file

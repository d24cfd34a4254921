# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pages to export, their order, and the names of their files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, MetsError, UsageError
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group

#: Characters that are not allowed in file names, here or on other systems.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]')


@dataclass(frozen=True)
class PageSource:
    """A page to export.

    Attributes:
        name: the name of the page, for messages and for its file.
        file: the path of its PAGE-XML; ``None`` if it is only on the web.
    """

    name: str
    file: Path | None

    def path(self) -> Path:
        """Return the path of the file.

        Raises:
            InputError: the file is only on the web.
        """
        if self.file is None:
            raise InputError(
                f"page {self.name}: its PAGE-XML is only on the web;"
                " fetch it and enter its local path in the METS"
            )
        return self.file


def sources_of_group(
    workspace: Workspace, group: str, expression: str | None
) -> tuple[list[PageSource], list[str]]:
    """Return the pages of a file group in the order of the book, and those that it lacks.

    Args:
        workspace: the workspace with the group.
        group: the file group.
        expression: the value of ``--page-id``; ``None`` or empty for all files, even those without
            a page.

    Returns:
        The pages with PAGE-XML in the group, and the IDs of the selected pages without.

    Raises:
        MetsError: the group does not exist, or has no PAGE-XML of the pages.
        UsageError: the expression selects no page.
    """
    require_group(workspace.mets, group)
    structure = workspace.mets.structure()
    selected = set(select_pages(expression, structure))
    pages = [page for page in structure.reading_order if page in selected]
    files = [file for file in workspace.files(group) if file.mimetype == MIMETYPE_PAGE]
    by_page: dict[str, list[MetsFile]] = {page: [] for page in pages}
    loose = []
    for file in files:
        if file.page_id in by_page:
            by_page[file.page_id].append(file)
        elif not expression:
            loose.append(file)
    chosen = [file for page in pages for file in by_page[page]] + loose
    if not chosen:
        what = f"of the pages {expression} " if files else ""
        raise MetsError(
            f"file group '{group}' has no PAGE-XML {what}to export;"
            f" give the output of ocrd-rapid-recognize (file groups:"
            f" {', '.join(workspace.mets.groups)})"
        )
    lacking = [page for page in pages if not by_page[page]] if expression else []
    return [
        PageSource(file.page_id or file.id, _local(workspace, file)) for file in chosen
    ], lacking


def names_of_files(sources: Sequence[PageSource], suffix: str) -> list[str]:
    """Return the names of the files to write pages to, one for each page.

    Raises:
        UsageError: two pages would have the same name.
    """
    names: dict[str, PageSource] = {}
    for source in sources:
        name = _NOT_IN_NAMES.sub("_", source.name) + suffix
        other = names.setdefault(name.casefold(), source)
        if other is not source:
            raise UsageError(
                f"'{other.name}' and '{source.name}' ({other.file}, {source.file}) would both be"
                f" written to {name}; export them separately, to different directories"
            )
    return [_NOT_IN_NAMES.sub("_", source.name) + suffix for source in sources]


def _local(workspace: Workspace, file: MetsFile) -> Path | None:
    return workspace.local_path(file.path) if file.path else None

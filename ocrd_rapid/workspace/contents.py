# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The contents of a METS, wherever it is kept: files, agents, pages, logical divisions.

`MetsAccess` is what the rest of the program uses; `ocrd_rapid.workspace.mets.Mets` is a document
in memory, `ocrd_rapid.workspace.mets_server.MetsServer` one held by OCR-D's METS server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .file_locations import checked


@dataclass(frozen=True, slots=True)
class MetsFile:
    """A file that the METS lists.

    Attributes:
        id: its ID, unique in a sound METS.
        group: the file group it is in.
        page_id: the physical page it belongs to; empty if none. A file that belongs to several
            pages is described once for each.
        mimetype: its media type.
        path: local path as written, relative to the workspace; empty if there is none. See
            `ocrd_rapid.workspace.file_locations.local_path`.
        url: remote address; empty if there is none.
        of_work: whether it belongs to the work as a whole, as one PDF of all pages does: a
            ``mets:fptr`` of the top ``mets:div`` of the physical structure names it.
    """

    id: str
    group: str
    page_id: str
    mimetype: str
    path: str
    url: str = ""
    of_work: bool = False


@dataclass(frozen=True)
class Agent:
    """A processing step in the header of the METS.

    Attributes:
        name: executable and version, such as ``ocrd-rapid-detect v0.1.0``.
        role: the step in OCR-D's vocabulary, such as ``layout/segmentation/line``.
        notes: ``input-file-grp``, ``output-file-grp``, ``parameter`` (JSON text), ``page-id``.
    """

    name: str
    role: str
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PhysicalPage:
    """A page of the physical structure, with the attributes of its ``mets:div``."""

    id: str
    order: str = ""
    orderlabel: str = ""
    label: str = ""
    contentids: str = ""


@dataclass(frozen=True)
class LogicalDivision:
    """A division of the logical structure (chapter, article …).

    Attributes:
        pages: IDs of the physical pages that belong to it by ``mets:smLink``.
        level: depth in the structure, from 1.
    """

    id: str
    dmdid: str = ""
    type: str = ""
    label: str = ""
    pages: tuple[str, ...] = ()
    level: int = 1


@dataclass(frozen=True)
class Structure:
    """The structure of a work: its pages as the METS lists them, and its logical divisions.

    Attributes:
        title: the title of the work by its description (MODS); empty if there is none.
    """

    pages: tuple[PhysicalPage, ...] = ()
    divisions: tuple[LogicalDivision, ...] = ()
    title: str = ""

    @property
    def reading_order(self) -> list[str]:
        """The IDs of the pages in the order of reading: by ORDER, where every page has a number.

        Viewers (DFG viewer, Kitodo) do the same; core, and everything that counts pages, follows
        the list.
        """
        orders = [page.order.strip() for page in self.pages]
        if not all(re.fullmatch(r"[0-9]{1,18}", order) for order in orders):
            return [page.id for page in self.pages]
        numbered = sorted(zip(map(int, orders), self.pages, strict=True), key=lambda pair: pair[0])
        return [page.id for _, page in numbered]


def checked_file(file: MetsFile) -> MetsFile:
    """Return an entry made by somebody else unchanged, if all of it is text.

    Its IDs may still be impossible as file names (see `ocrd_rapid.workspace.ids.xml_id`), and its
    path may lead anywhere.

    Raises:
        MetsError: it contains control characters.
    """
    checked(file.id, "file ID")
    where = f"file {file.id[:60]}"
    checked(file.group, f"{where}: file group")
    checked(file.page_id, f"{where}: page ID")
    checked(file.mimetype, f"{where}: media type")
    checked(file.path, f"{where}: path")
    checked(file.url, f"{where}: URL")
    return file


class MetsAccess(Protocol):
    """Access to the contents of a METS. Changes last once `Workspace.save` has run."""

    @property
    def pages(self) -> list[str]:
        """The IDs of the physical pages, in their order."""
        ...

    @property
    def groups(self) -> list[str]:
        """The names of the file groups."""
        ...

    def files(self, group: str) -> Iterator[MetsFile]:
        """Yield the files of a group in their order."""
        ...

    def file(self, identifier: str, group: str = "") -> MetsFile | None:
        """Return the file with this ID (of this group), the first if there are several."""
        ...

    def structure(self) -> Structure:
        """Return the pages with their attributes, and the logical divisions."""
        ...

    def add_file(self, file: MetsFile) -> None:
        """Add a file, and its group and page if they are new; replace a file of the same ID.

        Raises:
            MetsError: an ID is not allowed.
        """
        ...

    def set_path(self, identifier: str, path: str, group: str = "") -> None:
        """Enter the path of a file that was only at a URL so far, if it is listed.

        With a group, only the file in this group is meant.
        """
        ...

    def remove_file(self, identifier: str, group: str = "") -> None:
        """Remove a file's entry and the pages' pointers to it, if they are there.

        With a group, only the file in this group is meant.
        """
        ...

    def add_agent(self, agent: Agent) -> None:
        """Record a processing step in the header."""
        ...

    def agents(self) -> list[Agent]:
        """Return the processing steps in the header, in their order."""
        ...

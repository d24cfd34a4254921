# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""METS as OCR-D uses it: file groups, files, pages, agents.

The tree is indexed once, so that the cost of a page does not grow with their number.
Specification: https://ocr-d.de/en/spec/mets; measured on OCR-D core 3.13.3.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin

from lxml import etree

from ..addresses import redact
from ..files import write_atomically
from . import mets_header, xml
from .changes import AddAgent, AddFile, Change, RemoveFile, RemoveGroup, SetIdentifier, SetPath
from .contents import Agent, LogicalDivision, MetsFile, PhysicalPage, Structure, checked_file
from .file_locations import checked, is_relative, sort_out
from .ids import check_id
from .mets_reading import read_root

LOG = logging.getLogger(__name__)

_METS = "http://www.loc.gov/METS/"
_XLINK = "http://www.w3.org/1999/xlink"


def _tag(name: str) -> str:
    return f"{{{_METS}}}{name}"


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A ``mets:file``. Its ID ought to be unique, but where it is not, the group decides."""

    element: etree._Element
    id: str
    group: str


class Mets:
    """A METS document in memory; see `MetsAccess`.

    Attributes:
        changes: what was changed since the document was read, in order. `replay` makes the same
            changes to another state of the same document.
    """

    def __init__(self, root: etree._Element) -> None:
        """Index a parsed document; use `read` or `empty`."""
        self._root = root
        self._groups: dict[str, etree._Element] = {}
        self._files: dict[str, list[_Entry]] = {}
        self._group_files: dict[str, dict[_Entry, None]] = {}
        self._pages: dict[str, etree._Element] = {}
        self._pointers: dict[str, list[tuple[etree._Element, str]]] = {}
        self.changes: list[Change] = []
        self._index()

    @classmethod
    def read(cls, path: Path) -> Mets:
        """Read a METS file.

        Raises:
            MetsError: it is missing, unreadable, not XML, or not METS.
        """
        return cls(read_root(path))

    @classmethod
    def empty(cls, creator: str) -> Mets:
        """Return a METS without files, with a new unique identifier."""
        return cls(xml.parse(mets_header.empty_document(creator)))

    def _index(self) -> None:
        for group in self._root.iterfind(f".//{_tag('fileGrp')}"):
            name = str(group.get("USE", ""))
            self._groups.setdefault(name, group)
            members = self._group_files.setdefault(name, {})
            for file in group.iterfind(_tag("file")):
                entry = _Entry(file, str(file.get("ID", "")), name)
                self._files.setdefault(entry.id, []).append(entry)
                members[entry] = None
        pages = f"{_tag('structMap')}[@TYPE='PHYSICAL']//{_tag('div')}[@TYPE='page']"
        for page in self._root.iterfind(f".//{pages}"):
            page_id = checked(str(page.get("ID", "")), "page ID")
            if not page_id:
                LOG.warning(
                    "a page of the METS has no ID and is left out (line %s)", page.sourceline
                )
                continue
            if page_id in self._pages:
                LOG.warning("two pages of the METS have the ID %s and are taken for one", page_id)
            self._pages.setdefault(page_id, page)
            self._index_pointers(page, page_id)
        top = self._top()
        if top is not None and top.get("TYPE") != "page":
            self._index_pointers(top, "")

    def _index_pointers(self, division: etree._Element, page_id: str) -> None:
        for pointer in _pointers_of(division):
            file_id = str(pointer.get("FILEID", ""))
            self._pointers.setdefault(file_id, []).append((pointer, page_id))

    @property
    def pages(self) -> list[str]:
        """The IDs of the physical pages, in their order."""
        return list(self._pages)

    @property
    def groups(self) -> list[str]:
        """The names of the file groups."""
        return list(self._groups)

    def files(self, group: str) -> Iterator[MetsFile]:
        """Yield the files of a group in their order, one of several pages once for each."""
        for entry in self._group_files.get(group, ()):
            yield from self._describe(entry)

    def file(self, identifier: str, group: str = "") -> MetsFile | None:
        """Return the file with this ID (of this group), the first if there are several."""
        for entry in self._entries(identifier, group):
            return next(self._describe(entry))
        return None

    def _describe(self, entry: _Entry) -> Iterator[MetsFile]:
        locations = [
            (
                str(location.get(f"{{{_XLINK}}}href", "")),
                str(location.get("LOCTYPE", "")),
                str(location.get("OTHERLOCTYPE", "")),
            )
            for location in entry.element.iterfind(_tag("FLocat"))
        ]
        path, url = sort_out(locations)
        mimetype = str(entry.element.get("MIMETYPE", ""))
        # A pointer of no page is one of the whole work.
        pages = dict.fromkeys(page for _, page in self._pointers.get(entry.id, ()))
        for page in pages or ("",):
            of_work = not page and bool(pages)
            yield checked_file(MetsFile(entry.id, entry.group, page, mimetype, path, url, of_work))

    def add_file(self, file: MetsFile) -> None:
        """Add a file, and its group and page if they are new; replace a file of the same ID.

        Raises:
            MetsError: an ID is not allowed, or there are control characters in what would be read
                from it again.
        """
        checked_file(file)
        check_id(file.id, "file ID")
        check_id(file.group, "file group")
        self._discard(file.id)
        for pointer, _ in self._pointers.pop(file.id, []):  # left by who removed the file only
            _remove_pointer(pointer)
        self.changes.append(AddFile(file))
        group = self._group(file.group)
        element = etree.SubElement(group, _tag("file"), ID=file.id, MIMETYPE=file.mimetype)
        for address, local in ((file.url, False), (file.path, True)):
            if address:
                _add_location(element, address, local=local)
        entry = _Entry(element, file.id, file.group)
        self._files[file.id] = [entry]
        self._group_files[file.group][entry] = None
        if file.page_id:
            page = self._page(file.page_id)
            pointer = etree.SubElement(page, _tag("fptr"), FILEID=file.id)
            self._pointers[file.id] = [(pointer, file.page_id)]
        elif file.of_work:
            pointer = etree.Element(_tag("fptr"), FILEID=file.id)
            _insert_pointer(self._sequence(), pointer)
            self._pointers[file.id] = [(pointer, "")]

    def set_path(self, identifier: str, path: str, group: str = "") -> None:
        """Enter where a file is in the workspace that was only at a URL, if it is listed."""
        entries = self._entries(identifier, group)
        for entry in entries:
            for location in entry.element.iterfind(_tag("FLocat")):
                if location.get("OTHERLOCTYPE") == "FILE":  # where it no longer is
                    location.set(f"{{{_XLINK}}}href", path)
                    break
            else:
                _add_location(entry.element, path, local=True)
        if entries:
            self.changes.append(SetPath(identifier, path, group))

    def _entries(self, identifier: str, group: str) -> list[_Entry]:
        return [e for e in self._files.get(identifier, ()) if group in ("", e.group)]

    def make_remote(self, url: str) -> None:
        """Turn paths into addresses, for a METS that was fetched from ``url`` without its files."""
        for entry in (entry for entries in self._files.values() for entry in entries):
            for location in entry.element.iterfind(_tag("FLocat")):
                href = str(location.get(f"{{{_XLINK}}}href", ""))
                if is_relative(href):
                    # A path may have signs that end the path of a URL.
                    quoted = quote(href, safe="/%") if location.get("OTHERLOCTYPE") else href
                    try:
                        location.set(f"{{{_XLINK}}}href", urljoin(redact(url), quoted))
                    except ValueError:  # it is not valid, and one bad file harms no other
                        continue
                    location.set("LOCTYPE", "URL")
                    if location.get("OTHERLOCTYPE"):
                        del location.attrib["OTHERLOCTYPE"]

    def remove_file(self, identifier: str, group: str = "") -> None:
        """Remove a file's entry and the pages' pointers to it, if they are there.

        The page stays, with its attributes and links, even if this was its last file.
        """
        if self._discard(identifier, group):
            self.changes.append(RemoveFile(identifier, group))

    def remove_group(self, name: str) -> None:
        """Remove a file group, if it is there and has no files."""
        if name in self._groups and not self._group_files[name]:
            _remove(self._groups.pop(name))
            del self._group_files[name]
            self.changes.append(RemoveGroup(name))

    def _discard(self, identifier: str, group: str = "") -> bool:
        entries = self._entries(identifier, group)
        for entry in entries:
            self._files[identifier].remove(entry)
            self._group_files[entry.group].pop(entry, None)
            _remove(entry.element)
        if entries and not self._files[identifier]:
            del self._files[identifier]
            for pointer, _ in self._pointers.pop(identifier, []):
                _remove_pointer(pointer)
        return bool(entries)

    def replay(self, changes: Iterable[Change]) -> None:
        """Make changes that were made to another state of this document."""
        for change in changes:
            if isinstance(change, AddFile):
                self.add_file(change.file)
            elif isinstance(change, SetPath):
                self.set_path(change.identifier, change.path, change.group)
            elif isinstance(change, RemoveFile):
                self.remove_file(change.identifier, change.group)
            elif isinstance(change, RemoveGroup):
                self.remove_group(change.name)
            elif isinstance(change, AddAgent):
                self.add_agent(change.agent)
            else:
                self.set_identifier(change.value)

    def structure(self) -> Structure:
        """Return the pages with their attributes, and the logical divisions."""
        pages = tuple(
            PhysicalPage(
                id=identifier,
                order=str(div.get("ORDER", "")),
                orderlabel=str(div.get("ORDERLABEL", "")),
                label=str(div.get("LABEL", "")),
                contentids=str(div.get("CONTENTIDS", "")),
            )
            for identifier, div in self._pages.items()
        )
        links: dict[str, list[str]] = {}
        for link in self._root.iterfind(f"{_tag('structLink')}/{_tag('smLink')}"):
            source = str(link.get(f"{{{_XLINK}}}from", ""))
            links.setdefault(source, []).append(str(link.get(f"{{{_XLINK}}}to", "")))
        divisions = tuple(
            LogicalDivision(
                id=str(div.get("ID", "")),
                dmdid=str(div.get("DMDID", "")),
                type=str(div.get("TYPE", "")),
                label=str(div.get("LABEL", "")),
                pages=tuple(p for p in links.get(str(div.get("ID", "")), ()) if p in self._pages),
                level=1 + sum(1 for _ in div.iterancestors(_tag("div"))),
            )
            for structure in self._root.iterfind(f"{_tag('structMap')}[@TYPE='LOGICAL']")
            for div in structure.iter(_tag("div"))
        )
        section = divisions[0].dmdid if divisions else ""
        return Structure(pages, divisions, mets_header.title(self._root, section))

    def _group(self, name: str) -> etree._Element:
        if name not in self._groups:
            section = self._root.find(_tag("fileSec"))
            if section is None:
                section = etree.Element(_tag("fileSec"))
                self._insert_before(section, ("structMap", "structLink", "behaviorSec"))
            self._groups[name] = etree.SubElement(section, _tag("fileGrp"), USE=name)
            self._group_files[name] = {}
        return self._groups[name]

    def _page(self, page_id: str) -> etree._Element:
        if page_id not in self._pages:
            sequence = self._sequence()
            page = etree.SubElement(sequence, _tag("div"), TYPE="page", ID=page_id)
            self._pages[page_id] = page
        return self._pages[page_id]

    def _sequence(self) -> etree._Element:
        """Return the div that holds the pages; create it where it is missing."""
        top = self._top()
        if top is not None:
            return top
        structure = self._root.find(f"{_tag('structMap')}[@TYPE='PHYSICAL']")
        if structure is None:
            structure = etree.Element(_tag("structMap"), TYPE="PHYSICAL")
            self._insert_before(structure, ("structLink", "behaviorSec"))
        return etree.SubElement(structure, _tag("div"), TYPE="physSequence")

    def _top(self) -> etree._Element | None:
        """Return the top div of the physical structure, if it is there."""
        return self._root.find(f"{_tag('structMap')}[@TYPE='PHYSICAL']/{_tag('div')}")

    def _insert_before(self, element: etree._Element, names: tuple[str, ...]) -> None:
        following = next((e for name in names for e in self._root.iterfind(_tag(name))), None)
        if following is None:
            self._root.append(element)
        else:
            following.addprevious(element)

    def add_agent(self, agent: Agent) -> None:
        """Record a processing step in the header, after those that are there."""
        self.changes.append(AddAgent(agent))
        mets_header.add_agent(self._root, agent)

    def agents(self) -> list[Agent]:
        """Return the processing steps in the header, in their order."""
        return mets_header.agents(self._root)

    @property
    def identifier(self) -> str | None:
        """The unique identifier of the work, or ``None`` if there is none."""
        return mets_header.identifier(self._root)

    def set_identifier(self, value: str) -> None:
        """Set the unique identifier: replace it, or add a new one of the kind ``purl``.

        Raises:
            MetsError: there is no MODS section to hold an identifier.
        """
        mets_header.set_identifier(self._root, value)
        self.changes.append(SetIdentifier(value))

    def to_bytes(self) -> bytes:
        """Serialise as core does: two spaces of indentation, a line end at the end."""
        etree.indent(self._root, space="  ")
        text: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=False)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"

    def write(self, path: Path) -> None:
        """Write the document in one step."""
        write_atomically(path, self.to_bytes())


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _pointers_of(page: etree._Element) -> Iterator[etree._Element]:
    """Yield what points to the files of a page: an ``fptr``, or an ``area`` inside one."""
    for pointer in page.iterfind(_tag("fptr")):
        if pointer.get("FILEID"):
            yield pointer
        else:
            yield from pointer.iter(_tag("area"))


def _insert_pointer(division: etree._Element, pointer: etree._Element) -> None:
    """Insert a pointer into a division: after other pointers, before the divisions inside it."""
    before = [e for e in division if e.tag in (_tag("mptr"), _tag("fptr"))]
    if before:
        before[-1].addnext(pointer)
    else:
        division.insert(0, pointer)


def _remove_pointer(pointer: etree._Element) -> None:
    """Remove what points to a file, and what would be empty around it."""
    parent = pointer.getparent()
    _remove(pointer)
    while parent is not None and parent.tag != _tag("div") and not len(parent):
        pointer, parent = parent, parent.getparent()
        _remove(pointer)


def _add_location(file: etree._Element, address: str, *, local: bool) -> None:
    location = etree.SubElement(file, _tag("FLocat"))
    location.set(f"{{{_XLINK}}}href", address)
    location.set("LOCTYPE", "OTHER" if local else "URL")
    if local:
        location.set("OTHERLOCTYPE", "FILE")

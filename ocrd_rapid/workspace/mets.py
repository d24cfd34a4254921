"""METS as OCR-D uses it: file groups, files, pages, agents.

The tree is indexed once, so that the cost of a page does not grow with their number.
Specification: https://ocr-d.de/en/spec/mets; measured on OCR-D core 3.13.3.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from ..errors import MetsError
from ..files import write_atomically
from . import xml
from .ids import check_id

_METS = "http://www.loc.gov/METS/"
_XLINK = "http://www.w3.org/1999/xlink"
_OCRD = "https://ocr-d.de"
_NS = {"mets": _METS, "xlink": _XLINK}

_SCHEMA_LOCATIONS = (
    "http://www.loc.gov/METS/ http://www.loc.gov/standards/mets/version17/mets.v1-7.xsd"
    " http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-6.xsd"
)
_EMPTY = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:mods="http://www.loc.gov/mods/v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="{locations}">
  <mets:metsHdr CREATEDATE="{created}">
    <mets:agent TYPE="OTHER" OTHERTYPE="SOFTWARE" ROLE="CREATOR">
      <mets:name>{creator}</mets:name>
    </mets:agent>
  </mets:metsHdr>
  <mets:dmdSec ID="DMDLOG_0001">
    <mets:mdWrap MDTYPE="MODS">
      <mets:xmlData>
        <mods:mods>
          <mods:identifier type="urn">{identifier}</mods:identifier>
        </mods:mods>
      </mets:xmlData>
    </mets:mdWrap>
  </mets:dmdSec>
  <mets:fileSec/>
  <mets:structMap TYPE="PHYSICAL">
    <mets:div TYPE="physSequence"/>
  </mets:structMap>
</mets:mets>
"""


@dataclass(frozen=True)
class MetsFile:
    """A file that the METS lists.

    Attributes:
        id: its ID, unique in the METS.
        group: the file group it is in.
        page_id: the physical page it belongs to; empty if none.
        mimetype: its media type.
        path: local path as written, relative to the workspace; empty if there is none.
        url: remote address; empty if there is none.
    """

    id: str
    group: str
    page_id: str
    mimetype: str
    path: str
    url: str = ""


def _tag(name: str) -> str:
    return f"{{{_METS}}}{name}"


class Mets:
    """A METS document in memory."""

    def __init__(self, root: etree._Element) -> None:
        """Index a parsed document; use `read` or `empty`."""
        self._root = root
        self._groups: dict[str, etree._Element] = {}
        self._files: dict[str, tuple[etree._Element, str]] = {}
        self._group_files: dict[str, dict[str, None]] = {}
        self._pages: dict[str, etree._Element] = {}
        self._pointers: dict[str, list[tuple[etree._Element, str]]] = {}
        self._index()

    @classmethod
    def read(cls, path: Path) -> Mets:
        """Read a METS file.

        Raises:
            MetsError: it is missing, unreadable, not XML, or not METS.
        """
        try:
            root = xml.parse(path.read_bytes())
        except FileNotFoundError as error:
            raise MetsError(
                f"METS file {path} does not exist; create a workspace with:"
                f" ocrd-rapid workspace -d {path.parent} init"
            ) from error
        except OSError as error:
            raise MetsError(f"METS file {path} cannot be read: {error.strerror}") from error
        except etree.XMLSyntaxError as error:
            raise MetsError(f"METS file {path} is not well-formed XML: {error.msg}") from error
        if root.tag != _tag("mets"):
            raise MetsError(f"{path} is not a METS file: its root element is {root.tag}")
        return cls(root)

    @classmethod
    def empty(cls, creator: str) -> Mets:
        """Return a METS without files, with a new unique identifier."""
        text = _EMPTY.format(
            created=datetime.now().isoformat(timespec="seconds"),
            creator=creator,
            locations=_SCHEMA_LOCATIONS,
            identifier=f"urn:uuid:{uuid.uuid4()}",
        )
        return cls(xml.parse(text.encode("utf-8")))

    def _index(self) -> None:
        for group in self._root.iterfind(f".//{_tag('fileGrp')}"):
            name = str(group.get("USE", ""))
            self._groups.setdefault(name, group)
            members = self._group_files.setdefault(name, {})
            for file in group.iterfind(_tag("file")):
                identifier = str(file.get("ID", ""))
                self._files[identifier] = (file, name)
                members[identifier] = None
        pages = f"{_tag('structMap')}[@TYPE='PHYSICAL']//{_tag('div')}[@TYPE='page']"
        for page in self._root.iterfind(f".//{pages}"):
            page_id = str(page.get("ID", ""))
            self._pages[page_id] = page
            for pointer in page.iterfind(_tag("fptr")):
                self._pointers.setdefault(str(pointer.get("FILEID", "")), []).append(
                    (pointer, page_id)
                )

    @property
    def pages(self) -> list[str]:
        """The IDs of the physical pages, in their order."""
        return list(self._pages)

    @property
    def groups(self) -> list[str]:
        """The names of the file groups."""
        return list(self._groups)

    def files(self, group: str) -> Iterator[MetsFile]:
        """Yield the files of a group in their order."""
        for identifier in self._group_files.get(group, ()):
            yield self._describe(identifier)

    def file(self, identifier: str) -> MetsFile | None:
        """Return the file with this ID, if there is one."""
        return self._describe(identifier) if identifier in self._files else None

    def _describe(self, identifier: str) -> MetsFile:
        element, group = self._files[identifier]
        path = url = ""
        for location in element.iterfind(_tag("FLocat")):
            href = str(location.get(f"{{{_XLINK}}}href", ""))
            scheme = urlsplit(href).scheme
            if scheme in ("http", "https", "ftp"):
                url = url or href
            else:
                path = path or (unquote(urlsplit(href).path) if scheme == "file" else href)
        pointers = self._pointers.get(identifier)
        return MetsFile(
            id=identifier,
            group=group,
            page_id=pointers[-1][1] if pointers else "",
            mimetype=str(element.get("MIMETYPE", "")),
            path=path,
            url=url,
        )

    def add_file(self, file: MetsFile) -> None:
        """Add a file, and its group and page if they are new; replace a file of the same ID.

        Raises:
            MetsError: an ID is not allowed.
        """
        check_id(file.id, "file ID")
        check_id(file.group, "file group")
        self.remove_file(file.id)
        group = self._group(file.group)
        element = etree.SubElement(group, _tag("file"), ID=file.id, MIMETYPE=file.mimetype)
        for address, local in ((file.url, False), (file.path, True)):
            if address:
                location = etree.SubElement(element, _tag("FLocat"))
                location.set(f"{{{_XLINK}}}href", address)
                location.set("LOCTYPE", "OTHER" if local else "URL")
                if local:
                    location.set("OTHERLOCTYPE", "FILE")
        self._files[file.id] = (element, file.group)
        self._group_files[file.group][file.id] = None
        if file.page_id:
            page = self._page(file.page_id)
            pointer = etree.SubElement(page, _tag("fptr"), FILEID=file.id)
            self._pointers[file.id] = [(pointer, file.page_id)]

    def remove_file(self, identifier: str) -> None:
        """Remove a file's entry and the pages' pointers to it, if they are there."""
        if identifier not in self._files:
            return
        element, group = self._files.pop(identifier)
        self._group_files[group].pop(identifier, None)
        _remove(element)
        for pointer, _ in self._pointers.pop(identifier, []):
            _remove(pointer)

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
        structure = self._root.find(f"{_tag('structMap')}[@TYPE='PHYSICAL']")
        if structure is None:
            structure = etree.Element(_tag("structMap"), TYPE="PHYSICAL")
            self._insert_before(structure, ("structLink", "behaviorSec"))
        sequence = structure.find(_tag("div"))
        if sequence is None:
            sequence = etree.SubElement(structure, _tag("div"), TYPE="physSequence")
        return sequence

    def _insert_before(self, element: etree._Element, names: tuple[str, ...]) -> None:
        following = next((e for name in names for e in self._root.iterfind(_tag(name))), None)
        if following is None:
            self._root.append(element)
        else:
            following.addprevious(element)

    def add_agent(self, *, name: str, role: str, notes: Mapping[str, Any]) -> None:
        """Record a processing step in the header.

        Args:
            name: executable and version.
            role: the step, such as ``layout/segmentation/line``.
            notes: ``input-file-grp``, ``output-file-grp``, ``parameter``, ``page-id``.
        """
        header = self._root.find(_tag("metsHdr"))
        if header is None:
            header = etree.Element(_tag("metsHdr"))
            self._root.insert(0, header)
        agent = etree.Element(
            _tag("agent"), TYPE="OTHER", OTHERTYPE="SOFTWARE", ROLE="OTHER", OTHERROLE=role
        )
        etree.SubElement(agent, _tag("name")).text = name
        for option, value in notes.items():
            note = etree.SubElement(agent, _tag("note"), nsmap={"ocrd": _OCRD})
            note.set(f"{{{_OCRD}}}option", option)
            note.text = (value if isinstance(value, str) else json.dumps(value)) or None
        agents = header.findall(_tag("agent"))
        if agents:
            agents[-1].addnext(agent)
        else:
            header.insert(0, agent)

    def to_bytes(self) -> bytes:
        """Serialise as core does: two blanks of indentation, a line end at the end."""
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

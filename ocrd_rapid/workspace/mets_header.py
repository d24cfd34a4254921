# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The parts of a METS besides its files: the header with its agents, the work's identifier."""

from __future__ import annotations

import uuid
from datetime import datetime

from lxml import etree

from ..errors import MetsError
from . import xml
from .contents import Agent

_METS = "{http://www.loc.gov/METS/}"
_MODS = "{http://www.loc.gov/mods/v3}"
_OCRD = "https://ocr-d.de"

#: The kinds of identifiers in the order in which OCR-D looks for them.
_IDENTIFIERS = ("purl", "urn", "doi", "url")

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


def empty_document(creator: str) -> bytes:
    """Return a METS without files, with a new unique identifier."""
    return _EMPTY.format(
        created=datetime.now().isoformat(timespec="seconds"),
        creator=creator,
        locations=_SCHEMA_LOCATIONS,
        identifier=f"urn:uuid:{uuid.uuid4()}",
    ).encode("utf-8")


def add_agent(root: etree._Element, agent: Agent) -> None:
    """Record a processing step in the header, after the others."""
    header = root.find(f"{_METS}metsHdr")
    if header is None:
        header = etree.Element(f"{_METS}metsHdr")
        root.insert(0, header)
    element = etree.Element(
        f"{_METS}agent", TYPE="OTHER", OTHERTYPE="SOFTWARE", ROLE="OTHER", OTHERROLE=agent.role
    )
    etree.SubElement(element, f"{_METS}name").text = agent.name
    for option, value in agent.notes.items():
        note = etree.SubElement(element, f"{_METS}note", nsmap={"ocrd": _OCRD})
        note.set(f"{{{_OCRD}}}option", option)
        note.text = xml.clean_text(value) or None
    there = header.findall(f"{_METS}agent")
    if there:
        there[-1].addnext(element)
    else:
        header.insert(0, element)


def agents(root: etree._Element) -> list[Agent]:
    """Return the processing steps in the header, in their order."""
    return [
        Agent(
            name=element.findtext(f"{_METS}name") or "",
            role=str(element.get("OTHERROLE") or element.get("ROLE") or ""),
            notes={
                str(note.get(f"{{{_OCRD}}}option", "")): note.text or ""
                for note in element.iterfind(f"{_METS}note")
            },
        )
        for element in root.iterfind(f"{_METS}metsHdr/{_METS}agent")
    ]


def identifier(root: etree._Element) -> str | None:
    """Return the unique identifier of the work, or ``None`` if there is none."""
    element = _identifier(root)
    return None if element is None else (element.text or "").strip() or None


def set_identifier(root: etree._Element, value: str) -> None:
    """Set the unique identifier: replace it, or add a new one of the kind ``purl``.

    Raises:
        MetsError: there is no MODS section to hold an identifier.
    """
    element = _identifier(root)
    if element is None:
        mods = root.find(f".//{_MODS}mods")
        if mods is None:
            raise MetsError("the METS has no MODS section that could hold an identifier")
        element = etree.SubElement(mods, f"{_MODS}identifier", type="purl")
    element.text = xml.clean_text(value)


def title(root: etree._Element, section: str) -> str:
    """Return the title of the work by its MODS, empty if there is none.

    Args:
        root: the METS.
        section: the ID of the ``mets:dmdSec`` of the work; where it is unknown, the first counts.
    """
    described = list(root.iterfind(f"{_METS}dmdSec"))
    described.sort(key=lambda element: element.get("ID") != section)
    for element in described:
        for info in element.iter(f"{_MODS}titleInfo"):
            parts = (info.findtext(f"{_MODS}{name}") or "" for name in ("nonSort", "title"))
            found = " ".join(" ".join(parts).split())
            if found and not info.get("type"):
                return found
    return ""


def _identifier(root: etree._Element) -> etree._Element | None:
    for kind in _IDENTIFIERS:
        element = root.find(f".//{_MODS}identifier[@type='{kind}']")
        if element is not None:
            return element
    return None

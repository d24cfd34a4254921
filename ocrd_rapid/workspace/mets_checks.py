# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Checks of a METS and of the files that it lists, except the contents of PAGE-XML."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ..addresses import redact
from ..errors import ImageError
from ..files import open_regular
from . import schema
from .content_types import TOLD, content_type
from .contents import MetsFile, Structure
from .decoding import image_header
from .file_locations import local_path
from .findings import Finding, error, notice, warning
from .ids import MIMETYPE_PAGE

_METS = "{http://www.loc.gov/METS/}"
_MODS = "{http://www.loc.gov/mods/v3}"
_HREF = "{http://www.w3.org/1999/xlink}href"

_LOCATIONS = ("ARK", "URN", "URL", "PURL", "HANDLE", "DOI", "OTHER")
_GROUP_NAME = re.compile(r"OCR-D-(IMG|PRE|SEG|OCR|COR|GT)(-[A-Z0-9-]{3,})?")

#: Media types that are not distinguished.
_SYNONYMS = {
    "image/jpg": "image/jpeg", "image/tif": "image/tiff",
    "image/x-portable-bitmap": "image/x-portable-anymap",
    "image/x-portable-graymap": "image/x-portable-anymap",
    "image/x-portable-pixmap": "image/x-portable-anymap",
}  # fmt: skip
_TOLD = {_SYNONYMS.get(kind, kind) for kind in TOLD}


def structure_findings(root: etree._Element, where: str) -> Iterator[Finding]:
    """Yield breaches of the schema of METS, as far as it is known here, and missing files."""
    for element, problem in schema.violations(root, schema.METS):
        yield error("mets_xsd", f"{where}, {_describe(element)}", problem)
    files = {str(file.get("ID", "")) for file in root.iter(f"{_METS}file")}
    for location in root.iter(f"{_METS}FLocat"):
        kind = location.get("LOCTYPE")
        if kind is not None and kind not in _LOCATIONS:
            place = f"{where}, {_describe(location)}"
            yield error("mets_xsd", place, f"LOCTYPE '{kind}' is not allowed")
    for pointer in root.iter(f"{_METS}fptr", f"{_METS}area"):
        file_id = pointer.get("FILEID")
        if file_id is not None and file_id not in files:
            place = f"{where}, {_describe(pointer)}"
            yield error("mets_xsd", place, f"FILEID '{file_id}' is not the ID of a file")
    for page in root.iter(f"{_METS}div"):
        if page.get("TYPE") == "page" and not page.get("ID"):
            yield error("mets_xsd", f"{where}, div", "a page has no ID")


def order_findings(structure: Structure, where: str) -> Iterator[Finding]:
    """Yield where ORDER gives the pages no order, or one that differs from the list."""
    orders: dict[str, str] = {}
    for page in structure.pages:
        order = page.order.strip()
        if order and not re.fullmatch("[0-9]+", order):
            what = f"ORDER '{order}' is not a number"
            yield warning("mets_xsd", f"{where}, page {page.id}", what)
        elif order and order in orders:
            what = f"has the same ORDER, {order}, as page {orders[order]}"
            yield warning("mets_xsd", f"{where}, page {page.id}", what)
        orders[order] = page.id
    for page, turned in zip(structure.pages, structure.reading_order, strict=True):
        if page.id != turned:
            what = (
                f"by ORDER, page {turned} comes where page {page.id} is listed: viewers and export"
                " follow ORDER, other software the list"
            )
            yield notice("mets_xsd", where, what)
            return


def identifier_findings(root: etree._Element, where: str) -> Iterator[Finding]:
    """Yield a finding if the work has no identifier."""
    kinds = {
        identifier.get("type")
        for identifier in root.iter(f"{_MODS}identifier")
        if (identifier.text or "").strip()
    }
    if not kinds & {"purl", "urn", "doi", "url"}:
        what = "has no unique identifier; give it one with: ocrd-rapid workspace set-id"
        yield error("mets_unique_identifier", where, what)


def location_findings(file: etree._Element) -> Iterator[Finding]:
    """Yield the faults in the addresses of a ``mets:file``."""
    where = f"file {file.get('ID', '')}"
    if file.get("GROUPID"):
        yield notice("mets_files", where, "has a GROUPID, which OCR-D no longer uses")
    if not file.get("MIMETYPE"):
        yield warning("mets_files", where, "has no MIMETYPE")
    located = False
    for location in file.iterfind(f"{_METS}FLocat"):
        href = str(location.get(_HREF, ""))
        if not href:
            continue
        kind = (location.get("LOCTYPE"), location.get("OTHERLOCTYPE"))
        located = located or kind[0] == "URL" or kind == ("OTHER", "FILE")
        if kind[0] == "URL":
            yield from _url_findings(href, where)
    if not located:
        yield error("mets_files", where, "has neither a URL nor a local path (LOCTYPE OTHER, FILE)")


def _url_findings(url: str, where: str) -> Iterator[Finding]:
    scheme, colon, rest = url.partition(":")
    shown = redact(url)
    if not colon:
        what = f"'{shown}' is not a URL; a local path has LOCTYPE OTHER and OTHERLOCTYPE FILE"
        yield error("url", where, what)
    elif scheme == "file" and not rest.startswith("//"):
        yield error("url", where, f"'{shown}' is not a valid file URL (file:///…)")
    elif scheme not in ("http", "https", "file"):
        yield warning("url", where, f"'{shown}' has a scheme that OCR-D does not know")


def group_findings(name: str) -> Iterator[Finding]:
    """Yield a finding if a file group is not named as in OCR-D."""
    if not _GROUP_NAME.fullmatch(name):
        what = "is not named as in OCR-D: OCR-D-, IMG, PRE, SEG, OCR, COR or GT, -NAME"
        yield notice("mets_files", f"file group {name}", what)


def file_findings(file: MetsFile, directory: Path) -> Iterator[Finding]:
    """Yield the faults of a file on disk: missing, outside, of another kind, not an image."""
    where = f"file {file.id}"
    if not file.path:
        return
    path = local_path(directory, file.path)
    if not Path(os.path.normpath(path)).is_relative_to(os.path.normpath(directory)):
        yield error("mets_files", where, f"'{file.path}' is not inside the workspace")
    try:
        with open_regular(path) as stream:
            actual = content_type(stream.read(64))
    except OSError as problem:
        missing = isinstance(problem, (FileNotFoundError, NotADirectoryError))
        why = "does not exist" if missing else f"cannot be read: {problem.strerror}"
        yield error("mets_files", where, f"'{file.path}' {why}")
        return
    stated = _SYNONYMS.get(file.mimetype, file.mimetype)
    found = _SYNONYMS.get(actual, actual) if actual else None
    if stated != found and (stated in _TOLD or found in _TOLD):
        what = f"'{file.path}' is {actual or 'something else'}, not {file.mimetype or 'unnamed'}"
        yield error("mets_files", where, what)
    elif stated == MIMETYPE_PAGE and found != "xml":
        yield error("mets_files", where, f"'{file.path}' is not XML, not {file.mimetype}")
    if stated.startswith("image/"):
        yield from _image_findings(path, where)


def _image_findings(path: Path, where: str) -> Iterator[Finding]:
    try:
        header = image_header(path)
    except ImageError as problem:
        yield error("multipage", where, str(problem))
        return
    if header.dpi is None or header.dpi <= 72:
        what = "no resolution" if header.dpi is None else f"only {header.dpi:g} dpi"
        yield notice("pixel_density", where, f"its image has {what}")


def _describe(element: etree._Element) -> str:
    name = etree.QName(element).localname
    owner = element if element.get("ID") else element.getparent()
    identifier = "" if owner is None else owner.get("ID") or owner.get("USE") or ""
    if owner is element or not identifier:
        return f"{name} {identifier}".strip()
    return f"{name} in {identifier}"

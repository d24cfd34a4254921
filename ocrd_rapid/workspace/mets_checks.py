"""Checks of a METS and of the files that it lists, but for what is in PAGE-XML."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ..errors import ImageError
from ..files import exists
from . import schema
from .contents import MetsFile
from .decoding import image_header
from .findings import Finding, error, notice, warning
from .ids import MIMETYPE_PAGE

_METS = "{http://www.loc.gov/METS/}"
_MODS = "{http://www.loc.gov/mods/v3}"
_HREF = "{http://www.w3.org/1999/xlink}href"

_LOCATIONS = ("ARK", "URN", "URL", "PURL", "HANDLE", "DOI", "OTHER")
_GROUP_NAME = re.compile(r"OCR-D-(IMG|PRE|SEG|OCR|COR|GT)(-[A-Z0-9-]{3,})?")

#: How files of a kind begin.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"), (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"), (b"BM", "image/bmp"),
    (b"GIF8", "image/gif"), (b"%PDF", "application/pdf"),
)  # fmt: skip
_SYNONYMS = {"image/jpg": "image/jpeg", "image/tif": "image/tiff"}
_KNOWN = {kind for _, kind in _BEGINNINGS} | {"image/webp"}


def structure_findings(root: etree._Element, where: str) -> Iterator[Finding]:
    """Yield what breaks the schema of METS, as far as it is known here, and missing files."""
    for element, problem in schema.violations(root, schema.METS):
        yield error("mets_xsd", f"{where}, {_describe(element)}", problem)
    files = {str(file.get("ID", "")) for file in root.iter(f"{_METS}file")}
    for location in root.iter(f"{_METS}FLocat"):
        kind = location.get("LOCTYPE")
        if kind is not None and kind not in _LOCATIONS:
            place = f"{where}, {_describe(location)}"
            yield error("mets_xsd", place, f"LOCTYPE '{kind}' is not allowed")
    for pointer in root.iter(f"{_METS}fptr"):
        file_id = pointer.get("FILEID")
        if file_id is not None and file_id not in files:
            place = f"{where}, {_describe(pointer)}"
            yield error("mets_xsd", place, f"FILEID '{file_id}' is not the ID of a file")
    for page in root.iter(f"{_METS}div"):
        if page.get("TYPE") == "page" and not page.get("ID"):
            yield error("mets_xsd", f"{where}, div", "a page has no ID")


def identifier_findings(root: etree._Element, where: str) -> Iterator[Finding]:
    """Yield whether the work has no identifier."""
    kinds = {
        identifier.get("type")
        for identifier in root.iter(f"{_MODS}identifier")
        if (identifier.text or "").strip()
    }
    if not kinds & {"purl", "urn", "doi", "url"}:
        what = "has no unique identifier; give it one with: ocrd-rapid workspace set-id"
        yield error("mets_unique_identifier", where, what)


def location_findings(file: etree._Element) -> Iterator[Finding]:
    """Yield what is wrong with the addresses of a ``mets:file``."""
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
    if not colon:
        what = f"'{url}' is not a URL; a local path has LOCTYPE OTHER and OTHERLOCTYPE FILE"
        yield error("url", where, what)
    elif scheme == "file" and not rest.startswith("//"):
        yield error("url", where, f"'{url}' is not a valid file URL (file:///…)")
    elif scheme not in ("http", "https", "file"):
        yield warning("url", where, f"'{url}' has a scheme that OCR-D does not know")


def group_findings(name: str) -> Iterator[Finding]:
    """Yield whether a file group is not named as OCR-D's are."""
    if not _GROUP_NAME.fullmatch(name):
        what = "is not named as OCR-D has it: OCR-D-, IMG, PRE, SEG, OCR, COR or GT, -NAME"
        yield notice("mets_files", f"file group {name}", what)


def file_findings(file: MetsFile, directory: Path) -> Iterator[Finding]:
    """Yield what is wrong with a file on disk: missing, outside, of another kind, no image."""
    where = f"file {file.id}"
    path = directory / file.path
    if not file.path:
        return
    if not Path(os.path.normpath(path)).is_relative_to(os.path.normpath(directory)):
        yield error("mets_files", where, f"'{file.path}' is not inside of the workspace")
    if not exists(path) or not path.is_file():
        yield error("mets_files", where, f"'{file.path}' does not exist")
        return
    stated = _SYNONYMS.get(file.mimetype, file.mimetype)
    actual = content_type(path)
    if stated != actual and (stated in _KNOWN or actual in _KNOWN):
        what = f"'{file.path}' is {actual or 'something else'}, not {file.mimetype or 'unnamed'}"
        yield error("mets_files", where, what)
    elif stated == MIMETYPE_PAGE and actual != "xml":
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


def content_type(path: Path) -> str | None:
    """Return the media type by the first bytes, ``xml`` for any XML, ``None`` if unknown."""
    with path.open("rb") as stream:
        head = stream.read(64)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    wide = head.startswith((b"\xff\xfe<", b"\xfe\xff\0<"))
    return "xml" if text.startswith(b"<") or wide else None


def _describe(element: etree._Element) -> str:
    name = etree.QName(element).localname
    owner = element if element.get("ID") else element.getparent()
    identifier = "" if owner is None else owner.get("ID") or owner.get("USE") or ""
    if owner is element or not identifier:
        return f"{name} {identifier}".strip()
    return f"{name} in {identifier}"

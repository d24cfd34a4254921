# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Check whether a workspace follows the rules of METS, PAGE-XML and OCR-D.

The checks themselves are in ``mets_checks``, ``page_checks``, ``outlines`` and ``schema``; this
module combines them. Nothing is downloaded and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lxml import etree

from ..errors import MetsError, PageXmlError
from . import mets_checks, xml
from .contents import MetsFile
from .file_locations import is_there, local_path
from .findings import Finding, error, warning
from .ids import MIMETYPE_PAGE
from .mets import Mets
from .outlines import outline_findings
from .page import PageDocument
from .page_checks import image_findings, reference_findings, schema_findings, text_findings

_METS = "{http://www.loc.gov/METS/}"


@dataclass(frozen=True)
class Extent:
    """What to check, and how strictly.

    Attributes:
        skip: names of checks (`ocrd_rapid.workspace.findings.CHECKS`) whose findings are left out.
        text: ``strict``: the text of a segment is exactly that of its parts joined;
            ``lax``: but for white space; ``off``: it is not compared.
        coordinates: ``poly``: outlines lie within their parents; ``baseline``: baselines within
            their lines; ``both``; ``off``.
        include_groups: the file groups whose files are checked; all, if empty.
        exclude_groups: the file groups whose files are not checked.
    """

    skip: Collection[str] = ()
    text: Literal["strict", "lax", "off"] = "strict"
    coordinates: Literal["poly", "baseline", "both", "off"] = "poly"
    include_groups: Collection[str] = ()
    exclude_groups: Collection[str] = ()

    def includes(self, group: str) -> bool:
        """Return whether the files of a group are checked."""
        wanted = not self.include_groups or group in self.include_groups
        return wanted and group not in self.exclude_groups


def validate(
    mets_path: Path,
    extent: Extent | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Finding]:
    """Yield the faults of a workspace: first those of its METS, then file by file.

    Args:
        mets_path: the METS file; local files are relative to its directory.
        extent: what to check; by default everything.
        progress: called with the number of files done, and of all files.
    """
    extent = extent or Extent()
    try:
        mets = Mets.read(mets_path)
        described = [file for group in mets.groups for file in mets.files(group)]
    except MetsError as problem:
        yield error("mets", mets_path.name, str(problem))
        return
    root = xml.parse(mets_path.read_bytes())  # Mets leaves out senseless entries
    # A file of several pages is checked once.
    once = {(file.group, file.id, file.path): file for file in described}
    files = [file for file in once.values() if extent.includes(file.group)]
    listed = {name for file in described for name in (file.path, file.url) if name}
    for finding in _mets_findings(root, mets, extent, mets_path.name):
        if finding.check not in extent.skip:
            yield finding
    for done, file in enumerate(files, 1):
        for finding in _file_findings(file, mets_path.parent, listed, extent):
            if finding.check not in extent.skip:
                yield finding
        progress(done, len(files))


def _mets_findings(
    root: etree._Element, mets: Mets, extent: Extent, where: str
) -> Iterator[Finding]:
    yield from mets_checks.identifier_findings(root, where)
    yield from mets_checks.structure_findings(root, where)
    yield from mets_checks.order_findings(mets.structure(), where)
    groups = [group for group in mets.groups if extent.includes(group)]
    if not any(True for group in groups for _ in mets.files(group)):
        yield error("mets_files", where, "lists no files")
    for group in groups:
        yield from mets_checks.group_findings(group)
    for element in root.iter(f"{_METS}fileGrp"):
        if extent.includes(str(element.get("USE", ""))):
            for file in element.iterfind(f"{_METS}file"):
                yield from mets_checks.location_findings(file)


def _file_findings(
    file: MetsFile, directory: Path, listed: set[str], extent: Extent
) -> Iterator[Finding]:
    found = list(mets_checks.file_findings(file, directory))
    yield from found
    is_page = file.mimetype == MIMETYPE_PAGE and bool(file.path)
    if is_page and is_there(local_path(directory, file.path)):
        yield from _page_findings(file, directory, listed, extent)


def _page_findings(
    file: MetsFile, directory: Path, listed: set[str], extent: Extent
) -> Iterator[Finding]:
    where = f"file {file.id}"
    path = local_path(directory, file.path)
    try:
        document = PageDocument.read(path)
    except PageXmlError as problem:
        yield error("page", where, str(problem))
        return
    if document.pcgts_id != file.id:
        what = f"its pcGtsId '{document.pcgts_id}' is not its ID in the METS"
        yield warning("mets_fileid_page_pcgtsid", where, what)
    yield from schema_findings(document, path.read_bytes(), where)
    yield from reference_findings(document, where)
    if extent.text != "off":
        yield from text_findings(document, where, strict=extent.text == "strict")
    yield from outline_findings(
        document,
        where,
        polygons=extent.coordinates in ("poly", "both"),
        baselines=extent.coordinates in ("baseline", "both"),
    )
    yield from image_findings(document, directory, listed, where)

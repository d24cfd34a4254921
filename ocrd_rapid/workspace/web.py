# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A METS on the web: fetched, taken out of its envelope, and accepted only if it is one."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from lxml import etree

from ..addresses import redact
from ..errors import MetsError
from ..files import read_regular
from . import xml
from .mets import Mets
from .mets_reading import is_mets

LOG = logging.getLogger(__name__)

_METS = "{http://www.loc.gov/METS/}mets"

#: Longest METS to fetch, in bytes; one of ten thousand pages has some ten million.
MAX_BYTES = 1 << 29


def fetch_mets(url: str) -> Mets:
    """Return the METS at an address, or in the answer of an OAI-PMH interface there.

    Nothing is left on the disk. Files that the METS names relative to itself are entered with
    their addresses.

    Raises:
        DownloadError: it cannot be fetched.
        MetsError: it is something else, or broken.
    """
    from ..transfer.fetching import download

    def check_size(received: int, total: int) -> None:
        if max(received, total) > MAX_BYTES:
            raise MetsError(f"{redact(url)} is not a METS: it is longer than {MAX_BYTES >> 20} MB")

    with tempfile.TemporaryDirectory(prefix="ocrd-rapid-") as folder:
        target = Path(folder) / "mets.xml"
        download(url, target, check_size)
        data = read_regular(target)
    try:
        mets = Mets(_mets_element(data))
    except MetsError as error:
        raise MetsError(f"{redact(url)} is not a METS: {error}") from error
    mets.make_remote(url)
    return mets


def _mets_element(data: bytes) -> etree._Element:
    """Return the root of the METS that an answer is or contains.

    Raises:
        MetsError: it neither is nor contains a METS; the message says what it is.
    """
    try:
        root = xml.parse(data)
    except etree.XMLSyntaxError as error:
        raise MetsError(_kind_of(data) or f"it is not well-formed XML: {error.msg}") from error
    if is_mets(root):
        return root
    name = etree.QName(root).localname
    if name.lower() == "html":
        raise MetsError(_PAGE)
    if name != "OAI-PMH":
        raise MetsError(f"its root element is {root.tag}")
    found = root.findall(f".//{_METS}")
    if not found:
        raise MetsError(_complaint(root))
    if len(found) > 1:
        LOG.warning("the OAI-PMH answer contains %d METS; the first one is used", len(found))
    return xml.parse(etree.tostring(found[0], with_tail=False))


_PAGE = "it is a web page (HTML), maybe one to log in or a message"


def _kind_of(data: bytes) -> str:
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        return "it is empty"
    if start.startswith((b"{", b"[")):
        return "it is JSON"
    return _PAGE if start.startswith(b"<!doctype html") or b"<html" in start else ""


def _complaint(root: etree._Element) -> str:
    """Return the error of an OAI-PMH interface, or the fault of its answer."""
    for error in root.iterfind("{*}error"):
        said = " ".join((error.text or "").split())[:200]
        return f"the OAI-PMH interface answers {error.get('code', 'error')}: {said}"
    return "the OAI-PMH answer has none; ask for one record, with metadataPrefix=mets"

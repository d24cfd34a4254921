# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Safe parsing of XML, and names of elements for messages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

#: Characters that XML 1.0 forbids in text, and others that nobody wants there.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

#: Declarations of the encoding of XML, in encodings that include ASCII and in EBCDIC.
_DECLARATION = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["'][^>]*?\?>""")
_EBCDIC = b"\x4c\x6f\xa7\x94\x93"  # <?xml


def parse(
    data: bytes, *, remove_blank_text: bool = True, path: Path | None = None
) -> etree._Element:
    """Parse XML without entities, DTDs or network access, in any encoding that Python knows.

    Args:
        data: the document.
        remove_blank_text: leave out text of nothing but white space between elements.
        path: its source, for `place`.

    Raises:
        lxml.etree.XMLSyntaxError: it is not well-formed, declares entities, or is a bomb.
    """
    parser = etree.XMLParser(
        remove_blank_text=remove_blank_text,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    url: Any = None if path is None else str(path)
    try:
        root = etree.fromstring(data, parser, base_url=url)
    except etree.XMLSyntaxError:
        recoded = _recoded(data)
        if recoded is None:
            raise
        root = etree.fromstring(recoded, parser, base_url=url)
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.iterentities()):
        refusal: Any = etree.XMLSyntaxError
        raise refusal("declarations of entities are not allowed", None, 1, 1)
    return root


def _recoded(data: bytes) -> bytes | None:
    """Return a document in UTF-8, if only Python knows its encoding by name."""
    head = data[:200].decode("cp037").encode() if data.startswith(_EBCDIC) else data[:200]
    declared = _DECLARATION.match(head)
    if declared is None or declared[1].lower().startswith((b"utf-8", b"utf-16")):
        return None
    try:
        text = data.decode(declared[1].decode("ascii"))
    except (LookupError, ValueError):
        return None
    return text[text.find("?>") + 2 :].lstrip().encode("utf-8", "replace")


def describe(element: etree._Element) -> str:
    """Return the name of an element and its ID or, if it has none, the next ID around it."""
    name = etree.QName(element).localname
    if element.get("id"):
        return f"{name} {element.get('id')}"
    owner = next((e for e in element.iterancestors() if e.get("id")), None)
    if owner is None:
        return name
    return f"{name} in {etree.QName(owner).localname} {owner.get('id')}"


def place(element: etree._Element) -> str:
    """Return the file that an element was read from, if known, and the element's name."""
    file = element.getroottree().docinfo.URL
    return f"{file}, element {describe(element)}" if file else f"element {describe(element)}"


def clean_text(text: str) -> str:
    """Remove the control characters that would make a document unreadable."""
    return _FORBIDDEN.sub("", text)

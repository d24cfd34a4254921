# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Web addresses without their secrets: for messages, logs, and stored files.

Every address passes through here before it is written anywhere. User names, passwords, tokens and
signatures are part of many addresses: ``user:password@``, ``?token=…``, ``?X-Amz-Signature=…``,
``;jsessionid=…``, ``#…``. A secret cannot be told by its name, so messages leave out all of these,
and stored addresses keep only parameters that are known to be harmless.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

#: An address within a text; quotation marks and angle brackets end it. A password may contain
#: unencoded quotation marks, and unencoded spaces where it cannot be taken for a port.
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,30}:/{1,3}"
    r"(?:[^/\s@]{0,200}@|[^/\s@:]{0,200}:(?![0-9]{1,5}\b)[^/\s@][^/\n@]{0,200}@)?"
    r"[^\s'\"<>`]+"
)
#: The target of a request, as urllib3 names it.
_TARGET = re.compile(r"(with url: [^\s?;]*)[?;]\S*")
#: Scheme and slashes, and the rest; a drive (``C:/``) and ``file:`` are local. Without slashes,
#: only the two schemes that everybody knows count.
_PARTS = re.compile(r"((?!file:)(?:[a-z][a-z0-9+.-]+:/|https?:)/*)(.*)", re.DOTALL | re.IGNORECASE)
#: ``user:password@host`` without a scheme.
_BARE_USER = re.compile(r"[^/\\\s:@]+:[^/\\\s@]+@(?=[^/\s@])")
#: A host, with or without a port.
_HOST = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?")

#: Parameters of a query that identify the file, and are needed to find it again.
_HARMLESS = frozenset({
    "attachment", "branch", "dl", "download", "export", "file", "filename", "filepath",
    "forcedownload", "format", "id", "inline", "lang", "language", "model", "name", "path", "raw",
    "ref", "rev", "revision", "tag", "type", "v", "version",
})  # fmt: skip


def redact(address: str) -> str:
    """Return an address without user name, password, parameters, query and fragment.

    A local path is returned unchanged. Nothing is raised, however malformed the address.
    """
    found = _PARTS.fullmatch(address)
    if found is None:
        bare = _BARE_USER.match(address)
        return address[bare.end() :] if bare else address
    location, _ = _split_query(_without_user(found[2]))
    return found[1] + re.sub(r";[^/]*", "", location)


def storable(address: str) -> tuple[str, list[str]]:
    """Return an address that may be written to a file, and the names of the parts left out.

    User name, password and fragment go; of a query, the parameters known to be harmless stay.
    """
    found = _PARTS.fullmatch(address)
    if found is None:
        return address, []
    rest = _without_user(found[2])
    left_out = [] if rest == found[2] else ["user name and password"]
    location, query = _split_query(rest)
    plain = re.sub(r";[^/]*", "", location)
    if plain != location:
        left_out.append(location[location.index(";") :].partition("=")[0])
    kept = []
    for part in filter(None, query.split("&")):
        name = unquote_plus(part.partition("=")[0]).lower()
        if name in _HARMLESS:
            kept.append(part)
        else:
            left_out.append(name[:20] if "=" in part else "a parameter without a name")
    return found[1] + plain + ("?" + "&".join(kept) if kept else ""), left_out


def scheme_of(address: str) -> str:
    """Return the scheme of an address, even a malformed one, in lower case; empty if none."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    return found[1].lower() if found else ""


def scrub(text: str) -> str:
    """Return a text, such as another library's message, with its addresses redacted."""
    text = _ADDRESS.sub(lambda found: _redacted_in_text(found[0]), text)
    return _TARGET.sub(r"\1", text)


def _redacted_in_text(address: str) -> str:
    """Return an address redacted, with the punctuation of the sentence that follows it."""
    plain = address.rstrip(";,.?!)")
    return redact(plain) + address[len(plain) :]


def _without_user(rest: str) -> str:
    """Return what follows the scheme without user name and password.

    A password with an unencoded character ends the host too early; then everything before the
    last ``@`` is taken for the password.
    """
    end = re.search(r"[/?#]|$", rest)
    authority = rest[: end.start()] if end else rest
    if "@" in authority:
        return authority.rpartition("@")[2] + rest[len(authority) :]
    if "@" in rest and not _HOST.fullmatch(authority):
        return rest.rpartition("@")[2]
    return rest


def _split_query(rest: str) -> tuple[str, str]:
    """Return host and path, and the query; the fragment is dropped."""
    location, _, query = rest.partition("#")[0].partition("?")
    return location, query

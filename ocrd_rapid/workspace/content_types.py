# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The kind of a file, where the METS does not give it, or nothing specific."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..files import open_regular
from ..rasters.formats import FORMATS, HEAD, format_of
from .contents import MetsFile
from .file_locations import local_path
from .ids import MIMETYPE_PAGE

#: Unspecific media types; other software uses the last two for PAGE-XML.
_VAGUE = ("", "application/octet-stream", "application/xml", "text/xml")

#: Bytes that tell PAGE-XML from other XML.
_XML_HEAD = 4096

_PDF = "application/pdf"

#: The media types that `content_type` tells.
TOLD = {known.media_type for known in FORMATS} | {_PDF}


def with_kind(file: MetsFile, directory: Path) -> MetsFile:
    """Return an entry with a media type: its own, or else that of its content or its name.

    The entry of an unknown file stays unchanged.

    Args:
        file: the entry.
        directory: the workspace.
    """
    if file.mimetype not in _VAGUE:
        return file
    kind = _kind_of(local_path(directory, file.path)) if file.path else None
    name = PurePosixPath((file.path or file.url.partition("?")[0]).lower()).name
    kind = kind or mimetypes.guess_type(name, strict=False)[0]
    # By name, XML is just XML.
    return replace(file, mimetype=kind) if kind and kind not in _VAGUE else file


def _kind_of(path: Path) -> str | None:
    """Return the media type of a file by its content, if it exists and is known."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_XML_HEAD)
    except OSError:
        return None
    kind = content_type(head)
    if kind == "xml":
        return MIMETYPE_PAGE if b"PcGts" in head.replace(b"\0", b"") else None
    return kind


def content_type(head: bytes) -> str | None:
    """Return the media type by the first bytes; ``xml`` for any XML, ``None`` if unknown."""
    image = format_of(head[:HEAD])
    if image is not None:
        return image.media_type
    if head.startswith(b"%PDF"):
        return _PDF
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    wide = head.startswith((b"\xff\xfe<", b"\xfe\xff\0<"))
    return "xml" if text.startswith(b"<") or wide else None

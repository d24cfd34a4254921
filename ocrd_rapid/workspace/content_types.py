"""Of what kind a file is, where the METS does not say it, or nothing that tells."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..files import open_regular
from .contents import MetsFile
from .file_locations import local_path
from .ids import MIMETYPE_PAGE

#: Media types that say nothing; other software calls PAGE-XML by the last two.
_VAGUE = ("", "application/octet-stream", "application/xml", "text/xml")

_HEAD = 4096

#: How files of a kind begin.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"), (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"), (b"BM", "image/bmp"),
    (b"GIF8", "image/gif"), (b"%PDF", "application/pdf"),
)  # fmt: skip

#: The media types that `content_type` tells.
TOLD = {kind for _, kind in _BEGINNINGS} | {"image/webp"}


def with_kind(file: MetsFile, directory: Path) -> MetsFile:
    """Return an entry with a media type: its own, or else what its content or its name says.

    A file of which nothing is known stays as it is.

    Args:
        file: the entry.
        directory: the workspace.
    """
    if file.mimetype not in _VAGUE:
        return file
    kind = _kind_of(local_path(directory, file.path)) if file.path else None
    name = PurePosixPath((file.path or file.url.partition("?")[0]).lower()).name
    kind = kind or mimetypes.guess_type(name, strict=False)[0]
    # By its name XML is just XML.
    return replace(file, mimetype=kind) if kind and kind not in _VAGUE else file


def _kind_of(path: Path) -> str | None:
    """Return the media type of a file by its content, if it is there and known."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None
    kind = content_type(head)
    if kind == "xml":
        return MIMETYPE_PAGE if b"PcGts" in head.replace(b"\0", b"") else None
    return kind


def content_type(head: bytes) -> str | None:
    """Return the media type by the first bytes, ``xml`` for any XML, ``None`` if unknown."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    wide = head.startswith((b"\xff\xfe<", b"\xfe\xff\0<"))
    return "xml" if text.startswith(b"<") or wide else None

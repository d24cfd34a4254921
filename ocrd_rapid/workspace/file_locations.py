# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Locations of files in a METS or PAGE document: on this machine, or at an address."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from ..addresses import scheme_of
from ..errors import MetsError

#: Characters that break lines and terminals, and that no such text may have.
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

#: Kinds of locations that name a work, wherever it is.
_NAMES = ("ARK", "URN", "HANDLE", "DOI")


def checked(value: str, what: str) -> str:
    """Return a value written by somebody else unchanged, if it is one line of text.

    Raises:
        MetsError: it contains control characters.
    """
    if _CONTROL.search(value):
        raise MetsError(f"{what} {value[:60]!r} has control characters in it")
    return value


def is_remote(reference: str) -> bool:
    """Return whether a reference is an address beyond this machine."""
    scheme = scheme_of(reference)
    if scheme in ("", "file"):
        return False
    rest = reference[len(scheme) + 1 :]
    return scheme in ("http", "https", "ftp") or rest.startswith("//")


def is_relative(reference: str) -> bool:
    """Return whether a reference has no scheme: a path, or a URL relative to another one."""
    return not scheme_of(reference)


def sort_out(locations: Iterable[tuple[str, str, str]]) -> tuple[str, str]:
    """Return the path and the address in a file's locations; empty where there is none.

    OCR-D puts the local path into one of type OTHER, FILE, and the address into one of type URL.
    But paths of type URL are common, too: they count where there is no other.

    Args:
        locations: the reference (``xlink:href``), ``LOCTYPE`` and ``OTHERLOCTYPE`` of each.
    """
    path = url = other = ""
    for reference, kind, other_kind in locations:
        if is_remote(reference):
            url = url or reference
        elif (kind, other_kind) == ("OTHER", "FILE"):
            path = path or reference
        elif kind not in _NAMES:
            other = other or reference
    return strip_scheme(path or other), url


def strip_scheme(reference: str) -> str:
    """Return a path: a ``file:`` URL without its scheme, relative if it has two slashes only.

    It may still be percent-encoded, see `local_path`.
    """
    if reference[:5].lower() != "file:":
        return reference
    rest = reference[5:]
    if not rest.startswith("//"):
        return rest
    return rest[11:] if rest.startswith("//localhost/") else rest[2:]


def local_path(directory: Path, reference: str) -> Path:
    """Return the path that a reference means, whether it exists or not.

    A URL is percent-encoded, a path is not, and one often stands for the other. The disk decides:
    the name as written, or else decoded.

    Args:
        directory: the base of relative paths.
        reference: a path or a ``file:`` URL.
    """
    written = strip_scheme(reference)
    path = directory / written
    if "%" in written and not os.path.lexists(path):
        decoded = directory / unquote(written)
        if os.path.lexists(decoded):
            return decoded
    return path


def is_there(path: Path) -> bool:
    """Return whether a path exists; ``False`` for an invalid one."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or a null byte
        return False


def image_of_page(name: str, page: Path) -> Path | None:
    """Return the path of an image that a PAGE-XML file does not name as OCR-D does.

    OCR-D's names are relative to the workspace. Other programs write the name alone, or a path
    relative to the file, maybe of Windows; the image is beside the file or in the folder above.

    Args:
        name: ``@imageFilename``.
        page: the PAGE-XML file.
    """
    written = strip_scheme(name).replace("\\", "/")
    for folder in (page.parent, page.parent.parent):
        for candidate in (written, written.rpartition("/")[2]):
            path = local_path(folder, candidate)
            if candidate and is_there(path) and path.is_file():
                return path
    return None

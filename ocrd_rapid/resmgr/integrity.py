# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Sizes and hashes: is this file what the catalogue says?"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from ..cache import HASHES
from ..errors import IntegrityError
from .resource import Resource

_CHUNK = 1 << 20

#: A file that changed within the last nanoseconds could change again with the same times.
_SETTLED = 2_000_000_000


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def known_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hex digits, if possible without reading it.

    Reading a model to hash it takes as long as loading it. Its hash is therefore kept in the
    user's cache, with the file's device, inode, size and times. The change time of an inode cannot
    be set, so a file that was replaced or written to is read again; only `sha256_of` finds a disk
    that fails silently.

    Raises:
        OSError: it cannot be read.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    before = _state(path)
    with contextlib.suppress(ValueError):
        state, _, digest = (HASHES.read(name) or b"").decode("ascii").partition("\n")
        if state == before and re.fullmatch("[0-9a-f]{64}", digest):
            return digest
    digest = sha256_of(path)
    if _state(path) == before and _changed(path) + _SETTLED < time.time_ns():
        HASHES.keep(name, f"{before}\n{digest}".encode("ascii"))
    return digest


def check_file(
    path: Path,
    resource: Resource,
    *,
    origin: str,
    sha256: Callable[[Path], str] = sha256_of,
) -> str:
    """Check size and hash of a file against its entry; return its hash.

    A size of 0 and an empty hash are unknown and not checked.

    Args:
        path: the file.
        resource: what it must be.
        origin: where it came from, for the message.
        sha256: the function that hashes it.

    Raises:
        IntegrityError: the file differs.
    """
    size = path.stat().st_size
    if resource.size and size != resource.size:
        raise IntegrityError(
            f"{resource.name} from {origin} has {size} bytes, expected {resource.size}"
        )
    digest = sha256(path)
    if resource.sha256 and digest != resource.sha256:
        raise IntegrityError(
            f"{resource.name} from {origin} has SHA-256 {digest}, expected {resource.sha256}"
        )
    return digest


def check_installed(path: Path, resource: Resource) -> None:
    """Check a resource before use; one that has not changed since is not read again.

    Raises:
        IntegrityError: it differs; the message names the command that replaces it.
    """
    try:
        check_file(path, resource, origin=str(path.parent), sha256=known_sha256)
    except IntegrityError as error:
        if resource.in_package:
            raise IntegrityError(
                f"{error}; install ocrd-rapid again, or rename it, if it is a model of your own"
            ) from error
        raise IntegrityError(
            f"{error}; replace it with: ocrd-rapid resmgr download --overwrite"
            f" {resource.executable} {resource.name}"
            " (or rename it, if it is a model of your own)"
        ) from error


def _state(path: Path) -> str:
    found = path.stat()
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _changed(path: Path) -> int:
    found = path.stat()
    return max(found.st_mtime_ns, found.st_ctime_ns)

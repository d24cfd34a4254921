"""Hashes of files that have not changed since they were hashed.

Reading a model to hash it takes as long as loading it. The hash of a file is therefore kept in
the user's cache with what the file system says of it: device, inode, size, and the times of its
last change. The time of a change of the inode cannot be set by programs, so a file that was
replaced or written to is hashed again; a disk that fails silently is only found by
`integrity.sha256_of`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from pathlib import Path

from ..files import replace_quickly
from .integrity import sha256_of

#: A file that changed in the last nanoseconds could change again without its times telling.
_SETTLED = 2_000_000_000


def known_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hex digits, without reading it if possible.

    Raises:
        OSError: it cannot be read.
    """
    before = _state(path)
    record = _record(path)
    with contextlib.suppress(OSError, ValueError):
        state, _, digest = record.read_text(encoding="ascii").partition("\n")
        if state == before and re.fullmatch("[0-9a-f]{64}", digest):
            return digest
    digest = sha256_of(path)
    if _state(path) == before and _changed(path) + _SETTLED < time.time_ns():
        with contextlib.suppress(OSError):
            record.parent.mkdir(parents=True, exist_ok=True)
            replace_quickly(record, f"{before}\n{digest}".encode("ascii"))
    return digest


def _record(path: Path) -> Path:
    from platformdirs import user_cache_path

    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return user_cache_path("ocrd-rapid") / "hashes" / name


def _state(path: Path) -> str:
    found = path.stat()
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _changed(path: Path) -> int:
    found = path.stat()
    return max(found.st_mtime_ns, found.st_ctime_ns)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The bytes received of a file, kept so that a later download continues from there.

A partial file belongs to one process at a time, which claims it by renaming it; this needs no
locks, so it works on network file systems, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..files import make_directory
from ..processes import process_lives

#: Partial files are removed after this time without a write.
STALE_SECONDS = 7 * 24 * 3600
#: An orphan of another machine may be taken over after this time without a write.
_FOREIGN_SECONDS = 3600


@dataclass(frozen=True)
class Partial:
    """The state of a partial file.

    Attributes:
        size: bytes received so far.
        validator: the server's strong ETag or its Last-Modified; empty if it gave neither.
    """

    size: int = 0
    validator: str = ""

    @property
    def resumable(self) -> bool:
        """Whether the rest can be requested."""
        return bool(self.size and self.validator)

    def request_headers(self) -> dict[str, str]:
        """Return the headers that request the rest, or the whole file if it is not resumable."""
        # A compressed transfer could not be resumed, nor compared with the length.
        headers = {"Accept-Encoding": "identity"}
        if self.resumable:
            headers["Range"] = f"bytes={self.size}-"
            headers["If-Range"] = self.validator
        return headers


class Part:
    """A partial file that this process has claimed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._validator = _read_validator(path)

    @property
    def state(self) -> Partial:
        """The current size and validator."""
        try:
            return Partial(self.path.stat().st_size, self._validator)
        except FileNotFoundError:
            return Partial()

    def reset(self, validator: str = "") -> None:
        """Discard the bytes received; record the validator of those to come."""
        make_directory(self.path.parent)  # somebody may have tidied up
        self.path.write_bytes(b"")
        self._validator = validator
        _note(self.path).write_text(json.dumps({"validator": validator}), encoding="utf-8")


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_validator(path: Path) -> str:
    try:
        return str(json.loads(_note(path).read_text(encoding="utf-8"))["validator"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextlib.contextmanager
def claimed(url: str, target: Path, parts: Path | None) -> Iterator[Part]:
    """Claim the partial file of an earlier download, or begin one; keep it if this one fails.

    Args:
        url: the address of the file.
        target: its final place; without ``parts``, the partial file is beside it.
        parts: directory of partial files; ``None``: they are not kept.
    """
    key = hashlib.sha256(url.encode("utf-8")).hexdigest()[:20]
    if parts is None:
        mine = target.with_name(target.name + ".part")
    else:
        make_directory(parts)
        _remove_stale(parts)
        mine = parts / f"{key}.{_owner()}"
        _claim(parts, key, mine)
    part = Part(mine)
    try:
        yield part
    finally:
        with contextlib.suppress(OSError):
            if parts is None or not mine.exists() or mine.stat().st_size == 0:
                mine.unlink(missing_ok=True)
                _note(mine).unlink(missing_ok=True)
            else:
                free = parts / f"{key}.{uuid.uuid4().hex}.free"
                mine.replace(free)
                _note(mine).replace(_note(free))


def _owner() -> str:
    host = re.sub(r"\W", "_", socket.gethostname())
    return f"{host}.{os.getpid()}.{uuid.uuid4().hex[:8]}"


def _claim(parts: Path, key: str, mine: Path) -> None:
    """Take over the largest partial file of this key that no running process owns."""
    candidates = [p for p in parts.glob(f"{key}.*") if p.suffix != ".json" and _is_free(p)]
    for path in sorted(candidates, key=_size, reverse=True):
        try:
            path.replace(mine)
        except FileNotFoundError:  # somebody else was faster
            continue
        if not os.access(mine, os.R_OK | os.W_OK):  # another user's
            mine.unlink(missing_ok=True)
            continue
        with contextlib.suppress(FileNotFoundError):  # without it, the download starts over
            _note(path).replace(_note(mine))
        return


def _is_free(path: Path) -> bool:
    if path.suffix == ".free":
        return True
    try:
        _, host, pid, _ = path.name.split(".")
        age = time.time() - path.stat().st_mtime
    except (ValueError, OSError):
        return False
    if host != re.sub(r"\W", "_", socket.gethostname()):
        return age > _FOREIGN_SECONDS
    return not process_lives(int(pid))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove_stale(parts: Path) -> None:
    for path in parts.iterdir():
        # A note lives as long as its partial file.
        about = path.with_name(path.name.removesuffix(".json"))
        with contextlib.suppress(OSError):
            times = [p.stat().st_mtime for p in {path, about} if p.exists()]
            if times and time.time() - max(times) > STALE_SECONDS:
                path.unlink()

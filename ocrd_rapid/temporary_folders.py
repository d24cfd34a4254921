# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders for temporary files; what killed runs left is removed by later ones."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "ocrd-rapid-run-"
_LOCK = "lock"
_CONTENT = "content"

#: Seconds after which an empty folder is taken to be a leftover; it may be about to be locked.
_GRACE = 60


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder among the temporary files, which is removed at the end.

    It is locked, so that other processes know that it is in use. Any thread may leave the context.

    Raises:
        OSError: it cannot be made.
    """
    from filelock import FileLock

    remove_leftovers(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        with contextlib.suppress(NotImplementedError):  # a file system without locks
            lock.acquire()
        content = folder / _CONTENT
        content.mkdir()
        yield content
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(place: Path, now: float | None = None) -> None:
    """Remove our folders of runs that were killed.

    Args:
        place: where they are.
        now: seconds since the epoch; ``None`` for the time of the clock.
    """
    from filelock import FileLock, Timeout

    now = time.time() if now is None else now
    user = os.getuid() if hasattr(os, "getuid") else None
    for folder in place.glob(f"{_PREFIX}*"):
        try:
            state = folder.lstat()
            if user is not None and state.st_uid != user:
                continue
            # Only a folder that has been locked has content.
            if state.st_mtime > now - _GRACE and not (folder / _CONTENT).exists():
                continue
            with FileLock(folder / _LOCK, timeout=0):
                pass
        except (Timeout, NotImplementedError, OSError):
            continue
        shutil.rmtree(folder, ignore_errors=True)

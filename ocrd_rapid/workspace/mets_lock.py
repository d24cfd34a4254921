# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Writers of a METS take turns: the lock beside it, and the leftovers of killed writers."""

from __future__ import annotations

import contextlib
import glob
import logging
from collections.abc import Iterator
from pathlib import Path

from ..errors import StorageError

LOG = logging.getLogger(__name__)

#: Seconds that a writer waits for the one before it.
LOCK_SECONDS = 60


def remove_temporary(mets_path: Path) -> None:
    """Remove the leftovers of killed writers of a METS; call it only with the lock held."""
    for path in temporary_files(mets_path):
        with contextlib.suppress(OSError):
            path.unlink()


def temporary_files(mets_path: Path) -> list[Path]:
    """Return the temporary files beside a METS with which writers replace it."""
    return list(mets_path.parent.glob(f".{glob.escape(mets_path.name)}.*.tmp"))


@contextlib.contextmanager
def locked(mets_path: Path, timeout: float | None = None) -> Iterator[bool]:
    """Hold the lock on a METS file; where locks do not work, continue without, and say so.

    Args:
        mets_path: the METS file.
        timeout: seconds to wait for its holder.
    """
    seconds = LOCK_SECONDS if timeout is None else timeout
    from filelock import FileLock, Timeout

    path = mets_path.with_name(f".{mets_path.name}.lock")
    mets_path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, mode=0o666)
    try:  # from here on: an interrupt while it is acquired must release it, too
        try:
            lock.acquire(timeout=seconds)
        except Timeout as error:
            raise StorageError(
                f"{mets_path} has been locked by another process for more than {seconds:g} s"
                f" (lock file {path})"
            ) from error
        except NotImplementedError:
            LOG.warning(
                "this file system cannot lock files: only one process may write %s", mets_path
            )
        yield lock.is_locked
    finally:
        lock.release()

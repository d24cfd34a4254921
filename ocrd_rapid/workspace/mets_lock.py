# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Writers of a METS take turns: the lock beside it, and the leftovers of killed writers."""

from __future__ import annotations

import contextlib
import errno
import functools
import glob
import logging
from collections.abc import Iterator
from pathlib import Path

from ..errors import StorageError
from .lock_reach import reach_problem

LOG = logging.getLogger(__name__)

#: Seconds that a writer waits for the one before it.
LOCK_SECONDS = 60

#: What a system says of a file system without locks, or without the service that grants them.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})


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

    Where the lock keeps away only the processes of this machine, that is said, too.

    Args:
        mets_path: the METS file.
        timeout: seconds to wait for its holder.

    Raises:
        StorageError: another process holds it for longer.
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
        except (NotImplementedError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
                raise
            LOG.warning(
                "this file system cannot lock files: only one process may write %s", mets_path
            )
        else:
            _warn_of_reach(mets_path)
        yield lock.is_locked
    finally:
        lock.release()


@functools.lru_cache
def _warn_of_reach(mets_path: Path) -> None:
    """Say once of a METS whose lock other machines do not see that only this one may write it."""
    if problem := reach_problem(mets_path):
        LOG.warning(
            "locks of this file system (%s) are not seen by other machines: only this one may"
            " write %s, or all by way of a METS server",
            problem,
            mets_path,
        )

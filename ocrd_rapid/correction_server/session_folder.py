# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The folder in a workspace for all that correcting needs besides pages, and who has it open."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..files import read_regular, write_atomically
from ..plain_data import parse_json

LOG = logging.getLogger(__name__)

#: The name of the folder in the directory of the workspace.
NAME = ".ocrd-rapid-correct"

JOURNAL, READINGS, HEADS, LOG_FILE = "journal.jsonl", "readings.json", "heads", "jobs.log"

_LOCK, _WHO, _PORT = "lock", "open.json", "port"


def session_folder(workspace: Path) -> Path:
    """Return the folder of a workspace, after making it.

    Raises:
        OSError: it cannot be made.
    """
    folder = workspace / NAME
    (folder / HEADS).mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from correcting the same workspace until the end of a block.

    The system gives the lock back when a process ends, however it ends. Where locks do not work,
    nobody is kept away, and a warning says so.

    Raises:
        StorageError: somebody else has it open; the message says who, where and since when.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK, mode=0o666)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StorageError(_who(folder)) from error
    except (NotImplementedError, OSError) as error:
        LOG.warning("%s cannot be locked (%s): let nobody else correct this book", folder, error)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / _WHO).unlink(missing_ok=True)
        lock.release()


def note_owner(folder: Path, address: str, port: int) -> None:
    """Write down who has the workspace open.

    Args:
        folder: the folder.
        address: where it is served, without the token.
        port: the port.
    """
    write_atomically(folder / _PORT, str(port).encode())
    value = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "address": address,
    }
    write_atomically(folder / _WHO, json.dumps(value).encode())


def last_port(folder: Path) -> int:
    """Return the port that the workspace was served at last; 0 if it never was.

    A window that is still open saves what it has as soon as the book is there again.
    """
    with contextlib.suppress(OSError, ValueError):
        port = int(read_regular(folder / _PORT))
        return port if 0 < port < 65536 else 0
    return 0


def _who(folder: Path) -> str:
    """Return a sentence about who has a workspace open."""
    value: Any = None
    with contextlib.suppress(OSError, ValueError):
        value = parse_json(read_regular(folder / _WHO).decode("utf-8"))
    who = "by another process"
    if isinstance(value, dict):
        host, pid, since = (str(value.get(key, "?"))[:80] for key in ("host", "pid", "since"))
        who = f"on {host}, by process {pid}, since {since}, at {str(value.get('address'))[:80]}"
    return f"{folder.parent} is being corrected already {who}; end that with Ctrl-C first"

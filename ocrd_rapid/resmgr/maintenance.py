# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Maintenance of installed resources: verify, remove."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from ..config.directories import NoHomeError
from ..errors import IntegrityError, StorageError
from . import database
from .installed import Installed
from .integrity import check_file


class State(str, Enum):
    """The state of an installed resource."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verification:
    """The result of checking one resource; ``detail`` says what is wrong."""

    item: Installed
    state: State
    detail: str = ""


def verify(items: Iterable[Installed]) -> Iterator[Verification]:
    """Compare resources with their known hashes, one by one."""
    for item in items:
        resource = item.resource
        if not item.path.is_file() or resource.type != "file" or not resource.sha256:
            yield Verification(item, State.UNKNOWN, "no hash is known")
            continue
        try:
            check_file(item.path, resource, origin=str(item.path.parent))
        except IntegrityError as error:
            yield Verification(item, State.WRONG, str(error))
        else:
            yield Verification(item, State.OK)


def remove(item: Installed) -> None:
    """Delete an installed resource; one that only the user's database knows is forgotten.

    Raises:
        StorageError: it cannot be deleted.
    """
    try:
        if item.path.is_dir() and not item.path.is_symlink():
            shutil.rmtree(item.path)
        else:
            item.path.unlink()
    except OSError as error:
        raise StorageError(f"cannot remove {item.path}: {error.strerror}") from error
    if "://" not in item.resource.url:
        with contextlib.suppress(NoHomeError):  # no home, no database that names it
            database.forget(item.resource.executable, item.resource.name)

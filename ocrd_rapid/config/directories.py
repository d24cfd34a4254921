# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The user's directories for data, configuration and cache, and their substitutes without a home.

A service, a container or a cron job may have no home: ``HOME`` is not set and the user has no
entry in the system's list of users, or the entry names a directory that does not exist. Nothing
is looked up there then, and data that only saves time is not kept. Relative paths in ``XDG_…`` are
not valid (XDG Base Directory Specification) and count as not set, as empty ones do.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..errors import StorageError

_NAME = "ocrd-rapid"


class NoHomeError(StorageError):
    """There is no home directory, and no variable that names another place."""


def data_home() -> Path:
    """Return ``$XDG_DATA_HOME``, by default ``~/.local/share`` (on every platform).

    Raises:
        NoHomeError: the variable is not set, and there is no home directory.
    """
    from platformdirs.unix import Unix

    return _required("XDG_DATA_HOME", lambda: Unix().user_data_dir)


def config_home() -> Path:
    """Return ``$XDG_CONFIG_HOME``, by default ``~/.config`` (on every platform).

    Raises:
        NoHomeError: the variable is not set, and there is no home directory.
    """
    from platformdirs.unix import Unix

    return _required("XDG_CONFIG_HOME", lambda: Unix().user_config_dir)


def cache_home() -> Path | None:
    """Return our directory in the user's cache, or ``None`` if there is no home.

    It need not exist, and it may be impossible to make it: callers must do without it then.
    """
    from platformdirs import user_cache_dir

    return _directory("XDG_CACHE_HOME", lambda: user_cache_dir(_NAME))


def temporary_cache() -> Path | None:
    """Return our directory among the temporary files, or ``None`` if it cannot be trusted.

    It belongs to the user, and nobody else may write to it. It need not exist.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    try:
        folder = Path(tempfile.gettempdir()) / f"{_NAME}-{user}"
        state = folder.lstat()
    except FileNotFoundError as error:
        # An error without a file name is from tempfile, which has found no directory.
        return folder if error.filename else None
    except OSError:
        return None
    foreign = hasattr(os, "getuid") and state.st_uid != user
    open_to_others = os.name == "posix" and state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return None if foreign or open_to_others or not stat.S_ISDIR(state.st_mode) else folder


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with ``~`` replaced by a home directory; unchanged if there is none."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _required(variable: str, get: Callable[[], str]) -> Path:
    found = _directory(variable, get)
    if found is None:
        raise NoHomeError(f"there is no home directory ({_reason()}); set HOME or {variable}")
    return found


def _directory(variable: str, get: Callable[[], str]) -> Path | None:
    """Return a directory of the user's, if a variable names it or there is a home."""
    if not Path(os.environ.get(variable, "")).is_absolute() and _home() is None:
        return None
    try:
        path = Path(get())
    except RuntimeError:  # of platformdirs: no home
        return None
    return path if path.is_absolute() else None


def _home() -> Path | None:
    named = os.environ.get("HOME")
    if named is not None and not Path(named).is_absolute():
        return None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home if home.is_dir() else None


def _reason() -> str:
    """Return why there is no home."""
    named = os.environ.get("HOME")
    if named is not None and not Path(named).is_absolute():
        return f"HOME is '{named}', not an absolute path"
    try:
        return f"{Path.home()} does not exist"
    except RuntimeError:
        user = f"user {os.getuid()}" if hasattr(os, "getuid") else "the user"
        return f"HOME is not set, and {user} is not known here"

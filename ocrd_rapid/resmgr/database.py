# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The user's database of resources, ``$XDG_CONFIG_HOME/ocrd/resources.yml``.

OCR-D core reads and writes the same file, with a strict schema: one extra key makes every
command of core fail. So only `Resource.to_core` goes in. Writers take a lock and replace the
file in one step; reading needs neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..config.directories import NoHomeError, config_home
from ..errors import ConfigurationError, StorageError
from ..files import make_directory, share_as, write_atomically
from ..plain_data import parse_yaml
from . import catalogue
from .resource import Resource

LOG = logging.getLogger(__name__)

#: Core's first line, verbatim.
HEADER = (
    "# OCR-D private resource list (consider sending a PR with your own resources to OCR-D/core)\n"
)
_LOCK_TIMEOUT = 60
_ATTEMPTS = 5
_LEFTOVER_SECONDS = 3600


def user_database() -> Path:
    """Return the path of the user's database.

    Raises:
        NoHomeError: there is no home directory for it.
    """
    return config_home() / "ocrd" / "resources.yml"


def read(path: Path | None = None) -> catalogue.Catalogue:
    """Read the user's database; a missing or unreadable one is empty.

    Unreadable content is left alone and reported as a warning; listing and resolving continue.
    """
    try:
        content = _load(path or user_database())
    except NoHomeError:
        content = {}
    except OSError as error:
        LOG.warning("the user database cannot be read and is ignored: %s", error)
        content = {}
    return MappingProxyType(
        {
            str(executable): tuple(_usable(str(executable), found))
            for executable, found in content.items()
            if isinstance(found, list)
        }
    )


def _usable(executable: str, entries: list[Any]) -> Iterator[Resource]:
    """Yield the usable ones of entries that people may have edited."""
    for entry in entries:
        try:
            yield Resource.from_mapping(executable, entry)
        except (ConfigurationError, AttributeError, TypeError, ValueError) as error:
            LOG.warning("the user database has an entry that cannot be used: %s", error)


def register(resource: Resource, path: Path | None = None) -> None:
    """Add or replace one entry, keeping all others.

    Raises:
        StorageError: the database cannot be written.
    """

    def with_resource(content: dict[str, Any]) -> None:
        present = _mappings(content.get(resource.executable))
        content[resource.executable] = _with_entry(present, resource.to_core())

    _change(path or user_database(), with_resource)


def forget(executable: str, name: str, path: Path | None = None) -> None:
    """Remove one entry, if it is there.

    Raises:
        StorageError: the database cannot be written.
    """

    def without_resource(content: dict[str, Any]) -> None:
        present = _mappings(content.get(executable))
        content[executable] = [entry for entry in present if entry.get("name") != name]

    _change(path or user_database(), without_resource)


def _change(target: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Read, change and replace the database while holding its lock.

    Where locks do not work, somebody else may replace it in between: read it once more, and
    change it again if our change is gone.
    """
    from filelock import FileLock, Timeout

    try:
        make_directory(target.parent)
        lock = target.with_name(target.name + ".lock")
        with FileLock(lock, timeout=_LOCK_TIMEOUT, mode=0o666):
            _remove_leftovers(target)
            for _ in range(_ATTEMPTS):
                content = _load(target, set_aside=True)
                before = _dump(content)
                change(content)
                after = _dump(content)
                if after == before and target.exists():
                    return
                write_atomically(target, after)
                share_as(target.parent, target)
    except Timeout as error:
        raise StorageError(
            f"{target} has been locked for {_LOCK_TIMEOUT} s by another process"
        ) from error
    except OSError as error:
        raise StorageError(f"cannot write the user database {target}: {error.strerror}") from error


def _remove_leftovers(target: Path) -> None:
    """Remove the files that killed writers left beside the database."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
                path.unlink()


def _dump(content: Mapping[str, Any]) -> bytes:
    import yaml

    return (HEADER + yaml.safe_dump(dict(content))).encode("utf-8")


def _mappings(entries: Any) -> list[dict[str, Any]]:
    return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []


def _with_entry(present: list[dict[str, Any]], entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries with the one of the same name replaced, or the new one appended."""
    if any(other.get("name") == entry["name"] for other in present):
        return [entry if other.get("name") == entry["name"] else other for other in present]
    return [*present, entry]


def _load(path: Path, *, set_aside: bool = False) -> dict[str, Any]:
    """Return the content of a database; a missing or broken one is empty.

    Args:
        path: the database.
        set_aside: keep a copy of a broken one, because it is about to be replaced.

    Raises:
        OSError: it exists but cannot be read.
    """
    import yaml

    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        LOG.warning("the user database %s is broken and is ignored: %s", path, reason)
        return _broken(path, set_aside)
    if content is None:
        return {}
    if not isinstance(content, dict):
        LOG.warning("the user database %s is not a mapping and is ignored", path)
        return _broken(path, set_aside)
    return content


def _broken(path: Path, set_aside: bool) -> dict[str, Any]:
    if not set_aside:
        return {}
    with contextlib.suppress(OSError):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:8]
        backup = path.with_name(f"{path.name}.broken-{digest}")
        if not backup.exists():
            write_atomically(backup, data)
            LOG.warning("a copy is kept as %s", backup)
    return {}


def migrate(path: Path | None = None) -> Path | None:
    """Convert a database of OCR-D core before 2.37.0 to today's form.

    The types ``github-dir`` and ``tarball`` became ``directory`` and ``archive``.

    Returns:
        The copy of the old database, or ``None`` if there was nothing to do.

    Raises:
        StorageError: the database cannot be written.
    """
    target = path or user_database()
    renamed = {"github-dir": "directory", "tarball": "archive"}

    def old_entries(content: Mapping[str, Any]) -> list[dict[str, Any]]:
        entries = [entry for found in content.values() for entry in _mappings(found)]
        return [entry for entry in entries if entry.get("type") in renamed]

    def with_new_types(content: dict[str, Any]) -> None:
        for entry in old_entries(content):
            entry["type"] = renamed[entry["type"]]

    if not old_entries(_load(target)):
        return None
    backup = target.with_name(target.name + ".before-2.37.0")
    try:
        write_atomically(backup, target.read_bytes())
    except OSError as error:
        raise StorageError(f"cannot write {backup}: {error.strerror}") from error
    _change(target, with_new_types)
    return backup

"""The user's database of resources, ``$XDG_CONFIG_HOME/ocrd/resources.yml``.

OCR-D core reads and writes the same file, with a strict schema: one key too many makes every
command of core fail. So only `Resource.to_core` goes in. Writers take a lock and replace the
file in one step; reading needs neither.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..files import write_atomically
from . import catalogue
from .locations import config_home
from .resource import Resource

LOG = logging.getLogger(__name__)

#: Core's first line, verbatim.
HEADER = (
    "# OCR-D private resource list (consider sending a PR with your own resources to OCR-D/core)\n"
)
_LOCK_TIMEOUT = 60


def user_database() -> Path:
    """Return the path of the user's database."""
    return config_home() / "ocrd" / "resources.yml"


def read(path: Path | None = None) -> catalogue.Catalogue:
    """Read the user's database; a missing or unreadable one is empty.

    What cannot be read is left alone and reported as a warning: listing and resolving go on.
    """
    return catalogue.parse_catalogue(_valid_part(_load(path or user_database())))


def entries(executable: str, path: Path | None = None) -> dict[str, Resource]:
    """Return all known resources of an executable by name: the bundled ones first."""
    known = {entry.name: entry for entry in catalogue.bundled().get(executable, ())}
    for entry in read(path).get(executable, ()):
        known.setdefault(entry.name, entry)
    return known


def register(resource: Resource, path: Path | None = None) -> None:
    """Add or replace one entry, keeping all others.

    Raises:
        StorageError: the database cannot be written.
    """
    from filelock import FileLock, Timeout

    target = path or user_database()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock"), timeout=_LOCK_TIMEOUT):
            content = _load(target)
            content[resource.executable] = _with_entry(
                content.get(resource.executable) or [], resource.to_core()
            )
            _write(target, content)
    except Timeout as error:
        raise StorageError(
            f"{target} has been locked for {_LOCK_TIMEOUT} s by another process"
        ) from error
    except OSError as error:
        raise StorageError(f"cannot write the user database {target}: {error.strerror}") from error


def _with_entry(present: list[dict[str, Any]], entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries with the one of the same name replaced, or with a new one at the end."""
    if any(other.get("name") == entry["name"] for other in present):
        return [entry if other.get("name") == entry["name"] else other for other in present]
    return [*present, entry]


def _load(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        LOG.warning("the user database %s cannot be read and is ignored: %s", path, error)
        if isinstance(error, OSError):
            return {}
        return _set_aside(path)
    if content is None:
        return {}
    if not isinstance(content, dict):
        LOG.warning("the user database %s is not a mapping and is ignored", path)
        return _set_aside(path)
    return content


def _set_aside(path: Path) -> dict[str, Any]:
    """Keep a copy of a broken database, since the next writer replaces it."""
    backup = path.with_name(path.name + ".broken")
    with contextlib.suppress(OSError):
        if not backup.exists():
            os.link(path, backup)
            LOG.warning("a copy is kept as %s", backup)
    return {}


def _valid_part(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be used of a database that people may have edited."""
    return {
        str(executable): [e for e in found if isinstance(e, dict) and "url" in e]
        for executable, found in content.items()
        if isinstance(found, list)
    }


def _write(path: Path, content: Mapping[str, Any]) -> None:
    import yaml

    write_atomically(path, (HEADER + yaml.safe_dump(dict(content))).encode("utf-8"))

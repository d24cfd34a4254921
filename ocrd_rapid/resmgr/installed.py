# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The installed resources, as ``--list-resources`` and ``list-installed`` show them.

The rules are those of OCR-D core 3.13.3: the top level of the directories in
``$<EXECUTABLE>_PATH``, of *data* and of *system*, files and directories; of the *module*
directory only files, and not those that belong to a Python package; of all these, the ones with
the media types of the processor's parameters. The current directory is searched when a resource
is resolved, but not listed.
"""

from __future__ import annotations

import contextlib
import fnmatch
import mimetypes
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..config.directories import NoHomeError, data_home
from . import database, known, records
from .locations import RESOURCES, SYSTEM_SHARE, search_path
from .resource import UNKNOWN_URL, Resource

_NOT_RESOURCES = (
    "*.py", "*.py[cod]", "*~", ".*.swp", "*.swo", "*.egg-info", "*.egg", "copyright.txt",
    "LICENSE*", "README.md", "MANIFEST", "TAGS", ".DS_Store", "*.so", "*.mo", "*.pot", "*.log",
    "*.orig", "*.BAK", "ocrd-tool.json", "environment.pickle", "resource_list.yml",
)  # fmt: skip

_DIRECTORY = "text/directory"
_ANY_FILE = {"*/*", "application/octet-stream"}


@dataclass(frozen=True)
class Installed:
    """A file or directory found at one of the places, with its entry.

    Attributes:
        resource: its entry; a stub with the URL ``???`` if no database knows it.
        path: where it is.
        origin: ``env``, ``data``, ``system`` or ``module``.
    """

    resource: Resource
    path: Path
    origin: str

    @property
    def is_stub(self) -> bool:
        """Whether no database knows it, and core would enter a stub."""
        return self.resource.url == UNKNOWN_URL


def list_files(
    executable: str,
    tool: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[tuple[str, Path]]:
    """Return the resources of an executable as pairs of origin and path, sorted by path.

    A file found in two ways (data and system are one directory in Docker) is listed once.

    Args:
        executable: the processor.
        tool: its description; without one, every file counts.
        environ: environment variables, by default those of the process.
    """
    locations = (tool or {}).get("resource_locations") or ["data", "system", "module"]
    wanted = _media_types(tool or {})
    advertised = [r for r in (tool or {}).get("resources") or [] if isinstance(r, Mapping)]
    suffixes = {Path(str(r.get("name", ""))).suffix for r in advertised}
    found: dict[Path, tuple[str, Path]] = {}
    for place in search_path(executable, environ=environ):
        if place.origin != "env" and (place.origin == "cwd" or place.origin not in locations):
            continue
        if not place.directory.is_dir():
            continue
        for path in _top_level(place.directory, files_only=place.origin == "module"):
            if _fits(path, wanted, suffixes - {""}):
                found.setdefault(
                    Path(os.path.realpath(path.parent), path.name), (place.origin, path)
                )
    return sorted(found.values(), key=lambda pair: pair[1])


def _top_level(directory: Path, *, files_only: bool) -> Iterator[Path]:
    try:
        entries = list(directory.iterdir())
    except OSError:  # not ours to read
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if files_only and (
            not path.is_file() or any(fnmatch.fnmatch(path.name, p) for p in _NOT_RESOURCES)
        ):
            continue
        yield path


def _media_types(tool: Mapping[str, Any]) -> set[str]:
    """Return the media types of a processor's file parameters."""
    types = {
        part.strip()
        for parameter in (tool.get("parameters") or {}).values()
        if isinstance(parameter, Mapping)
        and parameter.get("type") == "string"
        and parameter.get("format") == "uri"
        for part in str(parameter.get("content-type") or "").split(",")
    }
    return types - {""} or {"*/*"}


def _fits(path: Path, wanted: set[str], suffixes: Iterable[str]) -> bool:
    if path.is_dir():
        return _DIRECTORY in wanted or "*/*" in wanted
    if wanted == {_DIRECTORY}:
        return path.suffix == ".json"  # a preset
    if wanted & _ANY_FILE or path.suffix in suffixes or path.suffix == ".json":
        return True
    guessed = mimetypes.guess_type(path.name)[0]
    return guessed is None or any(fnmatch.fnmatch(guessed, pattern) for pattern in wanted)


def list_installed(executable: str) -> list[Installed]:
    """Return the installed resources of an executable, with their entries in the databases."""
    return list_all([executable])[executable]


def list_all(executables: Sequence[str]) -> dict[str, list[Installed]]:
    """Return the installed resources of several executables.

    The database is read once, and foreign processors are asked in parallel.
    """
    found = known.tools_of(executables)
    user = database.read()

    def list_one(executable: str) -> list[Installed]:
        tool = found.get(executable)
        entries = known.merge(executable, tool, user)
        result = []
        for origin, path in list_files(executable, tool):
            resource = entries.get(path.name) or _stub(executable, path, origin)
            result.append(Installed(records.with_hash(path.parent, resource), path, origin))
        return result

    with ThreadPoolExecutor(max_workers=8) as pool:
        return dict(zip(executables, pool.map(list_one, executables), strict=True))


def _stub(executable: str, path: Path, origin: str) -> Resource:
    """Return the entry that core makes for a file that no database knows."""
    if origin == "module":
        return Resource(
            executable, path.name, str(path), "Found at module", _size(path),
            sha256=records.shipped_sha256(path),
        )  # fmt: skip
    return Resource(
        executable=executable,
        name=path.name,
        url=UNKNOWN_URL,
        description=f"Found at {origin} on {datetime.now()}",
        size=_size(path),
        type="directory" if path.is_dir() else "file",
        version_range=UNKNOWN_URL,
    )


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return path.stat().st_size if path.is_file() else 0


def executables_with_resources() -> list[str]:
    """Return the executables that have a directory at *data* or *system*, sorted."""
    names: set[str] = set()
    roots = [SYSTEM_SHARE / RESOURCES]
    with contextlib.suppress(NoHomeError):
        roots.append(data_home() / RESOURCES)
    for root in roots:
        if root.is_dir():
            names |= {p.name for p in root.iterdir() if p.is_dir() and p.name.startswith("ocrd-")}
    return sorted(names)

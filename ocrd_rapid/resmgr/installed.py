"""What is installed, as ``--list-resources`` and ``list-installed`` show it.

The rules are those of OCR-D core 3.13.3: the top level of the directories in
``$<EXECUTABLE>_PATH``, of *data* and of *system*, files and directories; of the *module*
directory only files, and not those that belong to a Python package. The current directory
is searched when a resource is resolved but not listed.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import database
from .locations import RESOURCES, SYSTEM_SHARE, data_home, search_path
from .resource import UNKNOWN_URL, Resource

_NOT_RESOURCES = (
    "*.py", "*.py[cod]", "*~", ".*.swp", "*.swo", "*.egg-info", "*.egg", "copyright.txt",
    "LICENSE*", "README.md", "MANIFEST", "TAGS", ".DS_Store", "*.so", "*.mo", "*.pot", "*.log",
    "*.orig", "*.BAK", "ocrd-tool.json", "environment.pickle", "resource_list.yml",
)  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """A file or directory found at one of the places, with what is known about it."""

    resource: Resource
    path: Path
    origin: str


def list_files(executable: str, environ: Mapping[str, str] | None = None) -> list[tuple[str, Path]]:
    """Return the resources of an executable as pairs of origin and path, sorted by path.

    The same file reached by two ways (data and system are one directory in Docker) is
    listed once.
    """
    found: dict[Path, tuple[str, Path]] = {}
    for place in search_path(executable, environ=environ):
        if place.origin == "cwd" or not place.directory.is_dir():
            continue
        for path in _top_level(place.directory, files_only=place.origin == "module"):
            found.setdefault(Path(os.path.realpath(path)), (place.origin, path))
    return sorted(found.values(), key=lambda pair: pair[1])


def _top_level(directory: Path, *, files_only: bool) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name.startswith("."):
            continue
        if files_only and (
            not path.is_file() or any(fnmatch.fnmatch(path.name, p) for p in _NOT_RESOURCES)
        ):
            continue
        yield path


def list_installed(executable: str) -> list[Installed]:
    """Return what is installed for an executable, with the entries of the databases.

    What no database knows gets an entry with the URL ``???``, as core would write it.
    """
    known = database.entries(executable)
    result = []
    for origin, path in list_files(executable):
        resource = known.get(path.name) or _stub(executable, path, origin)
        result.append(Installed(resource, path, origin))
    return result


def _stub(executable: str, path: Path, origin: str) -> Resource:
    module = origin == "module"
    return Resource(
        executable=executable,
        name=path.name,
        url=str(path) if module else UNKNOWN_URL,
        description=f"Found at {origin}",
        size=path.stat().st_size if path.is_file() else 0,
        type="directory" if path.is_dir() else "file",
    )


def executables_with_resources() -> list[str]:
    """Return the executables that have a directory at *data* or *system*, sorted."""
    names: set[str] = set()
    for root in (data_home() / RESOURCES, SYSTEM_SHARE / RESOURCES):
        if root.is_dir():
            names |= {p.name for p in root.iterdir() if p.is_dir() and p.name.startswith("ocrd-")}
    return sorted(names)

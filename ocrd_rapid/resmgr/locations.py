# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where resources are: the directories of OCR-D and the search path.

Contract (OCR-D core 3.13.3): a name is looked up as a path, in the current directory, in the
directories of ``$<EXECUTABLE>_PATH``, in ``$XDG_DATA_HOME/ocrd-resources/<executable>``, in
``/usr/local/share/ocrd-resources/<executable>`` and in the module directory.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..config import tools
from ..config.directories import NoHomeError, data_home, expanded
from ..config.similar import nearest
from ..errors import ResourceNotFoundError
from . import catalogue
from .resource import Resource

#: Directory below the XDG data home and below /usr/local/share that holds all resources.
RESOURCES = "ocrd-resources"
SYSTEM_SHARE = Path("/usr/local/share")

#: Our own files inside a resource root: staging area and records of what is installed. Core
#: lists (and registers!) whatever lies in a directory named ``ocrd-*``; it ignores this one.
PRIVATE_DIR = ".ocrd_rapid"


class Location(str, Enum):
    """A place where a resource can be installed, by core's names."""

    DATA = "data"
    CWD = "cwd"
    SYSTEM = "system"
    MODULE = "module"


@dataclass(frozen=True)
class Place:
    """A directory on the search path and its origin (``env`` or a location)."""

    origin: str
    directory: Path


def module_root() -> Path:
    """Return the directory of the files shipped inside the package."""
    return Path(__file__).resolve().parent.parent / "models"


def module_dir(executable: str) -> Path:
    """Return the directory of an executable's models in the package (``--dump-module-dir``).

    Each has its own, because OCR-D lists every file in it as a resource of that executable. It
    exists even where nothing is shipped: core lists it without checking first.
    """
    return module_root() / executable


def module_file(resource: Resource) -> Path:
    """Return the path of a resource that is a file of the package.

    Raises:
        ResourceNotFoundError: it is missing there.
    """
    path = module_dir(resource.executable) / resource.name
    if not path.is_file():
        raise ResourceNotFoundError(missing_message(resource.name, resource.executable))
    return path


def resource_root(location: Location, *, cwd: Path | None = None) -> Path:
    """Return the directory that holds the resources of all executables at a location.

    Raises:
        NoHomeError: the location is *data*, and the user has no home directory.
    """
    if location is Location.DATA:
        return data_home() / RESOURCES
    return {
        Location.SYSTEM: SYSTEM_SHARE / RESOURCES,
        Location.CWD: Path.cwd() if cwd is None else cwd,
        Location.MODULE: module_root(),
    }[location]


def resource_dir(location: Location, executable: str, *, cwd: Path | None = None) -> Path:
    """Return the directory that holds the resources of one executable at a location.

    Raises:
        NoHomeError: see `resource_root`.
    """
    if location is Location.MODULE:
        return module_dir_of(executable) or data_home() / RESOURCES / executable
    root = resource_root(location, cwd=cwd)
    return root / executable if location in (Location.DATA, Location.SYSTEM) else root


def module_dir_of(executable: str) -> Path | None:
    """Return the module directory of any processor; ``None`` if it is not installed."""
    if executable in tools.executables():
        return module_dir(executable)
    from .discovery import module_directory

    return module_directory(executable)


def environment_variable(executable: str) -> str:
    """Return the name of the search path variable, such as ``OCRD_RAPID_DETECT_PATH``."""
    return executable.upper().replace("-", "_") + "_PATH"


def search_path(
    executable: str, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> list[Place]:
    """Return the directories in which the resources of an executable are looked up, in order.

    Directories that do not exist are included, so that messages can name them, except that of
    *data* where the user has no home directory.
    """
    variables = os.environ if environ is None else environ
    entries = variables.get(environment_variable(executable), "").split(os.pathsep)
    places = [Place("cwd", resource_dir(Location.CWD, executable, cwd=cwd))]
    places += [Place("env", Path(entry)) for entry in entries if entry]
    for location in (Location.DATA, Location.SYSTEM):
        with contextlib.suppress(NoHomeError):
            places.append(Place(location.value, resource_dir(location, executable)))
    module = module_dir_of(executable)
    return [*places, Place("module", module)] if module else places


def suffixes_of(executable: str) -> tuple[str, ...]:
    """Return the suffixes that names of a processor's resources may lack, in the order tried."""
    known = (Path(entry.name).suffix for entry in catalogue.bundled().get(executable, ()))
    found = dict.fromkeys(suffix for suffix in known if suffix)
    return (*found, ".xml") if ".onnx" in found else tuple(found)  # OpenVINO's form of a model


def resolve(
    name: str,
    executable: str,
    suffixes: Sequence[str] = (),
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path:
    """Find a resource by name or path.

    Args:
        name: a path (absolute, or relative to the current directory) or the name of an
            installed resource, as a file name or as used in parameters.
        executable: the processor whose resource it is.
        suffixes: appended to the name, best first, where nothing has the name itself. With them,
            only a file counts: a directory of that name does not hide one.
        environ: environment variables, by default those of the process.
        cwd: the current directory, by default that of the process.

    Raises:
        ResourceNotFoundError: it is not there; the message names the command that installs it.
    """
    path = find(name, executable, suffixes, environ=environ, cwd=cwd)
    if path is None:
        raise ResourceNotFoundError(missing_message(name, executable, suffixes))
    return path


def find(
    name: str,
    executable: str,
    suffixes: Sequence[str] = (),
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path | None:
    """Return the path as `resolve` does, or ``None`` if there is no such resource."""
    if not name:  # the directories themselves
        return None
    known = catalogue.find(executable, name)
    names = [name] if known is None or known.name == name else [name, known.name]
    directory: Path | None = None
    for candidate in [*names, *(f"{name}{suffix}" for suffix in suffixes)]:
        for place in search_path(executable, environ=environ, cwd=cwd):
            # An absolute name replaces the directory: it is a path and is found as such.
            path = place.directory / expanded(candidate)
            if not _exists(path):
                continue
            if not suffixes or not path.is_dir():
                return path
            directory = directory or path
    return directory


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long for the file system
        return False


def similar_hint(name: str, executable: str, pattern: str = "*") -> str:
    """Return a question that names the most similar resources, installed or known.

    Args:
        name: the name as written.
        executable: the processor.
        pattern: glob pattern of the file names considered.
    """
    there = [entry.name for entry in catalogue.bundled().get(executable, ())]
    for place in search_path(executable):
        if place.origin != "cwd":
            with contextlib.suppress(OSError):
                there += [path.name for path in place.directory.iterdir()]
    fitting = [n for n in there if fnmatch.fnmatch(n, pattern) and not n.startswith(".")]
    similar = nearest(name, fitting)
    return f"; did you mean {' or '.join(similar)}?" if similar else ""


def missing_message(name: str, executable: str, suffixes: Sequence[str] = ()) -> str:
    """Return the message that a resource is not there, with the command that installs it."""
    message = f"could not find resource '{name}' for {executable}"
    names = [name, *(f"{name}{suffix}" for suffix in suffixes)]
    known = next(filter(None, (catalogue.find(executable, candidate) for candidate in names)), None)
    if known is not None and known.in_package:
        return f"{message}, although it is a file of the package; install ocrd-rapid again"
    if known is not None:
        return f"{message}; install it with: ocrd-rapid resmgr download {executable} {known.name}"
    hint = similar_hint(name, executable)
    return (
        f"{message}, neither as a file nor in the catalogue{hint}"
        f" ('ocrd-rapid resmgr list-available -e {executable}' lists the known ones)"
    )

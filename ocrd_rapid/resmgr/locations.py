"""Where resources are: the directories of OCR-D and the search path.

Contract (OCR-D core 3.13.3): a name is looked up as a path, in the current directory, in the
directories of ``$<EXECUTABLE>_PATH``, in ``$XDG_DATA_HOME/ocrd-resources/<executable>``, in
``/usr/local/share/ocrd-resources/<executable>`` and in the module directory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..config import tools
from ..errors import ResourceNotFoundError
from . import catalogue

#: Directory below the XDG data home and below /usr/local/share that holds all resources.
RESOURCES = "ocrd-resources"
SYSTEM_SHARE = Path("/usr/local/share")

#: Our own files inside a resource root: staging area and records of what is installed. Core
#: lists (and registers!) whatever lies in a directory named ``ocrd-*``; it ignores this one.
PRIVATE_DIR = ".ocrd_rapid"


class Location(str, Enum):
    """A place where a resource can be installed; core's names."""

    DATA = "data"
    CWD = "cwd"
    SYSTEM = "system"
    MODULE = "module"


@dataclass(frozen=True)
class Place:
    """A directory on the search path and how it got there (``env`` or a location)."""

    origin: str
    directory: Path


def data_home() -> Path:
    """Return ``$XDG_DATA_HOME``, by default ``~/.local/share`` (on every platform)."""
    from platformdirs.unix import Unix

    return Path(Unix().user_data_dir)


def config_home() -> Path:
    """Return ``$XDG_CONFIG_HOME``, by default ``~/.config`` (on every platform)."""
    from platformdirs.unix import Unix

    return Path(Unix().user_config_dir)


def module_root() -> Path:
    """Return the directory of what is shipped inside the package."""
    return Path(__file__).resolve().parent.parent / "models"


def module_dir(executable: str) -> Path:
    """Return the directory of an executable's models in the package (``--dump-module-dir``).

    Each has one of its own, because OCR-D lists every file in it as a resource of that executable.
    It exists even where nothing is shipped: core lists what is in it without looking first.
    """
    return module_root() / executable


def resource_root(location: Location, *, cwd: Path | None = None) -> Path:
    """Return the directory that holds the resources of all executables at a location."""
    return {
        Location.DATA: data_home() / RESOURCES,
        Location.SYSTEM: SYSTEM_SHARE / RESOURCES,
        Location.CWD: Path.cwd() if cwd is None else cwd,
        Location.MODULE: module_root(),
    }[location]


def resource_dir(location: Location, executable: str, *, cwd: Path | None = None) -> Path:
    """Return the directory that holds the resources of one executable at a location."""
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

    Directories that do not exist are included, so that messages can name them.
    """
    variables = os.environ if environ is None else environ
    entries = variables.get(environment_variable(executable), "").split(os.pathsep)
    places = [Place("cwd", resource_dir(Location.CWD, executable, cwd=cwd))]
    places += [Place("env", Path(entry)) for entry in entries if entry]
    for location in (Location.DATA, Location.SYSTEM):
        places.append(Place(location.value, resource_dir(location, executable)))
    module = module_dir_of(executable)
    return [*places, Place("module", module)] if module else places


def resolve(
    name: str,
    executable: str,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path:
    """Find a resource by name or path.

    Args:
        name: a path (absolute, or relative to the current directory) or the name of an
            installed resource, as a file name or as it is used in parameters.
        executable: the processor whose resource it is.
        environ: environment variables, by default those of the process.
        cwd: the current directory, by default that of the process.

    Raises:
        ResourceNotFoundError: the message names the command that installs it.
    """
    path = find(name, executable, environ=environ, cwd=cwd)
    if path is None:
        raise ResourceNotFoundError(missing_message(name, executable))
    return path


def find(
    name: str,
    executable: str,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path | None:
    """Return what `resolve` does, or ``None`` if it is not there."""
    known = catalogue.find(executable, name)
    names = [name] if known is None or known.name == name else [name, known.name]
    for candidate in names:
        for place in search_path(executable, environ=environ, cwd=cwd):
            # An absolute name replaces the directory: it is a path and is found as such.
            path = place.directory / _expanded(candidate)
            if _exists(path):
                return path
    return None


def _expanded(name: str) -> Path:
    """Return a path with the home directory for ``~``, where no shell has put it in."""
    try:
        return Path(name).expanduser()
    except RuntimeError:  # there is none
        return Path(name)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long for the file system
        return False


def missing_message(name: str, executable: str) -> str:
    """Say that a resource is not there, and which command mends it."""
    message = f"could not find resource '{name}' for {executable}"
    known = catalogue.find(executable, name)
    if known is not None:
        return f"{message}; install it with: ocrd-rapid resmgr download {executable} {known.name}"
    entries = catalogue.bundled().get(executable, ())
    similar = catalogue.nearest(name, (entry.name for entry in entries))
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    return (
        f"{message}, neither as a file nor in the catalogue{hint}"
        f" ('ocrd-rapid resmgr list-available -e {executable}' lists what there is)"
    )

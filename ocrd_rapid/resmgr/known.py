"""All resources that are known: the bundled ones, those other processors advertise, the user's.

A name that several of these know is what the first of them says: the catalogue or the
processor's own description before the user's database, as in OCR-D core.
"""

from __future__ import annotations

import fnmatch
import shutil
from pathlib import Path
from typing import Any

from ..config import tools
from ..errors import UnknownResourceError
from . import catalogue, database, discovery
from .resource import UNKNOWN_URL, Resource

Known = dict[str, Resource]


def by_executable(pattern: str = "ocrd-*", *, dynamic: bool = True) -> dict[str, Known]:
    """Return the known resources of all processors that fit a glob pattern.

    Args:
        pattern: such as ``ocrd-tesserocr-*``.
        dynamic: ask the processors on the PATH, too.
    """
    found: dict[str, Known] = {}
    for name, resources in catalogue.bundled().items():
        if fnmatch.fnmatchcase(name, pattern):
            found[name] = {r.name: r for r in resources}
    if dynamic:
        for name, tool in discovery.describe(_foreign(pattern)).items():
            found[name] = {r.name: r for r in discovery.resources_of(name, tool)}
    for name, resources in database.read().items():
        if fnmatch.fnmatchcase(name, pattern):
            _add(found.setdefault(name, {}), resources)
    return found


def of(executable: str, *, dynamic: bool = True) -> Known:
    """Return the known resources of one processor."""
    found: Known = {r.name: r for r in catalogue.bundled().get(executable, ())}
    if dynamic and executable not in tools.executables():
        tool = tool_of(executable)
        if tool is not None:
            found = {r.name: r for r in discovery.resources_of(executable, tool)}
    _add(found, database.read().get(executable, ()))
    return found


def tool_of(executable: str) -> dict[str, Any] | None:
    """Return the description of one processor, or ``None`` if it is not installed."""
    if executable in tools.executables():
        return tools.tool_description(executable)
    # Nothing else is ever run: `rm --dump-json` would be a mistake.
    path = shutil.which(executable) if executable.startswith("ocrd-") else None
    return discovery.describe({executable: Path(path)}).get(executable) if path else None


def _foreign(pattern: str) -> dict[str, Path]:
    own = tools.executables()
    found = discovery.find_executables(pattern)
    return {name: path for name, path in found.items() if name not in own}


def _add(known: Known, resources: tuple[Resource, ...]) -> None:
    for resource in resources:
        present = known.get(resource.name)
        if present is None or present.url == UNKNOWN_URL:
            known[resource.name] = resource


def look_up(executable: str, name: str, *, dynamic: bool = True) -> Resource:
    """Return the entry of a resource, by file name or as it is named in a parameter.

    Raises:
        UnknownResourceError: names the most similar entries.
    """
    known = of(executable, dynamic=dynamic)
    for entry in known.values():
        if name in (entry.name, entry.parameter_value):
            return entry
    similar = catalogue.nearest(name, known)
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    raise UnknownResourceError(
        f"no resource '{name}' is known for {executable}{hint}"
        f" ('ocrd-rapid resmgr list-available -e {executable}' lists them;"
        " --any-url installs others)"
    )

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""All known resources: the bundled ones, those that other processors advertise, the user's.

Where several have an entry for a name, the first counts: the catalogue or the processor's own
description before the user's database, as in OCR-D core.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..config import tools
from ..config.similar import nearest
from ..errors import UnknownResourceError
from . import catalogue, database, discovery
from .resource import UNKNOWN_URL, Resource

Known = dict[str, Resource]


def by_executable(pattern: str = "ocrd-*", *, dynamic: bool = True) -> dict[str, Known]:
    """Return what can be downloaded for all processors whose names match a glob pattern.

    Args:
        pattern: such as ``ocrd-tesserocr-*``.
        dynamic: ask the processors on the PATH, too.
    """
    user = database.read()
    described = discovery.describe(_foreign(pattern)) if dynamic else {}
    names = dict.fromkeys([*catalogue.bundled(), *described, *user])
    found = {
        name: merge(name, described.get(name), user)
        for name in names
        if fnmatch.fnmatchcase(name, pattern)
    }
    return {name: without_package(entries) for name, entries in found.items()}


def without_package(known: Known) -> Known:
    """Return those resources that are no files of the package, and may be downloaded."""
    return {name: entry for name, entry in known.items() if not entry.in_package}


def of(executable: str, *, dynamic: bool = True) -> Known:
    """Return the known resources of one processor."""
    tool = tool_of(executable) if dynamic else None
    return merge(executable, tool, database.read())


def merge(executable: str, tool: Mapping[str, Any] | None, user: catalogue.Catalogue) -> Known:
    """Merge the entries of the catalogue or a tool description and of the user's database.

    Args:
        executable: the processor.
        tool: its description, if it has one; the catalogue covers our own processors.
        user: the content of the user's database.
    """
    found: Known = {r.name: r for r in catalogue.bundled().get(executable, ())}
    found |= {r.name: r for r in catalogue.packaged().get(executable, ())}
    if tool is not None and executable not in tools.executables():
        found = {r.name: r for r in discovery.resources_of(executable, tool)}
    _add(found, user.get(executable, ()))
    return found


def tool_of(executable: str) -> dict[str, Any] | None:
    """Return the description of one processor, or ``None`` if it is not installed."""
    return tools_of([executable]).get(executable)


def tools_of(executables: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the descriptions of the installed ones of these processors, asked all at once."""
    own = tools.executables()
    # Nothing else is ever run: `rm --dump-json` would be a mistake.
    paths: dict[str, Path] = {}
    for name in executables:
        if name in own:
            paths[name] = Path(name)  # described without being run
        elif name.startswith("ocrd-") and (found := shutil.which(name)):
            paths[name] = Path(found)
    return discovery.describe(paths)


def is_processor(name: str) -> bool:
    """Return whether a processor of this name is installed, or a database has entries for it."""
    return tool_of(name) is not None or bool(merge(name, None, database.read()))


def unknown_processor(name: str) -> UnknownResourceError:
    """Return the error that names the processors most like this one."""
    names = {*catalogue.bundled(), *tools.executables(), *database.read()}
    similar = nearest(name, {*names, *discovery.find_executables()})
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    hint = hint or f" (known are {', '.join(sorted(names))})"
    return UnknownResourceError(
        f"no processor '{name}' is installed, and no database has resources for it{hint}"
    )


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
    """Return the entry of a resource, by file name or by its name in parameters.

    Raises:
        UnknownResourceError: there is no entry; the message names the most similar ones.
    """
    known = of(executable, dynamic=dynamic)
    for entry in known.values():
        if name in (entry.name, entry.parameter_value):
            return entry
    similar = nearest(name, known)
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    raise UnknownResourceError(
        f"no resource '{name}' is known for {executable}{hint}"
        f" ('ocrd-rapid resmgr list-available -e {executable}' lists them;"
        " --any-url installs others)"
    )

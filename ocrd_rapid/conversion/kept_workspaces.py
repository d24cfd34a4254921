# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Workspaces that stay after a conversion, so that it can go on after an interruption."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import OutputExistsError
from ..files import write_atomically
from ..workspace.workspace import Workspace

#: The file in a workspace that says what it was made from, and how.
_RECORD = "ocrd-rapid-ocr.json"


def is_kept(directory: Path) -> bool:
    """Return whether a directory has the workspace of a conversion."""
    return (directory / _RECORD).exists()


def open_kept(directory: Path, settings: Mapping[str, Any], *, resume: bool) -> Workspace:
    """Make the workspace of a conversion, or open it again.

    Args:
        directory: its directory.
        settings: inputs and choices of the conversion, as values for JSON.
        resume: whether an earlier run goes on; if there was none, this is the first.

    Raises:
        OutputExistsError: there is a workspace already, or that of another conversion.
        OSError: it cannot be written.
    """
    record, mets = directory / _RECORD, directory / "mets.xml"
    if not resume and (record.exists() or mets.exists()):
        raise OutputExistsError(
            f"{directory} has a workspace already; go on with --resume, or name another folder"
        )
    if record.exists():
        changed = _differences(record, settings)
        if changed:
            raise OutputExistsError(
                f"the workspace {directory} was made with other choices ({', '.join(changed)});"
                " repeat these, or name another folder"
            )
    elif mets.exists():
        raise OutputExistsError(
            f"the workspace {directory} was not made by ocrd-rapid ocr; name another folder"
        )
    else:
        data = json.dumps(settings, ensure_ascii=True, indent=1, sort_keys=True)
        write_atomically(record, data.encode() + b"\n")
    return Workspace.open(mets) if mets.exists() else Workspace.create(directory=directory)


def _differences(record: Path, settings: Mapping[str, Any]) -> list[str]:
    """Return the names of the settings that differ from those in a record."""
    try:
        before = json.loads(record.read_bytes())
    except ValueError:
        before = None
    if not isinstance(before, dict):
        return [f"{record.name} is damaged"]
    now = json.loads(json.dumps(settings))
    return sorted(name for name in {**before, **now} if before.get(name) != now.get(name))

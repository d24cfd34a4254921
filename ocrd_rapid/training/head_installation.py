# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A trained head becomes a resource of the user's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..ocr.recognition.head_files import Head, write_head
from ..resmgr.download import download, unregistered
from ..resmgr.locations import Location, resource_dir
from . import store
from .session import EXECUTABLE, resource_name


def path_of_head(name: str, model: Path) -> Path:
    """Return the path that a head has as a resource of the user's.

    Args:
        name: its name.
        model: the model that it belongs to.
    """
    return resource_dir(Location.DATA, EXECUTABLE) / resource_name(name, model)


def install_head(head: Head, name: str, model: Path) -> Path:
    """Install a head as a resource of the user's, in place of one of its name; return its path.

    Raises:
        OSError, StorageError: it cannot be written.
    """
    target = path_of_head(name, model)
    made = store.folder_of(name) / target.name
    write_head(head, made)
    resource = unregistered(EXECUTABLE, target.name, str(made))
    described = replace(resource, description=f"Head '{name}' for {model.name}")
    download(described, overwrite=True)
    return target

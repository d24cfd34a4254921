# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The models of a size that the package lacks: which are missing, and their installation."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from ..errors import ResourceNotFoundError
from ..loading.executables import PROCESSORS
from ..loading.quality_sizes import DEFAULT_SIZE, size_parameters
from ..resmgr import catalogue, locations
from ..resmgr import download as downloads
from ..resmgr.resource import Resource

#: Makes a context from the name of a resource; its value is told the bytes that have arrived.
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def missing_models(size: str) -> list[Resource]:
    """Return the models that a size stands for, and that can be downloaded, but are not installed.

    Args:
        size: one of `SIZES`; empty for the default one.
    """
    found = []
    for executable in PROCESSORS.values():
        name = str(size_parameters(size or DEFAULT_SIZE, executable).get("model", ""))
        entry = catalogue.find(executable, name)
        if entry and not entry.in_package and locations.find(name, executable) is None:
            found.append(entry)
    return found


def install_models(size: str, bar: Bar) -> None:
    """Install the models of a size that are missing.

    Raises:
        DownloadError, IntegrityError, StorageError: see `ocrd_rapid.resmgr.download.download`.
    """
    mirror = os.environ.get("OCRD_RAPID_MIRROR", "")
    for entry in missing_models(size):
        with bar(entry.name) as progress:
            sources = entry.sources_with(mirror)
            downloads.download(entry, sources=sources, progress=progress)


def with_remedy(error: ResourceNotFoundError, size: str) -> ResourceNotFoundError:
    """Return the error about a model with the command that installs those of a size."""
    missing = [entry.name for entry in missing_models(size)]
    if not any(name in str(error) for name in missing):
        return error
    return ResourceNotFoundError(
        f"{error}; to fetch all that --quality {size} needs once and go on: ocrd-rapid ocr"
        f" --quality {size} --download …"
    )

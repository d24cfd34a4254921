# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The default models: whether they are installed, and their installation on request."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from ..errors import ResourceNotFoundError
from ..resmgr import catalogue, locations
from ..resmgr import download as downloads
from ..resmgr.resource import Resource

#: Makes a context from the name of a resource; its value is told the bytes that have arrived.
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def missing_models() -> list[Resource]:
    """Return the default models that are not installed."""
    members = catalogue.resource_set("default")
    return [entry for entry in members if locations.find(entry.name, entry.executable) is None]


def install_models(bar: Bar) -> None:
    """Install the default models that are missing.

    Raises:
        DownloadError, IntegrityError, StorageError: see `ocrd_rapid.resmgr.download.download`.
    """
    mirror = os.environ.get("OCRD_RAPID_MIRROR", "")
    for entry in missing_models():
        with bar(entry.name) as progress:
            sources = downloads.with_mirror(entry, mirror)
            downloads.download(entry, sources=sources, progress=progress)


def with_remedy(error: ResourceNotFoundError) -> ResourceNotFoundError:
    """Return the error about a model with the commands that install the default ones."""
    missing = [entry.name for entry in missing_models()]
    if not any(name in str(error) for name in missing):
        return error
    return ResourceNotFoundError(
        f"the models are not installed ({', '.join(missing)}); to fetch them once and go on:"
        " ocrd-rapid ocr --download …; to fetch them only: ocrd-rapid resmgr download --set default"
    )

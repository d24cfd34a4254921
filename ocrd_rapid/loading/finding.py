# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files of models and keys, by the names that users give them."""

from __future__ import annotations

from pathlib import Path

from ..config.tools import tool_description
from ..inference.traits import MODEL_SUFFIXES, engine_for, traits_of
from ..ocr.model_kinds import RECOGNITION
from ..resmgr import catalogue, locations, url_cache
from ..resmgr.integrity import check_installed
from .executables import PROCESSORS
from .keys import KEYS_SUFFIXES

#: In place of the name of a recognition model: the default one, and others for what it cannot read.
AUTOMATIC = "auto"


def is_automatic(kind: str, name: str) -> bool:
    """Return whether a name asks for the choice among the installed recognition models."""
    return kind == RECOGNITION and name == AUTOMATIC


def default_model(kind: str) -> str:
    """Return the name of the default model of a kind."""
    return str(tool_description(PROCESSORS[kind])["parameters"]["model"]["default"])


def find_model(kind: str, name: str, engine: str) -> Path:
    """Return the file of a model, checked if the catalogue knows it.

    Args:
        kind: see `ModelRequest`.
        name: name of an installed resource, with or without its suffix; a path; or a web address,
            which is downloaded once (the network is used for nothing else); or `AUTOMATIC`, for
            the default model.
        engine: the engine that will run it.

    Raises:
        ResourceNotFoundError: it is not installed; the message names the command that installs it.
        IntegrityError: it does not match the catalogue.
        DownloadError, StorageError, ConfigurationError: see `ocrd_rapid.resmgr.url_cache.fetch`.
    """
    executable = PROCESSORS[kind]
    if is_automatic(kind, name):
        name = default_model(kind)
    if url_cache.is_url(name):
        return url_cache.fetch(name, executable)
    path = locations.resolve(name, executable, traits_of(engine).suffixes)
    known = catalogue.find(executable, path.name)
    if known is not None and path.is_file():
        check_installed(path, known)
    return path


def find_keys(name: str) -> Path | None:
    """Return a key file by its name, its path or its address; ``None`` for an empty name.

    Raises:
        ResourceNotFoundError: it is not installed.
        DownloadError, IntegrityError, StorageError, ConfigurationError: see `find_model`.
    """
    executable = PROCESSORS[RECOGNITION]
    if not name:
        return None
    if url_cache.is_url(name):
        return url_cache.fetch(name, executable)
    return locations.resolve(name, executable, KEYS_SUFFIXES)


def engine_of_model(kind: str, name: str) -> str:
    """Return the only engine that reads a model; empty if there are several, or if unknown.

    Args:
        kind: see `ModelRequest`.
        name: see `find_model`; the model need not exist.
    """
    if url_cache.is_url(name):
        return ""
    path = locations.find(name, PROCESSORS[kind], MODEL_SUFFIXES)
    return engine_for(path.name if path is not None else name)

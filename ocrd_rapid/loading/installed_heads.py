# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The installed heads of a recognition model.

Heads are resources of the processor that recognizes: files ``MODEL_NAME.npz`` beside the models,
such as ``PP-OCRv6_rec_small_blackletter.npz``. They fit every model that gives the same features.
"""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ResourceNotFoundError
from ..inference.feature_identity import features_identity, features_network
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.head_files import SCRIPTS_KIND, Head, read_head, read_header
from ..resmgr import catalogue
from ..resmgr.locations import resolve, search_path, similar_hint
from .executables import PROCESSORS

SUFFIX = ".npz"

_EXECUTABLE = PROCESSORS[RECOGNITION]


def automatic_heads(path: Path) -> Iterator[Head]:
    """Yield the installed heads of a model that are used by default, for any script.

    Raises:
        ModelError: a head is damaged.
    """
    for file, header in automatic_files(path):
        if header.get("kind") != SCRIPTS_KIND:
            yield read_head(file)


def automatic_files(path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the installed heads of a model that are used by default, with their headers.

    Raises:
        ModelError: a head is damaged.
    """
    if path.suffix.lower() != ".onnx" or not path.is_file():
        return
    backbone = features_identity(path)
    stems = head_stems(path)
    files: dict[str, Path] = {}
    for place in search_path(_EXECUTABLE):
        for stem in stems:
            for found in sorted(place.directory.glob(f"{glob.escape(stem)}_*{SUFFIX}")):
                files.setdefault(found.name, found)
    for _, file in sorted(files.items()):
        header = read_header(file)
        if header.get("automatic") and header.get("backbone") == backbone:
            yield file, header


def head_stems(path: Path) -> list[str]:
    """Return what the file names of a model's heads may begin with.

    The model may be a file elsewhere, with another name than the resource, or give the features of
    another model, whose heads are named like that.
    """
    stems = [path.stem]
    if path.suffix.lower() == ".onnx" and path.is_file():
        backbone, entries = features_identity(path), catalogue.bundled().get(_EXECUTABLE, ())
        stems += [Path(entry.name).stem for entry in entries if entry.sha256 == backbone]
        stems.append(Path(features_network(path)).stem)
    return list(dict.fromkeys(stems))


def find_head(name: str, path: Path) -> Path:
    """Return the file of a head.

    Args:
        name: the user's name for it: ``blackletter``, a file name, or a path.
        path: path of the model that it is for.

    Raises:
        ResourceNotFoundError: it is not installed.
    """
    names = [name]
    if not name.endswith(SUFFIX):
        names = [*(f"{stem}_{name}{SUFFIX}" for stem in head_stems(path)), f"{name}{SUFFIX}"]
    for candidate in names:
        with contextlib.suppress(ResourceNotFoundError):
            return resolve(candidate, _EXECUTABLE)
    hint = similar_hint(names[0], _EXECUTABLE, f"*{SUFFIX}")
    raise ResourceNotFoundError(
        f"could not find head '{name}' for model {path.name}{hint} (list installed heads with:"
        f" ocrd-rapid resmgr list-installed -e {_EXECUTABLE})"
    )

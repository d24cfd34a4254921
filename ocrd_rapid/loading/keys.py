# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Find the characters of a recognition model's classes.

A key file named by the user comes first, then the keys in the model itself, then a key file beside
the model, then the one that the catalogue names for it, then one installed under the model's name.
The number of classes of the model tells whether they belong together.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, ModelError
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.characters import class_characters, keys_from_metadata, read_keys
from ..plain_data import parse_yaml
from ..resmgr import catalogue
from ..resmgr.integrity import check_installed
from ..resmgr.locations import find, resolve, search_path
from .executables import PROCESSORS

LOG = logging.getLogger(__name__)

#: Suffixes of key files, which names may lack.
KEYS_SUFFIXES = (".txt",)

#: The origin of keys from the model itself.
IN_THE_MODEL = "model"

_EXECUTABLE = PROCESSORS[RECOGNITION]


@dataclass(frozen=True)
class KeyRequest:
    """The place of a model's keys, as far as its caller knows.

    Attributes:
        file: the key file, which wins over all others; ``None`` to search for the keys.
        option: the caller's name for ``file``, for messages; empty if users cannot set it.
        whole_folder: any file beside the model named like a key file is its key file:
            ``*dict*.txt`` and ``*keys*.txt``.
        known_as: file name of the catalogue's entry for the model, if its own name differs.
    """

    file: Path | None = None
    option: str = "keys"
    whole_folder: bool = False
    known_as: str = ""

    def remedy(self, model: Path) -> str:
        """Return the advice on how to give a model its key file."""
        if self.option:
            return f"name its key file with {self.option} FILE"
        return f"put its key file beside it, as {model.with_suffix('.txt').name}"


def find_characters(
    model: Path, metadata: Mapping[str, str], classes: int, request: KeyRequest
) -> tuple[tuple[str, ...], str]:
    """Return the characters of a recognition model's classes, and their origin.

    Args:
        model: the path of the model.
        metadata: its metadata.
        classes: the number of its classes.
        request: the place of its keys, as far as known.

    Returns:
        The characters by the number of the class, and the path of the key file, or
        `IN_THE_MODEL`.

    Raises:
        ResourceNotFoundError: the key file that the catalogue names is not installed.
        ConfigurationError: the folder of the model has several key files.
        IntegrityError: an installed key file does not match the catalogue.
        ModelError: there are no keys, or they do not belong to the model.
    """
    own = keys_from_metadata(metadata)
    if request.file is not None:
        keys = read_keys(_checked(request.file))
        if own is not None and _without_space(own) != _without_space(keys):
            LOG.warning(
                "%s %s differs from the keys in model %s; the file is used",
                request.option, request.file, model,
            )  # fmt: skip
        origin = f"{request.option} {request.file}"
        return _of_classes(keys, classes, origin, model), str(request.file)
    if own is not None:
        return _of_classes(own, classes, f"model {model}", model), IN_THE_MODEL
    path = (
        _keys_beside(model, request)
        or _keys_of_catalogue(model, request)
        or find(f"{model.stem}.txt", _EXECUTABLE)
    )
    if path is None:
        raise ModelError(f"model {model} does not contain its keys; {request.remedy(model)}")
    if path.suffix == ".yml":
        keys = _keys_of_inference_yml(path, request.remedy(model))
    else:
        keys = read_keys(_checked(path))
    return _of_classes(keys, classes, f"key file {path}", model), str(path)


def _checked(path: Path) -> Path:
    """Return a key file; check it if it is an installed one, as a user's own is unknown."""
    known = catalogue.find(_EXECUTABLE, path.name)
    places = (place.directory for place in search_path(_EXECUTABLE) if place.origin != "cwd")
    if known is not None and path.parent in places and path.is_file():
        check_installed(path, known)
    return path


def _of_classes(keys: list[str], classes: int, origin: str, model: Path) -> tuple[str, ...]:
    try:
        return class_characters(keys, classes)
    except ModelError as error:
        raise ModelError(f"{origin}, model {model}: {error}") from error


def _without_space(keys: list[str]) -> list[str]:
    return keys[:-1] if keys and keys[-1] == " " else keys


def _keys_beside(model: Path, request: KeyRequest) -> Path | None:
    """Return the key file, or the ``inference.yml`` with the keys, beside a model.

    Raises:
        ConfigurationError: the folder has several key files.
    """
    named = model.with_suffix(".txt")
    if named.is_file():
        return named
    if request.whole_folder:
        directory = model.parent
        found = sorted({*directory.glob("*dict*.txt"), *directory.glob("*keys*.txt")})
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise ConfigurationError(
                f"{directory.absolute()} has several key files ({names}); {request.remedy(model)}"
            )
        if found:
            return found[0]
    inference = model.with_name("inference.yml")
    return inference if inference.is_file() else None


def _keys_of_inference_yml(path: Path, remedy: str) -> list[str]:
    """Return ``PostProcess.character_dict`` from PaddleOCR's file beside a model."""
    import yaml

    try:
        content: Any = parse_yaml(path.read_bytes().decode("utf-8-sig"))
        keys = [str(key) for key in content["PostProcess"]["character_dict"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{path} has no PostProcess.character_dict ({reason}); {remedy}"
        ) from error
    return keys


def _keys_of_catalogue(model: Path, request: KeyRequest) -> Path | None:
    """Return the key file that the catalogue names for a model, preferably from beside it.

    Raises:
        ResourceNotFoundError: it is not installed.
    """
    entry = catalogue.find_file(_EXECUTABLE, model.with_suffix(".onnx").name)
    if entry is None and request.known_as:
        entry = catalogue.find(_EXECUTABLE, request.known_as)
    if entry is None or not entry.keys:
        return None
    beside = model.with_name(entry.keys)
    return beside if beside.is_file() else resolve(entry.keys, _EXECUTABLE)

"""Which characters does a recognition model read?

``Rec.rec_keys_path`` comes first, then what the model itself carries, then a key file beside the
model, then the one that the catalogue names for it. The number of classes of the model decides
whether they belong together.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, ModelError
from ..ocr.recognition.characters import class_characters, keys_from_metadata, read_keys
from ..plain_data import parse_yaml
from ..rapidocr.hkmc import HkmcConfig
from ..rapidocr.hkmc_schema import RecSection
from ..rapidocr.model_files import EXECUTABLES, catalogue_entry, existing_file, known_entry
from ..resmgr.locations import resolve

LOG = logging.getLogger(__name__)

#: Of key files, by which they may be named without.
KEYS_SUFFIXES = (".txt",)


def find_keys_file(config: HkmcConfig) -> Path | None:
    """Return the path of ``Rec.rec_keys_path``, or ``None`` if it is not given.

    Raises:
        ResourceNotFoundError: it is not there.
    """
    if config.rec.rec_keys_path is None:
        return None
    path, key = config.rec.rec_keys_path, "Rec.rec_keys_path"
    return existing_file(key, path, EXECUTABLES["Rec"], KEYS_SUFFIXES)


def find_characters(
    config: HkmcConfig, model: Path, metadata: Mapping[str, str], classes: int | None
) -> tuple[tuple[str, ...], str]:
    """Return the characters of a recognition model's classes, and where they are from.

    Args:
        config: the configuration.
        model: the path of the model.
        metadata: what the model carries.
        classes: the number of its classes.

    Raises:
        ResourceNotFoundError: ``rec_keys_path`` is not there.
        ModelError: there are no keys, or they do not belong to the model.
    """
    own = keys_from_metadata(metadata)
    path = find_keys_file(config)
    if path is not None:
        keys = _read_keys(path)
        if own is not None and _without_space(own) != _without_space(keys):
            LOG.warning(
                "Rec.rec_keys_path %s differs from the keys in model %s; the file is used",
                path, model,
            )  # fmt: skip
        return _of_classes(keys, classes, f"Rec.rec_keys_path {path}", model), str(path)
    if own is not None:
        return _of_classes(own, classes, f"model {model}", model), "model"
    path = _keys_beside(model, config.rec) or _keys_of_catalogue(config, model)
    if path is None:
        raise ModelError(
            f"model {model} does not carry its keys; name its key file with Rec.rec_keys_path"
        )
    keys = _keys_of_inference_yml(path) if path.suffix == ".yml" else _read_keys(path)
    return _of_classes(keys, classes, f"key file {path}", model), str(path)


def _read_keys(path: Path) -> list[str]:
    """Read a key file; empty lines at its end are no keys.

    Raises:
        ModelError: it cannot be read, or there is an empty line among its keys.
    """
    keys = read_keys(path)
    while keys and not keys[-1]:
        keys.pop()
    if "" in keys:
        raise ModelError(f"key file {path}: line {keys.index('') + 1} is empty")
    return keys


def _of_classes(keys: list[str], classes: int | None, origin: str, model: Path) -> tuple[str, ...]:
    try:
        return class_characters(keys, classes)
    except ModelError as error:
        raise ModelError(f"{origin}, model {model}: {error}") from error


def _without_space(keys: list[str]) -> list[str]:
    return keys[:-1] if keys and keys[-1] == " " else keys


def _keys_beside(model: Path, section: RecSection) -> Path | None:
    """Return the key file, or the ``inference.yml`` with the keys, that lies beside a model.

    Raises:
        ConfigurationError: a ``model_dir`` has several key files.
    """
    named = model.with_suffix(".txt")
    if named.is_file():
        return named
    if section.model_dir is not None and section.model_path is None:
        directory = model.parent
        found = sorted({*directory.glob("*dict*.txt"), *directory.glob("*keys*.txt")})
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise ConfigurationError(
                f"Rec.model_dir {directory.absolute()} has several key files ({names});"
                " name one with Rec.rec_keys_path"
            )
        if found:
            return found[0]
    inference = model.with_name("inference.yml")
    return inference if inference.is_file() else None


def _keys_of_inference_yml(path: Path) -> list[str]:
    """Return ``PostProcess.character_dict`` of the file that PaddleOCR puts beside a model."""
    import yaml

    try:
        content: Any = parse_yaml(path.read_bytes().decode("utf-8-sig"))
        keys = [str(key) for key in content["PostProcess"]["character_dict"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{path} has no PostProcess.character_dict ({reason});"
            " name a key file with Rec.rec_keys_path"
        ) from error
    return keys


def _keys_of_catalogue(config: HkmcConfig, model: Path) -> Path | None:
    entry = known_entry("Rec", model.with_suffix(".onnx"))
    if entry is None and config.rec.model_path is None and config.rec.model_dir is None:
        entry = catalogue_entry(config.rec, "Rec")
    if entry is None or not entry.keys:
        return None
    beside = model.with_name(entry.keys)
    return beside if beside.is_file() else resolve(entry.keys, EXECUTABLES["Rec"])

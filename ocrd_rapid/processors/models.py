"""From the parameters of a processor to a loaded model."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError, ResourceNotFoundError
from ..inference.engines import load_model
from ..inference.model import EngineConfig, Model, available_cores
from ..ocr.characters import class_characters, keys_from_metadata, read_keys
from ..resmgr import cache, catalogue
from ..resmgr.integrity import check_installed
from ..resmgr.locations import resolve

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedModel:
    """A model, the file it came from, and how many threads may use it."""

    model: Model
    path: Path
    threads: int
    versions: Mapping[str, str]


def load(executable: str, parameters: Mapping[str, Any], *, parallel: bool) -> LoadedModel:
    """Load the model that ``parameters`` name.

    Args:
        executable: the processor whose resource the model is.
        parameters: ``model``, ``engine``, ``device`` and ``threads``.
        parallel: whether the threads make calls of their own (many small inputs) or share one
            (a single large input).

    Raises:
        ResourceNotFoundError: the model is not installed.
        IntegrityError: an installed model is not what the catalogue says.
        ModelError: it cannot be loaded.
    """
    path = find(executable, str(parameters["model"]))
    threads = int(parameters["threads"]) or available_cores()
    config = EngineConfig(
        engine=str(parameters["engine"]),
        device=str(parameters["device"]),
        intra_op_threads=1 if parallel else threads,
        parallel_calls=threads if parallel else 1,
    )
    LOG.info("Using %s (%s on %s)", path, config.engine, config.device)
    return LoadedModel(load_model(path, config), path, threads, {"model": path.name})


def find(executable: str, name: str) -> Path:
    """Return the path of a resource, checked if the catalogue knows it.

    A web address is downloaded once; the network is used for nothing else here.
    """
    if cache.is_url(name):
        return cache.fetch(name, executable)
    path = resolve(name, executable)
    known = catalogue.find(executable, path.name)
    if known is not None and path.is_file():
        check_installed(path, known)
    return path


def load_characters(executable: str, loaded: LoadedModel, keys: str) -> tuple[str, ...]:
    """Return the characters of a recognition model's classes.

    They are taken from the key file if one is named, else from the model itself, else from
    the key file that the catalogue names for the model.

    Raises:
        ModelError: there are none, or they do not belong to the model.
    """
    classes = loaded.model.output_shape[-1]
    if keys:
        return class_characters(read_keys(find(executable, keys)), classes)
    own = keys_from_metadata(loaded.model.metadata)
    if own is not None:
        return class_characters(own, classes)
    known = catalogue.find(executable, loaded.path.name)
    if known is not None and known.keys:
        return class_characters(read_keys(find(executable, known.keys)), classes)
    try:
        beside = find(executable, f"{loaded.path.stem}.txt")
    except ResourceNotFoundError:
        raise ModelError(
            f"model {loaded.path} does not carry its keys; name its key file with -P keys FILE"
        ) from None
    return class_characters(read_keys(beside), classes)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pick an engine by name. Only the chosen one is imported."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from .deferred import DeferredModel
from .model import EngineConfig, Model, NamedModel
from .modelfile import check_model_file
from .null import is_null_model, load_null_model
from .options import OpenVinoOptions, OrtOptions
from .prepared import Facts
from .traits import ENGINES

if TYPE_CHECKING:
    from .ort import OnnxRuntimeModel
    from .ov import OpenVinoModel

LOG = logging.getLogger(__name__)

_OPTIONS = {"onnxruntime": OrtOptions, "openvino": OpenVinoOptions}


def load_model(path: Path, config: EngineConfig, *, deferred: bool = False) -> Model:
    """Load a model file.

    Args:
        path: an ``.onnx`` file; with OpenVINO also an ``.xml`` file with its ``.bin`` beside it;
            or, for tests, a null model (see `null`).
        config: the engine and how to run it.
        deferred: return a `DeferredModel` if the model has been loaded before, as a caller may
            need only its metadata and shapes.

    Raises:
        ModelFileNotFoundError: the file, or its ``.bin``, does not exist.
        ModelEndsError: the model has several inputs.
        ModelError: the file is not a model, is damaged, or the engine cannot load it.
        EngineError: the engine is not installed; with ``strict``: the device is not available.
        ConfigurationError: the engine is unknown, or the options belong to another one.
    """
    _check(config)
    LOG.info("Using %s", path)
    if is_null_model(path):
        return load_null_model(path)
    check_model_file(path)
    facts = _known_facts(path, config) if deferred else None
    if facts is not None:
        return DeferredModel(facts, lambda: _load(path, config))
    return _load(path, config)


def load_named_model(path: Path, config: EngineConfig) -> NamedModel:
    """Load a model file with any number of inputs and outputs; see `load_model`.

    Raises:
        ModelFileNotFoundError, ModelError, EngineError, ConfigurationError: see `load_model`.
    """
    _check(config)
    LOG.info("Using %s", path)
    check_model_file(path)
    return _load(path, config, named=True)


def _check(config: EngineConfig) -> None:
    if config.engine not in ENGINES:
        raise ConfigurationError(
            f"unknown engine '{config.engine}' (allowed are: {', '.join(ENGINES)})"
        )
    if config.options is not None and not isinstance(config.options, _OPTIONS[config.engine]):
        raise ConfigurationError(
            f"engine {config.engine} takes {_OPTIONS[config.engine].__name__},"
            f" not {type(config.options).__name__}"
        )


def _load(
    path: Path, config: EngineConfig, *, named: bool = False
) -> OnnxRuntimeModel | OpenVinoModel:
    if config.engine == "onnxruntime":
        from .ort import OnnxRuntimeModel

        return OnnxRuntimeModel(path, config, named=named)
    from .ov import OpenVinoModel

    return OpenVinoModel(path, config, named=named)


def _known_facts(path: Path, config: EngineConfig) -> Facts | None:
    if config.engine == "onnxruntime":
        from .ort import known_facts
    else:
        from .ov import known_facts
    return known_facts(path, config)

"""Pick an engine by name. Only the chosen one is imported."""

from __future__ import annotations

import logging
from pathlib import Path

from ..errors import ConfigurationError
from .model import EngineConfig, Model
from .modelfile import check_model_file
from .options import OpenVinoOptions, OrtOptions

LOG = logging.getLogger(__name__)

ENGINES = ("onnxruntime", "openvino")

_OPTIONS = {"onnxruntime": OrtOptions, "openvino": OpenVinoOptions}


def load_model(path: Path, config: EngineConfig) -> Model:
    """Load a model file.

    Args:
        path: an ``.onnx`` file; with OpenVINO also an ``.xml`` file with its ``.bin`` beside it.
        config: the engine and how to run it.

    Raises:
        ModelFileNotFoundError: the file, or its ``.bin``, does not exist.
        ModelError: the file is no model, is damaged, or the engine cannot load it.
        EngineError: the engine is not installed; with ``strict``: the device is not here.
        ConfigurationError: there is no engine of this name, or the options are of another one.
    """
    if config.engine not in ENGINES:
        raise ConfigurationError(
            f"unknown engine '{config.engine}' (allowed are: {', '.join(ENGINES)})"
        )
    if config.options is not None and not isinstance(config.options, _OPTIONS[config.engine]):
        raise ConfigurationError(
            f"engine {config.engine} takes {_OPTIONS[config.engine].__name__},"
            f" not {type(config.options).__name__}"
        )
    check_model_file(path)
    LOG.info("Using %s", path)
    if config.engine == "onnxruntime":
        from .ort import OnnxRuntimeModel

        return OnnxRuntimeModel(path, config)
    from .ov import OpenVinoModel

    return OpenVinoModel(path, config)

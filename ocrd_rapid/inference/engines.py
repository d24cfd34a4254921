"""Pick an engine by name. Only the chosen one is imported."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConfigurationError, ModelError
from .model import EngineConfig, Model

ENGINES = ("onnxruntime", "openvino")


def load_model(path: Path, config: EngineConfig) -> Model:
    """Load a model file.

    Args:
        path: an ``.onnx`` file; with OpenVINO also an ``.xml`` file with its ``.bin`` beside it.
        config: the engine and how to run it.

    Raises:
        ModelError: the file is missing, is no model, or the engine cannot load it.
        EngineError: the engine is not installed.
        ConfigurationError: there is no engine of this name.
    """
    if not path.is_file():
        what = "is a directory, not a model file" if path.is_dir() else "does not exist"
        raise ModelError(f"model {path.absolute()} {what}")
    if config.engine == "onnxruntime":
        from .ort import OnnxRuntimeModel

        return OnnxRuntimeModel(path, config)
    if config.engine == "openvino":
        from .ov import OpenVinoModel

        return OpenVinoModel(path, config)
    raise ConfigurationError(
        f"unknown engine '{config.engine}' (allowed are: {', '.join(ENGINES)})"
    )

"""The parts of a reading engine by name, with defaults for all that is left out.

The defaults are those of the processors, as ``ocrd-tool.json`` has them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..config.tools import tool_description
from ..ocr.detection.detector import DetectionOptions, Detector
from ..ocr.model_kinds import DETECTION, ORIENTATION, PROCESSORS, RECOGNITION
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition.recognizer import Recognizer
from .finding import engine_of_model, find_keys, find_model
from .heads import HeadOptions
from .keys import KeyRequest
from .load import load_classifier, load_detector, load_recognizer
from .request import ModelRequest
from .running import Calls, engine_config


def detector(
    model: str | Path | ModelRequest = "",
    options: DetectionOptions | None = None,
    *,
    engine: str = "",
    device: str = "CPU",
    threads: int = 0,
) -> Detector:
    """Load what finds text lines.

    Args:
        model: name of an installed model, path of a file, or a request, which stands for the
            arguments behind ``options``; empty for the default model.
        options: how boxes are found.
        engine: one of `ocrd_rapid.inference.engines.ENGINES`; empty for the one that alone reads
            the model, else the default one.
        device: see `ocrd_rapid.inference.model.EngineConfig`.
        threads: number of threads; 0 for one per available CPU core.

    Raises:
        ResourceNotFoundError: the model is not installed; the message names the command that
            installs it.
        IntegrityError: an installed model is not what the catalogue says.
        ModelError: the model cannot be loaded, or is of another kind.
        EngineError: the engine is not installed.
        ConfigurationError: there is no such engine.
    """
    request = _request(DETECTION, model, engine, device, threads)
    return load_detector(request, options).part


def classifier(
    model: str | Path | ModelRequest = "",
    *,
    engine: str = "",
    device: str = "CPU",
    threads: int = 0,
) -> OrientationClassifier:
    """Load what tells upright from upside-down lines; see `detector`."""
    return load_classifier(_request(ORIENTATION, model, engine, device, threads)).part


def recognizer(
    model: str | Path | ModelRequest = "",
    *,
    keys: str | Path = "",
    heads: HeadOptions | None = None,
    engine: str = "",
    device: str = "CPU",
    threads: int = 0,
) -> Recognizer:
    """Load what reads lines.

    Args:
        model: see `detector`.
        keys: name or path of the model's key file; empty for the keys that the model carries, or
            that lie beside it.
        heads: the output layers that read, and their characters; by default those that the
            processor uses, too.
        engine: see `detector`.
        device: likewise.
        threads: likewise; as many lines are read at the same time.

    Raises:
        ResourceNotFoundError: model, key file or head is not installed.
        IntegrityError, ModelError, EngineError, ConfigurationError: see `detector`; the same for
            key files and heads.
    """
    request = _request(RECOGNITION, model, engine, device, threads)
    if not isinstance(model, ModelRequest):
        request = replace(
            request, keys=KeyRequest(find_keys(str(keys))), heads=heads or HeadOptions()
        )
    return load_recognizer(request).part


def request_by_name(
    kind: str, name: str = "", *, engine: str = "", device: str = "CPU", threads: int = 0
) -> ModelRequest:
    """Return the request of a model that has no other conventions and keys than its own.

    Args:
        kind: see `ModelRequest`.
        name: of an installed model, or its path; empty for the default model.
        engine: see `detector`.
        device: likewise.
        threads: likewise.

    Raises:
        ResourceNotFoundError, IntegrityError: see `detector`.
    """
    declared = tool_description(PROCESSORS[kind])["parameters"]
    name = name or str(declared["model"]["default"])
    engine = engine or engine_of_model(kind, name) or str(declared["engine"]["default"])
    calls = Calls.LINES if kind == RECOGNITION else Calls.ALONE
    return ModelRequest(
        kind,
        find_model(kind, name, engine),
        engine_config(engine, calls, threads=threads, device=device),
        deferred=kind == RECOGNITION,
    )


def _request(
    kind: str, model: str | Path | ModelRequest, engine: str, device: str, threads: int
) -> ModelRequest:
    if isinstance(model, ModelRequest):
        return model
    return request_by_name(kind, str(model), engine=engine, device=device, threads=threads)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Detector, classifier and recognizer by name, with defaults for everything left out.

The defaults are those of the processors, from ``ocrd-tool.json``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..config.tools import tool_description
from ..ocr.detection.detector import DetectionOptions, Detector
from ..ocr.model_kinds import DETECTION, ORIENTATION, RECOGNITION
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition.automatic_recognizer import TextRecognizer
from .automatic_model import load_reader
from .executables import PROCESSORS
from .finding import default_model, engine_of_model, find_keys, find_model, is_automatic
from .heads import HeadOptions
from .keys import KeyRequest
from .load import load_classifier, load_detector
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
    """Load a detector of text lines.

    Args:
        model: name of an installed model, path of a file, or a request, which replaces the
            arguments after ``options``; empty for the default model.
        options: how to find boxes.
        engine: one of `ocrd_rapid.inference.traits.ENGINES`; empty for the only engine that reads
            the model, or the default one if there are several.
        device: see `ocrd_rapid.inference.model.EngineConfig`.
        threads: number of threads; 0 for one per available CPU core.

    Raises:
        ResourceNotFoundError: the model is not installed; the message names the command that
            installs it.
        IntegrityError: an installed model does not match the catalogue.
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
    """Load a classifier that tells upright from upside-down lines; see `detector`."""
    return load_classifier(_request(ORIENTATION, model, engine, device, threads)).part


def recognizer(
    model: str | Path | ModelRequest = "",
    *,
    keys: str | Path = "",
    heads: HeadOptions | None = None,
    engine: str = "",
    device: str = "CPU",
    threads: int = 0,
) -> TextRecognizer:
    """Load a recognizer of lines.

    Args:
        model: see `detector`; ``auto`` for the default model, and other installed ones on pages
            that it does not read.
        keys: name or path of the model's key file; empty for the keys in the model, or beside it.
        heads: the output layers that read, and their characters; by default those of the
            processor.
        engine: see `detector`.
        device: see `detector`.
        threads: see `detector`; also the number of lines read at the same time.

    Raises:
        ResourceNotFoundError: model, key file or head is not installed.
        IntegrityError, ModelError, EngineError, ConfigurationError: see `detector`; they apply to
            key files and heads, too.
    """
    request = _request(RECOGNITION, model, engine, device, threads)
    if not isinstance(model, ModelRequest):
        request = replace(
            request, keys=KeyRequest(find_keys(str(keys))), heads=heads or HeadOptions()
        )
    return load_reader(request).part


def request_by_name(
    kind: str, name: str = "", *, engine: str = "", device: str = "CPU", threads: int = 0
) -> ModelRequest:
    """Return the request for a model with default conventions, keys and heads.

    Args:
        kind: see `ModelRequest`.
        name: name of an installed model, or its path; `AUTOMATIC`; empty for the default model.
        engine: see `detector`.
        device: see `detector`.
        threads: see `detector`.

    Raises:
        ResourceNotFoundError, IntegrityError: see `detector`.
    """
    declared = tool_description(PROCESSORS[kind])["parameters"]
    name = name or default_model(kind)
    engine = engine or engine_of_model(kind, name) or str(declared["engine"]["default"])
    calls = Calls.LINES if kind == RECOGNITION else Calls.ALONE
    return ModelRequest(
        kind,
        find_model(kind, name, engine),
        engine_config(engine, calls, threads=threads, device=device),
        deferred=kind == RECOGNITION,
        automatic=is_automatic(kind, name),
    )


def _request(
    kind: str, model: str | Path | ModelRequest, engine: str, device: str, threads: int
) -> ModelRequest:
    if isinstance(model, ModelRequest):
        return model
    return request_by_name(kind, str(model), engine=engine, device=device, threads=threads)

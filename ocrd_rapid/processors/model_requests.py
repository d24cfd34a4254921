# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the parameters of a processor to requests for models."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..config.tools import tool_description
from ..errors import ConfigurationError, ParameterError, ResourceNotFoundError
from ..inference.model import EngineConfig
from ..inference.options import with_precision
from ..inference.traits import traits_of
from ..languages.language_names import parse_languages
from ..loading.adapters import Conventions
from ..loading.executables import PROCESSORS
from ..loading.finding import engine_of_model, find_keys, find_model, is_automatic
from ..loading.heads import HeadOptions
from ..loading.keys import KeyRequest
from ..loading.layout_files import load_layout_model
from ..loading.load import Loaded, load_recognizer
from ..loading.once import Once
from ..loading.quality_sizes import size_parameters
from ..loading.request import ModelRequest
from ..loading.running import Calls, engine_config
from ..ocr.detection.detector import DetectionOptions
from ..ocr.layout_models.layout_model import LayoutModel
from ..ocr.model_kinds import LAYOUT, RECOGNITION
from ..ocr.recognition.alphabets import Alphabet
from ..ocr.recognition.automatic_recognizer import TextRecognizer
from ..rapidocr import configured_models, input_size
from ..rapidocr.engine_options import processor_options
from ..rapidocr.hkmc import HkmcConfig, load_config
from ..rapidocr.model_files import KINDS

LOG = logging.getLogger(__name__)

_KINDS = {executable: kind for kind, executable in PROCESSORS.items() if kind != LAYOUT}


def with_config(executable: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with those of the file in ``config``, and those of ``quality``.

    Call it before filling in the defaults: given values win over the file, what the file says over
    what ``quality`` stands for, and that over the defaults. Processors without models, and those of
    other packages, have no such parameters: theirs stay unchanged.

    Raises:
        ResourceNotFoundError: the file, or a model or key file in it, does not exist.
        ConfigurationError: the configuration is wrong.
        ModelError, IntegrityError: see `ocrd_rapid.rapidocr.model_files.find_model`.
    """
    kind = _KINDS.get(executable)
    if kind is None:
        return dict(given)
    given = _with_engine(kind, given)
    path, found = given.get("config"), {}
    if path and isinstance(path, str):
        config = configured_models.with_quality(load_config(path), given.get("quality"))
        found = configured_models.stage_parameters(config, _stage(kind), given)
    complete = {**given, **{key: value for key, value in found.items() if key not in given}}
    declared = tool_description(executable)["parameters"]
    for key, value in size_parameters(str(complete.get("quality")), executable).items():
        if value != declared[key]["default"]:
            complete.setdefault(key, value)
    return complete


def _with_engine(kind: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return parameters with the engine that a model's suffix requires, unless one is given."""
    name = given.get("model")
    if not name or not isinstance(name, str) or "engine" in given:
        return given
    engine = engine_of_model(kind, name)
    return {**given, "engine": engine} if engine else given


def _stage(kind: str) -> str:
    """Return the stage of a configuration for models of a kind."""
    return next(stage for stage, one in KINDS.items() if one == kind)


def model_request(executable: str, parameters: Mapping[str, Any]) -> ModelRequest:
    """Return the request for the model that a processor's parameters name.

    Args:
        executable: the processor.
        parameters: all its parameters, see `ocrd_rapid.config.parameters.complete_parameters`.

    Raises:
        ResourceNotFoundError: the model or its key file is not installed.
        IntegrityError: an installed model does not match the catalogue.
        ParameterError: ``keys`` is given, but no single model.
        ConfigurationError: the engine does not support the precision, a language or script is
            unknown, or the file in ``config`` is wrong.
    """
    kind, config = _KINDS[executable], _configuration(parameters)
    engine = str(parameters["engine"])
    reads = kind == RECOGNITION
    if is_automatic(kind, str(parameters["model"])) and parameters["keys"]:
        raise ParameterError(
            "parameter keys: key files belong to one model, but -P model auto uses several; name"
            " the model, or leave keys out"
        )
    return ModelRequest(
        kind,
        find_model(kind, str(parameters["model"]), engine),
        _engine(parameters, config, Calls.LINES if reads else Calls.AMONG_PAGES),
        conventions=_conventions(config, kind),
        keys=_keys(parameters, config) if reads else KeyRequest(),
        heads=_heads(parameters) if reads else HeadOptions(),
        deferred=reads,
        automatic=is_automatic(kind, str(parameters["model"])),
    )


def detection_options(parameters: Mapping[str, Any]) -> DetectionOptions:
    """Return the options of detection from parameters and, if given, ``config``.

    Raises:
        ResourceNotFoundError, ConfigurationError: ``config`` does not exist, or is wrong.
    """
    config = _configuration(parameters)
    configured = DetectionOptions() if config is None else input_size.detection_options(config)
    return replace(
        configured,
        long_side=int(parameters["long_side"]) or configured.long_side,
        input_scale=float(parameters["input_scale"]),
        thresh=float(parameters["thresh"]),
        box_thresh=float(parameters["box_thresh"]),
        unclip_ratio=float(parameters["unclip_ratio"]),
    )


def layout_model(parameters: Mapping[str, Any]) -> Loaded[LayoutModel] | None:
    """Load the layout model that ``layout_model`` names; return ``None`` if that is empty.

    It runs with the processor's engine, device and threads.

    Raises:
        ParameterError: it is of no use on the operation level.
        ResourceNotFoundError, IntegrityError: see `find_model`.
        ModelError, EngineError, ConfigurationError: see `load_layout_model`.
    """
    name = str(parameters["layout_model"])
    if not name:
        return None
    if parameters["operation_level"] != "page":
        raise ParameterError(
            "parameter layout_model: regions are found on whole pages only; leave it out, or use"
            " -P operation_level page"
        )
    path = find_model(LAYOUT, name, str(parameters["engine"]))
    engine = _engine(parameters, _configuration(parameters), Calls.AMONG_PAGES)
    return load_layout_model(path, engine, float(parameters["layout_thresh"]))


def _configuration(parameters: Mapping[str, Any]) -> HkmcConfig | None:
    path = parameters.get("config")
    return load_config(str(path)) if path else None


def _engine(parameters: Mapping[str, Any], config: HkmcConfig | None, calls: Calls) -> EngineConfig:
    engine, precision = str(parameters["engine"]), str(parameters["precision"])
    allowed = traits_of(engine).precisions
    if precision not in allowed:
        raise ConfigurationError(
            f"parameter precision: engine {engine} supports only {allowed[0]}, not {precision};"
            " choose -P engine openvino, or -P precision auto"
        )
    options = processor_options(config, engine) if config is not None else None
    return engine_config(
        engine,
        calls,
        threads=int(parameters["threads"]),
        device=str(parameters["device"]),
        strict=config is not None and config.engine.strict,
        options=with_precision(engine, options, precision),
    )


def _conventions(config: HkmcConfig | None, kind: str) -> Conventions:
    if config is None:
        return Conventions()
    return configured_models.conventions(config, _stage(kind))


def _keys(parameters: Mapping[str, Any], config: HkmcConfig | None) -> KeyRequest:
    file, option = find_keys(str(parameters["keys"])), "-P keys"
    if config is None:
        return KeyRequest(file, option)
    return configured_models.key_request(config, file, option)


def _heads(parameters: Mapping[str, Any]) -> HeadOptions:
    return HeadOptions(
        str(parameters["heads"]),
        Alphabet(parse_languages(str(parameters["languages"])), str(parameters["characters"])),
        str(parameters["umlauts"]),
        str(parameters["abbreviations"]),
        float(parameters["line_width"]),
    )


def reader(parameters: Mapping[str, Any]) -> Callable[[], TextRecognizer | None]:
    """Return a function that returns a recognizer for a classifier in doubt.

    The recognizer is loaded on the first call. The function returns ``None`` if ``reading_model``
    is empty or not installed, and raises `ModelError` if it is not a recognition model.

    Args:
        parameters: ``reading_model``, ``engine``, ``device``, ``threads``, ``precision`` and
            ``config``.
    """
    return Once(partial(_load_reader, parameters))


def _load_reader(parameters: Mapping[str, Any]) -> TextRecognizer | None:
    name = str(parameters["reading_model"])
    if not name:
        return None
    try:
        return load_recognizer(_reading_request(name, parameters)).part
    except ResourceNotFoundError as error:
        LOG.info("orientation is determined without reading lines: %s", error)
        return None


def _reading_request(name: str, parameters: Mapping[str, Any]) -> ModelRequest:
    """Return the request of a model that reads; that of ``config`` reads as it says."""
    config = _configuration(parameters)
    configured = None if config is None else configured_models.reading_model(config)
    if configured is not None and str(configured.path) == name:
        return configured
    return ModelRequest(
        RECOGNITION,
        find_model(RECOGNITION, name, str(parameters["engine"])),
        _engine(parameters, None, Calls.LINES),
        keys=KeyRequest(option=""),
    )

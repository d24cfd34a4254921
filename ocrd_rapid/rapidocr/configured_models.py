# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a configuration to requests for models, and to the parameters of a processor."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, OcrdRapidError
from ..inference.options import OpenVinoOptions, OrtOptions
from ..languages.language_names import parse_languages
from ..loading.adapters import Conventions
from ..loading.finding import AUTOMATIC, is_automatic
from ..loading.heads import HeadOptions
from ..loading.keys import KEYS_SUFFIXES, KeyRequest
from ..loading.quality_sizes import SIZES, size_parameters
from ..loading.request import ModelRequest
from ..ocr.recognition.alphabets import Alphabet
from .engine_options import configured_engine, engine_options, requested_device
from .hkmc import HkmcConfig
from .model_files import EXECUTABLES, KINDS, catalogue_entry, existing_file, find_model, section_of

LOG = logging.getLogger(__name__)

_KEYS = "Rec.rec_keys_path"


def configured_model(config: HkmcConfig, stage: str) -> ModelRequest:
    """Return the request for the model of a stage.

    Raises:
        ResourceNotFoundError, ConfigurationError, ModelError, IntegrityError: see `find_model`,
            `find_keys_file`.
    """
    reads = stage == "Rec"
    return ModelRequest(
        KINDS[stage],
        find_model(config, stage),
        configured_engine(config, stage),
        conventions=conventions(config, stage),
        keys=key_request(config, find_keys_file(config), _KEYS) if reads else KeyRequest(),
        heads=_head_options(config) if reads else HeadOptions(),
        deferred=reads,
        automatic=is_automatic(KINDS[stage], section_of(config, stage).model_path or ""),
        called=stage,
    )


def conventions(config: HkmcConfig, stage: str) -> Conventions:
    """Return the conventions of the model of a stage."""
    if stage == "Det":
        return Conventions(config.det.mean, config.det.std)
    if stage == "Cls":
        _, height, width = config.cls.cls_image_shape
        asked = "Cls.cls_image_shape"
        return Conventions(
            size=(height, width),
            size_option=asked if asked in config.given else "",
            upside_down_first=config.cls.label_list[0] == "180",
        )
    return Conventions()


def key_request(config: HkmcConfig, file: Path | None, option: str) -> KeyRequest:
    """Return the request for the keys of a configuration's recognition model.

    Args:
        config: the configuration.
        file: the key file to use, if one is given.
        option: the option or key that the user gave it with.

    Raises:
        ConfigurationError: a key file is given, but no single model.
    """
    section = config.rec
    if file is not None and is_automatic(KINDS["Rec"], section.model_path or ""):
        raise ConfigurationError(
            f"{option}: key files belong to one model, but Rec.model_path auto uses several; name"
            " the model, or leave the keys out"
        )
    if section.model_path is not None:
        return KeyRequest(file, option)
    if section.model_dir is not None:
        return KeyRequest(file, option, whole_folder=True)
    try:
        return KeyRequest(file, option, known_as=catalogue_entry(section, "Rec").name)
    except ConfigurationError:  # the model does not come from this configuration
        return KeyRequest(file, option)


def find_keys_file(config: HkmcConfig) -> Path | None:
    """Return the path of ``Rec.rec_keys_path``, or ``None`` if it is not given.

    Raises:
        ResourceNotFoundError: it does not exist.
    """
    if config.rec.rec_keys_path is None:
        return None
    return existing_file(_KEYS, config.rec.rec_keys_path, EXECUTABLES["Rec"], KEYS_SUFFIXES)


def reading_model(config: HkmcConfig) -> ModelRequest | None:
    """Return the request of the model that reads where the classifier is in doubt.

    It is the recognition model of the configuration, as far as that is right: who asks which way
    up text is need not have one.
    """
    try:
        return configured_model(config, "Rec")
    except OcrdRapidError as error:
        LOG.info("the configuration's recognition model is not used: %s", error)
        return None


def _head_options(config: HkmcConfig) -> HeadOptions:
    section = config.rec
    size = size_parameters(config.general.quality, EXECUTABLES["Rec"])
    return HeadOptions(
        section.heads,
        Alphabet(
            parse_languages(section.languages or "", "Rec.languages"), section.characters or ""
        ),
        section.umlauts,
        section.abbreviations,
        size["line_width"],
    )


def with_quality(config: HkmcConfig, quality: Any) -> HkmcConfig:
    """Return a configuration with another ``Global.quality``, if one of the sizes is given."""
    if quality not in SIZES:
        return config
    return replace(config, general=replace(config.general, quality=quality))


def stage_parameters(
    config: HkmcConfig, stage: str, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a processor's parameters from a configuration.

    These are the parameters that both have, for ``-P config FILE``; they replace the processor's
    defaults. The rest is in `processor_options`, `conventions`, `key_request` and
    `detection_options`.

    Args:
        config: the configuration.
        stage: ``Det``, ``Cls`` or ``Rec``.
        given: parameters that win over the configuration; the files that they replace are not
            looked up.

    Raises:
        ResourceNotFoundError, ConfigurationError, ModelError, IntegrityError: see `find_model`,
            `find_keys_file`.
    """
    given = given or {}
    section = section_of(config, stage)
    parameters: dict[str, Any] = {}
    if "model" not in given:
        found = find_model(config, stage)
        is_choice = is_automatic(KINDS[stage], section.model_path or "")
        parameters["model"] = AUTOMATIC if is_choice else str(found)
    parameters["engine"] = section.engine_type
    if given.get("engine", section.engine_type) == section.engine_type:
        parameters["device"] = requested_device(config, stage)
    options = engine_options(config, section.engine_type)
    threads = (
        options.intra_op_num_threads
        if isinstance(options, OrtOptions)
        else options.inference_num_threads
    )
    if threads > 0:
        parameters["threads"] = threads
    if isinstance(options, OpenVinoOptions):
        parameters["precision"] = options.inference_precision or "auto"
    return parameters | _parameters_of_stage(config, stage, given)


def _parameters_of_stage(
    config: HkmcConfig, stage: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    if stage == "Det":
        det = config.det
        scale = size_parameters(config.general.quality, EXECUTABLES[stage])["input_scale"]
        return {
            "quality": config.general.quality,
            "input_scale": scale,
            "thresh": det.thresh,
            "box_thresh": det.box_thresh,
            "unclip_ratio": det.unclip_ratio,
        }
    if stage == "Cls":
        reading = None if "reading_model" in given else reading_model(config)
        return {} if reading is None else {"reading_model": str(reading.path)}
    rec = config.rec
    parameters: dict[str, Any] = {
        "quality": config.general.quality,
        "line_width": size_parameters(config.general.quality, EXECUTABLES[stage])["line_width"],
        "heads": rec.heads,
        "languages": rec.languages or "",
        "characters": rec.characters or "",
        "umlauts": rec.umlauts,
        "abbreviations": rec.abbreviations,
    }
    keys = None if "keys" in given else find_keys_file(config)
    if keys is not None:
        parameters["keys"] = str(keys)
    if "Global.text_score" in config.given:
        parameters["min_confidence"] = config.general.text_score
    return parameters

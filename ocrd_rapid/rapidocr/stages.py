"""From a configuration to the three stages: detection, orientation, recognition."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..inference.deferred import DeferredModel
from ..inference.engines import load_model
from ..inference.model import EngineConfig, Model
from ..inference.options import OpenVinoOptions, OrtOptions
from ..loading.adapters import Renormalised, Reversed, Sized
from ..loading.heads import HeadOptions, line_model
from ..loading.keys import find_characters, find_keys_file
from ..ocr.detection.detector import Detector
from ..ocr.model_kinds import RECOGNITION, check_task
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition.alphabets import Alphabet, parse_languages
from ..ocr.recognition.recognizer import LINE_HEIGHT, HeadedModel, Recognizer
from . import model_files
from .engine_options import engine_config, engine_options, requested_device, width_bucket
from .hkmc import HkmcConfig
from .hkmc_schema import RecSection
from .input_size import detection_options

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedModel:
    """The model of a stage.

    Attributes:
        model: as it was loaded, or behind an adapter.
        path: its file.
        threads: how many threads may use it at the same time.
    """

    model: Model
    path: Path
    threads: int


def load(config: HkmcConfig, stage: str) -> LoadedModel:
    """Find and load the model of a stage: ``Det``, ``Cls`` or ``Rec``.

    Raises:
        ResourceNotFoundError, ConfigurationError, IntegrityError: see `resolution.find_model`.
        ModelError: it cannot be loaded.
        EngineError: its engine is not usable, or with ``EngineConfig.strict`` a device not here.
    """
    path = model_files.find_model(config, stage)
    engine = engine_config(config, stage)
    model = adapted(load_model(path, engine, deferred=stage == "Rec"), config, stage, path)
    return LoadedModel(model, path, engine.parallel_calls)


def adapted(model: Model, config: HkmcConfig, stage: str, path: Path) -> Model:
    """Return a model as `ocrd_rapid.ocr` expects it: behind an adapter, if it is another kind.

    Args:
        model: as it was loaded.
        config: what it expects itself.
        stage: ``Det``, ``Cls`` or ``Rec``.
        path: its file, for messages.
    """
    if stage == "Det":
        det, usual = config.det, (0.5, 0.5, 0.5)
        if (det.mean, det.std) != (usual, usual):
            model = Renormalised(model, det.mean, det.std)
    elif stage == "Cls":
        _, height, width = config.cls.cls_image_shape
        if model.input_shape[2:] == (None, None):
            model = Sized(model, height, width)
        elif "Cls.cls_image_shape" in config.given and model.input_shape[2:] != (height, width):
            LOG.warning(
                "Cls.cls_image_shape %s is not that of model %s, which is used: %s",
                list(config.cls.cls_image_shape), path, list(model.input_shape[1:]),
            )  # fmt: skip
        if config.cls.label_list[0] == "180":
            model = Reversed(model)
    return model


@dataclass(frozen=True)
class Recognition:
    """Reads lines as the section ``Rec`` says.

    Attributes:
        recognizer: reads line images.
        model: what it reads with, with all heads.
        characters: of the model's own classes.
        keys: where they are from: a path, or ``model``.
    """

    recognizer: Recognizer
    model: Model
    characters: tuple[str, ...]
    keys: str


def recognition(loaded: LoadedModel, config: HkmcConfig) -> Recognition:
    """Return the recognizer that the section ``Rec`` describes.

    Raises:
        ModelError: the model is no recognition model, or the keys do not belong to it.
    """
    model, path = loaded.model, loaded.path
    check_task(model, RECOGNITION)
    characters, origin = find_characters(config, path, model.metadata, _classes(model))
    engine = engine_config(config, "Rec")
    lines = read_with(model, path, characters, engine, head_options(config.rec))
    recognizer = Recognizer(lines, loaded.threads, width_bucket(engine.engine))
    return Recognition(recognizer, lines.model, characters, origin)


def read_with(
    model: Model,
    path: Path,
    characters: tuple[str, ...],
    engine: EngineConfig,
    options: HeadOptions,
) -> HeadedModel:
    """Give a recognition model its heads, see `line_model`; load it itself only if it is run."""
    derived: list[Model] = []

    def load_derived(file: Path) -> Model:
        derived.append(load_model(file, engine))
        return derived[-1]

    lines = line_model(model, path, characters, load_derived, options)
    if not derived and isinstance(model, DeferredModel):
        model.load()
    return lines


def head_options(section: RecSection) -> HeadOptions:
    """Return which heads and characters the section ``Rec`` asks for."""
    return HeadOptions(
        section.heads,
        Alphabet(parse_languages(section.languages or ""), section.characters or ""),
        section.umlauts,
    )


def _classes(model: Model) -> int | None:
    """Return the number of classes of a recognition model; it is run if it does not say."""
    shape = model.output_shape
    if len(shape) != 3 or model.input_shape[1:2] != (3,) or shape[-1] is not None:
        return shape[-1] if shape else None
    height = model.input_shape[2] or LINE_HEIGHT
    width = model.input_shape[3] or LINE_HEIGHT
    return int(model.run(np.zeros((1, 3, height, width), dtype=np.float32)).shape[-1])


class Stages:
    """The stages of a configuration, each loaded once, when it is first needed.

    May be used from several threads.
    """

    def __init__(self, config: HkmcConfig) -> None:
        """Take a configuration; load nothing yet."""
        self.config = config
        self._locks = {stage: threading.Lock() for stage in model_files.STAGES}
        self._models: dict[str, LoadedModel] = {}
        self._made: dict[str, Any] = {}

    def load(self) -> None:
        """Load the stages that the configuration switches on.

        Raises:
            OcrdRapidError: see `load`, `Detector`, `recognition`.
        """
        for stage in stages_in_use(self.config):
            self._get(stage)

    def model(self, stage: str) -> LoadedModel:
        """Return the model of a stage, with its file."""
        self._get(stage)
        return self._models[stage]

    def detection(self) -> Detector:
        """Return what finds lines."""
        found: Detector = self._get("Det")
        return found

    def orientation(self) -> OrientationClassifier:
        """Return what tells upright from upside-down lines."""
        found: OrientationClassifier = self._get("Cls")
        return found

    def recognition(self) -> Recognition:
        """Return what reads lines."""
        found: Recognition = self._get("Rec")
        return found

    def _get(self, stage: str) -> Any:
        with self._locks[stage]:
            if stage not in self._made:
                loaded = load(self.config, stage)
                made = _make(stage, loaded, self.config)
                if isinstance(made, Recognition):
                    # It may have other output layers, and is not kept twice.
                    loaded = replace(loaded, model=made.model)
                self._made[stage], self._models[stage] = made, loaded
            return self._made[stage]


def _make(stage: str, loaded: LoadedModel, config: HkmcConfig) -> object:
    try:
        if stage == "Det":
            return Detector(loaded.model, detection_options(config))
        if stage == "Cls":
            return OrientationClassifier(loaded.model)
        return recognition(loaded, config)
    except ModelError as error:
        if str(loaded.path) in str(error):
            raise
        raise ModelError(f"{stage}: model {loaded.path}: {error}") from error


def stages_in_use(config: HkmcConfig) -> list[str]:
    """Return the stages that a configuration switches on."""
    general = config.general
    switches = {"Det": general.use_det, "Cls": general.use_cls, "Rec": general.use_rec}
    return [stage for stage, on in switches.items() if on]


def stage_parameters(
    config: HkmcConfig, stage: str, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the parameters of a processor that a configuration stands for.

    Those that processor and configuration have in common, for ``-P config FILE``: they take the
    place of the processor's defaults. The rest is in `engines.processor_options`, `adapted`
    and `detection_options`.

    Args:
        config: the configuration.
        stage: ``Det``, ``Cls`` or ``Rec``.
        given: parameters that win over the configuration; their files are not looked for.

    Raises:
        ResourceNotFoundError, ConfigurationError, ModelError, IntegrityError: see
            `resolution.find_model`.
    """
    given = given or {}
    section = model_files.section_of(config, stage)
    parameters: dict[str, Any] = {}
    if "model" not in given:
        parameters["model"] = str(model_files.find_model(config, stage))
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
        return {
            "thresh": det.thresh,
            "box_thresh": det.box_thresh,
            "unclip_ratio": det.unclip_ratio,
        }
    parameters: dict[str, Any] = {}
    if stage == "Rec":
        keys = None if "keys" in given else find_keys_file(config)
        if keys is not None:
            parameters["keys"] = str(keys)
        if "Global.text_score" in config.given:
            parameters["min_confidence"] = config.general.text_score
    return parameters

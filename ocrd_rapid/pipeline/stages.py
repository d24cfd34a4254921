"""From a configuration to the three stages: detection, orientation, recognition."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..config.hkmc import HkmcConfig
from ..config.hkmc_schema import DetSection, GlobalSection
from ..inference.engines import load_model
from ..inference.model import EngineConfig, Model, available_cores
from ..inference.options import CudaOptions, OpenVinoOptions, OrtOptions
from ..ocr.detection import DetectedBox, DetectionOptions, Detector, input_size
from ..ocr.images import BgrImage
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition import LINE_HEIGHT, FullModel, Recognizer
from . import resolution
from .adapters import Renormalised, Reversed, Sized

LOG = logging.getLogger(__name__)

#: RapidOCR's value of ``Global.max_side_len``, which holds where its way to choose the size of
#: the input is asked for.
_MAX_SIDE_LEN = 2000


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
    path = resolution.find_model(config, stage)
    engine = engine_config(config, stage)
    return LoadedModel(load_model(path, engine), path, engine.parallel_calls)


def engine_config(config: HkmcConfig, stage: str) -> EngineConfig:
    """Return how the model of a stage is to be run.

    Detection and orientation make one call at a time, with all cores; recognition makes one
    per core. Where the configuration says how many threads there are, it is followed.
    """
    engine = resolution.section_of(config, stage).engine_type
    options = engine_options(config, engine)
    cores = available_cores()
    parallel = stage == "Rec"
    if isinstance(options, OrtOptions):
        if options.intra_op_num_threads > 0:
            # So many threads and no more: one call at a time has them all.
            parallel = False
    elif options.num_streams > 0:
        cores, parallel = options.num_streams, True
    elif options.inference_num_threads > 0:
        cores = options.inference_num_threads
    return EngineConfig(
        engine=engine,
        intra_op_threads=1 if parallel else cores,
        parallel_calls=cores if parallel else 1,
        strict=config.engine.strict,
        options=options,
    )


def engine_options(config: HkmcConfig, engine: str) -> OrtOptions | OpenVinoOptions:
    """Return the options of an engine, from ``EngineConfig``."""
    if engine == "openvino":
        openvino = config.engine.openvino
        return OpenVinoOptions(
            device_name=openvino.device_name,
            inference_num_threads=openvino.inference_num_threads,
            performance_hint=openvino.performance_hint,
            performance_num_requests=openvino.performance_num_requests,
            enable_cpu_pinning=openvino.enable_cpu_pinning,
            num_streams=openvino.num_streams,
            enable_hyper_threading=openvino.enable_hyper_threading,
            scheduling_core_type=openvino.scheduling_core_type,
            inference_precision=openvino.inference_precision,
            cache_dir=openvino.cache_dir,
        )
    ort = config.engine.onnxruntime
    return OrtOptions(
        intra_op_num_threads=ort.intra_op_num_threads,
        inter_op_num_threads=ort.inter_op_num_threads,
        enable_cpu_mem_arena=ort.enable_cpu_mem_arena,
        cpu_arena_extend_strategy=ort.cpu_ep_cfg.arena_extend_strategy,
        use_cuda=ort.use_cuda,
        cuda_ep_cfg=CudaOptions(
            device_id=ort.cuda_ep_cfg.device_id,
            arena_extend_strategy=ort.cuda_ep_cfg.arena_extend_strategy,
            cudnn_conv_algo_search=ort.cuda_ep_cfg.cudnn_conv_algo_search,
            do_copy_in_default_stream=ort.cuda_ep_cfg.do_copy_in_default_stream,
        ),
        use_dml=ort.use_dml,
        dml_ep_cfg=ort.dml_ep_cfg or {},
        use_cann=ort.use_cann,
        cann_ep_cfg=ort.cann_ep_cfg or {},
        use_coreml=ort.use_coreml,
        coreml_ep_cfg=ort.coreml_ep_cfg or {},
    )


def requested_device(config: HkmcConfig, stage: str) -> str:
    """Return the device that a stage is to run on, if it is here."""
    options = engine_options(config, resolution.section_of(config, stage).engine_type)
    if isinstance(options, OrtOptions):
        return options.devices[0] if options.devices else "CPU"
    return options.device_name or "CPU"


class Detection:
    """Finds text lines as the sections ``Det`` and ``Global`` say."""

    def __init__(self, loaded: LoadedModel, config: HkmcConfig) -> None:
        """Take a loaded model.

        Raises:
            ModelError: it is no detection model.
        """
        det = config.det
        self._model: Model = loaded.model
        if (det.mean, det.std) != ((0.5,) * 3, (0.5,) * 3):
            self._model = Renormalised(loaded.model, det.mean, det.std)
        self._config = config
        self._options = DetectionOptions(
            thresh=det.thresh,
            box_thresh=det.box_thresh,
            unclip_ratio=det.unclip_ratio,
            max_candidates=det.max_candidates,
            use_dilation=det.use_dilation,
            score_mode=det.score_mode,
        )
        Detector(self._model, self._options)

    def detect(
        self, image: BgrImage, box_thresh: float | None = None, unclip_ratio: float | None = None
    ) -> list[DetectedBox]:
        """Return the text lines of an image; values that are given hold for this call."""
        height, width = image.shape[:2]
        margin = vertical_margin(height, width, self._config.general)
        padded = image
        if margin:
            padded = np.asarray(
                cv2.copyMakeBorder(image, margin, margin, 0, 0, cv2.BORDER_CONSTANT),
                dtype=np.uint8,
            )
        options = replace(
            self._options,
            long_side=long_side(height + 2 * margin, width, self._config),
            box_thresh=self._options.box_thresh if box_thresh is None else box_thresh,
            unclip_ratio=self._options.unclip_ratio if unclip_ratio is None else unclip_ratio,
        )
        found = Detector(self._model, options).detect(padded)
        return [_without_margin(box, margin, height) for box in found] if margin else found


def _without_margin(found: DetectedBox, margin: int, height: int) -> DetectedBox:
    box = found.box - np.array([0, margin], dtype=np.float32)
    box[:, 1] = box[:, 1].clip(0, height)
    return replace(found, box=box)


def vertical_margin(height: int, width: int, general: GlobalSection) -> int:
    """Return by how many pixels an image is extended above and below for detection.

    The network finds text by the paper around it, which images of single lines lack. The rule is
    RapidOCR's: low images, and those that are wide for their height, become about twice as high
    as that.
    """
    if not general.use_vertical_padding:
        return 0
    ratio = general.width_height_ratio
    too_wide = ratio != -1 and width / height > ratio
    if height > general.min_height and not too_wide:
        return 0
    wanted = max(width / ratio if ratio != -1 else 0, general.min_height) * 2
    return max(0, math.ceil((wanted - height) / 2))


def long_side(height: int, width: int, config: HkmcConfig) -> int:
    """Return the longer side of the detection network's input in pixels; 0: by the image's size.

    RapidOCR's two steps, ``Global.max_side_len`` and ``min_side_len``, then
    ``Det.limit_side_len``, taken together as one scaling.
    """
    det, general = config.det, config.general
    maximum = general.max_side_len if general.use_preprocess_img else None
    if det.limit_side_len is None:
        chosen = max(input_size(height, width))
        return int(maximum) if maximum is not None and maximum < chosen else 0
    scale = 1.0
    if general.use_preprocess_img:
        scale = min(1.0, (maximum or _MAX_SIDE_LEN) / max(height, width))
        scale = max(scale, general.min_side_len / min(height, width))
    scale *= _limit(min(height, width) * scale, max(height, width) * scale, det)
    return max(1, round(scale * max(height, width)))


def _limit(shorter: float, longer: float, det: DetSection) -> float:
    limit = float(det.limit_side_len or 0)
    if det.limit_type == "min":
        return max(1.0, limit / shorter)
    return min(1.0, limit / longer)


def orientation(loaded: LoadedModel, config: HkmcConfig) -> OrientationClassifier:
    """Return the classifier that the section ``Cls`` describes.

    Raises:
        ModelError: the model is no classifier of text lines.
    """
    model = loaded.model
    _, height, width = config.cls.cls_image_shape
    if model.input_shape[2:] == (None, None):
        model = Sized(model, height, width)
    elif "Cls.cls_image_shape" in config.given and model.input_shape[2:] != (height, width):
        LOG.warning(
            "Cls.cls_image_shape %s is not that of model %s, which is used: %s",
            list(config.cls.cls_image_shape), loaded.path, model.input_shape[1:],
        )  # fmt: skip
    if config.cls.label_list[0] == "180":
        model = Reversed(model)
    return OrientationClassifier(model)


@dataclass(frozen=True)
class Recognition:
    """Reads lines as the section ``Rec`` says.

    Attributes:
        recognizer: reads line images.
        characters: of the model's classes.
        keys: where they are from: a path, or ``model``.
    """

    recognizer: Recognizer
    characters: tuple[str, ...]
    keys: str


def recognition(loaded: LoadedModel, config: HkmcConfig) -> Recognition:
    """Return the recognizer that the section ``Rec`` describes.

    Raises:
        ModelError: the model is no recognition model, or the keys do not belong to it.
    """
    model = loaded.model
    metadata = dict(model.metadata)
    characters, origin = resolution.find_characters(config, loaded.path, metadata, _classes(model))
    full = FullModel(model, characters)
    return Recognition(Recognizer(full, loaded.threads), characters, origin)


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
        self._locks = {stage: threading.Lock() for stage in resolution.STAGES}
        self._models: dict[str, LoadedModel] = {}
        self._made: dict[str, Any] = {}

    def load(self) -> None:
        """Load the stages that the configuration switches on.

        Raises:
            OcrdRapidError: see `load`, `Detection`, `orientation`, `recognition`.
        """
        for stage in stages_in_use(self.config):
            self._get(stage)

    def model(self, stage: str) -> LoadedModel:
        """Return the model of a stage, with its file."""
        self._get(stage)
        return self._models[stage]

    def detection(self) -> Detection:
        """Return what finds lines."""
        found: Detection = self._get("Det")
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
                make = {"Det": Detection, "Cls": orientation, "Rec": recognition}[stage]
                self._made[stage] = make(loaded, self.config)
                self._models[stage] = loaded
            return self._made[stage]


def stages_in_use(config: HkmcConfig) -> list[str]:
    """Return the stages that a configuration switches on."""
    general = config.general
    switches = {"Det": general.use_det, "Cls": general.use_cls, "Rec": general.use_rec}
    return [stage for stage, on in switches.items() if on]


def stage_parameters(config: HkmcConfig, stage: str) -> dict[str, Any]:
    """Return the parameters of a processor that a configuration stands for.

    Those that processor and configuration have in common, for ``-P config FILE``: they take the
    place of the processor's defaults. Settings of the engines beyond device and threads are in
    `engine_options`.

    Args:
        config: the configuration.
        stage: ``Det``, ``Cls`` or ``Rec``.

    Raises:
        ResourceNotFoundError, ConfigurationError, ModelError, IntegrityError: see
            `resolution.find_model`.
    """
    section = resolution.section_of(config, stage)
    options = engine_options(config, section.engine_type)
    parameters: dict[str, Any] = {
        "model": str(resolution.find_model(config, stage)),
        "engine": section.engine_type,
    }
    parameters["device"] = requested_device(config, stage)
    if isinstance(options, OrtOptions):
        threads = options.intra_op_num_threads
    else:
        threads = options.inference_num_threads
    if threads > 0:
        parameters["threads"] = threads
    return parameters | _parameters_of_stage(config, stage)


def _parameters_of_stage(config: HkmcConfig, stage: str) -> dict[str, Any]:
    if stage == "Det":
        det = config.det
        parameters: dict[str, Any] = {
            "thresh": det.thresh,
            "box_thresh": det.box_thresh,
            "unclip_ratio": det.unclip_ratio,
        }
        if det.limit_side_len is not None and det.limit_type == "max":
            parameters["long_side"] = int(det.limit_side_len)
        return parameters
    if stage == "Rec":
        keys = resolution.find_keys_file(config)
        parameters = {"keys": str(keys)} if keys is not None else {}
        if "Global.text_score" in config.given:
            parameters["min_confidence"] = config.general.text_score
        return parameters
    return {}

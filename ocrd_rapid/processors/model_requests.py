"""From the parameters of a processor to a loaded model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, ModelError, ResourceNotFoundError
from ..inference.cores import available_cores
from ..inference.engines import load_model
from ..inference.model import EngineConfig, Model
from ..inference.options import OpenVinoOptions
from ..loading.heads import HeadOptions
from ..loading.keys import KEYS_SUFFIXES, find_characters
from ..ocr.detection.detector import DetectionOptions
from ..ocr.model_kinds import PROCESSORS, check_task
from ..ocr.recognition.alphabets import Alphabet, parse_languages
from ..ocr.recognition.characters import class_characters, keys_from_metadata, read_keys
from ..ocr.recognition.recognizer import BASE, FullModel, Recognizer
from ..rapidocr import input_size, model_files, stages
from ..rapidocr.engine_options import processor_options, width_bucket
from ..rapidocr.hkmc import HkmcConfig, engine_of, load_config
from ..resmgr import catalogue, locations, urls
from ..resmgr.integrity import check_installed
from ..resmgr.locations import resolve

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedModel:
    """A model, the file it came from, and how many threads may use it.

    Attributes:
        model: as it was loaded, or behind an adapter.
        path: its file.
        threads: how many threads may use it at the same time.
        versions: what of it is recorded in METS.
        config: the configuration that the parameter ``config`` names, if there is one.
    """

    model: Model
    path: Path
    threads: int
    versions: Mapping[str, str]
    config: HkmcConfig | None = None


def with_config(executable: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with those that the file in ``config`` stands for.

    To be called before the defaults are filled in: what is given wins over the file, the file
    over the defaults.

    Raises:
        ResourceNotFoundError: the file, or a model or key file in it, does not exist.
        ConfigurationError: the configuration is wrong.
        ModelError, IntegrityError: see `resolution.find_model`.
    """
    given = _with_engine(executable, given)
    path = given.get("config")
    if not path or not isinstance(path, str):
        return dict(given)
    found = stages.stage_parameters(load_config(path), _stage(executable), given)
    return {**given, **{key: value for key, value in found.items() if key not in given}}


def _with_engine(executable: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return parameters with the engine that a model's suffix asks for, if none is given."""
    name = given.get("model")
    if not name or not isinstance(name, str) or "engine" in given or urls.is_url(name):
        return given
    path = locations.find(name, executable, model_files.ALL_SUFFIXES)
    engine = engine_of(path.name if path is not None else name)
    return {**given, "engine": engine} if engine else given


def _stage(executable: str) -> str:
    return next(stage for stage, name in model_files.EXECUTABLES.items() if name == executable)


def load(
    executable: str, parameters: Mapping[str, Any], *, parallel: bool, deferred: bool = False
) -> LoadedModel:
    """Load the model that ``parameters`` name.

    Args:
        executable: the processor whose resource the model is.
        parameters: ``model``, ``engine``, ``device``, ``threads`` and ``precision``.
        parallel: whether the threads make calls of their own (many small inputs) or share one
            (a single large input).
        deferred: see `load_model`.

    Raises:
        ResourceNotFoundError: the model is not installed.
        IntegrityError: an installed model is not what the catalogue says.
        ModelError: it cannot be loaded, or is for another task.
        ConfigurationError: the engine does not have this precision.
    """
    suffixes = model_files.SUFFIXES[str(parameters["engine"])]
    path = find(executable, str(parameters["model"]), suffixes)
    hkmc = load_config(str(parameters["config"])) if parameters.get("config") else None
    config = _engine_config(parameters, hkmc, parallel)
    model = load_model(path, config, deferred=deferred)
    try:
        check_task(model, next(task for task, name in PROCESSORS.items() if name == executable))
    except ModelError as error:
        raise ModelError(f"model {path}: {error}") from error
    if hkmc is not None:
        model = stages.adapted(model, hkmc, _stage(executable), path)
    threads = config.parallel_calls if parallel else config.intra_op_threads
    return LoadedModel(model, path, threads, {"model": path.name}, hkmc)


def _engine_config(
    parameters: Mapping[str, Any], hkmc: HkmcConfig | None, parallel: bool
) -> EngineConfig:
    engine = str(parameters["engine"])
    given = int(parameters["threads"])
    threads = given or available_cores()
    if not given and not parallel and engine == "onnxruntime":
        # Another page is read meanwhile. Threads of onnxruntime that share a call wait for each
        # other: half of them need a twentieth less CPU time. Measured in docs/performance.md.
        threads = -(-threads // 2)
    options = processor_options(hkmc, engine) if hkmc is not None else None
    precision = str(parameters.get("precision", "f32"))
    if engine == "openvino":
        options = options if isinstance(options, OpenVinoOptions) else OpenVinoOptions()
        options = replace(options, inference_precision=precision)
    elif precision not in ("f32", "auto"):
        raise ConfigurationError(
            f"parameter precision: engine {engine} has f32 only, not {precision};"
            " choose -P engine openvino, or -P precision auto"
        )
    return EngineConfig(
        engine=engine,
        device=str(parameters["device"]),
        intra_op_threads=1 if parallel else threads,
        parallel_calls=threads if parallel else 1,
        reuse_memory=not parallel,
        strict=hkmc is not None and hkmc.engine.strict,
        options=options,
    )


@dataclass(frozen=True)
class LoadedRecognizer:
    """Reads lines.

    Attributes:
        recognizer: it.
        versions: what of it is recorded in METS.
    """

    recognizer: Recognizer
    versions: Mapping[str, str]


def load_recognizer(executable: str, parameters: Mapping[str, Any]) -> LoadedRecognizer:
    """Load the recognition model that ``parameters`` name, with the heads that they ask for.

    Args:
        executable: the processor whose resources model and heads are.
        parameters: those of `load`, ``keys``, ``heads``, ``languages``, ``characters`` and
            ``umlauts``.

    Raises:
        ResourceNotFoundError, IntegrityError, ModelError: see `load` and `load_characters`; the
            same for heads.
        ConfigurationError: there is no such language or script.
    """
    loaded = load(executable, parameters, parallel=True, deferred=True)
    characters = load_characters(executable, loaded, str(parameters["keys"]))
    engine = _engine_config(parameters, loaded.config, parallel=True)
    options = HeadOptions(
        str(parameters["heads"]),
        Alphabet(parse_languages(str(parameters["languages"])), str(parameters["characters"])),
        str(parameters["umlauts"]),
    )
    lines = stages.read_with(loaded.model, loaded.path, characters, engine, options)
    versions = dict(loaded.versions)
    if [head.name for head in lines.heads] != [BASE]:
        versions["heads"] = ", ".join(head.name for head in lines.heads)
    bucket = width_bucket(engine.engine)
    return LoadedRecognizer(Recognizer(lines, loaded.threads, bucket), versions)


def detection_options(loaded: LoadedModel, options: DetectionOptions) -> DetectionOptions:
    """Return the options of detection that parameters and, if there is one, configuration give."""
    if loaded.config is None:
        return options
    configured = input_size.detection_options(loaded.config)
    return replace(
        configured,
        long_side=options.long_side or configured.long_side,
        thresh=options.thresh,
        box_thresh=options.box_thresh,
        unclip_ratio=options.unclip_ratio,
    )


def find(executable: str, name: str, suffixes: Sequence[str] = ()) -> Path:
    """Return the path of a resource, checked if the catalogue knows it.

    A web address is downloaded once; the network is used for nothing else here.

    Args:
        executable: whose resource it is.
        name: as the user gives it, with or without its suffix.
        suffixes: those that it may have.
    """
    if urls.is_url(name):
        return urls.fetch(name, executable)
    path = resolve(name, executable, suffixes)
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
    if loaded.config is not None:
        rec = replace(loaded.config.rec, rec_keys_path=keys or None)
        hkmc = replace(loaded.config, rec=rec)
        return find_characters(hkmc, loaded.path, loaded.model.metadata, classes)[0]
    if keys:
        return class_characters(read_keys(find(executable, keys, KEYS_SUFFIXES)), classes)
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


class Reader:
    """Gives a recognizer to who is in doubt: loaded when it is first asked for, and only once."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        """Take ``reading_model`` (empty for none), ``engine``, ``device`` and ``threads``."""
        self._parameters = {**parameters, "model": parameters["reading_model"], "config": ""}
        self._lock = threading.Lock()
        self._loaded: Recognizer | None = None
        self._tried = not parameters["reading_model"]

    def __call__(self) -> Recognizer | None:
        """Return the recognizer, or ``None`` if there is none, or its model is not installed.

        Raises:
            ModelError: the model is no recognition model.
        """
        with self._lock:
            if not self._tried:
                self._tried = True
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Recognizer | None:
        executable = model_files.EXECUTABLES["Rec"]
        try:
            loaded = load(executable, self._parameters, parallel=True)
            characters = load_characters(executable, loaded, "")
        except ResourceNotFoundError as error:
            LOG.info("the orientation is judged without reading: %s", error)
            return None
        return Recognizer(FullModel(loaded.model, characters), loaded.threads)

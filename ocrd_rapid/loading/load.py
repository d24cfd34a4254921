# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Load a detector, classifier or recognizer from a request: the only place that does so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from ..errors import ModelEndsError, ModelError
from ..inference.deferred import DeferredModel
from ..inference.engines import load_model
from ..inference.model import EngineConfig, Model
from ..ocr.detection.detector import DetectionOptions, Detector
from ..ocr.model_kinds import LAYOUT
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition.automatic_recognizer import TextRecognizer
from ..ocr.recognition.line_input import LINE_HEIGHT
from ..ocr.recognition.line_model import BASE, HeadedModel
from ..ocr.recognition.recognizer import Recognizer
from .adapters import adapted
from .executables import check_kind, place_of
from .heads import line_model
from .keys import find_characters
from .request import ModelRequest
from .running import width_bucket

Part = TypeVar("Part")


@dataclass(frozen=True)
class Loaded(Generic[Part]):
    """A detector, classifier or recognizer, with facts about its model.

    Attributes:
        part: the detector, classifier or recognizer.
        path: the file of the model.
        engine: how the model runs.
        device: the device that it runs on, which may differ from that of ``engine``.
        versions: names of model and heads, recorded in METS.
    """

    part: Part
    path: Path
    engine: EngineConfig
    device: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class LoadedRecognizer(Loaded[TextRecognizer]):
    """A recognizer, with facts about its model.

    Attributes:
        characters: characters of the classes of the model's own output layer.
        keys: the path of the key file, or `keys.IN_THE_MODEL`.
    """

    characters: tuple[str, ...]
    keys: str

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of the heads that read."""
        return tuple(head.name for head in self.part.heads)


def load_network(request: ModelRequest) -> Model:
    """Load only the network of a request, adapted to the conventions of `ocrd_rapid.ocr`.

    Raises:
        ModelError: it cannot be loaded, or is of another kind.
        EngineError: its engine is not usable, or with ``EngineConfig.strict`` the device is not
            available.
        ConfigurationError: there is no such engine.
    """
    try:
        model = load_model(request.path, request.engine, deferred=request.deferred)
    except ModelEndsError as error:
        raise ModelEndsError(f"{error}; layout models are for {place_of(LAYOUT)}") from error
    with _named(request):
        check_kind(model, request.kind)
    return adapted(model, request.conventions, request.path)


def load_detector(
    request: ModelRequest, options: DetectionOptions | None = None
) -> Loaded[Detector]:
    """Load a detection model.

    Args:
        request: the model.
        options: how to find boxes.

    Raises:
        ModelError, EngineError, ConfigurationError: see `load_network`.
    """
    model = load_network(request)
    return _loaded(Detector(model, options), model, request)


def load_classifier(request: ModelRequest) -> Loaded[OrientationClassifier]:
    """Load an orientation model.

    Raises:
        ModelError, EngineError, ConfigurationError: see `load_network`.
    """
    model = load_network(request)
    return _loaded(OrientationClassifier(model), model, request)


def load_recognizer(request: ModelRequest) -> LoadedRecognizer:
    """Load a recognition model with its characters and the requested heads.

    Raises:
        ModelError, EngineError, ConfigurationError: see `load_network`, `find_characters`,
            `line_model`.
        ResourceNotFoundError: a key file or a head is not installed.
        IntegrityError: an installed key file does not match the catalogue.
    """
    network = load_network(request)
    with _named(request):
        characters, keys = _characters(network, request)
        lines = _with_heads(network, characters, request)
    engine = request.engine
    recognizer = Recognizer(lines, engine.parallel_calls, width_bucket(engine.engine))
    versions = {"model": request.path.name}
    heads = [head.name for head in lines.heads]
    if heads != [BASE]:
        versions["heads"] = ", ".join(heads)
    return LoadedRecognizer(
        recognizer, request.path, engine, lines.model.device, versions, characters, keys
    )


def model_characters(request: ModelRequest) -> tuple[str, ...]:
    """Return the characters of a recognition model's own output layer.

    Raises:
        ModelError, EngineError, ConfigurationError, ResourceNotFoundError, IntegrityError: see
            `load_recognizer`.
    """
    network = load_network(request)
    with _named(request):
        return _characters(network, request)[0]


def _characters(network: Model, request: ModelRequest) -> tuple[tuple[str, ...], str]:
    return find_characters(request.path, network.metadata, _classes(network), request.keys)


def _loaded(part: Part, model: Model, request: ModelRequest) -> Loaded[Part]:
    return Loaded(part, request.path, request.engine, model.device, {"model": request.path.name})


def _with_heads(network: Model, characters: tuple[str, ...], request: ModelRequest) -> HeadedModel:
    """Give a network its heads, see `line_model`; load the network itself only if it is run."""
    derived: list[Model] = []

    def load_derived(file: Path) -> Model:
        derived.append(load_model(file, request.engine))
        return derived[-1]

    lines = line_model(network, request.path, characters, load_derived, request.heads)
    if not derived and isinstance(network, DeferredModel):
        network.load()
    return lines


def _classes(model: Model) -> int:
    """Return the number of classes of a recognition model; run it if it does not declare them."""
    declared = model.output_shape[-1]
    if declared is not None:
        return declared
    height = model.input_shape[2] or LINE_HEIGHT
    width = model.input_shape[3] or LINE_HEIGHT
    return int(model.run(np.zeros((1, 3, height, width), dtype=np.float32)).shape[-1])


@contextmanager
def _named(request: ModelRequest) -> Iterator[None]:
    """Add the name of the model to errors about it, but not to errors about engines."""
    try:
        yield
    except ModelError as error:
        if type(error) is not ModelError or str(request.path) in str(error):
            raise
        called = f"{request.called}: " if request.called else ""
        raise ModelError(f"{called}model {request.path}: {error}") from error

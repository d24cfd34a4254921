# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The three stages with the real models, for tests that are marked ``models``."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_model import FullModel

from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata
from ocrd_rapid.ocr.recognition.recognizer import Recognizer

THREADS = 2


def only_file(directory: Path) -> Path:
    (path,) = directory.iterdir()
    return path


@pytest.fixture
def detection_model(models: Path) -> Path:
    return only_file(models / "ocrd-rapid-detect")


@pytest.fixture
def recognition_model(models: Path) -> Path:
    return only_file(models / "ocrd-rapid-recognize")


@pytest.fixture
def detector(detection_model: Path) -> Detector:
    return Detector(load_model(detection_model, EngineConfig(intra_op_threads=THREADS)))


@pytest.fixture
def classifier(models: Path) -> OrientationClassifier:
    path = only_file(models / "ocrd-rapid-classify")
    return OrientationClassifier(load_model(path, EngineConfig(intra_op_threads=THREADS)))


@pytest.fixture
def recognizer(recognition_model: Path) -> Recognizer:
    model = load_model(recognition_model, EngineConfig(parallel_calls=THREADS))
    keys = keys_from_metadata(model.metadata)
    assert keys is not None
    return Recognizer(FullModel(model, class_characters(keys, model.output_shape[-1])), THREADS)

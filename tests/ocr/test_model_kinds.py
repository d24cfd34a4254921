# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models for another purpose."""

from __future__ import annotations

import pytest
from full_model import FullModel

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.orientation import OrientationClassifier

DETECTION = NullModel(lambda x: x, output_shape=(None, 1, None, None))
ORIENTATION = NullModel(lambda x: x, output_shape=(None, 2))
RECOGNITION = NullModel(lambda x: x, output_shape=(None, None, 100))
GREY = NullModel(lambda x: x, input_shape=(None, 1, None, None), output_shape=(None, 1, 1, 1))


@pytest.mark.parametrize("model", [ORIENTATION, RECOGNITION, GREY])
def test_a_detector_takes_detection_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text detection model"):
        Detector(model)
    Detector(DETECTION)


@pytest.mark.parametrize("model", [DETECTION, RECOGNITION, GREY])
def test_a_classifier_takes_orientation_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text line orientation model"):
        OrientationClassifier(model)
    OrientationClassifier(ORIENTATION)


@pytest.mark.parametrize("model", [DETECTION, ORIENTATION, GREY])
def test_a_recognizer_takes_recognition_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text recognition model"):
        FullModel(model, ("", "a"))
    FullModel(RECOGNITION, ("", "a"))

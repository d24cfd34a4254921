# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Networks that were trained with other conventions than PP-OCR's."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading.adapters import Conventions, Renormalized, Reversed, Sized, adapted
from ocrd_rapid.ocr.detection.detector import normalize
from ocrd_rapid.ocr.orientation import OrientationClassifier


def test_a_network_may_have_a_mean_and_a_deviation_of_its_own() -> None:
    image = np.arange(2 * 2 * 3, dtype=np.uint8).reshape(2, 2, 3) * 20
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    model = adapted(NullModel(lambda b: b), Conventions(mean, std), Path("x"))
    expected = (image / 255 - np.array(mean)) / np.array(std)
    np.testing.assert_allclose(
        model.run(normalize(image))[0], expected.transpose(2, 0, 1), atol=1e-5
    )
    assert isinstance(model, Renormalized)


def test_the_usual_models_have_no_adapter() -> None:
    model = NullModel(lambda b: b, input_shape=(None, 3, 48, 192))
    for conventions in (Conventions(), Conventions(size=(48, 192))):
        assert adapted(model, conventions, Path("x")) is model


def test_classifiers_of_any_size_get_one() -> None:
    shapes: list[tuple[int, ...]] = []

    def network(batch: FloatArray) -> FloatArray:
        shapes.append(batch.shape)
        return np.array([[0.9, 0.1]], dtype=np.float32)

    model = NullModel(network, {}, (None, 3, None, None), (None, 2))
    sized = adapted(model, Conventions(size=(80, 160)), Path("x"))
    assert isinstance(sized, Sized)
    OrientationClassifier(sized).upside_down([np.zeros((40, 300, 3), np.uint8)])
    assert set(shapes) == {(1, 3, 80, 160)}


def test_a_size_that_is_not_the_models_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    model = NullModel(lambda b: b, {}, (None, 3, 80, 160), (None, 2))
    with caplog.at_level(logging.WARNING):
        assert adapted(model, Conventions(size=(48, 192)), Path("x")) is model
        assert caplog.text == ""
        asked = Conventions(size=(48, 192), size_option="Cls.cls_image_shape")
        assert adapted(model, asked, Path("x")) is model
    assert "Cls.cls_image_shape [3, 48, 192] is ignored, as model x has another" in caplog.text


def test_labels_in_the_other_order() -> None:
    model = NullModel(lambda b: np.array([[0.9, 0.1]], np.float32), {}, (None, 3, 48, 192),
                      (None, 2))  # fmt: skip
    line = np.zeros((48, 192, 3), np.uint8)
    assert OrientationClassifier(model).upside_down([line]) == pytest.approx(0.1)
    turned = adapted(model, Conventions(upside_down_first=True), Path("x"))
    assert isinstance(turned, Reversed)
    assert OrientationClassifier(turned).upside_down([line]) == pytest.approx(0.9)


def test_adapters_pass_on_what_the_model_says() -> None:
    model = NullModel(lambda b: b, {"character": "a"}, (None, 3, None, None), (None, 2))
    adapter = Sized(model, 80, 160)
    assert adapter.metadata == {"character": "a"}
    assert adapter.output_shape == (None, 2)
    assert adapter.input_shape == (None, 3, 80, 160)
    assert adapter.device == model.device

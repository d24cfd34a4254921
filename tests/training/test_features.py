# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Features are computed once, whatever computes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid import loading
from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.training import ctc
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.line_sources import columns_of
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.session import prepare

NAME = "PP-OCRv6_rec_small_8bit.onnx"


@pytest.fixture
def images() -> list[np.ndarray]:
    """Return line images of several shapes."""
    import cv2

    found = []
    for height, text in ((48, "Haus und Hof"), (31, "Baum"), (90, "x")):
        image = np.full((48, 26 * len(text) + 30, 3), 230, np.uint8)
        cv2.putText(image, text, (10, 34), cv2.FONT_HERSHEY_COMPLEX, 1.0, (10, 10, 10), 2)
        found.append(cv2.resize(image, (image.shape[1] * height // 48, height)))
    return found


def test_the_own_layer_makes_of_them_what_the_network_reads(
    models: Path, images: list[np.ndarray]
) -> None:
    setting = prepare(NAME, "base", 1)
    extractor = FeatureExtractor(setting.model, 2)
    assert extractor.backbone == features_identity(setting.model) == setting.base.backbone
    features = extractor.extract(images)
    assert [len(one) for one in features] == [columns_of(image) for image in images]
    assert {(one.dtype.name, one.shape[1]) for one in features} == {
        ("float16", len(own_layer(setting.model).weights))
    }
    read = loading.recognizer(NAME, heads=HeadOptions("base"), threads=1).recognize(images)
    assert [ctc.read_line(TrainingLine(one, ""), setting.base) for one in features] == [
        line.text for line in read
    ]
    assert read[0].text == "Haus und Hof"


def test_what_is_known_is_not_computed_again(
    models: Path, images: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = FeatureExtractor(prepare(NAME, "base", 1).model, 2)
    calls: list[tuple[int, int]] = []
    first = extractor.extract(images, lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    monkeypatch.setattr(extractor, "_model", None)
    again = extractor.extract(images)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_lines_drawn_wider_have_features_of_their_own(
    models: Path, images: list[np.ndarray]
) -> None:
    extractor = FeatureExtractor(prepare(NAME, "base", 1).model, 2)
    for stretch in (1.0, 1.5, 1.0, 1.5):
        features = extractor.extract(images, stretch=stretch)
        assert [len(one) for one in features] == [columns_of(image, stretch) for image in images]


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"x" * 100])
def test_damaged_files_are_made_anew(
    damage: bytes, models: Path, images: list[np.ndarray], own_home: Path
) -> None:
    extractor = FeatureExtractor(prepare(NAME, "base", 1).model, 2)
    first = extractor.extract(images[:1])
    (path,) = (own_home / ".cache" / "ocrd-rapid" / "features").glob("*/*.npy")
    path.write_bytes(damage)
    assert (extractor.extract(images[:1])[0] == first[0]).all()
    assert np.load(path).shape == first[0].shape

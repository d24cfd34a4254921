# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The choice among the installed recognition models."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from small_networks import write_network

from ocrd_rapid.errors import ResourceNotFoundError
from ocrd_rapid.inference.feature_identity import facts_of_features
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading import automatic_model
from ocrd_rapid.loading.automatic_model import load_reader
from ocrd_rapid.loading.by_name import request_by_name
from ocrd_rapid.loading.finding import find_model, is_automatic
from ocrd_rapid.loading.load import LoadedRecognizer
from ocrd_rapid.loading.request import ModelRequest
from ocrd_rapid.ocr.model_kinds import DETECTION, RECOGNITION
from ocrd_rapid.ocr.recognition.automatic_recognizer import AutomaticRecognizer
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.resmgr import locations


def put(path: Path, characters: str) -> Path:
    """Write a null model, which reads the ink of a column as one of its characters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"null_model": "ink", "characters": characters}))
    return path


@pytest.fixture
def installed(nowhere: Path) -> Path:
    """Return the directory of installed recognition models."""
    return locations.data_home() / "ocrd-resources" / "ocrd-rapid-recognize"


def request(path: Path, **more: bool) -> ModelRequest:
    return ModelRequest(RECOGNITION, path, EngineConfig(), **more)


def lines_of_ink() -> list[BgrImage]:
    image = np.full((48, 600, 3), 255, dtype=np.uint8)
    for left in range(20, 580, 40):
        cv2.rectangle(image, (left, 8), (left + 22, 40), (0, 0, 0), -1)
    return [image] * 3


def names(loaded: LoadedRecognizer) -> str:
    return loaded.versions["model"]


def test_the_other_installed_models_are_candidates(installed: Path, nowhere: Path) -> None:
    first = put(nowhere / "first.null.onnx", "abc")
    put(installed / "one.null.onnx", "abc")
    put(installed / "two.null.onnx", "abc")
    put(installed / "first.null.onnx", "abc")
    (installed / "two.null.txt").write_text("a\nb\nc\n")
    (installed / "head.npz").write_bytes(b"no model")
    loaded = load_reader(request(first, automatic=True))
    assert isinstance(loaded.part, AutomaticRecognizer)
    assert names(loaded) == "one of first.null.onnx, two.null.onnx, one.null.onnx"
    assert loaded.path == first


def test_another_file_with_the_same_features_is_no_candidate(
    installed: Path, nowhere: Path
) -> None:
    first = write_network(nowhere / "first.onnx")
    write_network(installed / "stranger.onnx", seed=1)
    model = onnx.load(str(first))
    facts = {each.key: each.value for each in model.metadata_props} | facts_of_features(first)
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, str(installed / "short.onnx"))
    assert names(load_reader(request(first, automatic=True))) == "one of first.onnx, stranger.onnx"
    both = request(installed / "short.onnx", automatic=True)
    (installed / "first.onnx").write_bytes(first.read_bytes())
    assert names(load_reader(both)) == "one of short.onnx, stranger.onnx"


def test_newer_versions_come_first(installed: Path, nowhere: Path) -> None:
    first = put(nowhere / "first.null.onnx", "abc")
    for name in ("th_PP-OCRv5_rec_mobile", "ka_PP-OCRv4_rec_mobile", "PP-OCRv6_rec_tiny", "own"):
        put(installed / f"{name}.onnx", "abc")
    assert names(load_reader(request(first, automatic=True))).split(", ")[1:] == [
        "PP-OCRv6_rec_tiny.onnx",
        "th_PP-OCRv5_rec_mobile.onnx",
        "ka_PP-OCRv4_rec_mobile.onnx",
        "own.onnx",
    ]


def test_without_a_choice_there_is_one_recognizer(installed: Path, nowhere: Path) -> None:
    put(installed / "one.null.onnx", "abc")
    loaded = load_reader(request(put(nowhere / "first.null.onnx", "abc")))
    assert isinstance(loaded.part, Recognizer)
    assert loaded.versions == {"model": "first.null.onnx"}


def test_other_models_are_loaded_only_when_a_page_needs_them(
    installed: Path,
    nowhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(installed / "one.null.onnx", "abc")
    (installed / "broken.onnx").write_bytes(b"no model")
    loads: list[str] = []
    load = automatic_model.load_recognizer
    monkeypatch.setattr(
        automatic_model,
        "load_recognizer",
        lambda wanted: (loads.append(wanted.path.name), load(wanted))[1],
    )
    first = put(nowhere / "first.null.onnx", "abc")
    loaded = load_reader(request(first, automatic=True))
    assert loads == ["first.null.onnx"]
    read = loaded.part.recognize(lines_of_ink())  # a null model is never quite sure
    assert {line.model for line in read} == {"first.null.onnx"}
    assert loads == ["first.null.onnx", "one.null.onnx", "broken.onnx"]
    assert "broken.onnx cannot be loaded" in caplog.text
    loaded.part.recognize(lines_of_ink())
    assert loads[3:] == ["one.null.onnx"]


def test_a_choice_begins_with_the_default_model() -> None:
    assert is_automatic(RECOGNITION, "auto")
    assert not is_automatic(DETECTION, "auto")
    with pytest.raises(ResourceNotFoundError, match=r"PP-OCRv6_rec_small_8bit\.onnx"):
        find_model(RECOGNITION, "auto", "onnxruntime")
    with pytest.raises(ResourceNotFoundError, match="'auto'"):
        find_model(DETECTION, "auto", "onnxruntime")


def test_auto_as_a_name(models: Path) -> None:
    found = request_by_name(RECOGNITION, "auto")
    assert (found.automatic, found.path.name) == (True, "PP-OCRv6_rec_small_8bit.onnx")
    assert not request_by_name(RECOGNITION).automatic

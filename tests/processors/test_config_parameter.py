# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""-P config FILE: a configuration in the form of RapidOCR HKMC for the processors."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.errors import ConfigurationError, ResourceNotFoundError
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.inference.options import OpenVinoOptions, OrtOptions
from ocrd_rapid.languages.language_names import parse_languages
from ocrd_rapid.loading.adapters import Conventions
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.loading.keys import KeyRequest
from ocrd_rapid.loading.request import ModelRequest
from ocrd_rapid.ocr.detection.detector import DetectionOptions, Detector
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.processors import model_requests
from ocrd_rapid.processors.detect import DetectProcessor
from ocrd_rapid.processors.model_requests import (
    detection_options,
    model_request,
    with_config,
)
from ocrd_rapid.rapidocr.configured_models import configured_model
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.rapidocr.model_files import EXECUTABLES
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument

DETECT, CLASSIFY, RECOGNIZE = EXECUTABLES.values()
SHAPES: dict[str, Any] = {
    "input_shape": (None, 3, None, None),
    "output_shape": (None, 1, None, None),
}
TEXT = """
Global: {text_score: 0.4}
EngineConfig:
  onnxruntime: {use_cuda: true, cuda_ep_cfg: {device_id: 1}}
  openvino: {device_name: GPU, performance_hint: LATENCY}
Det: {model_path: det.onnx, thresh: 0.2, mean: [0.4, 0.4, 0.4]}
Cls: {model_path: cls.onnx, engine_type: openvino}
Rec: {model_path: rec.onnx, rec_keys_path: keys.txt}
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a directory with a configuration and files for its models."""
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(TEXT)
    Path("keys.txt").write_text("a\nb\nc\n")
    for name in ("det.onnx", "cls.onnx", "rec.onnx", "mine.onnx"):
        Path(name).write_bytes(b"x")


def parameters(executable: str, **given: Any) -> dict[str, Any]:
    return complete_parameters(
        with_config(executable, given),
        tool_description(executable),
        executable=executable,
    )


@pytest.mark.parametrize("executable", EXECUTABLES.values())
def test_without_it_nothing_changes(executable: str) -> None:
    assert with_config(executable, {"threads": 2}) == {"threads": 2}
    assert with_config(executable, {"config": ""}) == {"config": ""}
    assert parameters(executable)["config"] == ""


def test_the_file_gives_the_defaults() -> None:
    found = parameters(DETECT, config="c.yaml")
    assert (found["model"], found["thresh"], found["device"]) == ("det.onnx", 0.2, "CUDA")
    assert found["long_side"] == 0  # of the tool description
    found = parameters(CLASSIFY, config="c.yaml")
    assert (found["engine"], found["device"]) == ("openvino", "GPU")
    found = parameters(RECOGNIZE, config="c.yaml")
    assert (found["keys"], found["min_confidence"]) == ("keys.txt", 0.4)


def test_heads_and_alphabet_of_the_file() -> None:
    section = "heads: base, languages: de, characters: '½', umlauts: as-printed"
    section += ", abbreviations: resolved"
    Path("h.yaml").write_text(f"Rec: {{model_path: rec.onnx, {section}}}\n")
    found = model_request(RECOGNIZE, parameters(RECOGNIZE, config="h.yaml")).heads
    assert found == HeadOptions(
        "base", Alphabet(parse_languages("de"), "½"), "as-printed", "resolved"
    )
    assert found == configured_model(load_config("h.yaml"), "Rec").heads
    given = parameters(RECOGNIZE, config="h.yaml", heads="auto", languages="")
    assert model_request(RECOGNIZE, given).heads == HeadOptions(
        "auto", Alphabet((), "½"), "as-printed", "resolved"
    )


def reading(monkeypatch: pytest.MonkeyPatch, **given: Any) -> ModelRequest:
    """Return the request of the model that classify reads doubtful text with."""
    requests: list[ModelRequest] = []

    def load(request: ModelRequest) -> Any:
        requests.append(request)
        return SimpleNamespace(part=None)

    monkeypatch.setattr(model_requests, "load_recognizer", load)
    model_requests.reader(parameters(CLASSIFY, **given))()
    [found] = requests
    return found


def test_the_file_names_what_reads_doubtful_text(monkeypatch: pytest.MonkeyPatch) -> None:
    section = "model_path: rec.onnx, heads: base, rec_keys_path: keys.txt"
    Path("r.yaml").write_text(f"Cls: {{model_path: cls.onnx}}\nRec: {{{section}}}\n")
    request = configured_model(load_config("r.yaml"), "Rec")
    assert reading(monkeypatch, config="r.yaml") == request
    given = reading(monkeypatch, config="r.yaml", reading_model="mine.onnx")
    assert (given.path.name, given.heads) == ("mine.onnx", HeadOptions())
    alone = reading(monkeypatch, model="cls.onnx", reading_model="rec.onnx")
    assert (alone.path.name, alone.heads) == ("rec.onnx", HeadOptions())


def test_what_is_given_wins() -> None:
    found = parameters(DETECT, config="c.yaml", thresh=0.5, model="mine.onnx", engine="openvino")
    assert (found["thresh"], found["model"], found["engine"]) == (0.5, "mine.onnx", "openvino")
    assert found["device"] == "CPU"  # the file's is for another engine
    assert next(iter(found)) == "config"


def engine(executable: str, **given: Any) -> EngineConfig:
    return model_request(executable, parameters(executable, **given)).engine


def test_engines_get_their_options() -> None:
    found = engine(DETECT, config="c.yaml")
    assert found.device == "CUDA"
    assert isinstance(found.options, OrtOptions)
    assert found.options.cuda_ep_cfg.device_id == 1
    found = engine(CLASSIFY, config="c.yaml", device="CPU")
    assert found.device == "CPU"
    assert found.options == OpenVinoOptions(performance_hint="LATENCY")
    assert engine(DETECT, model="det.onnx").options is None


@pytest.mark.parametrize("precision", ["f32", "bf16", "f16", "auto"])
def test_the_precision_is_that_of_the_parameter(precision: str) -> None:
    found = engine(DETECT, model="det.onnx", engine="openvino", precision=precision)
    assert found.options == OpenVinoOptions(inference_precision=precision)


def test_the_parameter_wins_over_the_file() -> None:
    text = "EngineConfig: {openvino: {inference_precision: null, performance_hint: LATENCY}}\n"
    Path("p.yaml").write_text(text + "Det: {engine_type: openvino, model_path: det.onnx}\n")
    assert engine(DETECT, config="p.yaml").options == OpenVinoOptions(
        performance_hint="LATENCY", inference_precision="auto"
    )
    assert engine(DETECT, config="p.yaml", precision="bf16").options == OpenVinoOptions(
        performance_hint="LATENCY", inference_precision="bf16"
    )


def test_onnxruntime_has_float32_only() -> None:
    assert engine(DETECT, model="det.onnx", precision="auto").options is None
    with pytest.raises(ConfigurationError) as caught:
        engine(DETECT, model="det.onnx", precision="bf16")
    assert str(caught.value) == (
        "parameter precision: engine onnxruntime supports only f32, not bf16;"
        " choose -P engine openvino, or -P precision auto"
    )


def test_models_are_adapted() -> None:
    found = model_request(DETECT, parameters(DETECT, config="c.yaml"))
    assert found.conventions.mean == (0.4, 0.4, 0.4)
    plain = model_request(DETECT, parameters(DETECT, model="det.onnx"))
    assert plain.conventions == Conventions()


def test_keys() -> None:
    found = model_request(RECOGNIZE, parameters(RECOGNIZE, config="c.yaml"))
    assert found.keys == KeyRequest(Path("keys.txt").absolute(), "-P keys")
    found = model_request(RECOGNIZE, parameters(RECOGNIZE, config="c.yaml", keys=""))
    assert found.keys == KeyRequest(None, "-P keys")
    Path("d.yaml").write_text("Rec: {model_dir: .}")
    given = parameters(RECOGNIZE, config="d.yaml", model="rec.onnx")
    assert model_request(RECOGNIZE, given).keys == KeyRequest(None, "-P keys", whole_folder=True)


def test_detection_follows_the_file_and_the_parameters() -> None:
    sizes: list[tuple[int, ...]] = []

    def network(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        sizes.append(batch.shape[2:])
        return np.zeros((1, 1, *batch.shape[2:]), np.float32)

    Path("c.yaml").write_text("Det: {limit_side_len: 320, limit_type: max, model_path: det.onnx}")
    image = np.zeros((200, 400, 3), np.uint8)

    def detect(**options: int) -> None:
        chosen = detection_options(parameters(DETECT, config="c.yaml", **options))
        detector = Detector(NullModel(network, **SHAPES), chosen)
        processor = DetectProcessor(detector, "page", False, 0.0, {})
        cv2.imwrite("page.png", image)
        document = PageDocument.for_image("page.png", 400, 200, "me")
        processor.process(OpenPage("P_1", document, ImageStore(Path())))

    detect()
    detect(long_side=640)
    # The first of each is the page, at the size that was asked for.
    assert sizes == [(160, 320), (320, 640)]


def test_options_that_are_no_parameters_come_from_the_file() -> None:
    text = "Det: {score_mode: slow, use_dilation: false, max_candidates: 7, model_path: det.onnx}"
    Path("c.yaml").write_text(text)
    options = detection_options(parameters(DETECT, config="c.yaml", thresh=0.4))
    assert (options.score_mode, options.use_dilation, options.max_candidates) == ("slow", False, 7)
    assert options.thresh == 0.4
    assert detection_options(parameters(DETECT)) == DetectionOptions()


def test_what_is_wrong() -> None:
    with pytest.raises(ResourceNotFoundError, match="config_path not found"):
        parameters(DETECT, config="none.yaml")
    Path("c.yaml").write_text("Det: {x: 1}")
    with pytest.raises(ConfigurationError, match=r"Det\.x is not a valid key"):
        parameters(DETECT, config="c.yaml")

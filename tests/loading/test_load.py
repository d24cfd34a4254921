# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From a request to what detects, classifies and recognizes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from small_networks import KEYS, line_batch, write_network

from ocrd_rapid import loading
from ocrd_rapid.errors import EngineError, ModelError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading import load
from ocrd_rapid.loading.adapters import Conventions
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.loading.keys import IN_THE_MODEL, KeyRequest
from ocrd_rapid.loading.load import (
    load_classifier,
    load_detector,
    load_network,
    load_recognizer,
)
from ocrd_rapid.loading.request import ModelRequest
from ocrd_rapid.ocr.detection.detector import DetectionOptions
from ocrd_rapid.ocr.model_kinds import DETECTION, ORIENTATION, RECOGNITION
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.pixels import BgrImage

SHAPES: dict[str, tuple[int | None, ...]] = {
    DETECTION: (None, 1, None, None), ORIENTATION: (None, 2), RECOGNITION: (None, None, 5),
}  # fmt: skip
LOADERS: dict[str, Callable[[ModelRequest], Any]] = {
    DETECTION: load_detector, ORIENTATION: load_classifier, RECOGNITION: load_recognizer,
}  # fmt: skip

Serve = Callable[..., Path]


@pytest.fixture
def serve(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Return a function that makes all files one network."""

    def install(
        output_shape: tuple[int | None, ...],
        function: Callable[[FloatArray], FloatArray] = lambda batch: batch,
        **more: Any,
    ) -> Path:
        more.setdefault("metadata", {"character": "a\nb\nc"})
        more.setdefault("input_shape", (None, 3, 48, None))
        model = NullModel(function, output_shape=output_shape, **more)
        monkeypatch.setattr(load, "load_model", lambda path, config, **_: model)
        return nowhere / "own.onnx"

    return install


def request(kind: str, path: Path, **more: Any) -> ModelRequest:
    return ModelRequest(kind, path, EngineConfig(parallel_calls=2), **more)


# Kinds


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("other", SHAPES)
def test_a_model_of_another_kind_is_named_and_not_asked_for_keys(
    kind: str, other: str, serve: Serve
) -> None:
    path = serve(SHAPES[other], metadata={})
    keys = KeyRequest(path.with_name("keys.txt"))
    keys.file.write_text("a\nb\nc\n")  # type: ignore[union-attr]
    wanted = request(kind, path, keys=keys, heads=HeadOptions("base"), called="Here")
    if kind == other:
        assert LOADERS[kind](wanted).path == path
        return
    with pytest.raises(ModelError) as caught:
        LOADERS[kind](wanted)
    message = f"Here: model {path}: not a {kind} model, but a {other} model for {PROCESSORS[other]}"
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("kind", SHAPES)
def test_a_model_of_no_known_kind_is_named(kind: str, serve: Serve) -> None:
    path = serve((None, 1, 1, 1), input_shape=(None, 1, None, None))
    with pytest.raises(ModelError, match=rf"^model {path}: not a {kind} model: input"):
        LOADERS[kind](request(kind, path, heads=HeadOptions("base")))


# What is loaded


def test_detection_has_its_options(serve: Serve) -> None:
    path = serve(SHAPES[DETECTION])
    loaded = load_detector(request(DETECTION, path), DetectionOptions(thresh=0.4))
    assert loaded.part.options.thresh == 0.4
    assert (loaded.path, loaded.device, loaded.versions) == (path, "CPU", {"model": "own.onnx"})
    assert loaded.engine == EngineConfig(parallel_calls=2)


def test_networks_are_adapted(serve: Serve) -> None:
    path = serve((None, 2), lambda batch: np.array([[0.9, 0.1]], np.float32))
    line = np.zeros((48, 300, 3), np.uint8)
    plain = load_classifier(request(ORIENTATION, path)).part
    turned = load_classifier(
        request(ORIENTATION, path, conventions=Conventions(upside_down_first=True))
    ).part
    assert plain.upside_down([line]) == pytest.approx(0.1)
    assert turned.upside_down([line]) == pytest.approx(0.9)


def test_a_recognizer_says_what_it_reads(serve: Serve) -> None:
    path = serve(SHAPES[RECOGNITION])
    loaded = load_recognizer(request(RECOGNITION, path))
    assert (loaded.characters, loaded.keys) == (("", "a", "b", "c", " "), IN_THE_MODEL)
    assert loaded.heads == ("base",)
    assert loaded.versions == {"model": "own.onnx"}
    assert loaded.part.heads[0].characters == loaded.characters


def test_classes_that_a_model_does_not_declare_are_counted(serve: Serve) -> None:
    def nine(batch: FloatArray) -> FloatArray:
        return np.zeros((1, batch.shape[3] // 8, 9), np.float32)

    path = serve((None, None, None), nine)
    with pytest.raises(ModelError, match="3 keys, but 9 classes"):
        load_recognizer(request(RECOGNITION, path))


@pytest.mark.parametrize("shape", [(None, 1, None, None), (None, 2), ()])
def test_what_gives_no_text_is_not_read_with(shape: tuple[int | None, ...], serve: Serve) -> None:
    with pytest.raises(ModelError, match="not a text recognition model"):
        load_recognizer(request(RECOGNITION, serve(shape)))


def test_an_engine_that_fails_is_an_error_of_its_own(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise EngineError("not installed")

    monkeypatch.setattr(load, "load_model", fail)
    with pytest.raises(EngineError, match=r"^not installed$"):
        load_network(request(DETECTION, nowhere / "own.onnx"))


# Networks of our own


@pytest.fixture
def network(nowhere: Path) -> Path:
    path = write_network(nowhere / "rec.onnx")
    model = onnx.load(str(path))
    del model.metadata_props[:]
    onnx.save(model, str(path))
    path.with_suffix(".txt").write_text("\n".join(KEYS), encoding="utf-8")
    return path


def test_heads_are_recorded(network: Path) -> None:
    heads = HeadOptions(alphabet=Alphabet(("deu",)))
    loaded = load_recognizer(request(RECOGNITION, network, heads=heads))
    assert loaded.heads == ("base",)
    assert loaded.characters == ("", *KEYS, " ")
    assert set(loaded.part.heads[0].characters) < set(loaded.characters)
    assert loaded.keys == str(network.with_suffix(".txt"))


@pytest.mark.parametrize(("alphabet", "files"), [(Alphabet(), 1), (Alphabet(("deu",)), 2)])
def test_only_what_is_run_is_loaded(
    network: Path, alphabet: Alphabet, files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network whose facts are known is not loaded where other output layers are used."""
    load_network(request(RECOGNITION, network)).run(line_batch())  # then its facts are known
    asked: list[tuple[str, bool]] = []

    def remember(path: Path, config: EngineConfig, **more: bool) -> Any:
        asked.append((path.name, more.get("deferred", False)))
        return load_model(path, config, **more)

    monkeypatch.setattr(load, "load_model", remember)
    loaded = load_recognizer(
        request(RECOGNITION, network, heads=HeadOptions(alphabet=alphabet), deferred=True)
    )
    assert asked[0] == ("rec.onnx", True)
    assert len(asked) == files
    assert loaded.part.recognize([np.zeros((48, 60, 3), np.uint8)])[0].head == "base"


# By name, from Python


def test_the_parts_of_an_engine_are_loaded_by_default(models: Path, page: BgrImage) -> None:
    boxes = loading.detector().detect(page)
    assert len(boxes) > 10
    assert loading.classifier().upside_down([page[60:120]]) < 0.5
    assert [head.name for head in loading.recognizer().heads] == ["base"]


def test_models_by_name_path_and_request(models: Path, nowhere: Path) -> None:
    installed = models / "ocrd-rapid-recognize" / "PP-OCRv6_rec_small_8bit.onnx"
    path = nowhere / "mine.onnx"
    path.write_bytes(installed.read_bytes())
    line = np.full((48, 300, 3), 255, np.uint8)
    known = ModelRequest(
        RECOGNITION, path, EngineConfig(parallel_calls=1), heads=HeadOptions("base")
    )
    for model in ("PP-OCRv6_rec_small_8bit", installed, "mine.onnx", known):
        reads = loading.recognizer(model, heads=HeadOptions("base"), threads=1)
        assert reads.recognize([line])[0].text == ""


def test_a_key_file_for_a_model_by_name(network: Path) -> None:
    network.with_suffix(".txt").rename("my_keys.txt")
    for keys in ("my_keys", Path("my_keys.txt")):
        reads = loading.recognizer(network, keys=keys)
        assert reads.heads[0].characters == ("", *KEYS, " ")
    with pytest.raises(ModelError, match="name its key file with keys FILE"):
        loading.recognizer(network)


def test_the_suffix_of_a_model_chooses_the_engine(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def remember(path: Path, config: EngineConfig, **more: bool) -> NullModel:
        asked.append(config.engine)
        return NullModel(lambda batch: batch, output_shape=SHAPES[DETECTION])

    monkeypatch.setattr(load, "load_model", remember)
    for name in ("a.xml", "b.onnx"):
        (nowhere / name).write_bytes(b"x")
        loading.detector(name)
    loading.detector("b.onnx", engine="openvino")
    assert asked == ["openvino", "onnxruntime", "openvino"]


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import sys; from ocrd_rapid import loading; assert 'detector' in dir(loading);"
        "print(sorted({'numpy', 'cv2', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="has no attribute 'detektor'"):
        loading.detektor  # noqa: B018

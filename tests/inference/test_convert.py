# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A converted model computes the same and carries the same, or there is none."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import (
    EngineError,
    ModelError,
    ModelFileNotFoundError,
    OutputExistsError,
    StorageError,
)
from ocrd_rapid.inference import convert as module
from ocrd_rapid.inference.convert import TOLERANCE_FP16, TOLERANCE_FP32, convert
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.characters import keys_from_metadata

pytestmark = pytest.mark.usefixtures("openvino_installed")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize("fp16", [False, True])
def test_the_converted_model_computes_and_carries_the_same(
    tiny: Path, tmp_path: Path, fp16: bool
) -> None:
    target = tmp_path / "new" / "folder"
    done = convert(tiny, target, fp16=fp16)
    assert names(target) == ["tiny.bin", "tiny.xml"]
    assert (done.xml, done.weights) == (target / "tiny.xml", target / "tiny.bin")
    assert done.bytes_before == tiny.stat().st_size
    assert done.bytes_after == sum(path.stat().st_size for path in target.iterdir())
    assert done.metadata == ("character",)
    assert (done.fp16, done.tolerance) == (fp16, TOLERANCE_FP16 if fp16 else TOLERANCE_FP32)
    old = load_model(tiny, EngineConfig("onnxruntime"))
    new = load_model(done.xml, EngineConfig("openvino"))
    assert keys_from_metadata(new.metadata) == ["a", "ſ", "ch", "\u3000"]
    batch = np.random.default_rng(5).uniform(-1, 1, (1, 3, 48, 100)).astype(np.float32)
    assert np.abs(old.run(batch) - new.run(batch)).max() < (5e-3 if fp16 else 1e-5)


def test_weights_of_16_bits_are_half_as_large(tiny: Path, tmp_path: Path) -> None:
    full = convert(tiny, tmp_path, name="full")
    half = convert(tiny, tmp_path, name="half", fp16=True)
    # 27 weights and the bias; the other numbers are sizes.
    assert full.weights.stat().st_size - half.weights.stat().st_size == 28 * 2
    assert 0 < half.difference < TOLERANCE_FP16
    assert full.difference < half.difference


def test_inputs_of_several_widths_are_compared(tiny: Path, tmp_path: Path) -> None:
    done = convert(tiny, tmp_path)
    assert [one.shape for one in done.comparisons] == [
        (1, 3, 64, 64),
        (1, 3, 64, 160),
        (1, 3, 64, 320),
        (1, 3, 64, 640),
        (2, 3, 64, 64),
    ]
    assert done.difference == max(one.difference for one in done.comparisons) < 1e-5


@pytest.mark.parametrize(
    ("input_shape", "output_shape", "expected"),
    [
        ((None, 3, 48, None), (None, None, 9), [(1, 48, 64), (1, 48, 640), (2, 48, 64)]),
        ((None, 3, None, None), (None, 2), [(1, 48, 64), (1, 48, 640), (2, 48, 64)]),
        ((None, None, None, None), (None, 1, None, None), [(1, 64, 64), (1, 64, 640), (2, 64, 64)]),
        ((None, 3, 80, 160), (None, 2), [(1, 80, 160), (2, 80, 160)]),
        ((6, 3, 48, 192), (6, 2), [(6, 48, 192)]),
    ],
)
def test_inputs_are_such_as_the_model_wants(
    input_shape: tuple[int | None, ...],
    output_shape: tuple[int | None, ...],
    expected: list[tuple[int, int, int]],
) -> None:
    model = NullModel(lambda batch: batch, {}, input_shape, output_shape)
    found = [batch.shape for batch in module._batches(model)]
    assert {(n, h, w) for n, _, h, w in found} >= set(expected)
    assert len(found) == (len(expected) if len(expected) < 3 else 5)


def test_what_is_not_a_batch_of_images_cannot_be_tested() -> None:
    with pytest.raises(ModelError, match="cannot be tested"):
        module._batches(NullModel(lambda batch: batch, {}, (None, 7)))


@pytest.mark.parametrize("left", ["tiny.xml", "tiny.bin"])
def test_nothing_is_overwritten_unless_asked_for(tiny: Path, tmp_path: Path, left: str) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / left).write_text("mine")
    with pytest.raises(OutputExistsError, match=rf"{left} already exists; replace it with --over"):
        convert(tiny, target)
    assert names(target) == [left]
    assert (target / left).read_text() == "mine"
    convert(tiny, target, overwrite=True)
    assert names(target) == ["tiny.bin", "tiny.xml"]
    load_model(target / "tiny.xml", EngineConfig("openvino"))


def fake_result(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the converted model be another one than it is."""
    real = module.load_model

    def load(path: Path, config: EngineConfig) -> Any:
        model = real(path, config)
        if path.suffix != ".xml":
            return model
        fake = NullModel(model.run, model.metadata)
        return replace(fake, **changes)

    monkeypatch.setattr(module, "load_model", load)


def _wrong(batch: FloatArray) -> FloatArray:
    return np.full((len(batch), 1, *batch.shape[2:]), np.float32(5))


def _nan(batch: FloatArray) -> FloatArray:
    return np.full((len(batch), 1, *batch.shape[2:]), np.float32(np.nan))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metadata": {"character": "b"}}, "its character would be lost"),
        ({"metadata": {}}, "its character would be lost"),
        ({"function": _wrong}, r"\(1, 3, 64, 64\) would differ by \d.\de\+00 \(at most 1e-03"),
        ({"function": _nan}, "differ by nan"),
        (
            {"function": lambda batch: batch[:, :2]},
            r"have shape \(1, 2, 64, 64\) instead of \(1, 1, 64",
        ),
    ],
)
def test_a_conversion_that_is_not_faithful_leaves_everything_as_it_was(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    message: str,
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "tiny.xml").write_text("old")
    (target / "tiny.bin").write_text("old")
    fake_result(monkeypatch, **changes)
    with pytest.raises(ModelError, match=message):
        convert(tiny, target, overwrite=True)
    assert names(target) == ["tiny.bin", "tiny.xml"]
    assert (target / "tiny.xml").read_text() == (target / "tiny.bin").read_text() == "old"


@pytest.mark.parametrize("step", [1, 2])
def test_a_network_is_never_left_beside_weights_of_another(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    target = tmp_path / "out"
    convert(tiny, target)
    steps = []
    real = Path.replace

    def interrupted(self: Path, to: Path) -> Path:
        if to.parent == target:  # caches replace files as well
            steps.append(to)
            if len(steps) == step:
                raise OSError(28, "No space left on device")
        return real(self, to)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(StorageError) as caught:
        convert(tiny, target, fp16=True, overwrite=True)
    assert str(caught.value) == f"{target} cannot be written to (No space left on device)"
    assert names(target) == ["tiny.bin"]


def test_what_is_no_folder_cannot_be_written_to(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/out cannot be written to \(Not a directory\)"):
        convert(tiny, tmp_path / "file" / "out")


def test_only_onnx_files_are_converted(converted: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"does not end in \.onnx"):
        convert(converted, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_missing_or_damaged_is_refused_before_anything_is_made(
    tiny: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(tiny.read_bytes()[:-100])
    with pytest.raises(ModelError, match="damaged or cut off"):
        convert(broken, tmp_path / "out")
    with pytest.raises(ModelFileNotFoundError, match=r"no\.onnx does not exist"):
        convert(tmp_path / "no.onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_that_openvino_cannot_read_is_refused(tiny: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.onnx"
    strange.write_bytes(tiny.read_bytes().replace(b"\x22\x04Conv", b"\x22\x04Cavn"))
    with pytest.raises(ModelError, match=r"strange\.onnx cannot be converted: ") as caught:
        convert(strange, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert names(tmp_path / "out") == []


def test_a_model_with_two_inputs_is_refused(two_inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has 2 inputs and 1 outputs, expected one input"):
        convert(two_inputs, tmp_path / "out")
    assert names(tmp_path / "out") == []


def test_without_onnxruntime_openvino_itself_computes_the_original(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert convert(tiny, tmp_path).difference < 1e-6


def test_without_openvino_there_is_nothing_to_convert_with(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(EngineError, match="pip install openvino"):
        convert(tiny, tmp_path / "out")
    assert names(tmp_path / "out") == []


def test_nothing_is_reported_to_anyone(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_keywords: Any) -> None:
        raise AssertionError("something outside was to be told")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr("multiprocessing.Process.start", refuse)
    convert(tiny, tmp_path)


@pytest.mark.parametrize("fp16", [False, True])
@pytest.mark.models
def test_the_original_models_are_converted(
    original_models: Path, tmp_path: Path, fp16: bool
) -> None:
    measured = {}
    for path in sorted(original_models.rglob("*.onnx")):
        done = convert(path, tmp_path / "out", fp16=fp16)
        measured[path.name] = done.difference
        assert done.bytes_after < done.bytes_before * (0.62 if fp16 else 1.1) or "cls" in path.name
    assert len(measured) == 3
    assert max(measured.values()) < (0.02 if fp16 else 1e-4)

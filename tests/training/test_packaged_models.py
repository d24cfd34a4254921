# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The models of the package are those of the catalogue with weights of 16 or 8 bits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from training_modules import imported

from ocrd_rapid import loading
from ocrd_rapid.errors import InputError, IntegrityError
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.loading.installed_heads import automatic_heads
from ocrd_rapid.ocr.recognition.head_files import read_head, write_head
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.locations import module_dir, module_root
from ocrd_rapid.training.session import prepare, resource_name

RECOGNIZE = "ocrd-rapid-recognize"
ORIGINAL, PACKAGED = "PP-OCRv6_rec_small.onnx", "PP-OCRv6_rec_small_8bit.onnx"
ENGINES = ["onnxruntime", "openvino"]


@pytest.fixture(scope="module")
def program() -> Iterator[ModuleType]:
    with imported(program="packaged_models") as modules:
        yield modules["program"]


def small_model(weight: np.ndarray) -> onnx.ModelProto:
    """Return a model that multiplies by a weight, which is a node, and adds one of few numbers."""
    nodes = [
        helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(weight)),
        helper.make_node("MatMul", ["x", "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size])
        for name, size in zip("xy", weight.shape, strict=True)
    ]
    bias = numpy_helper.from_array(np.full(weight.shape[1], 1 / 3, np.float32), "b")
    graph = helper.make_graph(nodes, "small", ends[:1], ends[1:], [bias])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)


@pytest.mark.parametrize("engine", ENGINES)
def test_only_large_weights_are_rounded_and_engines_read_them(
    program: ModuleType, tmp_path: Path, engine: str
) -> None:
    pytest.importorskip(engine)
    weight = np.random.default_rng(1).normal(size=(64, 64)).astype(np.float32)
    model = program.with_16_bits(small_model(weight))
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert types == {"w.16bit": TensorProto.FLOAT16, "b": TensorProto.FLOAT}
    path = tmp_path / "short.onnx"
    onnx.save(model, str(path))
    assert path.stat().st_size < 0.6 * weight.nbytes
    batch = np.random.default_rng(2).normal(size=(1, 64)).astype(np.float32)
    session = pytest.importorskip("onnxruntime").InferenceSession(str(path))
    output = session.run(None, {"x": batch})[0]
    rounded = weight.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(output, batch @ rounded + np.float32(1 / 3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("value", [1e6, np.inf, np.nan])
def test_weights_that_16_bits_cannot_hold_stay_as_they_are(
    program: ModuleType, value: float
) -> None:
    weight = np.ones((64, 64), np.float32)
    weight[3, 3] = value
    (kept, _) = sorted(program.with_16_bits(small_model(weight)).graph.initializer, key=_size)[::-1]
    assert np.array_equal(numpy_helper.to_array(kept), weight, equal_nan=True)


def _size(tensor: onnx.TensorProto) -> int:
    return len(tensor.raw_data)


@pytest.mark.models
def test_the_same_models_give_the_files_of_the_package(
    program: ModuleType, original_models: Path, tmp_path: Path
) -> None:
    heads = "0" * 64 + "  ocrd-rapid-recognize/head.npz\n"
    (tmp_path / "SHA256SUMS").write_text(heads)
    program.make(original_models, tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.glob("*/*.onnx")}
    assert len(made) == len(program.PACKAGED) == 2
    for each in made:
        assert (tmp_path / each).read_bytes() == (module_root() / each).read_bytes()
    listed = (tmp_path / "SHA256SUMS").read_text()
    assert heads in listed
    shipped = (module_root() / "SHA256SUMS").read_text().splitlines()
    assert set(listed.splitlines()) - {heads.strip()} == {
        line for line in shipped if line.endswith(".onnx") and "_8bit." not in line
    }


@pytest.mark.models
def test_they_say_where_they_are_from(program: ModuleType, original_models: Path) -> None:
    made = {(each.executable, each.name, each.original) for each in program.PACKAGED}
    for executable, name, of in {*made, (RECOGNIZE, PACKAGED, ORIGINAL)}:
        facts = read_metadata(module_dir(executable) / name)
        original = original_models / executable / of
        assert facts["ocrd-rapid.licence"] == "Apache-2.0"
        address, _, digest = facts["ocrd-rapid.origin"].partition("#sha256=")
        assert address.startswith("https://") and address.endswith(of)
        assert digest == sha256_of(original)


def test_other_files_are_refused(program: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make models"):
        program.make(tmp_path, tmp_path / "output")
    wrong = tmp_path / "ocrd-rapid-detect/PP-OCRv6_det_small.onnx"
    wrong.parent.mkdir()
    shutil.copyfile(module_dir(RECOGNIZE) / PACKAGED, wrong)
    with pytest.raises(IntegrityError):
        program.make(tmp_path, tmp_path / "output")
    assert not list(tmp_path.glob("output/*/*.onnx"))


@pytest.mark.models
@pytest.mark.parametrize("engine", ENGINES)
def test_features_of_a_recognizer_of_16_bits_are_those_of_the_original(
    program: ModuleType, original_models: Path, tmp_path: Path, engine: str
) -> None:
    pytest.importorskip(engine)
    original, made = original_models / RECOGNIZE / ORIGINAL, tmp_path / "made.onnx"
    entry = catalogue.find(RECOGNIZE, ORIGINAL)
    made.write_bytes(program.packaged(original, entry, reads=True))
    assert made.stat().st_size < 0.55 * original.stat().st_size
    assert features_identity(made) == sha256_of(original)
    batch = np.random.default_rng(1).uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32)
    first, second = (
        load_model(derive(path, []), EngineConfig(engine)).run(batch) for path in (original, made)
    )
    # On noise, which is worse than on lines: measured 0.0028.
    assert 0 < np.abs(first - second).mean() < 5e-3 * first.std()


@pytest.mark.models
def test_a_head_that_a_user_made_before_reads_with_both(original_models: Path) -> None:
    original, packaged = original_models / RECOGNIZE / ORIGINAL, module_dir(RECOGNIZE) / PACKAGED
    latin = read_head(module_dir(RECOGNIZE) / "PP-OCRv6_rec_small_latin.npz")
    assert latin.backbone == features_identity(packaged) == sha256_of(original)
    write_head(
        replace(latin, name="mine", stands_for=""),
        original.with_name("PP-OCRv6_rec_small_mine.npz"),
    )
    image = _drawn("Haus und Hof")
    for model in (ORIGINAL, PACKAGED):
        reader = loading.recognizer(model, heads=HeadOptions("mine"), threads=1)
        assert [line.text for line in reader.recognize([image])] == ["Haus und Hof"]
    shared = [{head.name for head in automatic_heads(path)} for path in (original, packaged)]
    assert shared[0] == shared[1] >= {"latin", "blackletter", "mine"}


def _drawn(text: str) -> np.ndarray:
    import cv2

    image = np.full((48, 26 * len(text) + 30, 3), 230, np.uint8)
    cv2.putText(image, text, (10, 34), cv2.FONT_HERSHEY_COMPLEX, 1.0, (10, 10, 10), 2)
    return image


def test_heads_made_with_it_belong_to_the_original() -> None:
    setting = prepare(PACKAGED, "auto", 1)
    assert setting.base.backbone != sha256_of(setting.model)
    assert {start.backbone for start in setting.starts} == {setting.base.backbone}
    assert resource_name("mine", setting.model) == "PP-OCRv6_rec_small_mine.npz"

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A network of 8 bits computes on integers what the network in float computes, nearly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from documents import ROOT
from lxml import etree
from paired_networks import FEATURES, write_paired_network
from PIL import Image
from training_modules import imported

from ocrd_rapid.errors import InputError, IntegrityError
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.ocr.recognition.line_input import prepare_line
from ocrd_rapid.resmgr.locations import module_dir
from ocrd_rapid.training.features import FeatureExtractor

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
FOLDER = module_dir("ocrd-rapid-recognize")
RECOGNIZE, ORIGINAL = "ocrd-rapid-recognize", "PP-OCRv6_rec_small.onnx"
#: The networks of the package, and the largest error of their features.
PACKAGED = {"PP-OCRv6_rec_small_8bit.onnx": 0.04, "PP-OCRv6_rec_small_half_8bit.onnx": 0.15}
#: What onnxruntime calls operations on integers of 8 bits.
INTEGER = {"QLinearConv", "QLinearMul", "QLinearAdd", "QLinearSigmoid", "QLinearGlobalAveragePool"}


@pytest.fixture(scope="module")
def training() -> Iterator[SimpleNamespace]:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    names = {
        "program": "eight_bits",
        "distillation": "distillation",
        "shards": "line_shards",
        "graph": "graph_network",
        "quantization": "quantization",
        "network": "quantized_network",
    }
    with imported(**names) as modules:
        yield SimpleNamespace(**modules)


def batches(count: int = 4, width: int = 96) -> list[Any]:
    import torch

    rng = np.random.default_rng(5)
    return [
        torch.from_numpy(rng.uniform(-1, 1, (2, 3, 48, width)).astype(np.float32))
        for _ in range(count)
    ]


def features(path: Path, batch: Any, engine: str = "onnxruntime") -> Any:
    return load_model(derive(path, []), EngineConfig(engine)).run(np.ascontiguousarray(batch))


def error(found: Any, wanted: Any) -> float:
    """Return the mean square of the differences as a share of the variance."""
    return float(((found - wanted) ** 2).mean() / wanted.var())


def written_lines(training: SimpleNamespace, model: Path, cache: Path) -> list[Any]:
    """Write lines to learn from, of noise; return them."""
    extractor, rng, made = FeatureExtractor(model, 1), np.random.default_rng(5), []
    for number in range(12):
        image = rng.integers(0, 256, (48, 96 + 32 * (number % 2))).astype(np.uint8)
        found = extractor.compute(np.repeat(image[:, :, None], 3, axis=2))
        made.append(training.shards.ShardLine(image, found, "latin", 1.0, "work", "a"))
    training.shards.write_shard(cache / "learn", "00000", extractor.backbone, made)
    kept: list[Any] = training.shards.read_shards(cache / "learn", extractor.backbone)
    return kept


@pytest.fixture
def pair(
    training: SimpleNamespace, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """Return a network in float, and what is made of it."""
    monkeypatch.setattr(training.program, "CALIBRATION", 4)
    source = write_paired_network(tmp_path / "large.onnx")
    lines = written_lines(training, source, tmp_path / "cache")
    made = tmp_path / "made.onnx"
    made.write_bytes(training.program.eight_bits(source, lines))
    return source, made


def a_head(model: Path) -> Head:
    """Return a head for lines of noise."""
    rng = np.random.default_rng(7)
    layer = LinearLayer(rng.normal(size=(FEATURES, 4)).astype(np.float32), np.zeros(4, np.float32))
    return Head("latin", features_identity(model), ("", "a", "b", "c"), layer)


def operations(path: Path, tmp_path: Path) -> Counter[str]:
    """Return what onnxruntime computes, by operation."""
    settings = ort.SessionOptions()
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    graph = onnx.load(settings.optimized_model_filepath).graph
    return Counter(node.op_type for node in graph.node)


def test_it_gives_nearly_the_same_features(pair: tuple[Path, Path]) -> None:
    source, made = pair
    lines = batches(5)[-1].numpy()
    assert error(features(made, lines), features(source, lines)) < 0.02


def test_it_computes_on_integers(pair: tuple[Path, Path], tmp_path: Path) -> None:
    found = operations(pair[1], tmp_path)
    # Two at the start, three pairs, one by depth; the gate, and what follows the pooling, is float.
    assert found["QLinearConv"] == 9
    assert found["QLinearSigmoid"] == 3
    assert set(found) >= INTEGER
    assert "Erf" not in found


def test_engines_agree(pair: tuple[Path, Path]) -> None:
    pytest.importorskip("openvino")
    lines = batches(1)[0].numpy()
    assert error(features(pair[1], lines, "openvino"), features(pair[1], lines)) < 0.02


def test_the_same_lines_give_the_same_bytes(
    training: SimpleNamespace, pair: tuple[Path, Path]
) -> None:
    source, made = pair
    lines = training.shards.read_shards(source.parent / "cache/learn", features_identity(source))
    assert training.program.eight_bits(source, lines) == made.read_bytes()


def test_it_learns(
    training: SimpleNamespace, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.program, "RATE", 1e-4)
    source, made = pair
    lines = training.shards.read_shards(source.parent / "cache/learn", features_identity(source))
    taught = made.with_name("taught.onnx")
    taught.write_bytes(training.program.eight_bits(source, lines, [a_head(source)], 150))
    width = min(line.width for line in lines)
    batch = training.distillation.as_batch([each for each in lines if each.width == width], width)
    errors = [error(features(path, batch), features(source, batch)) for path in (made, taught)]
    assert errors[1] < 0.9 * errors[0]


def test_it_trains_as_it_computes(training: SimpleNamespace, tmp_path: Path) -> None:
    import torch

    model = onnx.load(str(write_paired_network(tmp_path / "large.onnx")))
    ranges = training.program.ranges_of(training.graph.GraphNetwork(model), batches())
    network = training.network.QuantizedNetwork(model, ranges)
    whole = training.quantization.quantized(model, ranges)
    session = ort.InferenceSession(whole.SerializeToString(), providers=["CPUExecutionProvider"])
    lines = batches(1)[0]
    found = network(lines)
    (wanted,) = session.run(None, {"x": lines.numpy()})
    with torch.no_grad():
        float_values = training.graph.GraphNetwork(model)(lines).numpy()
    # Rounding in another order makes other integers of values that are between two.
    assert error(found.detach().numpy(), wanted) < error(float_values, wanted) / 2
    found.square().sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_no_sum_of_two_products_needs_more_than_16_bits(pair: tuple[Path, Path]) -> None:
    # Processors without VNNI add two products of a value and a weight in 16 bits.
    kinds = Counter()
    for tensor in onnx.load(str(pair[1])).graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        kinds[array.dtype.name] += 1
        if array.dtype == np.int8:
            assert 2 * 255 * np.abs(array.astype(int)).max() < 2**15
    assert kinds["int8"] and kinds["int32"]


def test_ranges_have_zero(training: SimpleNamespace) -> None:
    for low, high in ((-1.0, 3.0), (0.5, 2.0), (-3.0, -1.0), (0.0, 0.0)):
        scale, zero = training.quantization.scale_of(low, high)
        values = (np.arange(256) - int(zero)) * scale
        assert 0.0 in values
        assert values.min() <= low + scale
        assert values.max() >= high - scale


def test_only_models_of_16_bits_and_of_the_catalogue_become_models_of_8(
    training: SimpleNamespace, tmp_path: Path
) -> None:
    path = write_paired_network(tmp_path / "large.onnx")
    with pytest.raises(InputError, match=r"no model of 16 bits .* and none of the catalogue"):
        training.program.make(tmp_path, path, tmp_path, tmp_path, 0)
    other = path.rename(tmp_path / ORIGINAL)
    with pytest.raises(IntegrityError):
        training.program.make(tmp_path, other, tmp_path, tmp_path, 0)


@pytest.mark.models
def test_weights_of_16_bits_are_read(training: SimpleNamespace, original_models: Path) -> None:
    with training.program._of_16_bits(original_models / RECOGNIZE / ORIGINAL) as path:
        model = training.program.with_32_bits(onnx.load(str(path)))
    kinds = {tensor.data_type for tensor in model.graph.initializer}
    assert onnx.TensorProto.FLOAT16 not in kinds
    assert not [node for node in model.graph.node if node.op_type == "Cast"]


def printed_lines() -> Iterator[Any]:
    """Yield the first lines of the sample page as a recognizer sees them."""
    sample = ROOT / "tests/assets/sample"
    with Image.open(sample / "sample.png") as image:
        pixels = np.asarray(image.convert("RGB"))[..., ::-1]
    page = etree.parse(str(sample / "sample.gt.page.xml"))
    for outline in page.findall(".//{*}TextLine/{*}Coords")[:6]:
        points = np.array([pair.split(",") for pair in outline.get("points").split()], int)
        (left, top), (right, bottom) = points.min(0), points.max(0)
        yield prepare_line(np.ascontiguousarray(pixels[top:bottom, left:right]))[0]


@pytest.mark.models
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_ones_give_the_features_of_the_original(
    original_models: Path, name: str, engine: str
) -> None:
    pytest.importorskip(engine)
    both = [
        [features(path, line, engine)[0] for line in printed_lines()]
        for path in (FOLDER / name, original_models / RECOGNIZE / ORIGINAL)
    ]
    found, wanted = map(np.concatenate, both)
    assert found.shape == wanted.shape
    assert error(found, wanted) < PACKAGED[name]


@pytest.mark.models
@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_ones_compute_on_integers(tmp_path: Path, name: str) -> None:
    found = operations(FOLDER / name, tmp_path)
    assert (found["QLinearConv"], found["QLinearSigmoid"]) == (44, 13)
    assert (found["NhwcMaxPool"], found["MaxPool"]) == (1, 0)
    assert set(found) >= INTEGER
    assert read_metadata(FOLDER / name)["ocrd-rapid.features"]

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
from paired_networks import write_paired_network
from PIL import Image
from training_modules import imported

from ocrd_rapid.errors import InputError
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.ocr.recognition.line_input import prepare_line
from ocrd_rapid.resmgr.locations import module_dir

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
FOLDER = module_dir("ocrd-rapid-recognize")
FLOAT, WHOLE = "PP-OCRv6_rec_small_16bit.onnx", "PP-OCRv6_rec_small_half_8bit.onnx"
#: What onnxruntime calls operations on integers of 8 bits.
INTEGER = {"QLinearConv", "QLinearMul", "QLinearAdd", "QLinearSigmoid", "QLinearGlobalAveragePool"}


@pytest.fixture(scope="module")
def training() -> Iterator[SimpleNamespace]:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    names = {
        "program": "eight_bits",
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


@pytest.fixture
def pair(training: SimpleNamespace, tmp_path: Path) -> tuple[Path, Path]:
    """Return a network in float, and what is made of it."""
    source = write_paired_network(tmp_path / "large.onnx")
    made = tmp_path / "made.onnx"
    made.write_bytes(training.program.eight_bits(source, batches()))
    return source, made


def operations(path: Path, tmp_path: Path) -> Counter[str]:
    """Return what onnxruntime computes, by operation."""
    settings = ort.SessionOptions()
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
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
    assert training.program.eight_bits(source, batches()) == made.read_bytes()


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


def test_only_models_of_16_bits_become_models_of_8(
    training: SimpleNamespace, tmp_path: Path
) -> None:
    path = write_paired_network(tmp_path / "large.onnx")
    with pytest.raises(InputError, match=r"no model of 16 bits"):
        training.program.make(tmp_path, path, tmp_path)


def test_weights_of_16_bits_are_read(training: SimpleNamespace) -> None:
    packaged = FOLDER / FLOAT
    model = training.program.with_32_bits(onnx.load(str(packaged)))
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
def test_the_packaged_one_gives_the_features_of_the_large_network(engine: str) -> None:
    pytest.importorskip(engine)
    both = [
        [features(FOLDER / name, line, engine)[0] for line in printed_lines()]
        for name in (WHOLE, FLOAT)
    ]
    found, wanted = map(np.concatenate, both)
    assert found.shape == wanted.shape
    assert error(found, wanted) < 0.15


@pytest.mark.models
def test_the_packaged_one_computes_on_integers(tmp_path: Path) -> None:
    found = operations(FOLDER / WHOLE, tmp_path)
    assert (found["QLinearConv"], found["QLinearSigmoid"]) == (44, 13)
    assert set(found) >= INTEGER
    assert read_metadata(FOLDER / WHOLE)["ocrd-rapid.features"]

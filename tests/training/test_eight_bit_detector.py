# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The detector of 8 bits finds the lines that the one in float finds, nearly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from documents import ROOT
from PIL import Image, ImageDraw, ImageFont
from training_modules import imported

from ocrd_rapid.errors import InputError, ModelError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.ocr.detection.detector import Detector, input_size, normalize
from ocrd_rapid.rasters.load_image import load_image
from ocrd_rapid.resmgr.locations import module_dir

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
FOLDER = module_dir("ocrd-rapid-detect")
FLOAT, INTEGER = (FOLDER / f"PP-OCRv6_det_small_{bits}bit.onnx" for bits in (16, 8))
SAMPLE = ROOT / "tests/assets/sample/sample.png"


@pytest.fixture(scope="module")
def training() -> Iterator[SimpleNamespace]:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    names = {
        "program": "eight_bit_detector",
        "reduced": "detector_graph",
        "steps": "graph_steps",
        "network": "graph_network",
        "bits": "eight_bits",
        "composed": "composed_pages",
        "squares": "page_squares",
        "shards": "line_shards",
        "teaching": "detector_teaching",
        "quantized": "quantized_network",
        "distillation": "distillation",
    }
    with imported(**names) as modules:
        yield SimpleNamespace(**modules)


def page_input() -> Any:
    """Return the sample page as a detector sees it."""
    page = load_image(SAMPLE)
    size = input_size(*page.shape[:2])
    return normalize(np.asarray(cv2.resize(page, size[::-1]), np.uint8))


def graph_of(training: SimpleNamespace) -> Any:
    return training.steps.read_graph(training.bits.with_32_bits(onnx.load(str(FLOAT))))


def test_the_cheaper_network_computes_the_same(training: SimpleNamespace) -> None:
    import torch

    graph = graph_of(training)
    reduced = training.reduced.reduced(graph)
    batch = page_input()[:, :, :160, :224]
    with torch.no_grad():
        wanted, found = (
            training.network.GraphNetwork(each)(torch.from_numpy(np.ascontiguousarray(batch)))
            for each in (graph, reduced)
        )
    assert found.shape == wanted.shape == (1, 1, 160, 224)
    assert float((found - wanted).abs().max()) < 1e-3
    kinds = [Counter(step.operation for step in each.steps) for each in (graph, reduced)]
    assert (kinds[0]["ConvTranspose"], kinds[1]["ConvTranspose"]) == (2, 0)
    # Of every sum with a product of its own, one number for each channel is left.
    assert kinds[1]["Mul"] == kinds[0]["Mul"]
    narrow = {len(a) for a in graph.arrays.values() if a.ndim == 4 and a.shape[1:] == (24, 2, 2)}
    wide = {len(a) for a in reduced.arrays.values() if a.ndim == 4 and a.shape[1:] == (24, 2, 2)}
    assert narrow - wide == {12}
    assert 16 in wide


def test_a_network_with_another_end_is_told(training: SimpleNamespace) -> None:
    from dataclasses import replace

    graph = graph_of(training)
    with pytest.raises(ModelError, match=r"does not end in ConvTranspose, Add"):
        training.reduced.reduced(replace(graph, steps=graph.steps[:-1]))


def square(*, top: int = 0) -> Any:
    page = load_image(SAMPLE)
    size = input_size(*page.shape[:2])
    return np.asarray(cv2.resize(page, size[::-1]), np.uint8)[top : top + 256, :320]


def given_by(content: bytes, batch: Any) -> Any:
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: batch})[0]


def test_it_gives_nearly_the_same_map(training: SimpleNamespace) -> None:
    squares = [square(), square()[:, ::-1]]
    batch = normalize(np.ascontiguousarray(squares[0]))
    found = given_by(training.program.eight_bits(onnx.load(str(FLOAT)), squares), batch)
    wanted = load_model(FLOAT, EngineConfig()).run(batch)
    text = (wanted > 0.3).mean()
    assert text > 0.05
    assert ((found > 0.3) != (wanted > 0.3)).mean() < 0.1 * text


def test_it_learns_the_map_that_the_network_in_float_gives(
    training: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    # What least squares would mend is left to be learnt, in few steps.
    monkeypatch.setattr(training.teaching, "RATE", 3e-4)
    monkeypatch.setattr(training.distillation, "WARM_UP", 1)
    graph = training.reduced.reduced(graph_of(training))
    teacher, shown = training.network.GraphNetwork(graph), square()[:160, :160]
    batch = training.squares.as_input(shown)
    ranges = training.bits.ranges_of(teacher, [batch])
    network = training.quantized.QuantizedNetwork(graph, ranges)

    def away() -> float:
        with torch.no_grad():
            return float((network(batch) - teacher(batch)).abs().mean())

    before = away()
    training.teaching.teach(network, teacher, [shown], 0, 1.0)
    assert away() == before
    training.teaching.teach(network, teacher, [shown], 12, float("inf"))
    assert away() < 0.8 * before


def kept_lines(training: SimpleNamespace, folder: Path) -> Any:
    """Return lines of two kinds, of two works each, one of them short of lines."""
    lines, font = [], ImageFont.load_default(36)
    for kind, work, count in (("a", "1", 14), ("a", "2", 3), ("b", "3", 13), ("b", "4", 12)):
        for number in range(count):
            drawn = Image.new("L", (500, 48), 240)
            ImageDraw.Draw(drawn).text((5, 0), f"{kind}{work} {number}", fill=10, font=font)
            values = np.zeros((4, 2), np.float16)
            lines.append(training.shards.ShardLine(np.array(drawn), values, kind, source=work))
    training.shards.write_shard(folder, "00000", "a network", lines)
    return training.shards.read_shards(folder, "a network")


def test_squares_are_of_typeset_pages_and_of_pages_of_all_kinds_of_lines(
    training: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.squares, "COMPOSED", 4)
    lines, used = kept_lines(training, tmp_path / "learn"), []

    def composed_page(images: Any, rng: np.random.Generator) -> Any:
        used.append(len(images))
        return training.composed.composed_page(images, rng)

    monkeypatch.setattr(training.squares, "composed_page", composed_page)
    typeset = tmp_path / "typeset/letters/1.png"
    typeset.parent.mkdir(parents=True)
    cv2.imwrite(str(typeset), load_image(SAMPLE))
    found = [
        training.squares.squares_of(tmp_path / "typeset", lines, np.random.default_rng(3))
        for _ in range(2)
    ]
    assert len(found[0]) == (1 + 4) * training.squares.SQUARES
    assert all(np.array_equal(*pair) for pair in zip(*found, strict=True))
    assert {side % 32 for each in found[0] for side in each.shape[:2]} == {0}
    assert max(side for each in found[0] for side in each.shape[:2]) <= training.squares.SIDE
    # A work is enough for a page if it has twelve lines; to fewer, those of others are added.
    assert len(used) == 8 and set(used) <= {12, 13, 14, 17}
    batch = training.squares.as_input(found[0][0])
    assert batch.shape == (1, 3, *found[0][0].shape[:2])


def test_pages_are_composed_of_lines(training: SimpleNamespace) -> None:
    drawn = Image.new("L", (700, 52), 230)
    font = ImageFont.load_default(36)
    ImageDraw.Draw(drawn).text((5, 2), "All human beings are born free", fill=20, font=font)
    line = np.array(drawn)
    pages = [
        training.composed.composed_page([line], np.random.default_rng(seed)) for seed in (1, 1, 2)
    ]
    assert np.array_equal(pages[0], pages[1])
    assert pages[0].shape != pages[2].shape
    detector = Detector(load_model(FLOAT, EngineConfig()))
    for page in pages[1:]:
        assert page.dtype == np.uint8 and page.shape[2] == 3
        assert len(detector.detect(page)) > 10


def test_what_is_missing_is_told(training: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not PP-OCRv6_det_small\.onnx of the catalogue"):
        training.program.make(FLOAT, tmp_path, tmp_path, tmp_path, 0, 1.0)
    with pytest.raises(InputError, match=r"no typeset pages; make them with: python tests/bench/"):
        list(training.squares.typeset_pages(tmp_path))


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_the_packaged_one_finds_the_lines_of_the_one_in_float(engine: str) -> None:
    pytest.importorskip(engine)
    page = load_image(SAMPLE)
    found, wanted = (
        Detector(load_model(path, EngineConfig(engine))).detect(page) for path in (INTEGER, FLOAT)
    )
    assert len(found) == len(wanted) > 5
    for one, other in zip(found, wanted, strict=True):
        assert np.abs(one.box - other.box).max() <= 4


def test_the_packaged_one_computes_on_integers(tmp_path: Path) -> None:
    settings = ort.SessionOptions()
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    ort.InferenceSession(str(INTEGER), settings, providers=["CPUExecutionProvider"])
    graph = onnx.load(settings.optimized_model_filepath).graph
    found = Counter(node.op_type for node in graph.node)
    assert (found["QLinearConv"], found["QLinearSigmoid"]) == (58, 13)
    assert not found["ConvTranspose"]
    makers = {node.output[0]: node.op_type for node in graph.node}
    enlarged = [makers[node.input[0]] for node in graph.node if node.op_type == "Resize"]
    assert len(enlarged) == 6 and "DequantizeLinear" not in enlarged
    assert (found["NhwcMaxPool"], found["MaxPool"]) == (1, 0)
    for tensor in onnx.load(str(INTEGER)).graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.dtype == np.int8:
            assert 2 * 255 * np.abs(array.astype(int)).max() < 2**15
    facts, original = read_metadata(INTEGER), read_metadata(FLOAT)
    assert facts == original and facts["ocrd-rapid.licence"] == "Apache-2.0"

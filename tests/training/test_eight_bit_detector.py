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


def test_it_gives_nearly_the_same_map(training: SimpleNamespace) -> None:
    import torch

    batch = torch.from_numpy(np.ascontiguousarray(page_input()[:, :, :256, :320]))
    content = training.program.eight_bits(onnx.load(str(FLOAT)), [batch, batch.flip(3)])
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: batch.numpy()})
    wanted = load_model(FLOAT, EngineConfig()).run(batch.numpy())
    text = (wanted > 0.3).mean()
    assert text > 0.05
    assert ((found > 0.3) != (wanted > 0.3)).mean() < 0.1 * text


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
        training.program.make(FLOAT, tmp_path, [], tmp_path)
    with pytest.raises(InputError, match=r"no typeset pages; make them with: python tests/bench/"):
        list(training.program.typeset_pages(tmp_path))


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_the_packaged_one_finds_the_lines_of_the_one_in_float(engine: str) -> None:
    pytest.importorskip(engine)
    page = load_image(SAMPLE)
    found, wanted = (
        Detector(load_model(path, EngineConfig(engine))).detect(page) for path in (INTEGER, FLOAT)
    )
    assert len(found) == len(wanted) > 5
    for one, other in zip(found, wanted, strict=True):
        assert np.abs(one.box - other.box).max() <= 6


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

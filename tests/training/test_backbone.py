# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A smaller network that gives the features of a larger one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from paired_networks import FEATURES, HIDDEN, write_paired_network
from PIL import features as pillow
from training_modules import imported

from ocrd_rapid import loading
from ocrd_rapid.errors import InputError
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    LinearLayer,
    apply_layer,
)
from ocrd_rapid.loading.heads import HeadOptions
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.training import ctc
from ocrd_rapid.training.features import FeatureExtractor

pytest.importorskip("fontTools")
onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
torch = pytest.importorskip("torch")
if not pillow.check("raqm"):
    pytest.skip("Pillow has no raqm", allow_module_level=True)


@pytest.fixture(scope="module")
def training() -> Iterator[Any]:
    """Import the modules, which stand outside the package."""
    # Threads that wait for each other are slow on a busy machine.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with imported(
        backbone="backbone",
        errors="backbone_errors",
        lines="backbone_lines",
        distillation="distillation",
        network="graph_network",
        steps="graph_steps",
        shards="line_shards",
        pruning="pruning",
    ) as modules:
        yield SimpleNamespace(**modules)
    torch.set_num_threads(threads)


@pytest.fixture
def model(own_home: Path, tmp_path: Path) -> Path:
    return write_paired_network(tmp_path / "large.onnx")


def batch(width: int, lines: int = 2) -> Any:
    rng = np.random.default_rng(width)
    return rng.uniform(-1, 1, (lines, 3, 48, width)).astype(np.float32)


def given(path: Path, lines: Any) -> Any:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: lines})[0]


def features(network: Any, lines: Any) -> Any:
    with torch.no_grad():
        return network(torch.from_numpy(lines)).numpy()


@pytest.mark.parametrize("width", [64, 160])
@pytest.mark.parametrize(("half", "fused"), [(0.5, 3), (0.4, 2)])
def test_the_network_gives_what_the_engine_gives(
    training: Any, own_home: Path, tmp_path: Path, width: int, half: float, fused: int
) -> None:
    path = derive(write_paired_network(tmp_path / "n.onnx", half=half), [])
    network = training.network.GraphNetwork(onnx.load(str(path)))
    operations = [step.operation for step in network.graph.steps]
    assert operations.count(training.steps.GELU) == fused
    assert operations.count("Erf") == 3 - fused
    assert operations.count(training.steps.LAYER_NORM) == 1
    lines = batch(width)
    np.testing.assert_allclose(features(network, lines), given(path, lines), atol=1e-5, rtol=1e-5)


def test_the_original_network_gives_what_the_engine_gives(
    training: Any, original_models: Path
) -> None:
    path = derive(original_models / "ocrd-rapid-recognize/PP-OCRv6_rec_small.onnx", [])
    network = training.network.GraphNetwork(onnx.load(str(path)))
    assert len(training.pruning.find_pairs(network.graph)) == 13
    lines = batch(96, 1)
    expected = given(path, lines)
    difference = features(network, lines) - expected
    assert np.abs(difference).max() < 3e-5 * expected.std()


def test_what_cannot_be_trained_is_told(training: Any, model: Path) -> None:
    graph = onnx.load(str(model))
    graph.graph.node[1].op_type = "Einsum"
    with pytest.raises(Exception, match="Einsum"):
        training.network.GraphNetwork(graph)


def test_channels_that_others_make_up_for_go_without_a_loss(training: Any, model: Path) -> None:
    loaded = onnx.load(str(derive(model, [])))
    teacher, network = (training.network.GraphNetwork(loaded) for _ in range(2))
    pairs = training.pruning.find_pairs(teacher.graph)
    assert len(pairs) == 3
    for each in (teacher, network):
        for pair in pairs:
            # The second half of the hidden channels are as the first one.
            for name in pair.expand.inputs[1:]:
                weight = each.weight(name).clone()
                axis = 0 if weight.shape[0] == HIDDEN else 1
                first = weight.narrow(axis, 0, HIDDEN // 2)
                each.set_weight(name, torch.cat([first, first], axis))
    lines = [torch.from_numpy(batch(width)) for width in (64, 96, 160)]
    found: list[Any] = []
    training.pruning.prune(network, teacher, lines, 0.5, found.append)
    assert [(pair.channels, pair.kept) for pair in found] == [(HIDDEN, HIDDEN // 2)] * 3
    assert max(pair.left for pair in found) < 1e-2
    difference = features(network, batch(200)) - features(teacher, batch(200))
    assert np.abs(difference).mean() < 0.05 * features(teacher, batch(200)).std()


def test_the_channels_kept_are_those_that_say_most_of_the_outputs(training: Any) -> None:
    rng = np.random.default_rng(1)
    channels = rng.normal(size=(500, 6))
    channels[:, 3] = channels[:, 0] + channels[:, 1]
    outputs = np.stack([3 * channels[:, 3] + 0.1 * channels[:, 5], channels[:, 4]], axis=1)
    gram, cross = (torch.from_numpy(channels.T @ other) for other in (channels, outputs))
    gram += 1e-6 * torch.eye(6)
    kept = training.pruning.needed_channels(gram, cross, 2)
    assert kept.tolist() == [3, 4]


def pruned_model(training: Any, model: Path, output: Path) -> Any:
    teacher = training.backbone.teacher_of(model)
    network = training.backbone.teacher_of(model)
    training.pruning.prune(network, teacher, [torch.from_numpy(batch(96))], 0.25)
    weights = {name: value.numpy() for name, value in network.weights().items()}
    onnx.save(training.network.with_weights(onnx.load(str(model)), weights), str(output))
    return network


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_engines_open_the_smaller_file_for_lines_of_any_width(
    training: Any, model: Path, tmp_path: Path, engine: str
) -> None:
    pytest.importorskip(engine)
    small = tmp_path / "small.onnx"
    network = pruned_model(training, model, small)
    assert small.stat().st_size < model.stat().st_size
    extractor = FeatureExtractor(small, 1, engine=engine)
    for width in (64, 224):
        image = np.random.default_rng(width).integers(0, 256, (48, width, 3)).astype(np.uint8)
        lines = (image.transpose(2, 0, 1)[None] / np.float32(127.5) - 1).astype(np.float32)
        expected = features(network, lines)[0]
        tolerance = 2e-3 if engine == "onnxruntime" else 0.1
        np.testing.assert_allclose(extractor.compute(image), expected, atol=tolerance)


def with_context() -> Head:
    rng = np.random.default_rng(5)

    def random(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    convolutions = (Convolution(random(3, FEATURES, 4), random(4)),)
    layer = ContextLayer(convolutions, LinearLayer(random(4, 4), random(4)))
    return Head("context", "", ("", "a", "b", "c"), layer)


def test_a_head_reads_in_torch_as_it_does_elsewhere(training: Any) -> None:
    head = with_context()
    columns = np.random.default_rng(6).normal(size=(9, FEATURES)).astype(np.float32)
    read = training.distillation.HeadLayer(head)(torch.from_numpy(columns)[None])[0].numpy()
    scores = apply_layer(head.layer, columns)
    expected = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(read, expected, atol=1e-5)


def heads(model: Path) -> list[Head]:
    rng = np.random.default_rng(7)
    weights = rng.normal(size=(FEATURES, 4)).astype(np.float32)
    linear = LinearLayer(weights, np.zeros(4, np.float32))
    backbone = sha256_of(model)
    latin = Head("latin", backbone, ("", "a", "b", "c"), linear, automatic=True)
    return [latin, replace(with_context(), backbone=backbone)]


def write_lines(training: Any, model: Path, cache: Path) -> None:
    extractor, rng = FeatureExtractor(model, 1), np.random.default_rng(8)
    head = heads(model)[0]
    for part, count in (("learn", 12), ("choose", 4)):
        lines = []
        for number in range(count):
            width = 70 + 40 * (number % 2)
            image = rng.integers(0, 256, (48, width)).astype(np.uint8)
            found = extractor.compute(np.repeat(image[:, :, None], 3, axis=2))
            text = ctc.read_line(ctc.TrainingLine(found, ""), head)
            line = training.shards.ShardLine(image, found, "latin", 1.0, "work", text)
            lines.append(line)
        training.shards.write_shard(cache / part, "00000", extractor.backbone, lines)


def test_lines_in_shards_are_as_they_were(training: Any, tmp_path: Path) -> None:
    rng, kept = np.random.default_rng(9), []
    for width in (17, 40):
        image = rng.integers(0, 256, (48, width)).astype(np.uint8)
        columns = rng.normal(size=(width // 8, FEATURES)).astype(np.float16)
        kept.append(training.shards.ShardLine(image, columns, "kind", 1.6, "work", "tëxt"))
    training.shards.write_shard(tmp_path, "b", "f" * 64, kept)
    training.shards.write_shard(tmp_path, "a", "f" * 64, kept[:1])
    # A shard that was being written when its program was killed.
    (tmp_path / "c.images.npy").write_bytes(b"")
    found = training.shards.read_shards(tmp_path, "f" * 64)
    for line, before in zip(found, [kept[0], *kept], strict=True):
        assert (line.image == before.image).all() and (line.features == before.features).all()
        facts = (line.kind, line.stretch, line.source, line.text, line.width)
        assert facts == ("kind", 1.6, "work", "tëxt", before.image.shape[1])
    with pytest.raises(InputError, match="another network"):
        training.shards.read_shards(tmp_path, "0" * 64)


def test_lines_of_a_batch_are_padded_as_each_would_be_alone(training: Any, tmp_path: Path) -> None:
    lines = [
        SimpleNamespace(width=width, stretch=stretch, name=(width, stretch, number))
        for width, stretch in ((33, 1.0), (64, 1.0), (65, 1.0), (64, 1.8))
        for number in range(200)
    ]
    batches = training.distillation.Batches(lines)
    drawn = [batches.draw(np.random.default_rng(seed)) for seed in range(60)]
    for group in drawn:
        assert {training.distillation.padded_width(line.width) for line in group.lines} == {
            group.width
        }
        assert {line.stretch for line in group.lines} == {group.stretch}
        assert len({line.name for line in group.lines}) == len(group.lines)
    assert {(group.width, group.stretch) for group in drawn} == {(64, 1.0), (96, 1.0), (64, 1.8)}


def train(training: Any, run: Any, cache: Path, **options: Any) -> None:
    usual = {"keep": 0.5, "steps": 8, "minutes": float("inf"), "half": False}
    run.train(cache, heads(run.model), **{**usual, **options})


def test_a_training_that_was_stopped_goes_on_as_it_would_have(
    training: Any, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(training, model, tmp_path / "cache")
    whole = training.backbone.Run(tmp_path / "whole", model)
    train(training, whole, tmp_path / "cache")
    stopped = training.backbone.Run(tmp_path / "stopped", model)
    train(training, stopped, tmp_path / "cache", minutes=0.0)
    stop = tmp_path / "stopped/stop"
    stop.touch()
    train(training, stopped, tmp_path / "cache")
    stop.unlink()
    train(training, stopped, tmp_path / "cache")
    output = capsys.readouterr().out
    assert "goes on at step 1 " in output and "goes on at step 2 " in output
    for name, value in whole.network().weights().items():
        torch.testing.assert_close(stopped.network().weight(name), value, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match=r"0\.5"):
        train(training, stopped, tmp_path / "cache", keep=0.4)


def test_a_run_begins_with_the_network_of_another_one(
    training: Any, model: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    write_lines(training, model, cache)
    first, second = (training.backbone.Run(tmp_path / name, model) for name in ("1", "2"))
    with pytest.raises(InputError, match="has no training"):
        train(training, second, cache, start=first)
    assert not second.folder.exists()
    for run, start in ((first, None), (second, first)):
        train(training, run, cache, minutes=0.0, start=start)
    for pair in training.pruning.find_pairs(first.network().graph):
        name = pair.project.inputs[1]
        sizes = [run.network().weight(name).shape[1] for run in (first, second)]
        assert sizes == [HIDDEN // 2, HIDDEN // 4]
    with pytest.raises(InputError, match="another training"):
        train(training, second, cache)


def test_a_network_learns_what_pruning_has_lost(
    training: Any, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.distillation, "LEARNING_RATE", 5e-3)
    monkeypatch.setattr(training.distillation, "WARM_UP", 5)
    cache = tmp_path / "cache"
    write_lines(training, model, cache)
    run = training.backbone.Run(tmp_path / "run", model)
    choose = training.shards.read_shards(cache / "choose", sha256_of(model))
    squares = []
    for minutes in (0.0, float("inf")):
        train(training, run, cache, steps=60, minutes=minutes, keep=0.2)
        errors = training.errors.errors_of(run.network(), choose, heads(model))
        assert list(errors) == ["latin"] and errors["latin"].teacher == 0
        assert errors["latin"].network == errors["latin"].changed
        squares.append(errors["latin"].square)
    assert squares[1] < 0.7 * squares[0]


def test_the_result_is_a_model_of_its_own_that_all_heads_fit(
    training: Any, model: Path, tmp_path: Path
) -> None:
    write_lines(training, model, tmp_path / "cache")
    run = training.backbone.Run(tmp_path / "run", model)
    with pytest.raises(InputError, match="no training"):
        run.network()
    train(training, run, tmp_path / "cache", steps=2)
    output = tmp_path / "small.onnx"
    training.backbone.export(run, output)
    assert sha256_of(output) != sha256_of(model) == features_identity(output)
    head = tmp_path / "large_latin.npz"
    for each in heads(model):
        write_head(each, model.with_name(f"large_{each.name}.npz"))
    assert len(training.backbone.heads_of(output, tmp_path)) == 2
    image = np.random.default_rng(3).integers(0, 256, (48, 96, 3)).astype(np.uint8)
    reader = loading.recognizer(str(output), heads=HeadOptions(str(head)), threads=1)
    (line,) = reader.recognize([image])
    found = FeatureExtractor(output, 1).compute(image)
    assert line.text == ctc.read_line(ctc.TrainingLine(found, ""), read_head(head)).strip()


def test_works_to_choose_by_are_not_learnt(training: Any) -> None:
    lines = [(np.zeros((9, 9), np.uint8), "", f"work {number % 50}") for number in range(200)]
    learn, choose = training.lines._by_purpose(lines, "earlyprint")
    assert len(learn) + len(choose) == 200 and choose
    assert not {work for _, _, work in learn} & {work for _, _, work in choose}

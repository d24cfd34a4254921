# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Networks with other output layers."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from small_networks import FEATURES, KEYS, line_batch, weights, write_network

from ocrd_rapid.cache import DAY
from ocrd_rapid.errors import ModelError, ModelFileNotFoundError, StorageError
from ocrd_rapid.inference.derive import derive, derive_layer, own_layer
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray
from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    FeaturesLayer,
    LinearLayer,
    OwnLayer,
    apply_layer,
    with_classes,
)

CLASSES = len(KEYS) + 2
ENGINES = ["onnxruntime", "openvino"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    yield tmp_path / "cache" / "ocrd-rapid" / "derived"


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "rec.onnx")


def other(classes: int = 5, seed: int = 9) -> LinearLayer:
    return LinearLayer(*weights(classes, seed))


def softmax(scores: FloatArray) -> FloatArray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def test_the_own_layer(network: Path) -> None:
    layer = own_layer(network)
    expected = weights(CLASSES)
    assert np.array_equal(layer.weights, expected[0])
    assert np.array_equal(layer.bias, expected[1])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_own_layer_alone_reads_the_features_as_the_whole_network_does(
    network: Path, engine: str
) -> None:
    config, batch = EngineConfig(engine), line_batch()
    derived = load_model(derive(network, [other(), FeaturesLayer()]), config)
    output = derived.run(batch)
    assert derived.output_shape[-1] == output.shape[-1] == 5 + FEATURES
    alone = load_model(derive_layer(network, OwnLayer()), config)
    assert (alone.input_shape[-1], alone.output_shape[-1]) == (FEATURES, CLASSES)
    read = alone.run(np.ascontiguousarray(output[:, :, 5:]))
    assert read == pytest.approx(load_model(network, config).run(batch), abs=1e-6)
    assert derive_layer(network, OwnLayer()) != derive(network, []) != derive(network, [OwnLayer()])


@pytest.mark.parametrize("engine", ENGINES)
def test_layers_side_by_side(network: Path, engine: str) -> None:
    config, batch = EngineConfig(engine), line_batch()
    whole = load_model(network, config).run(batch)
    kept = (0, 3, 7)
    derived = load_model(derive(network, [OwnLayer(), other(), OwnLayer(kept)]), config)
    assert derived.output_shape == (None, None, CLASSES + 5 + 3)
    assert derived.metadata["character"] == "\n".join(KEYS)
    output = derived.run(batch)
    assert output[..., :CLASSES] == pytest.approx(whole, abs=1e-6)
    features = load_model(derive(network, []), config).run(batch)
    assert features.shape == (1, 8, FEATURES)
    layer = other()
    assert output[..., CLASSES : CLASSES + 5] == pytest.approx(
        softmax(features @ layer.weights + layer.bias), abs=1e-6
    )
    cut = whole[..., list(kept)]
    assert output[..., CLASSES + 5 :] == pytest.approx(
        cut / cut.sum(axis=-1, keepdims=True), abs=1e-6
    )


def context(columns: int = 5) -> ContextLayer:
    chance = np.random.default_rng(3)

    def convolution(columns: int, inputs: int, outputs: int) -> Convolution:
        shape = (columns, inputs, outputs)
        weights = chance.normal(0, 0.5, shape).astype(np.float32)
        return Convolution(weights, chance.normal(size=outputs).astype(np.float32))

    hidden = (convolution(columns, FEATURES, 6), convolution(3, 6, 4))
    output = LinearLayer(
        chance.normal(size=(4, 7)).astype(np.float32), chance.normal(size=7).astype(np.float32)
    )
    return ContextLayer(hidden, output)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_layer_with_context_beside_others_and_alone(network: Path, engine: str) -> None:
    config, batch, layer = EngineConfig(engine), line_batch(), context()
    derived = load_model(derive(network, [other(), layer, FeaturesLayer()]), config)
    output = derived.run(batch)
    features = np.ascontiguousarray(output[:, :, 5 + 7 :])
    expected = softmax(apply_layer(layer, features[0]))
    assert output[0, :, 5:12] == pytest.approx(expected, abs=1e-5)
    alone = load_model(derive_layer(network, layer), config).run(features)
    assert alone[0] == pytest.approx(expected, abs=1e-5)
    # Its classes are those of its output.
    few = load_model(derive_layer(network, with_classes(layer, (0, 4))), config).run(features)
    assert few[0] == pytest.approx(
        expected[:, [0, 4]] / expected[:, [0, 4]].sum(axis=1, keepdims=True), abs=1e-5
    )


def test_context_reaches_as_far_as_its_convolutions() -> None:
    layer = context()
    features = np.random.default_rng(4).normal(size=(20, FEATURES)).astype(np.float32)
    changed = features.copy()
    changed[10] += 1
    differs = np.abs(apply_layer(layer, features) - apply_layer(layer, changed)).max(axis=1) > 1e-6
    assert np.flatnonzero(differs).min() >= 10 - 3
    assert np.flatnonzero(differs).max() <= 10 + 3
    assert differs.sum() > 1


@pytest.mark.parametrize("columns", [4, 2])
def test_a_layer_with_an_even_number_of_columns_does_not_fit(network: Path, columns: int) -> None:
    with pytest.raises(ModelError, match=rf"does not fit it: a convolution of shape \({columns}"):
        derive(network, [context(columns)])


def test_nothing_of_the_old_layer_is_left(network: Path) -> None:
    model = onnx.load(str(derive(network, [other()])))
    assert {tensor.name for tensor in model.graph.initializer} == {
        "ocrd_rapid.0.weights",
        "ocrd_rapid.0.bias",
    }
    onnx.checker.check_model(model, full_check=True)


def with_short_weights(path: Path, target: Path) -> Path:
    """Write a network with weights of 16 bits, which are cast to 32."""
    model = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        short = onnx.numpy_helper.to_array(tensor).astype(np.float16)
        casts.append(onnx.helper.make_node("Cast", [f"{tensor.name}.short"], [tensor.name], to=1))
        tensor.CopyFrom(onnx.numpy_helper.from_array(short, f"{tensor.name}.short"))
    nodes = onnx.GraphProto(node=[*casts, *model.graph.node])
    del model.graph.node[:]
    model.graph.node.extend(nodes.node)
    onnx.save(model, str(target))
    return target


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_of_16_bits_are_an_output_layer_like_others(
    network: Path, tmp_path: Path, engine: str
) -> None:
    short = with_short_weights(network, tmp_path / "short.onnx")
    rounded = [array.astype(np.float16).astype(np.float32) for array in weights(CLASSES)]
    assert np.array_equal(own_layer(short).weights, rounded[0])
    assert np.array_equal(own_layer(short).bias, rounded[1])
    config, batch = EngineConfig(engine), line_batch()
    expected = load_model(short, config).run(batch)
    derived = load_model(derive(short, [OwnLayer(), other()]), config).run(batch)
    assert derived[..., :CLASSES] == pytest.approx(expected, abs=1e-6)
    model = onnx.load(str(derive(short, [other()])))
    assert {tensor.name for tensor in model.graph.initializer} == {
        "ocrd_rapid.0.weights",
        "ocrd_rapid.0.bias",
    }
    assert "Cast" not in {node.op_type for node in model.graph.node}
    onnx.checker.check_model(model, full_check=True)


def test_it_is_made_once(network: Path, cache: Path) -> None:
    path = derive(network, [other()])
    assert path.parent == cache
    before = path.stat().st_mtime_ns
    assert derive(network, [other()]) == path
    assert path.stat().st_mtime_ns == before


def test_what_is_not_used_for_90_days_is_removed(network: Path, cache: Path) -> None:
    first, second = derive(network, [other()]), derive(network, [])
    foreign = cache / "of-somebody-else.onnx"
    foreign.write_bytes(b"")
    for path in (first, second, foreign):
        os.utime(path, (time.time() - 91 * DAY,) * 2)
    (cache.parent / ".tidied-derived").unlink()
    assert derive(network, [other()]) == first  # and it is used from now on
    third = derive(network, [OwnLayer()])
    assert set(cache.iterdir()) == {first, third, foreign}


def test_another_model_or_layer_is_another_file(network: Path, tmp_path: Path) -> None:
    twin = write_network(tmp_path / "b" / "rec.onnx", seed=1)
    layers = [[], [other()], [other(seed=1)], [OwnLayer()], [OwnLayer((0, 1))], [OwnLayer((0, 2))]]
    paths = {derive(source, some) for source in (network, twin) for some in layers}
    assert len(paths) == 2 * len(layers)


def test_several_at_a_time(network: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: derive(network, [OwnLayer(), other()]), range(16)))
    (path,) = paths
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_home_that_cannot_be_written_to(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    path = derive(network, [other()])
    folder = tmp_path / "tmp" / f"ocrd-rapid-{os.getuid()}"
    assert path.parent == folder / "derived"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert derive(network, [other()]) == path


def test_no_place_at_all(network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    with pytest.raises(StorageError, match="set XDG_CACHE_HOME or TMPDIR"):
        derive(network, [other()])


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may chown")
def test_the_directory_of_somebody_else_is_not_used(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    foreign = tmp_path / "tmp" / f"ocrd-rapid-{os.getuid()}"
    foreign.mkdir()
    os.chown(foreign, 12345, 12345)
    with pytest.raises(StorageError):
        derive(network, [other()])
    assert list(foreign.iterdir()) == []


def test_no_linear_layer_at_the_end(tmp_path: Path) -> None:
    path = write_network(tmp_path / "rec.onnx", linear=False)
    with pytest.raises(ModelError, match="Transpose where Add was expected"):
        derive(path, [OwnLayer()])


def test_a_layer_that_does_not_fit(network: Path) -> None:
    layer = LinearLayer(np.zeros((3, 4), np.float32), np.zeros(4, np.float32))
    with pytest.raises(ModelError, match=r"an output layer of shape \(3, 4\); there are 2 inputs"):
        derive(network, [layer])


def test_files_that_are_no_networks(tmp_path: Path) -> None:
    with pytest.raises(ModelFileNotFoundError):
        derive(tmp_path / "none.onnx", [])
    (tmp_path / "page.onnx").write_text("<html>")
    with pytest.raises(ModelError, match="install it again"):
        derive(tmp_path / "page.onnx", [])
    (tmp_path / "net.xml").write_text("<net/>")
    (tmp_path / "net.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="need an ONNX file"):
        derive(tmp_path / "net.xml", [])


@pytest.mark.models
def test_the_default_model_keeps_its_outputs(models: Path) -> None:
    path = models / "ocrd-rapid-recognize" / "PP-OCRv6_rec_small_8bit.onnx"
    batch = line_batch(320)
    for engine in ENGINES:
        config = EngineConfig(engine)
        whole = load_model(path, config).run(batch)
        derived = load_model(derive(path, [OwnLayer(), OwnLayer((0, 5, 9))]), config).run(batch)
        assert derived[..., :-3] == pytest.approx(whole, abs=1e-5)
        assert derived[..., -3:].sum(axis=-1) == pytest.approx(1, abs=1e-5)

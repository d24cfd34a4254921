# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Both engines compute what the model says, from many threads, and agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray, Model
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.characters import keys_from_metadata

#: Weights and bias of tiny.onnx, see make_tiny_model.py.
WEIGHTS = (np.arange(27, dtype=np.float32).reshape(3, 3, 3) - 13) / 10
BIAS = 0.25


def by_hand(batch: FloatArray) -> FloatArray:
    """Return what tiny.onnx computes."""
    padded = np.pad(batch, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    sums = np.einsum("nchwij,cij->nhw", windows, WEIGHTS) + BIAS
    return np.asarray(1 / (1 + np.exp(-sums)), dtype=np.float32)[:, None]


def noise(shape: tuple[int, ...], seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (1, 3, 48, 320), (5, 3, 7, 9)])
def test_the_output_is_what_the_model_says(tiny: Path, engine: str, shape: tuple[int, ...]) -> None:
    batch = noise(shape)
    output = load_model(tiny, EngineConfig(engine)).run(batch)
    assert output.dtype == np.float32
    assert output.shape == (shape[0], 1, *shape[2:])
    assert np.abs(output - by_hand(batch)).max() < 1e-5


def test_the_metadata_of_the_file_is_there(tiny: Path, engine: str) -> None:
    metadata = load_model(tiny, EngineConfig(engine)).metadata
    assert metadata["character"] == "a\nſ\nch\n\u3000"
    assert keys_from_metadata(metadata) == ["a", "ſ", "ch", "\u3000"]


def test_shapes_have_none_where_they_may_vary(tiny: Path, engine: str) -> None:
    model = load_model(tiny, EngineConfig(engine))
    assert model.input_shape == (None, 3, None, None)
    assert model.output_shape == (None, 1, None, None)


@pytest.mark.parametrize("shape", [(1, 1, 4, 4), (3, 4, 4)])
def test_an_input_of_the_wrong_shape_is_an_error_and_does_no_harm(
    tiny: Path, engine: str, shape: tuple[int, ...]
) -> None:
    model = load_model(tiny, EngineConfig(engine))
    with pytest.raises(ModelError) as caught:
        model.run(noise(shape))
    assert f"tiny.onnx failed on input {shape}" in str(caught.value)
    assert "\n" not in str(caught.value)
    batch = noise((1, 3, 4, 4))
    assert np.abs(model.run(batch) - by_hand(batch)).max() < 1e-5


def test_an_output_does_not_change_when_the_model_runs_again(tiny: Path, engine: str) -> None:
    model = load_model(tiny, EngineConfig(engine))
    first = model.run(noise((1, 3, 8, 8), seed=1))
    kept = first.copy()
    model.run(noise((1, 3, 8, 8), seed=2))
    assert np.array_equal(first, kept)


def test_the_input_is_not_changed(tiny: Path, engine: str) -> None:
    batch = noise((1, 3, 8, 8))
    kept = batch.copy()
    load_model(tiny, EngineConfig(engine)).run(batch)
    assert np.array_equal(batch, kept)


@pytest.mark.parametrize("parallel", [1, 8])
def test_eight_threads_get_the_results_of_one(tiny: Path, engine: str, parallel: int) -> None:
    model = load_model(tiny, EngineConfig(engine, parallel_calls=parallel))
    batches = [noise((1, 3, 16, 8 + 8 * (i % 5)), seed=i) for i in range(64)]
    alone = [model.run(batch) for batch in batches]
    start = Barrier(8)

    def work(offset: int) -> list[FloatArray]:
        start.wait()
        return [model.run(batch) for batch in batches[offset:] + batches[:offset]]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(0, 64, 8)))
    for offset, outputs in zip(range(0, 64, 8), results, strict=True):
        for expected, output in zip(alone[offset:] + alone[:offset], outputs, strict=True):
            assert np.array_equal(output, expected)


@pytest.fixture
def both(tiny: Path, openvino_installed: None) -> tuple[Model, Model]:
    """Return the tiny model, loaded with either engine."""
    return load_model(tiny, EngineConfig()), load_model(tiny, EngineConfig("openvino"))


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(1, 3), st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_engines_agree(
    both: tuple[Model, Model], count: int, height: int, width: int, seed: int
) -> None:
    batch = noise((count, 3, height, width), seed)
    one, two = (model.run(batch) for model in both)
    assert one.shape == two.shape
    assert np.abs(one - two).max() < 1e-5


@pytest.mark.usefixtures("openvino_installed")
def test_an_openvino_file_gives_the_output_of_the_onnx_file(tiny: Path, tmp_path: Path) -> None:
    import openvino

    converted = tmp_path / "tiny.xml"
    openvino.save_model(openvino.Core().read_model(str(tiny)), converted, compress_to_fp16=False)
    model = load_model(converted, EngineConfig("openvino"))
    batch = noise((2, 3, 48, 64))
    assert np.abs(model.run(batch) - by_hand(batch)).max() < 1e-5
    assert model.input_shape == (None, 3, None, None)
    assert keys_from_metadata(model.metadata) == ["a", "ſ", "ch", "\u3000"]


def test_the_null_model_is_its_function() -> None:
    model: Model = NullModel(lambda batch: batch * 2)
    batch = noise((1, 3, 2, 2))
    assert np.array_equal(model.run(batch), batch * 2)
    assert model.metadata == {}
    assert model.input_shape == (None, 3, None, None)
    assert model.output_shape == (None, None, None)


def test_the_null_model_says_of_itself_what_it_is_told() -> None:
    model = NullModel(lambda batch: batch, {"character": "a"}, (1, 3, 48, None), (1, None, 3))
    assert model.metadata == {"character": "a"}
    assert (model.input_shape, model.output_shape) == ((1, 3, 48, None), (1, None, 3))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The smaller network of the package reads Latin script by itself, and all others by heads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paired_networks import write_paired_network
from training_modules import imported

from ocrd_rapid.errors import InputError
from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.loading.heads import readable_scripts
from ocrd_rapid.loading.installed_heads import automatic_heads
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata
from ocrd_rapid.resmgr.locations import module_dir

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
RECOGNIZE = "ocrd-rapid-recognize"
FULL, HALF = "PP-OCRv6_rec_small_8bit.onnx", "PP-OCRv6_rec_small_half_8bit.onnx"


@pytest.fixture(scope="module")
def program() -> Iterator[Any]:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    with imported(program="smaller_model") as modules:
        yield modules["program"]


def distributions(model: Any, lines: Any) -> Any:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: lines})[0]


def test_classes_that_stay_keep_their_scores(program: Any, tmp_path: Path) -> None:
    model = onnx.load(str(write_paired_network(tmp_path / "large.onnx")))
    lines = np.random.default_rng(0).uniform(-1, 1, (1, 3, 48, 64)).astype(np.float32)
    before = np.log(distributions(model, lines))
    kept = [0, 2, 3]
    program.keep_classes(model, kept)
    onnx.checker.check_model(model)
    after = np.log(distributions(model, lines))
    assert after.shape == (*before.shape[:2], len(kept))
    wanted = before[..., kept] - before[..., kept[:1]]
    np.testing.assert_allclose(after - after[..., :1], wanted, atol=1e-4)


def test_a_network_that_ends_otherwise_is_refused(program: Any, tmp_path: Path) -> None:
    model = onnx.load(str(write_paired_network(tmp_path / "large.onnx")))
    del model.graph.node[-1]
    with pytest.raises(InputError, match="does not end in a linear layer and softmax"):
        program.keep_classes(model, [0, 1])


def test_only_networks_of_the_catalogue_are_packaged(program: Any, tmp_path: Path) -> None:
    path = write_paired_network(tmp_path / "PP-OCRv6_rec_small.onnx")
    assert program.smaller_model(path, path)
    other = path.rename(tmp_path / "large.onnx")
    with pytest.raises((InputError, OSError)):
        program.smaller_model(other, other)


@pytest.fixture
def half() -> Path:
    return module_dir(RECOGNIZE) / HALF


def test_the_smaller_network_has_the_heads_of_the_large_one(half: Path) -> None:
    full = half.with_name(FULL)
    assert features_identity(half) == features_identity(full)
    assert [head.name for head in automatic_heads(half)] == [
        head.name for head in automatic_heads(full)
    ]
    assert half.stat().st_size < 0.35 * full.stat().st_size


def test_its_own_layer_reads_latin_script(half: Path) -> None:
    layer = own_layer(half)
    characters = class_characters(
        keys_from_metadata(read_metadata(half)) or [], layer.weights.shape[1]
    )
    assert len(characters) == layer.weights.shape[1] == len(set(characters)) > 300
    assert set("abcxyzABCXYZ0123456789.,;äéñø ") <= set(characters)
    assert readable_scripts(characters) == {"Latn"}

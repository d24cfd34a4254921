# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models cut to an alphabet."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from small_networks import KEYS, line_batch, write_network

from ocrd_rapid.errors import ConfigurationError, ModelError, StorageError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading.cutting import cut_model
from ocrd_rapid.ocr.recognition.alphabets import Alphabet
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = write_network(tmp_path / "rec.onnx")
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"character": "\n".join(KEYS), "other": "kept"})
    onnx.save(model, str(path))
    return path


def test_what_is_left_reads_as_before(network: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "part.onnx"
    done = cut_model(network, Alphabet(("deu",)), target)
    assert (done.path, done.classes_before, done.classes_after) == (target, len(KEYS) + 2, 7)
    assert done.difference < 1e-6
    model = load_model(target, EngineConfig())
    assert model.metadata["other"] == "kept"
    characters = class_characters(keys_from_metadata(model.metadata) or [], model.output_shape[-1])
    assert characters == ("", "a", "b", "c", "ä", "Ä", " ")
    whole = load_model(network, EngineConfig()).run(line_batch())
    kept = whole[:, :, [0, 1, 2, 3, 4, 5, 7]]
    assert model.run(line_batch()) == pytest.approx(
        kept / kept.sum(axis=-1, keepdims=True), abs=1e-6
    )


def test_the_space_stays_the_last_class(network: Path, tmp_path: Path) -> None:
    done = cut_model(network, Alphabet(characters="b"), tmp_path / "b.onnx")
    model = load_model(done.path, EngineConfig())
    assert class_characters(keys_from_metadata(model.metadata) or [], done.classes_after) == (
        "", "b", " ",
    )  # fmt: skip


def test_what_cannot_be_cut(network: Path, tmp_path: Path) -> None:
    target = tmp_path / "part.onnx"
    with pytest.raises(ConfigurationError, match="cannot read any"):
        cut_model(network, Alphabet(characters="Ж"), target)
    bare = write_network(tmp_path / "bare.onnx")
    model = onnx.load(str(bare))
    del model.metadata_props[:]
    onnx.save(model, str(bare))
    with pytest.raises(ModelError, match="do not name its characters"):
        cut_model(bare, Alphabet(("deu",)), target)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        cut_model(network, Alphabet(("deu",)), tmp_path / "file" / "part.onnx")
    assert not target.exists()

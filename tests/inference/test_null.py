# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Null models: what they see, and that nothing but their files makes them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError, ModelFileNotFoundError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray, Model


def load(folder: Path, engine: str = "onnxruntime", **content: Any) -> Model:
    path = folder / "any.null.onnx"
    path.write_text(json.dumps(content))
    return load_model(path, EngineConfig(engine), deferred=True)


def paper(width: int, *bars: tuple[int, int]) -> FloatArray:
    """Return a batch of one white image, 48 high, that is dark between these columns."""
    batch = np.ones((1, 3, 48, width), dtype=np.float32)
    for begin, end in bars:
        batch[:, :, :, begin:end] = -1
    return batch


def read(model: Model, batch: FloatArray) -> str:
    """Return the text of the only line of a batch by CTC."""
    characters = ["", *model.metadata["character"].split("\n"), " "]
    best = model.run(batch)[0].argmax(axis=1).tolist()
    kept = [number for i, number in enumerate(best) if i == 0 or best[i - 1] != number]
    return "".join(characters[number] for number in kept)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_what_is_dark_is_found_with_what_is_close_beside_it(tmp_path: Path, engine: str) -> None:
    model = load(tmp_path, engine, null_model="dark areas")
    found = model.run(paper(400, (100, 140), (180, 200), (300, 310)))
    assert found.shape == (1, 1, 48, 400)
    assert model.output_shape == (None, 1, None, None)
    columns = np.flatnonzero(found[0, 0, 20])
    assert columns.tolist() == [*range(70, 230), *range(270, 340)]


def test_white_paper_has_nothing(tmp_path: Path) -> None:
    assert not load(tmp_path, null_model="dark areas").run(paper(64)).any()


def test_every_line_is_upright(tmp_path: Path) -> None:
    model = load(tmp_path, null_model="upright")
    assert model.run(np.zeros((3, 3, 48, 192), np.float32)).tolist() == [[1, 0]] * 3


def test_the_text_is_that_of_the_picture(tmp_path: Path) -> None:
    model = load(tmp_path, null_model="ink", characters="abcd")
    assert model.output_shape == (None, None, 6)
    assert read(model, paper(128)) == " "
    assert read(model, paper(64, (0, 64))) == "dddd"
    assert read(model, paper(128, (0, 128))) == "dddddddd"
    assert read(model, paper(128, (0, 32), (64, 66), (80, 84))) == "dd a b "


def test_a_line_that_is_upside_down_reads_backwards(tmp_path: Path) -> None:
    model = load(tmp_path, null_model="ink", characters="abcd")
    line = paper(136, (0, 40), (64, 66))
    assert read(model, line) == "ddd a "
    assert read(model, np.ascontiguousarray(line[:, :, ::-1, ::-1])) == " a ddd"


def test_padding_is_no_ink(tmp_path: Path) -> None:
    model = load(tmp_path, null_model="ink", characters="abcd")
    batch = paper(128, (0, 32))
    batch[..., 64:] = 0
    assert read(model, batch) == "dd "


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"null_model": "other"}', '{"null_model": "ink"}']
)
def test_a_file_that_is_something_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "any.null.onnx"
    path.write_text(content)
    with pytest.raises(ModelError, match=r"any\.null\.onnx cannot be loaded"):
        load_model(path, EngineConfig())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileNotFoundError, match="does not exist"):
        load_model(tmp_path / "any.null.onnx", EngineConfig())


def test_under_another_name_it_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "any.onnx"
    path.write_text('{"null_model": "upright"}')
    with pytest.raises(ModelError, match="not an ONNX file"):
        load_model(path, EngineConfig())


def test_no_engine_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "any.null.onnx").write_text('{"null_model": "upright"}')
    code = (
        "import sys; from pathlib import Path;"
        "from ocrd_rapid.inference.engines import load_model;"
        "from ocrd_rapid.inference.model import EngineConfig;"
        "load_model(Path('any.null.onnx'), EngineConfig());"
        "print({'onnxruntime', 'openvino'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"

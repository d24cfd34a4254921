# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Memory that is kept for the next call, and given back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_networks import line_batch, write_network

from ocrd_rapid.inference import memory
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_results_do_not_depend_on_what_is_kept(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write_network(tmp_path / "rec.onnx")
    expected = load_model(path, EngineConfig(engine)).run(line_batch())
    trimmed: list[bool] = []
    monkeypatch.setattr(memory, "trim", lambda: trimmed.append(True))
    model = load_model(path, EngineConfig(engine, reuse_memory=True))
    first = model.run(line_batch())
    assert trimmed == []
    monkeypatch.setattr(memory, "KEPT_INPUT", 0)
    for count in (1, 2):
        assert np.array_equal(model.run(line_batch()), expected)
        assert len(trimmed) == count
    monkeypatch.undo()
    assert np.array_equal(first, expected)
    assert np.array_equal(model.run(line_batch()), expected)


def test_trimming_is_for_glibc_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.trim()
    monkeypatch.setattr(memory, "is_glibc", lambda: False)
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: pytest.fail("there is no malloc_trim"))
    memory.trim()

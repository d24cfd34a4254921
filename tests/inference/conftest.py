# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models small enough to be committed, and engines that may be absent."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrd_rapid.inference.traits import ENGINES

HERE = Path(__file__).resolve().parent


@pytest.fixture
def tiny() -> Path:
    """Return the model of ``make_tiny_model.py``."""
    return HERE / "tiny.onnx"


@pytest.fixture
def two_inputs() -> Path:
    """Return the model with two inputs of ``make_tiny_model.py``."""
    return HERE / "two-inputs.onnx"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of each engine; skip the test where the engine is not installed."""
    name: str = request.param
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"engine {name} is not installed")
    return name


@pytest.fixture
def openvino_installed() -> None:
    """Skip the test where there is no OpenVINO."""
    pytest.importorskip("openvino", reason="engine openvino is not installed")


@pytest.fixture
def converted(tiny: Path, tmp_path: Path, openvino_installed: None) -> Path:
    """Return the tiny model in OpenVINO's own format."""
    import openvino

    path = tmp_path / "tiny.xml"
    openvino.save_model(openvino.Core().read_model(str(tiny)), path, compress_to_fp16=False)
    return path


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return a function that returns the warnings that were logged."""

    def messages() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]

    return messages

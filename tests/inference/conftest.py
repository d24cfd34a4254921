"""Models small enough to be committed, and engines that may be absent."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from ocrd_rapid.inference.engines import ENGINES

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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Networks that are not there, and images of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading import load
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rapidocr.interface import RapidOCR
from ocrd_rapid.rasters.load_image import load_image

SAMPLE = Path(__file__).parent.parent / "assets" / "sample" / "sample.png"

#: What the fake recognition network reads on every line, and its keys.
KEYS = ("a", "b", "c")


@pytest.fixture(autouse=True)
def only_own_models(nowhere: Path) -> None:
    """See `nowhere`."""


@pytest.fixture(scope="session")
def page() -> BgrImage:
    """Return the upper part of the sample page: a heading over two columns."""
    return np.ascontiguousarray(load_image(SAMPLE)[:920])


@pytest.fixture
def ocr(models: Path) -> RapidOCR:
    """Return an object with the default models."""
    return RapidOCR()


def dark_rows(batch: FloatArray) -> FloatArray:
    """Find text where the image is dark."""
    return (batch.mean(axis=1, keepdims=True) < 0).astype(np.float32)


def reading_abc(batch: FloatArray) -> FloatArray:
    """Read "ab c" on every line."""
    steps = batch.shape[3] // 8
    output = np.zeros((1, steps, len(KEYS) + 2), dtype=np.float32)
    output[0, :, 0] = 1
    for column, number in zip(range(0, steps, max(1, steps // 4)), (1, 2, 4, 3), strict=False):
        output[0, column, 0], output[0, column, number] = 0, 0.9
    return output


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> Iterator[Callable[..., RapidOCR]]:
    """Return a function that makes a `RapidOCR` with networks that are plain functions."""
    networks = {
        "det": NullModel(dark_rows, {}, (None, 3, None, None), (None, 1, None, None)),
        "cls": NullModel(lambda b: np.array([[0.8, 0.2]], np.float32), {}, (None, 3, 48, 192),
                         (None, 2)),
        "rec": NullModel(reading_abc, {"character": "\n".join(KEYS)}, (None, 3, 48, None),
                         (None, None, len(KEYS) + 2)),
    }  # fmt: skip
    for name in networks:
        (nowhere / f"{name}.onnx").write_bytes(b"\x08")
    monkeypatch.setattr(load, "load_model", lambda path, config, **_: networks[path.stem])

    def make(**params: object) -> RapidOCR:
        paths = {f"{name.capitalize()}.model_path": f"{name}.onnx" for name in networks}
        given = {key.replace("__", "."): value for key, value in params.items()}
        return RapidOCR(params={**paths, **given})

    yield make


@pytest.fixture
def two_lines() -> BgrImage:
    """Return an image with two dark bars."""
    image = np.full((200, 400, 3), 255, dtype=np.uint8)
    image[40:64, 40:360] = 0
    image[120:144, 40:200] = 0
    return image

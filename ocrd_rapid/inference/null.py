# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models without weights, for testing everything around a model.

A `NullModel` is a plain function of its input. `load_null_model` reads one from a JSON file, such
as ``{"null_model": "ink", "characters": "abcdefgh"}``, whose name ends in ``.null.onnx``.
`ocrd_rapid.inference.engines.load_model` accepts such a file for every engine, so whole commands
run with it; no engine is loaded. To these models, whatever is dark on the page is text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, ModelFileNotFoundError
from .model import FloatArray

#: Suffix of null models. By their names they pass for ONNX files.
SUFFIX = ".null.onnx"

#: The key that every file must have, and its values.
KEY = "null_model"
DARK_AREAS, UPRIGHT, INK = "dark areas", "upright", "ink"

#: Half of the largest distance between letters of one area, in pixels.
_REACH = 30

#: Columns of the input for each step of the output of `INK`, as in PP-OCR's models.
_STRIDE = 8

_CONFIDENCE = 0.9


@dataclass(frozen=True)
class NullModel:
    """A `Model` whose output is a plain function of its input."""

    function: Callable[[FloatArray], FloatArray]
    metadata: Mapping[str, str] = field(default_factory=dict)
    input_shape: tuple[int | None, ...] = (None, 3, None, None)
    output_shape: tuple[int | None, ...] = (None, None, None)
    device: str = "CPU"

    def run(self, batch: FloatArray) -> FloatArray:
        """Return ``function(batch)``."""
        return self.function(batch)


def is_null_model(path: Path) -> bool:
    """Return whether a file is a null model, judging by its name."""
    return path.name.endswith(SUFFIX)


def load_null_model(path: Path) -> NullModel:
    """Load a null model.

    Args:
        path: a file with a JSON object. The value of ``null_model`` says what the model does:

            ``dark areas``: a map of shape (N, 1, H, W), 1 on dark pixels and close beside them.
            ``upright``: shape (N, 2), always [1, 0].
            ``ink``: shape (N, W / 8, classes), CTC output for ``characters``, a string: every
            second step is the first of them where little is dark, the last where everything is,
            and a space where nothing is. So lines that differ in width or in their words differ
            in text, and a line that is upside down gives reversed text.

    Raises:
        ModelFileNotFoundError: the file does not exist.
        ModelError: it is not a null model.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFileNotFoundError(f"model {path.absolute()} does not exist") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"model {path} cannot be loaded: {error}") from error
    kind = content.get(KEY) if isinstance(content, dict) else None
    if kind == DARK_AREAS:
        return NullModel(_dark_areas, output_shape=(None, 1, None, None))
    if kind == UPRIGHT:
        return NullModel(_upright, output_shape=(None, 2))
    if kind == INK and isinstance(characters := content.get("characters"), str) and characters:
        count = len(characters)
        return NullModel(
            lambda batch: _ink(batch, count),
            {"character": "\n".join(characters)},
            output_shape=(None, None, count + 2),
        )
    raise ModelError(f"model {path} cannot be loaded: it is not a null model")


def _is_dark(batch: FloatArray) -> NDArray[np.bool_]:
    """Return which pixels have a dark channel; padding with zeros is not dark."""
    return np.asarray(batch.min(axis=1) < 0)


def _dark_areas(batch: FloatArray) -> FloatArray:
    dark = _is_dark(batch)
    width = dark.shape[2]
    counts = np.pad(dark.cumsum(axis=2), ((0, 0), (0, 0), (1, 0)))
    columns = np.arange(width)
    left, right = np.maximum(columns - _REACH, 0), np.minimum(columns + _REACH + 1, width)
    near = counts[:, :, right] > counts[:, :, left]
    return near[:, None].astype(np.float32)


def _upright(batch: FloatArray) -> FloatArray:
    return np.tile(np.array([1, 0], dtype=np.float32), (len(batch), 1))


def _ink(batch: FloatArray, count: int) -> FloatArray:
    """Return CTC output: the blank, ``count`` characters, the space."""
    dark = _is_dark(batch)
    steps = max(1, dark.shape[2] // _STRIDE)
    shares = np.stack([part.mean(axis=(1, 2)) for part in np.array_split(dark, steps, axis=2)], 1)
    classes = np.ceil(shares * count).astype(np.intp)
    classes[:, 1::2] = 0  # a blank, so that equal neighbours stay two characters
    classes[shares == 0] = count + 1
    output = np.zeros((*classes.shape, count + 2), dtype=np.float32)
    output[:, :, 0] = 1 - _CONFIDENCE
    np.put_along_axis(output, classes[:, :, None], np.float32(_CONFIDENCE), axis=2)
    return output

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads: interchangeable output layers of one recognition network, with their descriptions.

The file of a head is a NumPy archive (``.npz``) without pickled objects: ``weights`` of shape
(features, classes), ``bias`` of shape (classes,), both float16 or float32, and ``header``, JSON in
UTF-8 as bytes. Class 0 is the blank of CTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import packed_archive, parse_json, read_archive
from ...errors import ModelError, ModelFileNotFoundError
from ...files import write_atomically
from ...inference.derive import LinearLayer
from ...inference.model import FloatArray
from .calibration import Calibration, parse_calibration

FORMAT = "ocrd_rapid head"
VERSION = 1

#: The character of a class that stands for all characters of the whole layer that the head lacks: a
#: line in which it appears must be read again with the whole layer.
OTHER = "\ufffc"


@dataclass(frozen=True)
class Head:
    """An output layer and its description.

    Attributes:
        name: its name, such as ``blackletter``.
        backbone: sha256 of the ONNX file whose features it reads, in hexadecimal digits.
        characters: the character of every class; the blank, class 0, is empty.
        layer: its weights.
        automatic: whether it is used by default if it is installed.
        header: all other entries of its description: ``languages``, ``script``, ``font_family``,
            ``licence``, ``attribution``, ``training``, ``measured``, …; plain JSON values.
        stands_for: the name of the head that it is a part of, and that reads the lines that it
            cannot: ``base`` or empty.
        calibration: makes confidences of its probabilities; ``None`` if the file has none.
    """

    name: str
    backbone: str
    characters: tuple[str, ...]
    layer: LinearLayer
    automatic: bool = False
    header: Mapping[str, Any] = field(default_factory=dict)
    stands_for: str = ""
    calibration: Calibration | None = None

    @property
    def font_family(self) -> str:
        """The group of typefaces that it reads, in OCR-D's terms; empty if unknown."""
        return str(self.header.get("font_family", ""))


def read_head(path: Path) -> Head:
    """Read the file of a head.

    Raises:
        ModelFileNotFoundError: the file does not exist.
        ModelError: it is damaged, not a head, or of an unknown version.
    """
    try:
        arrays = read_archive(path, ("header", "weights", "bias"))
        header = parse_json(arrays["header"])
    except FileNotFoundError as error:
        raise ModelFileNotFoundError(f"head {path.absolute()} does not exist") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"head {path} cannot be read: {error}; install it again") from error
    if not isinstance(header, dict) or header.pop("format", None) != FORMAT:
        raise ModelError(f"head {path} is not a head of ocrd_rapid")
    version = header.pop("version", None)
    if version != VERSION:
        raise ModelError(
            f"head {path} has version {version}, but this release reads version {VERSION};"
            " install a newer release of ocrd-rapid"
        )
    return _head(path, header, arrays["weights"], arrays["bias"])


def _head(path: Path, header: dict[str, Any], weights: Any, bias: Any) -> Head:
    try:
        name, backbone = str(header.pop("name")), str(header.pop("backbone"))
        characters = tuple(str(character) for character in header.pop("characters"))
    except (KeyError, TypeError) as error:
        raise ModelError(f"head {path} is damaged: its header has no usable {error}") from error
    classes = len(characters)
    shapes = (weights.ndim, weights.shape[-1:], bias.shape)
    floating = np.issubdtype(weights.dtype, np.floating) and np.issubdtype(bias.dtype, np.floating)
    fits = shapes == (2, (classes,), (classes,)) and weights.size and classes >= 2
    if not fits or not floating or characters[0]:
        raise ModelError(
            f"head {path} is damaged: {classes} characters, weights {weights.shape},"
            f" bias {bias.shape}"
        )
    layer = LinearLayer(_float32(weights), _float32(bias))
    if not (np.isfinite(layer.weights).all() and np.isfinite(layer.bias).all()):
        raise ModelError(f"head {path} is damaged: its weights are not all finite numbers")
    calibration = None
    if "calibration" in header:
        try:
            calibration = parse_calibration(header.pop("calibration"))
        except ValueError as error:
            raise ModelError(f"head {path} is damaged: {error}") from error
    automatic, stands_for = bool(header.pop("automatic", False)), str(header.pop("stands_for", ""))
    return Head(name, backbone, characters, layer, automatic, header, stands_for, calibration)


def write_head(head: Head, path: Path, dtype: type[np.floating[Any]] = np.float16) -> None:
    """Write the file of a head; the same head gives the same bytes.

    Args:
        head: the head.
        path: its file; replaced if it exists.
        dtype: type of the weights, float16 or float32.

    Raises:
        OSError: it cannot be written.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "name": head.name,
        "backbone": head.backbone,
        "characters": list(head.characters),
        "automatic": head.automatic,
        **({"stands_for": head.stands_for} if head.stands_for else {}),
        **({"calibration": head.calibration.as_dict()} if head.calibration else {}),
        **head.header,
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True)
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(text.encode("utf-8"), dtype=np.uint8),
        "weights": head.layer.weights.astype(dtype),
        "bias": head.layer.bias.astype(dtype),
    }
    write_atomically(path, packed_archive(arrays))


def _float32(array: Any) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)

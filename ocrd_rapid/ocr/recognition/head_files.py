# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads: interchangeable output layers of one recognition network, with their descriptions.

The file of a head is a NumPy archive (``.npz``) without pickled objects: ``weights`` of shape
(inputs, classes), ``bias`` of shape (classes,), both float16 or float32, and ``header``, JSON in
UTF-8 as bytes. Class 0 is the blank of CTC. A linear head reads the features of the network. A head
with context has convolutions before that: ``hidden0.weights`` of shape (columns, inputs, outputs),
``hidden0.bias`` of shape (outputs,), ``hidden1.…``, as many as ``convolutions`` in its header says.
Releases that know only linear heads reject it by its version, 2, as they do a head with a
``stretch``.
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
from ...inference.model import FloatArray
from ...inference.output_layers import (
    ContextLayer,
    TrainedLayer,
    arrays_of,
    check_layer,
    features_of,
    layer_of,
)
from .calibration import Calibration, parse_calibration

FORMAT = "ocrd_rapid head"
#: Version of linear heads, and that of heads that need more.
VERSION = 1
VERSION_OF_CONTEXT = 2

#: A head with more convolutions than this is damaged.
MAX_CONVOLUTIONS = 8

#: The character of a class for what the head does not read: all characters of the whole layer that
#: a part of that lacks (a line in which it appears must be read again with the whole layer),
#: letters of other scripts, or of typefaces that are not its own.
OTHER = "\ufffc"

#: The ``kind`` of a head that tells the script of every column: its classes are no letter, and then
#: the codes of scripts, see `SCRIPTS`.
SCRIPTS_KIND = "scripts"


@dataclass(frozen=True)
class Head:
    """An output layer and its description.

    Attributes:
        name: its name, such as ``blackletter``.
        backbone: sha256 of the ONNX file whose features it reads, in hexadecimal digits; see
            `ocrd_rapid.inference.feature_identity`.
        characters: the character of every class; the blank, class 0, is empty.
        layer: its weights.
        automatic: whether it is used by default if it is installed.
        header: all other entries of its description: ``languages``, ``script``, ``font_family``,
            ``licence``, ``attribution``, ``training``, ``measured``, …; plain JSON values.
        stands_for: the name of the head that it is a part of, and that reads the lines that it
            cannot: ``base`` or empty.
        calibration: makes confidences of its probabilities; ``None`` if the file has none.
        stretch: width of the image that it reads, as a multiple of that for other heads: letters
            that are narrow or have many strokes need more columns.
    """

    name: str
    backbone: str
    characters: tuple[str, ...]
    layer: TrainedLayer
    automatic: bool = False
    header: Mapping[str, Any] = field(default_factory=dict)
    stands_for: str = ""
    calibration: Calibration | None = None
    stretch: float = 1.0

    @property
    def script(self) -> str:
        """The script that it reads, as a code of ISO 15924; empty if unknown."""
        return str(self.header.get("script", ""))

    @property
    def tells_scripts(self) -> bool:
        """Whether its classes are scripts, by their codes, and not characters."""
        return self.header.get("kind") == SCRIPTS_KIND

    @property
    def frequency(self) -> float:
        """How frequent its typeface is beside others; 1 if its header has nothing that can be."""
        given = self.header.get("frequency", 1.0)
        return float(given) if isinstance(given, (int, float)) and 0 < given <= 1 else 1.0

    @property
    def typical_letters(self) -> str:
        """Letters by which its typeface is known, see `LineHead`; empty if its header has none."""
        given = self.header.get("typical_letters", "")
        return given if isinstance(given, str) else ""

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
    header = read_header(path)
    try:
        arrays = read_archive(path, ("weights", "bias", *_hidden_names(header)))
    except (OSError, ValueError) as error:
        raise ModelError(f"head {path} cannot be read: {error}; install it again") from error
    return _head(path, header, arrays)


def read_header(path: Path) -> dict[str, Any]:
    """Read the description of a head without its weights.

    Returns:
        The entries of the header, not checked yet, except ``format`` and ``version``.

    Raises:
        ModelFileNotFoundError, ModelError: see `read_head`.
    """
    try:
        header = parse_json(read_archive(path, ("header",))["header"])
    except FileNotFoundError as error:
        raise ModelFileNotFoundError(f"head {path.absolute()} does not exist") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"head {path} cannot be read: {error}; install it again") from error
    if not isinstance(header, dict) or header.pop("format", None) != FORMAT:
        raise ModelError(f"head {path} is not a head of ocrd_rapid")
    version = header.pop("version", None)
    if version not in (VERSION, VERSION_OF_CONTEXT):
        raise ModelError(
            f"head {path} has version {version}, but this release reads versions up to"
            f" {VERSION_OF_CONTEXT}; install a newer release of ocrd-rapid"
        )
    return header


def _hidden_names(header: Mapping[str, Any]) -> list[str]:
    """Return the names of the arrays of a head's convolutions."""
    count = header.get("convolutions", 0)
    if not isinstance(count, int) or not 0 <= count <= MAX_CONVOLUTIONS:
        raise ValueError(f"convolutions is {count!r}")
    return [f"hidden{n}.{part}" for n in range(count) for part in ("weights", "bias")]


def _head(path: Path, header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Head:
    header.pop("convolutions", None)
    try:
        name, backbone = str(header.pop("name")), str(header.pop("backbone"))
        characters = tuple(str(character) for character in header.pop("characters"))
        stretch = float(header.pop("stretch", 1.0))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"head {path} is damaged: its header has no usable {error}") from error
    if not 0.25 <= stretch <= 4:
        raise ModelError(f"head {path} is damaged: its stretch is {stretch}")
    layer, bias = _layer(path, arrays), arrays["bias"]
    if bias.shape != (len(characters),) or len(characters) < 2 or characters[0]:
        raise ModelError(f"head {path} is damaged: {len(characters)} characters, bias {bias.shape}")
    calibration = None
    if "calibration" in header:
        try:
            calibration = parse_calibration(header.pop("calibration"))
        except ValueError as error:
            raise ModelError(f"head {path} is damaged: {error}") from error
    automatic, stands_for = bool(header.pop("automatic", False)), str(header.pop("stands_for", ""))
    return Head(
        name, backbone, characters, layer, automatic, header, stands_for, calibration, stretch
    )


def _layer(path: Path, arrays: Mapping[str, NDArray[Any]]) -> TrainedLayer:
    for array in arrays.values():
        if not np.issubdtype(array.dtype, np.floating) or not array.size:
            raise ModelError(f"head {path} is damaged: weights of type {array.dtype}")
    values = {name: _float32(array) for name, array in arrays.items()}
    if not all(np.isfinite(array).all() for array in values.values()):
        raise ModelError(f"head {path} is damaged: its weights are not all finite numbers")
    layer = layer_of(values)
    try:
        check_layer(layer, features_of(layer))
    except (ValueError, IndexError) as error:
        raise ModelError(f"head {path} is damaged: {error}") from error
    return layer


def write_head(head: Head, path: Path, dtype: type[np.floating[Any]] = np.float16) -> None:
    """Write the file of a head; the same head gives the same bytes.

    Args:
        head: the head.
        path: its file; replaced if it exists.
        dtype: type of the weights, float16 or float32.

    Raises:
        OSError: it cannot be written.
    """
    hidden = head.layer.hidden if isinstance(head.layer, ContextLayer) else ()
    header = {
        "format": FORMAT,
        "version": VERSION_OF_CONTEXT if hidden or head.stretch != 1 else VERSION,
        "name": head.name,
        "backbone": head.backbone,
        "characters": list(head.characters),
        "automatic": head.automatic,
        **({"convolutions": len(hidden)} if hidden else {}),
        **({"stretch": head.stretch} if head.stretch != 1 else {}),
        **({"stands_for": head.stands_for} if head.stands_for else {}),
        **({"calibration": head.calibration.as_dict()} if head.calibration else {}),
        **head.header,
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True)
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(text.encode("utf-8"), dtype=np.uint8),
        **{name: values.astype(dtype) for name, values in arrays_of(head.layer).items()},
    }
    write_atomically(path, packed_archive(arrays))


def _float32(array: Any) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)

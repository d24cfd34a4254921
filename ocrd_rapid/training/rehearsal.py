# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Rehearsal: stored features of roman type, which a head should not forget.

A head that learns one book forgets what it no longer sees. Features of roman lines in several
languages, rendered from the project's own texts, are mixed in; others are only read, to show what
was forgotten.

The file is a NumPy archive: ``features`` of shape (columns of all lines, features), int8, to be
multiplied by ``scale`` of shape (features,), float32; ``lengths``, the columns of every line; and
``header``, JSON in UTF-8 as bytes, with ``texts`` and ``backbone``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import packed_archive, parse_json, read_archive
from ..errors import ModelError
from ..files import write_atomically
from .samples import TrainingLine

#: One line in so many is for reading only.
_GUARD = 5


@dataclass(frozen=True)
class Rehearsal:
    """Lines of roman type.

    Attributes:
        lines: mixed in.
        guard: only read.
    """

    lines: tuple[TrainingLine, ...] = ()
    guard: tuple[TrainingLine, ...] = ()


def bundled() -> Path:
    """Return the file of features in the package."""
    return Path(__file__).resolve().parent / "rehearsal.npz"


def load(path: Path, backbone: str) -> Rehearsal:
    """Return the lines of a file of features; none if it is missing, or of another network.

    Args:
        path: the file.
        backbone: sha256 of the network.

    Raises:
        ModelError: the file is damaged.
    """
    if not path.is_file():
        return Rehearsal()
    try:
        arrays = read_archive(path, ("header", "features", "scale", "lengths"))
        header = parse_json(arrays["header"])
        if header["backbone"] != backbone:
            return Rehearsal()
        values = arrays["features"].astype(np.float32) * arrays["scale"]
        ends = np.cumsum(arrays["lengths"])[:-1]
        texts = [str(text) for text in header["texts"]]
        parts = np.split(values.astype(np.float16), ends)
        lines = [
            TrainingLine(part, text, "rehearsal") for part, text in zip(parts, texts, strict=True)
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged: {error}; install ocrd-rapid again") from error
    guard = lines[::_GUARD]
    return Rehearsal(tuple(line for i, line in enumerate(lines) if i % _GUARD), tuple(guard))


def save(lines: Sequence[TrainingLine], backbone: str, path: Path) -> None:
    """Write features; the same lines give the same bytes.

    Raises:
        OSError: it cannot be written.
    """
    values = np.concatenate([line.features for line in lines]).astype(np.float32)
    scale = np.maximum(np.abs(values).max(axis=0), 1e-6) / 127
    header = json.dumps(
        {"backbone": backbone, "texts": [line.text for line in lines]}, ensure_ascii=False
    )
    arrays = {
        "header": np.frombuffer(header.encode("utf-8"), dtype=np.uint8),
        "features": np.rint(values / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "lengths": np.array([len(line.features) for line in lines], dtype=np.int32),
    }
    write_atomically(path, packed_archive(arrays))

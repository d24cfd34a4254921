"""Lines that a head is not to forget: stored features of roman type.

A head that learns one book gives up what it does not see any more. Features of roman lines in
several languages, rendered from texts of the project's own, are mixed in, and others are only read
to see what was forgotten.

The file is a NumPy archive: ``features`` of shape (columns of all lines, features), int8, to be
multiplied by ``scale`` of shape (features,), float32; ``lengths``, the columns of every line; and
``header``, JSON in UTF-8 as bytes, with ``texts`` and ``backbone``.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import parse_json, read_archive
from ..errors import ModelError
from ..files import write_atomically
from .samples import TrainingLine

#: Every so manieth line is for reading only.
_GUARD = 5


@dataclass(frozen=True)
class Rehearsal:
    """Lines of the network's own domain.

    Attributes:
        lines: to be mixed in.
        guard: only to be read.
    """

    lines: tuple[TrainingLine, ...] = ()
    guard: tuple[TrainingLine, ...] = ()


def bundled() -> Path:
    """Return the file that comes with the package."""
    return Path(__file__).resolve().parent / "rehearsal.npz"


def load(path: Path, backbone: str) -> Rehearsal:
    """Read a file of features; it is empty if there is none, or it is of another network.

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
    write_archive(
        path,
        {
            "header": np.frombuffer(header.encode("utf-8"), dtype=np.uint8),
            "features": np.rint(values / scale).astype(np.int8),
            "scale": scale.astype(np.float32),
            "lengths": np.array([len(line.features) for line in lines], dtype=np.int32),
        },
    )


def write_archive(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write a NumPy archive without the time of day in it.

    Raises:
        OSError: it cannot be written.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    write_atomically(path, stream.getvalue())

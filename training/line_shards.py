# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines on disk with the features that a network gives them, some hundred to a shard.

A shard is three files: ``NAME.images.npy`` has the lines as PNG, one after the other,
``NAME.features.npy`` their features, (columns of all lines, features), float16, and ``NAME.json``
says where each line begins and what it is. The latter is written last: a shard without it is none.
Nothing is read into memory before it is asked for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from augment import Gray
from numpy.typing import NDArray

from ocrd_rapid.errors import InputError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.training.samples import Features


@dataclass(frozen=True)
class ShardLine:
    """A line to be kept.

    Attributes:
        image: shape (48, W), as wide as the network sees it, without padding.
        features: shape (columns, features), float16.
        kind: what it is a sample of, such as ``blackletter``.
        stretch: by which the line is drawn wider; see `Head.stretch`.
        source: its work, or the design of its font.
        text: as a head should read it; empty for lines that are only learnt.
    """

    image: Gray
    features: Features
    kind: str
    stretch: float = 1.0
    source: str = ""
    text: str = ""


@dataclass(frozen=True)
class KeptLine:
    """A line in a shard; see `ShardLine`."""

    kind: str
    stretch: float
    source: str
    text: str
    width: int
    _images: NDArray[np.uint8]
    _features: Features

    @property
    def image(self) -> Gray:
        """The pixels."""
        return np.asarray(cv2.imdecode(np.array(self._images), cv2.IMREAD_GRAYSCALE), np.uint8)

    @property
    def features(self) -> Features:
        """The features."""
        return np.array(self._features)


def write_shard(folder: Path, name: str, backbone: str, lines: Sequence[ShardLine]) -> None:
    """Write a shard.

    Args:
        folder: for all shards.
        name: of this one.
        backbone: SHA-256 of the network whose features they are.
        lines: at least one.
    """
    images = [cv2.imencode(".png", line.image)[1].reshape(-1) for line in lines]
    rows = [
        {
            "kind": line.kind,
            "stretch": line.stretch,
            "source": line.source,
            "text": line.text,
            "width": line.image.shape[1],
            "bytes": len(image),
            "columns": len(line.features),
        }
        for line, image in zip(lines, images, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"images": images, "features": [line.features for line in lines]}
    for part, values in arrays.items():
        stream = io.BytesIO()
        np.save(stream, np.concatenate(values), allow_pickle=False)
        write_atomically(folder / f"{name}.{part}.npy", stream.getvalue())
    index = json.dumps({"backbone": backbone, "lines": rows}, ensure_ascii=False)
    write_atomically(folder / f"{name}.json", index.encode())


def shard_names(folder: Path) -> list[str]:
    """Return the names of the shards of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.json"))


def read_shards(folder: Path, backbone: str) -> list[KeptLine]:
    """Return the lines of all shards of a folder, in the order of the names of these.

    Raises:
        InputError: there are none, or they have features of another network.
    """
    lines = [line for name in shard_names(folder) for line in _read(folder, name, backbone)]
    if not lines:
        raise InputError(f"{folder} has no lines; make them: python training/backbone.py lines")
    return lines


def _read(folder: Path, name: str, backbone: str) -> list[KeptLine]:
    index = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if index["backbone"] != backbone:
        raise InputError(f"{folder / name}.json is of another network; use an empty folder")
    images, features = (
        np.load(folder / f"{name}.{part}.npy", mmap_mode="r", allow_pickle=False)
        for part in ("images", "features")
    )
    lines, byte, column = [], 0, 0
    for row in index["lines"]:
        pixels = images[byte : byte + row["bytes"]]
        columns = features[column : column + row["columns"]]
        facts = (row["kind"], row["stretch"], row["source"], row["text"], row["width"])
        lines.append(KeptLine(*facts, pixels, columns))
        byte, column = byte + row["bytes"], column + row["columns"]
    return lines

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The state of an interrupted training: a file that every epoch replaces."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import parse_json, read_archive
from ..cache import TRAINING
from ..files import replace_quickly
from ..inference.output_layers import arrays_of
from ..ocr.recognition.head_files import Head
from .ctc import Epoch, TrainingState
from .optimizer import TrainingOptions
from .samples import TrainingLine

LOG = logging.getLogger(__name__)


def folder_of(name: str) -> Path:
    """Return the directory that belongs to the training of a head, in the user's cache.

    Raises:
        StorageError: it cannot be written to.
    """
    return TRAINING.writable_folder() / name


def key_of(
    start: Head,
    characters: Sequence[str],
    options: TrainingOptions,
    *parts: Sequence[TrainingLine],
) -> str:
    """Return the key of a training: it depends on everything that goes into it.

    Args:
        start: the head where it begins.
        characters: those of the new head.
        options: how it is trained.
        parts: the lines to be learnt, for validation, and so on.
    """
    digest = hashlib.sha256(
        json.dumps([start.backbone, list(characters), asdict(options)]).encode("utf-8")
    )
    for name, values in arrays_of(start.layer).items():
        digest.update(f"{name} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    for lines in parts:
        digest.update(f"{len(lines)}".encode())
        for line in lines:
            digest.update(f"{line.text}\0{line.weight}\0{line.features.shape}".encode())
            digest.update(np.ascontiguousarray(line.features).tobytes())
    return digest.hexdigest()


def write_state(path: Path, key: str, state: TrainingState) -> None:
    """Store the state of a training; if that is impossible, it cannot be resumed."""
    header = {
        "key": key,
        "epoch": state.epoch,
        "best": state.best,
        "history": [asdict(epoch) for epoch in state.history],
    }
    stream = io.BytesIO()
    text = np.frombuffer(json.dumps(header).encode("utf-8"), dtype=np.uint8)
    arrays: dict[str, Any] = {"header": text, **state.arrays}
    np.savez(stream, allow_pickle=False, **arrays)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_quickly(path, stream.getvalue())
    except OSError as error:
        LOG.warning("%s cannot be written (%s): this training cannot be resumed", path, error)


def read_state(path: Path, key: str) -> TrainingState | None:
    """Return the stored state of a training; ``None`` if there is none with its key."""
    try:
        arrays = read_archive(path)
        header = parse_json(arrays.pop("header"))
        if header["key"] != key:
            return None
        history = tuple(Epoch(**epoch) for epoch in header["history"])
        return TrainingState(int(header["epoch"]), arrays, history, int(header["best"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        LOG.debug("no training to resume in %s: %s", path, error)
        return None

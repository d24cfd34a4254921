# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A request for a model, the same for all callers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..inference.model import EngineConfig
from .adapters import Conventions
from .heads import HeadOptions
from .keys import KeyRequest


@dataclass(frozen=True)
class ModelRequest:
    """A request for a model.

    Attributes:
        kind: `DETECTION`, `ORIENTATION` or `RECOGNITION` of `ocrd_rapid.ocr.model_kinds`.
        path: its file.
        engine: how to run it.
        conventions: conventions of its input and output.
        keys: the place of a recognition model's characters.
        heads: the output layers of a recognition model, and the characters that they may read.
        deferred: load nothing that may not be needed, see `ocrd_rapid.inference.engines`.
        automatic: whether other installed recognition models may read what this one does not, see
            `load_reader`.
        called: the caller's name for the model, at the beginning of messages; may be empty.
    """

    kind: str
    path: Path
    engine: EngineConfig
    conventions: Conventions = field(default_factory=Conventions)
    keys: KeyRequest = field(default_factory=KeyRequest)
    heads: HeadOptions = field(default_factory=HeadOptions)
    deferred: bool = False
    automatic: bool = False
    called: str = ""

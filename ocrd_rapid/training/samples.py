# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines to train with, as images and as features."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..pixels import BgrImage

Features = NDArray[np.float16]


@dataclass(frozen=True)
class Sample:
    """A line with its text.

    Attributes:
        image: the line, upright, BGR, uint8.
        text: its text as printed (see `alphabet.as_printed`).
        document: name of the document that it belongs to: lines of one document are never divided
            between training and validation.
        name: identifies the line in messages.
    """

    image: BgrImage
    text: str
    document: str
    name: str


@dataclass(frozen=True)
class TrainingLine:
    """A line as the output layer sees it, and the text that it should read.

    Attributes:
        features: shape (T, features), float16.
        text: as printed.
        document: see `Sample`.
        weight: weight of the line's loss; usually 1.
        name: identifies the line in its document, see `Sample`; empty if unknown.
    """

    features: Features
    text: str
    document: str = ""
    weight: float = 1.0
    name: str = ""


def columns_needed(classes: Sequence[object]) -> int:
    """Return the number of columns CTC needs for a text; equal neighbours need a blank between."""
    repeated = sum(a == b for a, b in itertools.pairwise(classes))
    return len(classes) + repeated

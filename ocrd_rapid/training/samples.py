"""Lines to be trained with, as images and as features."""

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
        text: what stands there, normalised (see `alphabet.normalise`).
        document: what it belongs to: lines of one document are never divided between training
            and validation.
        name: says in messages which line it is.
    """

    image: BgrImage
    text: str
    document: str
    name: str


@dataclass(frozen=True)
class TrainingLine:
    """What the output layer is given for a line, and the text it shall make of it.

    Attributes:
        features: shape (T, features), float16.
        text: normalised.
        document: see `Sample`.
        weight: how much the line counts; 1 is usual.
    """

    features: Features
    text: str
    document: str = ""
    weight: float = 1.0


def columns_needed(classes: Sequence[object]) -> int:
    """Return how many columns CTC needs for a text: equal neighbours need a blank between."""
    repeated = sum(a == b for a, b in itertools.pairwise(classes))
    return len(classes) + repeated

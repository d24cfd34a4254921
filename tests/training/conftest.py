# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads and lines of a toy network: four features, of which each speaks for one character."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training.samples import TrainingLine

FEATURES = 6


@pytest.fixture
def head() -> Head:
    """Return a head for blank, a, b and ä, of which the features 0 to 3 tell."""
    weights = np.zeros((FEATURES, 4), dtype=np.float32)
    weights[range(4), range(4)] = 8
    return Head("toy", "0" * 64, ("", "a", "b", "ä"), LinearLayer(weights, np.zeros(4, np.float32)))


@pytest.fixture
def line() -> Callable[..., TrainingLine]:
    """Make lines: every number is a column in which that feature is 1, with a little noise."""

    def make(
        text: str, columns: list[int], document: str = "d", weight: float = 1.0
    ) -> TrainingLine:
        chance = np.random.default_rng(len(columns) + sum(columns))
        features = chance.normal(0, 0.02, (len(columns), FEATURES))
        features[range(len(columns)), columns] += 1
        return TrainingLine(features.astype(np.float16), text, document, weight)

    return make

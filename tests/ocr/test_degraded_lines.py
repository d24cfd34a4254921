# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Worse copies of line images, which the head for black letter is trained with."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PATH = Path(__file__).parents[2] / "training" / "augment.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("augment", PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


augment = load()


def line(height: int, width: int, seed: int) -> np.ndarray:
    """Return paper with strokes of ink."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width), 230, np.uint8)
    for left in rng.integers(0, width, width // 8):
        image[height // 4 : height * 3 // 4, left : left + 3] = 30
    return image


@settings(max_examples=150)
@given(
    height=st.integers(20, 60),
    width=st.integers(20, 900),
    other=st.integers(20, 300),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_worse_copy_is_a_line_of_about_that_shape(
    height: int, width: int, other: int, seed: int
) -> None:
    image, behind = line(height, width, 1), line(40, other, 2)
    before = image.copy()
    copy = augment.degrade(image, behind, np.random.default_rng(seed))
    assert np.array_equal(image, before)
    assert copy.dtype == np.uint8 and copy.ndim == 2
    aspect = width / height
    assert aspect * 0.4 < copy.shape[1] / copy.shape[0] < aspect * 1.6 + 2


@pytest.mark.parametrize("seed", range(20))
def test_the_same_seed_gives_the_same_copy(seed: int) -> None:
    image, behind = line(52, 700, 1), line(52, 400, 2)
    copies = [augment.degrade(image, behind, np.random.default_rng(seed)) for _ in range(2)]
    assert np.array_equal(*copies)


def test_copies_differ() -> None:
    image, behind = line(52, 700, 1), line(52, 400, 2)
    copies = {augment.degrade(image, behind, np.random.default_rng(i)).tobytes() for i in range(9)}
    assert len(copies) == 9


def test_places_are_known_after_the_change() -> None:
    image = np.full((48, 900), 255, np.uint8)
    image[10:40, 300:304] = 0
    found = []
    for seed in range(40):
        traced = augment.degrade_and_trace(image, image[:, :200], np.random.default_rng(seed))
        middle = traced.image[traced.image.shape[0] // 3 : -traced.image.shape[0] // 3]
        darkest = np.argmin(middle.astype(int).sum(axis=0))
        found.append(abs(traced.scale * 302 + traced.shift - darkest) < 12)
    # Dirt and breaks hide a single stroke now and then.
    assert sum(found) > 34

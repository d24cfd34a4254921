# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines from which heads of scripts learn what they do not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_modules import imported
from typeset_text import FONT_FOLDERS

pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
pytest.importorskip("fontTools")


@pytest.fixture(scope="module")
def refused() -> Iterator[Any]:
    with imported(refused="refused_lines", no_script="no_script") as modules:
        yield modules


@pytest.fixture
def signs(refused: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a font that counts as one of signs."""
    fonts = [file for folder in FONT_FOLDERS for file in folder.rglob("DejaVuSans.ttf")]
    if not fonts:
        pytest.skip("DejaVu Sans is not installed")
    monkeypatch.setattr(refused["no_script"], "_SIGNS", ("DejaVuSans.ttf",))
    monkeypatch.setattr(refused["no_script"], "_is_to_learn", lambda _: True)
    return fonts[0].parent


PRINTS = [
    (np.tile(np.array([[255, 255, 20, 255]], np.uint8), (40, 50)), "one", "a"),
    (np.tile(np.array([[255, 20]], np.uint8), (30, 60)), "two", "b"),
]


def test_half_of_nothing_shines_through(refused: Any, signs: Path) -> None:
    module = refused["refused"]
    images = list(module.draw_nothing(signs, PRINTS))
    assert len(images) == module.NOTHING
    assert all(image.dtype == np.uint8 and image.ndim == 2 for image in images)
    assert len(list(module.draw_nothing(signs, []))) == module.NOTHING


def test_what_shines_through_is_paler_than_print(refused: Any) -> None:
    show = refused["refused"]._shining_through
    for seed in range(20):
        back = show(PRINTS[0][0], np.random.default_rng(seed))
        assert back.shape == PRINTS[0][0].shape
        assert 20 < back.min() < back.max() <= 255


def test_others_keep_their_text(refused: Any) -> None:
    module = refused["refused"]
    found = list(module.draw_others(PRINTS))
    assert len(found) == module.OTHERS
    assert {(text, work) for _, text, work in found} == {("one", "a"), ("two", "b")}
    again = list(module.draw_others(PRINTS))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(found, again, strict=True))
    assert list(module.draw_others([])) == []

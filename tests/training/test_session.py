# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where training begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError, ResourceNotFoundError
from ocrd_rapid.inference.output_layers import (
    ContextLayer,
    Convolution,
    LinearLayer,
    linear_part,
)
from ocrd_rapid.ocr.recognition.head_files import Head, write_head
from ocrd_rapid.resmgr.locations import module_dir
from ocrd_rapid.training.samples import Sample, TrainingLine
from ocrd_rapid.training.session import Setting, prepare

Make = Callable[..., TrainingLine]
MODEL = "PP-OCRv6_rec_small_8bit.onnx"


@pytest.fixture
def swapped(head: Head) -> Head:
    """Return a head that takes a for b and the other way round."""
    weights = head.layer.weights[:, [0, 2, 1, 3]]
    return replace(head, name="swapped", layer=LinearLayer(weights, head.layer.bias))


class Columns:
    """Gives lines the features of a toy network: one column for every column of an image."""

    def __init__(self, line: Make) -> None:
        self._line = line

    def extract(self, images: list[np.ndarray], *, stretch: float = 1.0) -> list[np.ndarray]:
        """Return the features, with every column several times in a stretched line."""
        numbers = [image[0, :, 0].repeat(int(stretch)).tolist() for image in images]
        return [self._line("", each).features for each in numbers]


def sample(text: str, columns: list[int]) -> Sample:
    """Return a line whose image says what features it has."""
    image = np.array(columns, np.uint8)[None, :, None].repeat(3, axis=2)
    return Sample(image, text, "d", "n")


def test_it_begins_with_the_head_that_reads_the_lines_best(
    head: Head, swapped: Head, line: Make
) -> None:
    setting, columns = Setting(Path("rec.onnx"), head, (head, swapped)), Columns(line)
    assert setting.start([sample("ab", [1, 0, 2])], columns).name == "toy"
    lines = [sample("ba", [1, 0, 2]), sample("b", [1])]
    assert setting.start(lines, columns).name == "swapped"


def test_of_equally_good_heads_it_is_the_first(head: Head, swapped: Head, line: Make) -> None:
    lines, columns = [sample("ä", [3])], Columns(line)
    assert Setting(Path("r"), head, (head, swapped)).start(lines, columns) is head
    assert Setting(Path("r"), head, (swapped, head)).start(lines, columns) is swapped


def test_every_head_reads_lines_as_wide_as_it_needs_them(head: Head, line: Make) -> None:
    """A head that wants a feature in two columns at once reads stretched lines only."""
    features = len(linear_part(head.layer).weights)
    before = np.zeros((3, features, features), np.float32)
    before[0] = before[1] = np.eye(features)
    pairs = ContextLayer((Convolution(before, np.full(features, -1.5, np.float32)),), head.layer)
    wide = replace(head, name="wide", layer=pairs, stretch=2.0)
    narrow = replace(head, name="narrow", layer=pairs)
    lines, columns = [sample("ab", [1, 0, 2]), sample("bä", [2, 0, 3])], Columns(line)
    assert Setting(Path("r"), head, (narrow, wide)).start(lines, columns) is wide


def test_a_head_that_lacks_the_letters_is_no_start(head: Head, line: Make) -> None:
    other = replace(head, name="other", characters=("", "ж", "д", "я"))
    setting, columns = Setting(Path("r"), head, (head, other)), Columns(line)
    assert setting.start([sample("дж", [2, 0, 1])], columns) is other
    assert setting.start([sample("漢字", [2, 0, 1])], columns) is head


@pytest.mark.models
def test_where_it_may_begin(models: Path, head: Head, tmp_path: Path) -> None:
    assert [start.name for start in prepare(MODEL, "base", 1).starts] == [""]
    every = [start.name for start in prepare(MODEL, "auto", 1).starts]
    assert every[0] == "" and {"blackletter", "cyrillic", "latin"} <= set(every)
    assert "scripts" not in every
    assert [start.name for start in prepare(MODEL, "blackletter", 1).starts] == ["blackletter"]
    file = module_dir("ocrd-rapid-recognize") / "PP-OCRv6_rec_small_blackletter.npz"
    assert [start.name for start in prepare(MODEL, str(file), 1).starts] == ["blackletter"]
    assert [start.stretch for start in prepare(MODEL, "base", 1, 1.4).starts] == [1.4]
    with pytest.raises(ResourceNotFoundError, match="could not find head 'none'"):
        prepare(MODEL, "none", 1)
    write_head(head, tmp_path / "foreign.npz")
    with pytest.raises(ModelError, match="belongs to another network"):
        prepare(MODEL, str(tmp_path / "foreign.npz"), 1)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where training begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ocrd_rapid.errors import ModelError, ResourceNotFoundError
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.ocr.recognition.head_files import Head, write_head
from ocrd_rapid.resmgr.locations import module_dir
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.session import Setting, prepare

Make = Callable[..., TrainingLine]
MODEL = "PP-OCRv6_rec_small.onnx"


@pytest.fixture
def swapped(head: Head) -> Head:
    """Return a head that takes a for b and the other way round."""
    weights = head.layer.weights[:, [0, 2, 1, 3]]
    return replace(head, name="swapped", layer=LinearLayer(weights, head.layer.bias))


def test_it_begins_with_the_head_that_reads_the_lines_best(
    head: Head, swapped: Head, line: Make
) -> None:
    setting = Setting(Path("rec.onnx"), head, (head, swapped))
    assert setting.start([line("ab", [1, 0, 2])]).name == "toy"
    assert setting.start([line("ba", [1, 0, 2]), line("b", [1])]).name == "swapped"


def test_of_equally_good_heads_it_is_the_first(head: Head, swapped: Head, line: Make) -> None:
    lines = [line("ä", [3])]
    assert Setting(Path("r"), head, (head, swapped)).start(lines) is head
    assert Setting(Path("r"), head, (swapped, head)).start(lines) is swapped


@pytest.mark.models
def test_where_it_may_begin(models: Path, head: Head, tmp_path: Path) -> None:
    assert [start.name for start in prepare(MODEL, "base", 1).starts] == [""]
    every = [start.name for start in prepare(MODEL, "auto", 1).starts]
    assert every == ["", "blackletter", "latin"]
    assert [start.name for start in prepare(MODEL, "blackletter", 1).starts] == ["blackletter"]
    file = module_dir("ocrd-rapid-recognize") / "PP-OCRv6_rec_small_blackletter.npz"
    assert [start.name for start in prepare(MODEL, str(file), 1).starts] == ["blackletter"]
    with pytest.raises(ResourceNotFoundError, match="could not find head 'none'"):
        prepare(MODEL, "none", 1)
    write_head(head, tmp_path / "foreign.npz")
    with pytest.raises(ModelError, match="belongs to another network"):
        prepare(MODEL, str(tmp_path / "foreign.npz"), 1)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages: the ground truth says where the ink is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import synthetic

from ocrd_rapid.workspace.page import PageDocument


def test_truth_is_where_the_ink_is(tmp_path: Path) -> None:
    for scan in synthetic.make_pages(tmp_path, 3):
        document = PageDocument.read(scan.with_suffix(".page.xml"))
        ink = cv2.imread(str(scan), cv2.IMREAD_GRAYSCALE) < 140
        assert ink.shape == (document.height, document.width)
        regions = document.text_regions()
        lines = [line for region in regions for line in region.lines]
        assert len(lines) > 40
        for line in lines:
            (left, top), (right, bottom) = np.min(line.polygon, 0), np.max(line.polygon, 0)
            box = np.s_[int(top) : int(bottom), int(left) : int(right)]
            assert ink[box].mean() > 0.02
            ink[box] = False
        assert ink.sum() == 0
    assert len(regions) == 2


def test_pages_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = (synthetic.make_pages(tmp_path / name, 2) for name in "ab")
    for one, other in zip(first, second, strict=True):
        for suffix in (".png", ".page.xml"):
            assert one.with_suffix(suffix).read_bytes() == other.with_suffix(suffix).read_bytes()
    assert first[0].read_bytes() != first[1].read_bytes()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that run across or down, blocks of them, and how the detector looks at blocks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.directions import near_each_other
from ocrd_rapid.ocr.layout.segmentation import lay_out_by_direction


def box(left: float, top: float, width: float, height: float) -> Points:
    corners = [
        (left, top), (left + width, top), (left + width, top + height), (left, top + height)
    ]  # fmt: skip
    return np.array(corners, dtype=np.float32)


LINES = [box(200, 50 + 40 * i, 400, 20) for i in range(8)]
LEFT = [box(20, 60, 20, 200), box(55, 60, 20, 200)]
RIGHT = [box(700, 60, 20, 200)]


def test_boxes_near_each_other_are_one_block() -> None:
    assert near_each_other([*RIGHT, *LEFT]) == [[1, 2], [0]]
    assert near_each_other([]) == []
    chain = [box(45 * i, 10, 20, 100) for i in range(5)]
    assert near_each_other(chain) == [[0, 1, 2, 3, 4]]
    assert near_each_other([box(0, 0, 20, 100), box(0, 150, 20, 100)]) == [[0], [1]]


def test_notes_on_both_sides_are_regions_of_their_own_behind_the_text() -> None:
    regions = [region.lines for region in lay_out_by_direction([*LEFT, *LINES, *RIGHT])]
    assert regions == [tuple(range(2, 10)), (0, 1), (10,)]


def see_pieces(batch: FloatArray) -> FloatArray:
    """See lines that run across as they are, and those that run down in pieces."""
    ink = (batch[0, 0] < 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    for number, (_, top, width, height, _) in enumerate(stats[1:], start=1):
        if height > 3 * width:
            middle = top + height // 2
            ink[middle - 6 : middle + 6][labels[middle - 6 : middle + 6] == number] = 0
    return ink[None, None].astype(np.float32)


def test_what_runs_down_is_looked_at_with_the_page_turned() -> None:
    page = np.full((640, 800, 3), 255, dtype=np.uint8)
    for i in range(10):
        page[60 + 50 * i : 76 + 50 * i, 200:700] = 0
    page[100:400, 40:56] = 0
    model = NullModel(see_pieces, output_shape=(None, 1, None, None))
    found = [line.box for line in Detector(model).detect(page)]
    assert len(found) == 11
    (note,) = [line for line in found if line[:, 0].max() < 150]
    assert note.min(axis=0) == pytest.approx((40, 100), abs=16)
    assert note.max(axis=0) == pytest.approx((56, 400), abs=16)
    assert (note.min(axis=0) <= (41, 101)).all()
    assert (note.max(axis=0) >= (55, 399)).all()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of two columns that were taken for one are cut; pages that lie on their side."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrd_rapid.ocr.detection.detector import DetectedBox
from ocrd_rapid.ocr.geometry import Points, order_corners, rotate_points
from ocrd_rapid.ocr.layout.arrangement import Region
from ocrd_rapid.ocr.layout.fused_lines import cut_fused
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule
from ocrd_rapid.ocr.layout.segmentation import (
    Segmentation,
    lay_out_by_direction,
    lay_out_free,
    segment,
)
from ocrd_rapid.pixels import BgrImage

HEIGHT, PITCH = 40, 50


def arranged(found: Segmentation) -> list[Region]:
    return lay_out_by_direction([line.box for line in found.lines], found.rules)


class Page:
    """A page on which lines of strokes are drawn."""

    def __init__(self) -> None:
        self.image: BgrImage = np.full((1000, 1000, 3), 235, dtype=np.uint8)
        self.lines: list[DetectedBox] = []

    def draw(self, left: int, right: int, top: int, height: int = HEIGHT) -> None:
        for x in range(left + 10, right - 15, 16):
            cv2.rectangle(
                self.image, (x, top + height // 4), (x + 10, top + height * 3 // 4), (20, 20, 20), 2
            )

    def box(self, left: int, right: int, top: int, height: int = HEIGHT) -> None:
        corners = [[left, top], [right, top], [right, top + height], [left, top + height]]
        self.lines.append(DetectedBox(np.array(corners, np.float32), 0.5 + len(self.lines) / 100))

    def line(self, left: int, right: int, top: int, height: int = HEIGHT) -> None:
        self.draw(left, right, top, height)
        self.box(left, right, top, height)

    def rule(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        cv2.line(self.image, start, end, (20, 20, 20), 3)


def two_columns(fused: int, *, ruled: bool) -> Page:
    """Return a page with two columns of which one row was found as one line."""
    page = Page()
    for i in range(12):
        top = 100 + i * PITCH
        if i == fused:
            page.draw(100, 480, top)
            page.draw(520, 900, top)
            page.box(100, 900, top)
        else:
            page.line(100, 480, top)
            page.line(520, 900, top)
    if ruled:
        page.rule((500, 90), (500, 110 + 12 * PITCH))
    return page


def extents(box: Points) -> tuple[float, float]:
    return float(box[:, 0].min()), float(box[:, 0].max())


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("fused", [0, 5, 11])
def test_a_line_across_the_gutter_is_cut(fused: int, ruled: bool) -> None:
    page = two_columns(fused, ruled=ruled)
    found = segment(page.image, page.lines)
    assert len(found.lines) == 24
    left, right = found.lines[2 * fused], found.lines[2 * fused + 1]
    assert 470 < extents(left.box)[1] <= 505
    assert 495 <= extents(right.box)[0] < 530
    assert extents(left.box)[0] == 100
    assert extents(right.box)[1] == 900
    assert left.score == right.score == page.lines[2 * fused].score


@pytest.mark.parametrize("ruled", [True, False])
def test_the_parts_are_read_with_their_columns(ruled: bool) -> None:
    page = two_columns(5, ruled=ruled)
    order = [i for region in arranged(segment(page.image, page.lines)) for i in region.lines]
    assert order == [*range(0, 24, 2), *range(1, 24, 2)]


def test_all_other_lines_are_what_they_were() -> None:
    page = two_columns(5, ruled=True)
    found = segment(page.image, page.lines)
    kept = [line for i, line in enumerate(found.lines) if i not in (10, 11)]
    before = [line for i, line in enumerate(page.lines) if i != 10]
    assert all(a is b for a, b in zip(kept, before, strict=True))


def test_a_heading_across_columns_is_not_cut() -> None:
    page = Page()
    page.line(150, 850, 100)
    for i in range(8):
        page.line(100, 480, 170 + i * PITCH)
        page.line(520, 900, 170 + i * PITCH)
    assert len(segment(page.image, page.lines).lines) == 17


def test_a_heading_whose_words_part_elsewhere_is_not_cut() -> None:
    page = Page()
    page.draw(150, 380, 100)
    page.draw(430, 850, 100)
    page.box(150, 850, 100)
    for i in range(8):
        page.line(100, 480, 170 + i * PITCH)
        page.line(520, 900, 170 + i * PITCH)
    assert len(segment(page.image, page.lines).lines) == 17


def test_a_title_is_not_cut_by_a_fold_of_the_paper() -> None:
    page = Page()
    page.line(100, 900, 60, 120)
    for i in range(6):
        page.line(100, 900, 250 + i * PITCH)
    page.rule((500, 20), (500, 900))
    assert len(segment(page.image, page.lines).lines) == 7


def test_a_rule_that_ends_above_the_line_does_not_cut_it() -> None:
    page = two_columns(11, ruled=False)
    page.draw(470, 530, 100 + 11 * PITCH)
    rule = PrintedRule((500, 90), (500, 100 + 9 * PITCH))
    assert len(cut_fused(page.image, page.lines, [rule])) == 23


def test_three_columns_in_one_line() -> None:
    page = Page()
    for i in range(10):
        top = 100 + i * PITCH
        for left in (50, 360, 670):
            page.draw(left, left + 280, top)
            if i != 4:
                page.box(left, left + 280, top)
        if i == 4:
            page.box(50, 950, top)
    page.rule((345, 90), (345, 620))
    page.rule((655, 90), (655, 620))
    found = segment(page.image, page.lines)
    assert len(found.lines) == 30
    assert [round(extents(line.box)[0] / 310) for line in found.lines[12:15]] == [0, 1, 2]


@pytest.mark.parametrize("at_foot", [False, True])
def test_a_running_head_in_one_line_with_the_page_number_is_cut(at_foot: bool) -> None:
    page = Page()
    tops = [100 + i * PITCH for i in range(12)]
    head = tops.pop() if at_foot else tops.pop(0)
    for top in tops:
        page.draw(100, 900, top)
        page.box(100, 900, top)
    page.draw(100, 160, head)
    page.draw(350, 650, head)
    page.box(100, 650, head)
    found = segment(page.image, page.lines)
    assert len(found.lines) == 13
    kinds = {region.lines: region.kind for region in arranged(found)}
    assert kinds[(11,)] == "page-number"
    assert kinds[(12,)] == ("footer" if at_foot else "header")


def test_a_first_line_without_a_gap_stays_whole() -> None:
    page = Page()
    for i in range(12):
        page.draw(100, 900, 100 + i * PITCH)
        page.box(100, 900, 100 + i * PITCH)
    assert len(segment(page.image, page.lines).lines) == 12


def test_without_lines_there_is_nothing() -> None:
    found = segment(Page().image, [])
    assert found.lines == ()
    assert arranged(found) == []


def test_regions_of_some_lines_are_laid_out_with_the_others() -> None:
    page = two_columns(5, ruled=True)
    found = segment(page.image, page.lines)
    boxes = [line.box for line in found.lines]
    right = [extents(box)[0] > 490 for box in boxes]
    regions = lay_out_free(boxes, found.rules, right)
    assert [i for region in regions for i in region.lines] == [i for i in range(24) if right[i]]
    assert lay_out_free(boxes, found.rules, [False] * 24) == []
    # One in the middle is another's: its region falls into two.
    all_but_one = [i != 10 for i in range(24)]
    apart = lay_out_free(boxes, found.rules, all_but_one)
    assert len(apart) == len(lay_out_by_direction(boxes, found.rules)) + 1


@pytest.mark.parametrize("ruled", [True, False])
def test_a_page_on_its_side_is_segmented_as_the_upright_one(ruled: bool) -> None:
    """Turned by 90 degrees anticlockwise: turning it clockwise sets it upright."""
    page = two_columns(5, ruled=ruled)
    upright = segment(page.image, page.lines)
    shift = np.array([0, page.image.shape[1]], dtype=np.float32)
    lying = [
        DetectedBox(order_corners(rotate_points(line.box, -90) + shift), line.score)
        for line in page.lines
    ]
    found = segment(np.ascontiguousarray(np.rot90(page.image)), lying)
    assert arranged(found) == arranged(upright)
    assert len(found.rules) == len(upright.rules)
    back = [order_corners(rotate_points(line.box - shift, 90)) for line in found.lines]
    for box, line in zip(back, upright.lines, strict=True):
        assert np.allclose(box, line.box, atol=1.5)

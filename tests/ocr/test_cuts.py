# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cuts that compete: columns first, or what is above a rule, a heading or white first."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.arrangement import arrange
from ocrd_rapid.ocr.layout.flattening import Flattening
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule

HEIGHT, PITCH = 20, 24


def line(left: float, right: float, top: float, height: float = HEIGHT) -> Points:
    bottom = top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def column(left: float, right: float, top: float, count: int, pitch: float = PITCH) -> list[Points]:
    return [line(left, right, top + i * pitch) for i in range(count)]


def columns(lefts: list[float], width: float, top: float, count: int) -> list[Points]:
    # Columns are set each by itself: their lines are at different heights.
    return [
        box
        for i, left in enumerate(lefts)
        for box in column(left, left + width, top + 5 * i, count)
    ]


def rule(left: float, right: float, y: float, down: float = 0.0) -> PrintedRule:
    return PrintedRule((left, y), (right, y + down))


def order(boxes: list[Points], *rules: PrintedRule) -> list[int]:
    return [i for region in arrange(boxes, rules) for i in region.lines]


def in_order(boxes: list[Points]) -> list[int]:
    return list(range(len(boxes)))


LEFTS = [100.0, 400.0, 700.0]
NEWS = columns(LEFTS, 280, 100, 30)
FEUILLETON = columns(LEFTS, 280, 100 + 31 * PITCH + 6, 12)
FOOT = 100 + 30 * PITCH + 8


@pytest.mark.parametrize("bend", [0.0, 6.0, -6.0])
def test_a_rule_in_pieces_that_are_bent_parts_news_and_feuilleton(bend: float) -> None:
    pieces = [rule(left + 5, left + 275, FOOT + bend * i, bend) for i, left in enumerate(LEFTS)]
    assert order(NEWS + FEUILLETON, *pieces) == in_order(NEWS + FEUILLETON)


def test_a_rule_in_one_column_parts_nothing() -> None:
    page = NEWS[:30] + FEUILLETON[:12] + columns(LEFTS[1:], 280, 105, 44)
    assert order(page, rule(105, 375, FOOT)) == in_order(page)


def foot_page(*, goes_on: bool) -> list[Points]:
    above = [*column(100, 380, 100, 29), line(100, 380 if goes_on else 200, 100 + 29 * PITCH)]
    foot = [*column(100, 380, 100 + 31 * PITCH, 11), line(100, 250, 100 + 42 * PITCH)]
    others = columns(LEFTS[1:], 280, 105, 43)
    return [*above, *others, *foot] if goes_on else [*above, *foot, *others]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_feuilleton_under_the_first_column_is_last_if_what_is_above_goes_on(
    *, goes_on: bool
) -> None:
    page = foot_page(goes_on=goes_on)
    assert order(page, rule(105, 375, FOOT)) == in_order(page)


def test_a_vertical_rule_that_goes_on_keeps_columns_whole() -> None:
    page = [*column(100, 380, 100, 20), *column(100, 380, 620, 20)]
    page += [*column(400, 680, 100, 20), *column(400, 680, 620, 20)]
    between = PrintedRule((390, 90), (390, 1110))
    assert order(page, between) == in_order(page)


def test_advertisements_that_end_at_one_height_by_chance_are_no_cut() -> None:
    heights = [[5, 8, 5, 7, 4], [7, 4, 9, 3, 6], [6, 10, 6, 5, 2]]
    page, rules = [], []
    for left, counts in zip(LEFTS, heights, strict=True):
        top = 100.0
        for count in counts:
            page += column(left + 10, left + 270, top, count)
            top += count * PITCH + 24
            rules.append(rule(left, left + 280, top - 14))
    assert order(page, *rules) == in_order(page)


@pytest.mark.parametrize(
    ("pitch", "counts"),
    [
        (300, ["5567337", "7447547", "4565337", "6757456"]),
        # In wide gutters: the columns on one side are still part of the page.
        (316, ["8c9a", "9b86", "8bad", "79d6"]),
    ],
)
def test_many_rules_of_advertisements_level_by_chance_are_no_cut(
    pitch: int, counts: list[str]
) -> None:
    page, rules = [], []
    for number, heights in enumerate(counts):
        left, top = 100.0 + pitch * number, 100.0
        for count in heights:
            page += column(left, left + 280, top, int(count, 16))
            top += int(count, 16) * PITCH + 24
            # It reaches up to those of its neighbors, so some look like one across the gutters.
            rules.append(rule(left - 10, left + 290, top - 14))
    assert order(page, *rules) == in_order(page)


def test_a_heading_over_two_of_three_columns_parts_these() -> None:
    page = [
        *columns(LEFTS[:2], 280, 100, 12),
        line(180, 600, 100 + 13 * PITCH, 30),
        *columns(LEFTS[:2], 280, 100 + 15 * PITCH, 12),
        *column(700, 980, 104, 28),
    ]
    assert order(page) == in_order(page)


def test_lines_that_touch_across_a_gutter_are_no_heading() -> None:
    page = [*column(100, 490, 100, 30), *column(510, 900, 100, 30)]
    touching = [12, 13]
    fused = [b for i, b in enumerate(page) if i not in (42, 43)]
    for i in touching:
        fused[i] = line(100, 900, 100 + i * PITCH)
    found = [i for i in order(fused) if i not in touching]
    assert found == [i for i in range(58) if i not in touching]


def test_running_heads_of_a_double_page_are_read_with_their_pages() -> None:
    page = [
        line(100, 160, 50), *column(100, 700, 100, 30),
        line(1300, 1360, 50), *column(800, 1400, 100, 30),
    ]  # fmt: skip
    assert order(page) == in_order(page)


def test_running_heads_in_two_parts_are_read_before_the_columns() -> None:
    page = [line(100, 250, 50), line(800, 880, 50)]
    page += [*column(100, 480, 100, 30), *column(500, 880, 105, 30)]
    assert order(page) == in_order(page)


def test_titles_on_both_sides_of_a_vignette_are_read_in_rows() -> None:
    heights = [(40, 60), (120, 50), (200, 32)]
    page = [
        line(left, left + 220, top, height) for top, height in heights for left in (150.0, 750.0)
    ]
    page += [*column(100, 540, 280, 30), *column(560, 1000, 285, 30)]
    assert order(page, rule(100, 1000, 260)) == in_order(page)


def test_notes_a_letter_away_from_the_text_are_read_after_it() -> None:
    notes = [*column(930, 1060, 150, 4, 21), *column(930, 1050, 500, 5, 21)]
    page = column(100, 900, 100, 30) + notes
    found = arrange(page)
    assert [i for region in found for i in region.lines] == in_order(page)
    assert {r.kind for r in found if min(r.lines) >= 30} == {"marginalia"}


def bent(points: Points, curl: float, lean: float) -> Points:
    x, y = points[:, 0] - 500, points[:, 1] - 500
    return np.stack([x + 500 + lean * y, y + 500 + curl * x**2], axis=1).astype(np.float32)


@pytest.mark.parametrize(("curl", "lean"), [(1e-4, 0.0), (-1e-4, 0.0), (0.0, 0.027), (0.0, -0.027)])
def test_a_bent_page_is_flattened(curl: float, lean: float) -> None:
    page = columns(LEFTS, 280, 100, 40)
    warped = [bent(box, curl, lean) for box in page]
    flat = Flattening.of(warped).flat_boxes(warped)
    for number in range(3):
        left = flat[number * 40 : number * 40 + 40, 0, 0]
        assert np.ptp(left) < 0.5 * HEIGHT
    tops = [flat[40 * number, :2, 1].mean() - 5 * number for number in range(3)]
    assert np.ptp(tops) < 0.5 * HEIGHT
    assert order(warped) == in_order(page)


def test_a_straight_page_stays_as_it_is() -> None:
    page = columns(LEFTS, 280, 100, 40)
    assert np.array_equal(Flattening.of(page).flat_boxes(page), np.array(page))


def test_letters_above_the_entries_of_an_index_do_not_span_the_gutter() -> None:
    page = []
    for left in (100.0, 400.0):
        for part in range(4):
            top = 100 + 200 * part
            page += [line(left - 2, left + 9, top), *column(left, left + 283, top + PITCH, 6)]
    assert order(page) == in_order(page)


@pytest.mark.parametrize("shift", [-8.0, 0.0, 8.0])
def test_a_page_number_in_the_gutter_follows_both_columns(shift: float) -> None:
    page = [*column(100, 480, 100, 20), *column(520, 900, 100, 19)]
    page.append(line(485 + shift, 512 + shift, 100 + 20 * PITCH + 30))
    assert order(page) == in_order(page)


def test_three_rows_in_two_columns_below_a_heading_are_columns() -> None:
    page = [
        line(100, 700, 100, 50),
        *column(100, 480, 190, 3),
        *column(530, 900, 190, 3),
    ]
    assert order(page) == in_order(page)

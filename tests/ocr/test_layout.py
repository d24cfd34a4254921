# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which lines belong together, and in which order they are read."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.ocr.geometry import Points, order_corners, rotate_points
from ocrd_rapid.ocr.layout.arrangement import arrange
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule

HEIGHT, PITCH = 20, 30


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def line(left: float, right: float, top: float) -> Points:
    return box(left, top, right, top + HEIGHT)


def column(left: float, right: float, top: float, count: int) -> list[Points]:
    """Return justified lines, one below the other; the last one is short."""
    lines = [line(left, right, top + i * PITCH) for i in range(count)]
    lines[-1] = line(left, left + (right - left) / 3, top + (count - 1) * PITCH)
    return lines


def parts(boxes: list[Points], rules: Sequence[PrintedRule] = ()) -> list[tuple[int, ...]]:
    return [region.lines for region in arrange(boxes, rules)]


def order(boxes: list[Points]) -> list[int]:
    return [i for region in parts(boxes) for i in region]


def order_of_shuffled(boxes: list[Points], seed: int = 0) -> list[int]:
    """Return the order of boxes by their number, though they are given in any order."""
    numbers = list(range(len(boxes)))
    random.Random(seed).shuffle(numbers)
    return [numbers[i] for i in order([boxes[n] for n in numbers])]


def in_order(boxes: list[Points]) -> list[int]:
    return list(range(len(boxes)))


def two_columns(gap: float = 40, count: int = 12) -> list[Points]:
    """Return the lines of a page with a title, two columns and a running foot."""
    return [
        line(200, 860, 100),
        *column(100, 500 - gap / 2, 160, count),
        *column(500 + gap / 2, 900, 160, count - 2),
        line(300, 700, 160 + (count + 2) * PITCH),
    ]


coordinates = st.integers(0, 1500)
any_boxes = st.lists(
    st.builds(
        lambda x, y, w, h: box(x, y, x + w, y + h),
        coordinates,
        coordinates,
        st.integers(0, 800),
        st.integers(0, 60),
    ),
    max_size=40,
)


@given(any_boxes)
def test_every_box_is_in_exactly_one_region(boxes: list[Points]) -> None:
    regions = parts(boxes)
    assert sorted(i for region in regions for i in region) == in_order(boxes)
    assert all(regions)


@given(any_boxes, st.floats(-20, 20))
def test_no_box_of_a_crooked_page_is_lost(boxes: list[Points], tilt: float) -> None:
    found = order([order_corners(rotate_points(b, tilt)) for b in boxes])
    assert sorted(found) == in_order(boxes)


@given(any_boxes, st.integers(-500, 500), st.integers(0, 3))
def test_neither_place_nor_resolution_matters(
    boxes: list[Points], shift: int, doublings: int
) -> None:
    moved = [(b + np.float32(shift)) * np.float32(2**doublings) for b in boxes]
    assert parts(moved) == parts(boxes)


def test_without_boxes_there_are_no_regions() -> None:
    assert parts([]) == []


def test_a_single_box_is_a_region() -> None:
    assert parts([line(10, 100, 10)]) == [(0,)]


def test_boxes_in_one_place_are_all_kept() -> None:
    assert sorted(order([box(5, 5, 5, 5)] * 10)) == list(range(10))


@given(st.integers(0, 10_000))
def test_a_single_column_is_read_from_top_to_bottom(seed: int) -> None:
    page = column(100, 900, 100, 25)
    assert order_of_shuffled(page, seed) == in_order(page)


def test_lines_at_the_usual_distance_are_one_region() -> None:
    assert parts(column(100, 900, 100, 25)) == [tuple(range(25))]


def test_a_wide_gap_begins_a_new_region() -> None:
    page = [*column(100, 900, 100, 5), *column(100, 900, 100 + 5 * PITCH + 30, 4)]
    assert parts(page) == [(0, 1, 2, 3, 4), (5, 6, 7, 8)]


def test_a_slightly_wider_gap_does_not() -> None:
    page = [line(100, 900, 100 + i * PITCH + (3 if i >= 5 else 0)) for i in range(9)]
    assert parts(page) == [tuple(range(9))]


def test_the_usual_gap_is_that_of_the_text_itself() -> None:
    double_spaced = [line(100, 900, 100 + i * 60) for i in range(10)]
    assert parts(double_spaced) == [tuple(range(10))]


@pytest.mark.parametrize("gap", [200, 40, 20, 10])
def test_two_columns_are_read_one_after_the_other(gap: float) -> None:
    page = two_columns(gap)
    assert order_of_shuffled(page) == in_order(page)


def test_title_columns_and_foot_are_regions_of_their_own() -> None:
    assert parts(two_columns()) == [
        (0,), tuple(range(1, 13)), tuple(range(13, 23)), (23,),
    ]  # fmt: skip


def jittered(boxes: list[Points], rng: random.Random) -> list[Points]:
    """Return boxes moved a little to either side, as detection finds them."""
    return [b + np.array([rng.uniform(-3, 3), 0], dtype=np.float32) for b in boxes]


@pytest.mark.parametrize("gap", [10, 20, 40, 60])
def test_columns_with_uneven_ends_are_read_one_after_the_other(gap: float) -> None:
    rng = random.Random(0)
    for _ in range(20):
        page = [
            *jittered(column(100, 500 - gap / 2, 160, 30), rng),
            *jittered(column(500 + gap / 2, 900, 160, 30), rng),
        ]
        assert order_of_shuffled(page) == in_order(page)


@pytest.mark.parametrize("width", [12, 30, 80])
def test_a_page_number_below_the_gutter_is_read_last(width: int) -> None:
    rng = random.Random(0)
    for _ in range(20):
        page = [
            *jittered(column(100, 485, 160, 30), rng),
            *jittered(column(515, 900, 160, 30), rng),
            line(500 - width / 2, 500 + width / 2, 160 + 32 * PITCH),
        ]
        assert order_of_shuffled(page) == in_order(page)


@given(st.integers(0, 10_000))
def test_the_order_of_the_boxes_given_does_not_matter(seed: int) -> None:
    page = two_columns()
    assert order_of_shuffled(page, seed) == in_order(page)


@pytest.mark.parametrize("tilt", [-3, -1.5, 1.5, 3])
@pytest.mark.parametrize("gap", [20, 40])
def test_a_crooked_page_is_read_as_if_it_were_straight(tilt: float, gap: float) -> None:
    page = two_columns(gap, count=30)
    crooked = [order_corners(rotate_points(b, tilt)) for b in page]
    assert parts(crooked) == parts(page)
    assert order_of_shuffled(crooked) == in_order(page)


@pytest.mark.parametrize("tilt", [-3, 0, 3])
def test_three_columns(tilt: float) -> None:
    page = [
        *column(100, 380, 100, 20), *column(410, 690, 100, 20), *column(720, 1000, 100, 15),
    ]  # fmt: skip
    crooked = [order_corners(rotate_points(b, tilt)) for b in page]
    assert order_of_shuffled(crooked) == in_order(page)
    assert parts(crooked) == [tuple(range(20)), tuple(range(20, 40)), tuple(range(40, 55))]


def test_a_heading_between_parts_of_columns_is_read_between_them() -> None:
    page = [
        *column(100, 480, 100, 8), *column(520, 900, 100, 8),
        line(150, 850, 380),
        *column(100, 480, 440, 8), *column(520, 900, 440, 8),
    ]  # fmt: skip
    assert order_of_shuffled(page) == in_order(page)


def test_a_spanning_paragraph_comes_before_the_columns_below_it() -> None:
    page = [
        *[line(100, 900, 100 + i * PITCH) for i in range(3)],
        *column(100, 480, 220, 15), *column(520, 900, 220, 15),
    ]  # fmt: skip
    assert order_of_shuffled(page) == in_order(page)


def test_columns_with_offset_lines_are_still_columns() -> None:
    page = [*column(100, 490, 100, 12), *column(510, 900, 113, 12)]
    assert order_of_shuffled(page) == in_order(page)


def test_ragged_lines_do_not_hide_a_gutter() -> None:
    rng = random.Random(1)
    left = [line(100, rng.randint(300, 490), 100 + i * PITCH) for i in range(15)]
    right = [line(510, rng.randint(700, 900), 100 + i * PITCH) for i in range(15)]
    assert order_of_shuffled(left + right) == list(range(30))


def test_marginal_notes_are_read_apart_from_the_text() -> None:
    notes = column(60, 140, 200, 4)
    text = column(200, 900, 100, 20)
    found = parts(notes + text)
    assert (0, 1, 2, 3) in found
    assert [i for region in found for i in region if i >= 4] == list(range(4, 24))


@pytest.mark.parametrize("gap", [6, 3, 0, -2, -4])
def test_columns_of_a_newspaper_whose_boxes_touch(gap: float) -> None:
    """Detection grows boxes, so that those on both sides of a rule may even overlap."""
    page = [
        b
        for i in range(4)
        for b in column(100 + i * 300 + gap / 2, 400 + i * 300 - gap / 2, 100 + 7 * (i % 2), 40)
    ]
    assert order_of_shuffled(page) == in_order(page)


def test_a_newspaper_with_titles_over_one_column_and_over_all() -> None:
    page = [
        line(250, 850, 20),
        line(150, 350, 80), *column(100, 397, 130, 30),
        *column(403, 697, 80, 32),
        line(750, 900, 80), *column(703, 1000, 130, 30),
    ]  # fmt: skip
    assert order_of_shuffled(page) == in_order(page)


def test_boxes_in_the_same_row_are_read_from_left_to_right() -> None:
    page = [line(100, 300, 100), line(330, 600, 104), line(640, 900, 97), line(100, 900, 140)]
    assert order_of_shuffled(page) == [0, 1, 2, 3]


def test_a_line_broken_in_two_stays_in_its_place() -> None:
    page = column(100, 900, 100, 9)
    broken = [*page[:4], line(100, 480, 220), line(520, 900, 223), *page[5:]]
    assert order_of_shuffled(broken) == in_order(broken)


def test_two_rows_of_two_are_no_columns() -> None:
    page = [line(100, 300, 100), line(600, 800, 100), line(100, 300, 130), line(600, 800, 130)]
    assert order_of_shuffled(page) == [0, 1, 2, 3]


def test_short_columns_are_found_below_two_headings() -> None:
    page = [
        line(150, 850, 50), line(200, 800, 80),
        *column(100, 480, 140, 3), *column(520, 900, 140, 3),
    ]  # fmt: skip
    assert order_of_shuffled(page) == in_order(page)


def test_a_block_at_the_right_is_read_before_one_further_down_at_the_left() -> None:
    page = [*column(500, 900, 100, 6), *column(100, 400, 100 + 7 * PITCH, 6)]
    assert order_of_shuffled(page) == in_order(page)


def test_boxes_that_overlap_by_more_than_half_are_no_row_if_they_are_not_beside() -> None:
    indented = [box(200 - 20 * i, 100 + 12 * i, 900, 130 + 12 * i) for i in range(6)]
    assert order_of_shuffled(indented) == in_order(indented)


def test_blocks_below_each_other_are_no_columns() -> None:
    page = [*column(100, 400, 100, 6), *column(500, 900, 100 + 7 * PITCH, 6)]
    assert order_of_shuffled(page) == in_order(page)


def test_overlapping_lines_of_tight_print_keep_their_order() -> None:
    tight = [box(100, 100 + i * 22, 900, 130 + i * 22) for i in range(20)]
    assert order_of_shuffled(tight) == in_order(tight)


def test_small_type_between_large_lines_keeps_its_place() -> None:
    page = [
        box(100, 100, 900, 160),
        box(300, 180, 700, 195),
        box(100, 215, 900, 275),
        box(350, 290, 650, 305),
    ]
    assert order_of_shuffled(page) == in_order(page)


def horizontal(left: float, right: float, y: float) -> PrintedRule:
    return PrintedRule((left, y), (right, y))


def vertical(x: float, top: float, bottom: float) -> PrintedRule:
    return PrintedRule((x, top), (x, bottom))


def order_with(boxes: list[Points], *rules: PrintedRule) -> list[int]:
    return [i for region in arrange(boxes, rules) for i in region.lines]


def test_a_rule_across_all_columns_is_read_past_only_when_all_of_them_are() -> None:
    """The feuilleton of a newspaper: below the rule the columns begin anew."""
    page = [
        *column(100, 390, 100, 20), *column(410, 690, 100, 20), *column(710, 1000, 100, 20),
        *column(100, 390, 720, 10), *column(410, 690, 720, 10), *column(710, 1000, 720, 10),
    ]  # fmt: skip
    assert order_with(page, horizontal(95, 1005, 705)) == in_order(page)
    assert order_with(page) != in_order(page)


def test_a_rule_across_two_of_three_columns_parts_these() -> None:
    page = [
        *column(100, 390, 100, 20), *column(410, 690, 100, 20),
        *column(100, 390, 720, 10), *column(410, 690, 720, 10),
        *column(710, 1000, 100, 30),
    ]  # fmt: skip
    assert order_with(page, horizontal(95, 695, 705)) == in_order(page)


def test_a_rule_within_a_column_does_not_part_the_columns() -> None:
    page = [*column(100, 480, 100, 20), *column(520, 900, 100, 20)]
    rule = horizontal(200, 400, 100 + 10 * PITCH - 5)
    assert order_with(page, rule) == in_order(page)
    assert arrange(page, [rule])[0].lines == tuple(range(10))


def test_underlines_are_no_rule_between_bands() -> None:
    page = [*column(100, 480, 100, 20), *column(520, 900, 100, 20)]
    y = 100 + 9 * PITCH + HEIGHT - 1
    assert arrange(page, [horizontal(100, 480, y), horizontal(520, 900, y)]) == arrange(page)


def test_a_printed_rule_makes_columns_of_few_lines() -> None:
    page = [line(100, 490, 100), line(100, 490, 130), line(510, 900, 100), line(510, 900, 130)]
    assert order_with(page) == [0, 2, 1, 3]
    assert order_with(page, vertical(500, 90, 160)) == in_order(page)


def test_boxes_that_run_into_the_rule_between_them_are_columns() -> None:
    page = [*column(100, 505, 100, 20), *column(495, 900, 100, 20)]
    assert order_with(page, vertical(500, 90, 700)) == in_order(page)


def test_half_a_page_in_columns() -> None:
    page = [
        *column(100, 900, 100, 20),
        *column(100, 480, 730, 6), *column(520, 900, 730, 6),
    ]  # fmt: skip
    assert order_of_shuffled(page) == in_order(page)
    upside = [
        *column(100, 480, 100, 6), *column(520, 900, 100, 6),
        *column(100, 900, 310, 20),
    ]  # fmt: skip
    assert order_of_shuffled(upside) == in_order(upside)


def test_a_table_of_contents_is_read_row_by_row() -> None:
    rng = random.Random(2)
    page = []
    for i in range(12):
        page += [
            line(100, rng.randint(400, 700), 100 + i * PITCH),
            line(860, 900, 100 + i * PITCH),
        ]
    assert order_of_shuffled(page) == in_order(page)


def test_a_table_without_rules_is_read_row_by_row() -> None:
    page = [
        line(left, left + width, 100 + i * PITCH)
        for i in range(10)
        for left, width in ((100, 200), (400, 60), (550, 60), (700, 60))
    ]
    assert order_of_shuffled(page) == in_order(page)


def test_numbers_of_lines_stay_with_their_lines() -> None:
    page = []
    for i in range(20):
        page.append(line(100, 600 + 10 * (i % 3), 100 + i * PITCH))
        if i % 5 == 4:
            page.append(line(700, 730, 100 + i * PITCH))
    assert order_of_shuffled(page) == in_order(page)


def test_a_short_note_beside_the_text_follows_it() -> None:
    text = column(200, 900, 100, 20)
    notes = [line(950, 1080, 250), line(950, 1060, 275)]
    page = [*text, *notes]
    assert order_of_shuffled(page) == in_order(page)
    (note,) = [region for region in arrange(page) if region.kind == "marginalia"]
    assert note.lines == (20, 21)


def test_a_note_at_the_left_follows_the_text_too() -> None:
    page = [*column(300, 1000, 100, 20), *[line(100, 260, 160 + i * 26) for i in range(4)]]
    assert order_of_shuffled(page) == in_order(page)
    assert arrange(page)[-1].kind == "marginalia"


skews = st.floats(-3, 3)


@given(skews, st.integers(0, 1000))
def test_neither_skew_nor_the_order_given_matters(tilt: float, seed: int) -> None:
    check_tilted(tilt, seed)


def test_columns_do_not_fall_apart_where_their_pitch_is_that_of_blocks() -> None:
    """At some angles, rounding makes some gaps between lines a hair wider than others."""
    check_tilted(1.012813286250008, 0)


def check_tilted(tilt: float, seed: int) -> None:
    page = two_columns(40, count=30)
    rules = [vertical(500, 150, 1050), horizontal(100, 900, 140)]
    crooked = [order_corners(rotate_points(b, tilt)) for b in page]
    turned = [
        PrintedRule(*(tuple(map(float, end)) for end in rotate_points(rule.points, tilt)))
        for rule in rules
    ]
    assert arrange(crooked, turned) == arrange(page, rules)
    numbers = list(range(len(page)))
    random.Random(seed).shuffle(numbers)
    found = [numbers[i] for i in order_with([crooked[n] for n in numbers], *turned)]
    assert found == in_order(page)


any_rules = st.lists(
    st.builds(
        lambda x, y, length, upright: (
            vertical(x, y, y + length) if upright else horizontal(x, x + length, y)
        ),
        coordinates,
        coordinates,
        st.integers(0, 1500),
        st.booleans(),
    ),
    max_size=8,
)


@given(any_boxes, any_rules)
def test_rules_lose_no_box(boxes: list[Points], rules: list[PrintedRule]) -> None:
    assert sorted(order_with(boxes, *rules)) == in_order(boxes)


def section(rng: random.Random, count: int, top: float, rows: int, gap: float) -> list[Points]:
    """Return ragged columns of a page that is 900 wide, with lines broken here and there."""
    width = (900 - gap * (count - 1)) / count
    lines = []
    for i in range(count):
        left, y = 100 + i * (width + gap), top
        for _ in range(rows):
            right = left + width * rng.choice([1, 1, 1, 1, 0.4])
            if right - left > 200 and rng.random() < 0.05:
                middle = (left + right) / 2
                lines += [line(left, middle - 15, y), line(middle + 15, right, y)]
            else:
                lines.append(line(left + rng.choice([0, 0, 18]), right, y))
            y += PITCH
    return lines


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("counts", [(2, 3), (3, 2), (3, 4), (1, 2), (4, 1, 3)])
def test_sections_with_other_columns_below_headings(counts: list[int], ruled: bool) -> None:
    rng = random.Random(5)
    page: list[Points] = []
    rules: list[PrintedRule] = []
    top = 100
    for count in counts:
        page.append(line(120, 960, top))
        page += section(rng, count, top + 50, 12, 40)
        if ruled:
            width = (900 - 40 * (count - 1)) / count
            rules += [
                vertical(100 + i * (width + 40) - 20, top + 45, top + 50 + 12 * PITCH)
                for i in range(1, count)
            ]
        top += 50 + 13 * PITCH
    jittered_page = jittered(page, rng)
    numbers = in_order(page)
    rng.shuffle(numbers)
    found = [numbers[i] for i in order_with([jittered_page[n] for n in numbers], *rules)]
    assert found == in_order(page)


def step(i: int) -> float:
    return 1.2 * HEIGHT * i


def block(count: int, left: float, top: float, width: float) -> list[Points]:
    """Return lines of an address, close below each other."""
    return [line(left, left + width - 15 * (i % 3), top + step(i)) for i in range(count)]


@pytest.mark.parametrize("counts", [(4, 2), (3, 3, 3), (2, 3, 2, 2)])
def test_blocks_of_a_few_lines_side_by_side_are_read_one_by_one(counts: Sequence[int]) -> None:
    text = [line(100, 1000, 100 + step(i)) for i in range(12)]
    foot = [one for i, n in enumerate(counts) for one in block(n, 100 + 230 * i, 900, 150)]
    found = arrange([*text, *foot])
    assert [i for region in found for i in region.lines] == list(range(12 + len(foot)))
    assert [len(region.lines) for region in found][-len(counts) :] == list(counts)


def test_labels_and_amounts_in_rows_are_no_blocks() -> None:
    text = [line(100, 1000, 100 + step(i)) for i in range(12)]
    ends = [(500, 620), (940, 1000)]
    sums = [line(left, right, 900 + step(i)) for i in range(3) for left, right in ends]
    found = arrange([*text, *sums])
    assert [i for region in found for i in region.lines] == list(range(18))


def test_fields_far_apart_in_rows_are_read_row_by_row() -> None:
    widths = [(160, 230), (260, 150), (120, 290), (200, 180), (300, 120)]
    fields = [
        line(left, left + width, 100 + 2 * HEIGHT * row)
        for row, pair in enumerate(widths)
        for left, width in zip((100, 600), pair, strict=True)
    ]
    found = arrange(fields)
    assert [i for region in found for i in region.lines] == list(range(10))


def test_values_that_are_not_quite_level_with_labels_are_read_in_rows() -> None:
    widths = [(160, 230), (260, 150), (120, 290), (200, 180), (300, 120), (170, 260)]
    fields = [
        line(left, left + width, 100 + 2.4 * HEIGHT * row + (left > 100) * 0.35 * HEIGHT)
        for row, pair in enumerate(widths)
        for left, width in zip((100, 600), pair, strict=True)
    ]
    found = arrange(fields)
    assert [i for region in found for i in region.lines] == list(range(12))


def test_a_rule_right_above_a_line_parts_it_from_the_text_above() -> None:
    text = [line(x, x + 380, 100 + i * PITCH) for x in (100, 520) for i in range(20)]
    notes = [line(x, x + 380, 735 + i * PITCH) for x in (100, 520) for i in range(5)]
    rules = [PrintedRule((x, 732), (x + 300, 732)) for x in (100, 520)]
    found = arrange([*text, *notes], rules)
    assert [i for region in found for i in region.lines] == list(range(50))

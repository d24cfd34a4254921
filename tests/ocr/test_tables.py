# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables, rows of numbers, and pages that look like tables, made of boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrd_rapid.ocr.geometry import Points, rotate_box
from ocrd_rapid.ocr.layout.arrangement import CellPlace, Region, arrange, arrange_table
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule
from ocrd_rapid.ocr.layout.tables.table_outlines import table_outline

HEIGHT, STEP = 20, 30


def box(left: float, top: float, right: float) -> Points:
    corners = [(left, top), (right, top), (right, top + HEIGHT), (left, top + HEIGHT)]
    return np.array(corners, dtype=np.float32)


def across(y: float, left: float = 100, right: float = 900) -> PrintedRule:
    return PrintedRule((left, y), (right, y))


def down(x: float, top: float, bottom: float) -> PrintedRule:
    return PrintedRule((x, top), (x, bottom))


def grid(xs: Sequence[float], ys: Sequence[float]) -> list[PrintedRule]:
    return [
        *(across(y, xs[0], xs[-1]) for y in ys),
        *(down(x, ys[0], ys[-1]) for x in xs),
    ]


def text(count: int, left: float, top: float, right: float) -> list[Points]:
    return [box(left, top + i * STEP, right) for i in range(count)]


def numbers(rows: int, top: float = 300, ends: Sequence[float] = (500, 650, 800)) -> list[Points]:
    """Return rows of a label of any width, and of numbers of any width that end at one place."""
    random = np.random.default_rng(rows)
    found = []
    for row in range(rows):
        y = top + row * STEP
        found.append(box(100, y, 160 + random.integers(0, ends[0] - 320)))
        found += [box(end - random.integers(20, 50), y, end) for end in ends]
    return found


def places(regions: Sequence[Region]) -> dict[int, tuple[int, int]]:
    return {
        line: (region.cell.row, region.cell.column)
        for region in regions
        if region.cell
        for line in region.lines
    }


def order_of(regions: Sequence[Region]) -> list[int]:
    return [line for region in regions for line in region.lines]


# Tables without rules


@pytest.mark.parametrize("degrees", [0.0, 1.5, -2.0])
def test_rows_of_numbers_are_a_table_between_paragraphs(degrees: float) -> None:
    page = [*text(5, 100, 100, 900), *numbers(8, 300), *text(5, 100, 580, 900)]
    regions = arrange([rotate_box(one, degrees) for one in page])
    assert order_of(regions) == list(range(len(page)))
    assert places(regions) == {5 + i: (i // 4, i % 4) for i in range(32)}


def test_an_empty_cell_keeps_the_others_in_their_places() -> None:
    page = numbers(8)
    del page[6]
    found = places(arrange(page))
    assert (found[5], found[6]) == ((1, 1), (1, 3))


def test_a_heading_over_columns_spans_them() -> None:
    page = [box(440, 270, 500), box(600, 270, 800), *numbers(8)]
    cells = {region.lines[0]: region.cell for region in arrange(page)}
    assert cells[1] == CellPlace(0, 0, 2, 1, 2)
    assert cells[2] == CellPlace(0, 1, 0)


def test_a_table_beside_a_column_of_text_ends_where_the_text_begins() -> None:
    table = numbers(8, 300, ends=(340, 400, 460))
    column = [box(520, 100 + i * 27, 900) for i in range(20)]
    page = [*text(6, 100, 100, 460), *table, *column]
    regions = arrange(page)
    assert set(places(regions)) == set(range(6, 6 + len(table)))
    assert order_of(regions) == list(range(len(page)))


# Tables with rules


def test_cells_of_several_lines_are_those_between_the_rules() -> None:
    ys = (100, 180, 260, 340)
    page = [
        box(left + 10, y + 10 + k * STEP, left + 10 + width)
        for y in ys[:3]
        for left, count, width in ((100, 1, 70), (300, 2, 180), (600, 2, 250))
        for k in range(count)
    ]
    regions = arrange(page, grid((100, 300, 600, 900), ys))
    assert [region.cell for region in regions] == [CellPlace(0, i // 3, i % 3) for i in range(9)]
    assert [len(region.lines) for region in regions] == [1, 2, 2] * 3


def test_rules_above_and_below_and_below_the_head_show_a_table_of_words() -> None:
    words = [
        box(left, 300 + row * STEP, left + 40 + (row * 37 + left) % 90)
        for row in range(7)
        for left in (100, 350, 600)
    ]
    rules = [across(y, 95, 740) for y in (292, 326, 298 + 7 * STEP)]
    assert places(arrange(words, rules)) == {i: (i // 3, i % 3) for i in range(21)}
    assert places(arrange(words)) == {}


def test_columns_of_a_newspaper_between_rules_are_no_table() -> None:
    page = [one for left in (100, 370, 640) for one in text(24, left, 120, left + 250)]
    regions = arrange(page, grid((90, 360, 630, 900), (100, 480, 860)))
    assert places(regions) == {}
    assert sorted(order_of(regions)) == list(range(len(page)))


# What is no table


@pytest.mark.parametrize("labels", [(100, 560), (100,)])
def test_labels_with_numbers_are_read_in_rows_and_are_no_table(labels: Sequence[float]) -> None:
    random = np.random.default_rng(1)
    page = [
        one
        for left in labels
        for row in range(12)
        for one in (
            box(left, 100 + row * STEP, left + 60 + random.integers(0, 160)),
            box(left + 380 - random.integers(15, 45), 100 + row * STEP, left + 380),
        )
    ]
    regions = arrange(page)
    assert places(regions) == {}
    assert order_of(regions) == list(range(len(page)))


def test_numbers_before_the_text_are_read_before_it() -> None:
    page = [
        one
        for row in range(6)
        for one in (box(100, 100 + row * 80, 130), *text(2, 160, 100 + row * 80, 900))
    ]
    regions = arrange(page)
    assert places(regions) == {}
    assert order_of(regions) == list(range(len(page)))


def test_the_last_lines_of_paragraphs_are_no_numbers_of_the_column_before() -> None:
    beside = [box(520, 100 + i * STEP, 900 if i % 3 else 600) for i in range(16)]
    regions = arrange([*text(16, 100, 100, 480), *beside])
    assert places(regions) == {}
    assert order_of(regions) == list(range(32))


@pytest.mark.parametrize("columns", [2, 3])
def test_short_entries_in_columns_are_no_table(columns: int) -> None:
    random = np.random.default_rng(2)
    page = [
        box(100 + 300 * c, 100 + i * STEP, 100 + 300 * c + random.integers(120, 230))
        for c in range(columns)
        for i in range(20)
    ]
    regions = arrange(page)
    assert places(regions) == {}
    assert order_of(regions) == list(range(len(page)))


def test_no_table_is_looked_for_on_request() -> None:
    assert places(arrange(numbers(8), tables=False)) == {}


# A table that is known, and outlines


def test_a_known_table_has_its_places_whatever_the_order_of_its_lines() -> None:
    page = numbers(5)
    order = np.random.default_rng(3).permutation(len(page))
    found = places(arrange_table([page[i] for i in order]))
    assert found == {k: (i // 4, i % 4) for k, i in enumerate(map(int, order))}


@pytest.mark.parametrize("count", [0, 1, 6])
def test_a_single_column_has_no_places(count: int) -> None:
    assert arrange_table(text(count, 100, 100, 200)) == []


def test_the_outline_of_a_table_takes_in_the_rules_around_it() -> None:
    cells = [box(110, 110, 300), box(110, 150, 250)]
    near, far = across(100, 100, 310), across(400, 100, 310)
    outline = table_outline(cells, [near.points, far.points], 310, 500)
    assert outline.min(axis=0).tolist() == [100, 100]
    assert outline.max(axis=0).tolist() == [309, 170]


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("columns", [2, 4])
def test_an_index_of_words_as_short_as_their_numbers_is_no_table(columns: int, head: bool) -> None:
    random = np.random.default_rng(columns)
    boxes: list[Points] = []
    for left in range(100, 100 + columns * 200, 200):
        for row in range(20):
            y = 200 + row * STEP
            boxes.append(box(left, y, left + random.integers(25, 70)))
            boxes.append(box(left + 130 - random.integers(15, 35), y, left + 130))
    rules = [across(185, 100, 30 + columns * 200)] if head else []
    boxes += [box(200, 155, 300)] if head else []
    regions = arrange(boxes, rules)
    assert not any(region.cell for region in regions)
    entries = [line for line in order_of(regions) if line < columns * 40]
    assert entries == list(range(columns * 40))


def test_numbers_are_read_with_their_labels_where_some_are_one_line_with_theirs() -> None:
    random = np.random.default_rng(0)
    boxes: list[Points] = []
    for left in (100, 400):
        for row in range(20):
            y, end = 200 + row * STEP, left + 250
            if row % 3:
                boxes += [box(left, y, left + random.integers(60, 140)), box(end - 30, y, end)]
            else:
                boxes.append(box(left, y, end))
    assert order_of(arrange(boxes)) == list(range(len(boxes)))


def test_justified_words_with_wide_spaces_are_no_columns_of_numbers() -> None:
    random = np.random.default_rng(0)
    boxes: list[Points] = []
    for left in (100, 380, 660):
        for row in range(24):
            y, space = 200 + row * STEP, left + random.integers(70, 150)
            boxes += [box(left, y, space - 12), box(space + 12, y, left + 230)]
    regions = arrange(boxes)
    assert not any(region.cell for region in regions)
    assert [line // 48 for line in order_of(regions)] == [0] * 48 + [1] * 48 + [2] * 48


def text_moved(boxes: list[Points], down: float) -> list[Points]:
    return [np.add(one, (0, down), dtype=np.float32) for one in boxes]


def test_a_few_justified_lines_with_wide_spaces_are_text_as_those_above_and_below() -> None:
    above, below = text(5, 100, 300, 500), text(5, 100, 300 + 8 * STEP, 500)
    words = [
        box(left, 300 + row * STEP, right)
        for row in (5, 6, 7)
        for left, right in ((100, 170 + row), (260, 320 + row), (440 - row, 500))
    ]
    assert places(arrange([*above, *words, *below])) == {}
    # With white above and below, they are a table.
    table = text_moved(words, 100)
    apart = [*above, *table, *text_moved(below, 200)]
    assert set(places(arrange(apart))) == set(range(5, 14))


def test_the_first_rows_of_columns_below_a_dateline_between_rules_are_no_table() -> None:
    left = (112, 396, 682, 966)
    dateline = [box(112, 156, 173), box(603, 156, 740), box(1130, 156, 1231)]
    columns = [box(x, 200 + row * STEP, x + 265) for x in left[1:] for row in range(38)]
    columns += [box(204, 231, 283)]
    columns += [box(112, 260 + row * STEP, 377) for row in range(36)]
    rules = [across(y, 112, 1231) for y in (146, 186)] + [across(1350, 460, 1210)]
    rules += [down(x, 192, 1340) for x in (386, 672, 958)]
    assert places(arrange([*dateline, *columns], rules)) == {}


def test_labels_that_hide_the_beginnings_of_rules_are_in_the_table() -> None:
    cells = [
        box(left, 300 + row * 50, left + 60 + (row * 37 + left) % 50)
        for row in range(9)
        for left in (100, 320, 480, 640, 800)
    ]
    rules = [
        across(285),
        *(across(285 + row * 50, 300) for row in range(1, 9)),
        across(735, 55, 945),
    ]
    assert len(places(arrange(cells, rules))) == len(cells)


def fields(*parts: Sequence[float]) -> tuple[list[Points], list[PrintedRule]]:
    """Return rows of boxes between 100 and 900, each with a label above a value, and its rules."""
    boxes, rules = [], [across(100)]
    for row, sides in enumerate(parts):
        top = 100 + 90 * row
        every = [100.0, *sides, 900.0]
        for left in every[:-1]:
            boxes += [box(left + 10, top + 5, left + 90), box(left + 10, top + 48, left + 150)]
        rules += [across(top + 90), *(down(x, top, top + 90) for x in every)]
    return boxes, rules


@pytest.mark.parametrize(
    "parts", [[[500]], [[400, 650]], [[500], [400, 650], [500]], [[], [400, 650], []]]
)
def test_a_label_and_its_value_are_read_before_the_next_box_of_a_form(
    parts: Sequence[Sequence[float]],
) -> None:
    boxes, rules = fields(*parts)
    found = arrange(boxes, rules)
    assert order_of(found) == list(range(len(boxes)))
    beside = [region for region in found if len(region.lines) > 1]
    assert len(beside) >= sum(len(row) + 1 for row in parts if row)


def test_boxes_that_make_no_columns_are_cells_in_the_rows_that_rules_show() -> None:
    found = arrange(*fields([500], [400, 650]))
    cells = [region.cell for region in found]
    assert cells == [
        CellPlace(0, 0, 0, columns=2), CellPlace(0, 0, 2, columns=2),
        CellPlace(0, 1, 0), CellPlace(0, 1, 1, columns=2), CellPlace(0, 1, 3),
    ]  # fmt: skip

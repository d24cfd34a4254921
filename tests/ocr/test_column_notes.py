# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Notes below columns, and rules that do not go through all columns."""

from __future__ import annotations

import pytest

from ocrd_rapid.ocr.geometry import Points, order_corners
from ocrd_rapid.ocr.layout.arrangement import arrange
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule

HEIGHT, PITCH = 20, 26


def lines(
    left: float, top: float, count: int, *, width: float = 500, height: float = HEIGHT
) -> list[Points]:
    """Return lines of one width, one below the other."""
    pitch = height * PITCH / HEIGHT
    corners = [
        [[left, y], [left + width, y], [left + width, y + height], [left, y + height]]
        for y in (top + i * pitch for i in range(count))
    ]
    return [order_corners(corner) for corner in corners]


def read(boxes: list[Points], *rules: tuple[float, float, float]) -> list[int]:
    """Return the order of boxes between horizontal rules (left, right, y)."""
    printed = [PrintedRule((left, y), (right, y)) for left, right, y in rules]
    return [i for region in arrange(boxes, printed) for i in region.lines]


@pytest.mark.parametrize("width", [150, 500])
@pytest.mark.parametrize("note", [0.75, 1.0])
def test_a_note_below_the_first_column_is_not_cut_off_with_the_second(
    width: float, note: float
) -> None:
    """A heading beside the note leaves white where the rule above the note is."""
    note_lines = lines(100, 772, 5, height=HEIGHT * note)
    second = [*lines(640, 100, 25), *lines(640, 784, 4)]
    page = [*lines(100, 100, 25), *note_lines, *second]
    assert read(page, (100, 100 + width, 760)) == list(range(len(page)))


def test_rules_in_both_columns_are_above_notes_read_after_both() -> None:
    text = [*lines(100, 100, 25), *lines(640, 100, 25)]
    notes = [*lines(100, 780, 4, height=15), *lines(640, 780, 4, height=15)]
    page = [*text, *notes]
    assert read(page, (100, 600, 765), (640, 1140, 765)) == list(range(len(page)))


@pytest.mark.parametrize("counts", [(1, 2), (2, 1), (2, 2), (1, 3)])
def test_a_few_notes_stand_in_the_columns_above_them(counts: tuple[int, int]) -> None:
    text = [*lines(100, 100, 25), *lines(640, 100, 25)]
    notes = [*lines(100, 800, counts[0], height=15), *lines(640, 800, counts[1], height=15)]
    page = [*text, *notes]
    assert read(page, (100, 600, 780), (640, 1140, 780)) == list(range(len(page)))


def test_columns_begin_below_a_rule_under_a_head_in_pieces() -> None:
    """Rows as close as in newspapers; the pieces of the head are above some columns only."""
    starts = [100.0, 400.0, 700.0, 1000.0]
    head = [*lines(100, 100, 1, width=80), *lines(1200, 100, 1, width=80)]
    text = [
        box
        for number, left in enumerate(starts)
        for box in lines(left, 126 + number % 2 * 14, 30, width=280, height=23)
    ]
    page = [*head, *text]
    assert read(page, (100, 1280, 121)) == list(range(len(page)))


def test_a_rule_is_not_between_two_pieces_of_the_row_below_it() -> None:
    head = [*lines(100, 100, 1, width=80), *lines(1200, 100, 1, width=80)]
    row = [*lines(400, 128, 1, width=130, height=23), *lines(550, 122, 1, width=130, height=23)]
    text = [
        *lines(100, 126, 30, width=280, height=23),
        *row,
        *lines(400, 126 + 29.9, 29, width=280, height=23),
        *lines(700, 126, 30, width=280, height=23),
        *lines(1000, 126, 30, width=280, height=23),
    ]
    page = [*head, *text]
    assert read(page, (100, 1280, 121)) == list(range(len(page)))

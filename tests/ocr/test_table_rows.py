# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Rows of tables whose cells have several lines, made of boxes; invoices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.arrangement import Region, arrange, arrange_table
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule

HEIGHT, STEP = 20, 26


def box(left: float, top: float, right: float) -> Points:
    corners = [(left, top), (right, top), (right, top + HEIGHT), (left, top + HEIGHT)]
    return np.array(corners, dtype=np.float32)


def row(top: float, label: float, ends: Sequence[float] = (600, 750, 900)) -> list[Points]:
    """Return a label that ends at a place, and numbers that end at others."""
    return [box(100, top, label), *(box(end - 50, top, end) for end in ends)]


def across(y: float) -> PrintedRule:
    return PrintedRule((90, y), (910, y))


def rows_of(regions: Sequence[Region]) -> dict[int, int]:
    return {line: region.cell.row for region in regions if region.cell for line in region.lines}


def test_a_line_without_numbers_below_a_full_one_is_the_next_of_its_cell() -> None:
    boxes = [b for top in (300, 326, 404, 430) for b in row(top, 420)]
    second = [box(100, 352, 400), box(100, 378, 180)]
    rows = rows_of(arrange_table([*boxes, *second]))
    assert [rows[4], rows[16], rows[17], rows[8]] == [1, 1, 1, 2]


def test_a_line_without_numbers_below_a_short_one_is_a_row() -> None:
    boxes = [b for top in (300, 326, 378, 404) for b in row(top, 180 if top == 326 else 420)]
    rows = rows_of(arrange_table([*boxes, box(100, 352, 200)]))
    assert [rows[4], rows[16], rows[8]] == [1, 2, 3]


def test_sums_below_the_rules_of_a_table_are_rows_of_their_own() -> None:
    tops = (300, 340, 380, 420)
    boxes = [b for top in tops for b in row(top, 300)]
    sums = [b for top in (466, 492, 518) for b in (box(500, top, 560), box(840, top, 900))]
    regions = arrange([*boxes, *sums], [across(top - 10) for top in (*tops, 460)])
    rows = rows_of(regions)
    assert [rows[16 + i] for i in range(6)] == [4, 4, 5, 5, 6, 6]


def test_the_address_above_an_invoice_is_no_row_of_its_table() -> None:
    address = [box(100, 100 + i * STEP, 250 + 10 * i) for i in range(4)]
    details = [box(700, 100 + i * STEP, 880 - 10 * i) for i in range(3)]
    title = [box(100, 250, 260)]
    tops = (320, 360, 400, 440)
    table = [b for top in tops for b in row(top, 300)]
    boxes = [*address, *details, *title, *table]
    regions = arrange(boxes, [across(top - 10) for top in (*tops, 480)])
    assert [line for region in regions for line in region.lines] == list(range(len(boxes)))
    assert set(rows_of(regions)) == set(range(8, len(boxes)))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Reading orders of pages whose text runs from right to left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule
from ocrd_rapid.ocr.layout.right_to_left import lines_from_right, order_from_right
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion, TablePlace
from ocrd_rapid.ocr.page_order import with_judged_order
from ocrd_rapid.ocr.text_direction import is_right_to_left

HEBREW, LATIN = "בראשית ברא אלהים את השמים", "In the beginning God created"


def box(x: float, y: float, width: float = 300) -> Points:
    return np.array([(x, y), (x + width, y), (x + width, y + 20), (x, y + 20)], np.float32)


def region(text: str, *places: tuple[float, float], width: float = 300) -> ReadRegion:
    """Return a region whose lines are numbered."""
    lines = tuple(
        ReadLine(box(x, y, width), f"{text} {i}", right_to_left=is_right_to_left(text))
        for i, (x, y) in enumerate(places)
    )
    return ReadRegion(lines, "paragraph")


def columns(text: str) -> ReadPage:
    """Return a page of a heading and two columns as it is laid out before it is read."""
    heading = ReadRegion((ReadLine(box(100, 0, 450), text),), "heading")
    left, right = (region(text, *((x, 60 + 24 * i) for i in range(9))) for x in (0, 350))
    return ReadPage(650, 400, (heading, left, right), orientation=0)


def lefts(page: ReadPage) -> list[float]:
    return [float(region.lines[0].outline[0, 0]) for region in page.regions]


def test_columns_begin_at_the_side_where_lines_begin() -> None:
    assert lefts(with_judged_order(columns(LATIN))) == [100, 0, 350]
    found = with_judged_order(columns(HEBREW))
    assert lefts(found) == [100, 350, 0]
    assert all(r.order_confidence for r in found.regions[1:])


def test_a_page_that_is_read_again_keeps_its_order() -> None:
    once = with_judged_order(columns(HEBREW))
    assert with_judged_order(once) == once


def test_rules_are_mirrored_with_the_lines() -> None:
    """All above the rule is read first: in all columns."""
    parts = [[box(x, y + 24 * i) for i in range(8)] for x in (0, 350, 700) for y in (0, 232)]
    assert order_from_right(parts, []) == [4, 5, 2, 3, 0, 1]
    rule = PrintedRule((0, 212), (1000, 212))
    assert order_from_right(parts, [rule]) == [4, 2, 0, 5, 3, 1]


def test_lines_side_by_side_begin_at_the_right() -> None:
    boxes = [box(0, 0, 100), box(150, 2, 100), box(300, 0, 100), box(0, 30), box(0, 60)]
    assert lines_from_right(boxes) == [2, 1, 0, 3, 4]
    assert lines_from_right([boxes[i] for i in (2, 1, 0, 3, 4)]) == [0, 1, 2, 3, 4]
    assert lines_from_right([]) == []


def test_lines_of_a_region_side_by_side() -> None:
    parts = [(0.0, 0.0), (180.0, 0.0), (0.0, 24.0)]
    for text, expected in ((HEBREW, [180, 0, 0]), (LATIN, [0, 180, 0])):
        page = ReadPage(650, 400, (region(text, *parts, width=160),), orientation=0)
        (found,) = with_judged_order(page).regions
        assert [float(line.outline[0, 0]) for line in found.lines] == expected


def test_the_first_column_of_a_table_is_the_rightmost() -> None:
    cells = tuple(
        replace(region(HEBREW, (200 * x, 40 * y), width=150), place=TablePlace("t", y, x))
        for y in range(2)
        for x in range(3)
    )
    found = with_judged_order(ReadPage(650, 400, cells, orientation=0)).regions
    places = [(r.place.row, r.place.column) for r in found if r.place]
    assert places == [(row, column) for row in range(2) for column in range(3)]
    assert [float(r.lines[0].outline[0, 0]) for r in found] == [400, 200, 0] * 2

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Paragraphs, headings, notes, page numbers: what a person would draw, and call it."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.arrangement import Region, arrange
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule

HEIGHT, PITCH = 20, 30


def line(left: float, right: float, top: float, height: float = HEIGHT) -> Points:
    corners = [[left, top], [right, top], [right, top + height], [left, top + height]]
    return np.array(corners, np.float32)


def paragraph(
    top: float, count: int, *, indent: float = 40, left: float = 100, right: float = 900
) -> list[Points]:
    """Return lines of which the first is indented and the last is short."""
    lines = [line(left, right, top + i * PITCH) for i in range(count)]
    lines[0] = line(left + indent, right, top)
    lines[-1] = line(left, left + (right - left) * 0.4, top + (count - 1) * PITCH)
    return lines


def lines_of(regions: list[Region]) -> list[tuple[int, ...]]:
    return [region.lines for region in regions]


def kinds_of(regions: list[Region]) -> list[str | None]:
    return [region.kind for region in regions]


def test_indentation_begins_a_paragraph() -> None:
    page = [*paragraph(100, 5), *paragraph(100 + 5 * PITCH, 4), *paragraph(100 + 9 * PITCH, 6)]
    regions = arrange(page)
    assert lines_of(regions) == [tuple(range(5)), tuple(range(5, 9)), tuple(range(9, 15))]
    assert kinds_of(regions) == ["paragraph"] * 3


def test_where_a_line_stands_out_a_hanging_paragraph_begins() -> None:
    page = [line(100 if i % 4 == 0 else 140, 900, 100 + i * PITCH) for i in range(12)]
    assert lines_of(arrange(page)) == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11)]


def test_verse_is_not_cut_line_by_line() -> None:
    page = [line(100 + 40 * (i % 2), 600, 100 + i * PITCH) for i in range(12)]
    assert lines_of(arrange(page)) == [tuple(range(12))]


def test_a_quotation_indented_as_a_whole_is_cut_once() -> None:
    page = [line(140 if 4 <= i < 9 else 100, 900, 100 + i * PITCH) for i in range(14)]
    assert lines_of(arrange(page))[0] == (0, 1, 2, 3)


def test_paragraphs_of_a_curved_page() -> None:
    """The margin moves by more than an indentation from top to bottom."""
    page = [line(100 + i + (30 if i % 6 == 0 else 0), 900 + i, 100 + i * PITCH) for i in range(24)]
    assert lines_of(arrange(page)) == [tuple(range(i, i + 6)) for i in range(0, 24, 6)]


def test_a_centred_heading_is_a_region() -> None:
    page = [*paragraph(100, 6), line(400, 610, 280), *paragraph(310, 6)]
    regions = arrange(page)
    assert lines_of(regions) == [tuple(range(6)), (6,), tuple(range(7, 13))]
    assert kinds_of(regions) == ["paragraph", "heading", "paragraph"]


def test_large_letters_are_a_heading() -> None:
    page = [line(100, 700, 50, 40), *[line(100, 900, 96 + i * PITCH) for i in range(10)]]
    regions = arrange(page)
    assert lines_of(regions) == [(0,), tuple(range(1, 11))]
    assert kinds_of(regions) == ["heading", "paragraph"]


def test_an_indented_first_line_of_ragged_text_is_no_heading() -> None:
    page = [line(160, 840, 100), *[line(100, 900, 130 + i * PITCH) for i in range(8)]]
    assert kinds_of(arrange(page)) == ["paragraph"]


@pytest.mark.parametrize("left", [100, 480, 860])
def test_a_page_number_above_the_text(left: float) -> None:
    page = [line(left, left + 40, 60), *[line(100, 900, 120 + i * PITCH) for i in range(20)]]
    assert kinds_of(arrange(page)) == ["page-number", "paragraph"]


def test_a_page_number_below_the_text() -> None:
    page = [*[line(100, 900, 100 + i * PITCH) for i in range(20)], line(480, 520, 740)]
    assert kinds_of(arrange(page)) == ["paragraph", "page-number"]


def test_what_is_beside_the_page_number_is_the_header() -> None:
    page = [
        line(100, 130, 60), line(300, 700, 60),
        *[line(100, 900, 120 + i * PITCH) for i in range(20)],
    ]  # fmt: skip
    regions = arrange(page)
    assert lines_of(regions)[:2] == [(0,), (1,)]
    assert kinds_of(regions) == ["page-number", "header", "paragraph"]


def test_a_header_close_to_the_text() -> None:
    page = [
        line(100, 130, 90), line(300, 700, 90),
        *[line(100, 900, 120 + i * PITCH) for i in range(20)],
    ]  # fmt: skip
    assert kinds_of(arrange(page)) == ["page-number", "header", "paragraph"]


def test_a_line_far_below_the_text_is_a_footer() -> None:
    page = [*[line(100, 900, 100 + i * PITCH) for i in range(20)], line(600, 900, 900)]
    assert kinds_of(arrange(page)) == ["paragraph", "footer"]


def test_small_print_at_the_foot_is_a_footnote() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(20)]
    notes = [line(100, 900, 710 + i * 22, 16) for i in range(4)]
    regions = arrange([*text, *notes])
    assert lines_of(regions) == [tuple(range(20)), tuple(range(20, 24))]
    assert kinds_of(regions) == ["paragraph", "footnote"]


def test_small_print_directly_below_the_text_is_a_footnote() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(20)]
    notes = [line(100, 900, 700 + i * 22, 16) for i in range(4)]
    assert kinds_of(arrange([*text, *notes])) == ["paragraph", "footnote"]


def test_what_is_below_a_short_rule_is_a_footnote_and_so_is_what_follows() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(20)]
    notes = [
        *[line(100, 900, 740 + i * PITCH, 19) for i in range(3)],
        *[line(100, 900, 870 + i * PITCH, 20) for i in range(3)],
    ]
    regions = arrange([*text, *notes], [PrintedRule((100, 715), (300, 715))])
    assert kinds_of(regions) == ["paragraph", "footnote", "footnote"]


def test_a_rule_separates_regions() -> None:
    page = [line(100, 900, 100 + i * PITCH) for i in range(10)]
    rule = PrintedRule((300, 245), (700, 245))
    assert lines_of(arrange(page, [rule])) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]


def test_pieces_of_a_single_row_are_regions() -> None:
    page = [
        line(100, 250, 60), line(450, 550, 60), line(750, 900, 60),
        *[line(100, 900, 150 + i * PITCH) for i in range(10)],
    ]  # fmt: skip
    assert lines_of(arrange(page))[:3] == [(0,), (1,), (2,)]


def test_a_single_line_has_no_evident_kind_but_paragraph() -> None:
    assert kinds_of(arrange([line(100, 900, 100)])) == ["paragraph"]

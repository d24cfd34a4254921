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


def verse(top: float, count: int, indent: float) -> list[Points]:
    """Return verses that end where they like, every second one indented."""
    ends = (530, 610, 560, 640, 500, 590, 620, 540)
    return [
        line(100 + indent * (i % 2), ends[i % 8], top + i * PITCH) for i in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [0, 20, 40])
def test_verse_is_not_cut_line_by_line(indent: float) -> None:
    assert lines_of(arrange(verse(100, 12, indent))) == [tuple(range(12))]


def test_stanzas_are_regions() -> None:
    page = [*verse(100, 4, 40), *verse(250, 4, 40), *verse(400, 4, 40)]
    assert lines_of(arrange(page)) == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11)]


def test_entries_of_two_rows_are_not_verse() -> None:
    """A catalog: rows that go on are full, last rows end anywhere."""
    page, top, expected = [], 100, []
    for i in range(8):
        rows = paragraph(top, 2 + i % 2, indent=20)
        expected.append(tuple(range(len(page), len(page) + len(rows))))
        page += rows
        top += len(rows) * PITCH
    assert lines_of(arrange(page)) == expected


def test_paragraphs_of_one_row() -> None:
    """A dialogue: each speech is indented and ends anywhere."""
    page = [
        *paragraph(100, 4),
        *[line(140, end, 220 + i * PITCH) for i, end in enumerate((500, 350, 700))],
        *paragraph(310, 5),
    ]
    assert lines_of(arrange(page)) == [(0, 1, 2, 3), (4,), (5,), (6,), (7, 8, 9, 10, 11)]


def test_a_list_with_hanging_entries_in_text_with_indentations() -> None:
    entry = [line(140, 900, 0), line(170, 900, PITCH), line(170, 420, 2 * PITCH)]
    entries = [np.add(box, (0, 220 + 3 * PITCH * i)) for i in range(3) for box in entry]
    page = [*paragraph(100, 4), *entries, *paragraph(490, 5)]
    assert lines_of(arrange(page)) == [
        (0, 1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12), (13, 14, 15, 16, 17),
    ]  # fmt: skip


def test_a_little_white_between_paragraphs_without_indentation() -> None:
    """White of a third of a line, regular within the paragraphs; last rows may be full."""
    page = [line(100, 900, 100 + i * PITCH + 7 * (i // 4)) for i in range(16)]
    assert lines_of(arrange(page)) == [tuple(range(i, i + 4)) for i in range(0, 16, 4)]


def test_a_short_row_ends_a_paragraph_of_justified_text() -> None:
    page = [line(100, 400 if i == 4 else 900, 100 + i * PITCH) for i in range(12)]
    assert lines_of(arrange(page)) == [tuple(range(5)), tuple(range(5, 12))]


def test_a_short_row_of_ragged_text_ends_nothing() -> None:
    ends = (880, 840, 900, 820, 860, 790, 890, 850)
    page = [line(100, ends[i % 8], 100 + i * PITCH) for i in range(16)]
    assert lines_of(arrange(page)) == [tuple(range(16))]


def test_a_speck_at_the_margin_begins_no_paragraph() -> None:
    page = [line(70 if i == 5 else 100, 900, 100 + i * PITCH) for i in range(12)]
    assert lines_of(arrange(page)) == [tuple(range(12))]


def test_an_address_is_one_region() -> None:
    page = [line(100, end, 100 + i * PITCH) for i, end in enumerate((260, 480, 390, 310))]
    assert lines_of(arrange(page)) == [(0, 1, 2, 3)]


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
    ends = (830, 870, 900, 850, 810, 890, 860, 840)
    page = [line(160, 840, 100), *[line(100, ends[i], 130 + i * PITCH) for i in range(8)]]
    assert kinds_of(arrange(page)) == ["paragraph"]


def test_rows_in_the_middle_are_one_heading() -> None:
    page = [
        *paragraph(100, 6),
        line(160, 840, 280), line(250, 750, 310), line(450, 550, 340),
        *paragraph(370, 6),
    ]  # fmt: skip
    regions = arrange(page)
    assert lines_of(regions) == [tuple(range(6)), (6, 7, 8), tuple(range(9, 15))]
    assert kinds_of(regions) == ["paragraph", "heading", "paragraph"]


def test_a_row_set_off_from_the_text_above_it_is_a_heading() -> None:
    page = [*paragraph(100, 6), line(100, 500, 310), *paragraph(345, 6)]
    assert kinds_of(arrange(page)) == ["paragraph", "heading", "paragraph"]


def test_small_rows_below_a_picture_are_its_caption() -> None:
    page = [
        *paragraph(100, 6),
        line(100, 700, 480, 17), line(100, 500, 505, 17),
        *paragraph(570, 8),
    ]  # fmt: skip
    assert kinds_of(arrange(page)) == ["paragraph", "caption", "paragraph"]


def test_small_print_above_text_is_no_footnote() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(10)]
    small = [line(100, 900, 420 + i * 22, 16) for i in range(3)]
    below = [line(100, 900, 520 + i * PITCH) for i in range(6)]
    assert "footnote" not in kinds_of(arrange([*text, *small, *below]))


@pytest.mark.parametrize(("left", "kind"), [(830, "catch-word"), (480, "signature-mark")])
def test_below_the_text_where_the_page_number_is_above_it(left: float, kind: str) -> None:
    page = [
        line(860, 900, 40),
        *[line(100, 900, 100 + i * PITCH) for i in range(20)],
        line(left, left + 70, 720),
    ]
    assert kinds_of(arrange(page)) == ["page-number", "paragraph", kind]


def test_of_two_numbers_in_a_row_the_outer_one_is_the_page_number() -> None:
    page = [
        line(470, 530, 40), line(860, 900, 40),
        *[line(100, 900, 100 + i * PITCH) for i in range(20)],
    ]  # fmt: skip
    assert kinds_of(arrange(page)) == ["header", "page-number", "paragraph"]


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


def test_small_print_at_the_foot_of_three_columns_is_no_footnote() -> None:
    page, rules = [], []
    for left in (100, 500, 900):
        page += [line(left, left + 350, 100 + i * PITCH) for i in range(20)]
        page += [line(left, left + 350, 730 + i * 24, 17) for i in range(4)]
    assert "footnote" not in kinds_of(arrange(page, rules))


def test_small_print_below_short_rules_in_three_columns_is_a_footnote() -> None:
    page, rules = [], []
    for left in (100, 500, 900):
        page += [line(left, left + 350, 100 + i * PITCH) for i in range(20)]
        page += [line(left, left + 350, 730 + i * 24, 17) for i in range(4)]
        rules.append(PrintedRule((left, 708), (left + 100, 708)))
    assert kinds_of(arrange(page, rules)).count("footnote") == 3


def test_small_print_in_columns_far_below_the_text_is_a_footer() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(20)]
    foot = [line(left, left + 150, 1000 + i * 22, 14) for i in range(3) for left in (100, 400, 700)]
    kinds = kinds_of(arrange([*text, *foot, line(100, 250, 1066, 14)]))
    assert kinds[0] == "paragraph"
    assert set(kinds[1:]) == {"footer"}


def test_a_salutation_with_white_above_and_below_is_no_heading() -> None:
    page = [line(100, 600, 100 + i * PITCH) for i in range(4)]
    page += [line(100, 260, 300), *paragraph(350, 6, indent=0), *paragraph(550, 6, indent=0)]
    assert "heading" not in kinds_of(arrange(page))


def test_each_page_of_a_double_page_has_its_number() -> None:
    page = [line(100, 140, 40), line(300, 600, 40), line(1300, 1600, 40), line(1760, 1800, 40)]
    for left in (100, 1000):
        page += [line(left, left + 800, 100 + i * PITCH) for i in range(20)]
    regions = arrange(page)
    kinds = {region.lines[0]: region.kind for region in regions}
    assert [kinds[i] for i in range(4)] == ["page-number", "header", "header", "page-number"]


def test_a_page_number_above_a_list_of_numbers_is_none_of_them() -> None:
    page = [line(300, 600, 40), line(860, 900, 40), *paragraph(110, 3)]
    for i in range(8):
        page += [line(100, 500 + 20 * (i % 3), 230 + i * PITCH), line(850, 900, 230 + i * PITCH)]
    kinds = {region.lines: region.kind for region in arrange(page, tables=False)}
    assert kinds[(1,)] == "page-number"
    assert kinds[(0,)] == "header"


@pytest.mark.parametrize("left", [100, 400])
def test_a_row_right_above_a_table_is_its_caption(left: float) -> None:
    caption = line(left, left + 200, 270)
    cells = [
        line(x, x + width, 310 + i * PITCH)
        for i in range(6)
        for x, width in ((100, 150), (400, 60), (600, 60), (820, 80))
    ]
    page = [*paragraph(40, 7), caption, *cells, *paragraph(540, 8)]
    regions = arrange(page)
    assert [region.kind for region in regions if region.lines == (7,)] == ["caption"]
    assert any(region.cell for region in regions)


def test_rows_of_usual_letters_apart_from_the_text_below_a_picture_are_its_caption() -> None:
    page = [*paragraph(100, 6), line(100, 500, 500), *paragraph(545, 8)]
    assert kinds_of(arrange(page)) == ["paragraph", "caption", "paragraph"]


def test_names_of_authors_below_a_title_are_no_heading() -> None:
    page = [line(250, 750, 40, 36), line(380, 620, 84), *paragraph(134, 8)]
    assert kinds_of(arrange(page))[0] == "heading"
    assert kinds_of(arrange(page))[1] != "heading"


def test_a_title_over_narrow_columns_is_a_heading() -> None:
    columns = [line(x, x + 180, 120 + i * PITCH) for x in (100, 300, 500, 700) for i in range(12)]
    regions = arrange([line(220, 760, 40, 60), *columns])
    assert kinds_of(regions) == ["heading", *["paragraph"] * 4]


def test_number_date_and_price_below_a_title_are_a_header() -> None:
    columns = [line(x, x + 380, 160 + i * PITCH) for x in (100, 520) for i in range(12)]
    date = [line(100, 180, 115), line(420, 580, 115), line(780, 900, 115)]
    kinds = kinds_of(arrange([line(200, 800, 30, 60), *date, *columns]))
    assert kinds == ["heading", *["header"] * 3, *["paragraph"] * 2]


def with_initial(top: float, rows: int) -> list[Points]:
    """Return a paragraph of eight lines after a letter as high as some of them."""
    letter = line(100, 100 + rows * 25, top, (rows - 1) * PITCH + HEIGHT)
    return [
        *[line(110 + rows * 25 if i < rows else 100, 900, top + i * PITCH) for i in range(8)],
        letter,
    ]


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_an_initial_letter_comes_before_its_text(rows: int) -> None:
    regions = arrange(with_initial(100, rows))
    assert lines_of(regions) == [(8,), tuple(range(8))]
    assert kinds_of(regions) == ["drop-capital", "paragraph"]


def test_text_around_an_initial_letter_begins_a_region() -> None:
    page = [line(100, 900, 100 + i * PITCH) for i in range(6)]
    regions = arrange([*page, *with_initial(100 + 6 * PITCH, 3)])
    assert lines_of(regions) == [tuple(range(6)), (14,), tuple(range(6, 14))]


def test_a_large_letter_without_text_around_it_is_no_initial() -> None:
    beside = [line(170, 900, 100 + i * PITCH) for i in range(8)]
    assert "drop-capital" not in kinds_of(arrange([line(100, 150, 100, 50), *beside]))


def test_small_blocks_side_by_side_far_below_the_text_are_footers() -> None:
    text = [line(100, 900, 100 + i * PITCH) for i in range(20)]
    blocks = [line(x, x + 150, 900 + i * 20, 15) for x in (100, 420, 740) for i in range(3)]
    assert kinds_of(arrange([*text, *blocks])) == ["paragraph", *["footer"] * 3]

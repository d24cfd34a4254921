# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How sure the order of regions is, and a better one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.layout.order.region_evidence import OrderedPart
from ocrd_rapid.ocr.layout.order.region_order import judged_order
from ocrd_rapid.ocr.layout.order.separators import (
    rule_of_outline,
    separating_rules,
    separator_outline,
)
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion, TablePlace
from ocrd_rapid.ocr.page_order import PagePiece, order_pieces, with_judged_order

LINE, WIDTH = 20, 300

#: A column of running text, a region each: paragraphs that end in the middle of a line.
COLUMN = (
    ("Der Rat trat am Morgen zusammen", "und beriet über den Bau der", "neuen Brücke."),
    ("Die Kosten sind hoch, doch hat", "sich die Mehrheit dafür aus-"),
)
NEXT = (
    (
        "gesprochen, sie aus den Mitteln",
        "des laufenden Jahres zu decken",
        "und bald zu beginnen.",
    ),
    ("Danach wurde die Sitzung", "geschlossen."),
)


def box(x: float, y: float, width: float = WIDTH) -> Points:
    return np.array([(x, y), (x + width, y), (x + width, y + LINE), (x, y + LINE)], np.float32)


def column(x: float, y: float, texts: Sequence[Sequence[str]]) -> list[OrderedPart]:
    """Return regions below each other; the last line of one that ends a sentence is short."""
    parts = []
    for lines in texts:
        boxes = []
        for number, line in enumerate(lines):
            short = number and line.endswith(".")
            boxes.append(box(x, y, WIDTH / 2 if short else WIDTH))
            y += LINE + 4
        parts.append(OrderedPart(boxes, lines, "paragraph"))
    return parts


def two_columns() -> list[OrderedPart]:
    return [*column(0, 0, COLUMN), *column(340, 0, NEXT)]


def shuffled(parts: Sequence[OrderedPart], order: Sequence[int]) -> list[int]:
    """Return the indices of the parts in the order that is found from another one."""
    found = judged_order([parts[i] for i in order], change=True).order
    return [order[i] for i in found]


def test_right_order_stays() -> None:
    assert judged_order(two_columns(), change=True).order == (0, 1, 2, 3)


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (2, 3, 0, 1)])
def test_columns_read_in_the_wrong_order(order: Sequence[int]) -> None:
    assert shuffled(two_columns(), order) == [0, 1, 2, 3]


def test_confidences() -> None:
    found = judged_order(two_columns())
    assert len(found.junctions) == 3
    assert all(0 < sure < 1 for sure in found.junctions)
    assert found.confidence == pytest.approx(sum(found.junctions) / 3)


def test_text_makes_an_order_surer() -> None:
    read = judged_order(two_columns())
    unread = judged_order([part._replace(texts=()) for part in two_columns()])
    assert read.order == unread.order
    assert read.junctions[1] > unread.junctions[1]


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_one_region_and_none(degrees: int) -> None:
    assert with_judged_order(ReadPage(100, 100)).regions == ()
    region = ReadRegion((ReadLine(box(0, 0), "Text"),), orientation=degrees)
    page = with_judged_order(ReadPage(100, 100, (region,), orientation=degrees))
    assert page.regions == (region,)
    assert page.order_confidence is None


def test_text_from_right_to_left() -> None:
    arabic = ("هذا نص عربي طويل", "يبدأ من اليمين.")
    parts = [*column(340, 0, [arabic, arabic]), *column(0, 0, [arabic, arabic])]
    assert shuffled(parts, (0, 2, 1, 3)) == [0, 1, 2, 3]


def read_page(parts: Sequence[OrderedPart]) -> ReadPage:
    regions = (
        ReadRegion(
            tuple(ReadLine(b, t) for b, t in zip(part.boxes, part.texts, strict=True)), part.kind
        )
        for part in parts
    )
    return ReadPage(700, 400, tuple(regions), orientation=0)


def first_lines(page: ReadPage) -> list[str]:
    return [region.lines[0].text if region.lines else "" for region in page.regions]


def test_page_with_confidences() -> None:
    right = with_judged_order(read_page(two_columns()))
    wrong = with_judged_order(read_page([two_columns()[i] for i in (2, 3, 0, 1)]))
    assert first_lines(wrong) == [two_columns()[i].texts[0] for i in (2, 3, 0, 1)]
    assert wrong.regions[0].order_confidence is None
    assert all(region.order_confidence for region in wrong.regions[1:])
    assert right.order_confidence is not None and wrong.order_confidence is not None
    assert right.order_confidence > wrong.order_confidence


def piece(regions: Sequence[ReadRegion]) -> PagePiece:
    """Return regions that stay together."""
    lines = [line for region in regions for line in region.lines]
    outlines, texts = [line.outline for line in lines], [line.text for line in lines]
    return PagePiece(outlines, texts, regions[0].kind, regions[0].orientation)


def test_cells_and_notes_keep_their_places() -> None:
    one, two, three, four = read_page(two_columns()).regions
    cells = [
        ReadRegion((ReadLine(box(340, 240 + 30 * i, 60), f"{i}"),), place=TablePlace("t", i, 0))
        for i in range(3)
    ]
    up = np.array([(680, 0), (700, 0), (700, 200), (680, 200)], np.float32)
    note = ReadRegion((ReadLine(up, "am Rand"),), orientation=90)
    pieces = [piece(part) for part in ([three], [four], cells, [one], [two], [note])]
    order = order_pieces(pieces, 0, [], change=True).order
    assert sorted(order) == list(range(6))
    assert order[-1] == 5
    assert order.index(3) < order.index(0)
    page = replace(read_page([]), regions=(three, four, *cells, one, two, note))
    found = with_judged_order(page)
    assert first_lines(found) == first_lines(page)
    sure = [region.order_confidence is not None for region in found.regions]
    assert sure == [False, True, True, False, False, True, True, False]


def test_text_that_runs_down_a_page_set_upright_is_left_alone() -> None:
    regions = tuple(
        ReadRegion(
            (ReadLine(np.array([(x, 0), (x + 20, 0), (x + 20, 300), (x, 300)], np.float32)),)
        )
        for x in (0, 60, 120)
    )
    page = ReadPage(200, 400, regions, orientation=0)
    assert with_judged_order(page) == page


def test_separators() -> None:
    boxes = [box(0, 0), box(0, 60)]
    between, underline = PrintedRule((0, 40), (300, 40)), PrintedRule((10, 15), (290, 15))
    upright = PrintedRule((320, 0), (320, 80))
    assert separating_rules([between, underline, upright], boxes) == [between]
    assert separating_rules([between], []) == []


@pytest.mark.parametrize(
    "rule",
    [((0.0, 40.0), (300.0, 42.0)), ((0.0, 100.0), (300.0, 100.0)), ((5.0, 0.0), (5.0, 90.0))],
)
def test_separators_are_on_the_page_and_found_again(
    rule: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    outline = separator_outline(PrintedRule(*rule).points, 300, 100)
    assert (outline >= 0).all() and (outline <= (300, 100)).all()
    found = rule_of_outline(outline)
    assert found is not None
    assert np.abs(found.points - PrintedRule(*rule).points).max() <= 1


def test_a_frame_is_no_rule() -> None:
    assert rule_of_outline(box(0, 0, 40)) is None
    assert rule_of_outline(np.zeros((0, 2), np.float32)) is None


def test_text_goes_on_past_an_article_below_a_rule() -> None:
    """The sentence goes on in the next column, not in what a rule cuts off below it."""
    first = column(0, 0, [COLUMN[0], COLUMN[1]])
    bottom = max(float(b[2, 1]) for b in first[-1].boxes)
    heading = OrderedPart([box(100, bottom + 60, 100)], ["Feuilleton"], "heading")
    story = column(0, bottom + 100, [("Es war einmal ein Müller, der", "hatte drei Söhne.")])
    right = column(340, 0, [*NEXT, *COLUMN[:1], *COLUMN[:1]])
    rule = PrintedRule((0, bottom + 30), (300, bottom + 30))
    separator = separator_outline(rule.points, 700, 500)
    parts = [*first, *right, heading, *story]
    pieces = [piece([region]) for region in read_page(parts).regions]
    order = order_pieces(pieces, 0, [separator], change=True).order
    assert parts[order[2]].texts == NEXT[0]

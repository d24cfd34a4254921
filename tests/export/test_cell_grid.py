# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables: cells with places, with positions, and with neither."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_pages import cell, page, region, text_in

from ocrd_rapid.export.cell_grid import TextGrid, grid_of
from ocrd_rapid.ocr.geometry import rotate_points
from ocrd_rapid.ocr.page_model import NO_POINTS, ReadRegion, TablePlace


def grid(*cells: ReadRegion, right_to_left: bool = False) -> TextGrid:
    return grid_of(cells, [c.text for c in cells], right_to_left=right_to_left)


def test_cells_are_where_they_say() -> None:
    found = grid(cell("d", 7, 4), cell("a", 2, 1), cell("b", 2, 4))
    assert found.rows == [["a", "b"], ["", "d"]]


def test_spans_are_kept_unless_they_cover_another_cell() -> None:
    found = grid(cell("a", 0, 0, columns=2), cell("b", 1, 0, rows=2, columns=2), cell("c", 2, 1))
    spans = [(c.text, c.rows, c.columns) for c in found.cells]
    assert spans == [("a", 1, 2), ("b", 1, 1), ("c", 1, 1)]
    assert found.rows == [["a", ""], ["b", ""], ["", "c"]]


def test_two_cells_at_one_place_are_one() -> None:
    assert grid(cell("a", 0, 0), cell("b", 0, 0)).rows == [["a b"]]


def unplaced(text: str, x: float, y: float, **more: Any) -> ReadRegion:
    return region(None, text, x=x, y=y, place=TablePlace("t"), **more)


HEADED = [
    unplaced("Übersicht über alles und mehr", 0, 0),
    unplaced("Jahr", 0, 50), unplaced("Gulden", 103, 52), unplaced("kr.", 220, 47),
    unplaced("1788", 2, 100), unplaced("12", 130, 98),
    unplaced("1789", 1, 150), unplaced("13", 128, 151), unplaced("5 und mehr", 205, 149),
]  # fmt: skip
EXPECTED = [
    ["Übersicht über alles und mehr", "", ""],
    ["Jahr", "Gulden", "kr."],
    ["1788", "12", ""],
    ["1789", "13", "5 und mehr"],
]


def test_places_are_guessed_from_positions_where_one_is_unknown() -> None:
    assert grid(*HEADED).rows == EXPECTED
    placed = replace(HEADED[0], place=TablePlace("t", 9, 9))
    assert grid(placed, *HEADED[1:]).rows == EXPECTED


def test_positions_are_those_before_a_reader() -> None:
    turned = [
        replace(
            c,
            orientation=90,
            lines=tuple(replace(ln, outline=rotate_points(ln.outline, -90)) for ln in c.lines),
        )
        for c in HEADED
    ]
    assert grid(*turned).rows == EXPECTED


def test_the_first_column_may_be_at_the_right() -> None:
    cells = unplaced("א", 300, 0), unplaced("ב", 0, 0)
    assert grid(*cells, right_to_left=True).rows == [["א", "ב"]]


@pytest.mark.parametrize(
    "cells",
    [
        [ReadRegion(own_text=t, own_outline=NO_POINTS, place=TablePlace("t")) for t in "ab"],
        [cell("a", 0, 0), cell("b", None, 0, x=0, y=50)],
        [*(cell(t, i, i) for i, t in enumerate("a" * 50))],
    ],
    ids=["nowhere", "one unknown", "too many places"],
)
def test_else_each_cell_is_a_row(cells: list[ReadRegion]) -> None:
    assert grid(*cells).rows == [[c.text] for c in cells]


@given(
    st.lists(st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(1, 3)] * 2), min_size=1, max_size=12)
)
def test_no_text_is_lost_and_no_place_is_taken_twice(
    places: list[tuple[int, int, int, int]],
) -> None:
    cells = [
        cell(f"c{i}", row, column, rows=rows, columns=columns)
        for i, (row, column, rows, columns) in enumerate(places)
    ]
    found = grid(*cells)
    words = sorted(word for row in found.rows for text in row for word in text.split())
    assert words == sorted(c.text for c in cells)
    taken = [
        (row, column)
        for c in found.cells
        for row in range(c.row, c.row + c.rows)
        for column in range(c.column, c.column + c.columns)
    ]
    assert len(taken) == len(set(taken))
    assert all(row < found.row_count and column < found.column_count for row, column in taken)


def test_a_table_comes_once_where_it_begins() -> None:
    apart = page(
        region(None, "Davor.", y=0), cell("a", 0, 0), region(None, "Danach.", y=900),
        cell("b", 0, 1), cell("", 1, 0),
    )  # fmt: skip
    assert text_in("txt", apart, paragraphs=True) == "Davor.\n\na\tb\n\n\nDanach.\n"


def test_a_table_without_text_is_left_out() -> None:
    assert text_in("md", page(cell("", 0, 0), region(None, "a"))) == "a\n"

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-classify`` on painted pages (see ``painted_pages``)."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from painted_pages import (
    BAR_HEIGHT,
    EVERYWHERE,
    TURNS,
    UPPER,
    Image,
    box,
    classify,
    column_page,
    detect,
    letter_page,
    line,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
    turned,
)

from ocrd_rapid.workspace.page_images import alternative_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("degrees", TURNS)
def test_the_orientation_of_a_page_is_what_sets_it_upright(folder: Path, degrees: int) -> None:
    document = run(task(folder, turned(letter_page(), degrees)), detect(), classify())
    assert document.page.get("orientation") == f"{degrees}.0"


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize(
    ("page", "expected"),
    [(letter_page(), [list("abc"), list("def")]), (column_page(), [list("abcd"), list("efgh")])],
    ids=["paragraphs", "columns"],
)
def test_a_page_is_read_in_order_whichever_way_it_lies(
    folder: Path, degrees: int, page: Image, expected: list[list[str]]
) -> None:
    document = run(task(folder, turned(page, degrees)), detect(), classify(), recognize())
    assert texts(document) == expected


@pytest.mark.parametrize("degrees", TURNS)
def test_regions_are_turned_one_by_one_to_the_same_effect(folder: Path, degrees: int) -> None:
    page = task(folder, turned(letter_page(), degrees))
    document = run(page, detect(), classify("region"), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert [r.orientation for r in document.text_regions()] == [degrees, degrees]
    assert document.page.get("orientation") is None


def test_only_the_region_that_is_upside_down_is_turned_over(folder: Path) -> None:
    page = letter_page()
    page[200:360] = page[200:360][::-1, ::-1]  # the second paragraph
    document = run(task(folder, page), detect(), classify("region"), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert [r.orientation for r in document.text_regions()] == [0, 180]


def test_the_minority_does_not_turn_the_page(folder: Path) -> None:
    page = letter_page()
    paint(page, "b", 50, 70, turned=True)
    document = run(task(folder, page), detect(), classify())
    assert document.orientation == 0
    assert document.page.get("orientation") == "0.0"


@pytest.mark.parametrize(("min_confidence", "expected"), [(0.6, 180), (0.7, 0)])
def test_a_page_is_only_turned_with_enough_confidence(
    folder: Path, min_confidence: float, expected: float
) -> None:
    page = letter_page()
    for letter, y in (("a", 30), ("b", 70), ("d", 230), ("e", 270)):  # four of six
        paint(page, letter, 50, y, turned=True)
    document = run(task(folder, page), detect(), classify(min_confidence=min_confidence))
    assert document.orientation == expected


def test_the_skew_that_is_known_is_kept(folder: Path) -> None:
    page = turned(letter_page(), 180)
    body = region("r", EVERYWHERE, line("l", box(50, 400 - 30 - BAR_HEIGHT)))
    document = run(task(folder, page, body, 'orientation="3.0"'), classify())
    assert document.page.get("orientation") == "-177.0"


def test_a_page_that_is_known_to_be_turned_is_not_turned_again(folder: Path) -> None:
    page = task(folder, turned(letter_page(), 180))
    document = run(page, detect(), classify(), classify(), recognize())
    assert document.orientation == 180
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


@pytest.mark.parametrize("level", ["page", "region"])
@pytest.mark.parametrize("body", ["", region("r", UPPER), region("r", UPPER, line("l", "1,1 2,2"))])
def test_without_lines_nothing_is_said_of_the_orientation(
    folder: Path, level: str, body: str
) -> None:
    page = task(folder, letter_page(), body)
    before = page.document.to_bytes()
    assert run(page, classify(level)).to_bytes() == before


def test_turning_drops_images_that_were_turned_otherwise(folder: Path) -> None:
    page = turned(letter_page(), 180)
    cv2.imwrite(str(folder / "clean.png"), page)
    images = (
        '<AlternativeImage filename="clean.png" comments="despeckled"/>'
        '<AlternativeImage filename="clean.png" comments="rotated-180,binarized"/>'
    )
    document = run(task(folder, page, images), detect(), classify())
    assert [i.features for i in alternative_images(document.page)] == [("despeckled",)]

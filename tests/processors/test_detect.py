# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect`` on painted pages (see ``painted_pages``): the level page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from painted_pages import (
    BAR_HEIGHT,
    BAR_WIDTH,
    EVERYWHERE,
    NS,
    UPPER,
    blank_page,
    box,
    column_page,
    detect,
    letter_page,
    line,
    order,
    outlines,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
)

from ocrd_rapid.workspace.values import parse_points


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_every_bar_becomes_a_line_around_it(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    found = outlines(document.text_regions())
    assert len(found) == 6
    for (left, top, right, bottom), y in zip(found, (30, 70, 110, 230, 270, 310), strict=True):
        assert 30 <= left < 50 and 250 < right <= 270
        assert y - 16 <= top < y and y + BAR_HEIGHT < bottom <= y + BAR_HEIGHT + 16


def test_lines_are_grouped_into_regions_in_reading_order(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.reading_order() == [r.id for r in document.text_regions()]


def test_columns_are_read_one_after_the_other(folder: Path) -> None:
    document = run(task(folder, column_page()), detect(), recognize())
    assert texts(document) == [list("abcd"), list("efgh")]


def test_all_outlines_are_within_page_and_region_and_valid(folder: Path) -> None:
    page = blank_page(300, 200)
    for letter, x, y in (("a", -20 + 20, 0), ("b", 100, 60), ("c", 50, 188)):
        paint(page, letter, x, y)
    document = run(task(folder, page), detect())
    regions = document.text_regions()
    assert sum(len(r.lines) for r in regions) == 3
    for segment in [*regions, *(found for r in regions for found in r.lines)]:
        assert len(segment.polygon) >= 4
        assert segment.polygon.min() >= 0
        assert (segment.polygon.max(axis=0) <= (299, 199)).all()
    for found in regions:
        hull = found.polygon.reshape(-1, 1, 2)
        corners = [point for inner in found.lines for point in inner.polygon.tolist()]
        assert all(cv2.pointPolygonTest(hull, point, True) >= -0.01 for point in corners)


def test_lines_have_the_score_of_the_detector_and_regions_have_none(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    coords = document.page.findall(".//pc:TextLine/pc:Coords", NS)
    scores = [float(c.get("conf", "nan")) for c in coords]
    assert len(scores) == 6
    assert all(0.9 < score <= 1 for score in scores)
    assert document.page.xpath("count(pc:TextRegion/pc:Coords/@conf)", namespaces=NS) == 0


def test_all_ids_differ(folder: Path) -> None:
    document = run(task(folder, letter_page()), detect())
    found = document.root.xpath("//@id")
    assert len(found) == len(set(found)) == 1 + 2 + 6


def test_an_empty_page_gets_nothing_and_no_reading_order(folder: Path) -> None:
    document = run(task(folder, blank_page()), detect())
    assert list(document.page) == []
    assert document.reading_order() == []


def test_the_page_is_seen_without_what_is_outside_of_its_border(folder: Path) -> None:
    border = '<Border><Coords points="0,200 299,200 299,399 0,399"/></Border>'
    document = run(task(folder, letter_page(), border), detect(), recognize())
    assert texts(document) == [["d", "e", "f"]]


@pytest.mark.parametrize("degrees", [4, -7])
def test_outlines_of_a_skewed_page_are_those_of_the_original_image(
    folder: Path, degrees: float
) -> None:
    page = letter_page()
    matrix = cv2.getRotationMatrix2D((150, 200), degrees, 1)
    skewed = cv2.warpAffine(page, matrix, (300, 400), borderValue=(255, 255, 255))
    turned = task(folder, np.asarray(skewed, np.uint8), attributes=f'orientation="{degrees}"')
    document = run(turned, detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    for found, y in zip(
        [found for r in document.text_regions() for found in r.lines],
        (30, 70, 110, 230, 270, 310),
        strict=True,
    ):
        middle = matrix @ (50 + BAR_WIDTH / 2, y + BAR_HEIGHT / 2, 1)
        assert found.polygon.mean(axis=0) == pytest.approx(middle, abs=3)


def test_a_region_without_lines_gets_those_inside_of_it(folder: Path) -> None:
    body = order("r") + region("r", UPPER)
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.reading_order()[0] == "r"
    assert len(document.reading_order()) == 2
    assert document.text_regions()[0].polygon.tolist() == parse_points(UPPER).tolist()


def test_lines_of_a_given_region_are_cut_to_it(folder: Path) -> None:
    body = order("r") + region("r", "60,20 240,20 240,160 60,160")
    document = run(task(folder, letter_page(), body), detect())
    within = outlines(document.text_regions()[:1])
    assert len(within) == 3
    assert {(left, right) for left, _, right, _ in within} == {(60, 240)}


def test_new_regions_come_behind_given_ones_also_where_no_order_was(folder: Path) -> None:
    document = run(task(folder, letter_page(), region("r", UPPER)), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_region_with_lines_stays_as_it_is_and_gets_no_others(folder: Path) -> None:
    given = region(
        "r", UPPER, line("l", box(50, 30), "<TextEquiv><Unicode>x</Unicode></TextEquiv>")
    )
    document = run(task(folder, letter_page(), order("r") + given), detect())
    first, second = document.text_regions()
    assert [(x.id, x.text) for x in first.lines] == [("l", "x")]
    assert len(second.lines) == 3


@pytest.mark.parametrize("kind", ["ImageRegion", "GraphicRegion", "TableRegion", "NoiseRegion"])
def test_nothing_is_found_inside_of_regions_of_other_kinds(folder: Path, kind: str) -> None:
    body = f'<{kind} id="other"><Coords points="{UPPER}"/></{kind}>'
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["d", "e", "f"]]
    assert len(document.page.findall(f"pc:{kind}", NS)) == 1


def test_a_separator_takes_no_lines_away(folder: Path) -> None:
    body = f'<SeparatorRegion id="frame" colour="red"><Coords points="{UPPER}"/></SeparatorRegion>'
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    (separator,) = document.page.findall("pc:SeparatorRegion", NS)
    assert dict(separator.attrib) == {"id": "frame", "colour": "red"}


def test_cells_of_a_table_get_their_lines(folder: Path) -> None:
    cell = region("cell", UPPER)
    body = f'<TableRegion id="t"><Coords points="{EVERYWHERE}"/>{cell}</TableRegion>'
    document = run(task(folder, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a", "b", "c"]]


def test_lines_are_not_found_twice(folder: Path) -> None:
    page = task(folder, letter_page())
    once = run(page, detect()).to_bytes()
    assert run(page, detect()).to_bytes() == once


def test_overwriting_begins_anew(folder: Path) -> None:
    other = f'<ImageRegion id="i"><Coords points="{EVERYWHERE}"/></ImageRegion>'
    body = order("r") + region("r", UPPER, line("l", box(50, 30))) + other
    document = run(task(folder, letter_page(), body), detect(overwrite=True), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    assert document.page.find("pc:ImageRegion", NS) is None
    assert "r" not in document.reading_order()


def test_overwriting_own_output_gives_it_again(folder: Path) -> None:
    page = task(folder, letter_page())
    once = run(page, detect()).to_bytes()
    assert run(page, detect(overwrite=True)).to_bytes() == once


def test_overwriting_an_empty_page_leaves_an_empty_page(folder: Path) -> None:
    body = order("r") + region("r", UPPER, line("l", box(50, 30)))
    document = run(task(folder, blank_page(), body), detect(overwrite=True))
    assert list(document.page) == []


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_lines_of_given_regions_are_ordered_as_on_the_upright_page(
    folder: Path, quarters: int
) -> None:
    page = np.ascontiguousarray(np.rot90(letter_page(), quarters))
    height, width = page.shape[:2]
    whole = f"0,0 {width - 1},0 {width - 1},{height - 1} 0,{height - 1}"
    given = task(folder, page, region("r", whole), f'orientation="{quarters * 90}"')
    assert texts(run(given, detect(), recognize())) == [["a", "b", "c", "d", "e", "f"]]

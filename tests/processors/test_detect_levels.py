# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect`` on painted pages: what is given, and the levels region and table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from painted_pages import (
    BAR_HEIGHT,
    EVERYWHERE,
    LOWER,
    NS,
    TURNS,
    UPPER,
    Image,
    blank_page,
    box,
    detect,
    letter_page,
    line,
    number_page,
    order,
    outlines,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
    turned,
)

from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.values import parse_points

TEXT = "<TextEquiv><Unicode>x</Unicode></TextEquiv>"


def rectangle(left: int, top: int, right: int, bottom: int) -> str:
    return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


def region_ids(document: PageDocument) -> list[str]:
    return [r.id for r in document.text_regions()]


# region


def test_regions_get_the_lines_inside_of_them_and_no_region_is_added(tmp_path: Path) -> None:
    document = run(task(tmp_path, letter_page(), region("r", UPPER)), detect("region"), recognize())
    assert texts(document) == [["a", "b", "c"]]
    assert document.text_regions()[0].polygon.tolist() == parse_points(UPPER).tolist()
    assert document.reading_order() == []


def test_the_lines_of_regions_are_where_those_of_the_page_are(tmp_path: Path) -> None:
    body = order("u", "l") + region("u", UPPER) + region("l", LOWER)
    by_page = run(task(tmp_path, letter_page(), body), detect())
    by_region = run(task(tmp_path, letter_page(), body), detect("region"))
    expected = np.array(outlines(by_page.text_regions()))
    found = np.array(outlines(by_region.text_regions()))
    assert found.shape == expected.shape == (6, 4)
    assert np.abs(found - expected).max() <= 2


@pytest.mark.parametrize("overwrite", [False, True])
def test_without_text_regions_nothing_is_done_and_no_image_is_needed(
    tmp_path: Path, overwrite: bool
) -> None:
    body = f'<ImageRegion id="i"><Coords points="{EVERYWHERE}"/></ImageRegion>'
    page = task(tmp_path, letter_page(), body)
    (tmp_path / "page.png").unlink()
    before = page.document.to_bytes()
    for level in ("region", "table"):
        assert run(page, detect(level, overwrite=overwrite)).to_bytes() == before


def test_what_has_lines_is_left_alone(tmp_path: Path) -> None:
    body = order("u", "l") + region("u", UPPER, line("given", box(50, 30), TEXT))
    document = run(task(tmp_path, letter_page(), body + region("l", LOWER)), detect("region"))
    upper, lower = document.text_regions()
    assert [(x.id, x.text) for x in upper.lines] == [("given", "x")]
    assert len(lower.lines) == 3


def test_overwriting_replaces_the_lines_but_no_region(tmp_path: Path) -> None:
    others = "".join(
        f'<{kind} id="{kind}" custom="kept"><Coords points="1,1 9,1 9,9"/></{kind}>'
        for kind in ("ImageRegion", "SeparatorRegion", "TableRegion", "NoiseRegion")
    )
    given = region("u", UPPER, line("old", box(50, 30), TEXT), attributes='type="heading"')
    page = task(tmp_path, letter_page(), order("u") + given + others)
    document = run(page, detect("region", overwrite=True), recognize())
    assert texts(document) == [["a", "b", "c"]]
    assert document.root.xpath("//@id[.='old']") == []
    assert document.text_regions()[0].element.get("type") == "heading"
    assert document.page.xpath("count(pc:*[@custom='kept'])", namespaces=NS) == 4
    assert document.reading_order() == ["u"]


def test_lines_found_once_are_not_found_again(tmp_path: Path) -> None:
    page = task(tmp_path, letter_page(), region("u", UPPER) + region("l", LOWER))
    once = run(page, detect("region")).to_bytes()
    assert run(page, detect("region")).to_bytes() == once
    assert run(page, detect("region", overwrite=True)).to_bytes() == once


@pytest.mark.parametrize(
    "points", ["10,10 90,90", "10,10", "10,10 50,50 90,90", "500,9 900,9 900,99"]
)
@pytest.mark.parametrize("level", ["page", "region", "table"])
def test_a_region_without_any_area_on_the_page_gets_no_lines(
    tmp_path: Path, level: str, points: str
) -> None:
    table = f'<TableRegion id="t"><Coords points="{points}"/></TableRegion>'
    document = run(task(tmp_path, letter_page(), region("r", points) + table), detect(level))
    assert not next(r for r in document.text_regions() if r.id == "r").lines
    assert document.page.find("pc:TableRegion/pc:TextRegion", NS) is None


def test_a_region_that_reaches_beyond_the_page_gets_lines_within_it(tmp_path: Path) -> None:
    page = blank_page()
    paint(page, "a", 100, 30)  # it touches the edge of the page
    body = region("r", "20,10 420,10 420,80 20,80")
    for level in ("page", "region"):
        document = run(task(tmp_path, page, body), detect(level))
        ((left, top, right, bottom),) = outlines(document.text_regions())
        assert (80 < left < 100) and (10 < top < 30) and right == 299 and (42 < bottom < 62)


@pytest.mark.parametrize("level", ["page", "region"])
def test_lines_go_to_the_innermost_region(tmp_path: Path, level: str) -> None:
    inner = region("inner", rectangle(20, 60, 280, 92))
    outer = f'<TextRegion id="outer"><Coords points="{UPPER}"/>{inner}</TextRegion>'
    document = run(task(tmp_path, letter_page(), outer), detect(level), recognize())
    found = {r.id: [x.text for x in r.lines] for r in document.text_regions()}
    assert found["outer"] == ["a", "c"]
    assert found["inner"] == ["b"]


def test_lines_in_pictures_inside_of_regions_are_dropped(tmp_path: Path) -> None:
    picture = rectangle(20, 60, 280, 92)
    body = (
        region("r", UPPER) + f'<GraphicRegion id="g"><Coords points="{picture}"/></GraphicRegion>'
    )
    for level in ("page", "region"):
        document = run(task(tmp_path, letter_page(), body), detect(level), recognize())
        assert texts(document)[0] == ["a", "c"]


def test_a_line_in_two_regions_is_written_once(tmp_path: Path) -> None:
    body = region("large", rectangle(0, 0, 299, 130)) + region("small", rectangle(0, 60, 299, 140))
    document = run(task(tmp_path, letter_page(), body), detect("region"), recognize())
    assert texts(document) == [["a"], ["b", "c"]]


# Regions that are turned


def page_with_column(degrees: int) -> tuple[Image, str]:
    """Return a page with a b c across, and d e f in a column that must be turned to be upright.

    Also the outline of that column.
    """
    page = blank_page(600, 400)
    for letter, y in zip("abc", (30, 70, 110), strict=True):
        paint(page, letter, 40, y)
    column = turned(letter_page()[210:350], degrees)
    height, width = column.shape[:2]
    page[40 : 40 + height, 280 : 280 + width] = column
    return page, rectangle(280, 40, 279 + width, 39 + height)


@pytest.mark.parametrize("page_degrees", [None, *TURNS])
@pytest.mark.parametrize("level", ["page", "region"])
@pytest.mark.parametrize("degrees", TURNS)
def test_lines_of_a_turned_region_are_found_in_its_reading_order(
    tmp_path: Path, degrees: int, level: str, page_degrees: int | None
) -> None:
    page, column = page_with_column(degrees)
    left = region("left", rectangle(20, 10, 270, 140), attributes='orientation="0.0"')
    side = region("side", column, attributes=f'orientation="{degrees}"')
    whole = "" if page_degrees is None else f'orientation="{page_degrees}"'
    document = run(
        task(tmp_path, page, order("left", "side") + left + side, whole), detect(level), recognize()
    )
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]
    outline = parse_points(column)
    for found in document.text_regions()[1].lines:
        inside = [cv2.pointPolygonTest(outline, p, True) for p in found.polygon.tolist()]
        assert min(inside) >= -1
        width, height = np.ptp(found.polygon, axis=0)
        long, short = (height, width) if degrees % 180 else (width, height)
        assert 200 <= long <= 240 and BAR_HEIGHT <= short <= BAR_HEIGHT + 32


@pytest.mark.parametrize("level", ["page", "region"])
@pytest.mark.parametrize("quarters", [1, 3])
def test_without_orientation_vertical_lines_are_laid_out_as_if_turned_clockwise(
    tmp_path: Path, quarters: int, level: str
) -> None:
    """Two columns of a turned page: each is read to its end before the other."""
    page = blank_page(500, 220)
    for number, letter in enumerate("abcdefgh"):
        paint(page, letter, 30 + number // 4 * 240, 30 + number % 4 * 45)
    page = turned(page, quarters * 90)
    height, width = page.shape[:2]
    body = region("r", rectangle(0, 0, width - 1, height - 1))
    document = run(task(tmp_path, page, body), detect(level))
    centres = [x.polygon.mean(axis=0) for x in document.text_regions()[0].lines]
    assert len(centres) == 8
    # Turned clockwise, the lower half is the left column, and the leftmost lines its top.
    halves = [bool(y < height / 2) for _, y in centres]
    assert halves == [False] * 4 + [True] * 4
    assert [x for x, _ in centres[:4]] == sorted(x for x, _ in centres[:4])


@pytest.mark.parametrize("skew", [8.0, -11.0])
def test_a_skewed_region_is_set_straight(tmp_path: Path, skew: float) -> None:
    page = letter_page()
    matrix = cv2.getRotationMatrix2D((150, 200), skew, 1)
    tilted = np.asarray(cv2.warpAffine(page, matrix, (300, 400), borderValue=(255, 255, 255)))
    body = region("r", EVERYWHERE, attributes=f'orientation="{skew}"')
    document = run(task(tmp_path, tilted.astype(np.uint8), body), detect("region"))
    found = document.text_regions()[0].lines
    assert len(found) == 6
    for segment, y in zip(found, (30, 70, 110, 230, 270, 310), strict=True):
        middle = matrix @ (150, y + BAR_HEIGHT / 2, 1)
        assert cv2.minAreaRect(segment.polygon)[0] == pytest.approx(tuple(middle), abs=3)
        sides = sorted(cv2.minAreaRect(segment.polygon)[1])
        assert sides[0] < BAR_HEIGHT + 32  # along the line, not around its tilted box


# page, with something given


def test_a_new_region_does_not_reach_across_an_old_one(tmp_path: Path) -> None:
    body = region("r", rectangle(0, 60, 299, 100), line("l", box(50, 70)))
    document = run(task(tmp_path, letter_page(), body), detect(), recognize(overwrite=False))
    assert texts(document) == [["b"], ["a"], ["c"], ["d", "e", "f"]]
    assert document.reading_order() == region_ids(document)


def test_a_line_that_sticks_out_of_its_region_is_not_found_again(tmp_path: Path) -> None:
    body = region("r", rectangle(0, 20, 100, 50), line("l", box(50, 30)))
    document = run(task(tmp_path, letter_page(), body), detect(), recognize())
    assert texts(document) == [["a"], ["b", "c"], ["d", "e", "f"]]


def test_overwriting_removes_what_speaks_of_the_regions(tmp_path: Path) -> None:
    layers = (
        '<Layers><Layer id="y" zIndex="0"><OrderedGroup id="g"><RegionRefIndexed index="0"'
        ' regionRef="r"/></OrderedGroup></Layer></Layers>'
    )
    relations = (
        '<Relations><Relation type="link"><SourceRegionRef regionRef="r"/>'
        '<DestinationRegionRef regionRef="r"/></Relation></Relations>'
    )
    body = order("r") + layers + relations + region("r", UPPER)
    document = run(task(tmp_path, letter_page(), body), detect(overwrite=True))
    assert document.root.xpath("//@regionRef") == document.reading_order()
    assert len(document.reading_order()) == 2


def test_a_note_that_runs_down_the_margin_is_a_region_of_its_own(tmp_path: Path) -> None:
    page, _ = page_with_column(90)
    paint(page, "d", 40, 150)
    document = run(task(tmp_path, page), detect(), recognize())
    assert texts(document)[0] == ["a", "b", "c", "d"]
    rest = [x for found in document.text_regions()[1:] for x in found.lines]
    assert len(rest) == 3
    assert all(np.ptp(x.polygon[:, 1]) > np.ptp(x.polygon[:, 0]) for x in rest)


# padding


@pytest.mark.parametrize("level", ["page", "region"])
def test_padding_grows_outlines_on_all_sides(tmp_path: Path, level: str) -> None:
    body = region("r", EVERYWHERE)
    plain = outlines(run(task(tmp_path, letter_page(), body), detect(level)).text_regions())
    page = task(tmp_path, letter_page(), body)
    padded = outlines(run(page, detect(level, padding=5)).text_regions())
    difference = np.array(padded) - np.array(plain)
    assert difference.tolist() == [[-5, -5, 5, 5]] * 6


def test_padding_ends_at_the_region_and_at_the_page(tmp_path: Path) -> None:
    body = region("r", rectangle(30, 20, 270, 52))
    document = run(task(tmp_path, letter_page(), body), detect(padding=500))
    given, *new = document.text_regions()
    assert outlines([given]) == [[30, 20, 270, 52]]
    assert {tuple(x) for x in outlines(new)} == {(0, 0, 299, 399)}


# table


def table(*cells: str, points: str = EVERYWHERE, attributes: str = "") -> str:
    inside = f'<Coords points="{points}"/>{"".join(cells)}'
    return f'<TableRegion id="t" {attributes}>{inside}</TableRegion>'


def table_page(letters: str, columns: int = 3) -> Image:
    """Return a page of 460 x 200 with short bars in rows and columns; none for a blank."""
    page = blank_page(460, 200)
    for number, letter in enumerate(letters):
        if letter != " ":
            paint(page, letter, 30 + number % columns * 140, 30 + number // columns * 50, width=100)
    return page


WHOLE = rectangle(0, 0, 459, 199)


def places(document: PageDocument) -> list[tuple[str, str]]:
    roles = document.page.findall(".//pc:TextRegion/pc:Roles/pc:TableCellRole", NS)
    return [(str(r.get("rowIndex")), str(r.get("columnIndex"))) for r in roles]


def test_a_grid_of_lines_becomes_cells_with_their_places(tmp_path: Path) -> None:
    page = task(tmp_path, table_page("abcdefghi"), order("t") + table(points=WHOLE))
    document = run(page, detect("table"), recognize())
    assert texts(document) == [[letter] for letter in "abcdefghi"]
    assert places(document) == [(str(i // 3), str(i % 3)) for i in range(9)]
    assert document.reading_order() == ["t", *(f"t_cell_{i:04d}" for i in range(1, 10))]
    assert document.page.find("pc:TextRegion", NS) is None


def test_an_empty_place_of_a_table_has_no_cell(tmp_path: Path) -> None:
    page = task(tmp_path, table_page("abcd fghi"), order("t") + table(points=WHOLE))
    document = run(page, detect("table"), recognize())
    assert texts(document) == [[letter] for letter in "abcdfghi"]
    assert places(document) == [(str(i // 3), str(i % 3)) for i in range(9) if i != 4]


def test_a_table_of_one_column_becomes_groups_of_unknown_place(tmp_path: Path) -> None:
    page = task(tmp_path, table_page("abc", columns=1), order("t") + table(points=WHOLE))
    document = run(page, detect("table"), recognize())
    assert [letter for group in texts(document) for letter in group] == list("abc")
    assert places(document) == []


def test_a_page_gets_tables_with_cells_in_reading_order(tmp_path: Path) -> None:
    document = run(task(tmp_path, number_page()), detect(), recognize())
    (found,) = document.page.findall("pc:TableRegion", NS)
    cells = [c.get("id") for c in found.findall("pc:TextRegion", NS)]
    assert places(document) == [(str(i // 4), str(i % 4)) for i in range(16)]
    assert document.reading_order()[-17:] == [found.get("id"), *cells]
    assert texts(document)[-16:] == [[letter] for letter in "abcdefgh" * 2]


def test_tables_are_left_out_on_request(tmp_path: Path) -> None:
    processor = replace(detect(), find_tables=False)
    document = run(task(tmp_path, number_page()), processor, recognize())
    assert document.page.find("pc:TableRegion", NS) is None


def test_cells_that_are_there_get_lines_and_others_are_left_alone(tmp_path: Path) -> None:
    cells = (
        region("c1", rectangle(10, 10, 150, 60)),
        region("c2", rectangle(151, 10, 290, 60), line("l", box(170, 30, 100), TEXT)),
        region("c3", rectangle(291, 10, 450, 60)),
    )
    outside = region("outside", rectangle(0, 70, 459, 199))
    page = task(tmp_path, table_page("abcdefghi"), table(*cells, points=WHOLE) + outside)
    document = run(page, detect("table"), recognize(overwrite=False))
    found = {r.id: [x.text for x in r.lines] for r in document.text_regions()}
    assert found == {"c1": ["a"], "c2": ["x"], "c3": ["c"], "outside": []}


def test_overwriting_replaces_the_lines_of_cells_alone(tmp_path: Path) -> None:
    cell = region("c", rectangle(10, 10, 150, 60), line("old", box(30, 30, 100), TEXT))
    outside = region("outside", rectangle(0, 100, 459, 199), line("kept", box(30, 130, 100), TEXT))
    page = task(tmp_path, table_page("abcdefghi"), table(cell, points=WHOLE) + outside)
    document = run(page, detect("table", overwrite=True))
    found = {r.id: [x.id for x in r.lines] for r in document.text_regions()}
    assert found == {"c": ["c_line_0001"], "outside": ["kept"]}


def test_own_cells_are_not_made_again(tmp_path: Path) -> None:
    page = task(tmp_path, table_page("abcdefghi"), table(points=WHOLE))
    once = run(page, detect("table")).to_bytes()
    assert run(page, detect("table")).to_bytes() == once
    again = run(page, detect("table", overwrite=True), recognize())
    assert texts(again) == [[letter] for letter in "abcdefghi"]


@pytest.mark.parametrize("degrees", TURNS)
def test_cells_of_a_turned_table_know_how_they_are_turned(tmp_path: Path, degrees: int) -> None:
    page = turned(table_page("abcdefghi"), degrees)
    height, width = page.shape[:2]
    given = table(
        points=rectangle(0, 0, width - 1, height - 1), attributes=f'orientation="{degrees}"'
    )
    document = run(task(tmp_path, page, given), detect("table"), recognize())
    assert texts(document) == [[letter] for letter in "abcdefghi"]
    assert [r.orientation for r in document.text_regions()] == [degrees] * 9


def test_the_children_of_a_table_keep_the_order_of_the_schema(tmp_path: Path) -> None:
    image = f'<ImageRegion id="i"><Coords points="{rectangle(1, 1, 9, 9)}"/></ImageRegion>'
    page = task(tmp_path, table_page("abcdefghi"), table(image, points=WHOLE))
    document = run(page, detect("table"))
    (found,) = document.page.findall("pc:TableRegion", NS)
    names = [child.tag.rsplit("}", 1)[1] for child in found]
    assert names == ["Coords", *["TextRegion"] * 9, "ImageRegion"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            '<OrderedGroup id="ro"><RegionRefIndexed index="3" regionRef="t"/>'
            '<RegionRefIndexed index="5" regionRef="z"/></OrderedGroup>',
            ["t", "t_cell_0001", "t_cell_0002", "t_cell_0003", "t_cell_0004", "z"],
        ),
        (
            '<UnorderedGroup id="ro"><RegionRef regionRef="t"/><RegionRef regionRef="z"/>'
            "</UnorderedGroup>",
            ["t", "t_cell_0001", "t_cell_0002", "t_cell_0003", "t_cell_0004", "z"],
        ),
        (
            '<OrderedGroup id="ro"><RegionRefIndexed index="0" regionRef="z"/></OrderedGroup>',
            ["z", "t", "t_cell_0001", "t_cell_0002", "t_cell_0003", "t_cell_0004"],
        ),
        (
            '<OrderedGroup id="ro"><OrderedGroupIndexed id="g" index="0" regionRef="t">'
            '<RegionRefIndexed index="0" regionRef="z"/></OrderedGroupIndexed></OrderedGroup>',
            ["t", "z", "t_cell_0001", "t_cell_0002", "t_cell_0003", "t_cell_0004"],
        ),
    ],
    ids=["ordered", "unordered", "absent", "group"],
)
def test_cells_are_in_the_reading_order_where_their_table_is(
    tmp_path: Path, given: str, expected: list[str]
) -> None:
    body = f"<ReadingOrder>{given}</ReadingOrder>" + region(
        "z", "0,0 1,0 1,1", line("l", "0,0 1,1")
    )
    page = task(tmp_path, table_page("ab de "), body + table(points=WHOLE))
    document = run(page, detect("table"))
    assert document.reading_order() == expected
    assert places(document) == [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-classify`` on painted pages: regions, lines, and what was known before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from painted_pages import (
    BAR_WIDTH,
    EVERYWHERE,
    LOWER,
    NS,
    TURNS,
    UPPER,
    Image,
    blank_page,
    box,
    classify,
    detect,
    letter_page,
    line,
    order,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
    turned,
)

from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.processors.classify import ClassifyProcessor
from ocrd_rapid.workspace.page import PageDocument

LEVELS = ("page", "region", "line")
TEXT = "<TextEquiv><Unicode>x</Unicode></TextEquiv>"


def orientations(document: PageDocument) -> list[float | None]:
    return [found.orientation for found in document.text_regions()]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("degrees", TURNS)
def test_pages_are_read_in_order_whichever_way_they_lie_on_every_level(
    tmp_path: Path, level: str, degrees: int
) -> None:
    page = task(tmp_path, turned(letter_page(), degrees))
    document = run(page, detect(), classify(level), recognize())
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("degrees", TURNS)
def test_what_was_classified_stays_as_it_is_when_classified_again(
    tmp_path: Path, level: str, degrees: int
) -> None:
    page = task(tmp_path, turned(letter_page(), degrees))
    once = run(page, detect(), classify(level)).to_bytes()
    assert run(page, classify(level)).to_bytes() == once


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize(("first", "second"), [("page", "region"), ("region", "page")])
def test_one_level_after_the_other_agrees(
    tmp_path: Path, first: str, second: str, degrees: int
) -> None:
    page = task(tmp_path, turned(letter_page(), degrees))
    document = run(page, detect(), classify(first), classify(second), recognize())
    assert document.orientation == degrees
    assert orientations(document) == [degrees, degrees]
    assert texts(document) == [["a", "b", "c"], ["d", "e", "f"]]


# page


def test_turning_the_page_turns_regions_that_said_they_stand_as_it_does(tmp_path: Path) -> None:
    page = turned(letter_page(), 180)
    lines = [line(f"l{y}", box(50, y)) for y in (78, 118, 158, 278, 318, 358)]
    body = region("r", EVERYWHERE, *lines, attributes='orientation="2.0"')
    image = f'<ImageRegion id="i" orientation="0.0"><Coords points="{UPPER}"/></ImageRegion>'
    document = run(task(tmp_path, page, body + image), classify(), recognize())
    assert document.orientation == 180
    assert orientations(document) == [-178]
    found = document.page.find("pc:ImageRegion", NS)
    assert found is not None and found.get("orientation") == "180.0"
    assert [x.id for x in document.text_regions()[0].lines][:2] == ["l358", "l318"]


def test_regions_known_to_be_turned_against_the_page_have_no_say_and_stay(tmp_path: Path) -> None:
    page = letter_page()
    page[200:360] = page[200:360][::-1, ::-1]
    paint(page, "a", 50, 150)
    upper = region("u", UPPER, *(line(f"u{y}", box(50, y)) for y in (30, 70, 110, 150)))
    ys = (318, 278, 238)  # of d, e, f
    head_down = [line(f"l{y}", box(50, y)) for y in ys]
    lower = region("l", LOWER, *head_down, attributes='orientation="180.0"')
    body = order("u", "l") + upper + lower
    document = run(task(tmp_path, page, body), classify())
    assert document.orientation == 0
    assert orientations(document) == [None, 180]
    assert [x.id for x in document.text_regions()[1].lines] == [f"l{y}" for y in ys]


# region


def regions_page(lower: int, *, upper: int = 6) -> tuple[Image, str]:
    """Return upright bars, below them some upside down, and a region with lines for each."""
    page = blank_page(300, 400)
    ys_upper = [10 + 30 * i for i in range(upper)]
    ys_lower = [215 + 30 * i for i in range(lower)]
    for y in ys_upper:
        paint(page, "a", 50, y)
    for y in ys_lower:
        paint(page, "b", 50, y, turned=True)
    bodies = (
        region("u", UPPER, *(line(f"u{y}", box(50, y)) for y in ys_upper)),
        region("l", LOWER, *(line(f"l{y}", box(50, y)) for y in ys_lower)),
    )
    return page, order("u", "l") + "".join(bodies)


@pytest.mark.parametrize(("lines", "expected"), [(1, 0), (2, 0), (3, 180), (5, 180)])
def test_a_region_is_turned_over_against_its_page_by_three_lines_or_more(
    tmp_path: Path, lines: int, expected: int
) -> None:
    page, body = regions_page(lines)
    document = run(task(tmp_path, page, body), classify("region"))
    assert orientations(document) == [0, expected]


@pytest.mark.parametrize(("min_confidence", "expected"), [(0.75, 180), (0.8, 0)])
def test_three_lines_need_not_be_enough(
    tmp_path: Path, min_confidence: float, expected: int
) -> None:
    """Five sure lines against an expectation that counts as one and a half: 0.77."""
    page, body = regions_page(5)
    document = run(task(tmp_path, page, body), classify("region", min_confidence))
    assert orientations(document) == [0, expected]


def test_a_single_line_follows_a_page_that_is_upside_down(tmp_path: Path) -> None:
    page, body = regions_page(1, upper=6)
    page = np.ascontiguousarray(page[::-1, ::-1])
    given = task(tmp_path, page, body)
    document = run(given, detect(overwrite=True), classify("region"))
    assert set(orientations(document)) == {180}


def test_the_skew_of_a_region_is_kept(tmp_path: Path) -> None:
    page, body = regions_page(5)
    body = body.replace('<TextRegion id="l"', '<TextRegion orientation="1.5" id="l"')
    document = run(task(tmp_path, page, body), classify("region"))
    assert orientations(document) == [0, -178.5]


@pytest.mark.parametrize("known", [90, -90])
def test_an_orientation_that_is_known_is_what_few_lines_are_expected_to_have(
    tmp_path: Path, known: int
) -> None:
    """The vote of the line of the region is against it."""
    page = letter_page()
    column = turned(letter_page()[220:250], -known)
    height, width = column.shape[:2]
    page = np.concatenate([page, np.full((400, 50, 3), 255, np.uint8)], axis=1)
    page[20 : 20 + height, 305 : 305 + width] = column
    upper = region("u", UPPER, *(line(f"u{y}", box(50, y)) for y in (30, 70, 110)))
    outline = box(305, 20, width, height, 0)
    side = region("s", outline, line("l", outline), attributes=f'orientation="{known}"')
    document = run(task(tmp_path, page, upper + side), classify("region"))
    assert orientations(document) == [0, known]


def test_a_digit_that_is_taller_than_wide_does_not_turn_its_region(tmp_path: Path) -> None:
    page = letter_page()
    page[350:370, 20:30] = (0, 100, 0)
    upper = region("u", UPPER, *(line(f"u{y}", box(50, y)) for y in (30, 70, 110)))
    number = region("n", box(10, 340, 30, 40, 0), line("l", "20,350 30,350 30,370 20,370"))
    document = run(task(tmp_path, page, upper + number), classify("region"))
    assert orientations(document) == [0, 0]


def test_the_lines_of_a_table_are_turned_with_their_cells(tmp_path: Path) -> None:
    page = turned(letter_page(), 180)
    cells = "".join(
        region(f"c{i}", EVERYWHERE, *(line(f"l{y}", box(50, y)) for y in ys))
        for i, ys in enumerate([(78, 118, 158), (278, 318, 358)])
    )
    table = f'<TableRegion id="t"><Coords points="{EVERYWHERE}"/>{cells}</TableRegion>'
    document = run(task(tmp_path, page, table), classify("region"), recognize())
    assert orientations(document) == [180, 180]
    assert texts(document) == [["f", "e", "d"][::-1], ["c", "b", "a"][::-1]]


# line


def mixed_page(degrees: int) -> tuple[Image, str]:
    """Return a page with one region: four lines across, and two in the margin that run down."""
    page = blank_page(400, 400)
    margin = turned(letter_page()[220:300], degrees)
    height, width = margin.shape[:2]
    lines = []
    for letter, y in zip("abcd", (30, 70, 110, 150), strict=True):
        paint(page, letter, 20, y)
        lines.append(line(f"across{letter}", box(20, y)))
    page[20 : 20 + height, 260 : 260 + width] = margin
    for number, x in enumerate([10, 50] if degrees == 90 else [18, 58]):
        lines.append(line(f"down{number}", box(260 + x - 4, 70, 20, BAR_WIDTH, 0)))
    whole = "0,0 399,0 399,399 0,399"
    attributes = 'primaryLanguage="German" type="paragraph"'
    return page, region("r", whole, *lines, attributes=attributes)


@pytest.mark.parametrize("degrees", [90, -90])
def test_lines_that_run_down_get_a_region_of_their_own(tmp_path: Path, degrees: int) -> None:
    page, body = mixed_page(degrees)
    last = region("z", "0,390 9,390 9,399")
    document = run(
        task(tmp_path, page, order("r", "z") + body + last), classify("line"), recognize()
    )
    assert document.reading_order() == ["r", "r_turned_0001", "z"]
    first, apart, _ = document.text_regions()
    assert (first.orientation, apart.orientation) == (0, degrees)
    assert texts(document) == [["a", "b", "c", "d"], ["d", "e"], []]
    assert apart.element.get("primaryLanguage") == "German"
    assert apart.element.get("type") is None
    low, high = apart.polygon.min(axis=0), apart.polygon.max(axis=0)
    for found in apart.lines:
        assert (low <= found.polygon).all() and (found.polygon <= high).all()


def test_on_level_region_such_lines_stay_where_they_are(tmp_path: Path) -> None:
    page, body = mixed_page(90)
    document = run(task(tmp_path, page, body), classify("region"))
    (found,) = document.text_regions()
    assert found.orientation == 0
    assert len(found.lines) == 6


def test_text_of_a_region_is_removed_when_lines_leave_it_and_theirs_stays(tmp_path: Path) -> None:
    page, body = mixed_page(90)
    body = body.replace("</TextLine>", TEXT + "</TextLine>")
    body = body.replace("</TextRegion>", TEXT + "</TextRegion>")
    document = run(task(tmp_path, page, body), classify("line"))
    first, apart = document.text_regions()
    assert (first.text, apart.text) == (None, None)
    assert [x.text for x in (*first.lines, *apart.lines)] == ["x"] * 6
    assert document.reading_order() == []


def test_without_lines_astray_level_line_is_level_region(tmp_path: Path) -> None:
    page, body = regions_page(5)
    by_region = run(task(tmp_path, page, body), classify("region")).to_bytes()
    assert run(task(tmp_path, page, body), classify("line")).to_bytes() == by_region


def test_a_single_line_upside_down_is_not_turned_over(tmp_path: Path) -> None:
    page = letter_page()
    paint(page, "b", 50, 70, turned=True)
    document = run(task(tmp_path, page), detect(), classify("line"))
    assert orientations(document) == [0, 0]


# A classifier that is wrong in one of nine lines


@pytest.mark.parametrize("level", LEVELS)
def test_a_classifier_that_is_sure_and_wrong_now_and_then_turns_nothing(
    tmp_path: Path, level: str
) -> None:
    page = blank_page(300, 600)
    bodies = []
    for number in range(9):
        y = 10 + 60 * number
        paint(page, "a", 50, y, turned=number % 9 == 4)
        bodies.append(region(f"r{number}", box(40, y - 10, 220, 40, 0), line(f"l{y}", box(50, y))))
    document = run(task(tmp_path, page, "".join(bodies)), classify(level))
    assert document.orientation == 0
    assert set(orientations(document)) == ({None} if level == "page" else {0.0})


def test_every_line_is_asked_once_for_its_page_and_once_for_its_region(tmp_path: Path) -> None:
    asked: list[int] = []

    def count(batch: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        asked.append(len(batch))
        return np.array([[1, 0]], dtype=np.float32)

    page, body = regions_page(3)
    classifier = OrientationClassifier(NullModel(count, output_shape=(None, 2)))
    run(task(tmp_path, page, body), ClassifyProcessor(classifier, "region", 0.6, {}))
    views = 2  # of a line this long
    assert len(asked) == 2 * views * 9

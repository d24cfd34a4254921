# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whose a line is, what of it can be seen, and how a region is cut out of its page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ocrd_rapid.ocr.geometry import grown, order_corners
from ocrd_rapid.ocr.layout.directions import surely_runs
from ocrd_rapid.ocr.layout.segmentation import (
    lay_out,
    lay_out_by_direction,
    layout_turn,
)
from ocrd_rapid.ocr.lines.line_outlines import has_area, page_outline, visible
from ocrd_rapid.processors.page_regions import (
    Occupied,
    region_image,
    turn_of_region,
)
from ocrd_rapid.workspace.page_images import PageImage
from ocrd_rapid.workspace.segments import NAMESPACE, known_orientation
from ocrd_rapid.workspace.values import Polygon

PAGE = page_outline(300, 400)


def box(left: float, top: float, right: float, bottom: float) -> Polygon:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32)


def page(body: str) -> etree._Element:
    return etree.fromstring(f'<Page xmlns="{NAMESPACE}">{body}</Page>')


def element(kind: str, identifier: str, points: str, inside: str = "", more: str = "") -> str:
    return f'<{kind} id="{identifier}" {more}><Coords points="{points}"/>{inside}</{kind}>'


# Owners

OUTER, INNER = "0,0 100,0 100,100 0,100", "20,20 60,20 60,60 20,60"


def owner(body: str, x: float, y: float) -> str | None:
    found = Occupied.on(page(body)).owner(np.array([x, y], dtype=np.float32))
    return None if found is None else str(found.get("id"))


def test_a_point_belongs_to_what_is_around_it() -> None:
    body = element("TextRegion", "r", OUTER)
    assert owner(body, 50, 50) == "r"
    assert owner(body, 100, 100) == "r"
    assert owner(body, 100.5, 50) is None
    assert owner("", 50, 50) is None


def test_a_point_belongs_to_the_innermost_of_regions_and_lines() -> None:
    line = element("TextLine", "l", "30,30 50,30 50,50 30,50")
    body = element("TextRegion", "o", OUTER, element("TextRegion", "i", INNER, line))
    assert [owner(body, x, x) for x in (10, 25, 40)] == ["o", "i", "l"]


def test_what_is_inside_in_the_tree_counts_even_where_it_is_larger() -> None:
    body = element("TableRegion", "table", INNER, element("TextRegion", "cell", OUTER))
    assert owner(body, 40, 40) == "cell"


def test_of_what_overlaps_the_smallest_counts() -> None:
    both = element("TextRegion", "large", OUTER), element("ImageRegion", "small", INNER)
    for body in (both[0] + both[1], both[1] + both[0]):
        assert owner(body, 40, 40) == "small"
        assert owner(body, 10, 10) == "large"


@pytest.mark.parametrize("points", ["", "1,1", "0,0 99,99", "0,0 50,50 99,99"])
def test_outlines_without_area_own_nothing(points: str) -> None:
    body = element("TextRegion", "r", points) if points else '<TextRegion id="r"/>'
    assert owner(body, 0, 0) is None


def test_separators_own_nothing_but_what_is_below_them_does() -> None:
    body = element("SeparatorRegion", "s", OUTER, element("TextRegion", "r", INNER))
    assert owner(body, 10, 10) is None
    assert owner(body, 40, 40) == "r"


def test_comments_are_no_regions() -> None:
    assert (
        owner("<!-- TextRegion --><?pi Region?>" + element("TextRegion", "r", OUTER), 5, 5) == "r"
    )


# What can be seen

coordinates = st.integers(-200, 600)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9).map(
    lambda points: np.array(points, dtype=np.float32)
)


@given(polygons, polygons)
def test_what_is_visible_is_inside_and_valid(polygon: Polygon, bound: Polygon) -> None:
    found = visible(polygon, (PAGE, bound))
    if found is None:
        return
    assert len(found) >= 4
    assert has_area(found)
    assert (found == np.rint(found)).all()
    assert found.min() >= -1 and (found.max(axis=0) <= (300, 400)).all()
    # The outline may cross itself: what is inside of it by any rule is inside of its hull.
    around = cv2.convexHull(bound)
    assert all(cv2.pointPolygonTest(around, p, True) >= -1 for p in found.tolist())


@given(st.integers(0, 250), st.integers(0, 350), st.integers(1, 49), st.integers(1, 49))
def test_what_is_inside_is_visible_as_it_is(x: int, y: int, width: int, height: int) -> None:
    whole = box(x, y, x + width, y + height)
    found = visible(whole, (PAGE, PAGE))
    assert found is not None
    assert sorted(found.tolist()) == sorted(whole.tolist())


@pytest.mark.parametrize(
    "polygon",
    [box(400, 10, 500, 30), box(-50, 10, -1, 30), box(10, 10, 50, 10), box(10.2, 10, 10.4, 90)],
)
def test_nothing_is_visible_of_what_is_outside_or_has_no_area(polygon: Polygon) -> None:
    assert visible(polygon, (PAGE,)) is None


def test_nothing_is_visible_within_an_outline_without_area() -> None:
    assert visible(box(10, 10, 50, 30), (np.array([(0, 0), (9, 9)], dtype=np.float32),)) is None
    assert visible(box(10, 10, 50, 30), (np.zeros((5, 2), dtype=np.float32),)) is None


def test_the_largest_piece_is_visible() -> None:
    comb = np.array(
        [(0, 0), (300, 0), (300, 100), (200, 100), (200, 20), (60, 20), (60, 100), (0, 100)],
        dtype=np.float32,
    )
    found = visible(box(0, 50, 300, 60), (comb,))
    assert found is not None
    assert (found.min(axis=0).tolist(), found.max(axis=0).tolist()) == ([200, 50], [300, 60])


def test_a_triangle_gets_a_fourth_corner_on_its_longest_side() -> None:
    triangle = np.array([(0, 0), (100, 0), (0, 40)], dtype=np.float32)
    found = visible(triangle, (PAGE,))
    assert found is not None
    assert len(found) == 4
    assert [50, 20] in found.tolist()
    assert cv2.contourArea(found) == pytest.approx(2000)


# Growing

angles = st.floats(-180, 180)


@given(st.floats(0, 40), angles)
def test_growing_moves_all_sides_by_as_much(pixels: float, degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((0, 0), degrees, 1)[:, :2]
    before = order_corners(np.asarray(box(-60, -10, 60, 10) @ turn.T, dtype=np.float32))
    after = grown(before, pixels)
    (width, height), (wider, higher) = (
        (np.linalg.norm(b[1] - b[0]), np.linalg.norm(b[3] - b[0])) for b in (before, after)
    )
    assert wider - width == pytest.approx(2 * pixels, abs=1e-3)
    assert higher - height == pytest.approx(2 * pixels, abs=1e-3)
    assert after.mean(axis=0) == pytest.approx(before.mean(axis=0), abs=1e-3)


def test_a_box_without_extent_grows_to_no_nonsense() -> None:
    assert np.isfinite(grown(np.full((4, 2), 7, dtype=np.float32), 3)).all()


# Orientation and layout


def image(angle: float = 0.0, pixels: np.ndarray | None = None) -> PageImage:  # type: ignore[type-arg]
    if pixels is None:
        pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    return PageImage(pixels, np.eye(3), angle)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [("", "", None), ("90.0", "", 90), ("90.0", "-2", -2), ("", "0.0", 0), ("180", "0", 0)],
)
def test_the_orientation_of_a_region_is_its_own_or_that_of_the_one_around_it(
    outer: str, inner: str, expected: float | None
) -> None:
    body = element(
        "TableRegion", "t", OUTER,
        element("TextRegion", "c", INNER, more=f'orientation="{inner}"' if inner else ""),
        more=f'orientation="{outer}"' if outer else "",
    )  # fmt: skip
    root = page(body)
    root.set("orientation", "45.0")  # which is not the region's
    (cell,) = root.iter(f"{{{NAMESPACE}}}TextRegion")
    assert known_orientation(cell) == expected


@pytest.mark.parametrize(
    ("region", "angle", "expected"),
    [
        (None, 90, 0),
        (90, 0, 90),
        (90, 90, 0),
        (-90, 0, 270),
        (180, -90, 270),
        (2, -1.5, 0),
        (93, 1, 90),
    ],
)  # fmt: skip
def test_the_turn_of_a_region_is_what_it_needs_on_the_image_of_the_page(
    region: float | None, angle: float, expected: int
) -> None:
    more = "" if region is None else f'orientation="{region}"'
    (found,) = page(element("TextRegion", "r", OUTER, more=more))
    assert turn_of_region(found, image(angle)) == expected


ACROSS, DOWN, DIGIT = box(0, 0, 100, 10), box(0, 0, 10, 100), box(0, 0, 10, 20)


@pytest.mark.parametrize(
    ("boxes", "known", "expected"),
    [
        ([ACROSS], 0, 0), ([DOWN], 0, 90), ([ACROSS], 180, 180), ([DOWN], 180, 270),
        ([DOWN], 90, 90), ([DOWN], 270, 270), ([ACROSS], 90, 180), ([], 270, 270),
        ([DOWN, ACROSS, ACROSS], 0, 0), ([box(0, 0, 10, 12)], 90, 90),
    ],
)  # fmt: skip
def test_text_that_is_known_to_stand_so_is_laid_out_so(
    boxes: list[Polygon], known: int, expected: int
) -> None:
    assert layout_turn(boxes, known) == expected


def test_only_long_boxes_show_which_way_they_run() -> None:
    assert surely_runs(DOWN, sideways=True) and not surely_runs(DOWN, sideways=False)
    assert surely_runs(ACROSS, sideways=False) and not surely_runs(ACROSS, sideways=True)
    assert not surely_runs(DIGIT, sideways=True) and not surely_runs(DIGIT, sideways=False)


boxes_anywhere = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(5, 300), st.integers(5, 300)),
    max_size=25,
).map(lambda found: [box(x, y, x + w, y + h) for x, y, w, h in found])


@given(boxes_anywhere, st.sampled_from([0, 90, 180, 270]))
def test_every_box_is_laid_out_once(boxes: list[Polygon], known: int) -> None:
    for parts in (lay_out(boxes, known), lay_out_by_direction(boxes)):
        assert sorted(i for part in parts for i in part.lines) == list(range(len(boxes)))
        assert all(part.lines for part in parts)


@given(boxes_anywhere)
def test_no_group_mixes_directions(boxes: list[Polygon]) -> None:
    for part in lay_out_by_direction(boxes):
        down = any(surely_runs(boxes[i], sideways=True) for i in part.lines)
        across = any(surely_runs(boxes[i], sideways=False) for i in part.lines)
        assert not (down and across)


# Images of regions


def noise(height: int = 90, width: int = 120) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(7).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("orientation", [None, 0, 90, 180, -90, 270])
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.0])
def test_every_pixel_of_a_region_is_where_the_transform_says(
    orientation: float | None, scale: float
) -> None:
    pixels = noise()
    outline = box(30, 20, 79, 59)
    cut = region_image(image(0, pixels), outline, orientation, scale)
    assert cut.angle == (orientation or 0)
    columns, rows = np.meshgrid(np.arange(31, 79), np.arange(21, 59))
    centres = np.column_stack([columns.ravel(), rows.ravel()]) + 0.5
    found = np.floor(cut.to_pixels(centres.astype(np.float32))).astype(int)
    assert (cut.pixels[found[:, 1], found[:, 0]] == pixels[rows.ravel(), columns.ravel()]).all()


@pytest.mark.parametrize("orientation", [0, 90, 33.0, -120.0])
def test_around_a_region_there_is_one_colour_and_its_points_come_back(orientation: float) -> None:
    pixels = noise()
    pixels[20:60, 30:80] = (10, 200, 30)
    outline = np.array([(30, 20), (79, 20), (79, 59), (60, 59), (60, 40), (30, 40)], np.float32)
    cut = region_image(image(0, pixels), outline, orientation, 1.0)
    mask = np.zeros(cut.pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(cut.to_pixels(outline)).astype(np.int32)], 1)
    assert np.abs(cut.pixels[mask == 0].astype(int) - (10, 200, 30)).max() == 0
    assert cut.to_page(cut.to_pixels(outline)) == pytest.approx(outline, abs=1e-3)


@given(
    st.floats(0.2, 2), st.integers(1, 400), st.integers(1, 300), st.sampled_from([0.0, 90.0, 7.0])
)
def test_the_network_sees_a_region_unstretched_and_with_a_margin(
    scale: float, width: int, height: int, orientation: float
) -> None:
    pixels = np.zeros((310, 410, 3), dtype=np.uint8)
    outline = box(5, 5, 5 + width, 5 + height)
    cut = region_image(image(0, pixels), outline, orientation, scale)
    for side in cut.pixels.shape[:2]:
        assert side * scale / 32 == pytest.approx(round(side * scale / 32), abs=scale / 32)
    points = cut.to_pixels(outline)
    limits = np.array(cut.pixels.shape[1::-1])
    margin = 16 / scale - 2
    assert points.min() >= margin and ((limits - points.max(axis=0)) >= margin).all()


def test_a_region_outside_of_the_page_gives_an_image_nevertheless() -> None:
    cut = region_image(image(0, noise()), box(500, 500, 600, 550), None, 1.0)
    assert cut.pixels.shape[0] % 32 == cut.pixels.shape[1] % 32 == 0

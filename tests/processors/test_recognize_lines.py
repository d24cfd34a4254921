# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-recognize`` on the lines of any segmentation."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from lettered_lines import HEIGHT, outline_of, paint_line, recognize, rotated
from numpy.typing import NDArray
from painted_pages import (
    EVERYWHERE,
    LOWER,
    UPPER,
    blank_page,
    line,
    order,
    region,
    run,
    task,
    texts,
)

from ocrd_rapid.ocr.lines.baselines import outline_of_baseline, usable
from ocrd_rapid.ocr.lines.crops import cut_line
from ocrd_rapid.processors.line_images import cut_lines
from ocrd_rapid.workspace.page import PageDocument

Points = NDArray[np.float32]

NONE = np.zeros((0, 2), dtype=np.float32)
X, Y = 40, 60
OLD = "<TextEquiv><Unicode>old</Unicode></TextEquiv>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def points(text: str) -> Points:
    return np.array([pair.split(",") for pair in text.split()], dtype=np.float32)


def read(folder: Path, body: str, *lines: tuple[str, int], **options: float) -> PageDocument:
    """Return what is read on a page with lines at these heights."""
    page = blank_page()
    for text, y in lines:
        paint_line(page, text, X, y)
    return run(task(folder, page, body), recognize(**options))  # type: ignore[arg-type]


def baseline(y: int, left: int = X, right: int = X + 120) -> str:
    return f'<Baseline points="{left},{y} {right},{y}"/>'


# Outlines


def test_a_line_without_a_region_text_is_read(folder: Path) -> None:
    inside = region("r", EVERYWHERE, line("l", outline_of("abc", X, Y)))
    document = read(folder, inside, ("abc", Y))
    assert texts(document) == [["abc"]]
    assert document.text_regions()[0].text == "abc"


def test_an_outline_of_many_corners_is_read_in_the_box_around_it(folder: Path) -> None:
    top = " ".join(f"{X + i},{Y + i % 7}" for i in range(0, 72, 3))
    outline = f"{top} {X + 72},{Y} {X + 72},{Y + 48} {X},{Y + 48}"
    assert texts(read(folder, region("r", EVERYWHERE, line("l", outline)), ("abc", Y))) == [["abc"]]


@pytest.mark.parametrize("degrees", [-12, 12])
def test_a_slanted_line_is_read_along_its_slant(folder: Path, degrees: float) -> None:
    page = blank_page()
    paint_line(page, "abcdefgh", X, 180)
    slanted, matrix = rotated(page, degrees)
    corners = np.column_stack([points(outline_of("abcdefgh", X, 180)), np.ones(4)]) @ matrix.T
    middle = (corners + np.roll(corners, -1, axis=0)) / 2
    outline = np.rint(np.stack([corners, middle], axis=1).reshape(-1, 2)).astype(int)
    inside = line("l", " ".join(f"{x},{y}" for x, y in outline))
    height, width = slanted.shape[:2]
    around = f"0,0 {width - 1},0 {width - 1},{height - 1} 0,{height - 1}"
    document = run(task(folder, slanted, region("r", around, inside)), recognize())
    assert texts(document) == [["abcdefgh"]]


def test_four_corners_that_cross_are_read_in_the_box_around_them(folder: Path) -> None:
    crossed = f"{X},{Y} {X + 72},{Y + 48} {X + 72},{Y} {X},{Y + 48}"
    assert texts(read(folder, region("r", EVERYWHERE, line("l", crossed)), ("abc", Y))) == [["abc"]]


def test_a_triangle_is_read(folder: Path) -> None:
    inside = region("r", EVERYWHERE, line("l", f"{X},{Y} {X + 144},{Y} {X},{Y + 48}"))
    (region_found,) = read(folder, inside, ("abc", Y)).text_regions()
    assert region_found.lines[0].text is not None


@pytest.mark.parametrize(
    ("outline", "expected"),
    [
        ([], False),
        ([(1, 1), (9, 9)], False),
        ([(1, 1), (5, 5), (9, 9)], False),
        ([(1, 1), (1, 1), (1, 1), (1, 1)], False),
        ([(1, 1), (9, 1), (9, 9)], True),
    ],
)
def test_an_outline_without_an_area_is_of_no_use(
    outline: list[tuple[int, int]], expected: bool
) -> None:
    assert usable(np.array(outline, dtype=np.float32).reshape(-1, 2)) is expected


def test_padding_is_added_on_all_sides() -> None:
    page = np.random.default_rng(0).integers(0, 256, (100, 120, 3), dtype=np.uint8)
    outline = points("20,30 80,30 80,60 20,60")
    plain = cut_line(page, outline, NONE)
    padded = cut_line(page, outline, NONE, padding=7)
    assert plain.pixels.shape == (30, 60, 3)
    assert padded.pixels.shape == (44, 74, 3)
    assert (padded.pixels[7:-7, 7:-7] == plain.pixels).all()
    assert (padded.pixels == page[23:67, 13:87]).all()


def test_padding_does_not_move_what_is_found(folder: Path) -> None:
    inside = region("r", EVERYWHERE, line("l", outline_of("ab", X, Y)))
    document = read(folder, inside, ("ab", Y), padding=0.4, level="word")  # type: ignore[arg-type]
    (word,) = document.text_regions()[0].lines[0].words
    assert word.polygon.min(axis=0) == pytest.approx([X + 6, Y], abs=1)
    assert word.polygon.max(axis=0) == pytest.approx([X + 42, Y + HEIGHT], abs=1)


def test_a_part_of_a_line_lies_where_it_was_cut_out() -> None:
    cut = cut_line(blank_page(), points("20,30 80,30 80,60 20,60"), NONE)
    assert cut.outline(0.25, 0.5).tolist() == [[35, 30], [50, 30], [50, 60], [35, 60]]


def test_a_part_without_width_is_two_pixels_wide() -> None:
    cut = cut_line(blank_page(), points("20,30 80,30 80,60 20,60"), NONE)
    assert cut.outline(0.5, 0.5).tolist() == [[49, 30], [51, 30], [51, 60], [49, 60]]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_part_of_a_turned_line_lies_where_it_was_cut_out(turns: int) -> None:
    page = blank_page()
    corners = points("20,30 80,30 80,60 20,60")
    page[30:60, 20:50] = 0  # the left half
    cut = cut_line(page, corners, NONE, turns=turns)
    assert cut.pixels.shape[:2] == ((30, 60) if turns % 2 == 0 else (60, 30))
    dark = cut.pixels[..., 0].mean(axis=0) < 128
    if turns % 2 == 0:
        begin, end = np.flatnonzero(dark)[[0, -1]] / len(dark)
        part = cut.outline(begin, end + 1 / len(dark))
        assert part.min(axis=0) == pytest.approx([20, 30], abs=1.5)
        assert part.max(axis=0) == pytest.approx([50, 60], abs=1.5)
    else:
        assert (cut.pixels[..., 0].mean(axis=1) < 128)[[0, -1]].tolist() == (
            [False, True] if turns == 1 else [True, False]
        )[:: -1 if turns else 1]


# Neighbours


def test_ink_of_a_neighbour_that_reaches_in_is_not_read() -> None:
    page = blank_page()
    page[20:34, 100:110] = 0  # belongs to the line above, and reaches into the box below
    page[38:58, 40:95] = 0
    above = points("20,10 200,10 200,36 20,36")
    own = points("20,38 90,38 95,36 200,36 200,30 204,30 204,60 20,60")
    alone = cut_line(page, own, NONE)
    beside = cut_line(page, own, NONE, others=[own, above])
    assert (alone.pixels[:3, 80:90] == 0).all()
    assert (beside.pixels[:3, 80:90] == 255).all()
    assert (beside.pixels[12:20, 22:38] == 0).all()


# Outlines that do not fit


def outline_grown(above: int, below: int) -> str:
    top, bottom, right = Y - above, Y + HEIGHT + below, X + 120
    return f"{X},{top} {right},{top} {right},{bottom} {X},{bottom}"


def shows_abcde(pixels: NDArray[np.uint8]) -> bool:
    """Return whether a line shows these letters, whole, in about the middle, and nothing else."""
    inked = np.flatnonzero((pixels[..., 2] < 128).any(axis=1))
    height = len(inked)
    middle = pixels[inked[0] + height // 2, 12::24, 0].tolist()
    return bool(
        inked[-1] - inked[0] + 1 == height
        and height == pytest.approx(36, abs=1)
        and 1.2 * height <= pixels.shape[0] <= 2 * height
        and min(inked[0], pixels.shape[0] - inked[-1] - 1) >= 2
        and middle == pytest.approx([0, 20, 40, 60, 80], abs=2)
    )


@pytest.mark.parametrize("neighbours", [False, True])
@pytest.mark.parametrize(
    ("above", "below"),
    [(0, 0), (10, 10), (24, 24), (48, 48), (40, 0), (0, 50), (-12, 0), (0, -14), (-8, -12)],
)
def test_a_line_is_cut_out_whole_whatever_its_outline(
    above: int, below: int, neighbours: bool
) -> None:
    page = blank_page()
    paint_line(page, "abcde", X, Y + 60)
    if neighbours:
        paint_line(page, "ihgfe", X, Y + 4)
        paint_line(page, "fghij", X, Y + 116)
    outline = points(outline_grown(above, below)) + np.array([0, 60], dtype=np.float32)
    assert shows_abcde(cut_line(page, outline, NONE).pixels)


def test_an_outline_that_begins_outside_of_the_page_is_no_matter() -> None:
    page = blank_page()
    paint_line(page, "abcde", X, 20)
    outline = points(f"{X},-40 {X + 120},-40 {X + 120},80 {X},80")
    assert shows_abcde(cut_line(page, outline, NONE).pixels)


def test_what_fits_is_cut_out_as_it_is_outlined() -> None:
    page = blank_page()
    paint_line(page, "abcde", X, Y)
    for above in (-3, 0, 8):
        cut = cut_line(page, points(outline_grown(above, above)), NONE)
        assert (cut.pixels == page[Y - above : Y + HEIGHT + above, X : X + 120]).all()
        assert cut.as_outlined is None


def test_the_outline_of_a_detector_is_believed(folder: Path) -> None:
    page = blank_page()
    paint_line(page, "abcde", X, Y)
    cuts = []
    for outline in (outline_grown(40, 20), outline_grown(40, 20) + '" conf="0.8'):
        given = task(folder, page, region("r", EVERYWHERE, line("l", outline)))
        regions = given.document.text_regions()
        lines = [(regions[0], regions[0].lines[0])]
        (cut,) = cut_lines(given.image, given.images, lines, regions[0].lines, 0.0)
        cuts.append((cut.image.as_outlined is not None, cut.image.pixels.shape[0]))
    assert cuts == [(True, pytest.approx(57, abs=4)), (False, HEIGHT + 60)]


def test_a_loose_outline_is_cut_out_half_higher_than_its_ink() -> None:
    page = blank_page()
    paint_line(page, "abcde", X, Y)
    cut = cut_line(page, points(outline_grown(40, 20)), NONE)
    assert cut.as_outlined is not None
    assert shows_abcde(cut.pixels)
    assert cut.pixels.shape[0] == pytest.approx(1.5 * 38, abs=4)
    part = cut.outline(0, 1)
    assert part.min(axis=0) == pytest.approx((X, Y - 5), abs=3)
    assert part.max(axis=0) == pytest.approx((X + 120, Y + HEIGHT + 5), abs=3)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_loose_outline_of_a_turned_line_is_fitted_too(turns: int) -> None:
    page = blank_page()
    paint_line(page, "abcde", X, Y)
    turned = np.ascontiguousarray(np.rot90(page, turns))
    corners = np.ones((4, 3))
    corners[:, :2] = points(outline_grown(40, 30))
    height, width = page.shape[:2]
    # Counterclockwise by so many quarter turns, as rot90 does it.
    for size in [width, height, width][:turns]:
        corners[:, :2] = np.column_stack([corners[:, 1], size - corners[:, 0]])
    cut = cut_line(turned, corners[:, :2].astype(np.float32), NONE, turns=turns)
    assert cut.as_outlined is not None
    assert shows_abcde(cut.pixels)


def test_a_loose_outline_of_a_curved_line_is_fitted_too() -> None:
    page, outline, _ = bent(60)
    corners = points(outline)
    half = len(corners) // 2
    corners[:half, 1] -= 36
    corners[half:, 1] += 36
    cut = cut_line(page, corners, NONE)
    assert cut.pixels.shape[0] == pytest.approx(1.5 * 42, abs=8)
    inked = np.flatnonzero((cut.pixels[..., 2] < 128).any(axis=1))
    assert (inked[0], inked[-1]) == pytest.approx((12, 50), abs=6)


# Curves


def bent(height: float, middle: float = 200) -> tuple[NDArray[np.uint8], str, Points]:
    """Return a page with a line that sags, its outline, and the course of its middle."""
    page, wide = blank_page(), np.arange(300)
    paint_line(page, "abcdefgh", X, round(middle) - 24)
    course = height * ((wide - 136) / 96.0) ** 2
    x, y = np.meshgrid(wide.astype(np.float32), np.arange(400, dtype=np.float32))
    source_y = (y - course[None]).astype(np.float32)
    curved = cv2.remap(page, x, source_y, cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    places = np.arange(X, X + 24 * 8 + 1, 8)
    upper = [(x, middle - 24 + course[x]) for x in places]
    lower = [(x, middle + 24 + course[x]) for x in places]
    outline = " ".join(f"{x},{round(y)}" for x, y in [*upper, *lower[::-1]])
    return np.asarray(curved, dtype=np.uint8), outline, course.astype(np.float32)


@pytest.mark.parametrize("height", [30, 60, -60])
@pytest.mark.parametrize("padding", [0, 5])
def test_a_curved_line_is_straightened(height: float, padding: float) -> None:
    page, outline, _ = bent(height)
    cut = cut_line(page, points(outline), NONE, padding=padding)
    assert cut.pixels.shape[1] == pytest.approx(192 + 2 * padding)
    assert cut.pixels.shape[0] == pytest.approx(48 + 2 * padding, abs=3)
    inked = np.flatnonzero((cut.pixels[..., 2] < 128).any(axis=1))
    assert (inked[0], inked[-1]) == pytest.approx((6 + padding, 42 + padding), abs=3)


@pytest.mark.parametrize("height", [30, 60, -60])
@pytest.mark.parametrize("turns", [0, 2])
def test_parts_of_a_curved_line_follow_it(height: float, turns: int) -> None:
    page, outline, course = bent(height)
    cut = cut_line(page, points(outline), NONE, turns=turns)
    for number in range(8):
        share = number / 8 if turns == 0 else (7 - number) / 8
        part = cut.outline(share, share + 1 / 8)
        low, high = part.min(axis=0), part.max(axis=0)
        left = X + 24 * number
        assert (low[0], high[0]) == pytest.approx((left, left + 24), abs=2)
        rise = np.ptp(course[left : left + 25])
        middle = (course[left] + course[left + 24]) / 2
        assert (low[1] + high[1]) / 2 == pytest.approx(200 + middle, abs=5)
        assert high[1] - low[1] == pytest.approx(48 + rise, abs=5)


def test_words_of_a_curved_line_are_inside_of_it(folder: Path) -> None:
    page, outline, _ = bent(60)
    given = task(folder, page, region("r", EVERYWHERE, line("l", outline)))
    (found,) = run(given, recognize("glyph")).text_regions()[0].lines
    assert found.words
    grown = cv2.convexHull(found.polygon)
    for corner in np.concatenate([word.polygon for word in found.words]):
        assert cv2.pointPolygonTest(grown, tuple(map(float, corner)), True) >= -1.5


def test_a_line_that_is_hardly_curved_is_cut_out_as_it_is() -> None:
    page, outline, _ = bent(10)
    cut = cut_line(page, points(outline), NONE)
    assert not cut.bend.any()
    assert (cut.pixels == page[176:234, X : X + 192]).all()


# Baselines


def test_a_baseline_and_its_neighbours_make_an_outline() -> None:
    own, others = points("20,100 220,100"), [points("20,140 220,140"), points("20,50 220,50")]
    outline = outline_of_baseline(own, others, NONE)
    assert outline.tolist() == [[20, 70], [220, 70], [220, 110], [20, 110]]


def test_lines_of_other_columns_are_no_neighbours() -> None:
    own, others = points("20,100 220,100"), [points("300,110 500,110"), points("20,160 220,160")]
    outline = outline_of_baseline(own, others, NONE)
    assert outline[:, 1].tolist() == [55, 55, 115, 115]


def test_a_part_of_the_same_line_is_no_neighbour() -> None:
    own, others = points("20,100 220,100"), [points("100,101 300,101")]
    outline = outline_of_baseline(own, others, points("0,80 400,80 400,120 0,120"))
    assert outline[:, 1].tolist() == [70, 70, 110, 110]


def test_a_single_baseline_has_a_twentieth_of_its_length() -> None:
    outline = outline_of_baseline(points("20,100 220,100"), [], NONE)
    assert outline[:, 1].tolist() == [92.5, 92.5, 102.5, 102.5]


def test_a_baseline_drawn_backwards_makes_the_same_outline() -> None:
    own, other = points("20,100 120,104 220,100"), points("20,140 220,140")
    forwards = outline_of_baseline(own, [other], NONE)
    backwards = outline_of_baseline(own[::-1], [other[::-1]], NONE)
    assert backwards.tolist() == forwards.tolist()


def test_a_baseline_that_runs_down_has_its_line_to_the_right() -> None:
    outline = outline_of_baseline(points("100,20 100,220"), [points("140,20 140,220")], NONE)
    assert outline[:, 0].tolist() == [130, 130, 90, 90]


@pytest.mark.parametrize("coords", ["", "1,1 2,2", "5,5 5,5 5,5 5,5"])
def test_a_line_with_only_a_baseline_is_read_and_given_an_outline(
    folder: Path, coords: str
) -> None:
    lines = [line("l", coords, baseline(96)), line("m", coords, baseline(144))]
    document = read(folder, region("r", EVERYWHERE, *lines), ("abcde", Y), ("fghij", Y + 48))
    assert texts(document) == [["abcde", "fghij"]]
    outlines = [sorted(found.polygon.tolist()) for found in document.text_regions()[0].lines]
    assert outlines == [
        [[X, 60], [X, 108], [X + 120, 60], [X + 120, 108]],
        [[X, 108], [X, 156], [X + 120, 108], [X + 120, 156]],
    ]


@pytest.mark.parametrize("other", [(), (("fghij", 330),)])
def test_a_baseline_that_stands_alone_is_given_an_outline_by_its_ink(
    folder: Path, other: tuple[tuple[str, int], ...]
) -> None:
    lines = [line("l", "", baseline(Y + 42))] + [line("m", "", baseline(372)) for _ in other]
    document = read(folder, region("r", EVERYWHERE, *lines), ("abcde", Y), *other)
    found = document.text_regions()[0].lines[0].polygon
    assert found.min(axis=0) == pytest.approx((X, Y - 5), abs=3)
    assert found.max(axis=0) == pytest.approx((X + 120, Y + HEIGHT + 5), abs=3)


def test_an_outline_made_from_a_baseline_stays_in_its_region(folder: Path) -> None:
    inside = region("r", f"{X},70 {X + 120},70 {X + 120},130 {X},130", line("l", "", baseline(96)))
    document = read(folder, inside, ("abcde", Y))
    (found,) = document.text_regions()[0].lines
    assert found.polygon.min(axis=0).tolist() == [X, 70]
    assert found.polygon.max(axis=0) == pytest.approx([X + 120, 111], abs=1)


def test_a_line_with_neither_is_left_alone_with_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [line("none", "", OLD), line("l", outline_of("abc", X, Y))]
    with caplog.at_level(logging.WARNING):
        document = read(folder, region("r", EVERYWHERE, *lines), ("abc", Y))
    assert texts(document) == [["old", "abc"]]
    assert caplog.messages == ["line none is not read: it has neither outline nor baseline"]


def test_a_level_baseline_says_that_a_narrow_box_is_no_vertical_line() -> None:
    page = np.random.default_rng(0).integers(0, 256, (100, 120, 3), dtype=np.uint8)
    narrow = points("20,10 40,10 40,70 20,70")
    assert cut_line(page, narrow, NONE).pixels.shape == (20, 60, 3)
    assert cut_line(page, narrow, points("20,65 40,65")).pixels.shape == (60, 20, 3)


def test_a_vertical_baseline_says_that_a_wide_box_is_a_vertical_line() -> None:
    wide = points("20,10 60,10 60,40 20,40")
    cut = cut_line(blank_page(), wide, points("30,12 30,38"))
    assert cut.pixels.shape == (40, 30, 3)


# Regions


def test_cells_of_tables_and_regions_in_regions_are_read(folder: Path) -> None:
    cell = region("cell", UPPER, line("l", outline_of("abc", X, Y)))
    table = f'<TableRegion id="t"><Coords points="{UPPER}"/>{cell}</TableRegion>'
    inner = region("inner", LOWER, line("m", outline_of("def", X, 240)))
    body = table + region("outer", LOWER, inner)
    document = read(folder, body, ("abc", Y), ("def", 240))
    assert {r.id: r.text for r in document.text_regions()} == {
        "cell": "abc", "outer": "def", "inner": "def",
    }  # fmt: skip


def test_regions_inside_are_joined_in_reading_order(folder: Path) -> None:
    inner = [
        region("a", UPPER, line("l", outline_of("abc", X, Y))),
        region("b", LOWER, line("m", outline_of("def", X, 240))),
        region("empty", LOWER),
    ]
    body = order("outer", "b", "a") + region("outer", EVERYWHERE, *inner)
    document = read(folder, body, ("abc", Y), ("def", 240))
    outer = next(r for r in document.text_regions() if r.id == "outer")
    assert outer.text == "def\nabc"
    assert outer.confidence == pytest.approx(0.75)


def test_a_region_with_lines_has_their_text_alone(folder: Path) -> None:
    inner = region("inner", LOWER, line("m", outline_of("def", X, 240)))
    body = region("outer", EVERYWHERE, inner, line("l", outline_of("abc", X, Y)))
    document = read(folder, body, ("abc", Y), ("def", 240))
    assert {r.id: r.text for r in document.text_regions()} == {"outer": "abc", "inner": "def"}


def test_a_region_keeps_its_text_if_its_lines_are_not_read(folder: Path) -> None:
    kept = region("r", EVERYWHERE, line("l", outline_of("abc", X, Y), OLD))
    kept = kept.replace(
        "</TextRegion>", "<TextEquiv><Unicode>own</Unicode></TextEquiv></TextRegion>"
    )
    document = read(folder, kept, ("abc", Y), overwrite=False)
    assert document.text_regions()[0].text == "own"
    assert texts(document) == [["old"]]


def test_a_region_without_text_gets_that_of_lines_that_have_some(folder: Path) -> None:
    inside = region("r", EVERYWHERE, line("l", outline_of("abc", X, Y), OLD))
    assert read(folder, inside, overwrite=False).text_regions()[0].text == "old"


def test_a_region_without_lines_keeps_its_text(folder: Path) -> None:
    document = read(folder, region("r", EVERYWHERE, OLD))
    assert document.text_regions()[0].text == "old"


def test_a_region_in_which_one_line_is_read_has_the_text_of_all(folder: Path) -> None:
    lines = [line("l", outline_of("abc", X, Y)), line("m", outline_of("def", X, 240), OLD)]
    document = read(folder, region("r", EVERYWHERE, *lines, OLD), ("abc", Y), overwrite=False)
    assert document.text_regions()[0].text == "abc\nold"


def test_a_line_without_text_is_an_empty_line_of_its_region(folder: Path) -> None:
    lines = [
        line("l", outline_of("abc", X, Y)), line("none", ""), line("m", outline_of("def", X, 240)),
    ]  # fmt: skip
    document = read(folder, region("r", EVERYWHERE, *lines), ("abc", Y), ("def", 240))
    assert document.text_regions()[0].text == "abc\n\ndef"


def test_lines_from_bottom_to_top_are_joined_in_the_opposite_order(folder: Path) -> None:
    lines = [line("l", outline_of("abc", X, Y)), line("m", outline_of("def", X, 240))]
    inside = region("r", EVERYWHERE, *lines, attributes='textLineOrder="bottom-to-top"')
    document = read(folder, inside, ("abc", Y), ("def", 240))
    assert document.text_regions()[0].text == "def\nabc"


# Images of regions and lines


def derived(name: str, features: str) -> str:
    return f'<AlternativeImage filename="{name}" comments="{features}"/>'


def own_image(folder: Path, text: str, size: tuple[int, int], at: tuple[int, int]) -> None:
    """Write an image on which this text is painted."""
    image = blank_page(*size)
    paint_line(image, text, *at)
    assert cv2.imwrite(str(folder / "own.png"), image)


def test_the_image_of_a_line_is_read_instead_of_the_page(folder: Path) -> None:
    own_image(folder, "de", (72, 48), (0, 0))
    given = line("l", outline_of("abc", X, Y)).replace(">", f">{derived('own.png', 'dewarped')}", 1)
    document = read(folder, region("r", EVERYWHERE, given), ("abc", Y), level="word")  # type: ignore[arg-type]
    (found,) = document.text_regions()[0].lines
    assert found.text == "de"
    assert found.words[0].polygon.min(axis=0) == pytest.approx([X + 6, Y], abs=1)
    assert found.words[0].polygon.max(axis=0) == pytest.approx([X + 42, Y + 48], abs=1)


def test_lines_are_cut_out_of_the_image_of_their_region(folder: Path) -> None:
    own_image(folder, "de", (200, 100), (X - 20, Y - 40))
    inside = region("r", "20,40 220,40 220,140 20,140", line("l", outline_of("abc", X, Y)))
    inside = inside.replace(">", f">{derived('own.png', 'despeckled')}", 1)
    document = read(folder, inside, ("abc", Y), level="word")  # type: ignore[arg-type]
    (found,) = document.text_regions()[0].lines
    assert found.text == "de"
    assert found.words[0].polygon.min(axis=0) == pytest.approx([X + 6, Y], abs=1)


@pytest.mark.parametrize("features", ["binarized", "binarized,cropped", "", " ,"])
def test_an_image_that_is_binarized_or_says_nothing_is_not_read(
    folder: Path, features: str
) -> None:
    given = line("l", outline_of("abc", X, Y)).replace(">", f">{derived('no.png', features)}", 1)
    assert texts(read(folder, region("r", EVERYWHERE, given), ("abc", Y))) == [["abc"]]

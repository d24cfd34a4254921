# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From an image to the network's input, and from probabilities to boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.detector import (
    DetectedBox,
    DetectionOptions,
    Detector,
    boxes_from_probabilities,
    finer_input_size,
    input_size,
    normalize,
)
from ocrd_rapid.ocr.detection.kernels import mean_inside
from ocrd_rapid.ocr.geometry import Points, box_size, median_angle, order_corners
from ocrd_rapid.pixels import BgrImage

#: Without dilation, a box can be calculated by hand.
PLAIN = DetectionOptions(use_dilation=False)

Block = tuple[int, int, int, int, float]


def probabilities(*blocks: Block, shape: tuple[int, int] = (100, 200)) -> NDArray[np.float32]:
    """Draw blocks (left, top, right, bottom, value), the ends included, on zero."""
    values = np.zeros(shape, dtype=np.float32)
    for left, top, right, bottom, value in blocks:
        values[top : bottom + 1, left : right + 1] = value
    return values


def grown(block: Block, ratio: float) -> Points:
    """Return the box of a block: larger by area * ratio / perimeter on each side."""
    left, top, right, bottom, _ = block
    width, height = right - left, bottom - top
    distance = width * height * ratio / (2 * (width + height))
    left_top = (left - distance, top - distance)
    right_bottom = (right + distance, bottom + distance)
    return np.array(
        [left_top, (right_bottom[0], left_top[1]), right_bottom, (left_top[0], right_bottom[1])],
        dtype=np.float32,
    )


def lefts(
    values: NDArray[np.float32], options: DetectionOptions, size: tuple[int, int] | None = None
) -> list[int]:
    """Return the left ends of the boxes, rounded, from left to right."""
    found = boxes_from_probabilities(values, size or values.shape, options)
    return sorted(round(float(d.box[0, 0])) for d in found)


sides = st.integers(1, 20_000)


@given(sides, sides, st.integers(0, 5000))
def test_the_input_is_a_multiple_of_32_and_never_empty(height: int, width: int, long: int) -> None:
    for side in input_size(height, width, long):
        assert side % 32 == 0
        assert side >= 32


@given(sides, sides, st.integers(0, 5000))
def test_no_side_is_more_than_doubled(height: int, width: int, long: int) -> None:
    for side, result in zip((height, width), input_size(height, width, long), strict=True):
        assert result <= max(32, 2 * side + 16)


@given(sides, sides)
def test_the_long_side_stays_within_its_bounds(height: int, width: int) -> None:
    longer = max(input_size(height, width))
    assert longer <= 2560
    if max(height, width) >= 640:
        assert longer >= 1280


@given(sides, sides, st.integers(0, 5000))
def test_the_proportions_stay_but_for_the_rounding(height: int, width: int, long: int) -> None:
    new_height, new_width = input_size(height, width, long)
    scale = max(new_height, new_width) / max(height, width)
    slack = 16 * (1 + min(height, width) / max(height, width)) + 1e-6
    assert new_height == 32 or abs(new_height - height * scale) <= slack
    assert new_width == 32 or abs(new_width - width * scale) <= slack


@given(sides, sides, st.integers(0, 5000))
def test_turning_the_image_turns_the_input(height: int, width: int, long: int) -> None:
    assert input_size(height, width, long) == input_size(width, height, long)[::-1]


@given(st.integers(1, 100), st.integers(1, 8000), st.integers(1, 8000))
def test_a_long_side_that_is_asked_for_is_kept(number: int, height: int, width: int) -> None:
    long_side = 32 * number
    if max(height, width) * 2 >= long_side:
        assert max(input_size(height, width, long_side)) == long_side


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((4660, 3068), 0, (1856, 1216)),  # 40 %: 1864 x 1227
        ((3000, 2000), 0, (1280, 864)),  # 40 % would be 1200: too few
        ((9000, 6000), 0, (2560, 1696)),  # 40 % would be 3600: too many
        ((1000, 700), 0, (1280, 896)),
        ((400, 300), 0, (800, 608)),  # doubled, no more
        ((1920, 1000), 960, (960, 512)),
        ((1000, 2000), 1000, (512, 992)),
        ((500, 100), 4000, (992, 192)),  # doubled: 1000 x 200
        ((40, 6000), 0, (32, 2400)),
        ((1, 1), 0, (32, 32)),
        ((1000, 700), -1, (1280, 896)),
    ],
)
def test_input_sizes(size: tuple[int, int], long_side: int, expected: tuple[int, int]) -> None:
    assert input_size(*size, long_side) == expected


def lines_of_height(height: float, score: float = 0.6, count: int = 5) -> list[DetectedBox]:
    """Return lines, among them one very high and one very low."""
    heights = [height] * count + [10 * height, height / 10]
    boxes = [np.array([[0, 0], [900, 0], [900, h], [0, h]], np.float32) for h in heights]
    return [DetectedBox(box, score) for box in boxes]


@pytest.mark.parametrize(
    ("height", "expected"),
    [
        (100, (1280, 864)),  # 43 pixels in the input
        (57, (1280, 864)),  # 24.3: large enough
        (50, (1920, 1280)),  # 21.3: 1920 makes them 32
        (30, (3200, 2144)),  # 12.8, and no more than 3200
        (0, (3200, 2144)),
    ],
)
def test_small_text_is_looked_at_more_closely(height: float, expected: tuple[int, int]) -> None:
    size = (1280, 864)
    assert finer_input_size((3000, 2000), size, lines_of_height(height)) == expected


@pytest.mark.parametrize(
    ("height", "doubtful", "expected"),
    [
        (50, 1, (1280, 864)),  # one in twenty-one is no doubt
        (50, 2, (1920, 1280)),
        (38, 0, (1280, 864)),  # 16.2 pixels in the input
        (37, 0, (2592, 1728)),  # 15.8: too small in any case
        (100, 21, (1280, 864)),  # doubtful, but not for being small
    ],
)
def test_small_text_is_looked_at_more_closely_in_doubt(
    height: float, doubtful: int, expected: tuple[int, int]
) -> None:
    box = np.array([[0, 0], [900, 0], [900, height], [0, height]], np.float32)
    found = [DetectedBox(box, 0.69 if number < doubtful else 0.7) for number in range(21)]
    assert finer_input_size((3000, 2000), (1280, 864), found) == expected


def test_without_lines_or_pixels_nothing_is_looked_at_more_closely() -> None:
    assert finer_input_size((3000, 2000), (1280, 864), []) == (1280, 864)
    assert finer_input_size((400, 300), (800, 608), lines_of_height(5)) == (800, 608)


@given(sides, sides, st.floats(0, 500))
def test_looking_more_closely_never_makes_the_input_smaller(
    height: int, width: int, line_height: float
) -> None:
    size = input_size(height, width)
    finer = finer_input_size((height, width), size, lines_of_height(line_height))
    assert max(finer) >= max(size)
    assert max(finer) <= max(3200, max(size))


def inputs_seen(
    page: BgrImage, options: DetectionOptions, sureness: float = 0.7
) -> list[tuple[int, ...]]:
    seen: list[tuple[int, ...]] = []

    def remember(batch: FloatArray) -> FloatArray:
        seen.append(batch.shape[2:])
        return dark_is_text(batch) * np.float32(sureness)

    Detector(model(remember), options).detect(page)
    return seen


def test_a_page_with_small_text_is_detected_twice_and_one_with_large_text_once() -> None:
    page = np.full((3200, 3200, 3), 255, dtype=np.uint8)
    page[400:420, 300:3000] = 0  # found 20.7 pixels high in the input
    # The second time with 1984 x 1984, in two strips.
    expected = [(1280, 1280), (1024, 1984), (1024, 1984)]
    assert inputs_seen(page, DetectionOptions()) == expected
    assert inputs_seen(page, DetectionOptions(), sureness=1.0) == expected[:1]
    assert [size[0] for size in inputs_seen(page, DetectionOptions(long_side=1280))] == [1280]
    page[400:500, 300:3000] = 0
    assert [size[0] for size in inputs_seen(page, DetectionOptions())] == [1280]


def test_pixels_become_minus_one_to_one_by_channel() -> None:
    image = np.zeros((2, 3, 3), dtype=np.uint8)
    image[0, 1] = (0, 51, 255)
    batch = normalize(image)
    assert batch.shape == (1, 3, 2, 3)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    assert batch[0, :, 0, 1] == pytest.approx([-1.0, 51 / 127.5 - 1, 1.0], abs=1e-6)
    assert (np.delete(batch[0].reshape(3, 6), 1, axis=1) == -1).all()


@pytest.mark.parametrize("ratio", [1.0, 1.6, 2.5])
@pytest.mark.parametrize(
    "block", [(50, 40, 149, 49, 0.9), (80, 20, 89, 79, 0.9), (60, 30, 100, 70, 0.6)]
)
def test_a_box_is_its_block_grown_by_area_times_ratio_by_perimeter(
    block: Block, ratio: float
) -> None:
    options = replace(PLAIN, unclip_ratio=ratio)
    (found,) = boxes_from_probabilities(probabilities(block), (100, 200), options)
    assert found.box == pytest.approx(grown(block, ratio), abs=1e-3)
    assert found.box.dtype == np.float32
    assert found.score == pytest.approx(block[-1], abs=1e-6)


@pytest.mark.parametrize("tilt", [-30, -5, 5, 30])
@pytest.mark.parametrize("size", [(120, 20), (24, 90)])
def test_a_tilted_block_becomes_a_tilted_box(tilt: float, size: tuple[int, int]) -> None:
    kernel = order_corners(cv2.boxPoints(((150.0, 150.0), size, tilt)))
    values = np.zeros((300, 300), dtype=np.float32)
    cv2.fillPoly(values, [np.rint(kernel).astype(np.int32)], 0.8)
    (found,) = boxes_from_probabilities(values, (300, 300), PLAIN)
    growth = size[0] * size[1] * 1.6 / sum(size)
    assert box_size(found.box) == pytest.approx((size[0] + growth, size[1] + growth), abs=4)
    assert median_angle([found.box]) == pytest.approx(tilt, abs=1.5)
    assert found.box.mean(axis=0) == pytest.approx([150, 150], abs=1)
    assert np.array_equal(found.box, order_corners(found.box))


def test_boxes_are_scaled_to_the_image() -> None:
    block = (50, 40, 149, 49, 0.9)
    (found,) = boxes_from_probabilities(probabilities(block), (300, 400), PLAIN)
    assert found.box == pytest.approx(grown(block, 1.6) * (2, 3), abs=1e-3)


def test_boxes_stay_inside_of_the_image() -> None:
    values = probabilities((0, 0, 199, 9, 0.9), (150, 80, 199, 99, 0.9))
    for found in boxes_from_probabilities(values, (200, 400), PLAIN):
        assert found.box.min() >= 0
        assert (found.box <= (400, 200)).all()
    assert len(boxes_from_probabilities(values, (200, 400), PLAIN)) == 2


def test_boxes_come_from_top_to_bottom() -> None:
    values = probabilities((10, 70, 60, 80, 0.9), (120, 10, 170, 20, 0.9), (10, 40, 60, 50, 0.9))
    found = boxes_from_probabilities(values, (100, 200), PLAIN)
    assert [round(float(d.box[:, 1].mean())) for d in found] == [15, 45, 75]


def test_a_score_is_the_mean_of_the_block() -> None:
    values = probabilities((50, 40, 99, 49, 0.6), (100, 40, 149, 49, 1.0))
    (found,) = boxes_from_probabilities(values, (100, 200), PLAIN)
    assert found.score == pytest.approx(0.8, abs=1e-6)


def test_every_box_has_its_own_score() -> None:
    values = probabilities((10, 10, 60, 20, 0.6), (10, 40, 60, 50, 0.7), (10, 70, 60, 80, 0.9))
    found = boxes_from_probabilities(values, (100, 200), PLAIN)
    assert [d.score for d in found] == pytest.approx([0.6, 0.7, 0.9], abs=1e-6)


def test_boxes_below_the_score_are_dropped() -> None:
    values = probabilities((10, 10, 60, 20, 0.49), (10, 40, 60, 50, 0.51))
    assert len(boxes_from_probabilities(values, (100, 200), PLAIN)) == 1
    assert len(boxes_from_probabilities(values, (100, 200), replace(PLAIN, box_thresh=0.4))) == 2
    assert boxes_from_probabilities(values, (100, 200), replace(PLAIN, box_thresh=0.6)) == []


def test_only_pixels_above_the_threshold_are_text() -> None:
    values = probabilities((10, 10, 60, 20, 0.5), (110, 10, 160, 20, 0.75))
    options = replace(PLAIN, box_thresh=0.0)
    assert len(lefts(values, replace(options, thresh=0.25))) == 2
    assert len(lefts(values, replace(options, thresh=0.5))) == 1
    assert lefts(values, replace(options, thresh=0.75)) == []


def test_nothing_is_found_on_an_empty_page() -> None:
    assert boxes_from_probabilities(probabilities(), (1000, 2000), DetectionOptions()) == []


@pytest.mark.parametrize(
    ("side", "ratio", "kept"),
    [
        (3, 1.6, False),  # the kernel is 2 wide
        (4, 1.6, True),  # 3 wide, grown to 5.4
        (4, 1.0, False),  # 3 wide, grown to 4.5
    ],
)
def test_specks_are_dropped(side: int, ratio: float, kept: bool) -> None:
    values = probabilities((50, 50, 50 + side - 1, 50 + side - 1, 1.0))
    found = boxes_from_probabilities(values, (100, 200), replace(PLAIN, unclip_ratio=ratio))
    assert bool(found) is kept


def test_a_thin_rule_is_dropped() -> None:
    values = probabilities((10, 50, 190, 52, 1.0))
    assert boxes_from_probabilities(values, (100, 200), PLAIN) == []


def test_dilation_joins_what_nearly_touches() -> None:
    values = probabilities((20, 40, 80, 50, 0.9), (82, 40, 140, 50, 0.9))
    assert len(lefts(values, PLAIN)) == 2
    assert len(lefts(values, replace(PLAIN, use_dilation=True))) == 1
    apart = probabilities((20, 40, 80, 50, 0.9), (84, 40, 140, 50, 0.9))
    assert len(lefts(apart, replace(PLAIN, use_dilation=True))) == 2


def test_dilation_widens_a_block_by_one_pixel() -> None:
    dilated = (50, 40, 150, 50, 0.9)
    (found,) = boxes_from_probabilities(
        probabilities((50, 40, 149, 49, 0.9)), (100, 200), DetectionOptions()
    )
    assert found.box == pytest.approx(grown(dilated, 1.6), abs=1e-3)


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_no_more_candidates_are_looked_at_than_allowed(limit: int, count: int) -> None:
    values = probabilities((10, 10, 60, 20, 0.9), (10, 40, 60, 50, 0.9), (10, 70, 60, 80, 0.9))
    found = boxes_from_probabilities(values, (100, 200), replace(PLAIN, max_candidates=limit))
    assert len(found) == count


def test_the_mean_is_taken_of_what_is_inside() -> None:
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    square: Points = np.array([[2, 3], [5, 3], [5, 7], [2, 7]], dtype=np.float32)
    assert mean_inside(values, square) == pytest.approx(float(values[3:8, 2:6].mean()))


def test_the_mean_of_a_diamond_leaves_out_its_surroundings() -> None:
    values = np.zeros((41, 41), dtype=np.float32)
    diamond: Points = np.array([[20, 5], [35, 20], [20, 35], [5, 20]], dtype=np.float32)
    cv2.fillPoly(values, [diamond.astype(np.int32)], 1.0)
    assert mean_inside(values, diamond) == pytest.approx(1.0)
    assert values[5:36, 5:36].mean() < 0.6


def test_the_mean_of_what_reaches_over_the_edge_is_that_of_what_is_there() -> None:
    values = np.full((20, 30), 0.25, dtype=np.float32)
    values[:5, :5] = 1.0
    corner: Points = np.array([[-10, -10], [4, -10], [4, 4], [-10, 4]], dtype=np.float32)
    assert mean_inside(values, corner) == pytest.approx(1.0)
    beyond: Points = np.array([[25, 15], [60, 15], [60, 40], [25, 40]], dtype=np.float32)
    assert mean_inside(values, beyond) == pytest.approx(0.25)


def dark_is_text(batch: FloatArray) -> FloatArray:
    """Return a probability of 0.9 where a pixel is darker than mid grey."""
    return np.where(batch.mean(axis=1, keepdims=True) < 0, 0.9, 0.0).astype(np.float32)


def model(function: Any = dark_is_text, **shapes: Any) -> NullModel:
    return NullModel(function, **{"output_shape": (None, 1, None, None), **shapes})


def test_dark_rectangles_are_found_where_they_are() -> None:
    page = np.full((900, 1400, 3), 255, dtype=np.uint8)
    page[100:140, 200:900] = 0
    page[300:340, 500:1300] = 0
    found = Detector(model(), PLAIN).detect(page)
    assert [d.score for d in found] == pytest.approx([0.9, 0.9], abs=0.01)
    for box, (left, top, right, bottom) in zip(
        (d.box for d in found), [(200, 100, 900, 140), (500, 300, 1300, 340)], strict=True
    ):
        growth = (right - left) * 40 * 1.6 / (2 * (right - left + 40))
        expected = (left - growth, top - growth, right + growth, bottom + growth)
        assert (*box[0], *box[2]) == pytest.approx(expected, abs=4)


def test_the_model_sees_one_image_of_the_input_size_in_bgr() -> None:
    seen: list[FloatArray] = []

    def remember(batch: FloatArray) -> FloatArray:
        seen.append(batch)
        return dark_is_text(batch)

    page = np.zeros((500, 700, 3), dtype=np.uint8)
    page[:] = (0, 51, 255)
    Detector(model(remember), DetectionOptions(long_side=320)).detect(page)
    (batch,) = seen
    assert batch.shape == (1, 3, 224, 320)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    assert [float(c.mean()) for c in batch[0]] == pytest.approx([-1, -0.6, 1], abs=1e-5)


def test_the_options_reach_the_boxes() -> None:
    page = np.full((640, 640, 3), 255, dtype=np.uint8)
    page[100:140, 100:500] = 0
    assert len(Detector(model()).detect(page)) == 1
    assert Detector(model(), DetectionOptions(box_thresh=0.95)).detect(page) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1)])
def test_an_image_without_room_for_text_has_none(shape: tuple[int, int]) -> None:
    def refuse(_batch: FloatArray) -> FloatArray:
        raise AssertionError("the model was asked")

    assert Detector(model(refuse)).detect(np.zeros((*shape, 3), dtype=np.uint8)) == []


@pytest.mark.parametrize("shape", [(2, 3000), (3000, 2), (40, 6000)])
def test_a_strip_can_be_looked_at(shape: tuple[int, int]) -> None:
    options = DetectionOptions(min_height=0, max_ratio=0)  # the paper that is added is black
    assert Detector(model(), options).detect(np.full((*shape, 3), 255, dtype=np.uint8)) == []


@pytest.mark.parametrize(
    "shapes",
    [
        {"output_shape": (None, None, 18710)},  # recognition
        {"output_shape": (None, 2)},  # orientation
        {"output_shape": (None, 2, None, None)},
        {"output_shape": (None, 1, None, None), "input_shape": (None, 1, None, None)},
        {"output_shape": (None, 1, None, None), "input_shape": (None,)},
    ],
)
def test_a_model_of_another_kind_is_refused(shapes: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        Detector(model(**shapes))
    assert "not a text detection model" in str(caught.value)
    assert str(shapes["output_shape"]) in str(caught.value)


@pytest.mark.parametrize("output", [(None, 1, None, None), (None, None, None, None), (1, 1, 9, 9)])
def test_a_model_may_leave_its_sizes_open(output: tuple[int | None, ...]) -> None:
    blank = np.full((64, 64, 3), 255, dtype=np.uint8)
    assert Detector(model(output_shape=output)).detect(blank) == []


#: Two lines of print, as kernels.
UPPER, LOWER = (10, 20, 189, 27, 0.9), (10, 60, 189, 67, 0.9)


def bars(values: NDArray[np.float32]) -> list[list[int]]:
    """Return the extent of the boxes without growth, rounded: left, top, right, bottom."""
    options = DetectionOptions(use_dilation=False, unclip_ratio=0)
    found = boxes_from_probabilities(values, values.shape, options)
    return [
        [round(float(v)) for v in (*d.box.min(axis=0), *d.box.max(axis=0))]
        for d in sorted(found, key=lambda d: float(d.box[0, 1]))
    ]


@pytest.mark.parametrize("down", [False, True])
def test_lines_joined_by_a_stroke_are_two_lines(down: bool) -> None:
    values = probabilities(UPPER, LOWER, (90, 20, 95, 67, 0.9))
    found = bars(np.ascontiguousarray(values.T) if down else values)
    expected = [[10, 20, 189, 27], [10, 60, 189, 67]]
    assert found == ([[b, a, d, c] for a, b, c, d in expected] if down else expected)


def test_lines_joined_by_a_broad_doubtful_spot_are_two_lines() -> None:
    values = probabilities(UPPER, LOWER)
    values[20:68, 60:130] = np.maximum(values[20:68, 60:130], 0.5)
    assert bars(values) == [[10, 20, 189, 27], [10, 60, 189, 67]]


def test_a_line_that_forks_is_cut_at_the_fork() -> None:
    values = probabilities((10, 60, 120, 67, 0.9), shape=(140, 240))
    for column in range(120, 230):
        for slope in (-0.2, 0.2):
            middle = 64 + round(slope * (column - 120))
            values[middle - 4 : middle + 4, column] = 0.9
    left, *arms = sorted(bars(values), key=lambda box: box[0])
    assert left[0] == 10
    assert 120 <= left[2] <= 165
    assert len(arms) == 2


def test_an_area_that_is_no_line_has_none_in_it() -> None:
    across, down = np.mgrid[0:120, 0:120]
    ring = np.abs(np.hypot(across - 60, down - 60) - 45) < 3
    assert bars(np.where(ring, 0.9, 0).astype(np.float32)) == []

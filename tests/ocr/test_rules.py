# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Printed rules are found in images, and nothing else is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrd_rapid.ocr.geometry import Points, rotate_points
from ocrd_rapid.ocr.layout.printed_rules import PrintedRule, find_rules, level_rules
from ocrd_rapid.pixels import BgrImage

#: Line height of the drawn text.
UNIT = 40


def paper(height: int = 1200, width: int = 1000, grey: int = 230) -> BgrImage:
    return np.full((height, width, 3), grey, dtype=np.uint8)


def text(image: BgrImage, left: int, right: int, top: int, letter: int = 10) -> Points:
    """Draw a line of strokes that look like letters; return its box."""
    for x in range(left + 4, right - letter, letter + 6):
        cv2.rectangle(image, (x, top + 12), (x + letter, top + 30), (20, 20, 20), 2)
    corners = [[left, top], [right, top], [right, top + UNIT], [left, top + UNIT]]
    return np.array(corners, dtype=np.float32)


def body(image: BgrImage, left: int = 100, right: int = 900, top: int = 100) -> list[Points]:
    return [text(image, left, right, top + i * 50) for i in range(8)]


def draw(image: BgrImage, start: tuple[int, int], end: tuple[int, int], width: int = 3) -> None:
    cv2.line(image, start, end, (30, 30, 30), width)


def close(rule: PrintedRule, start: tuple[float, float], end: tuple[float, float]) -> bool:
    return bool(np.allclose(rule.points, [start, end], atol=0.15 * UNIT))


def test_text_alone_has_no_rules() -> None:
    image = paper()
    assert find_rules(image, body(image)) == []


def test_letters_that_touch_are_no_rule() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (150, 122), (600, 122), 4)
    assert find_rules(image, boxes) == []


@pytest.mark.parametrize("width", [1, 2, 4, 10, 20])
def test_a_horizontal_rule(width: int) -> None:
    image = paper()
    boxes = body(image)
    image[700 - width // 2 : 700 - width // 2 + width, 200:800] = 30
    (rule,) = find_rules(image, boxes)
    assert close(rule, (200, 700), (800, 700))


def test_a_vertical_rule_between_columns() -> None:
    image = paper()
    boxes = body(image, 100, 480) + body(image, 520, 900)
    draw(image, (500, 90), (500, 520))
    (rule,) = find_rules(image, boxes)
    assert close(rule, (500, 90), (500, 520))


def test_a_worn_rule_is_one_rule() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (100, 700), (900, 700))
    image[690:710, 300:340] = 230
    image[690:710, 600:660] = 230
    (rule,) = find_rules(image, boxes)
    assert close(rule, (100, 700), (900, 700))


def test_rules_far_apart_are_two() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (100, 700), (300, 700))
    draw(image, (700, 700), (900, 700))
    assert [close(r, *ends) for r, ends in zip(
        find_rules(image, boxes), [((100, 700), (300, 700)), ((700, 700), (900, 700))], strict=True
    )] == [True, True]  # fmt: skip


def test_a_picture_is_no_rule() -> None:
    image = paper()
    boxes = body(image)
    image[600:800, 200:800] = 20
    assert find_rules(image, boxes) == []


def test_a_short_dash_is_no_rule() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (480, 700), (480 + 2 * UNIT, 700))
    assert find_rules(image, boxes) == []


def test_a_shadow_is_no_rule_and_hides_none() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (200, 700), (800, 700))
    shade = np.linspace(0.4, 1, image.shape[1])[None, :, None]
    image = np.asarray(image * shade, dtype=np.uint8)
    (rule,) = find_rules(image, boxes)
    assert close(rule, (200, 700), (800, 700))


@pytest.mark.parametrize("tilt", [-4.0, -1.0, 2.0])
def test_rules_of_a_crooked_page(tilt: float) -> None:
    image = paper()
    boxes = body(image, 100, 480) + body(image, 520, 900)
    draw(image, (500, 90), (500, 520))
    draw(image, (100, 700), (900, 700))
    turn = cv2.getRotationMatrix2D((0, 0), -tilt, 1.0)
    turn[:, 2] = 60
    size = (image.shape[1] + 120, image.shape[0] + 120)
    crooked = cv2.warpAffine(image, turn, size, borderValue=(230, 230, 230))
    moved = [rotate_points(box, tilt) + np.float32(60) for box in boxes]
    expected = [
        rotate_points(np.array(ends, np.float32), tilt) + np.float32(60)
        for ends in (((100, 700), (900, 700)), ((500, 90), (500, 520)))
    ]
    found = find_rules(np.asarray(crooked, dtype=np.uint8), moved)
    assert len(found) == 2
    for rule, ends in zip(found, expected, strict=True):
        assert np.allclose(rule.points, ends, atol=0.3 * UNIT)


@pytest.mark.parametrize("scale", [1, 3])
def test_resolution_does_not_matter(scale: int) -> None:
    image = paper()
    boxes = body(image)
    draw(image, (200, 700), (800, 700))
    large = np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
    (rule,) = find_rules(large, [box * np.float32(scale) for box in boxes])
    assert close(
        PrintedRule(*(tuple(v / scale for v in end) for end in (rule.start, rule.end))),
        (200, 700), (800, 700),
    )  # fmt: skip


def test_without_text_or_image_there_are_none() -> None:
    image = paper()
    boxes = body(image)
    draw(image, (200, 700), (800, 700))
    assert find_rules(image, []) == []
    assert find_rules(image[:1, :1], boxes) == []


def test_boxes_beyond_the_image_do_no_harm() -> None:
    image = paper(60, 60)
    beyond = np.array([[-50, -50], [500, -50], [500, 10], [-50, 10]], dtype=np.float32)
    assert find_rules(image, [beyond, beyond * 0]) == []


def test_level_rules_are_told_apart() -> None:
    ends = [np.array(pair, np.float32) for pair in ([[0, 90], [500, 110]], [[200, 0], [200, 300]])]
    horizontal, vertical = level_rules(ends)
    assert np.allclose(horizontal, [[0, 500, 100, 0.04]], atol=1e-3)
    assert np.allclose(vertical, [[200, 0, 300]], atol=1e-3)


def test_no_rules_are_empty_arrays() -> None:
    horizontal, vertical = level_rules([])
    assert horizontal.shape == (0, 4)
    assert vertical.shape == (0, 3)


def test_short_rules_are_vertical_only_between_horizontal_ones() -> None:
    image = paper()
    boxes = body(image)
    for y in (700, 800):
        draw(image, (100, y), (900, y))
    draw(image, (500, 700), (500, 800))
    draw(image, (300, 725), (300, 778), 4)
    found = find_rules(image, boxes)
    assert len(found) == 3
    assert close(found[2], (500, 700), (500, 800))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages with next to no text: where there is ink, and what is found there."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.detector import DetectionOptions, Detector
from ocrd_rapid.ocr.detection.ink import places_of_ink

Page = NDArray[np.uint8]
Spoil = Callable[[Page], Page]


def paper(height: int = 1754, width: int = 1240, tone: int = 230) -> Page:
    """Return a page with grain and uneven light."""
    grain = np.random.default_rng(height + width).normal(0, 6, (height, width))
    light = np.linspace(-40, 20, width)[None]
    return np.clip(tone + grain + light, 0, 255).astype(np.uint8)


def bgr(page: Page) -> Page:
    return np.asarray(np.repeat(page[..., None], 3, axis=2), dtype=np.uint8)


def letters(page: Page, count: int = 5, at: tuple[int, int] = (500, 800), height: int = 20) -> Page:
    """Paint strokes in a row, as high as letters."""
    for number in range(count):
        left = at[0] + number * height
        page[at[1] : at[1] + height, left : left + height // 3] = 30
    return page


def typeset(page: Page, text: str, size: float) -> Page:
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    place = ((page.shape[1] - draw.textlength(text, font=font)) / 2, 0.46 * page.shape[0])
    draw.text(place, text, font=font, fill=20)
    return np.array(image)


def test_letters_in_a_row_are_a_place() -> None:
    (place,) = places_of_ink(bgr(letters(paper())))
    assert (*place.low, *place.high) == pytest.approx((500, 800, 586, 820), abs=1)
    assert place.letter == pytest.approx(20, abs=1)


def test_places_are_in_pixels_of_the_image_however_large() -> None:
    (place,) = places_of_ink(bgr(letters(paper(5000, 3600), at=(1500, 2400), height=60)))
    assert (*place.low, *place.high) == pytest.approx((1500, 2400, 1760, 2460), abs=4)
    assert place.letter == pytest.approx(60, abs=4)


def test_rows_that_are_apart_are_two_places_those_with_more_letters_first() -> None:
    page = letters(letters(paper(), 3), 9, (300, 1400))
    assert [round(place.low[0], -1) for place in places_of_ink(bgr(page))] == [300, 500]


def test_the_ink_of_known_lines_is_not_looked_at() -> None:
    box = np.array([(490, 790), (600, 790), (600, 830), (490, 830)], dtype=np.float32)
    assert places_of_ink(bgr(letters(paper())), [box]) == []


def stained(page: Page) -> Page:
    cv2.ellipse(page, (600, 800), (400, 250), 20, 0, 360, 140, cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 9), dtype=np.uint8)


def specked(page: Page) -> Page:
    rng = np.random.default_rng(1)
    for x, y in rng.integers(0, (1240, 1754), (300, 2)).tolist():
        cv2.circle(page, (x, y), int(rng.integers(1, 3)), 60, cv2.FILLED)
    return page


def edged(page: Page) -> Page:
    page[:, :70], page[-25:] = 10, 15
    return page


def shining_through(page: Page) -> Page:
    back = cv2.GaussianBlur(letters(np.full_like(page, 255), 12), (0, 0), 2)[:, ::-1]
    return np.asarray(page * (1 - 0.25 * (255 - back) / 255.0), dtype=np.uint8)


def ruled(page: Page) -> Page:
    cv2.rectangle(page, (100, 100), (1140, 1650), 30, 3)
    cv2.line(page, (500, 900), (740, 900), 30, 3)
    return page


def blotted(page: Page) -> Page:
    cv2.circle(page, (300, 500), 25, 40, cv2.FILLED)
    cv2.circle(page, (900, 1200), 12, 40, cv2.FILLED)
    return page


BLANK = [np.copy, stained, specked, edged, shining_through, ruled, blotted]


@pytest.mark.parametrize("spoil", BLANK)
def test_paper_has_no_places(spoil: Spoil) -> None:
    assert places_of_ink(bgr(spoil(paper()))) == []


@pytest.mark.parametrize("shape", [(2, 2), (3, 900), (900, 2), (5000, 3)])
def test_tiny_images_have_no_places(shape: tuple[int, int]) -> None:
    assert places_of_ink(np.full((*shape, 3), 255, dtype=np.uint8)) == []


# The second look


class Shy:
    """Sees ink only on images of which it is more than a small part, as the network does."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, batch: FloatArray) -> FloatArray:
        self.seen.append(batch.shape[2:])
        ink = (batch[:, :1] < 0).astype(np.float32)
        wide = cv2.dilate(ink[0, 0], np.ones((5, 25), np.uint8))[None, None]
        return np.asarray(wide if ink.mean() > 0.01 else 0 * wide, dtype=np.float32)


def shy_detector(shy: Shy, long_side: int = 0) -> Detector:
    model = NullModel(shy, output_shape=(None, 1, None, None))
    return Detector(model, DetectionOptions(long_side=long_side))


@pytest.mark.parametrize("long_side", [0, 960])
def test_a_single_line_is_found_by_a_second_look(long_side: int) -> None:
    (line,) = shy_detector(Shy(), long_side).detect(bgr(letters(paper())))
    low, high = line.box.min(axis=0), line.box.max(axis=0)
    assert (low < (500, 800)).all()
    assert (high > (586, 820)).all()
    assert (low > (460, 760)).all()
    assert (high < (626, 860)).all()


def test_the_second_look_is_at_letters_of_24_pixels() -> None:
    shy = Shy()
    shy_detector(shy).detect(bgr(letters(paper())))
    assert shy.seen[1:] == [(128, 192)]  # (20 + 2 * 40) x (86 + 2 * 40) pixels, by 24 / 20


def test_paper_is_looked_at_once() -> None:
    shy = Shy()
    assert shy_detector(shy).detect(bgr(paper())) == []
    assert len(shy.seen) == 1


def test_a_page_with_lines_is_looked_at_once() -> None:
    page = np.full((1280, 960), 255, dtype=np.uint8)
    for y in range(100, 1200, 60):
        letters(page, 30, (100, y))
    shy = Shy()
    assert len(shy_detector(shy, 1280).detect(bgr(page))) == 19
    assert len(shy.seen) == 1


# With the real models


@pytest.mark.models
@pytest.mark.parametrize("text", ["THE END", "- 17 -", "Ex libris"])
@pytest.mark.parametrize("size", [36, 48, 60])
def test_a_short_line_alone_on_a_page_is_found(detector: Detector, text: str, size: int) -> None:
    page = np.full((3508, 2480), 255, dtype=np.uint8)
    found = detector.detect(bgr(typeset(page, text, size)))
    assert len(found) == 1
    low, high = found[0].box.min(axis=0), found[0].box.max(axis=0)
    ink = np.argwhere(typeset(page, text, size) < 128)[:, ::-1]
    assert (low <= ink.min(axis=0) + 0.1 * size).all()
    assert (high >= ink.max(axis=0) - 0.1 * size).all()
    assert (high - low < np.ptp(ink, axis=0) + 1.5 * size).all()


@pytest.mark.models
@pytest.mark.parametrize("spoil", [np.copy, stained, specked, ruled])
def test_nothing_is_found_on_a_blank_page(detector: Detector, spoil: Spoil) -> None:
    assert detector.detect(bgr(spoil(paper()))) == []

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A page in one call: what is in the result, and where it lies on the page."""

from __future__ import annotations

import numpy as np
import pytest
from painted_pages import (
    BAR_HEIGHT,
    BAR_WIDTH,
    blank_page,
    classify,
    confidence_of,
    detect,
    letter_page,
    paint,
    recognize,
    turned,
)

from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import ReadPage
from ocrd_rapid.ocr.page_reading import PageOptions, read_page
from ocrd_rapid.pixels import BgrImage

DETECTOR, CLASSIFIER = detect().detector, classify().classifier
RECOGNIZER = recognize().recognizer


def read(image: BgrImage, options: PageOptions | None = None) -> ReadPage:
    return read_page(image, DETECTOR, CLASSIFIER, RECOGNIZER, options, reader=lambda: None)


def test_text_is_that_of_lines_and_regions() -> None:
    page = read(letter_page())
    assert page.text == "a\nb\nc\n\nd\ne\nf"
    assert [region.text for region in page.regions] == ["a\nb\nc", "d\ne\nf"]
    assert [line.text for line in page.lines] == list("abcdef")
    assert (page.width, page.height, page.orientation) == (300, 400, 0)
    line = next(page.lines)
    assert line.confidence == pytest.approx(confidence_of("a"))
    assert [character.text for character in line.characters] == ["a"]
    assert (line.head, line.head_confidence, line.words) == ("base", None, ())


def test_every_step_but_the_first_may_be_left_out() -> None:
    found = read_page(letter_page(), DETECTOR)
    assert len(list(found.lines)) == 6
    assert found.text.strip() == ""
    assert (found.orientation, {region.orientation for region in found.regions}) == (None, {0})
    upright = read_page(letter_page(), DETECTOR, None, RECOGNIZER)
    assert upright.text == read(letter_page()).text
    assert min(upright.seconds) >= 0
    assert read(blank_page()).regions == ()


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_places_are_those_on_the_page_whichever_way_up_it_is(degrees: int) -> None:
    """The corners of a line begin at its top left as it is read."""
    page = blank_page()
    paint(page, "c", 50, 30)
    found = read(turned(page, degrees), PageOptions(words=True))
    (line,) = found.lines
    assert (line.text, found.orientation) == ("c", degrees)
    expected = on_turned_page(
        [(50, 30), (50 + BAR_WIDTH, 30), (50 + BAR_WIDTH, 30 + BAR_HEIGHT), (50, 30 + BAR_HEIGHT)],
        degrees,
    )
    assert np.abs(line.corners - expected).max() < BAR_HEIGHT
    for outline in (line.outline, line.box, line.words[0].outline):
        assert np.abs(extent(outline) - extent(expected)).max() < BAR_HEIGHT
    assert (line.outline == np.rint(line.outline)).all()


def on_turned_page(points: list[tuple[int, int]], degrees: int) -> Points:
    """Return where points of a page of 300 x 400 are once it must be turned by ``degrees``."""
    found = np.array(points, dtype=np.float32)
    width, height = 300, 400
    for _ in range(degrees // 90 % 4):  # each turns it anticlockwise
        found = np.column_stack([found[:, 1], width - found[:, 0]])
        width, height = height, width
    return found


def extent(points: Points) -> Points:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def test_outlines_grow_by_the_padding_but_stay_on_the_page() -> None:
    page = blank_page()
    paint(page, "a", 50, 2)
    before, after = read(page), read(page, PageOptions(padding=10))
    (old,), (new,) = before.lines, after.lines
    assert new.box.tolist() == old.box.tolist()
    assert extent(new.outline)[0] == extent(old.outline)[0] - 10
    assert extent(new.outline)[1] == 0
    assert new.text == "a"


def test_a_page_is_turned_only_above_the_threshold() -> None:
    page = turned(letter_page(), 180)
    assert read(page).orientation == 180
    assert read(page, PageOptions(upside_down=1.0)).orientation == 0

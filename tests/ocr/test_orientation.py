# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which way up text is, by the votes of many lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.geometry import Points, cut_box, order_corners, rotate_points
from ocrd_rapid.ocr.layout.directions import lies_on_its_side
from ocrd_rapid.ocr.orientation import (
    LINES,
    READ_LINES,
    OrientationClassifier,
    quarter_turns,
    reads_upside_down,
    widest_first,
)
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedLine
from ocrd_rapid.pixels import BgrImage

Image = NDArray[np.uint8]


class Votes:
    """A model that takes the brightness of its input for its vote, and remembers the input."""

    def __init__(self) -> None:
        self.seen: list[FloatArray] = []

    def __call__(self, batch: FloatArray) -> FloatArray:
        self.seen.append(batch)
        ink = batch[batch != 0]
        vote = float(ink.mean() + 1) / 2 if ink.size else 0.0
        return np.array([[1 - vote, vote]], dtype=np.float32)


def model(
    function: Any,
    input_shape: tuple[int | None, ...] = (None, 3, None, None),
    output_shape: tuple[int | None, ...] = (None, 2),
) -> NullModel:
    return NullModel(function, {}, input_shape, output_shape)


def grey(height: int, width: int, value: int) -> Image:
    return np.full((height, width, 3), value, dtype=np.uint8)


def box(width: float, height: float) -> Points:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)


def test_without_lines_nothing_is_upside_down() -> None:
    votes = Votes()
    assert OrientationClassifier(model(votes)).upside_down([]) == 0.0
    assert votes.seen == []


@pytest.mark.parametrize("value", [51, 255])
def test_the_vote_of_a_single_line_is_the_probability_of_180_degrees(value: int) -> None:
    found = OrientationClassifier(model(Votes())).upside_down([grey(48, 100, value)])
    assert found == pytest.approx(value / 255, abs=1e-5)


def test_votes_are_averaged() -> None:
    lines = [grey(48, 100, value) for value in (255, 0, 0, 102)]
    found = OrientationClassifier(model(Votes())).upside_down(lines)
    assert found == pytest.approx((1 + 0 + 0 + 0.4) / 4, abs=1e-5)


def test_a_short_line_has_one_view_padded_with_zero() -> None:
    votes = Votes()
    OrientationClassifier(model(votes)).upside_down([grey(24, 50, 255)])
    (view,) = votes.seen
    assert view.shape == (1, 3, 48, 192)
    assert view.dtype == np.float32
    assert (view[..., :100] == 1).all()
    assert (view[..., 100:] == 0).all()


def test_a_line_that_just_fits_has_one_view() -> None:
    votes = Votes()
    OrientationClassifier(model(votes)).upside_down([grey(24, 96, 255)])
    assert len(votes.seen) == 1
    assert (votes.seen[0] == 1).all()


def test_a_long_line_has_two_views_squeezed_and_its_middle() -> None:
    line = grey(48, 768, 0)
    line[:, 288:480] = 255
    votes = Votes()
    found = OrientationClassifier(model(votes)).upside_down([line])
    squeezed, middle = votes.seen
    assert squeezed.shape == middle.shape == (1, 3, 48, 192)
    assert (middle == 1).all(), "the middle quarter, undistorted"
    assert (squeezed[..., :71] == -1).all()
    assert (squeezed[..., 73:119] == 1).all()
    assert (squeezed[..., 121:] == -1).all()
    assert found == pytest.approx((0.25 + 1) / 2, abs=0.01)


def test_the_views_are_in_bgr() -> None:
    line = grey(48, 100, 0)
    line[:] = (0, 51, 255)
    votes = Votes()
    OrientationClassifier(model(votes)).upside_down([line])
    assert votes.seen[0][0, :, 5, 5] == pytest.approx([-1, -0.6, 1], abs=1e-6)


def test_the_longest_lines_come_first_whichever_way_they_run() -> None:
    short, long, tall, flat = box(60, 48), box(75, 20), box(10, 100), box(5, 0)
    assert [b.tolist() for b in widest_first([short, long, flat, tall])] == [
        b.tolist() for b in (tall, flat, long, short)
    ]


@pytest.mark.parametrize(
    ("shades", "asked", "expected"),
    [
        ([0] * 200, 16, 0.0),
        ([255] * 200, 16, 1.0),
        ([127, 128] * 100, LINES, 0.5),  # never certain
        ([128] * 12 + [0] * 200, 24, 12 / 24 * 128 / 255),
        ([255] * 4 + [127] * 12 + [255] * 200, 32, (20 + 12 * 127 / 255) / 32),
        ([0, 255, 255], 3, 2 / 3),  # there are no more
    ],
)
def test_lines_are_asked_until_it_is_certain(
    shades: list[int], asked: int, expected: float
) -> None:
    votes, taken = Votes(), []
    lines = (taken.append(shade) or grey(48, 192, shade) for shade in shades)
    found = OrientationClassifier(model(votes)).upside_down(lines)
    assert (len(votes.seen), len(taken)) == (asked, asked)
    assert found == pytest.approx(expected, abs=1e-5)


def test_in_doubt_the_lines_that_voted_are_read() -> None:
    reader = Scripted()
    lines = (half_bright(50, 200) for _ in range(100))
    OrientationClassifier(model(Votes())).upside_down_or_read(lines, lambda: reader)
    assert reader.read == [READ_LINES, READ_LINES]


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((None, 3, None, None), (48, 192)),
        ((None, 3, 80, 160), (80, 160)),
        ((None, 3, 48, None), (48, 192)),
    ],
)
def test_the_view_has_the_size_that_the_model_wants(
    shape: tuple[int | None, ...], size: tuple[int, int]
) -> None:
    votes = Votes()
    OrientationClassifier(model(votes, shape)).upside_down([grey(40, 400, 255)])
    assert [view.shape for view in votes.seen] == [(1, 3, *size)] * 2
    assert all((view == 1).all() for view in votes.seen)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1)])
def test_a_line_of_one_pixel_has_a_vote(shape: tuple[int, int]) -> None:
    found = OrientationClassifier(model(Votes())).upside_down([grey(*shape, 255)])
    assert found == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("input_shape", "output_shape"),
    [
        ((None, 3, None, None), (None, 1, None, None)),  # detection
        ((None, 3, 48, None), (None, None, 18710)),  # recognition
        ((None, 3, 224, 224), (None, 4)),  # orientation of documents
        ((None, 1, 48, 192), (None, 2)),
    ],
)
def test_a_model_of_another_kind_is_refused(
    input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
) -> None:
    with pytest.raises(ModelError) as caught:
        OrientationClassifier(model(Votes(), input_shape, output_shape))
    assert "not a text line orientation model" in str(caught.value)
    assert str(output_shape) in str(caught.value)


@pytest.mark.parametrize(
    ("boxes", "sideways"),
    [
        ([], False),
        ([box(500, 30)], False),
        ([box(30, 500)], True),
        ([box(500, 30)] * 3 + [box(30, 500)] * 4, True),
        ([box(500, 30)] * 4 + [box(30, 500)] * 3, False),
        ([box(20, 30)] * 10 + [box(500, 30)], False),
        ([box(30, 20)] * 10 + [box(30, 500)], True),
        ([box(500, 30), box(30, 500)], False),
        ([box(30, 30)], False),
    ],
    ids=[
        "nothing", "lying", "tall", "mostly tall", "mostly lying", "numbers beside a line",
        "words beside a tall line", "undecided", "square",
    ],
)  # fmt: skip
def test_text_lies_on_its_side_if_most_of_its_length_is_tall(
    boxes: list[Points], sideways: bool
) -> None:
    assert lies_on_its_side(boxes) is sideways


@pytest.mark.parametrize(
    ("boxes", "upside_down", "turn"),
    [
        ([box(500, 30)], False, 0),
        ([box(500, 30)], True, 180),
        ([box(30, 500)], False, -90),
        ([box(30, 500)], True, 90),
        ([], False, 0),
    ],
)
def test_the_turn_that_sets_text_upright(boxes: list[Points], upside_down: bool, turn: int) -> None:
    assert quarter_turns(boxes, upside_down) == turn


def starts_dark(line: Image) -> bool:
    """Return whether the beginning of a line is darker than its end."""
    middle = line.shape[1] // 2
    return bool(line[:, :middle].mean() < line[:, middle:].mean())


@pytest.mark.parametrize("printed", [0, 90, 180, -90])
def test_turning_as_told_sets_a_turned_page_upright(printed: int) -> None:
    """The page is turned clockwise by ``printed``; what is cut out of it must say so."""
    page = grey(400, 400, 255)
    page[180:220, 50:200] = 0
    page[180:220, 200:350] = 128
    line: Points = np.array([[50, 180], [350, 180], [350, 220], [50, 220]], dtype=np.float32)
    turned = np.ascontiguousarray(np.rot90(page, -printed // 90))
    found = order_corners(rotate_points(line - 200, printed) + np.float32(200))
    upside_down = not starts_dark(cut_box(turned, found))
    turn = quarter_turns([found], upside_down)
    assert (printed + turn) % 360 == 0
    assert np.array_equal(np.rot90(turned, -turn // 90), page)


# Reading both ways


class Scripted:
    """Reads a line as well as it is bright on its left half."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def recognize(self, images: Sequence[BgrImage]) -> list[RecognizedLine]:
        self.read.append(len(images))
        return [
            RecognizedLine("x", float(image[:, : image.shape[1] // 2].mean()) / 255)
            for image in images
        ]


def half_bright(left: int, right: int) -> BgrImage:
    image = np.empty((20, 100, 3), dtype=np.uint8)
    image[:, :50], image[:, 50:] = left, right
    return image


@pytest.mark.parametrize(("left", "right", "turned"), [(200, 50, False), (50, 200, True)])
def test_the_way_that_reads_better_counts(left: int, right: int, turned: bool) -> None:
    assert reads_upside_down([half_bright(left, right)] * 3, Scripted()) is turned


@pytest.mark.parametrize(
    ("probability", "asked", "expected"),
    [(0.39, False, 0.39), (0.41, True, 1.0), (0.71, True, 1.0), (0.99, True, 1.0)],
)
def test_lines_that_may_be_upside_down_are_read(
    probability: float, asked: bool, expected: float
) -> None:
    def network(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.array([[1 - probability, probability]], dtype=np.float32)

    classifier = OrientationClassifier(
        NullModel(network, input_shape=(None, 3, 48, 192), output_shape=(None, 2))
    )
    reader = Scripted()
    found = classifier.upside_down_or_read([half_bright(50, 200)], lambda: reader)
    assert found == pytest.approx(expected)
    assert bool(reader.read) is asked


def test_what_reads_better_as_it_is_is_not_turned() -> None:
    """However sure the classifier is, as it is of Hebrew."""
    sure = OrientationClassifier(
        NullModel(
            lambda batch: np.array([[0.0, 1.0]], dtype=np.float32),
            input_shape=(None, 3, 48, 192),
            output_shape=(None, 2),
        )
    )
    assert sure.upside_down_or_read([half_bright(200, 50)], Scripted) == 0.0


def test_without_a_reader_the_classifier_has_the_last_word() -> None:
    def network(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.array([[0.5, 0.5]], dtype=np.float32)

    classifier = OrientationClassifier(
        NullModel(network, input_shape=(None, 3, 48, 192), output_shape=(None, 2))
    )
    assert classifier.upside_down_or_read([half_bright(0, 9)], lambda: None) == 0.5


def test_only_the_widest_lines_are_read() -> None:
    reader = Scripted()
    reads_upside_down([half_bright(9, 0)] * 40, reader)
    assert reader.read == [READ_LINES, READ_LINES]

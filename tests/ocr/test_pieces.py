# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Long lines in pieces: where they are cut, and that they read as if they were not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.ocr.recognition.line_input import MAX_WIDTH, prepare_line
from ocrd_rapid.ocr.recognition.pieces import (
    OVERLAP,
    PIECE_WIDTH,
    WIDTH_BUCKET,
    pieces,
    read_in_pieces,
    seam,
)
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.pixels import BgrImage, to_bgr

WIDTHS = st.integers(1, MAX_WIDTH // WIDTH_BUCKET).map(lambda count: count * WIDTH_BUCKET)
LONG = st.integers(PIECE_WIDTH // WIDTH_BUCKET + 1, 400).map(lambda count: count * WIDTH_BUCKET)


@pytest.mark.parametrize("width", [32, 1600, 2400])
def test_an_ordinary_line_is_one_piece(width: int) -> None:
    assert pieces(width) == [(0, width)]


def test_a_long_line_is_in_overlapping_pieces_of_one_width() -> None:
    assert pieces(2432) == [(0, 1472), (960, 2432)]
    assert pieces(4800) == [(0, 1952), (1408, 3360), (2848, 4800)]
    assert len(pieces(20_000)) == 11


@given(WIDTHS)
def test_pieces_cover_the_line_and_overlap(width: int) -> None:
    found = pieces(width)
    assert (found[0][0], found[-1][1]) == (0, width)
    assert len({end - begin for begin, end in found}) == 1
    assert all(place % WIDTH_BUCKET == 0 for piece in found for place in piece)
    assert found[0][1] <= PIECE_WIDTH
    overlaps = [end - begin for (_, end), (begin, _) in pairwise(found)]
    assert all(OVERLAP <= overlap <= OVERLAP + 4 * WIDTH_BUCKET for overlap in overlaps)
    # Between two seams there is something of the piece.
    assert found[0][1] > 2 * max(overlaps, default=0)


def local(batch: FloatArray, reach: int = 0) -> FloatArray:
    """Return distributions of 4 classes that depend on 8 columns and some on either side.

    What is beyond the ends of the batch is taken to be 0.
    """
    columns = batch.mean(axis=(0, 1, 2)).reshape(-1, 8).mean(axis=1)
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    seen = np.convolve(columns, kernel, mode="same")
    scores = np.exp(-50 * np.abs(seen[:, None] - [-0.9, -0.3, 0.3, 0.9]))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)


def noise(width: int, seed: int) -> FloatArray:
    """Return a line of stripes of some brightness, some of them wide."""
    values = np.random.default_rng(seed).uniform(-1, 1, width)
    stripes = np.repeat(values, np.random.default_rng(seed).integers(1, 90, width))[:width]
    return np.broadcast_to(stripes.astype(np.float32), (1, 3, 48, width))


@given(LONG, st.integers(0, 100), st.sampled_from([0, 1, 5, 10]))
@settings(max_examples=30)
def test_a_network_that_sees_little_at_once_gives_the_same(
    width: int, seed: int, reach: int
) -> None:
    """Its columns near the ends of pieces differ, but those are not used."""
    batch = noise(width, seed)
    found = np.concatenate(list(read_in_pieces(lambda piece: local(piece, reach), batch)))
    assert found == pytest.approx(local(batch, reach), abs=1e-5)


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
def test_a_network_may_have_another_stride(stride: int) -> None:
    def read(batch: FloatArray) -> FloatArray:
        columns = batch.mean(axis=(0, 1, 2)).reshape(-1, stride).mean(axis=1)
        return np.stack([columns, 1 - columns], axis=1)

    batch = noise(6400, 0)
    found = np.concatenate(list(read_in_pieces(read, batch)))
    assert found == pytest.approx(read(batch))


def test_the_network_is_given_a_piece_at_a_time() -> None:
    seen: list[tuple[int, ...]] = []

    def read(batch: FloatArray) -> FloatArray:
        assert batch.flags.c_contiguous
        seen.append(batch.shape)
        return local(batch)

    parts = read_in_pieces(read, noise(4800, 0))
    next(parts)
    assert len(seen) == 2
    list(parts)
    assert seen == [(1, 3, 48, 1952)] * 3


def readings(classes: str) -> FloatArray:
    """Return distributions: ``_`` is the blank, ``?`` everything."""
    rows = {"_": (1, 0, 0), "a": (0, 1, 0), "b": (0, 0, 1), "?": (0.4, 0.3, 0.3)}
    return np.array([rows[letter] for letter in classes], dtype=np.float32)


def test_equal_readings_are_joined_in_the_middle() -> None:
    assert seam(readings("_" * 60), readings("_" * 60)) == 30
    assert seam(readings("ab_" * 20), readings("ab_" * 20)) == 30


def test_a_seam_is_where_both_say_the_same() -> None:
    left, right = "_" * 60, "_" * 16 + "a" * 44
    assert seam(readings(left), readings(right)) == 14
    left, right = "b" * 40 + "_" * 20, "_" * 60
    assert seam(readings(left), readings(right)) == 42


def test_a_character_that_moved_is_not_lost_and_not_doubled() -> None:
    """Both pieces have it, in different columns: the seam is at a distance."""
    left = "_" * 29 + "a" + "_" * 30
    right = "_" * 31 + "a" + "_" * 28
    at = seam(readings(left), readings(right))
    assert (left[:at] + right[at:]).count("a") == 1


def test_doubt_is_no_agreement() -> None:
    left = "_" * 20 + "?" * 40
    assert seam(readings(left), readings(left)) == 18


def test_a_seam_is_not_near_the_ends() -> None:
    """Even if nothing agrees in between: there the network does not see what comes next."""
    left, right = "_" * 12 + "a" * 36 + "_" * 12, "_" * 12 + "b" * 36 + "_" * 12
    assert 12 <= seam(readings(left), readings(right)) <= 48


@pytest.mark.parametrize("count", [4, 5, 8])
def test_few_columns_have_a_seam(count: int) -> None:
    assert 0 < seam(readings("_" * count), readings("_" * count)) < count


SENTENCE = (
    "The quick brown fox jumps over the lazy dog while five wizards from Hamburg quietly mix"
    " bold juices and nobody in the village knows why they would ever do such a thing"
)


def rendered(text: str) -> BgrImage:
    """Return a line of black text on white, with a margin of a few pixels."""
    font = ImageFont.load_default(size=36)
    left, _, right, _ = font.getbbox(text)
    image = Image.new("RGB", (int(right - left) + 12, 48), "white")
    ImageDraw.Draw(image).text((6 - left, 24), text, fill="black", font=font, anchor="lm")
    return to_bgr(image)


@pytest.mark.models
def test_a_long_line_is_read_like_a_short_one(recognizer: Recognizer) -> None:
    words = [f"{word} {number}" for number, word in enumerate(SENTENCE.split() * 8)]
    text = " ".join(words)
    image = rendered(text)
    assert image.shape[1] > 20_000
    (line,) = recognizer.recognize([image], alternatives=1)
    assert Levenshtein.distance(line.text, text) <= len(text) // 200
    assert line.confidence > 0.95
    positions = [character.position for character in line.characters]
    assert positions == sorted(positions)
    assert positions[0] < 0.002
    assert positions[-1] > 0.998
    assert all(character.alternatives for character in line.characters if character.text != " ")


@pytest.mark.models
def test_positions_in_a_long_line_are_those_of_its_whole_width(recognizer: Recognizer) -> None:
    """Every character is where it was drawn."""
    text = " ".join(f"{number}." for number in range(1000, 1130))
    image = rendered(text)
    assert len(pieces(prepare_line(image)[0].shape[3])) > 4
    (line,) = recognizer.recognize([image])
    drawn = [at for at, letter in enumerate(text) if letter != " "]
    found = [character for character in line.characters if character.text != " "]
    assert "".join(character.text for character in found) == text.replace(" ", "")
    font = ImageFont.load_default(size=36)
    for at, character in list(zip(drawn, found, strict=True))[::20]:
        place = 6 + font.getlength(text[:at]) + font.getlength(text[at]) / 2
        assert character.position * image.shape[1] == pytest.approx(place, abs=16)


@pytest.mark.models
def test_a_long_line_without_gaps_gets_no_blanks(recognizer: Recognizer) -> None:
    text = SENTENCE.replace(" ", "").lower() * 3
    image = rendered(text)
    assert image.shape[1] > 2 * PIECE_WIDTH
    (line,) = recognizer.recognize([image])
    assert " " not in line.text
    assert Levenshtein.distance(line.text, text) <= len(text) // 100

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Painted lines of letters, and a model that reads them.

A letter is a block without red or green, whose blue says which letter it is; blanks are paper.
On an upright line of height 48 every letter takes three columns of the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from full_model import FullModel
from numpy.typing import NDArray

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.recognition.characters import BLANK
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedLine
from ocrd_rapid.ocr.recognition.line_model import LineHead
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.processors.recognize import RecognizeProcessor

Image = NDArray[np.uint8]

LETTERS = "abcdefghij"
CHARACTERS = (BLANK, *LETTERS, " ")
HEIGHT, ADVANCE, WIDTH = 48, 24, 12
_BLUE = 20


def paint_line(page: Image, text: str, x: int, y: int) -> None:
    """Paint a line whose outline is `outline_of` with the same arguments."""
    for number, letter in enumerate(text):
        if letter != " ":
            left = x + ADVANCE * number + (ADVANCE - WIDTH) // 2
            page[y + 6 : y + HEIGHT - 6, left : left + WIDTH] = (
                _BLUE * LETTERS.index(letter),
                0,
                0,
            )


def outline_of(text: str, x: int, y: int) -> str:
    right, bottom = x + ADVANCE * len(text), y + HEIGHT
    return f"{x},{y} {right},{y} {right},{bottom} {x},{bottom}"


def extent_of(text: str, first: int, last: int, x: int) -> tuple[int, int]:
    """Return where the ink of some letters begins and ends."""
    margin = (ADVANCE - WIDTH) // 2
    return x + ADVANCE * first + margin, x + ADVANCE * (last + 1) - margin


def read_letters(batch: FloatArray) -> FloatArray:
    """Return CTC output: every block gives its letter in its middle, paper gives a blank.

    The second most probable character is the next letter of the alphabet.
    """
    rows = batch[0, :, 12:36].mean(axis=1)
    columns = rows.reshape(3, -1, 8).mean(axis=2)
    inked = columns[2] < -0.5
    output = np.zeros((1, columns.shape[1], len(CHARACTERS)), dtype=np.float32)
    output[:, :, 0] = 1
    for start in range(0, columns.shape[1] - 2, 3):
        middle = output[0, start + 1]
        if inked[start + 1]:
            blue = rows[0, 8 * start + 8 : 8 * start + 16].mean()
            number = round((blue + 1) * 127.5 / _BLUE)
            middle[:] = 0
            middle[1 + number], middle[1 + (number + 1) % len(LETTERS)] = 0.75, 0.25
        elif columns[2, start + 1] > 0.9:
            middle[0], middle[-1] = 0, 1
    return output


def recognize(
    level: str = "line",
    *,
    overwrite: bool = True,
    min_confidence: float = 0.0,
    padding: float = 0.0,
    alternatives: int = 0,
) -> RecognizeProcessor:
    model = NullModel(read_letters, output_shape=(None, None, len(CHARACTERS)))
    recognizer = Recognizer(FullModel(model, CHARACTERS))
    return RecognizeProcessor(
        recognizer, level, overwrite, min_confidence, {}, padding, alternatives
    )


class Scripted:
    """Gives the lines it was made with, whatever the images."""

    typeface = Recognizer.typeface

    def __init__(self, *lines: RecognizedLine, heads: tuple[LineHead, ...] = ()) -> None:
        self._lines = lines
        self.heads = heads

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        assert len(images) == len(self._lines)
        return [*self._lines]


class Repeating(Scripted):
    """Gives one line for every image; a line may be cut out in two ways."""

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        return [*self._lines] * len(images)


def rotated(page: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """Turn a page clockwise; return it and the matrix (2 x 3) from places on the page to it."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    corners = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)]) @ matrix.T
    matrix[:, 2] -= corners.min(axis=0)
    size = np.ceil(np.ptp(corners, axis=0)).astype(int)
    turned = cv2.warpAffine(page, matrix, tuple(map(int, size)), borderValue=(255, 255, 255))
    return np.asarray(turned, dtype=np.uint8), matrix

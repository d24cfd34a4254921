# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Read lines that were cut out, and set them upright where nothing else tells how."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from ..orientation import LineReader, reads_upside_down
from ..recognition.automatic_recognizer import TextRecognizer
from ..recognition.ctc_decoding import RecognizedLine
from .crops import LineImage

#: A line whose characters have a lower mean probability may have been cut out wrongly.
_DOUBTFUL = 0.5


class BlockLine(Protocol):
    """A line in a block of lines, such as a region."""

    @property
    def image(self) -> LineImage:
        """The line."""
        ...

    @property
    def block(self) -> int:
        """The index of its block; lines of a block follow each other."""
        ...

    @property
    def in_doubt(self) -> bool:
        """Whether nothing tells which way up it is."""
        ...


def _upright(lines: Sequence[BlockLine], reader: LineReader) -> list[LineImage]:
    """Return the images of lines; those in doubt are turned over if they read better that way.

    All lines in doubt of a block are turned over together, or none.

    Args:
        lines: the lines as cut out.
        reader: reads the lines in doubt both ways.
    """
    found: list[LineImage] = []
    for _, members in groupby(lines, key=lambda line: line.block):
        block = list(members)
        doubtful = [line.image.pixels for line in block if line.in_doubt]
        turned_over = bool(doubtful) and reads_upside_down(doubtful, reader)
        found += [
            line.image.upside_down() if turned_over and line.in_doubt else line.image
            for line in block
        ]
    return found


def read_lines(
    recognizer: TextRecognizer,
    lines: Sequence[BlockLine],
    alternatives: int = 0,
) -> list[tuple[LineImage, RecognizedLine]]:
    """Read lines, each from the better of its images.

    If ink and outline disagree on the height of a line, the ink is nearly always right, but it may
    be that of a rule or a dash beside the text. So both images are read; the outline's wins if the
    ink's gives no text or a doubtful one, and the outline's has a higher probability. (It must not
    win otherwise: an outline three times as high as its text can hold a neighbour, which reads
    well.)

    Args:
        recognizer: reads line images.
        lines: the lines in reading order.
        alternatives: number of alternative readings of every character.

    Returns:
        The better image and its text, for every line.
    """
    images = _upright(lines, recognizer)
    others = [
        (index, image.as_outlined)
        for index, image in enumerate(images)
        if image.as_outlined is not None
    ]
    every = [*images, *(image for _, image in others)]
    places = [*range(len(images)), *(index for index, _ in others)]
    read = recognizer.recognize(
        [image.pixels for image in every],
        alternatives=alternatives,
        regions=[lines[index].block for index in places],
    )
    best = list(zip(images, read, strict=False))[: len(images)]
    for (index, image), result in zip(others, read[len(images) :], strict=True):
        if best[index][1].probability < min(_DOUBTFUL, result.probability):
            best[index] = image, result
    return best

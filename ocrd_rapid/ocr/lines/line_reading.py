"""Lines that were cut out: set upright where nothing else says how, and read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from ..orientation import LineReader, reads_upside_down
from ..recognition.ctc_decoding import RecognizedLine
from ..recognition.recognizer import Recognizer
from .crops import LineImage

#: Lines that are read with less confidence than this may have been cut out wrongly.
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
        """Whether nothing says which way up it is."""
        ...


def _upright(lines: Sequence[BlockLine], reader: LineReader) -> list[LineImage]:
    """Return the images of lines, turned over where the lines in doubt of a block read better so.

    Args:
        lines: as they were cut out.
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
    recognizer: Recognizer,
    lines: Sequence[BlockLine],
    alternatives: int = 0,
) -> list[tuple[LineImage, RecognizedLine]]:
    """Read lines, each as one of its images.

    Where ink and outline disagree on the height of a line, the ink is right nearly always, but it
    may be that of a rule or a dash beside the text. So both images are read; the outline's counts
    where the ink's has no text or is in doubt, and it is more confident. (In general it may not
    win: an outline three times as high as its text can hold a neighbour, which reads well.)

    Args:
        recognizer: reads line images.
        lines: the lines in reading order.
        alternatives: number of further readings of every character.

    Returns:
        The image that counts and its text, for every line.
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
        if best[index][1].confidence < min(_DOUBTFUL, result.confidence):
            best[index] = image, result
    return best

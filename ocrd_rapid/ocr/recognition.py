"""Text recognition with a PP-OCR model.

Algorithm: a convolutional network turns a line image of height 48 into one distribution over
characters per 8 pixels of width; greedy CTC decoding (Graves et al., "Connectionist Temporal
Classification", ICML 2006) turns these into text.

A line is always read alone and padded only to the next multiple of a fixed width, so that its
text depends on nothing but its image: not on neighbours in a batch, threads or order. What is
wider than a network's input should be is read in pieces (`pieces`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..inference.model import FloatArray, Model
from .images import BgrImage
from .pieces import WIDTH_BUCKET, read_in_pieces

LINE_HEIGHT = 48

#: Wider lines are squeezed: what is 600 times as wide as high is no line of text, and would take
#: long to read.
MAX_WIDTH = 600 * LINE_HEIGHT


@dataclass(frozen=True)
class RecognizedCharacter:
    """One character with its probability and place.

    Attributes:
        text: one entry of the key file, usually one code point.
        confidence: probability, 0 to 1.
        position: centre of its first output column, as a share of the line's width, 0 to 1.
        alternatives: the next most probable characters of that column with their
            probabilities, best first; white space and the blank are none. Empty unless asked for.
    """

    text: str
    confidence: float
    position: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class RecognizedLine:
    """The text of a line.

    Attributes:
        text: in reading order; empty if nothing was read.
        confidence: mean probability of the characters, 0 to 1; 0 if there are none.
        characters: the characters one by one.
    """

    text: str
    confidence: float
    characters: tuple[RecognizedCharacter, ...] = ()


class LineModel(Protocol):
    """From a prepared line image to probabilities: the part of recognition that is learnt.

    A whole PP-OCR network is one (`FullModel`). A backbone with exchangeable output layers
    would be another.
    """

    @property
    def characters(self) -> tuple[str, ...]:
        """The character of every class; the blank of CTC is class 0."""
        ...

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """Return the distributions for one line.

        Args:
            batch: shape (1, 3, 48, W), values -1 to 1.

        Returns:
            Shape (W / 8, number of classes).
        """
        ...


class FullModel:
    """A PP-OCR recognition network, from the image to the distributions, as one model."""

    def __init__(self, model: Model, characters: tuple[str, ...]) -> None:
        """Take a loaded model and the characters of its classes.

        Raises:
            ModelError: the model does not have the inputs and outputs of a recognition model.
        """
        shape = model.output_shape
        if model.input_shape[1:2] != (3,) or len(shape) != 3:
            raise ModelError(
                f"not a text recognition model: input {model.input_shape}, output {shape};"
                " expected (N, 3, 48, W) and (N, T, classes)"
            )
        self._model = model
        self.characters = characters

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """See `LineModel.probabilities`.

        Raises:
            ModelError: the characters do not belong to the model.
        """
        output: FloatArray = self._model.run(batch)[0]
        if output.shape[1] != len(self.characters):
            raise ModelError(
                f"the keys do not belong to the model: {output.shape[1]} classes,"
                f" {len(self.characters)} characters"
            )
        return output


class Recognizer:
    """Reads lines, several at a time."""

    def __init__(self, model: LineModel, threads: int = 1) -> None:
        """Take a model; ``threads`` lines are read at the same time."""
        self._model = model
        self._threads = max(1, threads)

    def recognize(
        self, images: Sequence[BgrImage], *, alternatives: int = 0
    ) -> list[RecognizedLine]:
        """Read line images, each upright and cut to its line, in the order given.

        Args:
            images: the lines.
            alternatives: how many further readings of every character are wanted.
        """
        read = partial(self._read, alternatives=alternatives)
        if self._threads == 1 or len(images) < 2:
            return [read(image) for image in images]
        # The longest first: at the end no thread waits for one long line.
        order = sorted(range(len(images)), key=lambda i: -_aspect(images[i]))
        with ThreadPoolExecutor(self._threads) as pool:
            done = pool.map(read, (images[i] for i in order))
            results = dict(zip(order, done, strict=True))
        return [results[i] for i in range(len(images))]

    def _read(self, image: BgrImage, alternatives: int) -> RecognizedLine:
        batch, share = prepare_line(image)
        parts = read_in_pieces(self._model.probabilities, batch)
        return decode_parts(parts, self._model.characters, share, alternatives)


def _aspect(image: BgrImage) -> float:
    height, width = image.shape[:2]
    return float(width / max(1, height))


def prepare_line(image: BgrImage) -> tuple[FloatArray, float]:
    """Scale a line image to height 48 and pad it to its width bucket.

    Returns:
        The batch of shape (1, 3, 48, W), values -1 to 1, and the share of W that is image.
    """
    height, width = image.shape[:2]
    scaled_width = min(MAX_WIDTH, max(1, int(np.ceil(LINE_HEIGHT * width / height))))
    shrinking = height > LINE_HEIGHT
    scaled = cv2.resize(
        image,
        (scaled_width, LINE_HEIGHT),
        interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR,
    )
    padded_width = -(-scaled_width // WIDTH_BUCKET) * WIDTH_BUCKET
    # Zero is mid grey: what the networks were padded with in training.
    batch = np.zeros((1, 3, LINE_HEIGHT, padded_width), dtype=np.float32)
    inner = batch[0, :, :, :scaled_width]
    np.multiply(scaled.transpose(2, 0, 1), np.float32(1 / 127.5), out=inner)
    inner -= 1.0
    return batch, scaled_width / padded_width


def decode(
    probabilities: FloatArray,
    characters: Sequence[str],
    share: float = 1.0,
    alternatives: int = 0,
) -> RecognizedLine:
    """Decode CTC output greedily.

    Args:
        probabilities: shape (T, classes).
        characters: the character of every class; class 0 is the blank.
        share: the share of the T columns that is image and not padding.
        alternatives: how many further readings of every character are wanted.
    """
    return decode_parts([probabilities], characters, share, alternatives)


def decode_parts(
    parts: Iterable[FloatArray],
    characters: Sequence[str],
    share: float = 1.0,
    alternatives: int = 0,
) -> RecognizedLine:
    """Decode CTC output that comes in parts, as if it came at once; see `decode`.

    Args:
        parts: arrays of shape (T, classes), from the left to the right; none of them is kept.
        characters: the character of every class; class 0 is the blank.
        share: the share of all columns that is image and not padding.
        alternatives: how many further readings of every character are wanted.
    """
    found: list[RecognizedCharacter] = []
    count, last = 0, 0
    for part in parts:
        best = part.argmax(axis=1)
        previous = np.concatenate(([last], best))
        columns = np.flatnonzero((best != 0) & (best != previous[:-1]))
        others: Iterable[tuple[tuple[str, float], ...]] = repeat((), len(columns))
        if alternatives:
            others = _alternatives(part[columns], best[columns], characters, alternatives)
        found.extend(
            RecognizedCharacter(
                text=characters[best[column]],
                confidence=float(min(1.0, part[column, best[column]])),
                # In columns, until it is known how many there are.
                position=float(count + column + 0.5),
                alternatives=other,
            )
            for column, other in zip(columns, others, strict=True)
        )
        count, last = count + len(best), int(previous[-1])
    width = count * share
    placed = _trim(tuple(replace(c, position=min(1.0, c.position / width)) for c in found))
    text = "".join(character.text for character in placed)
    confidence = sum(c.confidence for c in placed) / len(placed) if placed else 0.0
    return RecognizedLine(text, confidence, placed)


def _alternatives(
    probabilities: FloatArray, best: NDArray[np.intp], characters: Sequence[str], count: int
) -> list[tuple[tuple[str, float], ...]]:
    """Return for every row the most probable characters but the best.

    Those of no probability at all are left out, so there may be fewer than ``count``.

    Args:
        probabilities: shape (N, classes).
        best: shape (N,), the class of the best character of every row.
        characters: the character of every class.
        count: how many are wanted, at least 1.
    """
    rest = probabilities.copy()
    rest[:, [number for number, text in enumerate(characters) if not text.strip()]] = 0
    rest[np.arange(len(best)), best] = 0
    return [_most_probable(row, characters, min(count, len(row))) for row in rest]


def _most_probable(
    row: FloatArray, characters: Sequence[str], count: int
) -> tuple[tuple[str, float], ...]:
    """Return the ``count`` most probable characters; of equal ones those of the lower classes."""
    # Sorting all of 18 000 classes for every character would take longer than reading them.
    least = np.partition(row, len(row) - count)[len(row) - count]
    candidates = np.flatnonzero((row >= least) & (row > 0)).tolist()
    best = sorted(candidates, key=lambda number: -row[number])[:count]
    return tuple((characters[number], float(min(1.0, row[number]))) for number in best)


def _trim(
    characters: tuple[RecognizedCharacter, ...],
) -> tuple[RecognizedCharacter, ...]:
    """Remove white space from both ends: it is the margin of the crop, not text."""
    inked = [i for i, character in enumerate(characters) if character.text.strip()]
    return characters[inked[0] : inked[-1] + 1] if inked else ()

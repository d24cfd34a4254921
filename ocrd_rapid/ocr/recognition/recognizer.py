# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text recognition with a PP-OCR model.

A convolutional network turns a line image of height 48 into one distribution over characters per
8 pixels of width; `ctc_decoding` turns these into text.

A line is always read alone and padded only to the next multiple of a fixed width, so that its
text depends only on its image: not on neighbours in a batch, threads or order. Lines that are too
wide for a network are read in pieces (`pieces`).
"""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate, pairwise
from typing import Protocol

import cv2
import numpy as np

from ...errors import ModelError
from ...inference.model import FloatArray, Model
from ...inference.stopping import carried
from ...pixels import BgrImage, by_plane
from ..model_kinds import RECOGNITION, wrong_kind
from .calibration import Calibration
from .ctc_decoding import Decoder, RecognizedLine
from .head_choice import Evidence, choose_heads
from .head_files import OTHER
from .pieces import WIDTH_BUCKET, read_in_pieces

LINE_HEIGHT = 48

#: Wider lines are squeezed: anything 600 times as wide as high is not a line of text, and would
#: take long to read.
MAX_WIDTH = 600 * LINE_HEIGHT


@dataclass(frozen=True)
class LineHead:
    """One way to turn the features of a line into characters.

    Attributes:
        name: its name; ``base`` for the output layer that the network was trained with.
        characters: the character of every class; the blank of CTC is class 0.
        font_family: the group of typefaces that it was made for, such as ``Fraktur``; else empty.
        stands_for: the name of the head that it is a part of, if any.
        calibration: makes confidences of its probabilities.
    """

    name: str
    characters: tuple[str, ...]
    font_family: str = ""
    stands_for: str = ""
    calibration: Calibration = field(default_factory=Calibration)


BASE = "base"


class LineModel(Protocol):
    """A trained network: from a prepared line image to probabilities."""

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The output layers; at least one."""
        ...

    @property
    def whole(self) -> WholeLayer | None:
        """The layer for lines in which a head reads `head_files.OTHER`, if a head has that."""
        ...

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """Return the distributions over characters along one line.

        Args:
            batch: shape (1, 3, 48, W), values -1 to 1.

        Returns:
            Shape (W / 8, number of classes of all heads), with the heads side by side; with a
            whole layer, the features that it reads are further columns.
        """
        ...


@dataclass(frozen=True)
class WholeLayer:
    """The output layer that a head is a part of, for lines with characters that the part lacks.

    Attributes:
        head: its name and characters.
        model: turns features, shape (1, T, features), into distributions, (1, T, classes).
        features: number of features that it reads.
    """

    head: LineHead
    model: Model
    features: int


class HeadedModel:
    """A PP-OCR recognition network, from the image to the distributions, as one model.

    Its output has the distributions of all heads side by side; see `inference.derive`.
    """

    def __init__(
        self, model: Model, heads: Sequence[LineHead], whole: WholeLayer | None = None
    ) -> None:
        """Take a loaded model and its heads, in the order of its output, features last.

        Raises:
            ModelError: the model does not have the inputs and outputs of a recognition model.
        """
        shape = model.output_shape
        if model.input_shape[1:2] != (3,) or len(shape) != 3:
            raise wrong_kind(model, RECOGNITION)
        self.model = model
        self.heads = tuple(heads)
        self.whole = whole
        self._classes = sum(len(head.characters) for head in heads)
        self._width = self._classes + (whole.features if whole else 0)

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """See `LineModel.probabilities`.

        Raises:
            ModelError: the characters do not belong to the model.
        """
        output: FloatArray = self.model.run(batch)[0]
        if output.shape[1] != self._width:
            raise ModelError(
                f"the keys do not belong to the model: {output.shape[1]} classes,"
                f" {self._classes} characters"
            )
        return output


class Recognizer:
    """Recognizer of lines, several at a time."""

    def __init__(self, model: LineModel, threads: int = 1, bucket: int = WIDTH_BUCKET) -> None:
        """Take a model.

        Args:
            model: the network that reads lines.
            threads: number of lines read at the same time, on all pages together.
            bucket: lines are padded to multiples of this width; a multiple of `WIDTH_BUCKET`.
        """
        self._model = model
        self._bucket = bucket
        self._threads = max(1, threads)
        self._pool, self._owner = ThreadPoolExecutor(self._threads), os.getpid()

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The heads of the model."""
        return self._model.heads

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        """Return the texts of line images, each upright and cut to its line, in the order given.

        If the model has several heads, each line is read by the one that best fits it and its
        neighbours; see `head_choice`.

        Args:
            images: the lines, in reading order.
            alternatives: number of alternative readings of every character.
            regions: the index of the region of every line; lines of one region are probably
                printed in the same typeface. ``None`` if unknown.
        """
        readings = self._read_all(images, partial(self._read, alternatives=alternatives))
        if len(self.heads) == 1:
            return [line for [line] in readings]
        chosen = choose_heads([[_evidence(line) for line in lines] for lines in readings], regions)
        return [
            replace(lines[choice.head], head_confidence=choice.probability)
            for lines, choice in zip(readings, chosen, strict=True)
        ]

    def typeface(self, line: RecognizedLine) -> str:
        """Return the group of typefaces of a line, judging by the choice of its head.

        The model's own output layer reads every script; its choice excludes black letter, but only
        for Latin letters.

        Returns:
            The group, such as ``Fraktur``; empty if unknown, as without a choice of heads.
        """
        if line.head_confidence is None:
            return ""
        for head in self.heads:
            if head.name == line.head and BASE not in (head.name, head.stands_for):
                return head.font_family
        latin = any(unicodedata.name(c, "").startswith("LATIN") for c in line.text)
        return "Antiqua" if latin else ""

    def _read_all(
        self, images: Sequence[BgrImage], read: Callable[[BgrImage], list[RecognizedLine]]
    ) -> list[list[RecognizedLine]]:
        """Return the readings of lines in their order, each by all heads."""
        if self._threads == 1 or len(images) < 2:
            return [read(image) for image in images]
        # The longest first, so that no thread is left with one long line at the end.
        order = sorted(range(len(images)), key=lambda i: -_aspect(images[i]))
        done = self._shared_pool().map(carried(read), (images[i] for i in order))
        results = dict(zip(order, done, strict=True))
        return [results[i] for i in range(len(images))]

    def _shared_pool(self) -> ThreadPoolExecutor:
        """Return the threads that read the lines of all pages; create them again after a fork."""
        if self._owner != os.getpid():
            self._pool, self._owner = ThreadPoolExecutor(self._threads), os.getpid()
        return self._pool

    def _read(self, image: BgrImage, alternatives: int) -> list[RecognizedLine]:
        """Return the readings of a line by all heads."""
        batch, share = prepare_line(image, self._bucket)
        decoders = [Decoder(h.characters, alternatives, h.calibration) for h in self.heads]
        ends = list(accumulate((len(head.characters) for head in self.heads), initial=0))
        features: list[FloatArray] = []
        for part in read_in_pieces(self._model.probabilities, batch, ends[-1]):
            for decoder, (begin, end) in zip(decoders, pairwise(ends), strict=True):
                decoder.add(part[:, begin:end])
            features.append(part[:, ends[-1] :])
        lines = [
            replace(decoder.line(share), head=head.name)
            for head, decoder in zip(self.heads, decoders, strict=True)
        ]
        whole = self._model.whole
        if whole is None or all(OTHER not in line.text for line in lines):
            return lines
        full = _read_features(whole, features, share, alternatives)
        return [full if OTHER in line.text else line for line in lines]


def _read_features(
    whole: WholeLayer, features: Iterable[FloatArray], share: float, alternatives: int
) -> RecognizedLine:
    """Return the reading of the whole layer from the features of a line, given in parts."""
    decoder = Decoder(whole.head.characters, alternatives, whole.head.calibration)
    for part in features:
        decoder.add(whole.model.run(np.ascontiguousarray(part)[None])[0])
    return replace(decoder.line(share), head=whole.head.name)


def _evidence(line: RecognizedLine) -> Evidence:
    logarithms = [math.log(max(c.probability, 1e-9)) for c in line.characters]
    return Evidence(len(logarithms), sum(logarithms) / max(1, len(logarithms)))


def _aspect(image: BgrImage) -> float:
    height, width = image.shape[:2]
    return float(width / max(1, height))


def prepare_line(
    image: BgrImage, bucket: int = WIDTH_BUCKET, stretch: float = 1.0
) -> tuple[FloatArray, float]:
    """Scale a line image to height 48 and pad it to its width bucket.

    Args:
        image: the line, upright.
        bucket: the padded width is a multiple of this.
        stretch: the line becomes so many times as wide as its height asks for.

    Returns:
        The batch of shape (1, 3, 48, W), values -1 to 1, and the share of W that is image.
    """
    scaled_width = scaled_line_width(image, stretch)
    scaled = by_plane(lambda pixels: _scaled(pixels, scaled_width), image)
    padded_width = -(-scaled_width // bucket) * bucket
    # Zero is mid grey, the padding with which the networks were trained.
    batch = np.zeros((1, 3, LINE_HEIGHT, padded_width), dtype=np.float32)
    inner = batch[0, :, :, :scaled_width]
    np.multiply(scaled.transpose(2, 0, 1), np.float32(1 / 127.5), out=inner)
    inner -= 1.0
    return batch, scaled_width / padded_width


def scaled_line_width(image: BgrImage, stretch: float = 1.0) -> int:
    """Return the width of a line image at height 48, in pixels; see `prepare_line`."""
    height, width = image.shape[:2]
    wanted: int = math.ceil(LINE_HEIGHT * stretch * width / height)
    return min(MAX_WIDTH, max(1, wanted))


def _scaled(pixels: BgrImage, scaled_width: int) -> BgrImage:
    height, width = pixels.shape[:2]
    if height > LINE_HEIGHT and scaled_width > width:
        # OpenCV averages only if both directions shrink; thin strokes need that.
        pixels = _resized(pixels, width, cv2.INTER_AREA)
        height = LINE_HEIGHT
    shrinking = height > LINE_HEIGHT
    return _resized(pixels, scaled_width, cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)


def _resized(pixels: BgrImage, width: int, interpolation: int) -> BgrImage:
    scaled = cv2.resize(pixels, (width, LINE_HEIGHT), interpolation=interpolation)
    return np.asarray(scaled, dtype=np.uint8)

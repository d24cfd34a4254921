# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text detection with a PP-OCR model.

Algorithm: Differentiable Binarization (Liao et al., "Real-time Scene Text Detection with
Differentiable Binarization", AAAI 2020) as PaddleOCR and RapidOCR 3.10 apply it: the network
gives for every pixel the probability that it belongs to the shrunken kernel of a text line;
connected pixels above a threshold become rectangles, which are grown back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...config import environment
from ...inference.model import FloatArray, Model
from ...pixels import BgrImage, by_plane, quarter_turned
from ..geometry import Points, box_size, order_corners, rotate_box
from ..layout.directions import lies_on_its_side, near_each_other, surely_runs
from ..model_kinds import DETECTION, wrong_kind
from .ink import InkPlace, places_of_ink
from .kernels import Contour, kernel_score, separated
from .strips import STRIDE, probability_map

_MIN_SIDE_BOX = 5.0

#: Long side of the input as a share of the page's, and its bounds: 120 dpi for a scan of 300 dpi.
#: Measured in docs/quality.md.
_LONG_SIDE_SHARE = 0.4
_LONG_SIDE_MIN, _LONG_SIDE_MAX = 1280, 2560
_MAX_ENLARGEMENT = 2.0

#: Heights of text lines (of their boxes) in the network's input: the height that a finer input
#: aims at; the height below which one follows if the network is unsure; the height below which one
#: follows in any case. Measured in docs/quality.md.
_TEXT_HEIGHT, _TEXT_HEIGHT_MIN, _TEXT_HEIGHT_LEAST = 32.0, 24.0, 16.0
_FINE_LONG_SIDE_MAX = 3200

#: The network is unsure if more than this share of the lines has a score below that.
_UNSURE_SHARE, _UNSURE_SCORE = 0.05, 0.7

#: Largest number of lines with which ink outside them is looked at.
_HARDLY_ANY = 3

#: A closer look at a place with ink: height of letters in the network's input, width of the paper
#: around in heights of letters; least score and least ratio of the sides of a line there. Blots
#: and dirt reach a score of 0.83, but their boxes are square.
_LETTER_HEIGHT, _PAPER_AROUND = 24.0, 2.0
_SURE_SCORE, _SURE_RATIO = 0.7, 1.2


#: A function that returns the longer side of the network's input in pixels, from height and width
#: of the image; 0 means a choice by the size of the image.
LongSide = Callable[[int, int], int]


@dataclass(frozen=True)
class DetectionOptions:
    """How to find boxes; RapidOCR's names and values.

    Attributes:
        long_side: longer side of the network's input in pixels; 0 to choose it by the image; or
            a function that returns it.
        input_scale: factor of the sizes that are chosen by the image.
        thresh: probability above which a pixel belongs to text.
        box_thresh: mean probability above which a box is kept.
        unclip_ratio: growth of boxes.
        max_candidates: largest number of connected areas considered.
        use_dilation: join areas that nearly touch.
        score_mode: domain of the mean probability: ``fast``: the smallest rectangle around an
            area, ``slow``: the area itself.
        min_height: images of this height or less get paper above and below; 0 to disable.
        max_ratio: so do images with a larger ratio of width to height; 0 to disable.
    """

    long_side: int | LongSide = 0
    input_scale: float = 1.0
    thresh: float = 0.3
    box_thresh: float = 0.5
    unclip_ratio: float = 1.6
    max_candidates: int = 3000
    use_dilation: bool = True
    score_mode: str = "fast"
    min_height: float = 30
    max_ratio: float = 8


@dataclass(frozen=True)
class DetectedBox:
    """A detected text line.

    Attributes:
        box: shape (4, 2), see `ocrd_rapid.ocr`; inside the image.
        score: mean probability of its pixels, 0 to 1.
    """

    box: Points
    score: float


class Detector:
    """Finds text lines with a PP-OCR detection model of any version."""

    def __init__(self, model: Model, options: DetectionOptions | None = None) -> None:
        """Take a loaded model.

        Raises:
            ModelError: the model does not have the inputs and outputs of a detection model.
        """
        self._model = model
        self._options = options or DetectionOptions()
        channels, shape = model.input_shape[1:2], model.output_shape
        if channels != (3,) or len(shape) != 4 or shape[1] not in (1, None):
            raise wrong_kind(model, DETECTION)

    @property
    def options(self) -> DetectionOptions:
        """The options of detection."""
        return self._options

    def having(self, **changes: Any) -> Detector:
        """Return a detector with the same model and some options changed."""
        return Detector(self._model, replace(self._options, **changes))

    def scale(self, image: BgrImage) -> float:
        """Return the factor by which an image is scaled for the network, without its margins."""
        height, width = image.shape[:2]
        longer = max(self._input_size(height, width))
        return float(longer / max(height, width))

    def detect(self, image: BgrImage) -> list[DetectedBox]:
        """Return the text lines of an image, from top to bottom by their first corner."""
        height, width = image.shape[:2]
        if min(height, width) < 2:
            return []
        margin = vertical_margin(height, width, self._options)
        if not margin:
            return self._find(image)
        padded = cv2.copyMakeBorder(image, margin, margin, 0, 0, cv2.BORDER_CONSTANT)
        found = self._find(np.asarray(padded, dtype=np.uint8))
        return [_without_margin(box, margin, height) for box in found]

    def _long_side(self, height: int, width: int) -> int:
        wanted = self._options.long_side
        return wanted if isinstance(wanted, int) else wanted(height, width)

    def _input_size(self, height: int, width: int) -> tuple[int, int]:
        long_side = self._long_side(height, width)
        return input_size(height, width, long_side, self._options.input_scale)

    def _find(self, image: BgrImage) -> list[DetectedBox]:
        height, width = image.shape[:2]
        size = self._input_size(height, width)
        found = self._detect(image, size)
        if self._long_side(height, width) <= 0:
            finer = finer_input_size((height, width), size, found, self._options.input_scale)
            if finer != size:
                found = self._detect(image, finer)
        if len(found) <= _HARDLY_ANY:
            found = self._look_again(image, found)
        return self._look_sideways(image, found, size[0] / height)

    def _look_sideways(
        self, image: BgrImage, found: Sequence[DetectedBox], scale: float
    ) -> list[DetectedBox]:
        """Look again, with the page turned, at blocks such as notes that run down it.

        The network is made for text that runs across: of lines that run down, it finds overlapping
        pieces. The lines found on the turned page replace them if they cover all of them, and
        with them what else lies within, such as a short word of theirs.

        Args:
            image: the page.
            found: its lines.
            scale: scale of the network's input.
        """
        boxes = [line.box for line in found]
        if lies_on_its_side(boxes):
            return list(found)
        down = [line for line in found if surely_runs(line.box, sideways=True)]
        result = [line for line in found if not surely_runs(line.box, sideways=True)]
        for block in near_each_other([line.box for line in down]):
            pieces = [down[i] for i in block]
            lines = self._look_turned(image, pieces, scale)
            lines = [line for line in lines if surely_runs(line.box, sideways=True)]
            if _outside(pieces, lines):
                result += pieces
            else:
                result = [*_outside(result, lines), *lines]
        return _from_top_to_bottom(result)

    def _look_turned(
        self, image: BgrImage, pieces: Sequence[DetectedBox], scale: float
    ) -> list[DetectedBox]:
        """Return the lines found around some pieces, with the image turned by 90 degrees."""
        around = _PAPER_AROUND * max(min(box_size(line.box)) for line in pieces)
        corners = np.concatenate([line.box for line in pieces])
        size = np.array(image.shape[1::-1])
        left, top = np.maximum(corners.min(axis=0) - around, 0).astype(int)
        right, bottom = np.minimum(corners.max(axis=0) + around, size).astype(int)
        upright = np.ascontiguousarray(quarter_turned(image[top:bottom, left:right], -1))
        height, width = upright.shape[:2]
        lines = self._detect(upright, (_multiple(height * scale), _multiple(width * scale)))
        # A turn by 90 degrees clockwise moves the foot to the left.
        shift, origin = np.array([width, 0]), np.array([left, top])
        return [
            DetectedBox((rotate_box(line.box - shift, -90) + origin).astype(np.float32), line.score)
            for line in lines
        ]

    def _look_again(self, image: BgrImage, found: Sequence[DetectedBox]) -> list[DetectedBox]:
        """Look closer at ink outside of all lines on a page with few lines.

        On a page that is nearly all paper, the network may miss a line or a part of it.
        """
        added = [
            line
            for place in places_of_ink(image, [line.box for line in found])
            for line in self._look_at(image, place)
        ]
        kept = _outside(found, added)
        return _from_top_to_bottom([*kept, *_outside(added, kept)])

    def _look_at(self, image: BgrImage, place: InkPlace) -> list[DetectedBox]:
        """Return the lines at a place, without doubtful ones."""
        around = _PAPER_AROUND * place.letter
        size = np.array(image.shape[1::-1])
        left, top = np.maximum(np.array(place.low) - around, 0).astype(int)
        right, bottom = np.minimum(np.array(place.high) + around, size).astype(int)
        cut = np.ascontiguousarray(image[top:bottom, left:right])
        scale = min(_LETTER_HEIGHT / place.letter, _MAX_ENLARGEMENT)
        lines = self._detect(
            cut, (_multiple((bottom - top) * scale), _multiple((right - left) * scale))
        )
        shift = np.array([left, top], dtype=np.float32)
        return [
            DetectedBox(line.box + shift, line.score)
            for line in lines
            if line.score >= _SURE_SCORE
            and max(box_size(line.box)) >= _SURE_RATIO * min(box_size(line.box))
        ]

    def _detect(self, image: BgrImage, size: tuple[int, int]) -> list[DetectedBox]:
        """Return the text lines that the network finds with a given size of its input."""
        height, width = image.shape[:2]
        shrinking = size[0] * size[1] < height * width
        method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        resized = by_plane(lambda p: cv2.resize(p, size[::-1], interpolation=method), image)
        probabilities = probability_map(self._model, normalize(resized))
        return boxes_from_probabilities(probabilities, (height, width), self._options)


def vertical_margin(height: int, width: int, options: DetectionOptions) -> int:
    """Return the number of pixels by which detection extends an image above and below.

    The network finds text by the paper around it, which images of single lines lack. The rule is
    RapidOCR's: low images, and those that are wide for their height, become about twice as high
    as the limit, but no larger than an image may be (``OCRD_RAPID_MAX_PIXELS``): the paper around
    a very long strip would take gigabytes.
    """
    too_wide = options.max_ratio > 0 and width > options.max_ratio * height
    if height > options.min_height and not too_wide:
        return 0
    by_width = width / options.max_ratio if options.max_ratio > 0 else 0
    wanted = min(2 * max(by_width, options.min_height), environment.max_pixels() // width)
    return max(0, math.ceil((wanted - height) / 2))


def _without_margin(found: DetectedBox, margin: int, height: int) -> DetectedBox:
    box = found.box - np.array([0, margin], dtype=np.float32)
    box[:, 1] = box[:, 1].clip(0, height)
    return replace(found, box=box)


def input_size(height: int, width: int, long_side: int = 0, factor: float = 1.0) -> tuple[int, int]:
    """Return height and width of the network's input for an image.

    Both are multiples of 32. A ``long_side`` of 0 means a choice by the size of the image, times a
    factor.
    """
    longer = max(height, width)
    if long_side <= 0:
        chosen = min(max(_LONG_SIDE_SHARE * longer, _LONG_SIDE_MIN), _LONG_SIDE_MAX)
        long_side = int(factor * chosen)
    scale = min(long_side / longer, _MAX_ENLARGEMENT)
    return _multiple(height * scale), _multiple(width * scale)


def finer_input_size(
    image_size: tuple[int, int],
    size: tuple[int, int],
    found: Sequence[DetectedBox],
    factor: float = 1.0,
) -> tuple[int, int]:
    """Return the size of an input in which the text is large enough.

    Args:
        image_size: height and width of the image.
        size: height and width of the input on which the lines were found.
        found: the lines, in pixels of the image.
        factor: factor of the heights that are large enough, and of the largest input.

    Returns:
        ``size`` if that is enough: if the text is not small, or if the network is sure of it all
        the same. Never a smaller size.
    """
    if not found:
        return size
    height, width = image_size
    line_height = float(np.median([min(box_size(line.box)) for line in found])) * size[0] / height
    unsure = float(np.mean([line.score < _UNSURE_SCORE for line in found])) > _UNSURE_SHARE
    if line_height >= factor * (_TEXT_HEIGHT_MIN if unsure else _TEXT_HEIGHT_LEAST):
        return size
    wanted = max(size) * factor * _TEXT_HEIGHT / max(line_height, 1.0)
    finer = input_size(height, width, int(min(wanted, factor * _FINE_LONG_SIDE_MAX)))
    return finer if max(finer) > max(size) else size


def _multiple(length: float) -> int:
    return max(STRIDE, round(length / STRIDE) * STRIDE)


def normalize(image: BgrImage) -> FloatArray:
    """Return a batch of one image with values from -1 to 1, shape (1, 3, height, width)."""
    batch = np.empty((1, 3, *image.shape[:2]), dtype=np.float32)
    for channel in range(3):
        np.multiply(image[:, :, channel], np.float32(1 / 127.5), out=batch[0, channel])
    batch -= 1.0
    return batch


def boxes_from_probabilities(
    probabilities: NDArray[np.float32], image_size: tuple[int, int], options: DetectionOptions
) -> list[DetectedBox]:
    """Turn a probability map into boxes.

    Args:
        probabilities: shape (H, W), 0 to 1.
        image_size: height and width of the image that the boxes refer to.
        options: thresholds.
    """
    mask = (probabilities > options.thresh).astype(np.uint8)
    if options.use_dilation:
        mask = np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    height, width = image_size
    scale = np.array([width / probabilities.shape[1], height / probabilities.shape[0]])

    def score_of(contour: Contour) -> float:
        return kernel_score(probabilities, contour, fast=options.score_mode == "fast")

    def is_line(contour: Contour) -> bool:
        return score_of(contour) >= options.box_thresh

    found = []
    for contour in contours[: options.max_candidates]:
        area = np.asarray(contour, dtype=np.int32)
        kernels = [area]
        if not is_line(area):
            kernels = separated(probabilities, area, options.thresh, is_line)
        for kernel in kernels:
            centre, size, angle = cv2.minAreaRect(kernel)
            growth = 2 * size[0] * size[1] * options.unclip_ratio / (2 * (size[0] + size[1]))
            # Offsetting a rectangle with round corners gives a shape whose smallest rectangle is
            # the grown rectangle, so no polygon library is needed.
            size = (size[0] + growth, size[1] + growth)
            if min(size) < _MIN_SIDE_BOX:
                continue
            corners = cv2.boxPoints((centre, size, angle)) * scale
            box = order_corners(np.clip(corners, 0, (width, height)))
            found.append(DetectedBox(box, score_of(kernel)))
    return _from_top_to_bottom(found)


def _from_top_to_bottom(lines: Sequence[DetectedBox]) -> list[DetectedBox]:
    return sorted(lines, key=lambda d: (float(d.box[0, 1]), float(d.box[0, 0])))


def _outside(lines: Sequence[DetectedBox], others: Sequence[DetectedBox]) -> list[DetectedBox]:
    """Return the lines that lie within none of the others."""
    return [line for line in lines if not any(_lies_in(line.box, one.box) for one in others)]


def _lies_in(one: Points, other: Points) -> bool:
    """Return whether the middle of a box is inside another."""
    x, y = (float(value) for value in one.mean(axis=0))
    return cv2.pointPolygonTest(other, (x, y), False) >= 0

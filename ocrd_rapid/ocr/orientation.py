# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which way up text is, decided by many lines and never by one.

PP-OCR's classifier looks at a line and says 0 or 180 degrees. It errs on 9 % of single upright
lines (2155 lines of 40 scans), and a wrong vote destroys the line. So the votes of the widest lines
of a page or region are averaged. It was trained on lines squeezed into its input, but recognizes
undistorted letters better on modern print, so it gets both views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, tee
from typing import Protocol

import cv2
import numpy as np

from ..inference.model import FloatArray, Model
from ..pixels import BgrImage, by_plane, quarter_turned
from .geometry import Points, box_size, cut_box, is_tall
from .layout.directions import lies_on_its_side
from .model_kinds import ORIENTATION, wrong_kind
from .recognition.ctc_decoding import RecognizedLine

#: Height and width of the classifier's input (those of PP-OCR mobile v2.0) if the model leaves
#: them open.
_DEFAULT_SIZE = (48, 192)

#: Largest number of lines that vote.
LINES = 64

#: After the first number of lines, and again after each further number, the vote ends if the mean
#: is certain: outside this range. On the test set, turned all four ways, this decides as all 64
#: lines do, with half of the calls.
_FIRST, _MORE = 16, 8
_UNCERTAIN = (0.3, 0.75)

#: Mean probability above which lines are read both ways. With one exception, the classifier's mean
#: is at most 0.39 on upright pages of the test set, all Latin; of other scripts, Hebrew for one, it
#: can be sure that upright lines are upside down.
DOUBT = 0.4

#: A block of text with a direction of its own is read both ways if it has fewer lines: the
#: classifier errs on too many single lines.
_FEW = 4

#: Number of lines that are read both ways if the classifier is in doubt.
READ_LINES = 12


class LineReader(Protocol):
    """Reads lines, such as `ocrd_rapid.ocr.recognition.recognizer.Recognizer`."""

    def recognize(self, images: Sequence[BgrImage]) -> Sequence[RecognizedLine]:
        """Return the texts of upright line images, in the order given."""
        ...


class OrientationClassifier:
    """Tells upright from upside-down text."""

    def __init__(self, model: Model) -> None:
        """Take a loaded model with two classes: 0 and 180 degrees.

        Raises:
            ModelError: the model does not have the inputs and outputs of a line classifier.
        """
        shape = model.output_shape
        if model.input_shape[1:2] != (3,) or len(shape) != 2 or shape[1] not in (2, None):
            raise wrong_kind(model, ORIENTATION)
        self._model = model
        self._height = model.input_shape[2] or _DEFAULT_SIZE[0]
        self._width = model.input_shape[3] or _DEFAULT_SIZE[1]

    def upside_down(self, lines: Iterable[BgrImage]) -> float:
        """Return the probability that lines, all of the same direction, are upside down.

        Args:
            lines: line images, lying, the widest first (`widest_first`); consumed only as far as
                needed.

        Returns:
            The mean over lines and views, 0 to 1; 0 without lines.
        """
        votes: list[float] = []
        for count, line in enumerate(islice(lines, LINES), start=1):
            votes += [float(self._model.run(view)[0, 1]) for view in self._views(line)]
            if count >= _FIRST and (count - _FIRST) % _MORE == 0:
                mean = float(np.mean(votes))
                if not _UNCERTAIN[0] <= mean <= _UNCERTAIN[1]:
                    return mean
        return float(np.mean(votes)) if votes else 0.0

    def upside_down_or_read(
        self, lines: Iterable[BgrImage], reader: Callable[[], LineReader | None]
    ) -> float:
        """Return the probability, or if it is above `DOUBT`, 0 or 1 by how well lines read.

        Args:
            lines: see `upside_down`.
            reader: returns a reader of lines, or ``None``; called only when needed.
        """
        lines, again = tee(lines)
        probability = self.upside_down(lines)
        if probability <= DOUBT:
            return probability
        reads = reader()
        return probability if reads is None else float(reads_upside_down(again, reads))

    def _views(self, line: BgrImage) -> list[FloatArray]:
        """Return the whole line, squeezed if needed, and then also its middle undistorted."""
        views = [self._prepare(line)]
        height, width = line.shape[:2]
        window = round(height * self._width / self._height)
        if width > window:
            left = (width - window) // 2
            views.append(self._prepare(line[:, left : left + window]))
        return views

    def _prepare(self, image: BgrImage) -> FloatArray:
        height, width = image.shape[:2]
        scaled_width = min(self._width, max(1, int(np.ceil(self._height * width / height))))
        size = (scaled_width, self._height)
        scaled = by_plane(lambda p: cv2.resize(p, size, interpolation=cv2.INTER_LINEAR), image)
        batch = np.zeros((1, 3, self._height, self._width), dtype=np.float32)
        batch[0, :, :, :scaled_width] = scaled.transpose(2, 0, 1) / np.float32(127.5) - 1.0
        return batch


def block_is_upside_down(
    image: BgrImage,
    boxes: Sequence[Points],
    classifier: OrientationClassifier,
    reader: Callable[[], LineReader | None],
    threshold: float,
) -> bool:
    """Return whether a block of lines, such as a note in the margin, is upside down.

    Args:
        image: the page.
        boxes: boxes of its lines, at least one, as `cut_box` takes and turns them.
        classifier: judges the lines that run in the main direction of the block.
        reader: returns a reader of lines, or ``None``; few lines are read both ways.
        threshold: probability above which they are upside down.
    """
    sideways = lies_on_its_side(boxes)
    voters = widest_first([box for box in boxes if is_tall(box) == sideways])
    cuts = [cut_box(image, box) for box in voters[:LINES]]
    if len(cuts) < _FEW and (reads := reader()) is not None:
        return reads_upside_down(cuts, reads)
    return classifier.upside_down_or_read(cuts, reader) > threshold


def widest_first(boxes: Sequence[Points]) -> list[Points]:
    """Return boxes of lines, those with the most line heights first: they tell the most."""

    def length(box: Points) -> float:
        width, height = box_size(box)
        return height / max(width, 1.0) if is_tall(box) else width / max(height, 1.0)

    return sorted(boxes, key=length, reverse=True)


def reads_upside_down(lines: Iterable[BgrImage], reader: LineReader) -> bool:
    """Return whether lines read better when turned by 180 degrees.

    The probability tells: text that is upside down is read with a low one.

    Args:
        lines: see `OrientationClassifier.upside_down`.
        reader: reads the lines.
    """
    asked = list(islice(lines, READ_LINES))
    turned = [quarter_turned(line, 2) for line in asked]
    upright = sum(line.probability for line in reader.recognize(asked))
    return sum(line.probability for line in reader.recognize(turned)) > upright


def quarter_turns(boxes: Sequence[Points], upside_down: bool) -> int:
    """Return the clockwise rotation, in degrees, that sets the text upright.

    Args:
        boxes: the boxes of a page or region.
        upside_down: whether the lines are upside down, as cut out and turned by
            `geometry.cut_box` (tall ones by 90 degrees anticlockwise).

    Returns:
        One of 0, 90, 180 and -90.
    """
    if lies_on_its_side(boxes):
        return 90 if upside_down else -90
    return 180 if upside_down else 0

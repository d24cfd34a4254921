"""Which way up is the text? Decided by the evidence of many lines, never by one.

The classifier of PP-OCR looks at a line and says 0 or 180 degrees. It errs on 9 % of single upright
lines (2155 lines of 40 scans), and a wrong vote destroys the line. So the votes of the widest lines
of a page or region are averaged. It was trained on lines squeezed into its input, but sees
undistorted letters better on modern print: both views are taken.
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

#: Height and width of the classifier's input (PP-OCR mobile v2.0, where the model leaves it
#: open).
_DEFAULT_SIZE = (48, 192)

#: Lines that are asked for their vote at most.
LINES = 64

#: After so many lines, and then whenever so many more have voted, no more are asked if the mean
#: is certain: outside of this range. On the test set, turned all four ways, this decides as all
#: 64 lines do, with half of the calls.
_FIRST, _MORE = 16, 8
_UNCERTAIN = (0.3, 0.75)

#: Mean probabilities between which the classifier does not know: on upright pages of the test
#: set it says at most 0.39, on pages that are upside down at least 0.74, but for one page.
DOUBT = (0.4, 0.7)

#: A block of text of its own direction with fewer lines is read both ways: the classifier errs on
#: too many single lines.
_FEW = 4

#: Lines that are read both ways where the classifier does not know.
READ_LINES = 12


class LineReader(Protocol):
    """Reads lines, such as `ocrd_rapid.ocr.recognition.recognizer.Recognizer`."""

    def recognize(self, images: Sequence[BgrImage]) -> Sequence[RecognizedLine]:
        """Read line images, each upright, in the order given."""
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
            lines: line images, lying, the widest first (`widest_first`); only as many are taken
                as are needed.

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
        """Return the same, but 0 or 1 by how well the lines read where it is in `DOUBT`.

        Args:
            lines: see `upside_down`.
            reader: gives what reads lines, or ``None``; called only where it is needed.
        """
        lines, again = tee(lines)
        probability = self.upside_down(lines)
        if not DOUBT[0] < probability < DOUBT[1]:
            return probability
        reads = reader()
        return probability if reads is None else float(reads_upside_down(again, reads))

    def _views(self, line: BgrImage) -> list[FloatArray]:
        """Return the whole line squeezed, and its middle undistorted if that is less."""
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
        boxes: of its lines, at least one; as they are cut out and turned by `cut_box`.
        classifier: asked for the lines that run as most of the block.
        reader: gives what reads lines, or ``None``; few lines are read both ways.
        threshold: probability above which they are upside down.
    """
    sideways = lies_on_its_side(boxes)
    voters = widest_first([box for box in boxes if is_tall(box) == sideways])
    cuts = [cut_box(image, box) for box in voters[:LINES]]
    if len(cuts) < _FEW and (reads := reader()) is not None:
        return reads_upside_down(cuts, reads)
    return classifier.upside_down_or_read(cuts, reader) > threshold


def widest_first(boxes: Sequence[Points]) -> list[Points]:
    """Return boxes of lines by their length in heights of the line: long ones tell most."""

    def length(box: Points) -> float:
        width, height = box_size(box)
        return height / max(width, 1.0) if is_tall(box) else width / max(height, 1.0)

    return sorted(boxes, key=length, reverse=True)


def reads_upside_down(lines: Iterable[BgrImage], reader: LineReader) -> bool:
    """Return whether lines read better when they are turned by 180 degrees.

    The confidence of characters tells: text on its head is read as few and doubtful ones.

    Args:
        lines: see `OrientationClassifier.upside_down`.
        reader: reads them.
    """
    asked = list(islice(lines, READ_LINES))
    turned = [quarter_turned(line, 2) for line in asked]
    upright = sum(line.confidence for line in reader.recognize(asked))
    return sum(line.confidence for line in reader.recognize(turned)) > upright


def quarter_turns(boxes: Sequence[Points], upside_down: bool) -> int:
    """Return the clockwise rotation, in degrees, that sets the text upright.

    Args:
        boxes: the boxes of a page or region.
        upside_down: whether the lines, as `geometry.cut_box` cuts and turns them (tall ones by
            90 degrees anticlockwise), are upside down.

    Returns:
        One of 0, 90, 180 and -90.
    """
    if lies_on_its_side(boxes):
        return 90 if upside_down else -90
    return 180 if upside_down else 0

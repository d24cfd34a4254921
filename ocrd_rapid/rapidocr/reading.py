"""Between detection and recognition: which way up the text is, in which order, cut into lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..ocr.geometry import Points, cut_box, is_tall
from ..ocr.layout.directions import lies_on_its_side, near_each_other, surely_runs
from ..ocr.layout.printed_rules import PrintedRule
from ..ocr.layout.segmentation import arrange_turned
from ..ocr.orientation import LineReader, OrientationClassifier, quarter_turns, widest_first
from ..pixels import BgrImage, quarter_turned

#: Mean probability over the lines of a page above which they are taken to be upside down. The
#: default of ``ocrd-rapid-classify``; RapidOCR's 0.9 is for single lines, whose votes scatter.
UPSIDE_DOWN = 0.6


@dataclass(frozen=True)
class PageTurn:
    """Which way up the text of an image is.

    Attributes:
        degrees: the clockwise rotation that sets it upright: 0, 90, 180 or -90.
        upside_down: probability that the lines, lying, are upside down, 0 to 1.
    """

    degrees: int
    upside_down: float

    @property
    def label(self) -> tuple[str, float]:
        """RapidOCR's: ``"0"`` or ``"180"``, with its probability."""
        turned = self.upside_down > UPSIDE_DOWN
        return ("180", self.upside_down) if turned else ("0", 1 - self.upside_down)


@dataclass(frozen=True)
class LineImage:
    """A line cut out of an image.

    Attributes:
        pixels: BGR, upright.
        corners: where its corners are in the image: top left, top right, bottom right and bottom
            left as the text is read; shape (4, 2).
    """

    pixels: BgrImage
    corners: Points


def page_turn(
    image: BgrImage,
    boxes: Sequence[Points],
    classifier: OrientationClassifier,
    reader: Callable[[], LineReader | None] = lambda: None,
) -> PageTurn:
    """Find out which way up the text is, by the evidence of all its lines.

    Where the classifier is in doubt, ``reader`` gives what reads the lines both ways.
    """
    sideways = lies_on_its_side(boxes)
    voters = widest_first([box for box in boxes if is_tall(box) == sideways])
    cuts = (cut_box(image, box) for box in voters)
    probability = classifier.upside_down_or_read(cuts, reader)
    return PageTurn(quarter_turns(boxes, probability > UPSIDE_DOWN), probability)


def reading_order(
    boxes: Sequence[Points], degrees: int, rules: Sequence[PrintedRule] = ()
) -> list[tuple[int, ...]]:
    """Return the indices of boxes by region, in reading order, once they are turned."""
    return [region.lines for region in arrange_turned(boxes, rules, degrees)]


def lines_in_order(
    boxes: Sequence[Points],
    degrees: int,
    rules: Sequence[PrintedRule] = (),
    upside_down: Callable[[Sequence[Points]], bool] = lambda boxes: False,
) -> list[tuple[int, int]]:
    """Return the indices of boxes in reading order, each with the turn that sets it upright.

    Blocks that run against the page, such as notes in the margins, come last, each turned by
    itself.

    Args:
        boxes: the lines of the page.
        degrees: the clockwise rotation that sets the text of the page upright.
        rules: its printed rules.
        upside_down: whether the lines of a block, as they are cut out and turned by
            `geometry.cut_box`, are upside down.
    """
    sideways = lies_on_its_side(boxes)
    against = [i for i, box in enumerate(boxes) if surely_runs(box, sideways=not sideways)]
    along = [i for i in range(len(boxes)) if i not in set(against)]
    order = reading_order([boxes[i] for i in along], degrees, rules)
    found = [(along[i], degrees) for part in order for i in part]
    for members in near_each_other([boxes[i] for i in against]):
        block = [boxes[against[k]] for k in members]
        turn = quarter_turns(block, upside_down(block))
        order = reading_order(block, turn)
        found += [(against[members[k]], turn) for part in order for k in part]
    return found


def cut_line(image: BgrImage, box: Points, degrees: int) -> LineImage:
    """Cut a line out of an image, upright.

    Args:
        image: the image.
        box: where the line is.
        degrees: the clockwise rotation that sets the text of the image upright. Where that is no
            quarter turn, tall boxes are vertical lines and are turned anticlockwise.
    """
    turns = round(degrees / 90) % 4
    upright = turns % 2 == 0
    cut = cut_box(image, box, quarter_turn_tall=upright)
    pixels = quarter_turned(cut, -turns)
    first = turns - 1 if upright and is_tall(box) else turns
    return LineImage(pixels, np.roll(box, first, axis=0))

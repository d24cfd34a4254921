# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which way up pages and blocks of lines are, and their reading order.

One line is weak evidence, so the vote of one line never turns anything over. A page is judged by
all its lines. A block is judged by its own, against an expectation that counts as `EXPECTATION`
lines. Whether lines run across or down is another matter: long boxes show that without a network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..pixels import BgrImage
from .geometry import Points, cut_box, is_tall
from .layout.directions import lies_on_its_side, surely_runs
from .layout.segmentation import layout_turn
from .orientation import (
    LINES,
    LineReader,
    OrientationClassifier,
    block_is_upside_down,
    quarter_turns,
    widest_first,
)

LOG = logging.getLogger(__name__)

#: Mean probability above which the lines of a page are upside down. RapidOCR's 0.9 is for single
#: lines, whose votes scatter.
UPSIDE_DOWN = 0.6

#: Number of lines that the expectation counts as. With this, one or two upright lines are never
#: turned over, and on the real pages one to three in a thousand groups of three to ten; of groups
#: that are upside down on an upright page, half (three lines) to nine tenths (ten lines) are.
EXPECTATION = 1.5


@dataclass(frozen=True)
class LineBlock:
    """The lines of a region, and prior knowledge of its orientation.

    Attributes:
        boxes: boxes of its lines, at least one, shape (4, 2) each.
        turned: it is known to be turned against its page, and stays so.
        level: it is known to have the orientation of its page.
    """

    boxes: Sequence[Points]
    turned: bool = False
    level: bool = False


@dataclass(frozen=True)
class Turner:
    """Decides which way up text is.

    Attributes:
        classifier: tells upright from upside-down lines.
        reader: returns a reader of lines, or ``None``; called if the classifier is in doubt.
        threshold: probability above which text is upside down.
    """

    classifier: OrientationClassifier
    reader: Callable[[], LineReader | None] = lambda: None
    threshold: float = UPSIDE_DOWN

    def turn(
        self, image: BgrImage, boxes: Sequence[Points], expected: int | None = None
    ) -> TextTurn:
        """Return the rotation that sets lines upright.

        Args:
            image: the page, BGR.
            boxes: its lines, shape (4, 2) each.
            expected: the expected clockwise rotation in degrees, which a few lines cannot
                overrule; ``None`` without an expectation.
        """
        sideways = runs_sideways(boxes, expected)
        voters = [box for box in boxes if is_tall(box) == sideways]
        if not voters:
            return TextTurn(0 if expected is None else _signed(expected), 0.0)
        cuts = (cut_box(image, box) for box in widest_first(voters))
        if expected is None:
            probability = self.classifier.upside_down_or_read(cuts, self.reader)
        else:
            probability = self.classifier.upside_down(cuts)
        LOG.debug("%d lines, upside down with probability %.3f", len(voters), probability)
        if expected is None or sideways != is_sideways(expected):
            return TextTurn(quarter_turns(voters, probability > self.threshold), probability)
        expects = _signed(expected) in (180, 90)
        count = min(len(voters), LINES)
        against = count * (1 - probability if expects else probability) / (count + EXPECTATION)
        return TextTurn(quarter_turns(voters, expects != (against > self.threshold)), probability)

    def turn_block(self, image: BgrImage, boxes: Sequence[Points]) -> int:
        """Return the clockwise rotation in degrees that sets a block upright, by its own vote.

        Args:
            image: the page, BGR.
            boxes: the lines of a block that runs against its page, at least one.
        """
        upside_down = block_is_upside_down(
            image, boxes, self.classifier, self.reader, self.threshold
        )
        return quarter_turns(boxes, upside_down)

    def turn_page(self, image: BgrImage, blocks: Sequence[LineBlock]) -> PageTurn:
        """Return the rotations that set a page, and blocks that run against it, upright.

        Args:
            image: the page, BGR.
            blocks: its regions, with lines in the order of `layout.segmentation.lay_out`.
        """
        followers = [block for block in blocks if not block.turned]
        page = self.turn(image, [box for block in followers or blocks for box in block.boxes])
        turns = tuple(self._block_turn(image, block, page.degrees) for block in blocks)
        along = sum(
            len(block.boxes)
            for block, turn in zip(blocks, turns, strict=True)
            if not block.turned and not turn.astray
        )
        most = 2 * along > sum(len(block.boxes) for block in blocks)
        backwards = most and _reads_backwards(page.degrees)
        return PageTurn(page.degrees, page.upside_down, turns, backwards)

    def _block_turn(self, image: BgrImage, block: LineBlock, page: int) -> BlockTurn:
        """Return the rotation of a block on a page that needs a rotation by ``page`` degrees."""
        fixed = block.turned or block.level
        if not fixed and runs_sideways(block.boxes, page) != is_sideways(page):
            turn = self.turn_block(image, block.boxes)
            return BlockTurn(turn, (turn - layout_turn(block.boxes)) % 360 == 180, astray=True)
        return BlockTurn(page, not block.turned and _reads_backwards(page))


@dataclass(frozen=True)
class TextTurn:
    """Which way up text is.

    Attributes:
        degrees: the clockwise rotation that sets it upright: 0, 90, 180 or -90.
        upside_down: probability that its lines, lying, are upside down, 0 to 1.
    """

    degrees: int
    upside_down: float


@dataclass(frozen=True)
class BlockTurn:
    """Which way up a block of lines is.

    Attributes:
        degrees: the clockwise rotation of the image that sets it upright: 0, 90, 180 or -90.
        backwards: whether its lines were laid out from the last to the first.
        astray: whether it runs against its page.
    """

    degrees: int
    backwards: bool
    astray: bool = False


@dataclass(frozen=True)
class PageTurn(TextTurn):
    """Which way up a page and its blocks are.

    Attributes:
        blocks: turns of the blocks, in the order given.
        backwards: whether the blocks were laid out from the last to the first; those that run
            against their page come last in any case.
    """

    blocks: tuple[BlockTurn, ...] = ()
    backwards: bool = False

    @property
    def order(self) -> list[int]:
        """The indices of the blocks in reading order."""
        along = [i for i, block in enumerate(self.blocks) if not block.astray]
        astray = [i for i, block in enumerate(self.blocks) if block.astray]
        return [*(along[::-1] if self.backwards else along), *astray]


def runs_sideways(boxes: Sequence[Points], expected: int | None) -> bool:
    """Return whether text runs down rather than across.

    An expectation yields only to a box that is long enough: the digit 1 is tall, too.

    Args:
        boxes: the lines, shape (4, 2) each.
        expected: the clockwise rotation in degrees expected to set them upright; ``None`` without
            an expectation.
    """
    sideways = lies_on_its_side(boxes)
    if expected is None or sideways == is_sideways(expected):
        return sideways
    if any(surely_runs(box, sideways=sideways) for box in boxes):
        return sideways
    return not sideways


def is_sideways(degrees: int) -> bool:
    """Return whether text that needs this rotation runs down or up."""
    return degrees % 180 != 0


def _signed(turn: int) -> int:
    """Return a quarter turn as one of 0, 90, 180 and -90."""
    return -90 if turn % 360 == 270 else turn % 360


def _reads_backwards(turn: int) -> bool:
    """Return whether text that needs this rotation was laid out from end to beginning.

    The layout takes lying text as upright, and text on its side as needing a turn by 90 degrees
    (`layout.segmentation.lay_out`).
    """
    return turn in (180, -90)

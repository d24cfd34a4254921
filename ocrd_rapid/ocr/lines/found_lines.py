# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines of an image: detected, cut where they reach across columns, and outlined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...pixels import BgrImage
from ..detection.detector import Detector
from ..geometry import Points
from ..layout.printed_rules import PrintedRule
from ..layout.segmentation import segment
from .line_outlines import outline_of_box


@dataclass(frozen=True)
class FoundLine:
    """A detected line.

    Attributes:
        box: shape (4, 2), in pixels of the image that it was found in.
        outline: its visible outline on the page, see `outline_of_box`; ``None`` if no part of it
            is visible.
        centre: centre of the box on the page, shape (2,).
        score: the detector's score, 0 to 1.
    """

    box: Points
    outline: Points | None
    centre: Points
    score: float


def find_lines(
    image: BgrImage,
    detector: Detector,
    padding: float,
    bounds: Sequence[Points],
    to_page: Callable[[Points], Points] = lambda points: points,
) -> tuple[list[FoundLine], tuple[PrintedRule, ...]]:
    """Find the lines of an image, and its printed rules.

    Args:
        image: shape (height, width, 3), BGR.
        detector: finds the lines.
        padding: number of pixels of the page by which outlines grow.
        bounds: the outlines that those of the lines are cut to: of the page and of what is on it.
        to_page: from points of the image to points of its page.

    Returns:
        The lines, and the rules in pixels of the image.
    """
    segmentation = segment(image, detector.detect(image))
    found = []
    for line in segmentation.lines:
        box = to_page(line.box)
        outline = outline_of_box(box, padding, bounds)
        found.append(FoundLine(line.box, outline, box.mean(axis=0), line.score))
    return found, segmentation.rules

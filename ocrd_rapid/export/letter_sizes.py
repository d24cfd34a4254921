# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The size of letters, and what it makes of a heading."""

from __future__ import annotations

import cv2
import numpy as np

from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadLine, ReadPage, ReadRegion
from .hyphens import BESIDE, FURNITURE
from .line_axes import axes_of

#: A heading of level 1 or 2 is at least so many times as high as the body of the text; any other
#: has level 3. Lines of capitals are lower than others of their size.
LEVELS = (1.9, 1.3)

#: Number of lines from which the body of a page tells a size.
_FEWEST_LINES = 3

_NOT_BODY = BESIDE | FURNITURE | {"heading", "drop-capital"}


def line_height(line: ReadLine, orientation: float) -> float | None:
    """Return the mean height of the outline of a line in pixels; ``None`` without an outline."""
    if not usable(line.outline):
        return None
    right, _ = axes_of(line, orientation)
    length = float(np.ptp(line.outline @ right))
    return float(cv2.contourArea(cv2.convexHull(line.outline))) / max(length, 1.0)


def region_height(region: ReadRegion) -> float | None:
    """Return the median height of the lines of a region in pixels; ``None`` if unknown."""
    return _median([region])


def body_height(page: ReadPage) -> float | None:
    """Return the median height of the lines of a page's body in pixels; ``None`` if unknown."""
    body = [region for region in page.regions if region.kind not in _NOT_BODY]
    return _median(body, _FEWEST_LINES)


def heading_level(region: ReadRegion, body: float | None) -> int:
    """Return the level of a heading: 1, 2 or 3.

    Args:
        region: the heading.
        body: height of the lines of the body in pixels; ``None`` if there is none, then the level
            is 1.
    """
    height = region_height(region)
    if body is None:
        return 1
    if height is None:
        return len(LEVELS) + 1
    return 1 + sum(height < level * body for level in LEVELS)


def _median(regions: list[ReadRegion], fewest: int = 1) -> float | None:
    heights = [
        height
        for region in regions
        for line in region.lines
        if line.text and (height := line_height(line, region.orientation)) is not None
    ]
    return float(np.median(heights)) if len(heights) >= fewest else None

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Positions as files have them: whole numbers of pixels, none of them outside the page."""

from __future__ import annotations

import numpy as np

from ..ocr.geometry import Points
from ..ocr.page_model import ReadPage

#: Left, top, right and bottom of a box.
Box = tuple[int, int, int, int]


def box_on(page: ReadPage, outline: Points) -> Box:
    """Return the box around an outline, shape (N, 2), cut to the page, of at least one pixel."""
    x0, y0, x1, y1 = np.rint([*outline.min(axis=0), *outline.max(axis=0)]).tolist()
    left, right = _span(x0, x1, page.width)
    top, bottom = _span(y0, y1, page.height)
    return left, top, right, bottom


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the ends of an extent, at least one apart, within 0 and the size."""
    end = min(max(int(high), int(low) + 1, 1), size)
    return max(min(int(low), end - 1), 0), end


def points_on(page: ReadPage, points: Points) -> list[tuple[int, int]]:
    """Return points, shape (N, 2), each moved onto the page if it is outside."""
    inside = np.clip(np.rint(points), 0, (page.width, page.height)).astype(int)
    return [(x, y) for x, y in inside.tolist()]

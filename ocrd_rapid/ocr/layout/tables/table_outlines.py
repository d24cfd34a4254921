# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines of tables: around their cells, and the printed rules around these."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ...geometry import Points, box_size, hull
from . import table_measures


def table_outline(
    cells: Sequence[Points], rules: Sequence[Points], width: int, height: int
) -> Points:
    """Return the outline of a table on its page, shape (N, 2), in whole pixels.

    Args:
        cells: the outlines of its lines or cells, shape (N, 2) each.
        rules: the ends of printed rules of the page, shape (2, 2) each. Those that are nowhere
            farther from the cells than a line is from the next belong to the table.
        width: width of the page in pixels.
        height: height of the page.
    """
    around = hull(cells)
    heights = [
        min(box_size(cv2.boxPoints(cv2.minAreaRect(cell.astype(np.float32))))) for cell in cells
    ]
    near = table_measures.LINE_STEP * float(np.median(heights))
    own = [
        rule
        for rule in rules
        if all(
            cv2.pointPolygonTest(around.astype(np.float32), (float(x), float(y)), True) >= -near
            for x, y in rule
        )
    ]
    outline = np.rint(hull([around, *own])) if own else around
    return np.clip(outline, 0, (width - 1, height - 1)).astype(around.dtype)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The regions of a page, and where one of them is among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import region_measures
from .sheet import Lines, Sheet


@dataclass(frozen=True)
class PageRegions:
    """All regions of a page.

    Attributes:
        bounds: (left, top, right, bottom), shape (N, 4).
        heights: heights of their letters, shape (N,).
        sizes: number of lines of each region.
        lines: the lines themselves.
        tables: whether each region is a table.
        blocks: whether each region is a row of blocks.
    """

    bounds: NDArray[np.float64]
    heights: NDArray[np.float64]
    sizes: Sequence[int]
    lines: Sequence[Lines]
    tables: Sequence[bool]
    blocks: Sequence[bool]

    def is_single(self, i: int) -> bool:
        """Return whether a region has a single row."""
        height = self.bounds[i, 3] - self.bounds[i, 1]
        return bool(height < region_measures.SINGLE_ROW_HEIGHT * self.heights[i])

    def column_of(self, i: int) -> NDArray[np.intp]:
        """Return the regions that share half of the width of a region or of their own."""
        left, _, right, _ = self.bounds[i]
        shared = np.minimum(self.bounds[:, 2], right) - np.maximum(self.bounds[:, 0], left)
        narrower = np.minimum(self.bounds[:, 2] - self.bounds[:, 0], right - left)
        return np.flatnonzero(shared >= 0.5 * narrower)


@dataclass(frozen=True)
class RegionPlace:
    """A region between others.

    Attributes:
        index: its index.
        above: the regions above it in its column.
        below: those below it.
        over: white between the region and those above it, in line heights; may be infinite.
        under: white between the region and those below it.
        size: height of its letters, to that of most text.
    """

    index: int
    above: NDArray[np.intp]
    below: NDArray[np.intp]
    over: float
    under: float
    size: float

    @classmethod
    def of(cls, sheet: Sheet, page: PageRegions, i: int, usual: float) -> RegionPlace:
        """Return the place of a region; ``usual`` is the height of most letters."""
        column = page.column_of(i)
        _, top, _, bottom = page.bounds[i]
        above = column[page.bounds[column, 1] < top]
        below = column[page.bounds[column, 1] > top]
        over = float(top - page.bounds[above, 3].max(initial=-np.inf)) / sheet.line_height
        under = float(page.bounds[below, 1].min(initial=np.inf) - bottom) / sheet.line_height
        return cls(i, above, below, over, under, page.heights[i] / max(usual, 1e-6))

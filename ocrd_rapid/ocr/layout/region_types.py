# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Types of text regions, where size and place on the page make them evident.

The names are types of text regions in PAGE-XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import measures
from .sheet import Lines, Sheet


@dataclass(frozen=True)
class _Regions:
    """All regions of a page.

    Attributes:
        bounds: (left, top, right, bottom), shape (N, 4).
        heights: heights of their letters, shape (N,).
        sizes: number of lines of each region.
    """

    bounds: NDArray[np.float64]
    heights: NDArray[np.float64]
    sizes: Sequence[int]

    def is_single(self, i: int) -> bool:
        """Return whether a region has a single row."""
        height = self.bounds[i, 3] - self.bounds[i, 1]
        return bool(height < measures.SINGLE_ROW_HEIGHT * self.heights[i])


def kinds_of(sheet: Sheet, regions: Sequence[Lines], notes: Sequence[bool]) -> list[str | None]:
    """Return the kinds of regions.

    Args:
        sheet: the page.
        regions: the lines of each region.
        notes: whether each region is a note beside the text.

    Returns:
        One of ``paragraph``, ``heading``, ``header``, ``footer``, ``page-number``, ``footnote``
        and ``marginalia``, or ``None``, for every region.
    """
    page = _Regions(
        np.array([sheet.bounds(lines) for lines in regions]).reshape(-1, 4),
        np.array([np.median(sheet.heights[lines]) for lines in regions]),
        [len(lines) for lines in regions],
    )
    kinds: list[str | None] = ["marginalia" if is_note else None for is_note in notes]
    usual = _usual_height(sheet)
    # From top to bottom, as regions below a footnote are footnotes, too.
    for i in np.argsort(page.bounds[:, 1], kind="stable"):
        if not notes[i]:
            kinds[i] = _kind(sheet, page, kinds, int(i), usual)
    return _beside_numbers(page, kinds)


def _usual_height(sheet: Sheet) -> float:
    """Return the height of the letters of most text; long lines count more."""
    order = np.argsort(sheet.heights)
    width = np.cumsum((sheet.extents[:, 2] - sheet.extents[:, 0])[order])
    return float(sheet.heights[order][np.searchsorted(width, width[-1] / 2)])


def _kind(
    sheet: Sheet, page: _Regions, kinds: Sequence[str | None], i: int, usual: float
) -> str | None:
    """Return the kind of a region; the kinds of those above it must be known."""
    left, _, right, _ = page.bounds[i]
    width = (right - left) / sheet.line_height
    size = page.heights[i] / max(usual, 1e-6)
    single = page.is_single(i)
    apart = measures.PAGE_NUMBER_DISTANCE * sheet.line_height
    if single and width <= measures.PAGE_NUMBER_WIDTH and _is_outermost(page, i, apart):
        return "page-number"
    if _is_footnote(sheet, page, kinds, i, size) and width >= measures.FOOTNOTE_WIDTH:
        return "footnote"
    stands_out = size >= measures.HEADING_SIZE or _is_centred(sheet, page, i)
    if stands_out and page.sizes[i] <= measures.HEADING_ROWS:
        return "heading"
    far = measures.FOOTER_DISTANCE * sheet.line_height
    if single and _is_outermost(page, i, far, only_foot=True):
        return "footer"
    return "paragraph" if not single or _is_wide(page, i) else None


def _is_outermost(page: _Regions, i: int, apart: float, *, only_foot: bool = False) -> bool:
    """Return whether a region is alone at the head or at the foot of the page."""
    _, top, _, bottom = page.bounds[i]
    middle = (top + bottom) / 2
    # Regions in the same row are neither above nor below.
    others = page.bounds[(page.bounds[:, 1] > middle) | (page.bounds[:, 3] < middle)]
    if not len(others):
        return False
    at_head = not only_foot and (others[:, 1] - bottom >= apart).all()
    return bool(at_head or (top - others[:, 3] >= apart).all())


def _column_of(page: _Regions, i: int) -> NDArray[np.intp]:
    """Return the regions above and below a region that are in its column, itself included."""
    left, _, right, _ = page.bounds[i]
    shared = np.minimum(page.bounds[:, 2], right) - np.maximum(page.bounds[:, 0], left)
    return np.flatnonzero(shared >= 0.5 * (right - left))


def _is_centred(sheet: Sheet, page: _Regions, i: int) -> bool:
    """Return whether a region stands in the middle of its column, away from the margins."""
    column = page.bounds[_column_of(page, i)]
    widest = column[np.argmax(column[:, 2] - column[:, 0])]
    left, right = page.bounds[i, 0] - widest[0], widest[2] - page.bounds[i, 2]
    far = measures.HEADING_INDENT * sheet.line_height
    width = page.bounds[i, 2] - page.bounds[i, 0]
    narrow = width <= measures.HEADING_WIDTH * (widest[2] - widest[0])
    return bool(narrow and min(left, right) >= far and abs(left - right) <= far)


def _is_wide(page: _Regions, i: int) -> bool:
    """Return whether a region has at least half the width of its column."""
    column = page.bounds[_column_of(page, i)]
    width = page.bounds[i, 2] - page.bounds[i, 0]
    return bool(2 * width >= (column[:, 2] - column[:, 0]).max())


def _is_footnote(
    sheet: Sheet, page: _Regions, kinds: Sequence[str | None], i: int, size: float
) -> bool:
    """Return whether a region is at the foot of its column, smaller or below a short rule."""
    left, top, right, _ = page.bounds[i]
    column = [k for k in _column_of(page, i) if k != i]
    above = [k for k in column if page.bounds[k, 1] < top]
    if any(kinds[k] == "footnote" for k in above):
        return True
    below = [k for k in column if page.bounds[k, 1] > top]
    if not above or any(page.heights[k] > page.heights[i] / measures.FOOTNOTE_SIZE for k in below):
        return False
    if size <= measures.FOOTNOTE_SIZE:
        return True
    near = max(page.bounds[k, 3] for k in above) - sheet.line_height
    return size < 1.0 and any(
        near < y < top + sheet.line_height / 2
        and start < left + measures.FOOTNOTE_RULE_INDENT * (right - left)
        and end - start <= measures.FOOTNOTE_RULE_WIDTH * (right - left)
        for start, end, y in sheet.horizontal
    )


def _beside_numbers(page: _Regions, kinds: Sequence[str | None]) -> list[str | None]:
    """Return the kinds with headers and footers: regions in one row with a page number."""
    result = list(kinds)
    middle = (page.bounds[:, 1] + page.bounds[:, 3]) / 2
    page_middle = (page.bounds[:, 1].min() + page.bounds[:, 3].max()) / 2
    for i in [i for i, kind in enumerate(kinds) if kind == "page-number"]:
        beside = (page.bounds[:, 1] < middle[i]) & (middle[i] < page.bounds[:, 3])
        for k in map(int, np.flatnonzero(beside)):
            if kinds[k] != "page-number" and page.is_single(k):
                result[k] = "header" if middle[i] < page_middle else "footer"
    return result

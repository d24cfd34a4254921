# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Types of text regions, where size and place on the page make them evident.

The names are types of text regions in PAGE-XML.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import region_measures
from .region_places import PageRegions, RegionPlace
from .sheet import Lines, Sheet


def kinds_of(
    sheet: Sheet,
    regions: Sequence[Lines],
    notes: Sequence[bool],
    tables: Sequence[bool],
    blocks: Sequence[bool],
) -> list[str | None]:
    """Return the kinds of regions.

    Args:
        sheet: the page.
        regions: the lines of each region.
        notes: whether each region is a note beside the text.
        tables: whether each region is a table.
        blocks: whether each region is a row of blocks.

    Returns:
        One of ``paragraph``, ``heading``, ``caption``, ``header``, ``footer``, ``page-number``,
        ``footnote``, ``signature-mark``, ``catch-word`` and ``marginalia``, or ``None``, for every
        region.
    """
    page = PageRegions(
        np.array([sheet.bounds(lines) for lines in regions]).reshape(-1, 4),
        np.array([np.median(sheet.heights[lines]) for lines in regions]),
        [len(lines) for lines in regions],
        list(regions),
        list(tables),
        list(blocks),
    )
    kinds: list[str | None] = ["marginalia" if is_note else None for is_note in notes]
    usual = _usual_height(sheet)
    # From top to bottom, as regions below a footnote are footnotes, too.
    for i in np.argsort(page.bounds[:, 1], kind="stable"):
        if not notes[i]:
            kinds[i] = _kind(sheet, page, kinds, int(i), usual)
    kinds = _head_row(sheet, page, _beside_numbers(page, kinds), usual)
    return _below_text(sheet, page, kinds)


def _usual_height(sheet: Sheet) -> float:
    """Return the height of the letters of most text; long lines count more."""
    order = np.argsort(sheet.heights)
    width = np.cumsum((sheet.extents[:, 2] - sheet.extents[:, 0])[order])
    return float(sheet.heights[order][np.searchsorted(width, width[-1] / 2)])


def _kind(
    sheet: Sheet, page: PageRegions, kinds: Sequence[str | None], i: int, usual: float
) -> str | None:
    """Return the kind of a region; the kinds of those above it must be known."""
    left, _, right, _ = page.bounds[i]
    width = (right - left) / sheet.line_height
    single = page.is_single(i)
    apart = region_measures.PAGE_NUMBER_DISTANCE * sheet.line_height
    if single and width <= region_measures.PAGE_NUMBER_WIDTH and _is_outermost(page, i, apart):
        return "page-number"
    place = RegionPlace.of(sheet, page, i, usual)
    far = region_measures.FOOTER_DISTANCE * sheet.line_height
    if any(kinds[k] == "footer" for k in place.above):
        return "footer"
    if _is_small_foot(page, i, far, usual) and _has_columns(sheet, page, place):
        return "footer"
    if _is_table_caption(sheet, page, kinds, place):
        return "caption"
    if width >= region_measures.FOOTNOTE_WIDTH and _is_footnote(sheet, page, kinds, place):
        return "footnote"
    if _is_caption(page, place, sheet.usual_gap):
        return "caption"
    if _is_heading(sheet, page, kinds, place):
        return "heading"
    if single and _is_outermost(page, i, far, only_foot=True):
        return "footer"
    return "paragraph" if not single or _is_wide(page, i) else None


def _is_small_foot(page: PageRegions, i: int, apart: float, usual: float) -> bool:
    """Return whether a region and all below it are far below the others, and in small letters."""
    top, bottom = page.bounds[i, 1], page.bounds[i, 3]
    above = page.bounds[:, 3] < (top + bottom) / 2
    far = above.any() and (top - page.bounds[above, 3] >= apart).all()
    return bool(far and (page.heights[~above] < usual).all())


def _has_columns(sheet: Sheet, page: PageRegions, place: RegionPlace) -> bool:
    """Return whether a region is in columns, or one of them, below a text that is not."""
    i, above = place.index, place.above
    if page.blocks[i]:
        return True
    lines = sheet.extents[page.lines[i]]
    far = region_measures.ROW_GAP * sheet.line_height
    middle = (lines[:, 1] + lines[:, 3]) / 2
    beside = (lines[:, None, 1] < middle) & (middle < lines[:, None, 3])
    apart = lines[None, :, 0] - lines[:, None, 2] > far
    if len(lines) <= 3 * (beside & apart).any(axis=1).sum():
        return True
    text = [k for k in above if page.sizes[k] >= region_measures.TEXT_ROWS]
    if not text:
        return False
    left, top, right, bottom = page.bounds[i]
    start, _, end, _ = page.bounds[max(text, key=lambda k: page.bounds[k, 3])]
    others = (page.bounds[:, 0] - right > far) | (left - page.bounds[:, 2] > far)
    others &= (page.bounds[:, 0] >= start - far) & (page.bounds[:, 2] <= end + far)
    others &= (page.bounds[:, 1] < (top + bottom) / 2) & ((top + bottom) / 2 < page.bounds[:, 3])
    return bool(others.any())


def _is_outermost(page: PageRegions, i: int, apart: float, *, only_foot: bool = False) -> bool:
    """Return whether a region is alone at the head or at the foot of the page."""
    _, top, _, bottom = page.bounds[i]
    middle = (top + bottom) / 2
    # Regions in the same row are neither above nor below.
    others = page.bounds[(page.bounds[:, 1] > middle) | (page.bounds[:, 3] < middle)]
    if not len(others):
        return False
    at_head = not only_foot and (others[:, 1] - bottom >= apart).all()
    return bool(at_head or (top - others[:, 3] >= apart).all())


def _is_wide(page: PageRegions, i: int) -> bool:
    """Return whether a region has at least half the width of its column."""
    width = page.bounds[:, 2] - page.bounds[:, 0]
    return bool(2 * width[i] >= width[page.column_of(i)].max())


def _text_near(page: PageRegions, place: RegionPlace) -> int | None:
    """Return the nearest region of several rows below, or else above; ``None`` without any."""
    for side, edge in ((place.below, page.bounds[:, 1]), (place.above, -page.bounds[:, 3])):
        text = [k for k in side if page.sizes[k] >= region_measures.TEXT_ROWS]
        if text:
            return int(min(text, key=lambda k: edge[k]))
    return None


def _is_heading(
    sheet: Sheet, page: PageRegions, kinds: Sequence[str | None], place: RegionPlace
) -> bool:
    """Return whether a region is a heading: large, in the middle, or set off from what is above."""
    i, size, over, under = place.index, place.size, place.over, place.under
    is_last = not (page.bounds[:, 1] >= page.bounds[i, 3]).any()
    if page.sizes[i] > region_measures.HEADING_ROWS or is_last:
        return False
    if size >= region_measures.HEADING_SIZE:
        return True
    text = _text_near(page, place)
    if text is None or under > region_measures.HEADING_DISTANCE:
        return False
    column = page.bounds[text]
    width = page.bounds[i, 2] - page.bounds[i, 0]
    narrow = width <= region_measures.HEADING_WIDTH * (column[2] - column[0])
    # A heading belongs to what follows. Rows in the middle below another heading, such as names of
    # authors, have more white below than above, or are several in usual letters.
    set_off = over - sheet.usual_gap >= region_measures.HEADING_WHITE
    joined = under - over <= region_measures.HEADING_WHITE_BELOW
    last = max(place.above, key=lambda k: page.bounds[k, 3], default=i)
    first = kinds[last] != "heading" or set_off or page.is_single(i)
    joined &= first or size >= region_measures.LARGER_HEADING
    if joined and _is_centred(sheet, page, i, text) and (narrow or not page.is_single(i)):
        return True
    if size >= region_measures.LARGER_HEADING and page.is_single(i) and set_off and over >= under:
        return True
    if not narrow:
        return False
    # At the left margin: white above, more than below, and in letters of the usual size, where
    # other text is above, no white below. What has both, such as a salutation, is a paragraph.
    flush = page.bounds[i, 0] - column[0] <= region_measures.NO_INDENT * sheet.line_height
    needed = region_measures.HEADING_WHITE if size < region_measures.LARGER_HEADING else 0.0
    close = under - sheet.usual_gap <= region_measures.HEADING_NEAR
    close |= size >= region_measures.LARGER_HEADING or not len(place.above)
    return bool(
        flush and close and over - under >= needed and over >= region_measures.HEADING_WHITE
    )


def _is_centred(sheet: Sheet, page: PageRegions, i: int, text: int) -> bool:
    """Return whether all rows of a region stand in the middle of the column of a text."""
    start, _, end, _ = page.bounds[text]
    left = sheet.extents[page.lines[i], 0] - start
    right = end - sheet.extents[page.lines[i], 2]
    far = region_measures.HEADING_INDENT * sheet.line_height
    even = np.abs(left - right) <= region_measures.HEADING_OFF * sheet.line_height
    narrow = np.minimum(left, right) >= far
    return bool(even.all() and narrow[-1] and (left > -far).all())


def _is_caption(page: PageRegions, place: RegionPlace, usual_gap: float) -> bool:
    """Return whether a few rows stand below white that a picture may fill.

    They are of small letters, or of no larger ones than the text and set off from it.
    """
    i, size = place.index, place.size
    if not len(place.above) or page.sizes[i] > region_measures.CAPTION_ROWS:
        return False
    set_off = place.under - usual_gap >= region_measures.CAPTION_WHITE_BELOW
    largest = region_measures.CAPTION_USUAL_SIZE if set_off else region_measures.CAPTION_SIZE
    text = _text_near(page, place)
    near = text is not None and (set_off or page.heights[text] > page.heights[i])
    return bool(
        near
        and size <= largest
        and place.over >= region_measures.CAPTION_WHITE
        and place.under <= region_measures.HEADING_DISTANCE
    )


def _is_table_caption(
    sheet: Sheet, page: PageRegions, kinds: Sequence[str | None], place: RegionPlace
) -> bool:
    """Return whether a row stands right above a table, over its beginning or its middle."""
    i = place.index
    if not len(place.above) or not len(place.below) or not page.is_single(i):
        return False
    table = min(place.below, key=lambda k: page.bounds[k, 1])
    last = max(place.above, key=lambda k: page.bounds[k, 3])
    text = _text_near(page, place)
    if not page.tables[table] or kinds[last] == "heading" or text is None:
        return False
    width = page.bounds[:, 2] - page.bounds[:, 0]
    edge = region_measures.HEADING_OFF * sheet.line_height
    starts = [abs(page.bounds[i, 0] - page.bounds[k, 0]) <= edge for k in (table, text)]
    in_middle = abs((page.bounds[i] - page.bounds[table])[[0, 2]].sum()) <= edge
    return bool(
        place.size < region_measures.LARGER_HEADING
        and place.under <= region_measures.HEADING_DISTANCE
        and width[i] <= region_measures.HEADING_WIDTH * width[table]
        and (any(starts) or in_middle or _is_centred(sheet, page, i, text))
    )


def _is_footnote(
    sheet: Sheet, page: PageRegions, kinds: Sequence[str | None], place: RegionPlace
) -> bool:
    """Return whether a region is at the foot of its column, and a footnote by most evidence.

    The evidence is smaller letters, a short rule above it, and a wide column.
    """
    i, above, below = place.index, place.above, place.below
    left, top, right, _ = page.bounds[i]
    if any(kinds[k] == "footnote" for k in above):
        return True
    smaller = region_measures.FOOTNOTE_SIZE
    if place.size >= 1.0 or (page.heights[below] > page.heights[i] / smaller).any():
        return False
    text = [k for k in above if page.sizes[k] >= region_measures.TEXT_ROWS]
    rows = sum(page.sizes[k] for k in (i, *below))
    if not text or rows > sum(page.sizes[k] for k in above):
        return False
    near = page.bounds[above, 3].max() - sheet.line_height
    has_rule = any(
        near < y < top + sheet.line_height / 2
        and start < left + region_measures.FOOTNOTE_RULE_INDENT * (right - left)
        and end - start <= region_measures.FOOTNOTE_RULE_WIDTH * (right - left)
        for start, end, y in sheet.horizontal
    )
    is_small = place.size <= smaller and (page.heights[text] * smaller >= page.heights[i]).all()
    # Pages of three columns and more, newspapers, have small print and pieces of rules anywhere.
    column = page.bounds[max(text, key=lambda k: page.bounds[k, 3])]
    whole = page.bounds[:, 2].max() - page.bounds[:, 0].min()
    is_wide = column[2] - column[0] >= region_measures.FOOTNOTE_COLUMN * whole
    return [bool(has_rule), bool(is_small), bool(is_wide)].count(True) >= 2


def _beside_numbers(page: PageRegions, kinds: Sequence[str | None]) -> list[str | None]:
    """Return the kinds with headers and footers: regions in one row with a page number.

    Of several numbers in a row, the one farthest from the middle of the page is the page's; on a
    double page, with two headers between them, the outermost on either side.
    """
    result = list(kinds)
    middle = (page.bounds[:, 1] + page.bounds[:, 3]) / 2
    centre = (page.bounds[:, 0] + page.bounds[:, 2]) / 2
    text_middle = (page.bounds[:, 0].min(initial=np.inf) + page.bounds[:, 2].max(initial=0)) / 2
    page_middle = (page.bounds[:, 1].min(initial=np.inf) + page.bounds[:, 3].max(initial=0)) / 2
    for i in [i for i, kind in enumerate(kinds) if kind == "page-number"]:
        beside = (page.bounds[:, 1] < middle[i]) & (middle[i] < page.bounds[:, 3])
        row = [int(k) for k in np.flatnonzero(beside)]
        numbers = [k for k in row if kinds[k] == "page-number"]
        by_place = sorted(row, key=lambda k: centre[k])
        ends = {by_place[0], by_place[-1]}
        if not (ends <= set(numbers) and len(row) - len(numbers) > 1):
            ends = {max(numbers, key=lambda k: abs(centre[k] - text_middle))}
        for k in row:
            if k not in ends and page.is_single(k):
                result[k] = "header" if middle[i] < page_middle else "footer"
    return result


def _head_row(
    sheet: Sheet, page: PageRegions, kinds: Sequence[str | None], usual: float
) -> list[str | None]:
    """Return the kinds with headers: a row in pieces from margin to margin, below titles at most.

    Such are running heads on both sides, and number, date and price of a newspaper.
    """
    result = list(kinds)
    large = page.heights >= region_measures.HEADING_SIZE * usual
    if large.all():
        return result
    _, top, _, bottom = page.bounds[min(np.flatnonzero(~large), key=lambda i: page.bounds[i, 1])]
    middle = (top + bottom) / 2
    row = np.flatnonzero((page.bounds[:, 1] < middle) & (middle < page.bounds[:, 3]))
    row = row[np.argsort(page.bounds[row, 0])]
    left, right = page.bounds[row, 0], page.bounds[row, 2]
    edge = region_measures.HEAD_ROW_INDENT * sheet.line_height
    whole = page.bounds[:, 2].max() - page.bounds[:, 0].min()
    if (
        len(row) > 1
        and not large[row].any()
        and all(page.is_single(int(i)) for i in row)
        and left[0] <= page.bounds[:, 0].min() + edge
        and right[-1] >= page.bounds[:, 2].max() - edge
        and (right - left).sum() <= region_measures.HEADING_WIDTH * whole
    ):
        for i in row:
            result[i] = result[i] if result[i] in ("page-number", "marginalia") else "header"
    return result


def _below_text(sheet: Sheet, page: PageRegions, kinds: Sequence[str | None]) -> list[str | None]:
    """Return the kinds with signature marks and catchwords.

    Where the page number is at the head, what looks like one at the foot is a catchword at the
    right margin, or a signature mark elsewhere.
    """
    result = list(kinds)
    numbers = [i for i, kind in enumerate(kinds) if kind == "page-number"]
    text = [i for i, kind in enumerate(kinds) if kind == "paragraph"]
    if not text:
        return result
    top = min(page.bounds[i, 1] for i in text)
    if not any(page.bounds[i, 1] < top for i in numbers):
        return result
    last = max(text, key=lambda i: page.bounds[i, 3])
    for i in numbers:
        if page.bounds[i, 1] > top:
            inside = page.bounds[last, 2] - page.bounds[i, 2]
            at_margin = abs(inside) <= region_measures.CATCHWORD_INDENT * sheet.line_height
            result[i] = "catch-word" if at_margin else "signature-mark"
    return result

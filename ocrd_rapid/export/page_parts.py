# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The parts of a page for readers: headings, paragraphs, tables, …, each as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..ocr.geometry import rotate_points
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadPage, ReadRegion
from ..ocr.text_direction import is_right_to_left
from .cell_grid import TextGrid, grid_of
from .hyphens import FURNITURE
from .kept_lines import keeps_lines
from .letter_sizes import heading_level
from .line_joining import joined, printed_lines

#: Kinds of parts by the types of regions; what is not named is a paragraph.
KINDS = {
    "heading": "heading",
    "caption": "caption",
    "footnote": "footnote",
    "footnote-continued": "footnote",
    "endnote": "footnote",
    "marginalia": "marginalia",
} | dict.fromkeys(FURNITURE, "furniture")

#: The number in the text of a region for it, such as ``— 12 —`` or ``[xvi]``.
_PRINTED_NUMBER = re.compile(r"\W*(\d{1,5}\w?|[ivxlc]{1,9}|[IVXLC]{1,9})\W*")


@dataclass(frozen=True)
class PagePart:
    """A part of a page.

    Attributes:
        kind: ``heading``, ``paragraph``, ``caption``, ``footnote``, ``marginalia``, ``furniture``
            or ``table``.
        lines: its lines as printed, none of them empty; none in a table.
        level: that of a heading, from 1.
        table: the cells of a table.
        extent: upper and lower end on the page set upright, in pixels; ``None`` if unknown.
        keeps_lines: whether its lines are never joined, such as those of verse.
    """

    kind: str
    lines: tuple[str, ...] = ()
    level: int = 0
    table: TextGrid | None = None
    extent: tuple[float, float] | None = None
    keeps_lines: bool = False


def parts_of(
    page: ReadPage, body: float | None, *, modern_spelling: bool, join_hyphens: bool
) -> Iterator[PagePart]:
    """Yield the parts of a page that have text, in reading order.

    A table comes where its first cell does; a large initial letter is part of what follows.

    Args:
        page: the page.
        body: height of the lines of the body, see `heading_level`.
        modern_spelling: whether letters of early prints are written as today.
        join_hyphens: whether divided words in the cells of tables are joined.
    """
    texts = [printed_lines(region, modern_spelling=modern_spelling) for region in page.regions]
    done: set[str] = set()
    initial = ""
    for region, lines in zip(page.regions, texts, strict=True):
        if region.place is not None:
            if region.place.table not in done:
                done.add(region.place.table)
                grid = table_of(page, texts, region.place.table, join_hyphens=join_hyphens)
                if grid is not None:
                    yield PagePart("table", table=grid)
        elif region.kind == "drop-capital":
            initial += " ".join(lines)
        elif lines:
            kind = KINDS.get(region.kind or "", "paragraph")
            level = heading_level(region, body) if kind == "heading" else 0
            if initial and kind != "furniture":
                lines, initial = (initial + lines[0], *lines[1:]), ""
            kept = kind == "paragraph" and keeps_lines(region)
            yield PagePart(kind, lines, level, extent=_extent(region), keeps_lines=kept)
    if initial:
        yield PagePart("paragraph", (initial,))


def printed_number(page: ReadPage) -> str:
    """Return the page number printed on a page, or given by the document; empty if unknown."""
    if page.label:
        return page.label
    for region in page.regions:
        if region.kind == "page-number":
            number = _PRINTED_NUMBER.fullmatch(region.text.strip())
            if number:
                return number[1]
    return ""


def table_of(
    page: ReadPage, texts: Sequence[Sequence[str]], name: str, *, join_hyphens: bool
) -> TextGrid | None:
    """Return the cells of a table with text, in rows and columns; ``None`` without any text.

    Args:
        page: the page.
        texts: the lines of each of its regions.
        name: ID of the table.
        join_hyphens: whether divided words are joined.
    """
    cells = [
        (region, joined(lines, join_hyphens=join_hyphens))
        for region, lines in zip(page.regions, texts, strict=True)
        if region.place is not None and region.place.table == name
    ]
    whole = " ".join(text for _, text in cells if text)
    if not whole:
        return None
    regions, contents = zip(*cells, strict=True)
    return grid_of(regions, contents, right_to_left=is_right_to_left(whole))


def _extent(region: ReadRegion) -> tuple[float, float] | None:
    """Return the upper and the lower end of a region on the page set upright."""
    if not usable(region.outline):
        return None
    down = rotate_points(region.outline, region.orientation)[:, 1]
    return float(np.min(down)), float(np.max(down))

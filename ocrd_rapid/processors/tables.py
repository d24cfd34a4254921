# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables and their cells, and cells made of the lines detected in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..ocr.geometry import Points, hull
from ..ocr.layout.measures import BOX_GROWTH
from ..ocr.layout.segmentation import lay_out
from ..workspace.page import PageDocument
from ..workspace.segments import TextRegion, tag
from ..workspace.table_cells import add_cell
from ..workspace.values import Polygon
from . import reading_order

#: Row and column of a cell, from 0.
CellPlace = tuple[int, int]


def tables_on(page: etree._Element) -> list[etree._Element]:
    """Return the table regions of a page, in document order."""
    return list(page.iter(tag("TableRegion")))


def cells_of(table: etree._Element) -> list[TextRegion]:
    """Return the text regions inside a table, but not those of tables inside it."""
    cells = (e for e in table.iter(tag("TextRegion")))
    return [TextRegion(e) for e in cells if next(e.iterancestors(tag("TableRegion"))) is table]


def add_cells(
    document: PageDocument,
    table: etree._Element,
    boxes: Sequence[Points],
    outlines: Sequence[Polygon],
) -> Iterator[tuple[TextRegion, tuple[int, ...]]]:
    """Make cells from the lines of a table without cells; add them to the reading order.

    If the lines are a grid (see `grid`), every line is a cell with row and column. Otherwise the
    layout groups them into regions, whose rows and columns are unknown.

    Args:
        document: the page.
        table: its table.
        boxes: boxes of the lines, shape (4, 2) each, in pixels of the table's image, upright.
        outlines: outlines of the lines, in PAGE coordinates.

    Yields:
        Every cell and the indices of its lines, in reading order.
    """
    places = grid(boxes)
    groups: list[tuple[tuple[int, ...], CellPlace | None]]
    if places is None:
        groups = [(part.lines, None) for part in lay_out(boxes)]
    else:
        groups = [((i,), place) for place, i in sorted(zip(places, range(len(boxes)), strict=True))]
    made = []
    for number, (members, place) in enumerate(groups, start=1):
        identifier = document.new_id(f"{table.get('id')}_cell_{number:04d}")
        row, column = place or (None, None)
        outline = hull([outlines[i] for i in members])
        cell = add_cell(table, identifier, outline, row, column)
        orientation = table.get("orientation")
        if orientation:
            cell.element.set("orientation", orientation)
        made.append((cell, members))
    if made:
        reading_order.insert_cells(document, str(table.get("id")), [cell.id for cell, _ in made])
    yield from made


def grid(boxes: Sequence[Points]) -> list[CellPlace] | None:
    """Return the place of every line in a table, or ``None`` if it is not evident.

    It is evident if the lines make at least two rows and two columns, clear of each other, with
    exactly one line at every crossing: a cell of several lines, or an empty one, leaves gaps.

    Args:
        boxes: shape (4, 2) each, upright.
    """
    if len(boxes) < 4:
        return None
    low = np.array([box.min(axis=0) for box in boxes])
    high = np.array([box.max(axis=0) for box in boxes])
    growth = BOX_GROWTH * float(np.median(high[:, 1] - low[:, 1]))
    columns = _bands(low[:, 0] + growth, high[:, 0] - growth)
    rows = _bands(low[:, 1] + growth, high[:, 1] - growth)
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    places = [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]
    full = len(set(places)) == len(places) == shape[0] * shape[1]
    return places if full and min(shape) >= 2 else None


def _bands(start: NDArray[np.floating], end: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the index, from 0, of the band of overlapping intervals that each belongs to."""
    bands = np.zeros(len(start), dtype=np.intp)
    reach, band = -np.inf, -1
    for i in np.argsort(start, kind="stable"):
        if start[i] >= reach:
            band += 1
        reach = max(reach, float(end[i]))
        bands[i] = band
    return bands

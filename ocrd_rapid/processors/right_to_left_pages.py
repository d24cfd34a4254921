# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines side by side, and columns of tables, in the order of text that runs from right to left."""

from __future__ import annotations

from lxml import etree

from ..ocr.page_order import line_order
from ..ocr.text_direction import is_right_to_left
from ..workspace.page import PageDocument
from ..workspace.segments import TextRegion, known_orientation, tag
from ..workspace.table_cells import cell_role, mirror
from ..workspace.values import integer


def turn_to_right(document: PageDocument) -> set[str]:
    """Let lines side by side, and columns of tables, begin at the right where their text does.

    Args:
        document: a page that was laid out before it was read, as if from left to right.

    Returns:
        The IDs of the cells whose columns are counted from the right now.
    """
    for region in document.text_regions():
        if is_right_to_left(" ".join(line.transcript for line in region.lines)):
            _order_lines(region, document.orientation)
    tables = document.page.iter(tag("TableRegion"))
    return {cell.id for table in tables for cell in _counted_anew(table)}


def _order_lines(region: TextRegion, orientation: float) -> None:
    lines = region.lines
    if any(len(line.polygon) < 3 for line in lines) or region.bottom_to_top:
        return
    own = known_orientation(region.element)
    order = line_order([line.polygon for line in lines], orientation if own is None else own)
    place = region.element.index(lines[0].element)
    for line in lines:
        region.element.remove(line.element)
    for offset, index in enumerate(order):
        region.element.insert(place + offset, lines[index].element)


def _counted_anew(table: etree._Element) -> list[TextRegion]:
    """Count the columns of a table from the right if they are counted from the left till now.

    Returns:
        The cells that have another place now.
    """
    cells = [TextRegion(e) for e in table.iterchildren(tag("TextRegion"))]
    text = " ".join(line.transcript for cell in cells for line in cell.lines)
    places = [(role, cell) for cell in cells if (role := cell_role(cell.element)) is not None]
    if not places or not is_right_to_left(text):
        return []
    first, last = (
        choose(places, key=lambda place: integer(place[0], "columnIndex"))[1].polygon
        for choose in (min, max)
    )
    if first[:, 0].mean() >= last[:, 0].mean():
        return []
    mirror([role for role, _ in places])
    return [cell for _, cell in places]

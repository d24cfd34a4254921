# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables and their cells, and cells made of the lines detected in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from ..ocr.geometry import Points, hull
from ..ocr.layout.arrangement import Region, arrange_table
from ..ocr.layout.printed_rules import PrintedRule
from ..ocr.layout.segmentation import lay_out
from ..ocr.layout.tables.table_outlines import table_outline
from ..workspace.page import PageDocument
from ..workspace.segments import TextRegion, new_segment, tag
from ..workspace.table_cells import add_cell, cell_role, turn_over
from ..workspace.values import Polygon
from . import reading_order


def tables_on(page: etree._Element) -> list[etree._Element]:
    """Return the table regions of a page, in document order."""
    return list(page.iter(tag("TableRegion")))


def cells_of(table: etree._Element) -> list[TextRegion]:
    """Return the text regions inside a table, but not those of tables inside it."""
    cells = (e for e in table.iter(tag("TextRegion")))
    return [TextRegion(e) for e in cells if next(e.iterancestors(tag("TableRegion"))) is table]


def add_table(
    document: PageDocument, number: int, outlines: Sequence[Polygon], rules: Sequence[Points]
) -> etree._Element:
    """Add a table without cells to a page; the reading order is another matter.

    Args:
        document: the page.
        number: its number on the page, from 1.
        outlines: outlines of its lines.
        rules: the ends of the printed rules of the page, shape (2, 2) each.
    """
    outline = table_outline(outlines, rules, document.width, document.height)
    identifier = document.new_id(f"table_{number:04d}")
    table = new_segment("TableRegion", identifier, outline, None)
    document.page.append(table)
    return table


def add_cells(
    document: PageDocument,
    table: etree._Element,
    boxes: Sequence[Points],
    outlines: Sequence[Polygon],
    rules: Sequence[PrintedRule],
) -> Iterator[tuple[TextRegion, tuple[int, ...]]]:
    """Make cells from the lines of a table without cells; add them to the reading order.

    If the lines make no rows and columns, the layout groups them into regions, whose rows and
    columns are unknown.

    Args:
        document: the page.
        table: its table.
        boxes: boxes of the lines, shape (4, 2) each, in pixels of the table's image, upright.
        outlines: outlines of the lines, in PAGE coordinates.
        rules: printed rules, in pixels of the table's image.

    Yields:
        Every cell and the indices of its lines, in reading order.
    """
    made = []
    for part in arrange_table(boxes, rules) or lay_out(boxes, rules=rules, tables=False):
        cell = add_cell_of(document, table, part, outlines)
        orientation = table.get("orientation")
        if orientation:
            cell.element.set("orientation", orientation)
        made.append((cell, part.lines))
    if made:
        reading_order.insert_cells(document, str(table.get("id")), [cell.id for cell, _ in made])
    yield from made


def add_cell_of(
    document: PageDocument, table: etree._Element, part: Region, outlines: Sequence[Polygon]
) -> TextRegion:
    """Add a cell without lines to a table; the reading order is another matter.

    Args:
        document: the page.
        table: its table.
        part: the cell, with its place if that is known.
        outlines: outlines of all lines, in PAGE coordinates.
    """
    identifier = document.new_id(f"{table.get('id')}_cell_{len(cells_of(table)) + 1:04d}")
    outline = hull([outlines[i] for i in part.lines])
    place = part.cell
    if place is None:
        return add_cell(table, identifier, outline)
    return add_cell(
        table, identifier, outline, place.row, place.column,
        rows=place.rows, columns=place.columns,
    )  # fmt: skip


def turn_tables_over(document: PageDocument) -> None:
    """Count the rows and columns of all tables from their other ends.

    The tables of a page that was upside down were read from the last cell to the first. In the
    reading order, which is reversed by now, each comes before its cells again.
    """
    for table in tables_on(document.page):
        cells = cells_of(table)
        turn_over([role for cell in cells if (role := cell_role(cell.element)) is not None])
        reading_order.move_before(document, str(table.get("id")), [cell.id for cell in cells])

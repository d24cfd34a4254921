# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cells of tables in PAGE-XML: text regions with a place."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from .segments import TextRegion, insert_in_order, new_segment, tag
from .values import Polygon, integer

#: Elements of a table before and among its cells in PAGE 2019-07-15.
_TABLE_ORDER = ("AlternativeImage", "Coords", "UserDefined", "Labels", "Roles", "TextRegion")


def add_cell(
    table: etree._Element,
    identifier: str,
    polygon: Polygon,
    row: int | None = None,
    column: int | None = None,
    *,
    rows: int = 1,
    columns: int = 1,
) -> TextRegion:
    """Add a cell to a table, after its other cells; the reading order is another matter.

    Args:
        table: the table region.
        identifier: the ID of the cell.
        polygon: its outline.
        row: its row, from 0; ``None`` if unknown.
        column: its column, from 0; ``None`` if unknown.
        rows: number of rows that it spans.
        columns: number of columns that it spans.
    """
    cell = new_segment("TextRegion", identifier, polygon, None)
    if row is not None and column is not None:
        role = etree.SubElement(etree.SubElement(cell, tag("Roles")), tag("TableCellRole"))
        role.set("rowIndex", str(row))
        role.set("columnIndex", str(column))
        for name, value in (("rowSpan", rows), ("colSpan", columns)):
            if value != 1:
                role.set(name, str(value))
    insert_in_order(table, cell, _TABLE_ORDER)
    return TextRegion(cell)


def cell_role(cell: etree._Element) -> etree._Element | None:
    """Return the element that has the place of a cell, or ``None`` if its place is unknown."""
    return cell.find(f"{tag('Roles')}/{tag('TableCellRole')}")


def turn_over(roles: Sequence[etree._Element]) -> None:
    """Count the rows and columns of a table from their other ends.

    Args:
        roles: the places of its cells, see `cell_role`.
    """
    _turn_over(roles, "rowIndex", "rowSpan")
    mirror(roles)


def mirror(roles: Sequence[etree._Element]) -> None:
    """Count the columns of a table from their other end.

    Args:
        roles: the places of its cells, see `cell_role`.
    """
    _turn_over(roles, "columnIndex", "colSpan")


def _turn_over(roles: Sequence[etree._Element], index: str, span: str) -> None:
    ends = [integer(role, index) + max(1, integer(role, span)) for role in roles]
    for role, end in zip(roles, ends, strict=True):
        role.set(index, str(max(ends) - end))

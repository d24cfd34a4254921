# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions of a layout model on a page: text with its lines, tables with their cells, pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from ..ocr.geometry import hull
from ..ocr.layout.printed_rules import PrintedRule
from ..ocr.layout_models.label_types import TABLE, TEXT, RegionType, region_type
from ..ocr.layout_models.region_boxes import ModelRegion
from ..ocr.layout_models.region_lines import FilledRegion, fill_regions, without_parts_of_tables
from ..ocr.lines.found_lines import FoundLine
from ..ocr.lines.line_outlines import outline_of_box, page_outline
from ..workspace.page import PageDocument
from ..workspace.page_images import PageImage
from ..workspace.segments import TextRegion, new_segment
from ..workspace.values import Polygon
from .page_regions import Occupied
from .tables import add_cells

#: Writes the lines of a region, in reading order.
LineWriter = Callable[[TextRegion, Sequence[FoundLine]], None]


def add_model_regions(
    document: PageDocument,
    image: PageImage,
    regions: Sequence[ModelRegion],
    found: Sequence[FoundLine],
    rules: Sequence[PrintedRule],
    free: Sequence[bool],
    write_lines: LineWriter,
) -> None:
    """Add the regions of a model and the free lines to a page, after the regions it has.

    Regions without text, and tables without lines, are not in the reading order. Text regions
    without lines are left out, as are regions whose centre is in one that was there before.

    Args:
        document: the page.
        image: the image that regions and lines were found in.
        regions: the model's regions, in pixels of the image.
        found: all lines of the page.
        rules: printed rules, in pixels of the image.
        free: whether each line may be placed.
        write_lines: writes the lines of a region.
    """
    occupied = Occupied.on(document.page)
    regions = [
        region
        for region in regions
        if occupied.owner(image.to_page(region.corners).mean(axis=0)) is None
    ]
    boxes = [line.box for line in found]
    filled = fill_regions(boxes, [box.mean(axis=0) for box in boxes], rules, free, regions)
    with_lines = [region.model_region for region in filled]
    for region in without_parts_of_tables(regions):
        kind = region_type(region.label)
        outline = _outline(document, image, region)
        if kind is None or kind.element == TEXT or outline is None:
            continue
        if not any(r is region for r in with_lines):
            _add_element(document, kind, region, outline)
    for part in filled:
        _add_filled(document, image, part, found, rules, write_lines)


def _add_filled(
    document: PageDocument,
    image: PageImage,
    part: FilledRegion,
    found: Sequence[FoundLine],
    rules: Sequence[PrintedRule],
    write_lines: LineWriter,
) -> None:
    lines = [found[i] for i in part.lines]
    outlines = [line.outline for line in lines if line.outline is not None]
    region = part.model_region
    kind = None if region is None else region_type(region.label)
    if region is not None and kind is not None and kind.element == TABLE:
        own = _outline(document, image, region)
        outline = hull(outlines if own is None else [own, *outlines])
        table = _add_element(document, kind, region, outline)
        document.append_to_reading_order([str(table.get("id"))])
        boxes = [line.box for line in lines]
        for cell, members in add_cells(document, table, boxes, outlines, rules):
            write_lines(cell, [lines[i] for i in members])
        return
    number = len(document.reading_order()) + 1
    added = document.add_region(
        document.new_id(f"region_{number:04d}"),
        hull(outlines),
        None if region is None else region.score,
    )
    if part.kind is not None:
        added.element.set("type", part.kind)
    write_lines(added, lines)
    document.append_to_reading_order([added.id])


def _add_element(
    document: PageDocument, kind: RegionType, region: ModelRegion, outline: Polygon
) -> etree._Element:
    """Append a region without lines of its own to the page."""
    stem = kind.element.removesuffix("Region").lower()
    number = 1 + sum(1 for _ in document.page.iter(f"{{*}}{kind.element}"))
    element = new_segment(
        kind.element, document.new_id(f"{stem}_{number:04d}"), outline, region.score
    )
    if kind.type is not None:
        element.set("type", kind.type)
    document.page.append(element)
    return element


def _outline(document: PageDocument, image: PageImage, region: ModelRegion) -> Polygon | None:
    """Return the visible outline of a region on the page, see `outline_of_box`."""
    page = page_outline(document.width, document.height)
    return outline_of_box(image.to_page(region.corners), 0, [page])

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect``: find text lines, group them into regions, order both."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from lxml import etree

from ..loading.load import load_detector
from ..ocr.detection.detector import Detector
from ..ocr.geometry import Points, hull
from ..ocr.layout.arrangement import Region
from ..ocr.layout.order.separators import separating_rules, separator_outline
from ..ocr.layout.printed_rules import PrintedRule
from ..ocr.layout.segmentation import lay_out, lay_out_free
from ..ocr.layout_models.layout_model import LayoutModel
from ..ocr.lines.found_lines import FoundLine, find_lines
from ..ocr.lines.line_outlines import has_area, page_outline, visible
from ..runtime.processor import OpenPage
from ..workspace.ground_truth import has_ground_truth
from ..workspace.order_marks import mark_order
from ..workspace.page import PageDocument
from ..workspace.page_images import PageImage
from ..workspace.segments import TextRegion, known_orientation, new_segment, tag
from ..workspace.values import Polygon
from . import model_requests
from .model_regions import add_model_regions
from .page_regions import Occupied, region_image, turn_of_region
from .remarks import remark_covered_text, remark_kept_segments
from .tables import add_cell_of, add_cells, add_table, cells_of, tables_on

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-detect"


@dataclass(frozen=True)
class DetectProcessor:
    """Adds text lines: to the page with regions and reading order, to regions, or to tables.

    * level ``page``: lines are detected on the page as a whole. Text regions without lines get
      those whose centre is in them; lines outside all regions are grouped into new ones and into
      tables, which come last in the reading order.
    * level ``region``: lines are detected in the image of each text region by itself, upright by
      its ``@orientation``. No region is added.
    * level ``table``: the same for the cells (text regions) of tables. A table without cells gets
      cells made of the lines detected in it.

    With a layout model, the new regions of level ``page`` are its regions: text with the lines
    whose centre is in them, tables with cells, pictures. See `fill_regions` for the order, and for
    lines that are in none.

    Existing segments stay, and regions and cells with lines get no more, unless ``overwrite``
    removes them first: all regions of any kind with the reading order (level ``page``), the lines
    of the regions, or the lines of the cells. What a person wrote is not removed: neither the
    segments of a page (level ``page``) nor the lines of a region or cell in which a line was
    corrected or confirmed.

    Attributes:
        detector: finds lines.
        level: ``page``, ``region`` or ``table``.
        overwrite: see above.
        padding: number of pixels by which outlines of lines grow, within page and region.
        versions: see `Processor.versions`.
        layout: finds regions; ``None`` for regions made of the lines.
        find_tables: whether new regions made of the lines may be tables.
        overwrite_corrected: whether ``overwrite`` removes what a person corrected, too.
    """

    detector: Detector
    level: str
    overwrite: bool
    padding: float
    versions: Mapping[str, str]
    layout: LayoutModel | None = None
    find_tables: bool = True
    overwrite_corrected: bool = False

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> DetectProcessor:
        """Load the models; see `model_requests` and `load_detector` for the errors."""
        layout = model_requests.layout_model(parameters)
        loaded = load_detector(
            model_requests.model_request(EXECUTABLE, parameters),
            model_requests.detection_options(parameters),
        )
        return cls(
            loaded.part,
            str(parameters["operation_level"]),
            bool(parameters["overwrite_segments"]),
            float(parameters["padding"]),
            {**loaded.versions, **({} if layout is None else layout.versions)},
            None if layout is None else layout.part,
            bool(parameters["find_tables"]),
            bool(parameters["overwrite_corrected"]),
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        if self.level == "page":
            self._process_page(page)
        elif self.level == "region":
            self._process_regions(page, page.document.text_regions())
        else:
            self._process_tables(page)

    def _process_page(self, page: OpenPage) -> None:
        document, image = page.document, page.image
        if self._may_remove(page, document.text_regions()):
            _remove_segmentation(document)
        # An order that has regions already was made by somebody else, in part at least.
        fresh = not document.text_regions() and not document.reading_order()
        found, rules = self._find(document, image, self.detector)
        occupied = Occupied.on(document.page)
        owners = [occupied.owner(line.centre) for line in found]
        for region in document.text_regions():
            if not region.lines:
                inside = [f for f, o in zip(found, owners, strict=True) if o is region.element]
                turn = turn_of_region(region.element, image)
                self._add_lines(document, region, inside, rules, turn)
        free = [owner is None and f.outline is not None
                for f, owner in zip(found, owners, strict=True)]  # fmt: skip
        if self.layout is None:
            parts = lay_out_free([f.box for f in found], rules, free, tables=self.find_tables)
            ends = [image.to_page(rule.points) for rule in rules]
            _add_regions(document, found, parts, ends)
        else:
            regions = self.layout.find(image.pixels)
            writer = partial(_write_lines, document)
            add_model_regions(document, image, regions, found, rules, free, writer)
        if fresh:
            _add_separators(document, image, found, rules)
            mark_order(document.page)
        if found:
            remark_covered_text(page)

    def _may_remove(self, page: OpenPage, regions: Sequence[TextRegion]) -> bool:
        """Return whether the lines of regions may be removed; say so if a person's must stay."""
        if not self.overwrite:
            return False
        if self.overwrite_corrected or not has_ground_truth(regions):
            return True
        remark_kept_segments(page)
        return False

    def _process_regions(self, page: OpenPage, regions: Sequence[TextRegion]) -> None:
        """Add lines to regions, each from an image of its own."""
        for region in regions:
            if self._may_remove(page, [region]):
                for line in region.lines:
                    region.element.remove(line.element)
        page.document.refresh_ids()
        wanted = [r for r in regions if not r.lines and has_area(r.polygon)]
        LOG.debug(
            "page %s: %d of %d text regions get lines", page.page_id, len(wanted), len(regions)
        )
        if not wanted:
            return
        occupied = Occupied.on(page.document.page)
        for region in wanted:
            inside, rules = self._find_inside(page, region.element, region.polygon, occupied)
            self._add_lines(page.document, region, inside, rules, 0)

    def _process_tables(self, page: OpenPage) -> None:
        for table in tables_on(page.document.page):
            cells = cells_of(table)
            if cells:
                self._process_regions(page, cells)
                continue
            outline = TextRegion(table).polygon
            if not has_area(outline):
                LOG.warning("page %s: table %s has no outline", page.page_id, table.get("id"))
                continue
            occupied = Occupied.on(page.document.page)
            inside, rules = self._find_inside(page, table, outline, occupied)
            lines = [f for f in inside if f.outline is not None]
            outlines = [f.outline for f in lines if f.outline is not None]
            boxes = [f.box for f in lines]
            for cell, members in add_cells(page.document, table, boxes, outlines, rules):
                _write_lines(page.document, cell, [lines[i] for i in members])

    def _find(
        self, document: PageDocument, image: PageImage, detector: Detector, *bounds: Polygon
    ) -> tuple[list[FoundLine], Sequence[PrintedRule]]:
        """Find the lines of an image, cut to the page and to outlines, and its rules."""
        page = page_outline(document.width, document.height)
        return find_lines(image.pixels, detector, self.padding, (page, *bounds), image.to_page)

    def _find_inside(
        self, page: OpenPage, element: etree._Element, outline: Polygon, occupied: Occupied
    ) -> tuple[list[FoundLine], Sequence[PrintedRule]]:
        """Find the lines of a region or table that belong to nothing else inside, and its rules.

        The scale is that of the whole page.
        """
        scale = self.detector.scale(page.image.pixels)
        image = region_image(page.image, outline, known_orientation(element), scale)
        # The image of a region has paper around it.
        long_side = round(max(image.pixels.shape) * scale)
        detector = self.detector.having(long_side=long_side, min_height=0, max_ratio=0.0)
        found, rules = self._find(page.document, image, detector, outline)
        return [line for line in found if occupied.owner(line.centre) is element], rules

    def _add_lines(
        self, document: PageDocument, region: TextRegion, found: Sequence[FoundLine],
        rules: Sequence[PrintedRule], turn: int,
    ) -> None:  # fmt: skip
        """Add lines to an existing region in reading order, cut to its outline."""
        parts = lay_out([f.box for f in found], turn, rules)
        order = [i for part in parts for i in part.lines]
        lines = []
        for i in order:
            outline = found[i].outline
            inside = None if outline is None else visible(outline, (region.polygon,))
            if inside is not None:
                lines.append(replace(found[i], outline=inside))
        _write_lines(document, region, lines)


def _remove_segmentation(document: PageDocument) -> None:
    """Remove all regions, and elements that refer only to regions."""
    document.remove_regions()
    for name in ("Layers", "Relations"):
        for element in document.page.findall(tag(name)):
            document.page.remove(element)


def _add_regions(
    document: PageDocument, found: Sequence[FoundLine], parts: Sequence[Region],
    rules: Sequence[Points],
) -> None:  # fmt: skip
    """Add regions and tables after the existing ones.

    Args:
        document: the page.
        found: its lines.
        parts: the regions, whose lines have outlines.
        rules: the ends of its printed rules on the page, shape (2, 2) each.
    """
    added: list[str] = []
    nothing = np.zeros((0, 2), dtype=np.float32)
    outlines = [nothing if line.outline is None else line.outline for line in found]
    tables: dict[int, etree._Element] = {}
    for part in parts:
        lines = [found[i] for i in part.lines]
        if part.cell is None:
            number = len(document.reading_order()) + len(added) + 1
            outline = hull([outlines[i] for i in part.lines])
            region = document.add_region(document.new_id(f"region_{number:04d}"), outline)
            if part.kind is not None:
                region.element.set("type", part.kind)
        else:
            if part.cell.table not in tables:
                own = [
                    outlines[i]
                    for other in parts
                    if other.cell is not None and other.cell.table == part.cell.table
                    for i in other.lines
                ]
                table = add_table(document, len(tables) + 1, own, rules)
                tables[part.cell.table] = table
                added.append(str(table.get("id")))
            region = add_cell_of(document, tables[part.cell.table], part, outlines)
        _write_lines(document, region, lines)
        added.append(region.id)
    if added:
        document.append_to_reading_order(added)


def _add_separators(
    document: PageDocument, image: PageImage, found: Sequence[FoundLine],
    rules: Sequence[PrintedRule],
) -> None:  # fmt: skip
    """Add the rules between the lines as regions: the order depends on them."""
    separating = separating_rules(rules, [line.box for line in found])
    for number, rule in enumerate(separating, start=1):
        ends = image.to_page(rule.points)
        outline = separator_outline(ends, document.width, document.height)
        identifier = document.new_id(f"separator_{number:04d}")
        document.page.append(new_segment("SeparatorRegion", identifier, outline, None))


def _write_lines(document: PageDocument, region: TextRegion, lines: Sequence[FoundLine]) -> None:
    for number, line in enumerate(lines, start=1):
        if line.outline is not None:
            identifier = document.new_id(f"{region.id}_line_{number:04d}")
            region.add_line(identifier, line.outline, line.score)

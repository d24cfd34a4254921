# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the parts of the model of a page to elements of PAGE-XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from ..ocr.geometry import Points
from ..ocr.lines.baselines import usable
from ..ocr.lines.line_outlines import page_outline
from ..ocr.page_model import ReadGraphic, ReadLine, ReadPage, ReadRegion, ReadWord
from ..workspace import order_marks
from ..workspace.barcode_regions import set_barcode
from ..workspace.ground_truth import LineState, set_ground_truth
from ..workspace.languages import language_name
from ..workspace.nesting import fitting
from ..workspace.page import PageDocument
from ..workspace.page_scripts import set_scripts
from ..workspace.schema import REGIONS
from ..workspace.segments import TextLine, TextRegion, new_segment
from ..workspace.table_cells import add_cell
from .segment_ids import ncname

#: Names of elements by the kinds of `ReadGraphic`.
_ELEMENTS = {name.removesuffix("Region").lower(): name for name in REGIONS}


@dataclass
class PageFiller:
    """Adds a page to a document.

    Attributes:
        document: the document.
        page: the page.
    """

    document: PageDocument
    page: ReadPage

    def fill(self) -> None:
        """See `ocrd_rapid.export.page_xml.fill`."""
        page, document = self.page, self.document
        angle = (page.orientation or 0) + page.skew
        if abs(angle - document.orientation) > 1e-6:
            document.set_orientation(angle)
        names = [name for code in page.languages if (name := language_name(code))]
        for attribute, name in zip(("primaryLanguage", "secondaryLanguage"), names, strict=False):
            document.page.set(attribute, name)
        whole = page_outline(page.width, page.height)
        tables = {}
        for table in page.tables:
            outline = fitting(table.outline if usable(table.outline) else whole, whole)
            element = new_segment("TableRegion", self._id(table.id, "table"), outline, None)
            document.page.append(element)
            tables[table.id] = TextRegion(element)
        added = []
        for number, region in enumerate(page.regions, start=1):
            table_around = tables.get(region.place.table) if region.place else None
            added.append(self._add_region(region, number, table_around, whole))
        if added:
            document.append_to_reading_order(added)
            self._write_confidences(added)
        for graphic in page.graphics:
            if usable(graphic.outline):
                self._add_graphic(graphic, whole)

    def _write_confidences(self, added: Sequence[str]) -> None:
        """Write how sure the order of the added regions is."""
        regions = {region.id: region.element for region in self.document.text_regions()}
        order_marks.set_order_confidence(self.document.page, self.page.order_confidence)
        for (before, name), region in zip(pairwise(added), self.page.regions[1:], strict=True):
            order_marks.set_place_confidence(regions[name], before, region.order_confidence)

    def _id(self, given: str, stem: str) -> str:
        return self.document.new_id(ncname(given) if given else stem)

    def _add_region(
        self, region: ReadRegion, number: int, table: TextRegion | None, page: Points
    ) -> str:
        """Add a region with its lines to the page or a table, and return its ID."""
        around = page if table is None else table.polygon
        outline = fitting(region.outline if usable(region.outline) else around, around)
        identifier = self._id(region.id, f"region_{number:04d}")
        place = region.place
        if table is None or place is None:
            added = self.document.add_region(identifier, outline)
        else:
            added = add_cell(
                table.element, identifier, outline, place.row, place.column,
                rows=place.rows, columns=place.columns,
            )  # fmt: skip
        set_scripts(added.element, region.scripts)
        if region.kind:
            added.element.set("type", region.kind)
        if abs(region.orientation - self.document.orientation) > 1e-6:
            added.set_orientation(region.orientation)
        added.set_right_to_left(region.right_to_left)
        texts = [
            self._add_line(added, line, f"{identifier}_line_{i:04d}", outline)
            for i, line in enumerate(region.lines, start=1)
        ]
        # A line without text counts as an empty one, as in core's validator.
        text = "\n".join(texts).strip() if texts else region.own_text
        if text:
            added.set_text(text, region.confidence)
        return identifier

    def _add_line(self, region: TextRegion, line: ReadLine, stem: str, around: Points) -> str:
        """Add a line with its words to a region, and return its text."""
        outline = fitting(line.outline if usable(line.outline) else around, around)
        score = line.score if len(line.box) or line.score != 1 else None
        added = region.add_line(self._id(line.id, stem), outline, score)
        if usable(line.baseline, 2):
            added.set_baseline(line.baseline)
        text = " ".join(word.text for word in line.words) if line.words else line.text
        if line.ground_truth:
            set_ground_truth(added, text, LineState(line.ground_truth))
        elif text or line.confidence:
            added.set_text(text, line.confidence)
        for number, word in enumerate(line.words, start=1):
            element = self._add_word(added, word, f"{added.id}_word{number:04d}", outline)
            if word.script and word.script not in line.scripts[:1]:
                set_scripts(element, [word.script])
        if line.typeface:
            added.set_font_family(line.typeface, line.head_confidence)
        set_scripts(added.element, line.scripts)
        return text

    def _add_word(
        self, line: TextLine, word: ReadWord, stem: str, around: Points
    ) -> etree._Element:
        """Add a word with its glyphs to a line, and return its element."""
        outline = fitting(word.outline if usable(word.outline) else around, around)
        added = line.add_word(self._id(word.id, stem), outline)
        # Glyphs that say something else than the word would contradict it.
        if "".join(glyph.text for glyph in word.glyphs) == word.text:
            for number, glyph in enumerate(word.glyphs, start=1):
                within = glyph.outline if usable(glyph.outline) else outline
                name = self._id(glyph.id, f"{added.id}_glyph{number:04d}")
                element = added.add_glyph(name, fitting(within, outline))
                element.set_text(glyph.text, glyph.confidence, glyph.alternatives)
        added.set_text(word.text, word.confidence, word.alternatives)
        return added.element

    def _add_graphic(self, graphic: ReadGraphic, page: Points) -> None:
        name = _ELEMENTS.get(graphic.kind, "UnknownRegion")
        identifier = self._id(graphic.id, graphic.kind)
        element = new_segment(name, identifier, fitting(graphic.outline, page), None)
        if graphic.barcode is not None:
            set_barcode(element, graphic.barcode)
        self.document.page.append(element)

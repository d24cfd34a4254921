# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-classify``: orientation of pages and regions. See `ocrd_rapid.ocr.turning`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..loading.load import load_classifier
from ..ocr.geometry import Points, box_of_polygon, hull
from ..ocr.layout.directions import surely_runs
from ..ocr.layout.segmentation import lay_out, layout_turn
from ..ocr.orientation import LineReader, OrientationClassifier
from ..ocr.turning import LineBlock, Turner, runs_sideways
from ..runtime.processor import OpenPage
from ..transforms import normalized_angle, split_angle
from ..workspace.page import PageDocument
from ..workspace.page_images import PageImage
from ..workspace.segments import TextLine, TextRegion, known_orientation, new_segment
from . import model_requests, reading_order
from .page_regions import region_elements, turn_of_region
from .remarks import remark_missing_lines
from .tables import turn_tables_over

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-classify"

#: Attributes that a region made of another region's lines takes over.
_LANGUAGE = ("primaryLanguage", "secondaryLanguage", "primaryScript", "secondaryScript")


@dataclass(frozen=True)
class _Line:
    """A line with an outline, and its box in pixels of the page's image."""

    line: TextLine
    box: Points


@dataclass(frozen=True)
class ClassifyProcessor:
    """Writes ``@orientation`` of the page or of its text regions, and adapts the reading order.

    * level ``page``: the page is turned as a whole. Regions known to be turned against it keep
      their ``@orientation``, which is absolute; others that have one get the page's. Regions whose
      lines run down an upright page, such as notes in the margin, get one by their own vote.
    * level ``region``: every text region with lines is turned by itself.
    * level ``line``: like ``region``, but lines that run down a region of lines that run across, or
      the other way round, become a region of their own, next to it in the reading order, as PAGE
      has no ``@orientation`` of lines.

    Attributes:
        classifier: tells upright from upside-down lines.
        level: ``page``, ``region`` or ``line``.
        min_confidence: probability above which text is upside down.
        versions: see `Processor.versions`.
        reader: returns a reader of lines, or ``None``; called if the classifier is in doubt.
    """

    classifier: OrientationClassifier
    level: str
    min_confidence: float
    versions: Mapping[str, str]
    reader: Callable[[], LineReader | None] = lambda: None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ClassifyProcessor:
        """Load the model; see `model_request` and `load_classifier` for the errors."""
        loaded = load_classifier(model_requests.model_request(EXECUTABLE, parameters))
        return cls(
            loaded.part,
            str(parameters["operation_level"]),
            float(parameters["min_confidence"]),
            loaded.versions,
            model_requests.reader(parameters),
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        regions = [region for region in page.document.text_regions() if _outlined(region)]
        if not regions:
            LOG.debug("page %s has no text lines to judge by", page.page_id)
            remark_missing_lines(page, "they are unchanged")
        elif self.level == "page":
            self._process_page(page, regions)
        else:
            self._process_regions(page, regions)

    @property
    def _turner(self) -> Turner:
        return Turner(self.classifier, self.reader, self.min_confidence)

    def _process_page(self, page: OpenPage, regions: Sequence[TextRegion]) -> None:
        document, image = page.document, page.image
        found = self._turner.turn_page(image.pixels, [_block(region, image) for region in regions])
        if found.degrees:
            _turn_along(document, image, found.degrees)
        document.set_orientation(normalized_angle(document.orientation + found.degrees))
        astray: list[str] = []
        for region, turn in zip(regions, found.blocks, strict=True):
            if turn.astray:
                region.set_orientation(normalized_angle(image.angle + turn.degrees))
                astray.append(region.id)
            if turn.backwards:
                region.reverse_lines()
        if found.backwards:
            document.reverse_reading_order(last=astray)
            turn_tables_over(document)

    def _process_regions(self, page: OpenPage, regions: Sequence[TextRegion]) -> None:
        image = page.image
        lines = [_lines(region, image) for region in regions]
        page_turn = self._turn(image, [line.box for found in lines for line in found], None)
        backwards = 0
        astray: list[tuple[TextRegion, list[_Line], int]] = []
        for region, found in zip(regions, lines, strict=True):
            expected = turn_of_region(region.element, image) or page_turn
            sideways = runs_sideways([line.box for line in found], expected)
            others = [line for line in found if surely_runs(line.box, sideways=not sideways)]
            if self.level == "line" and others:
                astray.append((region, others, expected))
                found = [line for line in found if line not in others]
            backwards += self._turn_region(image, region, found, expected)
        if 2 * backwards > _count(regions):  # the page as a whole is upside down
            page.document.reverse_reading_order()
            turn_tables_over(page.document)
        for region, others, expected in astray:
            self._set_apart(page.document, image, region, others, expected)

    def _turn_region(
        self, image: PageImage, region: TextRegion, lines: Sequence[_Line], expected: int
    ) -> int:
        """Write the orientation of a region; return the number of lines that were in reverse."""
        boxes = [line.box for line in lines]
        turn = self._turn(image, boxes, expected)
        laid_out = layout_turn(boxes, turn_of_region(region.element, image))
        known = known_orientation(region.element)
        skew = 0.0 if known is None else split_angle(known - image.angle)[1]
        region.set_orientation(normalized_angle(image.angle + skew + turn))
        if (turn - laid_out) % 360 != 180:
            return 0
        region.reverse_lines()
        return len(region.lines)

    def _set_apart(
        self,
        document: PageDocument,
        image: PageImage,
        region: TextRegion,
        lines: Sequence[_Line],
        expected: int,
    ) -> None:
        """Move lines of a region into new regions after it, with an orientation of their own."""
        boxes = [line.box for line in lines]
        turn = self._turn(image, boxes, expected)
        added: list[str] = []
        last = region.element
        for number, part in enumerate(lay_out(boxes, turn % 360, tables=False), start=1):
            identifier = document.new_id(f"{region.id}_turned_{number:04d}")
            outline = hull([lines[i].line.polygon for i in part.lines])
            element = new_segment("TextRegion", identifier, outline, None)
            for name in _LANGUAGE:
                if name in region.element.attrib:
                    element.set(name, str(region.element.get(name)))
            TextRegion(element).set_orientation(normalized_angle(image.angle + turn))
            for i in part.lines:
                element.append(lines[i].line.element)
            last.addnext(element)
            last = element
            added.append(identifier)
        region.remove_text()  # it was the text of all lines
        reading_order.insert_behind(document, region.id, added)

    def _turn(self, image: PageImage, boxes: Sequence[Points], expected: int | None) -> int:
        """Return the clockwise rotation that sets text upright; see `Turner.turn`."""
        return self._turner.turn(image.pixels, boxes, expected).degrees


def _turn_along(document: PageDocument, image: PageImage, degrees: int) -> None:
    """Turn the regions that are known to have the orientation of the page along with it."""
    for element in region_elements(document.page):
        if element.get("orientation") and turn_of_region(element, image) == 0:
            region = TextRegion(element)
            region.set_orientation(normalized_angle((region.orientation or 0.0) + degrees))


def _outlined(region: TextRegion) -> bool:
    return any(len(line.polygon) >= 3 for line in region.lines)


def _count(regions: Sequence[TextRegion]) -> int:
    return sum(len(region.lines) for region in regions)


def _block(region: TextRegion, image: PageImage) -> LineBlock:
    """Return the lines of a region, and prior knowledge of its orientation."""
    turned = turn_of_region(region.element, image) != 0
    boxes = [line.box for line in _lines(region, image)]
    return LineBlock(boxes, turned, level=region.orientation is not None)


def _lines(region: TextRegion, image: PageImage) -> list[_Line]:
    return [
        _Line(line, box_of_polygon(image.to_pixels(line.polygon)))
        for line in region.lines
        if len(line.polygon) >= 3
    ]

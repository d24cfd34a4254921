"""``ocrd-rapid-classify``: which way up are pages or regions?

One line is weak evidence: the classifier takes one in nine of the upright lines of 40 real pages
to be upside down. So nothing is ever turned over by the vote of one
line. A page is judged by all its lines. A region is judged by its own, against what is expected
of it, which counts as `EXPECTATION` lines against them. Whether lines run across or down is another
matter: long boxes show that without a network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ocr.geometry import Points, box_of_polygon, cut_box, hull, is_tall
from ..ocr.layout.directions import lies_on_its_side, surely_runs
from ..ocr.layout.segmentation import lay_out, layout_turn
from ..ocr.orientation import (
    LINES,
    LineReader,
    OrientationClassifier,
    block_is_upside_down,
    quarter_turns,
    widest_first,
)
from ..runtime.processor import OpenPage
from ..transforms import normalised_angle, split_angle
from ..workspace.page import PageDocument
from ..workspace.page_images import PageImage
from ..workspace.segments import TextLine, TextRegion, new_segment
from . import model_requests, reading_order
from .region_outlines import known_orientation, quarter_turn, region_elements
from .remarks import remark_missing_lines

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-classify"

#: How many lines the expectation counts as. With this, one or two upright lines are never turned
#: over, and of groups of three to ten on the real pages one to three in a thousand; of groups
#: that are upside down on an upright page half (three lines) to nine tenths (ten) are.
EXPECTATION = 1.5

#: What a region that is made of another one's lines takes over from it.
_LANGUAGE = ("primaryLanguage", "secondaryLanguage", "primaryScript", "secondaryScript")


@dataclass(frozen=True)
class _Line:
    """A line that has an outline, and its box in pixels of the page's image."""

    line: TextLine
    box: Points


@dataclass(frozen=True)
class ClassifyProcessor:
    """Writes ``@orientation`` of the page or of its text regions, and reads backwards if need be.

    * level ``page``: the page is turned as one. Regions that were known to be turned against it
      keep their ``@orientation``, which is absolute; others that have one get the page's. Regions
      whose lines run down an upright page, such as notes in the margin, get one by their own vote.
    * level ``region``: every text region with lines is turned by itself.
    * level ``line``: as ``region``, but lines that run down a region of lines that run across, or
      the other way round, become a region of their own, next to it in the reading order: PAGE
      has no ``@orientation`` of lines.

    Attributes:
        classifier: tells upright from upside-down lines.
        level: ``page``, ``region`` or ``line``.
        min_confidence: probability above which text is taken to be upside down.
        versions: see `Processor.versions`.
        reader: gives what reads lines, for pages of which the classifier is in doubt.
    """

    classifier: OrientationClassifier
    level: str
    min_confidence: float
    versions: Mapping[str, str]
    reader: Callable[[], LineReader | None] = lambda: None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ClassifyProcessor:
        """Load the model; see `models.load` for the errors."""
        loaded = model_requests.load(EXECUTABLE, parameters, parallel=False)
        return cls(
            OrientationClassifier(loaded.model),
            str(parameters["operation_level"]),
            float(parameters["min_confidence"]),
            loaded.versions,
            model_requests.Reader(parameters),
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        regions = [region for region in page.document.text_regions() if _outlined(region)]
        if not regions:
            LOG.debug("page %s has no text lines to judge by", page.page_id)
            remark_missing_lines(page, "they stay as they are")
        elif self.level == "page":
            self._process_page(page, regions)
        else:
            self._process_regions(page, regions)

    def _process_page(self, page: OpenPage, regions: Sequence[TextRegion]) -> None:
        document, image = page.document, page.image
        following = [r for r in regions if quarter_turn(r.element, image) == 0]
        boxes = [line.box for region in following or regions for line in _lines(region, image)]
        turn = self._turn(image, boxes)
        oriented = [
            TextRegion(element)
            for element in region_elements(document.page)
            if element.get("orientation") and quarter_turn(element, image) == 0
        ]
        astray = [r for r in following if r.orientation is None and self._is_astray(r, image, turn)]
        for region in astray:
            self._turn_astray(image, region)
        following = [region for region in following if region not in astray]
        document.set_orientation(normalised_angle(document.orientation + turn))
        if not turn:
            return
        for region in oriented:
            region.set_orientation(normalised_angle((region.orientation or 0.0) + turn))
        if _reads_backwards(turn):
            for region in following:
                region.reverse_lines()
            if 2 * _count(following) > _count(regions):
                document.reverse_reading_order()

    def _is_astray(self, region: TextRegion, image: PageImage, turn: int) -> bool:
        """Return whether the lines of a region run down an upright page, or the like."""
        boxes = [line.box for line in _lines(region, image)]
        return _runs_sideways(boxes, turn) != _is_sideways(turn)

    def _turn_astray(self, image: PageImage, region: TextRegion) -> None:
        """Write the orientation of a region that runs against its page, by its own vote."""
        boxes = [line.box for line in _lines(region, image)]
        upside_down = block_is_upside_down(
            image.pixels, boxes, self.classifier, self.reader, self.min_confidence
        )
        turn = quarter_turns(boxes, upside_down)
        region.set_orientation(normalised_angle(image.angle + turn))
        if (turn - layout_turn(boxes)) % 360 == 180:
            region.reverse_lines()

    def _process_regions(self, page: OpenPage, regions: Sequence[TextRegion]) -> None:
        image = page.image
        lines = [_lines(region, image) for region in regions]
        page_turn = self._turn(image, [line.box for found in lines for line in found])
        backwards = 0
        astray: list[tuple[TextRegion, list[_Line], int]] = []
        for region, found in zip(regions, lines, strict=True):
            expected = quarter_turn(region.element, image) or page_turn
            sideways = _runs_sideways([line.box for line in found], expected)
            others = [line for line in found if surely_runs(line.box, sideways=not sideways)]
            if self.level == "line" and others:
                astray.append((region, others, expected))
                found = [line for line in found if line not in others]
            backwards += self._turn_region(image, region, found, expected)
        if 2 * backwards > _count(regions):  # the page as a whole is upside down
            page.document.reverse_reading_order()
        for region, others, expected in astray:
            self._set_apart(page.document, image, region, others, expected)

    def _turn_region(
        self, image: PageImage, region: TextRegion, lines: Sequence[_Line], expected: int
    ) -> int:
        """Write the orientation of a region; return how many of its lines were read backwards."""
        boxes = [line.box for line in lines]
        turn = self._turn(image, boxes, expected)
        laid_out = layout_turn(boxes, quarter_turn(region.element, image))
        known = known_orientation(region.element)
        skew = 0.0 if known is None else split_angle(known - image.angle)[1]
        region.set_orientation(normalised_angle(image.angle + skew + turn))
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
        """Move lines of a region into new ones behind it, with an orientation of their own."""
        boxes = [line.box for line in lines]
        turn = self._turn(image, boxes, expected)
        added: list[str] = []
        last = region.element
        for number, part in enumerate(lay_out(boxes, turn % 360), start=1):
            identifier = document.new_id(f"{region.id}_turned_{number:04d}")
            outline = hull([lines[i].line.polygon for i in part.lines])
            element = new_segment("TextRegion", identifier, outline, None)
            for name in _LANGUAGE:
                if name in region.element.attrib:
                    element.set(name, str(region.element.get(name)))
            TextRegion(element).set_orientation(normalised_angle(image.angle + turn))
            for i in part.lines:
                element.append(lines[i].line.element)
            last.addnext(element)
            last = element
            added.append(identifier)
        region.remove_text()  # which was that of all its lines
        reading_order.insert_behind(document, region.id, added)

    def _turn(self, image: PageImage, boxes: Sequence[Points], expected: int | None = None) -> int:
        """Return by how much text must be turned clockwise: 0, 90, 180 or -90 degrees.

        Args:
            image: of the page.
            boxes: of the lines.
            expected: the turn that few lines do not speak against; ``None`` if there is none.
        """
        sideways = _runs_sideways(boxes, expected)
        voters = [box for box in boxes if is_tall(box) == sideways]
        if not voters:
            return 0 if expected is None else _signed(expected)
        cuts = (cut_box(image.pixels, box) for box in widest_first(voters))
        if expected is None:
            probability = self.classifier.upside_down_or_read(cuts, self.reader)
        else:
            probability = self.classifier.upside_down(cuts)
        LOG.debug("%d lines, upside down with probability %.3f", len(voters), probability)
        if expected is None or sideways != _is_sideways(expected):
            return quarter_turns(voters, probability > self.min_confidence)
        expects = _signed(expected) in (180, 90)
        count = min(len(voters), LINES)
        against = count * (1 - probability if expects else probability) / (count + EXPECTATION)
        return quarter_turns(voters, expects != (against > self.min_confidence))


def _outlined(region: TextRegion) -> bool:
    return any(len(line.polygon) >= 3 for line in region.lines)


def _count(regions: Sequence[TextRegion]) -> int:
    return sum(len(region.lines) for region in regions)


def _lines(region: TextRegion, image: PageImage) -> list[_Line]:
    return [
        _Line(line, box_of_polygon(image.to_pixels(line.polygon)))
        for line in region.lines
        if len(line.polygon) >= 3
    ]


def _runs_sideways(boxes: Sequence[Points], expected: int | None) -> bool:
    """Return whether text runs down rather than across.

    Against what is expected only where a box shows it: the digit 1 is tall, too.
    """
    sideways = lies_on_its_side(boxes)
    if expected is None or sideways == _is_sideways(expected):
        return sideways
    if any(surely_runs(box, sideways=sideways) for box in boxes):
        return sideways
    return not sideways


def _is_sideways(turn: int) -> bool:
    return turn % 180 != 0


def _signed(turn: int) -> int:
    """Return a quarter turn as one of 0, 90, 180 and -90."""
    return -90 if turn % 360 == 270 else turn % 360


def _reads_backwards(turn: int) -> bool:
    """Return whether text that must be turned so was laid out from its end to its beginning.

    ``ocrd-rapid-detect`` lays lying text out as if it were upright, and text on its side as if
    a turn by 90 degrees set it upright.
    """
    return turn in (180, -90)

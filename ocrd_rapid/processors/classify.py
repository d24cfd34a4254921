"""``ocrd-rapid-classify``: which way up are pages or regions?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ocr.geometry import box_of_polygon, cut_box, is_tall
from ..ocr.orientation import OrientationClassifier, lies_on_its_side, quarter_turns
from ..runtime.processor import PageTask
from ..workspace.images import PageImage
from ..workspace.segments import TextLine, TextRegion
from . import models

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-classify"


@dataclass(frozen=True)
class ClassifyProcessor:
    """Writes ``@orientation`` of the page or of its text regions.

    Attributes:
        classifier: tells upright from upside-down lines.
        level: ``page`` or ``region``.
        min_confidence: probability above which text is taken to be upside down.
        versions: see `Processor.versions`.
    """

    classifier: OrientationClassifier
    level: str
    min_confidence: float
    versions: Mapping[str, str]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ClassifyProcessor:
        """Load the model; see `models.load` for the errors."""
        loaded = models.load(EXECUTABLE, parameters, parallel=False)
        return cls(
            OrientationClassifier(loaded.model),
            str(parameters["operation_level"]),
            float(parameters["min_confidence"]),
            loaded.versions,
        )

    def process(self, task: PageTask) -> None:
        """See `Processor.process`."""
        document = task.document
        regions = document.text_regions()
        if self.level == "region":
            self._process_regions(task, regions)
            return
        turn = self._turn(task.image, [line for region in regions for line in region.lines])
        if turn is None:
            LOG.info("page %s has no text lines to judge by", task.page_id)
            return
        document.set_orientation(_normalised(document.orientation + turn))
        if _reads_backwards(turn):
            document.reverse_reading_order()
            for region in regions:
                region.reverse_lines()

    def _process_regions(self, task: PageTask, regions: Sequence[TextRegion]) -> None:
        backwards = forwards = 0
        for region in regions:
            lines = region.lines
            turn = self._turn(task.image, lines)
            if turn is None:
                continue
            region.set_orientation(_normalised(task.image.angle + turn))
            if _reads_backwards(turn):
                region.reverse_lines()
                backwards += len(lines)
            else:
                forwards += len(lines)
        if backwards > forwards:  # the page as a whole is upside down
            task.document.reverse_reading_order()

    def _turn(self, image: PageImage, lines: Sequence[TextLine]) -> int | None:
        """Return by how much text must be turned clockwise: 0, 90, 180 or -90 degrees."""
        boxes = [
            box_of_polygon(image.to_pixels(line.polygon))
            for line in lines
            if len(line.polygon) >= 3
        ]
        if not boxes:
            return None
        sideways = lies_on_its_side(boxes)
        cuts = [cut_box(image.pixels, box) for box in boxes if is_tall(box) == sideways]
        probability = self.classifier.upside_down(cuts)
        LOG.debug("%d lines, upside down with probability %.3f", len(boxes), probability)
        return quarter_turns(boxes, probability > self.min_confidence)


def _reads_backwards(turn: int) -> bool:
    """Return whether text that must be turned so was laid out from its end to its beginning.

    ``ocrd-rapid-detect`` lays lying text out as if it were upright, and text on its side as if
    a turn by 90 degrees set it upright.
    """
    return turn in (180, -90)


def _normalised(degrees: float) -> float:
    """Return an angle within PAGE's range of -180 (exclusive) to 180."""
    angle = degrees % 360
    return angle - 360 if angle > 180 else angle

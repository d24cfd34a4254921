"""``ocrd-rapid-recognize``: read the text of lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ocr.geometry import box_of_polygon, cut_box
from ..ocr.images import BgrImage
from ..ocr.recognition import FullModel, RecognizedLine, Recognizer
from ..runtime.processor import PageTask
from ..workspace.images import PageImage
from ..workspace.segments import TextLine, TextRegion
from . import models

EXECUTABLE = "ocrd-rapid-recognize"


@dataclass(frozen=True)
class RecognizeProcessor:
    """Writes the text of lines and regions.

    Attributes:
        recognizer: reads line images.
        level: ``line`` or ``region``: the lowest level that gets text.
        overwrite: read lines that have text already.
        min_confidence: below it, the text of a line is left out.
        versions: see `Processor.versions`.
    """

    recognizer: Recognizer
    level: str
    overwrite: bool
    min_confidence: float
    versions: Mapping[str, str]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> RecognizeProcessor:
        """Load model and keys; see `models.load` and `models.load_characters` for the errors."""
        loaded = models.load(EXECUTABLE, parameters, parallel=True)
        characters = models.load_characters(EXECUTABLE, loaded, str(parameters["keys"]))
        return cls(
            Recognizer(FullModel(loaded.model, characters), loaded.threads),
            str(parameters["textequiv_level"]),
            bool(parameters["overwrite_text"]),
            float(parameters["min_confidence"]),
            loaded.versions,
        )

    def process(self, task: PageTask) -> None:
        """See `Processor.process`."""
        regions = task.document.text_regions()
        wanted = [
            (region, line)
            for region in regions
            for line in region.lines
            if len(line.polygon) >= 3 and (self.overwrite or line.text is None)
        ]
        if wanted:
            images = [_line_image(task.image, region, line) for region, line in wanted]
            results = self.recognizer.recognize(images)
            for (_, line), result in zip(wanted, results, strict=True):
                self._write(line, result)
        for region in regions:
            _write_region(region)
        if self.level == "region":
            for region in regions:
                for line in region.lines:
                    line.remove_text()

    def _write(self, line: TextLine, result: RecognizedLine) -> None:
        line.remove_words()
        text = result.text if result.confidence >= self.min_confidence else ""
        line.set_text(text, result.confidence)


def _line_image(image: PageImage, region: TextRegion, line: TextLine) -> BgrImage:
    """Cut a line out of its page, upright as far as the region's orientation is known."""
    box = box_of_polygon(image.to_pixels(line.polygon))
    turns = 0
    if region.orientation is not None:
        turns = round((region.orientation - image.angle) / 90) % 4
    cut = cut_box(image.pixels, box, quarter_turn_tall=turns % 2 == 0)
    return np.ascontiguousarray(np.rot90(cut, -turns))


def _write_region(region: TextRegion) -> None:
    """Write the text of a region: that of its lines, with line breaks between."""
    lines = [line for line in region.lines if line.text is not None]
    if not lines:
        return
    text = "\n".join(line.text or "" for line in lines)
    region.set_text(text, _mean_confidence(lines))


def _mean_confidence(lines: list[TextLine]) -> float | None:
    """Return the mean confidence of lines, weighted by their length."""
    weights = [(len(line.text or ""), line.confidence) for line in lines]
    known = [(weight, value) for weight, value in weights if value is not None]
    total = sum(weight for weight, _ in known)
    if not known:
        return None
    if not total:
        return 0.0
    return sum(weight * value for weight, value in known) / total

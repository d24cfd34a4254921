# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-recognize``: read the text of lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..loading.automatic_model import load_reader
from ..ocr.lines.line_reading import read_lines
from ..ocr.recognition.automatic_recognizer import TextRecognizer
from ..ocr.recognition.ctc_decoding import RecognizedLine
from ..ocr.recognition.unread_scripts import unread_scripts
from ..ocr.recognition.words import normalize, place_words
from ..ocr.text_direction import is_right_to_left
from ..runtime.processor import OpenPage
from ..workspace.ground_truth import forget_ground_truth, has_corrected_lines, state_of
from ..workspace.page import PageDocument
from ..workspace.page_scripts import set_scripts
from ..workspace.region_texts import complete_lines, write_region_texts
from ..workspace.segments import TextLine, TextRegion
from ..workspace.xml import clean_text
from . import model_requests
from .line_images import LineOnPage, cut_lines
from .reading_order import improve_order
from .remarks import remark_kept_lines, remark_missing_lines, remark_unread_scripts
from .word_outlines import write_words

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-recognize"

#: Confidence below which a place in the reading order is reported as doubtful.
DOUBTFUL = 0.7


@dataclass(frozen=True)
class RecognizeProcessor:
    """Writes the text of lines and regions, and on request words and glyphs.

    Attributes:
        recognizer: reads line images.
        level: ``region``, ``line``, ``word`` or ``glyph``: the lowest level that gets text. Higher
            levels get text, too, and all agree: words joined by spaces are the line, lines joined
            by line breaks are the region.
        overwrite: whether to read lines that already have text; empty text does not count. A line
            that is not read, and has text only in its words, gets their text.
        overwrite_corrected: whether to read lines that a person corrected or confirmed, see
            `state_of`; otherwise all about them stays. A region with such lines keeps the text of
            its lines on level ``region``, too.
        min_confidence: mean probability of its characters below which the text of a line is
            left out, see `RecognizedLine.probability`.
        versions: see `Processor.versions`.
        padding: number of pixels around the outline that are cut out with a line.
        alternatives: number of alternative readings of a glyph.
        reorder: when regions are put in a better order, see `improve_order`.
    """

    recognizer: TextRecognizer
    level: str
    overwrite: bool
    min_confidence: float
    versions: Mapping[str, str]
    padding: float = 0.0
    alternatives: int = 0
    reorder: str = "auto"
    overwrite_corrected: bool = False

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> RecognizeProcessor:
        """Load model, keys and heads; see `model_request` and `load_reader` for the errors."""
        loaded = load_reader(model_requests.model_request(EXECUTABLE, parameters))
        return cls(
            loaded.part,
            str(parameters["textequiv_level"]),
            bool(parameters["overwrite_text"]),
            float(parameters["min_confidence"]),
            loaded.versions,
            float(parameters["padding"]),
            int(parameters["alternatives"]),
            str(parameters["reorder_regions"]),
            bool(parameters["overwrite_corrected"]),
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        document = page.document
        regions = document.text_regions()
        pairs = [(region, line) for region in regions for line in region.lines]
        lines = [(region, line) for region, line in pairs if self._is_read(line)]
        every = [line for _, line in pairs]
        if not every:
            remark_missing_lines(page, "no text was read")
        if not self.overwrite_corrected and has_corrected_lines(regions):
            remark_kept_lines(page)
        cut = cut_lines(page.image, page.images, lines, every, self.padding) if lines else []
        read = self._read(cut)
        page.versions.update((("model", result.model) for _, result in read if result.model))
        remark_unread_scripts(page, unread_scripts(result for _, result in read))
        for found, _ in read:
            found.line.remove_words()
        document.refresh_ids()
        for found, result in read:
            self._write_line(document, found, normalize(result, clean_text))
        complete_lines(every)
        self._improve_order(page)
        self._write_regions(regions, [found.region for found in cut])

    def _is_read(self, line: TextLine) -> bool:
        if state_of(line) is not None:
            return self.overwrite_corrected
        return self.overwrite or not line.transcript

    def _improve_order(self, page: OpenPage) -> None:
        found = improve_order(page.document, self.reorder)
        if found is None or found.confidence is None:
            return
        doubtful = [sure for sure in found.places if sure is not None and sure < DOUBTFUL]
        moved = list(found.order) != sorted(found.order)
        if moved or doubtful:
            LOG.info(
                "page %s: the text %s the order of its regions; confidence %.2f, %d of %d places"
                " in doubt",
                page.page_id, "changes" if moved else "confirms", found.confidence, len(doubtful),
                len(found.places),
            )  # fmt: skip

    def _read(self, cut: Sequence[LineOnPage]) -> list[tuple[LineOnPage, RecognizedLine]]:
        """Return lines with the images that were read in the end, and their text."""
        alternatives = self.alternatives if self.level == "glyph" else 0
        read = read_lines(self.recognizer, cut, alternatives)
        return [
            (replace(found, image=image), result)
            for found, (image, result) in zip(cut, read, strict=True)
        ]

    def _write_line(
        self, document: PageDocument, found: LineOnPage, result: RecognizedLine
    ) -> None:
        """Write the text of a line, and on request its words and glyphs."""
        line = found.line
        forget_ground_truth(line)
        if result.probability < self.min_confidence:
            line.set_text("", result.confidence)
            return
        line.set_text(result.text, result.confidence)
        # Its words have the order of the text; a direction of its own would mean the opposite.
        line.set_right_to_left(False)
        typeface = self.recognizer.typeface(result)
        if typeface:
            line.set_font_family(typeface, result.head_confidence)
        set_scripts(line.element, result.scripts)
        if self.level in ("word", "glyph"):
            words = place_words(result, found.image.pixels)
            scripts = [result.script_at((word.left + word.right) / 2) for word in words]
            write_words(document, found, words, scripts, glyphs=self.level == "glyph")

    def _write_regions(self, regions: Sequence[TextRegion], read: Sequence[TextRegion]) -> None:
        """Write the text of regions in which lines were read, and of regions without text."""
        changed = write_region_texts(regions, {region.id for region in read})
        for region in read:
            region.set_right_to_left(is_right_to_left(region.text or ""))
        if self.level == "region":
            for region in regions:
                if region.id in changed and not has_corrected_lines([region]):
                    _clear(region)


def _clear(region: TextRegion) -> None:
    """Remove the text from the lines of a region, so that only the region itself has text."""
    for line in region.lines:
        line.remove_words()
        line.remove_text()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-recognize``: read the text of lines."""

from __future__ import annotations

import logging
from collections import Counter
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
from ..workspace.page import PageDocument
from ..workspace.page_scripts import scripts_of_element, set_scripts
from ..workspace.segments import TextLine, TextRegion, TextSegment
from ..workspace.xml import clean_text
from . import model_requests
from .line_images import LineOnPage, cut_lines
from .reading_order import improve_order
from .remarks import remark_missing_lines, remark_unread_scripts
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
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        document = page.document
        regions = document.text_regions()
        lines = [
            (region, line)
            for region in regions
            for line in region.lines
            if self.overwrite or not line.transcript
        ]
        every = [line for region in regions for line in region.lines]
        if not every:
            remark_missing_lines(page, "no text was read")
        cut = cut_lines(page.image, page.images, lines, every, self.padding) if lines else []
        read = self._read(cut)
        page.versions.update((("model", result.model) for _, result in read if result.model))
        remark_unread_scripts(page, unread_scripts(result for _, result in read))
        for found, _ in read:
            found.line.remove_words()
        document.refresh_ids()
        for found, result in read:
            self._write_line(document, found, normalize(result, clean_text))
        _complete(every)
        self._improve_order(page)
        self._write_regions(regions, [found.region for found in cut])

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
        """Write the text of regions in which lines were read, and of regions without text.

        The text of a region is that of its own lines or, without lines, that of the regions inside
        it, which therefore come first.
        """
        changed = {region.id for region in read}
        for region in sorted(regions, key=lambda region: -region.depth):
            parts: list[TextSegment] = list(region.lines_in_reading_order)
            if not parts:
                inner = (other for other in regions if other.parent_id == region.id)
                parts = [other for other in inner if other.text]
            new = _is_empty(region) or any(part.id in changed for part in [region, *parts])
            if new and any(part.text is not None for part in parts):
                _join(region, parts)
                set_scripts(region.element, _scripts(region.lines))
                changed.add(region.id)
        for region in read:
            region.set_right_to_left(is_right_to_left(region.text or ""))
        if self.level == "region":
            for region in regions:
                if region.id in changed:
                    _clear(region)


def _complete(lines: Sequence[TextLine]) -> None:
    """Give lines that have text only in their words the text of these."""
    for line in lines:
        if _is_empty(line) and (text := line.transcript):
            line.set_text(text)


def _is_empty(segment: TextSegment) -> bool:
    """Return whether a segment has no text, or only white space."""
    return not (segment.text or "").strip()


def _join(region: TextRegion, parts: Sequence[TextSegment]) -> None:
    """Give a region the text of its parts, with line breaks between."""
    # A line without text counts as an empty one, as in core's validator.
    text = "\n".join(part.text or "" for part in parts).strip()
    region.set_text(text, _mean_confidence(parts))


def _scripts(lines: Sequence[TextLine]) -> list[str]:
    """Return the scripts of lines, first those that most lines have most of."""
    found = [scripts_of_element(line.element) for line in lines]
    first = Counter(scripts[0] for scripts in found if scripts)
    every = (script for scripts in found for script in scripts)
    return list(dict.fromkeys((*(script for script, _ in first.most_common()), *every)))


def _clear(region: TextRegion) -> None:
    """Remove the text from the lines of a region, so that only the region itself has text."""
    for line in region.lines:
        line.remove_words()
        line.remove_text()


def _mean_confidence(parts: Sequence[TextSegment]) -> float | None:
    """Return the mean confidence of segments, weighted by the length of their text."""
    weights = [(len(part.text or ""), part.confidence) for part in parts]
    known = [(weight, value) for weight, value in weights if value is not None]
    total = sum(weight for weight, _ in known)
    if not known:
        return None
    if not total:
        return 0.0
    return sum(weight * value for weight, value in known) / total

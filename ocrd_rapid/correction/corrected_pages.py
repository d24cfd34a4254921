# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The corrections of a page: what of them it lacks, what does not fit it, and their place in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..export.page_elements import line_orientation
from ..export.page_xml import page_from
from ..ocr.text_direction import is_right_to_left
from ..workspace.ground_truth import state_of
from ..workspace.page import PageDocument
from ..workspace.region_texts import complete_lines, spread_text, write_region_texts
from ..workspace.segments import TextLine
from .corrected_lines import correct_line
from .corrections import LineCorrection, one_line


def texts_of(document: PageDocument) -> dict[str, str]:
    """Return the texts of the lines of a page as the view shows them, by their IDs."""
    return {line.id: line.text for region in page_from(document).regions for line in region.lines}


def pending(document: PageDocument, lines: Sequence[LineCorrection]) -> list[LineCorrection]:
    """Return the corrections that a page does not have yet."""
    of_id = {line.id: line for region in document.text_regions() for line in region.lines}
    return [
        line for line in lines if line.line not in of_id or not _is_done(of_id[line.line], line)
    ]


def _is_done(line: TextLine, correction: LineCorrection) -> bool:
    said = one_line(line.transcript), state_of(line)
    return said == (correction.new, correction.state)


def problems(
    document: PageDocument, lines: Sequence[LineCorrection], *, seen: bool, overwrite: bool
) -> Iterator[str]:
    """Yield what does not fit a page, in words.

    Args:
        document: the page.
        lines: corrections that it does not have yet.
        seen: whether this is the page that the person saw, with all earlier corrections.
        overwrite: whether what another person wrote is replaced.
    """
    every = [line for region in document.text_regions() for line in region.lines]
    count = Counter(line.id for line in every)
    of_id = {line.id: line for line in every}
    texts = texts_of(document)
    for correction in lines:
        name = correction.line
        if count[name] != 1 or name not in texts:
            where = "is there several times" if count[name] > 1 else "is not there"
            yield f"line {name} {where}"
        elif not seen and state_of(of_id[name]) is not None:
            if not overwrite:
                text = of_id[name].transcript
                yield f"line {name} was corrected before, as '{_short(text)}'"
        elif texts[name] != correction.old:
            yield f"line {name} reads '{_short(texts[name])}', not '{_short(correction.old)}'"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def correct_page(document: PageDocument, lines: Sequence[LineCorrection]) -> None:
    """Write corrections that fit into a page; words and regions have the new text, too."""
    of_line = {correction.line: correction for correction in lines}
    regions = document.text_regions()
    changed = set()
    for region in regions:
        found = [line for line in region.lines if line.id in of_line]
        if not found:
            continue
        changed.add(region.id)
        spread_text(region)
        complete_lines(region.lines)
        angle = line_orientation(region, document.orientation)
        for line in found:
            correction = of_line[line.id]
            correct_line(document, line, correction.new, correction.state, angle)
    written = write_region_texts(regions, changed)
    for region in regions:
        if region.id in written:
            region.set_right_to_left(is_right_to_left(region.text or ""))

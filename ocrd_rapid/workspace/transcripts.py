# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The text of a page, each part once, from whatever level has it.

Text may be in lines, in their words or glyphs only, or in regions only; and the text of a region
often repeats that of the regions inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .page import PageDocument
from .segments import TextLine, TextRegion, tag


@dataclass(frozen=True, eq=False)
class Passage:
    """A region and its text.

    Attributes:
        region: the region.
        lines: its lines in reading order, if any of them has text.
        text: its own text where no line has any.
    """

    region: TextRegion
    lines: tuple[TextLine, ...]
    text: str = ""


def passages(document: PageDocument) -> Iterator[Passage]:
    """Yield the regions that have text, in reading order.

    The lines of a region count before its own text. That counts only where no region inside it has
    text, which it would repeat.
    """
    for region in document.text_regions():
        lines = tuple(region.lines_in_reading_order)
        if _any_text(lines):
            yield Passage(region, lines)
        elif (region.text or "").strip() and not _any_text_inside(region):
            yield Passage(region, (), region.text or "")


def _any_text(lines: tuple[TextLine, ...]) -> bool:
    return any(line.transcript for line in lines)


def _any_text_inside(region: TextRegion) -> bool:
    inside = map(TextRegion, region.element.iterdescendants(tag("TextRegion")))
    return any((inner.text or "").strip() or _any_text(tuple(inner.lines)) for inner in inside)

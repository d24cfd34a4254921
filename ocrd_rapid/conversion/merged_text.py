# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The text that a page had and the text that was recognized on it, in one reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..ocr.page_model import ReadGlyph, ReadLine, ReadPage, ReadRegion, ReadWord

#: What the IDs of regions begin with that are text of a PDF; PAGE-XML keeps nothing else of it.
_OWN = "pdf_text_"

#: Left, top, right and bottom, in pixels.
_Bounds = tuple[float, float, float, float]


def merged(recognized: ReadPage, own: ReadPage) -> ReadPage:
    """Return a recognized page with the text that it had besides, such as a stamp or a header.

    Each region of this text comes before the first region below it that it stands over, else
    after the last one above it.

    Args:
        recognized: the page with what was recognized.
        own: the page with the text that it had, in the same pixels.
    """
    regions = list(recognized.regions)
    for number, region in enumerate(own.regions, start=1):
        if region.text.strip():
            marked = replace(_without_ids(region), id=f"{_OWN}{number:04d}")
            place = _place(region, regions)
            # What comes next was judged after another region.
            regions[place : place + 1] = [
                marked, *(replace(r, order_confidence=None) for r in regions[place : place + 1])
            ]  # fmt: skip
    return replace(recognized, regions=tuple(regions))


def with_shown(page: ReadPage) -> ReadPage:
    """Return a page read from PAGE-XML whose merged regions are marked again, see `ReadRegion`."""
    marked = (replace(r, shown=True) if r.id.startswith(_OWN) else r for r in page.regions)
    return replace(page, regions=tuple(marked))


def _place(region: ReadRegion, others: Sequence[ReadRegion]) -> int:
    """Return the index at which a region is inserted among others."""
    bounds = [_bounds(other) for other in others]
    own = _bounds(region)
    if own is None:
        return len(others)
    beside = [i for i, other in enumerate(bounds) if other and _overlap(own, other)]
    if not beside:  # all others are in other columns: the height decides
        beside = [i for i, other in enumerate(bounds) if other]
    below = [i for i in beside if _middle(bounds[i]) > _middle(own)]
    if below:
        return min(below)
    return max(beside) + 1 if beside else len(others)


def _bounds(region: ReadRegion) -> _Bounds | None:
    outline = region.outline
    if not len(outline):
        return None
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _overlap(a: _Bounds, b: _Bounds) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0])


def _middle(bounds: _Bounds | None) -> float:
    return (bounds[1] + bounds[3]) / 2 if bounds else 0.0


def _without_ids(region: ReadRegion) -> ReadRegion:
    """Return a region whose parts get new IDs, as those that they have may be in use."""
    return replace(region, lines=tuple(map(_line, region.lines)))


def _line(line: ReadLine) -> ReadLine:
    return replace(line, id="", words=tuple(map(_word, line.words)))


def _word(word: ReadWord) -> ReadWord:
    return replace(word, id="", glyphs=tuple(map(_glyph, word.glyphs)))


def _glyph(glyph: ReadGlyph) -> ReadGlyph:
    return replace(glyph, id="")

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines in PAGE for words and glyphs, from their places on the image of a line."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..ocr.lines.line_outlines import with_four_corners
from ..ocr.recognition.words import PlacedGlyph, PlacedWord
from ..workspace.outlines import self_contact
from ..workspace.page import PageDocument
from ..workspace.polygons import clip
from ..workspace.segments import Word
from ..workspace.values import Polygon
from .line_images import LineOnPage

#: Largest deviation of a simplified outline in pixels, as in core's validator.
_TOLERANCE = 1.0


def write_words(
    document: PageDocument,
    found: LineOnPage,
    words: Sequence[PlacedWord],
    *,
    glyphs: bool,
) -> None:
    """Write the words of a line, and on request their glyphs.

    Outlines are cut to those of the line and the word. IDs are numbered in reading order, even if
    the document has the words in the opposite order.

    Args:
        document: the page, which assigns the IDs.
        found: the line; it has no words yet.
        words: the words in reading order.
        glyphs: whether to write glyphs, too.
    """
    line = found.line
    parent = line.polygon
    numbered = list(enumerate(words, start=1))
    for number, placed in numbered[::-1] if line.right_to_left else numbered:
        outline = inside(found.outline(placed.left, placed.right), parent)
        word = line.add_word(document.new_id(f"{line.id}_word{number:04d}"), outline)
        if glyphs:
            _write_glyphs(document, word, outline, found, placed.glyphs)
        word.set_text(placed.text, placed.confidence)


def _write_glyphs(
    document: PageDocument,
    word: Word,
    parent: Polygon,
    found: LineOnPage,
    glyphs: Sequence[PlacedGlyph],
) -> None:
    for number, placed in enumerate(glyphs, start=1):
        outline = inside(found.outline(placed.left, placed.right), parent)
        glyph = word.add_glyph(document.new_id(f"{word.id}_glyph{number:04d}"), outline)
        glyph.set_text(placed.text, placed.confidence, placed.alternatives)


def inside(outline: Polygon, parent: Polygon) -> Polygon:
    """Return the part of an outline inside another, with the four corners that PAGE requires.

    If it is completely outside its parent, or in several pieces inside, the result is the outline
    of the parent, as the place is not known any better.

    Args:
        outline: shape (N, 2), N >= 3.
        parent: shape (M, 2), M >= 3.

    Returns:
        Corners in integers, as few as describe the outline to the pixel.
    """
    found = clip(outline, simplified(parent))
    if found is outline:
        return parent
    # With an outline as jagged as a star, moving corners to whole pixels can make sides cross.
    forms = map(with_four_corners, (simplified(found), found))
    return next((form for form in forms if is_simple(form)), parent)


def simplified(polygon: Polygon) -> Polygon:
    """Return a polygon without the corners that matter less than a pixel.

    Outlines that follow the ink have hundreds of these. Core's validator compares outlines without
    them: to it, an outline that follows its parent exactly would be outside the parent.
    """
    found = cv2.approxPolyDP(polygon, _TOLERANCE, True)[:, 0]
    return np.asarray(found, dtype=np.float32) if len(found) >= 3 else polygon


def is_simple(polygon: Polygon) -> bool:
    """Return whether no sides of a polygon cross or touch, except neighbours at their corner.

    Args:
        polygon: shape (N, 2), N >= 3, integers.
    """
    points = polygon.astype(np.float64)
    repeated = (points == np.roll(points, 1, axis=0)).all(axis=1).any()
    return not repeated and self_contact(points) is None

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Outlines in PAGE for words and glyphs, from their places on the image of a line."""

from __future__ import annotations

from collections.abc import Sequence

from ..ocr.recognition.words import PlacedGlyph, PlacedWord
from ..workspace.nesting import inside
from ..workspace.page import PageDocument
from ..workspace.page_scripts import scripts_of_element, set_scripts
from ..workspace.segments import Word
from ..workspace.values import Polygon
from .line_images import LineOnPage


def write_words(
    document: PageDocument,
    found: LineOnPage,
    words: Sequence[PlacedWord],
    scripts: Sequence[str],
    *,
    glyphs: bool,
) -> None:
    """Write the words of a line, and on request their glyphs.

    Outlines are cut to those of the line and the word. IDs are numbered in reading order.

    Args:
        document: the page, which assigns the IDs.
        found: the line; it has no words yet.
        words: the words in reading order.
        scripts: for each, the code of its script, or empty if unknown.
        glyphs: whether to write glyphs, too.
    """
    line = found.line
    parent = line.polygon
    around = scripts_of_element(line.element)[:1]
    for number, (placed, script) in enumerate(zip(words, scripts, strict=True), start=1):
        outline = inside(found.outline(placed.left, placed.right), parent)
        word = line.add_word(document.new_id(f"{line.id}_word{number:04d}"), outline)
        if glyphs:
            _write_glyphs(document, word, outline, found, placed.glyphs)
        word.set_text(placed.text, placed.confidence)
        if script and (script,) != around:
            set_scripts(word.element, [script])


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

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A line with the text of a person: its words have this text, too, and outlines that fit it."""

from __future__ import annotations

from collections.abc import Sequence

from ..export.line_words import cut_words
from ..ocr.geometry import Points, hull
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadLine
from ..ocr.text_direction import is_right_to_left
from ..workspace.ground_truth import LineState, set_ground_truth
from ..workspace.nesting import fitting
from ..workspace.page import PageDocument
from ..workspace.segments import TextLine, Word, new_segment
from .word_groups import WordGroup, word_groups


def correct_line(
    document: PageDocument, line: TextLine, text: str, state: LineState, orientation: float
) -> None:
    """Write what a person said about a line.

    A word that stays keeps everything, one with another spelling its outline. The outlines of
    words that were divided or joined are made of theirs. A line without words gets none; one
    without text loses them.

    Args:
        document: the page.
        line: the line.
        text: its text, with single spaces; ignored in states without text.
        state: what the person said.
        orientation: clockwise rotation in degrees that sets the line upright.
    """
    words = line.words[::-1] if line.right_to_left else line.words
    set_ground_truth(line, text, state)
    if not state.has_text:
        line.remove_words()
    elif words:
        new = text.split()
        found: list[Word] = []
        for group in word_groups([word.transcript for word in words], new):
            old = [words[i] for i in group.old]
            texts = [new[i] for i in group.new]
            found += _in_place(document, line, old, texts, orientation, group)
        line.replace_words(found[::-1] if line.right_to_left else found)


def _in_place(
    document: PageDocument, line: TextLine, old: Sequence[Word], texts: Sequence[str],
    orientation: float, group: WordGroup,
) -> list[Word]:  # fmt: skip
    """Return the words of a group with other texts."""
    if len(old) == len(texts) == 1:
        _say(old[0], texts[0])
        return list(old)
    outlines = _divided(line, old, texts, orientation)
    found = []
    for number, (text, outline) in enumerate(zip(texts, outlines, strict=True)):
        if number < len(old):
            word = old[number]
        else:
            name = document.new_id(f"{line.id}_word{group.new[number] + 1:04d}")
            word = Word(new_segment("Word", name, outline, None))
        word.set_polygon(outline)
        word.remove_glyphs()
        word.set_text(text, 1.0)
        found.append(word)
    return found


def _say(word: Word, text: str) -> None:
    """Give a word a text; one that it has already keeps its glyphs."""
    if word.transcript != text:
        word.remove_glyphs()
    word.set_text(text, 1.0)


def _divided(
    line: TextLine, old: Sequence[Word], texts: Sequence[str], orientation: float
) -> list[Points]:
    """Return outlines for texts within the place of old words, none for no texts."""
    places = [word.polygon for word in old if usable(word.polygon)]
    around = hull(places) if places else line.polygon
    text = " ".join(texts)
    backwards = line.right_to_left or is_right_to_left(text)
    whole = ReadLine(around, text, right_to_left=backwards, baseline=line.baseline)
    if len(texts) == 1:
        return [fitting(around, line.polygon)]
    return [fitting(word.outline, line.polygon) for word in cut_words(whole, orientation)]

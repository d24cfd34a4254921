# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of ALTO: words, the space between them, and hyphens.

A word divided at the end of a line is two words with the same ``SUBS_CONTENT``, the whole word;
the hyphen is an element of its own. Programs that search for words read ``SUBS_CONTENT``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from ..ocr.geometry import Points
from ..ocr.page_model import ReadGlyph, ReadLine, ReadPage, ReadRegion, ReadWord
from .alto_elements import Version, place, points_text, put, share
from .certainty import certainty
from .character_widths import width_of_text
from .hyphens import DividedWord, LinePlace, divided_words
from .line_axes import axes_of, baseline_of, part_between
from .positions import Box, box_on, points_on
from .segment_ids import Ids

#: Most characters of ``Variant``.
_VARIANT = 3


@dataclass
class LineWriter:
    """Writes the lines of a page.

    Attributes:
        page: the page.
        styles: IDs of styles by typeface.
        version: the version of ALTO.
        hyphens: whether hyphens that divide words are elements of their own.
        ids: the IDs given so far.
    """

    page: ReadPage
    styles: Mapping[str, str]
    version: Version
    hyphens: bool
    ids: Ids
    _first: dict[LinePlace, DividedWord] = field(init=False)
    _second: dict[LinePlace, DividedWord] = field(init=False)

    def __post_init__(self) -> None:
        """Find the words that are divided."""
        self._first, self._second = {}, {}
        for divided in divided_words(self.page):
            if self._is_written(divided):
                self._first[divided.first] = divided
                self._second[divided.second] = divided

    def _is_written(self, divided: DividedWord) -> bool:
        """Return whether both words can be marked: a word has only one mark."""
        lines = [self.page.regions[r].lines[i] for r, i in (divided.first, divided.second)]
        if not all(line.words for line in lines):
            return False
        same = (
            lines[0].words[-1].text == divided.beginning + divided.hyphen
            and lines[1].words[0].text == divided.rest
        )
        return same and not (divided.first in self._second and len(lines[0].words) == 1)

    def add(
        self, block: etree._Element, position: LinePlace, line: ReadLine, region: ReadRegion
    ) -> None:
        """Add a line with words to its block.

        Args:
            block: the element of its region.
            position: its place on the page.
            line: the line; it has words.
            region: its region.
        """
        orientation = region.orientation
        style = self.styles.get(line.typeface)
        element = put(
            block,
            "TextLine",
            ID=line.id,
            STYLEREFS=style if style != block.get("STYLEREFS") else None,
            BASELINE=self._baseline(line, orientation),
            BASEDIRECTION="rtl" if line.right_to_left and self.version >= (4, 3) else None,
        )
        place(element, box_on(self.page, line.outline))
        if self.version >= (3, 1):
            points = points_text(points_on(self.page, line.outline))
            put(put(element, "Shape"), "Polygon", POINTS=points)
        boxes = [box_on(self.page, word.outline) for word in line.words]
        right, _ = axes_of(line, orientation)
        lies = abs(float(right[0])) >= abs(float(right[1]))
        gaps = [space_between(a, b, lies=lies) for a, b in pairwise(boxes)]
        divided = self._first.get(position)
        last = len(line.words) - 1
        for number, (word, box) in enumerate(zip(line.words, boxes, strict=True)):
            end = divided if number == last else None
            begin = None if number else self._second.get(position)
            added = self._add_word(element, word, box, end, begin)
            added.set("WC", share(certainty(word, line, region)))
            if number < last:
                place(put(element, "SP"), gaps[number])
        if divided is not None and self.hyphens:
            outline = _hyphen_outline(line, divided.hyphen, orientation)
            hyphen = put(element, "HYP", CONTENT=divided.hyphen)
            place(hyphen, box_on(self.page, outline))

    def _baseline(self, line: ReadLine, orientation: float) -> str | None:
        """Return the baseline: points, or before 4.2 the height of one that lies."""
        points = points_on(self.page, baseline_of(line, orientation))
        if self.version >= (4, 2):
            return points_text(points)
        (left, _), (right, _) = points[0], points[-1]
        heights = [y for _, y in points]
        lies = abs(right - left) > max(heights) - min(heights)
        return str(round(sum(heights) / len(heights))) if lies else None

    def _add_word(
        self,
        parent: etree._Element,
        word: ReadWord,
        box: Box,
        ends: DividedWord | None,
        begins: DividedWord | None,
    ) -> etree._Element:
        """Add a word, without its confidence, and return its element.

        Args:
            parent: the element of its line.
            word: the word.
            box: its place.
            ends: the divided word that it is the beginning of, if it is.
            begins: the divided word that it is the rest of, if it is.
        """
        cut = ends is not None and self.hyphens
        divided = ends or begins
        element = put(
            parent,
            "String",
            ID=word.id,
            CONTENT=word.text[:-1] if cut else word.text,
            SUBS_TYPE=("HypPart1" if ends else "HypPart2") if divided else None,
            SUBS_CONTENT=divided.whole if divided else None,
        )
        place(element, box)
        for text, _ in word.alternatives:
            put(element, "ALTERNATIVE", text)
        if self.version >= (4, 0):
            glyphs = word.glyphs[:-1] if cut and _ends_in(word, ends) else word.glyphs
            for glyph in glyphs:
                self._add_glyph(element, glyph)
        return element

    def _add_glyph(self, parent: etree._Element, glyph: ReadGlyph) -> None:
        """Add a glyph; one of several characters becomes several, as each has only one."""
        box = box_on(self.page, glyph.outline)
        for number, character in enumerate(glyph.text):
            element = put(
                parent,
                "Glyph",
                ID=self.ids.new(glyph.id) if number else glyph.id,
                CONTENT=character,
                GC=None if glyph.confidence is None else share(glyph.confidence),
            )
            place(element, box)
            for text, confidence in glyph.alternatives if len(glyph.text) == 1 else ():
                if 0 < len(text) <= _VARIANT:
                    value = None if confidence is None else share(confidence)
                    put(element, "Variant", CONTENT=text, VC=value)


def _ends_in(word: ReadWord, divided: DividedWord | None) -> bool:
    """Return whether the last glyph of a word is the hyphen that divides it."""
    return bool(word.glyphs and divided and word.glyphs[-1].text == divided.hyphen)


def _hyphen_outline(line: ReadLine, hyphen: str, orientation: float) -> Points:
    """Return the place of the hyphen at the end of a line, shape (N, 2).

    It is that of its glyph, or the end of the word, as wide as a hyphen usually is.
    """
    word = line.words[-1]
    if word.glyphs and word.glyphs[-1].text == hyphen:
        return word.glyphs[-1].outline
    right, _ = axes_of(line, orientation)
    across = word.outline @ right
    begin, end = float(across.min()), float(across.max())
    width = (end - begin) * width_of_text(hyphen) / max(width_of_text(word.text), 1)
    if line.right_to_left:
        return part_between(word.outline, right, begin, begin + width)
    return part_between(word.outline, right, end - width, end)


def space_between(first: Box, second: Box, *, lies: bool) -> Box:
    """Return the space between two words that follow each other, in whichever direction.

    Args:
        first: the box of a word.
        second: the box of the next one.
        lies: whether their line lies; else it stands on its end.

    Returns:
        A box; where the words overlap along the line, it has no width there.
    """
    across = _between(first[0::2], second[0::2], apart=lies)
    down = _between(first[1::2], second[1::2], apart=not lies)
    return across[0], down[0], across[1], down[1]


def _between(first: Sequence[int], second: Sequence[int], *, apart: bool) -> tuple[int, int]:
    """Return the gap between two extents, or what they have in common if there is no gap.

    Args:
        first: begin and end of an extent.
        second: those of another.
        apart: whether only a gap counts.
    """
    begin, end = min(first[1], second[1]), max(first[0], second[0])
    if begin <= end:
        return begin, end
    return (begin, begin) if apart else (end, begin)

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words that are divided at the end of a line, over columns too.

A line ends in a divided word if it ends in a letter and a hyphen, and the next line of the running
text begins with a lower-case letter. A capital or digit after the hyphen means that the hyphen
belongs to the word: ``Alt-`` ``Wien``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..ocr.page_model import ReadPage, ReadRegion

#: Characters that divide a word at the end of a line; the last one is the soft hyphen.
HYPHENS = "-¬⸗\u00ad"

#: Types of regions that repeat from page to page, or tell about it, and are not read with it.
FURNITURE = frozenset({"header", "footer", "page-number", "signature-mark", "catch-word"})

#: Types of regions beside the running text, each read by itself.
BESIDE = frozenset(
    {"caption", "credit", "endnote", "floating", "footnote", "footnote-continued", "marginalia"}
)

#: The place of a line on a page: the index of its region, and its index in the region.
LinePlace = tuple[int, int]


@dataclass(frozen=True)
class DividedWord:
    """A word divided at the end of a line.

    Attributes:
        first: the line that ends in its beginning.
        second: the line that begins with its rest.
        beginning: the beginning, without the hyphen.
        hyphen: the hyphen.
        rest: the rest, up to the next white space.
    """

    first: LinePlace
    second: LinePlace
    beginning: str
    hyphen: str
    rest: str

    @property
    def whole(self) -> str:
        """The word without the hyphen."""
        return self.beginning + self.rest


def division(text: str, following: str) -> tuple[str, str, str] | None:
    """Return beginning, hyphen and rest of the word divided between two lines.

    Args:
        text: the text of a line.
        following: the text of the next line.

    Returns:
        The parts; ``None`` if no word is divided.
    """
    words, rests = text.split(), following.split()
    if not words or not rests or words[-1][-1] not in HYPHENS:
        return None
    beginning, hyphen = words[-1][:-1], words[-1][-1]
    letters = [c for c in beginning if not unicodedata.combining(c)]
    if not letters or not letters[-1].isalpha() or not rests[0][0].islower():
        return None
    return beginning, hyphen, rests[0]


def divided_words(page: ReadPage) -> list[DividedWord]:
    """Return the words divided at the ends of lines, in reading order.

    The text goes on from region to region, past the furniture of the page and what stands beside
    the text. What stands beside it goes on in the next region of its type. Cells of tables are
    read each by itself.
    """
    found = []
    for flow in _flows(page):
        for first, second in pairwise(flow):
            texts = (page.regions[r].lines[i].text for r, i in (first, second))
            parts = division(*texts)
            if parts is not None:
                found.append(DividedWord(first, second, *parts))
    return sorted(found, key=lambda word: word.first)


def _flows(page: ReadPage) -> Iterator[list[LinePlace]]:
    """Yield the lines with text that are read one after the other."""
    flows: dict[object, list[LinePlace]] = {}
    for number, region in enumerate(page.regions):
        places = [(number, i) for i, line in enumerate(region.lines) if line.text]
        flows.setdefault(_flow(number, region), []).extend(places)
    yield from flows.values()


def _flow(number: int, region: ReadRegion) -> object:
    """Return what regions have in common that are read one after the other."""
    if region.place is not None or region.kind in FURNITURE:
        return number
    if region.kind in BESIDE:
        return region.kind.removesuffix("-continued")
    return None

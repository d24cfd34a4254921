# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""IDs for all segments of a page: those that they have, as far as XML allows these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..ocr.page_model import ReadGlyph, ReadLine, ReadPage, ReadRegion, ReadWord

#: Letters that a name without a colon (NCName) may have by the fourth edition of XML 1.0, which
#: validators go by: Latin, Greek, Cyrillic, Hebrew, Arabic, Chinese, Japanese and Korean ones.
_LETTERS = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    "\u0391-\u03a1\u03a3-\u03ce\u0401-\u040c\u040e-\u044f\u0451-\u045c\u05d0-\u05ea\u0621-\u063a"
    "\u0641-\u064a\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
)
_NOT_START = re.compile(f"[^{_LETTERS}]")
_NOT_NAME = re.compile(f"[^{_LETTERS}.0-9-]")


def ncname(text: str) -> str:
    """Return a text as an ID in XML: an NCName, equal to the text if that is one."""
    name = _NOT_NAME.sub("_", text)
    return f"_{name}" if not name or _NOT_START.match(name) else name


@dataclass
class Ids:
    """The IDs of a document.

    Attributes:
        given: those given so far.
    """

    given: set[str] = field(default_factory=set)

    def new(self, wanted: str) -> str:
        """Return an ID that is new: the one wanted, or with a number."""
        name, number = ncname(wanted), 0
        stem = name
        while name in self.given:
            number += 1
            name = f"{stem}_{number}"
        self.given.add(name)
        return name


def with_ids(page: ReadPage) -> ReadPage:
    """Return a page whose segments have IDs: NCNames, each only once on the page.

    IDs that segments have are kept if possible. New ones are numbered in reading order, as those
    of the processors are.
    """
    ids = Ids()
    # The IDs of tables first, as cells refer to them.
    tables, names = [], dict[str, str]()
    for number, table in enumerate(page.tables, start=1):
        new = ids.new(table.id or f"table_{number:04d}")
        names.setdefault(table.id, new)
        tables.append(replace(table, id=new))
    regions = []
    for number, region in enumerate(page.regions, start=1):
        place = region.place
        if place is not None:
            place = replace(place, table=names.get(place.table, place.table))
        regions.append(replace(_region(region, number, ids), place=place))
    graphics = tuple(
        replace(graphic, id=ids.new(graphic.id or f"graphic_{number:04d}"))
        for number, graphic in enumerate(page.graphics, start=1)
    )
    return replace(page, regions=tuple(regions), tables=tuple(tables), graphics=graphics)


def _region(region: ReadRegion, number: int, ids: Ids) -> ReadRegion:
    name = ids.new(region.id or f"region_{number:04d}")
    lines = tuple(
        _line(line, f"{name}_line_{i:04d}", ids) for i, line in enumerate(region.lines, 1)
    )
    return replace(region, id=name, lines=lines)


def _line(line: ReadLine, wanted: str, ids: Ids) -> ReadLine:
    name = ids.new(line.id or wanted)
    words = tuple(_word(word, f"{name}_word{i:04d}", ids) for i, word in enumerate(line.words, 1))
    return replace(line, id=name, words=words)


def _word(word: ReadWord, wanted: str, ids: Ids) -> ReadWord:
    name = ids.new(word.id or wanted)
    glyphs = tuple(
        ReadGlyph(
            glyph.text,
            glyph.confidence,
            glyph.outline,
            glyph.alternatives,
            ids.new(glyph.id or f"{name}_glyph{i:04d}"),
        )
        for i, glyph in enumerate(word.glyphs, 1)
    )
    return replace(word, id=name, glyphs=glyphs)


def ids_of(page: ReadPage) -> Iterator[str]:
    """Yield the IDs of all segments of a page."""
    for region in page.regions:
        yield region.id
        for line in region.lines:
            yield line.id
            for word in line.words:
                yield word.id
                yield from (glyph.id for glyph in word.glyphs)
    yield from (table.id for table in page.tables)
    yield from (graphic.id for graphic in page.graphics)

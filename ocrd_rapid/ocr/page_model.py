# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a page says and where: the result of reading it, and what the writers of all formats take.

Whatever a page comes from (an image read here, PAGE-XML of any processor, the text of a PDF), it is
described by these classes. They hold plain data, and know neither files nor XML. All coordinates
are in pixels of the page as given, whichever way up its text is; all text is what was read, in
reading order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..provenance import ProcessingStep
from .geometry import Points, hull
from .layout.printed_rules import PrintedRule
from .recognition.ctc_decoding import RecognizedCharacter

#: No points, as an array of shape (0, 2).
NO_POINTS = np.zeros((0, 2), dtype=np.float32)

#: Another reading of a word or glyph: its text and its confidence, 0 to 1, if known.
OtherReading = tuple[str, float | None]


def _none() -> Points:
    return NO_POINTS


@dataclass(frozen=True)
class ReadGlyph:
    """A character of a word.

    Attributes:
        text: the character, with its combining marks.
        confidence: probability that it is right, 0 to 1; ``None`` if unknown.
        outline: shape (N, 2), N >= 3, in pixels of the page.
        alternatives: other readings, best first.
        id: its ID in a document; empty if it has none.
    """

    text: str
    confidence: float | None
    outline: Points
    alternatives: tuple[OtherReading, ...] = ()
    id: str = ""


@dataclass(frozen=True)
class ReadWord:
    """A word of a line.

    Attributes:
        text: its characters, without white space.
        confidence: probability that all of it is right, 0 to 1; ``None`` if unknown.
        outline: shape (N, 2), N >= 3, in pixels of the page.
        glyphs: its characters; empty unless requested.
        alternatives: other readings, best first.
        id: its ID in a document; empty if it has none.
        script: the code of its script (ISO 15924); empty if unknown.
    """

    text: str
    confidence: float | None
    outline: Points
    glyphs: tuple[ReadGlyph, ...] = ()
    alternatives: tuple[OtherReading, ...] = ()
    id: str = ""
    script: str = ""


@dataclass(frozen=True)
class ReadLine:
    """A line of a page.

    Attributes:
        outline: the part of the line inside the page, shape (N, 2), N >= 3.
        text: its only white space is single spaces; empty if nothing was read.
        confidence: expected share of its characters that are right, 0 to 1; 0 without characters;
            ``None`` if unknown.
        words: the words of the text in reading order; empty unless requested.
        baseline: the line that the letters stand on, from the beginning of the text to its end,
            shape (N, 2); N is 0 if unknown.
        right_to_left: whether its words run from right to left.
        typeface: the group of typefaces, such as ``Fraktur`` or ``Antiqua``; empty if unknown.
        id: its ID in a document; empty if it has none.
        box: the detected box, shape (4, 2), see `ocrd_rapid.ocr`; N is 0 if not detected here.
        score: the detector's score, 0 to 1.
        characters: the characters of the text as read here.
        probability: see `RecognizedLine.probability`; 0 if it was not read here.
        head: name of the head that read it; empty if it was not read here.
        head_confidence: see `RecognizedLine.head_confidence`.
        scripts: the codes of its scripts (ISO 15924), the most frequent first; empty if unknown.
        corners: corners, on the page, of the image that was read: top left, top right, bottom
            right and bottom left as the text is read; shape (4, 2).
        ground_truth: what a person said about it: ``corrected``, ``confirmed``, ``illegible`` or
            ``not-text``; empty if nobody has.
    """

    outline: Points
    text: str = ""
    confidence: float | None = 0.0
    words: tuple[ReadWord, ...] = ()
    baseline: Points = field(default_factory=_none)
    right_to_left: bool = False
    typeface: str = ""
    id: str = ""
    box: Points = field(default_factory=_none)
    score: float = 1.0
    characters: tuple[RecognizedCharacter, ...] = ()
    probability: float = 0.0
    head: str = ""
    head_confidence: float | None = None
    scripts: tuple[str, ...] = ()
    corners: Points = field(default_factory=_none)
    ground_truth: str = ""


@dataclass(frozen=True)
class TablePlace:
    """The place of a cell in a table.

    Attributes:
        table: ID of the table, see `ReadTable`.
        row: from 0; ``None`` if unknown.
        column: from 0; ``None`` if unknown.
        rows: number of rows that the cell spans.
        columns: number of columns that it spans.
    """

    table: str
    row: int | None = None
    column: int | None = None
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class ReadRegion:
    """A region of a page with text: lines that are read one after the other.

    Attributes:
        lines: its lines in reading order; empty where only the region itself has text.
        kind: one of the types of text regions of PAGE-XML, such as ``paragraph`` or ``heading``;
            ``None`` if it is not evident.
        orientation: the clockwise rotation of the page, in degrees, that sets the region upright.
        own_text: the text of a region without lines.
        own_outline: its outline, shape (N, 2), in pixels of the page; N is 0 where it is the hull
            of its lines.
        confidence: expected share of the characters of its text that are right, 0 to 1; ``None`` if
            unknown.
        place: its place in a table, if it is a cell.
        id: its ID in a document; empty if it has none.
        shown: whether it is text of a PDF that the page shows as such: it gets no other layer.
        order_confidence: confidence that it follows the region before it in the reading order, 0
            to 1; ``None`` if unknown.
    """

    lines: tuple[ReadLine, ...] = ()
    kind: str | None = None
    orientation: float = 0
    own_text: str = ""
    own_outline: Points = field(default_factory=_none)
    confidence: float | None = None
    place: TablePlace | None = None
    id: str = ""
    shown: bool = False
    order_confidence: float | None = None

    @property
    def outline(self) -> Points:
        """Its outline: its own, or the convex hull of its lines, shape (N, 2)."""
        if len(self.own_outline) or not self.lines:
            return self.own_outline
        return hull([line.outline for line in self.lines])

    @property
    def right_to_left(self) -> bool:
        """Whether most of its lines run from right to left."""
        return 2 * sum(line.right_to_left for line in self.lines) > len(self.lines)

    @property
    def text(self) -> str:
        """The text of its lines, with line breaks between; without lines, its own."""
        if not self.lines:
            return self.own_text
        return "\n".join(line.text for line in self.lines if line.text)

    @property
    def scripts(self) -> tuple[str, ...]:
        """The codes of the scripts of its lines: first those that lines have most of."""
        counts = Counter(line.scripts[0] for line in self.lines if line.scripts)
        first = [script for script, _ in counts.most_common()]
        others = [script for line in self.lines for script in line.scripts]
        return tuple(dict.fromkeys((*first, *others)))


def turned_over(regions: Sequence[ReadRegion]) -> list[TablePlace | None]:
    """Return the places of cells, rows and columns counted from the other end of each table."""
    places = [region.place for region in regions]
    shapes: dict[str, tuple[int, int]] = {}
    for place in places:
        if place is not None and place.row is not None and place.column is not None:
            rows, columns = shapes.get(place.table, (0, 0))
            shapes[place.table] = (
                max(rows, place.row + place.rows),
                max(columns, place.column + place.columns),
            )
    return [
        place
        if place is None or place.row is None or place.column is None
        else replace(
            place,
            row=shapes[place.table][0] - place.row - place.rows,
            column=shapes[place.table][1] - place.column - place.columns,
        )
        for place in places
    ]


def columns_from_right(places: Sequence[TablePlace | None]) -> list[TablePlace | None]:
    """Return the places of the cells of a table, with the rightmost column as the first."""
    ends = [p.column + p.columns for p in places if p is not None and p.column is not None]
    return [
        place
        if place is None or place.column is None
        else replace(place, column=max(ends) - place.column - place.columns)
        for place in places
    ]


@dataclass(frozen=True)
class ReadTable:
    """A table, whose cells are regions, see `TablePlace`.

    Attributes:
        outline: shape (N, 2), N >= 3, in pixels of the page.
        id: its ID.
    """

    outline: Points
    id: str


@dataclass(frozen=True)
class Barcode:
    """The content of a barcode.

    Attributes:
        format: its symbology, such as ``QRCode`` or ``EAN13``.
        text: the content as text.
        data: the content as bytes.
    """

    format: str
    text: str
    data: bytes


@dataclass(frozen=True)
class ReadGraphic:
    """A part of a page without text.

    Attributes:
        kind: the name of the region in PAGE-XML without the word Region, in lower case:
            ``image``, ``graphic``, ``linedrawing``, ``chart``, ``separator``, ``maths``,
            ``music``, ``noise`` and so on.
        outline: shape (N, 2), N >= 3, in pixels of the page.
        id: its ID in a document; empty if it has none.
        barcode: its content, if it is a barcode.
    """

    kind: str
    outline: Points
    id: str = ""
    barcode: Barcode | None = None


@dataclass(frozen=True)
class ReadPage:
    """A page.

    Attributes:
        width: width of the image in pixels.
        height: height of the image in pixels.
        regions: its regions with text, the cells of tables among them, in reading order.
        rules: its printed rules, as far as they were looked for here.
        orientation: the clockwise rotation, in degrees, that sets the page upright, a multiple of
            90; ``None`` if it was not determined.
        upside_down: probability that its lines, lying, are upside down, 0 to 1.
        seconds: duration of detection, orientation and recognition.
        number: its number in the document, from 1.
        id: its ID in the document; empty if it has none.
        label: the page number printed on it, or given by the document; empty if unknown.
        image: name of the image file; empty if there is none.
        dpi: resolution in pixels per inch; ``None`` if unknown.
        skew: the clockwise rotation, in degrees, that levels its lines once it is upright.
        source: ``ocr``; ``pdf`` for text that was in a PDF.
        languages: its languages (BCP 47), most frequent first; empty if unknown.
        tables: its tables.
        graphics: its parts without text.
        steps: the steps that it was processed with.
        order_confidence: the expected share of its regions that follow the right one, 0 to 1;
            ``None`` if unknown.
        unread_scripts: the codes of scripts on it that nothing here reads, see `unread_scripts`.
    """

    width: int
    height: int
    regions: tuple[ReadRegion, ...] = ()
    rules: tuple[PrintedRule, ...] = ()
    orientation: int | None = None
    upside_down: float = 0.0
    seconds: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0), compare=False)
    number: int = 1
    id: str = ""
    label: str = ""
    image: str = ""
    dpi: float | None = None
    skew: float = 0.0
    source: str = "ocr"
    languages: tuple[str, ...] = ()
    tables: tuple[ReadTable, ...] = ()
    graphics: tuple[ReadGraphic, ...] = ()
    steps: tuple[ProcessingStep, ...] = ()
    order_confidence: float | None = None
    unread_scripts: tuple[str, ...] = ()

    @property
    def lines(self) -> Iterator[ReadLine]:
        """All lines in reading order."""
        return (line for region in self.regions for line in region.lines)

    @property
    def text(self) -> str:
        """The text of its regions, with empty lines between."""
        return "\n\n".join(filter(None, (region.text for region in self.regions)))


@dataclass(frozen=True)
class OutlineEntry:
    """An entry of the table of contents of a document.

    Attributes:
        title: the heading, in one line.
        page_number: number of the page that it leads to, from 1, see `ReadPage.number`.
        level: depth in the table, from 1; at most one more than that of the entry before.
    """

    title: str
    page_number: int
    level: int = 1


@dataclass(frozen=True)
class ReadDocument:
    """A document, apart from its pages, which come one after the other.

    Attributes:
        name: its name, for files and titles: that of the input file or folder without a suffix.
        page_count: number of its pages.
        source: name of the input, with its suffix.
        sha256: hash of the input file, in hexadecimal digits; empty for several files.
        title: its title; empty if unknown, then the name serves.
        author: empty if unknown.
        subject: empty if unknown.
        keywords: empty if unknown.
        languages: its languages (BCP 47), most frequent first; empty if unknown.
        created: date of the document as ISO 8601, from the input; empty if unknown.
        failures: what went wrong, by the number of the page.
        outline: its table of contents in order, such as the logical structure of a METS; empty if
            unknown.
    """

    name: str
    page_count: int = 1
    source: str = ""
    sha256: str = ""
    title: str = ""
    author: str = ""
    subject: str = ""
    keywords: str = ""
    languages: tuple[str, ...] = ()
    created: str = ""
    failures: Mapping[int, str] = field(default_factory=dict)
    outline: tuple[OutlineEntry, ...] = ()

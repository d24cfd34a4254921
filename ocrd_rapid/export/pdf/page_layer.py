# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is drawn on a page besides its image: invisible text, and outlines if they are wanted."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...ocr.geometry import Points
from ...ocr.page_model import ReadLine, ReadPage, ReadRegion
from ...transforms import rotation, shift, transform_points
from ..hyphens import FURNITURE, divided_words
from ..line_joining import joined, printed_lines
from ..spelling import modern
from .layer import number, operators, typeset
from .tags import Element, kinds_of, structure

if TYPE_CHECKING:
    from ..export_options import ExportOptions
    from .font import BoxFont

#: Colours (red, green, blue) of the outlines of each level, and their widths in pixels of a page
#: as high as `_HEIGHT`, which is A4 at 300 dpi.
_OUTLINES = {"region": ("0 .5 0", 6), "line": ("0 .3 .9", 3), "word": (".9 .2 0", 2)}
_HEIGHT = 3508


@dataclass(frozen=True)
class PageLayer:
    """What is drawn on a page, in the space of its displayed pixels with y pointing up.

    Attributes:
        text: the operators of the text, compressed; empty if the page has no text.
        outlines: those of the outlines, compressed; empty if there are none.
        elements: the parts of the page in reading order, for the tags.
        headings: its headings in reading order: level and text.
    """

    text: bytes
    outlines: bytes
    elements: tuple[Element, ...]
    headings: tuple[tuple[int, str], ...]


def draw(page: ReadPage, font: BoxFont, options: ExportOptions, *, tagged: bool) -> PageLayer:
    """Return what is drawn on a page.

    Args:
        page: a page, complete in the sense of `line_words.completed`.
        font: the font of the document.
        options: the choices of the user.
        tagged: whether its regions are marked for the tags of the document.
    """
    spelled = modern if options.modern_spelling else str
    spans = _spans(page, spelled) if options.pdf_join_hyphens else {}
    kinds = kinds_of(page)
    parts: list[str] = []
    marks: dict[int, int] = {}
    for i, region in enumerate(page.regions):
        if region.shown:
            continue
        lines = list(_lines(i, region, page.height, font, spelled, spans))
        if not lines:
            continue
        if not tagged:
            parts += lines
        elif region.kind in FURNITURE:
            parts += ["/Artifact BMC", *lines, "EMC"]
        else:
            marks[i] = len(marks)
            parts += [f"/{kinds[i]}<</MCID {marks[i]}>>BDC", *lines, "EMC"]
    headings = tuple(
        (int(kind[1]), _title(region, options))
        for kind, region in zip(kinds, page.regions, strict=True)
        if region.kind == "heading" and kind.startswith("H") and region.text.strip()
    )
    return PageLayer(
        _packed(["BT 3 Tr", *parts, "ET"] if parts else []),
        _packed(list(_outlines(page, options.pdf_outlines))),
        structure(page, kinds, marks),
        headings,
    )


def straightened(page: ReadPage) -> ReadPage:
    """Return a page turned about its centre, clockwise by `ReadPage.skew`, so that it is level."""
    turn, (width, height) = rotation(page.skew, page.width, page.height)
    turn = shift((page.width - width) / 2, (page.height - height) / 2) @ turn

    def turned(points: Points) -> Points:
        return transform_points(turn, points).astype("float32")

    def line(line: ReadLine) -> ReadLine:
        words = tuple(replace(word, outline=turned(word.outline)) for word in line.words)
        return replace(
            line, outline=turned(line.outline), words=words, baseline=turned(line.baseline)
        )

    regions = tuple(
        replace(
            region,
            lines=tuple(map(line, region.lines)),
            orientation=region.orientation - page.skew,
            own_outline=turned(region.own_outline),
        )
        for region in page.regions
    )
    return replace(page, regions=regions, skew=0.0)


def _lines(
    number_of_region: int,
    region: ReadRegion,
    height: int,
    font: BoxFont,
    spelled: Callable[[str], str],
    spans: Mapping[tuple[int, int, int], str],
) -> Iterator[str]:
    """Yield the operators that draw the lines of a region."""
    for i, line in enumerate(region.lines):
        texts = [_shown(spelled(word.text)) for word in line.words]
        typeset_line = typeset(line, region.orientation, texts)
        if typeset_line is not None:
            own = {w: text for (r, n, w), text in spans.items() if (r, n) == (number_of_region, i)}
            yield from operators(typeset_line, height, font, own)


def _title(region: ReadRegion, options: ExportOptions) -> str:
    """Return the text of a heading in one line, its divided words whole."""
    lines = printed_lines(region, modern_spelling=options.modern_spelling)
    return joined(lines, join_hyphens=True)


def _shown(text: str) -> str:
    """Return a text without what no font can have: white space, control characters."""
    return "".join(c for c in text if c.isprintable() or c == "\u00ad")


def _spans(page: ReadPage, spelled: Callable[[str], str]) -> dict[tuple[int, int, int], str]:
    """Return the texts to be read instead of the halves of divided words.

    Returns:
        By the indices of region, line and word: the whole word for the first half, nothing for
        the second.
    """
    found = {}
    for divided in divided_words(page):
        region, line = divided.first
        last = len(page.regions[region].lines[line].words) - 1
        found[region, line, last] = spelled(divided.whole)
        found[(*divided.second, 0)] = ""
    return found


def _outlines(page: ReadPage, levels: tuple[str, ...]) -> Iterator[str]:
    """Yield the operators that draw outlines."""
    lines = [line for region in page.regions for line in region.lines]
    outlines = {
        "region": [region.outline for region in page.regions],
        "line": [line.outline for line in lines],
        "word": [word.outline for line in lines for word in line.words],
    }
    for level in levels:
        color, width = _OUTLINES[level]
        yield f"{color} RG {number(width * page.height / _HEIGHT, 2)} w"
        for outline in outlines[level]:
            points = [f"{number(x)} {number(page.height - y)}" for x, y in outline.tolist()]
            if points:
                yield " ".join([f"{points[0]} m", *(f"{point} l" for point in points[1:]), "s"])


def _packed(operators_of_page: list[str]) -> bytes:
    if not operators_of_page:
        return b""
    return zlib.compress("\n".join(operators_of_page).encode("ascii"))

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Read a page: from its image to regions of lines in reading order.

`read_page` does at once what the processors do step by step, with the same functions and the same
outlines: a page gives the same lines, in the same order, with the same text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..pixels import BgrImage, quarter_turned
from ..transforms import Transform, quarter_turn, transform_points
from .detection.detector import Detector
from .geometry import Points, box_of_polygon, is_tall
from .layout.arrangement import CellPlace
from .layout.order.separators import separating_rules, separator_outline
from .layout.printed_rules import PrintedRule
from .layout.segmentation import lay_out_free
from .layout.tables.table_outlines import table_outline
from .lines.crops import LineImage, cut_line
from .lines.found_lines import find_lines
from .lines.line_outlines import page_outline
from .lines.line_reading import read_lines
from .lines.neighbours import Neighbours
from .orientation import LineReader, OrientationClassifier
from .page_model import (
    NO_POINTS,
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
    TablePlace,
    turned_over,
)
from .page_order import with_judged_order
from .recognition.automatic_recognizer import TextRecognizer
from .recognition.ctc_decoding import RecognizedLine
from .recognition.unread_scripts import unread_scripts
from .recognition.words import normalize, place_words
from .text_direction import is_right_to_left
from .turning import UPSIDE_DOWN, LineBlock, PageTurn, Turner


@dataclass(frozen=True)
class PageOptions:
    """How to read a page; the defaults are those of the processors.

    Attributes:
        padding: pixels by which outlines of lines grow.
        upside_down: probability above which text is upside down.
        alternatives: number of alternative readings of every character.
        words: whether to place words.
    """

    padding: float = 0.0
    upside_down: float = UPSIDE_DOWN
    alternatives: int = 0
    words: bool = False


def read_page(
    image: BgrImage,
    detector: Detector,
    classifier: OrientationClassifier | None = None,
    recognizer: TextRecognizer | None = None,
    options: PageOptions | None = None,
    reader: Callable[[], LineReader | None] | None = None,
) -> ReadPage:
    """Read a page.

    Args:
        image: shape (height, width, 3), BGR, uint8; see `ocrd_rapid.rasters.load_image`.
        detector: finds the lines.
        classifier: tells which way up they are; without one, the page counts as upright, and
            lines that run down it are read both ways.
        recognizer: reads the lines; without one, they have no text.
        options: how to read the page.
        reader: returns a reader of lines for cases in which the classifier is in doubt; by
            default the recognizer.

    Raises:
        ModelError: an engine failed.
    """
    options = options or PageOptions()
    times = [time.perf_counter()]
    page = find_regions(image, detector, options.padding)
    times.append(time.perf_counter())
    turn: PageTurn | None = None
    if classifier is not None and page.regions:
        turner = Turner(classifier, reader or (lambda: recognizer), options.upside_down)
        turn = turner.turn_page(image, [_block(region) for region in page.regions])
        page = _turned(page, turn)
    times.append(time.perf_counter())
    if recognizer is not None:
        cuts = _cut(image, page, turn)
        page = with_judged_order(_read(page, cuts, recognizer, options))
    times.append(time.perf_counter())
    detection, orientation, recognition = np.diff(times).tolist()
    return replace(page, seconds=(detection, orientation, recognition))


def find_regions(image: BgrImage, detector: Detector, padding: float = 0.0) -> ReadPage:
    """Return a page with its lines, not read yet, in regions in reading order."""
    height, width = image.shape[:2]
    found, rules = find_lines(image, detector, padding, [page_outline(width, height)])
    lines = [
        None if line.outline is None else ReadLine(line.outline, box=line.box, score=line.score)
        for line in found
    ]
    parts = lay_out_free([f.box for f in found], rules, [line is not None for line in lines])
    regions = tuple(
        ReadRegion(
            tuple(line for i in part.lines if (line := lines[i])),
            part.kind,
            place=None if part.cell is None else _place(part.cell),
        )
        for part in parts
    )
    separators = separating_rules(rules, [f.box for f in found])
    return ReadPage(
        width,
        height,
        regions,
        rules,
        graphics=tuple(
            ReadGraphic("separator", separator_outline(rule.points, width, height))
            for rule in separators
        ),
        tables=_tables(regions, rules, width, height),
    )


def _place(cell: CellPlace) -> TablePlace:
    return TablePlace(f"table_{cell.table + 1:04d}", cell.row, cell.column, cell.rows, cell.columns)


def _tables(
    regions: Sequence[ReadRegion], rules: Sequence[PrintedRule], width: int, height: int
) -> tuple[ReadTable, ...]:
    """Return the tables that regions are cells of, in their order."""
    lines: dict[str, list[Points]] = {}
    for region in regions:
        if region.place is not None:
            outlines = [line.outline for line in region.lines]
            lines.setdefault(region.place.table, []).extend(outlines)
    ends = [rule.points for rule in rules]
    return tuple(
        ReadTable(table_outline(outlines, ends, width, height), name)
        for name, outlines in lines.items()
    )


def _block(region: ReadRegion) -> LineBlock:
    return LineBlock([box_of_polygon(line.outline) for line in region.lines])


def _turned(page: ReadPage, turn: PageTurn) -> ReadPage:
    """Return a page with the reading order that its regions and lines have once turned."""
    places = turned_over(page.regions) if turn.backwards else [r.place for r in page.regions]
    regions = [
        replace(
            region,
            lines=region.lines[::-1] if block.backwards else region.lines,
            orientation=block.degrees,
            place=place,
        )
        for region, block, place in zip(page.regions, turn.blocks, places, strict=True)
    ]
    return replace(
        page,
        regions=tuple(regions[i] for i in turn.order),
        orientation=turn.degrees,
        upside_down=turn.upside_down,
    )


@dataclass(frozen=True)
class _Cut:
    """A line cut out of its page; see `BlockLine`."""

    image: LineImage
    block: int
    in_doubt: bool


def _cut(image: BgrImage, page: ReadPage, turn: PageTurn | None) -> list[_Cut]:
    """Return the images of the lines of a page, in reading order."""
    degrees = page.orientation or 0
    upright_page = quarter_turned(image, -(degrees // 90))
    to_upright = _turn(degrees, page)
    outlines = [_moved(line.outline, to_upright) for line in page.lines]
    neighbours = Neighbours(outlines)
    blocks = [(i, region) for i, region in enumerate(page.regions) for _ in region.lines]
    return [
        _Cut(
            cut_line(
                upright_page,
                outline,
                NO_POINTS,
                others=neighbours.of(outline),
                turns=round(region.orientation - degrees) // 90 % 4,
                fits=True,
            ),
            block,
            turn is None and is_tall(box_of_polygon(outline)),
        )
        for outline, (block, region) in zip(outlines, blocks, strict=True)
    ]


def _turn(degrees: int, page: ReadPage) -> Transform:
    """Return the transform from pixels of a page to those of the page set upright."""
    quarter = degrees % 360
    return quarter_turn(quarter, page.width, page.height) if quarter else np.eye(3)


def _moved(points: Points, transform: Transform) -> Points:
    return transform_points(transform, points).astype(np.float32)


def _read(
    page: ReadPage, cuts: Sequence[_Cut], recognizer: TextRecognizer, options: PageOptions
) -> ReadPage:
    """Return a page with the text of its lines."""
    read = read_lines(recognizer, cuts, options.alternatives)
    back = np.asarray(np.linalg.inv(_turn(page.orientation or 0, page)), dtype=np.float64)
    lines = (
        replace(
            _with_text(line, image, normalize(result), back, options.words),
            typeface=recognizer.typeface(result),
        )
        for line, (image, result) in zip(page.lines, read, strict=True)
    )
    regions = [
        replace(region, lines=tuple(next(lines) for _ in region.lines)) for region in page.regions
    ]
    unread = unread_scripts(result for _, result in read)
    return replace(page, regions=tuple(regions), unread_scripts=tuple(unread))


def _with_text(
    line: ReadLine, image: LineImage, result: RecognizedLine, back: Transform, words: bool
) -> ReadLine:
    """Return a line with the text read on its image; ``back`` leads to pixels of the page."""
    placed = place_words(result, image.pixels) if words else []
    return replace(
        line,
        text=result.text,
        confidence=result.confidence,
        right_to_left=is_right_to_left(result.text),
        characters=tuple(result.characters),
        probability=result.probability,
        words=tuple(
            ReadWord(
                word.text,
                word.confidence,
                _moved(image.outline(word.left, word.right), back),
                script=result.script_at((word.left + word.right) / 2),
            )
            for word in placed
        ),
        head=result.head,
        head_confidence=result.head_confidence,
        scripts=result.scripts,
        corners=_moved(image.corners, back),
    )

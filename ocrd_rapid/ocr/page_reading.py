"""Read a page: from its image to regions of lines in reading order.

`read_page` does at once what the processors do step by step, with the same functions and the same
outlines: a page gives the same lines, in the same order, with the same text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..pixels import BgrImage, quarter_turned
from ..transforms import Transform, quarter_turn, transform_points
from .detection.detector import DetectedBox, Detector
from .geometry import Points, box_of_polygon, hull, is_tall
from .layout.printed_rules import PrintedRule
from .layout.segmentation import lay_out_free, segment
from .lines.crops import LineImage, cut_line
from .lines.line_outlines import outline_of_box, page_outline
from .lines.line_reading import read_lines, upright
from .lines.neighbours import Neighbours
from .orientation import LineReader, OrientationClassifier
from .recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from .recognition.recognizer import Recognizer
from .recognition.words import normalize, place_words
from .turning import UPSIDE_DOWN, LineBlock, PageTurn, Turner

_NO_POINTS = np.zeros((0, 2), dtype=np.float32)


@dataclass(frozen=True)
class ReadWord:
    """A word of a line.

    Attributes:
        text: its characters, without white space.
        confidence: mean probability of its characters, 0 to 1.
        outline: shape (N, 2), N >= 4, in pixels of the page.
    """

    text: str
    confidence: float
    outline: Points


@dataclass(frozen=True)
class ReadLine:
    """A line of a page.

    Attributes:
        box: the detected box, shape (4, 2), see `ocrd_rapid.ocr`; in pixels of the page.
        outline: the part of the box inside the page: integers, shape (N, 2), N >= 4.
        score: the detector's score, 0 to 1.
        text: its only white space is single spaces; empty if nothing was read.
        confidence: mean probability of the characters, 0 to 1; 0 without characters.
        characters: the characters of the text.
        words: the words of the text; empty unless requested.
        head: name of the head that read it; empty if it was not read.
        head_confidence: see `RecognizedLine.head_confidence`.
        corners: corners, on the page, of the image that was read: top left, top right, bottom
            right and bottom left as the text is read; shape (4, 2).
    """

    box: Points
    outline: Points
    score: float
    text: str = ""
    confidence: float = 0.0
    characters: tuple[RecognizedCharacter, ...] = ()
    words: tuple[ReadWord, ...] = ()
    head: str = ""
    head_confidence: float | None = None
    corners: Points = field(default_factory=lambda: _NO_POINTS)


@dataclass(frozen=True)
class ReadRegion:
    """A region of a page: lines that are read one after the other.

    Attributes:
        lines: its lines in reading order, at least one.
        kind: one of the types of text regions of PAGE-XML, such as ``paragraph`` or ``heading``;
            ``None`` if it is not evident.
        orientation: the clockwise rotation of the page, in degrees, that sets the region upright:
            0, 90, 180 or -90.
    """

    lines: tuple[ReadLine, ...]
    kind: str | None = None
    orientation: int = 0

    @property
    def outline(self) -> Points:
        """The convex hull of its lines, shape (N, 2), in pixels of the page."""
        return hull([line.outline for line in self.lines])

    @property
    def text(self) -> str:
        """The text of its lines, with line breaks between."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class ReadPage:
    """The result of reading a page. All coordinates are in pixels of its image.

    Attributes:
        width: width of the image in pixels.
        height: height of the image in pixels.
        regions: its regions in reading order.
        rules: its printed rules.
        orientation: the clockwise rotation, in degrees, that sets the page upright: 0, 90, 180
            or -90; ``None`` if it was not determined.
        upside_down: probability that its lines, lying, are upside down, 0 to 1.
        seconds: duration of detection, orientation and recognition.
    """

    width: int
    height: int
    regions: tuple[ReadRegion, ...] = ()
    rules: tuple[PrintedRule, ...] = ()
    orientation: int | None = None
    upside_down: float = 0.0
    seconds: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0), compare=False)

    @property
    def lines(self) -> Iterator[ReadLine]:
        """All lines in reading order."""
        return (line for region in self.regions for line in region.lines)

    @property
    def text(self) -> str:
        """The text of its regions, with empty lines between."""
        return "\n\n".join(region.text for region in self.regions)


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
    recognizer: Recognizer | None = None,
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
        page = _read(page, cuts, recognizer, options, is_turned=turn is not None)
    times.append(time.perf_counter())
    detection, orientation, recognition = np.diff(times).tolist()
    return replace(page, seconds=(detection, orientation, recognition))


def find_regions(image: BgrImage, detector: Detector, padding: float = 0.0) -> ReadPage:
    """Return a page with its lines, not read yet, in regions in reading order."""
    height, width = image.shape[:2]
    segmentation = segment(image, detector.detect(image))
    bounds = [page_outline(width, height)]
    outlines = [outline_of_box(found.box, padding, bounds) for found in segmentation.lines]
    regions = lay_out_free(
        [found.box for found in segmentation.lines],
        segmentation.rules,
        [outline is not None for outline in outlines],
    )

    def line(found: DetectedBox, outline: Points | None) -> ReadLine:
        assert outline is not None
        return ReadLine(found.box, outline, found.score)

    return ReadPage(
        width,
        height,
        tuple(
            ReadRegion(
                tuple(line(segmentation.lines[i], outlines[i]) for i in region.lines), region.kind
            )
            for region in regions
        ),
        segmentation.rules,
    )


def _block(region: ReadRegion) -> LineBlock:
    return LineBlock([box_of_polygon(line.outline) for line in region.lines])


def _turned(page: ReadPage, turn: PageTurn) -> ReadPage:
    """Return a page with the reading order that its regions and lines have once turned."""
    regions = [
        replace(
            region,
            lines=region.lines[::-1] if block.backwards else region.lines,
            orientation=block.degrees,
        )
        for region, block in zip(page.regions, turn.blocks, strict=True)
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
                _NO_POINTS,
                others=neighbours.of(outline),
                turns=(region.orientation - degrees) // 90 % 4,
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
    page: ReadPage,
    cuts: Sequence[_Cut],
    recognizer: Recognizer,
    options: PageOptions,
    *,
    is_turned: bool,
) -> ReadPage:
    """Return a page with the text of its lines."""
    images = [cut.image for cut in cuts] if is_turned else upright(cuts, recognizer)
    read = read_lines(recognizer, images, [cut.block for cut in cuts], options.alternatives)
    back = np.asarray(np.linalg.inv(_turn(page.orientation or 0, page)), dtype=np.float64)
    lines = (
        _with_text(line, image, normalize(result), back, options.words)
        for line, (image, result) in zip(page.lines, read, strict=True)
    )
    regions = [
        replace(region, lines=tuple(next(lines) for _ in region.lines)) for region in page.regions
    ]
    return replace(page, regions=tuple(regions))


def _with_text(
    line: ReadLine, image: LineImage, result: RecognizedLine, back: Transform, words: bool
) -> ReadLine:
    """Return a line with the text read on its image; ``back`` leads to pixels of the page."""
    placed = place_words(result, image.pixels) if words else []
    return replace(
        line,
        text=result.text,
        confidence=result.confidence,
        characters=result.characters,
        words=tuple(
            ReadWord(word.text, word.confidence, _moved(image.outline(word.left, word.right), back))
            for word in placed
        ),
        head=result.head,
        head_confidence=result.head_confidence,
        corners=_moved(image.corners, back),
    )

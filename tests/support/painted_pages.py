# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Painted pages, and the three processors with models that see paint instead of letters.

A line is a bar without red. Its blue says which letter it is, its green rises from the
beginning of the line to its end, so that a model can see which way up it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from full_model import FullModel
from numpy.typing import NDArray

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.ocr.recognition.characters import BLANK
from ocrd_rapid.ocr.recognition.recognizer import Recognizer
from ocrd_rapid.processors.classify import ClassifyProcessor
from ocrd_rapid.processors.detect import DetectProcessor
from ocrd_rapid.processors.recognize import RecognizeProcessor
from ocrd_rapid.runtime.processor import OpenPage, Processor
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import NAMESPACE, TextRegion

Image = NDArray[np.uint8]
NS = {"pc": NAMESPACE}

BAR_WIDTH, BAR_HEIGHT = 200, 12
LETTERS = "abcdefghijklmnop"
UPSIDE_DOWN = "?"
BLUE = 15

TURNS = (0, 90, 180, -90)

EVERYWHERE = "0,0 299,0 299,399 0,399"
UPPER, LOWER = "0,0 299,0 299,180 0,180", "0,200 299,200 299,399 0,399"


# Paint


def blank_page(width: int = 300, height: int = 400) -> Image:
    return np.full((height, width, 3), 255, dtype=np.uint8)


def paint(
    page: Image, letter: str, x: int, y: int, *, turned: bool = False, width: int = BAR_WIDTH
) -> None:
    """Paint the bar of a letter with its top left corner at (x, y)."""
    bar = page[y : y + BAR_HEIGHT, x : x + width]
    rise = np.linspace(0, 250, bar.shape[1])
    bar[:, :, 0] = BLUE * LETTERS.index(letter)
    bar[:, :, 1] = rise[::-1] if turned else rise
    bar[:, :, 2] = 0


def turned(page: Image, degrees: int) -> Image:
    """Return a page that has to be turned clockwise by this to stand upright."""
    return np.ascontiguousarray(np.rot90(page, degrees // 90))


def letter_page() -> Image:
    """Return a page of two paragraphs, a b c and d e f."""
    page = blank_page()
    for letter, y in zip("abcdef", (30, 70, 110, 230, 270, 310), strict=True):
        paint(page, letter, 50, y)
    return page


def number_page() -> Image:
    """Return a page with a paragraph and a table of four rows and four columns below it."""
    page = blank_page(620, 420)
    for letter, y in zip("abc", (30, 60, 90), strict=True):
        paint(page, letter, 30, y, width=560)
    for number, letter in enumerate("abcdefgh" * 2):
        row, column = divmod(number, 4)
        width = 90 if column else 70 + 20 * row
        paint(page, letter, 30 + 150 * column, 160 + 50 * row, width=width)
    return page


def column_page() -> Image:
    """Return a page of two columns, a b c d and e f g h."""
    page = blank_page(500, 220)
    for number, letter in enumerate("abcdefgh"):
        paint(page, letter, 30 + number // 4 * 240, 30 + number % 4 * 45)
    return page


def box(x: int, y: int, width: int = BAR_WIDTH, height: int = BAR_HEIGHT, margin: int = 6) -> str:
    """Return the outline of what is painted at (x, y)."""
    left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
    return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


# Models that see paint


def see_bars(batch: FloatArray) -> FloatArray:
    return (batch[:, 2:3] < 0).astype(np.float32)


def see_rise(batch: FloatArray) -> float:
    """Return how much green rises to the right on what has no red."""
    rows, columns = np.nonzero(batch[0, 2] < -0.5)
    if not len(columns):
        return 0.0
    return float(np.cov(columns, batch[0, 1, rows, columns])[0, 1])


def see_upside_down(batch: FloatArray) -> FloatArray:
    return np.array([[0, 1] if see_rise(batch) < 0 else [1, 0]], dtype=np.float32)


def confidence_of(letter: str) -> float:
    return 0.95 - 0.05 * LETTERS.index(letter)


def read_letter(batch: FloatArray) -> FloatArray:
    """Return CTC output that says the letter of a bar, or that it stands on its head."""
    inked = batch[0, 2] < -0.5
    if not inked.any():
        output = np.zeros((1, batch.shape[3] // 8, len(LETTERS) + 2), dtype=np.float32)
        output[:, :, 0] = 1
        return output
    blue = (float(np.median(batch[0, 0][inked])) + 1) * 127.5
    number = round(blue / BLUE)
    output = np.zeros((1, batch.shape[3] // 8, len(LETTERS) + 2), dtype=np.float32)
    output[:, :, 0] = 1
    middle = output[0, output.shape[1] // 2]
    middle[0] = 0
    if see_rise(batch) < 0:
        middle[-1] = 1
    else:
        middle[1 + number] = confidence_of(LETTERS[number])
    return output


def detect(
    level: str = "page", *, overwrite: bool = False, padding: float = 0.0
) -> DetectProcessor:
    model = NullModel(see_bars, output_shape=(None, 1, None, None))
    return DetectProcessor(Detector(model), level, overwrite, padding, {})


def classify(level: str = "page", min_confidence: float = 0.6) -> ClassifyProcessor:
    model = NullModel(see_upside_down, output_shape=(None, 2))
    return ClassifyProcessor(OrientationClassifier(model), level, min_confidence, {})


def recognize(
    level: str = "line", *, overwrite: bool = True, min_confidence: float = 0.0, threads: int = 1
) -> RecognizeProcessor:
    characters = (BLANK, *LETTERS, UPSIDE_DOWN)
    model = NullModel(read_letter, output_shape=(None, None, len(characters)))
    recognizer = Recognizer(FullModel(model, characters), threads)
    return RecognizeProcessor(recognizer, level, overwrite, min_confidence, {})


# Pages


def task(folder: Path, page: Image, body: str = "", attributes: str = "") -> OpenPage:
    """Return a page to be processed, with this inside of its Page element."""
    cv2.imwrite(str(folder / "page.png"), page)
    height, width = page.shape[:2]
    path = folder / "page.xml"
    path.write_text(
        f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="page.png" imageWidth="{width}"'
        f' imageHeight="{height}" {attributes}>{body}</Page></PcGts>'
    )
    return OpenPage("P_1", PageDocument.read(path), ImageStore(folder))


def run(page: OpenPage, *processors: Processor) -> PageDocument:
    """Return what is written after these processors, one after the other."""
    path = page.images.path("page.xml")
    for processor in processors:
        document = PageDocument.read(path)
        processor.process(replace(page, document=document))
        path.write_bytes(document.to_bytes())
    return PageDocument.read(path)


def line(identifier: str, points: str, rest: str = "") -> str:
    return f'<TextLine id="{identifier}"><Coords points="{points}"/>{rest}</TextLine>'


def region(identifier: str, points: str, *lines: str, attributes: str = "") -> str:
    inside = f'<Coords points="{points}"/>{"".join(lines)}'
    return f'<TextRegion id="{identifier}" {attributes}>{inside}</TextRegion>'


def order(*regions: str) -> str:
    refs = "".join(
        f'<RegionRefIndexed index="{i}" regionRef="{r}"/>' for i, r in enumerate(regions)
    )
    return f'<ReadingOrder><OrderedGroup id="ro">{refs}</OrderedGroup></ReadingOrder>'


def texts(document: PageDocument) -> list[list[str | None]]:
    """Return the text of the lines of every region, in reading order."""
    return [[line.text for line in region.lines] for region in document.text_regions()]


def outlines(regions: Sequence[TextRegion]) -> list[list[float]]:
    """Return (left, top, right, bottom) of all lines."""
    return [
        [*line.polygon.min(axis=0).tolist(), *line.polygon.max(axis=0).tolist()]
        for region in regions
        for line in region.lines
    ]

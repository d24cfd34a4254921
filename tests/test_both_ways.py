# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The processors and `RapidOCR` are one engine: the same lines, in the same order, the same text.

`read_page` reads a page in one go, the processors step by step, with PAGE-XML in between.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from painted_pages import (
    Image,
    blank_page,
    classify,
    column_page,
    detect,
    letter_page,
    number_page,
    paint,
    recognize,
    run,
    task,
    texts,
    turned,
)
from typeset_pages import curved_page, margin_page, typeset

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.page_model import ReadPage
from ocrd_rapid.ocr.page_reading import read_page
from ocrd_rapid.processors import create
from ocrd_rapid.rapidocr.interface import RapidOCR
from ocrd_rapid.rasters.load_image import load_image
from ocrd_rapid.runtime.processor import Processor
from ocrd_rapid.workspace.page import PageDocument

SAMPLE = Path(__file__).parent / "assets" / "sample" / "sample.png"


# Painted pages, and models that see paint


def note_page(turn: int, width: int = 480) -> Image:
    page = blank_page(width, 400)
    for letter, y in zip("abcdef", range(40, 340, 50), strict=True):
        paint(page, letter, 140, y)
    strip = blank_page(220, 60)
    for number, letter in enumerate("gh"):
        paint(strip, letter, 10, 30 * number + 9)
    note = np.rot90(strip, turn // 90)
    page[60 : 60 + note.shape[0], 5 : 5 + note.shape[1]] = note
    return page


PAINTED: dict[str, Callable[[], Image]] = {
    "paragraphs": letter_page,
    "columns": column_page,
    "note up": lambda: note_page(90),
    "note down": lambda: note_page(-90),
    "table": number_page,
    "nothing": blank_page,
}


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
@pytest.mark.parametrize("page", PAINTED)
def test_painted_pages(tmp_path: Path, page: str, degrees: int) -> None:
    image = turned(PAINTED[page](), degrees)
    detector, classifier, recognizer = detect(), classify(), recognize()
    document = run(task(tmp_path, image), detector, classifier, recognizer)
    found = read_page(
        image, detector.detector, classifier.classifier, recognizer.recognizer,
        reader=classifier.reader,
    )  # fmt: skip
    assert_same(document, found)


@pytest.mark.parametrize("page", PAINTED)
def test_painted_pages_of_unknown_orientation(tmp_path: Path, page: str) -> None:
    image = PAINTED[page]()
    detector, recognizer = detect(), recognize()
    document = run(task(tmp_path, image), detector, recognizer)
    assert_same(document, read_page(image, detector.detector, None, recognizer.recognizer))


def assert_same(document: PageDocument, found: ReadPage) -> None:
    regions = document.text_regions()
    assert [r.element.get("type") for r in regions] == [r.kind for r in found.regions]
    assert texts(document) == [[line.text for line in r.lines] for r in found.regions]
    for region, other in zip(regions, found.regions, strict=True):
        turn = found.orientation if region.orientation is None else region.orientation
        assert (turn or 0) == other.orientation
        for line, read in zip(region.lines, other.lines, strict=True):
            assert line.polygon.tolist() == read.outline.tolist()
            assert line.confidence == pytest.approx(read.confidence, abs=1e-3)
    again = page_from(document)
    assert [r.place for r in again.regions] == [r.place for r in found.regions]
    assert [t.outline.tolist() for t in again.tables] == [t.outline.tolist() for t in found.tables]
    if found.regions and found.orientation is not None:
        assert document.orientation == found.orientation


# With the default models


def by_processors(folder: Path, image: Image) -> PageDocument:
    cv2.imwrite(str(folder / "page.png"), image)
    chain: list[Processor] = []
    for name in ("detect", "classify", "recognize"):
        executable = f"ocrd-rapid-{name}"
        tool = tool_description(executable)
        chain.append(create(executable, complete_parameters({}, tool, executable=executable)))
    return run(task(folder, image), *chain)


def assert_same_lines(folder: Path, image: Image) -> list[str]:
    document = by_processors(folder, image)
    lines = [line for region in document.text_regions() for line in region.lines]
    result, _ = RapidOCR(params={"Global.text_score": 0.0})(image)
    expected = [line.text for line in lines if line.text]
    assert [line[1] for line in result] == expected
    return [text for text in expected if text]


TYPESET: dict[str, Callable[[], Image]] = {
    "sample": lambda: load_image(SAMPLE),
    "note up": lambda: margin_page(90),
    "note down": lambda: margin_page(-90),
    "curved lines": curved_page,
    "columns": lambda: typeset(2),
}


@pytest.mark.models
@pytest.mark.parametrize("degrees", [0, 180, 90])
@pytest.mark.parametrize("page", TYPESET)
def test_typeset_pages(models: Path, tmp_path: Path, page: str, degrees: int) -> None:
    assert assert_same_lines(tmp_path, turned(TYPESET[page](), degrees))


@pytest.mark.models
@pytest.mark.scans
def test_scans(models: Path, tmp_path: Path, scans: Path) -> None:
    """One page of each collection: with all of them it takes minutes."""
    pages = sorted(
        (p for p in scans.glob("*/*") if p.suffix in (".jpg", ".png", ".tif")), reverse=True
    )
    firsts = {path.parent: path for path in pages}
    assert firsts
    for path in sorted(firsts.values()):
        assert assert_same_lines(tmp_path, load_image(path)), path

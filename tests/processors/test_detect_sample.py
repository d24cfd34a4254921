# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The levels of detection and classification with the default models, on the sample page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.processors import create
from ocrd_rapid.runtime.processor import OpenPage, Processor
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import TextRegion, tag

pytestmark = pytest.mark.models

ASSETS = Path(__file__).resolve().parent.parent / "assets" / "sample"
SAMPLE = ASSETS / "sample.png"

Make = Callable[..., Processor]


@pytest.fixture
def make(models: Path) -> Make:
    """Return a function that makes a processor by its short name, with these parameters."""

    def call(name: str, **given: object) -> Processor:
        executable = f"ocrd-rapid-{name}"
        complete = complete_parameters(given, tool_description(executable), executable=executable)
        return create(executable, complete)

    return call


def page_of(image: Path) -> PageDocument:
    with Image.open(image) as opened:
        width, height = opened.size
    return PageDocument.for_image(str(image), width, height, "test")


def run(document: PageDocument, *processors: Processor) -> PageDocument:
    """Return a copy of a page after these processors."""
    copied = PageDocument(etree.fromstring(document.to_bytes()))
    for processor in processors:
        processor.process(OpenPage("P_1", copied, ImageStore(Path("/"))))
    return copied


def truth() -> PageDocument:
    """Return the page with the regions of the ground truth, without lines and text."""
    document = PageDocument.read(ASSETS / "sample.gt.page.xml")
    document.page.set("imageFilename", str(SAMPLE))
    document = PageDocument(document.root)
    for region in document.text_regions():
        region.remove_text()
        for line in region.lines:
            region.element.remove(line.element)
    return document


def text(document: PageDocument) -> str:
    lines = [x.text or "" for region in document.text_regions() for x in region.lines]
    return "\n".join(lines)


def error_rate(found: str, expected: str) -> float:
    return Levenshtein.distance(found, expected) / len(expected)


def extents(regions: list[TextRegion]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([
        [*x.polygon.min(axis=0), *x.polygon.max(axis=0)] for r in regions for x in r.lines
    ])  # fmt: skip


def test_the_lines_of_regions_are_those_of_the_page(make: Make) -> None:
    given = truth()
    by_page = run(given, make("detect")).text_regions()
    by_region = run(given, make("detect", operation_level="region")).text_regions()
    assert [r.id for r in by_region] == [r.id for r in given.text_regions()]
    assert [len(r.lines) for r in by_region] == [len(r.lines) for r in by_page][: len(by_region)]
    difference = np.abs(extents(by_region) - extents(by_page[: len(by_region)]))
    assert np.median(difference) <= 2
    assert difference.max() <= 12


def test_text_of_given_regions_is_read(make: Make) -> None:
    expected = (ASSETS / "sample.gt.txt").read_text(encoding="utf-8")
    expected = "\n".join(line for line in expected.split("\n") if line)
    found = run(truth(), make("detect", operation_level="region"), make("recognize"))
    assert error_rate(text(found), expected) < 0.01


@pytest.fixture
def column(tmp_path: Path) -> tuple[PageDocument, str]:
    """Return a page with the first paragraph, and beside it the same on its side; its outline."""
    with Image.open(SAMPLE) as opened:
        page = opened.convert("L")
    region = truth().text_regions()[1]
    left, top = region.polygon.min(axis=0).astype(int)
    right, bottom = region.polygon.max(axis=0).astype(int)
    paragraph = page.crop((left - 10, top - 10, right + 10, bottom + 10))
    canvas = Image.new("L", (paragraph.width + paragraph.height + 300, 1600), 235)
    canvas.paste(paragraph, (100, 100))
    side = paragraph.transpose(Image.Transpose.ROTATE_90)
    x, y = paragraph.width + 200, 100
    canvas.paste(side, (x, y))
    path = tmp_path / "column.png"
    canvas.save(path)
    edge_x, edge_y = x + side.width, y + side.height
    return page_of(path), f"{x},{y} {edge_x},{y} {edge_x},{edge_y} {x},{edge_y}"


@pytest.mark.parametrize("level", ["page", "region"])
def test_a_given_column_on_its_side_is_read(
    make: Make, column: tuple[PageDocument, str], level: str
) -> None:
    document, outline = column
    upright = text(run(
        truth(), make("detect", operation_level="region"), make("recognize")
    )).split("\n")  # fmt: skip
    element = etree.SubElement(document.page, tag("TextRegion"), id="side", orientation="90.0")
    etree.SubElement(element, tag("Coords"), points=outline)
    found = run(document, make("detect", operation_level=level), make("recognize"))
    side = next(r for r in found.text_regions() if r.id == "side")
    read = "\n".join(x.text or "" for x in side.lines)
    expected = "\n".join(upright[1 : 1 + len(side.lines)])
    assert len(side.lines) >= 8
    assert error_rate(read, expected) < 0.02


def test_a_column_on_its_side_is_found_and_turned_line_by_line(
    make: Make, column: tuple[PageDocument, str]
) -> None:
    document, _ = column
    found = run(
        document, make("detect"), make("classify", operation_level="line"), make("recognize")
    )
    turns = {0.0: "", 90.0: ""}
    for region in found.text_regions():
        turns[region.orientation or 0.0] += "".join(x.text or "" for x in region.lines)
    assert error_rate(turns[90.0], turns[0.0]) < 0.02


WORDS = ["year", "books", "maps", "1889", "1204", "317", "1890", "1377", "325"]


@pytest.fixture
def table(tmp_path: Path) -> PageDocument:
    """Return a page with a ruled table of three rows and three columns."""
    canvas = Image.new("L", (1500, 900), 245)
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=48)
    for i in range(4):
        draw.line([(150, 150 + 160 * i), (1350, 150 + 160 * i)], fill=40, width=3)
        draw.line([(150 + 400 * i, 150), (150 + 400 * i, 630)], fill=40, width=3)
    for number, word in enumerate(WORDS):
        place = 200 + 400 * (number % 3), 195 + 160 * (number // 3)
        draw.text(place, word, fill=20, font=font)
    path = tmp_path / "table.png"
    canvas.save(path)
    document = page_of(path)
    element = etree.SubElement(document.page, tag("TableRegion"), id="t")
    outline = "140,140 1360,140 1360,640 140,640"
    etree.SubElement(element, tag("Coords"), points=outline)
    return document


def test_a_table_of_three_by_three_is_read_cell_by_cell(make: Make, table: PageDocument) -> None:
    found = run(table, make("detect", operation_level="table"), make("recognize"))
    assert text(found).split("\n") == WORDS
    roles = [e.attrib for e in found.page.iter(tag("TableCellRole"))]
    places = [(r["rowIndex"], r["columnIndex"]) for r in roles]
    assert places == [(str(i // 3), str(i % 3)) for i in range(9)]


def test_given_cells_are_read_each_for_itself(make: Make, table: PageDocument) -> None:
    (region,) = table.page.iter(tag("TableRegion"))
    for i in range(9):
        x, y = 152 + 400 * (i % 3), 152 + 160 * (i // 3)
        points = f"{x},{y} {x + 396},{y} {x + 396},{y + 156} {x},{y + 156}"
        cell = etree.SubElement(region, tag("TextRegion"), id=f"c{i}")
        etree.SubElement(cell, tag("Coords"), points=points)
    found = run(table, make("detect", operation_level="table"), make("recognize"))
    assert [[x.text for x in r.lines] for r in found.text_regions()] == [[w] for w in WORDS]
    assert run(table, make("detect")).page.find(tag("TextRegion")) is None


@pytest.mark.parametrize("level", ["page", "region", "line"])
def test_nothing_on_the_upright_page_is_turned(make: Make, level: str) -> None:
    document = run(page_of(SAMPLE), make("detect"), make("classify", operation_level=level))
    assert document.orientation == 0
    assert {r.orientation or 0.0 for r in document.text_regions()} == {0.0}

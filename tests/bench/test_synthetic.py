# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages: the ground truth says where the ink is, what is in order, and what is a table."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import synthetic
from lxml import etree
from typeset_lot import Lot
from typeset_sheet import Printed, Sheet, TablePart, Wear, write_truth
from typeset_text import Breaker, Face, find_families, read_texts

from ocrd_rapid.workspace import page_checks
from ocrd_rapid.workspace.page import PageDocument

PLAIN = find_families([])
TEXTS = read_texts([])
NAMES = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}


def typeset(kind: str, seed: int, spread: float = 1.0) -> Sheet:
    random = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    return synthetic.LAYOUTS[kind](Lot(random, PLAIN, TEXTS, spread))


def printed(sheet: Sheet) -> list[Printed]:
    lines = []
    for part in sheet.parts:
        regions = [cell.region for cell in part.cells] if isinstance(part, TablePart) else [part]
        lines += [line for region in regions for line in region.lines]
    return lines


def test_truth_is_where_the_ink_is(tmp_path: Path) -> None:
    for scan in synthetic.make_pages(tmp_path, 3):
        document = PageDocument.read(scan.with_suffix(".page.xml"))
        ink = cv2.imread(str(scan), cv2.IMREAD_GRAYSCALE) < 140
        assert ink.shape == (document.height, document.width)
        regions = document.text_regions()
        lines = [line for region in regions for line in region.lines]
        assert len(lines) > 40
        for line in lines:
            (left, top), (right, bottom) = np.min(line.polygon, 0), np.max(line.polygon, 0)
            box = np.s_[int(top) : int(bottom), int(left) : int(right)]
            assert ink[box].mean() > 0.02
            ink[box] = False
        assert ink.sum() == 0
    assert len(regions) == 2


def test_pages_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = (synthetic.make_pages(tmp_path / name, 2) for name in "ab")
    for one, other in zip(first, second, strict=True):
        for suffix in (".png", ".page.xml"):
            assert one.with_suffix(suffix).read_bytes() == other.with_suffix(suffix).read_bytes()
    assert first[0].read_bytes() != first[1].read_bytes()


def test_layouts_are_the_same_every_time(tmp_path: Path) -> None:
    one, other, next_one = (
        synthetic.make_layout(tmp_path / folder, "receipt", seed, PLAIN, TEXTS)
        for folder, seed in (("a", 1), ("b", 1), ("a", 2))
    )
    for suffix in (".png", ".page.xml"):
        assert one.with_suffix(suffix).read_bytes() == other.with_suffix(suffix).read_bytes()
    assert one.read_bytes() != next_one.read_bytes()


@pytest.mark.parametrize("kind", synthetic.LAYOUTS)
def test_lines_of_a_layout_are_on_the_page_and_apart(kind: str) -> None:
    sheet = typeset(kind, 7, 1.25)
    lines = printed(sheet)
    assert len(lines) > 5
    boxes = np.array([line.box for line in lines])
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (sheet.width, sheet.height)).all()
    heights = boxes[:, 3] - boxes[:, 1]
    shared = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(
        boxes[:, None, :2], boxes[None, :, :2]
    )
    lower = np.minimum(heights[:, None], heights[None, :])
    over = (shared[..., 0] > 1) & (shared[..., 1] > 0.4 * lower)
    np.fill_diagonal(over, False)
    assert [(lines[i].text, lines[j].text) for i, j in np.argwhere(over)] == []


@pytest.mark.parametrize("kind", synthetic.LAYOUTS)
def test_reading_order_of_a_layout_has_every_region_once(kind: str, tmp_path: Path) -> None:
    sheet = typeset(kind, 3)
    path = tmp_path / "page.page.xml"
    write_truth(path, "page.png", sheet, Wear(skew=1.0, bend=3.0))
    document = PageDocument.read(path)
    findings = [
        *page_checks.schema_findings(document, path.read_bytes(), "page"),
        *page_checks.reference_findings(document, "page"),
    ]
    assert findings == []
    root = etree.parse(path).getroot()
    regions = root.xpath("//p:TextRegion/@id | //p:TableRegion/@id | //p:ImageRegion/@id",
                         namespaces=NAMES)  # fmt: skip
    assert sorted(root.xpath("//p:ReadingOrder//@regionRef", namespaces=NAMES)) == sorted(regions)


def test_layout_under_its_wear_has_the_ink_in_its_lines() -> None:
    sheet = typeset("contents", 5)
    wear = Wear(skew=1.4, bend=6.0, noise=0.0)
    ink = sheet.scan(wear) < 120
    found = np.zeros(ink.shape, np.uint8)
    for line in printed(sheet):
        cv2.fillPoly(found, [sheet.outline(line.box, wear).astype(np.int32)], 1)
    assert ink[found > 0].mean() > 0.05
    assert (ink & (found == 0)).sum() < 0.02 * ink.sum()


def test_cells_of_a_table_come_row_by_row() -> None:
    tables = [p for seed in range(3) for p in typeset("table-open", seed).parts
              if isinstance(p, TablePart)]  # fmt: skip
    assert tables
    for table in tables:
        places = [(cell.row, cell.column) for cell in table.cells]
        assert places == sorted(set(places))
        assert table.cells[0].is_head
        assert max(cell.row + cell.rows for cell in table.cells) == table.rows
        assert max(cell.column + cell.columns for cell in table.cells) == table.columns


def test_words_divided_between_lines_join_to_the_text() -> None:
    text = "The responsibility of nominative determinism remains undetermined."
    breaker = Breaker(text, Face(None, 20))
    lines = []
    while breaker:
        lines.append(" ".join(breaker.line(120)))
    assert any(line.endswith("-") for line in lines)
    assert " ".join(lines).replace("- ", "") == text

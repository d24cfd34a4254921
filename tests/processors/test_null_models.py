# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-recognize`` on painted pages (see ``painted_pages``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from painted_pages import (
    EVERYWHERE,
    NS,
    TURNS,
    UPSIDE_DOWN,
    blank_page,
    box,
    column_page,
    detect,
    letter_page,
    line,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
    turned,
)

from ocrd_rapid.runtime.processor import OpenPage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def given_page(folder: Path, *lines: str, attributes: str = "") -> OpenPage:
    """Return the page of letters with one region with these lines."""
    return task(folder, letter_page(), region("r", EVERYWHERE, *lines, attributes=attributes))


A, B, C = box(50, 30), box(50, 70), box(50, 110)
TEXT = '<TextEquiv conf="0.25"><Unicode>old</Unicode></TextEquiv>'
WORD = f'<Word id="w"><Coords points="{A}"/>{TEXT}</Word>'


def test_lines_get_their_text_and_confidence(folder: Path) -> None:
    document = run(given_page(folder, line("1", C), line("2", A)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["c", "a"]
    assert [x.confidence for x in found.lines] == pytest.approx([0.85, 0.95])


def test_a_region_has_the_text_of_its_lines_and_their_mean_confidence(folder: Path) -> None:
    document = run(given_page(folder, line("1", A), line("2", B), line("3", C)), recognize())
    (found,) = document.text_regions()
    assert found.text == "a\nb\nc"
    assert found.confidence == pytest.approx(0.9)


def test_old_text_and_its_words_are_replaced(folder: Path) -> None:
    document = run(given_page(folder, line("1", A, WORD + TEXT)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["a"]
    assert document.page.find(".//pc:Word", NS) is None
    assert len(document.page.findall(".//pc:TextLine/pc:TextEquiv", NS)) == 1


def test_old_text_stays_with_its_words_when_it_may_not_be_replaced(folder: Path) -> None:
    page = given_page(folder, line("1", A, WORD + TEXT), line("2", B))
    document = run(page, recognize(overwrite=False))
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["old", "b"]
    assert found.lines[0].confidence == 0.25
    assert len(document.page.findall(".//pc:Word", NS)) == 1
    assert found.text == "old\nb"
    assert found.confidence == pytest.approx((3 * 0.25 + 0.9) / 4)


@pytest.mark.parametrize("empty", ["<Unicode/>", "<Unicode></Unicode>", "<Unicode> </Unicode>", ""])
def test_a_text_that_is_empty_is_none(folder: Path, empty: str) -> None:
    equiv = f"<TextEquiv>{empty}</TextEquiv>"
    lines = line("1", A, equiv), line("2", B, TEXT)
    page = task(folder, letter_page(), region("r", EVERYWHERE, *lines, equiv))
    document = run(page, recognize(overwrite=False))
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["a", "old"]
    assert found.text == "a\nold"
    assert len(document.page.findall(".//pc:TextLine/pc:TextEquiv", NS)) == 2


def test_text_on_regions_alone_leaves_the_lines_without(folder: Path) -> None:
    page = given_page(folder, line("1", A, WORD + TEXT), line("2", B))
    document = run(page, recognize("region"))
    (found,) = document.text_regions()
    assert found.text == "a\nb"
    assert found.confidence == pytest.approx(0.925)
    assert [x.text for x in found.lines] == [None, None]
    assert document.page.find(".//pc:Word", NS) is None


def test_lines_below_the_confidence_have_no_text_but_say_how_sure_it_was(folder: Path) -> None:
    page = given_page(folder, line("1", A), line("2", B), line("3", C))
    document = run(page, recognize(min_confidence=0.9 - 1e-6))
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == ["a", "b", ""]
    assert found.lines[2].confidence == pytest.approx(0.85)


def test_a_line_without_outline_is_left_alone(folder: Path) -> None:
    document = run(given_page(folder, line("1", "1,1 2,2"), line("2", B)), recognize())
    (found,) = document.text_regions()
    assert [x.text for x in found.lines] == [None, "b"]
    assert found.text == "b"


def test_a_page_without_lines_needs_no_image(folder: Path) -> None:
    page = task(folder, letter_page(), region("r", EVERYWHERE))
    (folder / "page.png").unlink()
    before = page.document.to_bytes()
    assert run(page, recognize()).to_bytes() == before


def test_polygons_are_read_like_boxes(folder: Path) -> None:
    around = "44,30 150,24 256,30 256,42 150,48 44,42"
    assert texts(run(given_page(folder, line("1", around)), recognize())) == [["a"]]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_result_does_not_depend_on_the_number_of_threads(folder: Path, threads: int) -> None:
    page = task(folder, column_page())
    document = run(page, detect(), recognize(threads=threads))
    assert texts(document) == [list("abcd"), list("efgh")]


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("page_degrees", [None, 0, 90, 180, -90])
def test_lines_are_read_upright_under_the_orientation_of_their_region(
    folder: Path, degrees: int, page_degrees: int | None
) -> None:
    page = turned(letter_page(), degrees)
    whole = box(0, 0, page.shape[1] - 1, page.shape[0] - 1, 0)
    # The outline of line a, wherever it is on the turned page.
    upright = np.zeros((400, 300), np.uint8)
    upright[24:48, 44:256] = 255
    rows, columns = np.nonzero(turned(upright[:, :, None], degrees)[:, :, 0])
    outline = box(int(columns.min()), int(rows.min()), int(np.ptp(columns)), int(np.ptp(rows)), 0)
    body = region("r", whole, line("l", outline), attributes=f'orientation="{degrees}"')
    attributes = "" if page_degrees is None else f'orientation="{page_degrees}"'
    assert texts(run(task(folder, page, body, attributes), recognize())) == [["a"]]


def test_without_any_orientation_what_is_upside_down_is_read_so(folder: Path) -> None:
    page = blank_page()
    paint(page, "a", 50, 30, turned=True)
    body = region("r", EVERYWHERE, line("l", A))
    assert texts(run(task(folder, page, body), recognize())) == [[UPSIDE_DOWN]]

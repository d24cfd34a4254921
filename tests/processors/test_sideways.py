# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Notes in the margin of an upright page that run up or down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from painted_pages import (
    EVERYWHERE,
    Image,
    blank_page,
    box,
    classify,
    detect,
    line,
    paint,
    recognize,
    region,
    run,
    task,
    texts,
)
from typeset_pages import margin_page

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.ocr.lines.crops import cut_line
from ocrd_rapid.processors import create
from ocrd_rapid.rapidocr.interface import RapidOCR
from ocrd_rapid.runtime.processor import Processor

#: What sets a note upright that runs up, or down.
UP, DOWN = 90, -90


def note(page: Image, letters: str, x: int, turn: int) -> None:
    """Paint the lines of a note that runs up or down, its left edge at x."""
    strip = blank_page(220, 30 * len(letters))
    for number, letter in enumerate(letters):
        paint(strip, letter, 10, 30 * number + 9)
    turned = np.rot90(strip, turn // 90)
    page[60 : 60 + turned.shape[0], x : x + turned.shape[1]] = turned


def text_page() -> Image:
    page = blank_page(480, 400)
    for letter, y in zip("abcdef", range(40, 340, 50), strict=True):
        paint(page, letter, 140, y)
    return page


@pytest.mark.parametrize("turn", [UP, DOWN])
@pytest.mark.parametrize("letters", ["g", "gh", "ghi"])
def test_a_note_is_read_as_it_runs_after_the_text(tmp_path: Path, turn: int, letters: str) -> None:
    page = text_page()
    note(page, letters, 5, turn)
    document = run(task(tmp_path, page), detect(), classify(), recognize())
    assert texts(document) == [list("abcdef"), list(letters)]
    assert document.orientation == 0
    assert [r.orientation for r in document.text_regions()] == [None, turn]


@pytest.mark.parametrize(("left", "right"), [(UP, DOWN), (DOWN, UP), (UP, UP)])
def test_each_note_has_a_vote_of_its_own(tmp_path: Path, left: int, right: int) -> None:
    page = text_page()
    note(page, "gh", 5, left)
    note(page, "ij", 400, right)
    document = run(task(tmp_path, page), detect(), classify(), recognize())
    assert texts(document) == [list("abcdef"), ["g", "h"], ["i", "j"]]
    assert [r.orientation for r in document.text_regions()] == [None, left, right]


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_notes_on_a_turned_page_are_read(tmp_path: Path, degrees: int) -> None:
    page = text_page()
    note(page, "g", 5, UP)
    page = np.ascontiguousarray(np.rot90(page, degrees // 90))
    document = run(task(tmp_path, page), detect(), classify(), recognize())
    assert texts(document) == [list("abcdef"), ["g"]]
    assert document.orientation == degrees


def test_a_known_orientation_stays(tmp_path: Path) -> None:
    page = text_page()
    note(page, "g", 5, UP)
    upright = region("r", EVERYWHERE, *(line(f"l{y}", box(140, y)) for y in range(40, 340, 50)))
    tall = line("n", box(14, 70, 12, 200))
    known = region("s", "5,60 35,60 35,280 5,280", tall, attributes='orientation="-90"')
    document = run(task(tmp_path, page, upright + known), classify())
    assert [r.orientation for r in document.text_regions()] == [None, -90]


@pytest.mark.parametrize("turn", [UP, 180, DOWN])
@pytest.mark.parametrize("processors", [(recognize,), (classify, recognize)])
def test_cells_are_read_as_their_table_is_turned(
    tmp_path: Path, turn: int, processors: tuple[Callable[[], Processor], ...]
) -> None:
    page, strip = text_page(), blank_page(220, 40)
    paint(strip, "g", 10, 9)
    turned = np.rot90(strip, turn // 90)
    height, width = turned.shape[:2]
    page[60 : 60 + height, 240 : 240 + width] = turned
    outline = f"240,60 {239 + width},60 {239 + width},{59 + height} 240,{59 + height}"
    cell = region("c", outline, line("n", outline))
    table = f'<TableRegion id="t" orientation="{turn}"><Coords points="{outline}"/>{cell}'
    upright = region("r", "0,0 239,0 239,399 0,399", line("l", box(140, 40)))
    given = task(tmp_path, page, f"{upright}{table}</TableRegion>")
    document = run(given, *(make() for make in processors))
    assert texts(document) == [["a"], ["g"]]


def test_words_of_a_line_that_was_turned_over_lie_where_they_were() -> None:
    page = np.random.default_rng(0).integers(0, 256, (300, 200, 3), dtype=np.uint8)
    tall = np.array([(50, 40), (80, 40), (80, 240), (50, 240)], dtype=np.float32)
    cut = cut_line(page, tall, np.zeros((0, 2), dtype=np.float32), fits=True)
    over = cut.upside_down()
    assert (over.pixels == np.rot90(cut.pixels, 2)).all()
    first, last = cut.outline(0.0, 0.25), over.outline(0.75, 1.0)
    assert np.array(sorted(first.tolist())) == pytest.approx(np.array(sorted(last.tolist())))


# With the default models


NOTES = [("Note in the margin",), ("Note in the margin", "by another hand")]


@pytest.mark.models
@pytest.mark.parametrize("turn", [UP, DOWN])
@pytest.mark.parametrize("notes", NOTES)
def test_the_processors_read_notes_both_ways(
    tmp_path: Path, models: Path, turn: int, notes: tuple[str, ...]
) -> None:
    given = task(tmp_path, margin_page(turn, notes))  # type: ignore[arg-type]
    document = run(given, *chain_of("detect", "classify", "recognize"))
    assert len(document.text_regions()[0].lines) == 12
    assert texts(document)[1:] == [list(notes)]
    assert document.text_regions()[-1].orientation == turn


@pytest.mark.models
@pytest.mark.parametrize("turn", [UP, DOWN])
def test_a_note_is_read_without_classification(tmp_path: Path, models: Path, turn: int) -> None:
    given = task(tmp_path, margin_page(turn, NOTES[0]))  # type: ignore[arg-type]
    document = run(given, *chain_of("detect", "recognize"))
    assert texts(document)[1:] == [list(NOTES[0])]


def chain_of(*names: str) -> list[Processor]:
    chain: list[Processor] = []
    for name in names:
        executable = f"ocrd-rapid-{name}"
        tool = tool_description(executable)
        chain.append(create(executable, complete_parameters({}, tool, executable=executable)))
    return chain


@pytest.mark.models
@pytest.mark.parametrize("turn", [UP, DOWN])
@pytest.mark.parametrize("notes", NOTES)
def test_rapidocr_reads_notes_both_ways(models: Path, turn: int, notes: tuple[str, ...]) -> None:
    result, _ = RapidOCR()(margin_page(turn, notes))
    read = [text for _, text, *_ in result]
    assert read[11].startswith("11 the old man")
    assert read[12:] == list(notes)

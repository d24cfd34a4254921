# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""No processor overwrites what a person wrote, unless it is told to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from null_models import NAMES
from painted_pages import (
    LOWER,
    UPPER,
    box,
    detect,
    letter_page,
    line,
    order,
    recognize,
    region,
    run,
    task,
    texts,
)

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.processors import create
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.ground_truth import LineState, set_ground_truth, state_of
from ocrd_rapid.workspace.page import PageDocument

HEIGHTS = {"a": 30, "b": 70, "c": 110, "d": 230, "e": 270, "f": 310}
OLD = "<TextEquiv><Unicode>old</Unicode></TextEquiv>"


def lines(letters: str) -> list[str]:
    return [line(f"l_{letter}", box(50, HEIGHTS[letter]), OLD) for letter in letters]


def book_page(folder: Path, **states: LineState) -> OpenPage:
    """Return a page with six lines, of which a person said something about some."""
    body = (
        order("r1", "r2") + region("r1", UPPER, *lines("abc")) + region("r2", LOWER, *lines("def"))
    )
    page = task(folder, letter_page(), body)
    for part in page.document.text_regions():
        for one in part.lines:
            if one.id[-1] in states:
                set_ground_truth(one, f"person's {one.id}", states[one.id[-1]])
    (folder / "page.xml").write_bytes(page.document.to_bytes())
    return page


def states(document: PageDocument) -> list[LineState | None]:
    return [state_of(line) for region in document.text_regions() for line in region.lines]


@pytest.mark.parametrize("level", ["region", "line", "word", "glyph"])
def test_lines_of_a_person_are_not_read(tmp_path: Path, level: str) -> None:
    page = book_page(tmp_path, b=LineState.CORRECTED, c=LineState.ILLEGIBLE)
    found = run(page, recognize(level), recognize(level))
    upper, lower = found.text_regions()
    assert texts(found)[0] == ["a", "person's l_b", ""]
    assert texts(found)[1] == ([None] * 3 if level == "region" else ["d", "e", "f"])
    assert (upper.text, lower.text) == ("a\nperson's l_b", "d\ne\nf")
    assert states(found) == [None, LineState.CORRECTED, LineState.ILLEGIBLE, None, None, None]
    assert upper.lines[1].readings[1:] == [("old", None)]
    assert (len(page.remarks), "overwrite_corrected" in page.remarks[0].then) == (2, True)


def test_they_are_read_when_told(tmp_path: Path) -> None:
    page = book_page(tmp_path, b=LineState.CORRECTED, c=LineState.NOT_TEXT)
    found = run(page, replace(recognize(), overwrite_corrected=True))
    assert texts(found) == [["a", "b", "c"], ["d", "e", "f"]]
    assert states(found) == [None] * 6
    assert page.remarks == []


def test_pages_without_any_are_read_as_ever(tmp_path: Path) -> None:
    page = book_page(tmp_path)
    assert texts(run(page, recognize())) == [["a", "b", "c"], ["d", "e", "f"]]
    assert page.remarks == []


def test_a_page_with_corrected_lines_is_not_segmented_anew(tmp_path: Path) -> None:
    page = book_page(tmp_path, b=LineState.CORRECTED)
    before = page.document.to_bytes()
    found = run(page, detect(overwrite=True))
    assert found.to_bytes() == before
    assert [remark.what for remark in page.remarks] == [
        "have lines that a person corrected or confirmed"
    ]


def test_only_the_region_with_corrected_lines_keeps_its_lines(tmp_path: Path) -> None:
    page = book_page(tmp_path, b=LineState.CORRECTED)
    found = run(page, detect("region", overwrite=True))
    assert texts(found) == [["old", "person's l_b", "old"], [None, None, None]]
    assert len(page.remarks) == 1


@pytest.mark.parametrize("level", ["page", "region"])
def test_all_is_removed_when_told(tmp_path: Path, level: str) -> None:
    page = book_page(tmp_path, b=LineState.CORRECTED)
    processor = replace(detect(level, overwrite=True), overwrite_corrected=True)
    assert texts(run(page, processor)) == [[None] * 3] * 2
    assert page.remarks == []


@pytest.mark.parametrize("executable", ["ocrd-rapid-recognize", "ocrd-rapid-detect"])
@pytest.mark.parametrize("given", [{}, {"overwrite_corrected": True}])
def test_the_parameter_is_passed_on(
    null_models: dict[str, Path], executable: str, given: dict[str, Any]
) -> None:
    parameters = complete_parameters(
        {"model": NAMES[executable], **given}, tool_description(executable), executable=executable
    )
    assert vars(create(executable, parameters))["overwrite_corrected"] is bool(given)

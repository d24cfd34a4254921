# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages: lines matched by outlines or by text, and agreement with the team's own measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.evaluation import Normalization
from ocrd_rapid.evaluation.page_errors import evaluate_page
from ocrd_rapid.evaluation.text_matching import match_texts
from ocrd_rapid.evaluation.texts import Line, Page, read_page
from ocrd_rapid.workspace.page import PageDocument

WritePage = Callable[..., Path]

FIRST = ("erste Zeile", 0, 0, 500, 50)
SECOND = ("zweite Zeile", 0, 100, 500, 150)


def text_page(*lines: str) -> Page:
    return Page(tuple(Line(str(n), text) for n, text in enumerate(lines, start=1)))


def test_order_counts_in_one_figure_only(write_lines: WritePage) -> None:
    reference = read_page(write_lines("a.xml", FIRST, SECOND))
    text = read_page(write_lines("b.xml", SECOND, FIRST))
    result = evaluate_page("p", reference, text)
    assert result.matching == "outlines"
    assert result.order_free.edits == result.order_free.word_edits == 0
    assert result.order_free.length == 23 and result.ordered.length == 24
    assert result.ordered.edits > 0 and result.ordered.bag_edits == 0


def test_pieces_of_a_line_are_joined_from_left_to_right(write_lines: WritePage) -> None:
    reference = read_page(write_lines("a.xml", FIRST))
    pieces = ("Zeile", 300, 5, 500, 50), ("erste", 0, 0, 250, 45)
    result = evaluate_page("p", reference, read_page(write_lines("b.xml", *pieces)))
    assert [line.text for line in result.lines] == ["erste Zeile"]


def test_pieces_of_right_to_left_script_are_joined_so(write_lines: WritePage) -> None:
    reference = read_page(write_lines("a.xml", ("שלום עולם", 0, 0, 500, 50)))
    pieces = ("עולם", 0, 0, 250, 50), ("שלום", 260, 0, 500, 50)
    result = evaluate_page("p", reference, read_page(write_lines("b.xml", *pieces)))
    assert result.order_free.edits == 0


def test_what_lies_on_no_line_is_too_much(write_lines: WritePage) -> None:
    reference = read_page(write_lines("a.xml", FIRST))
    stray = ("Stempel", 0, 800, 500, 850)
    result = evaluate_page("p", reference, read_page(write_lines("b.xml", FIRST, stray)))
    assert result.order_free.edits == 7
    assert (result.lines[-1].id, result.lines[-1].text) == ("", "Stempel")


def test_a_line_within_another_is_its_own(write_lines: WritePage) -> None:
    inner = ("klein", 100, 10, 200, 40)
    page = read_page(write_lines("a.xml", FIRST, inner))
    assert evaluate_page("p", page, page).order_free.word_edits == 0


def test_images_of_different_sizes_cannot_be_laid_over_each_other(write_lines: WritePage) -> None:
    reference = read_page(write_lines("a.xml", FIRST, SECOND))
    half = ("zweite Zeile", 0, 50, 250, 75), ("erste Zeile", 0, 0, 250, 25)
    text = read_page(write_lines("b.xml", *half, size=(500, 500)))
    result = evaluate_page("p", reference, text)
    assert (result.matching, result.order_free.edits) == ("text", 0)


def test_lines_that_normalization_empties_are_none() -> None:
    result = evaluate_page("p", text_page("_", "a"), text_page("a"), Normalization(fold=True))
    assert [line.reference for line in result.lines] == ["a"]


@pytest.mark.parametrize(
    ("reference", "lines", "found", "rest"),
    [
        ([], [], [], []),
        (["eine Zeile"], [], [""], []),
        ([], ["eine Zeile"], [], ["eine Zeile"]),
        (["eins zwei drei", "vier fünf"], ["vier fünf", "eins zwei drei"], None, []),
        # Paragraphs against lines, both ways.
        (["erste Zeile", "zweites Stück"], ["erste Zeile zweites Stück"], None, []),
        (["erste Zeile zweites Stück"], ["erste Zeile", "zweites Stück"], None, []),
        (["abcdefgh"], ["stuvwxyz"], [""], ["stuvwxyz"]),
    ],
)
def test_matching_by_text(
    reference: list[str], lines: list[str], found: list[str] | None, rest: list[str]
) -> None:
    assert match_texts(reference, lines) == (reference if found is None else found, rest)


def test_of_equal_lines_each_finds_the_one_at_its_place() -> None:
    same = "und so fort"
    assert match_texts([same, "xyz", same], ["und so fart", "xyz", same]) == (
        ["und so fart", "xyz", same],
        [],
    )


LINES = st.lists(st.text("abcd e", min_size=1, max_size=20).filter(str.strip), max_size=6)


@given(LINES, LINES)
def test_nothing_is_lost_when_lines_are_matched(reference: list[str], lines: list[str]) -> None:
    found, rest = match_texts(reference, lines)
    assert len(found) == len(reference)
    given_signs = sorted("".join(lines).replace(" ", ""))
    assert sorted("".join([*found, *rest]).replace(" ", "")) == given_signs


@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_any_order_of_the_same_lines_is_without_error(pair: tuple[list[str], list[str]]) -> None:
    result = evaluate_page("p", text_page(*pair[0]), text_page(*pair[1]))
    assert result.order_free.edits == 0


# Agreement with ../shared/tools/score_pages.py


def distort(source: Path, target: Path) -> None:
    """Write a page as an engine might read it: other order, moved, cut, dropped, misread lines."""
    document = PageDocument.read(source)
    for region in document.text_regions():
        region.reverse_lines()
        for number, line in enumerate(region.lines):
            outline = line.polygon + np.float32(5)
            text = (line.text or "").replace("e", "c", 2)
            if number % 7 == 3:
                text = ""
            if number % 5 == 2:
                middle = float(outline[:, 0].mean())
                right = outline.copy()
                right[:, 0] = right[:, 0].clip(min=middle)
                outline[:, 0] = outline[:, 0].clip(max=middle)
                half = len(text) // 2
                region.add_line(f"{line.id}_b", right, None).set_text(text[half:])
                text = text[:half]
            line.set_polygon(outline)
            line.remove_words()
            line.set_text(text)
    target.write_bytes(document.to_bytes())


@pytest.mark.scans
def test_agrees_with_the_scores_of_the_team(
    scans: Path, scoring: ModuleType, tmp_path: Path
) -> None:
    folded, compared = Normalization(fold=True), 0
    for source in sorted(scans.glob("*/*.page.xml")):
        target = tmp_path / f"{source.parent.name}-{source.name}"
        distort(source, target)
        sums = scoring.score(scoring.read_page(source), scoring.read_page(target))
        result = evaluate_page("p", read_page(source), read_page(target), folded)
        assert result.matching == "outlines"
        assert result.ordered.edits == sums["page_edits"], source.name
        assert result.ordered.length == sums["page_chars"], source.name
        assert result.order_free.length == sums["chars"], source.name
        # It takes the line nearest to the centre, we the one that covers most.
        difference = abs(result.order_free.edits - sums["line_edits"])
        assert difference <= 0.01 * sums["chars"], source.name
        compared += 1
    assert compared > 10

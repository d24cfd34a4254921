# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words and lines cut from text of which only the whole place is known."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.export.line_axes import axes_of, baseline_of
from ocrd_rapid.export.line_words import completed, cut_words, visual_order
from ocrd_rapid.export.segment_ids import ncname
from ocrd_rapid.ocr.geometry import Points, rotate_points
from ocrd_rapid.ocr.page_model import (
    NO_POINTS,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadTable,
    ReadWord,
    TablePlace,
)
from ocrd_rapid.workspace.xml import clean_text


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32)


def extent(outline: Points) -> list[float]:
    return [*outline.min(axis=0).tolist(), *outline.max(axis=0).tolist()]


def page_of(*regions: ReadRegion) -> ReadPage:
    return ReadPage(1000, 1400, regions)


def lefts(line: ReadLine, orientation: float = 0) -> list[float]:
    return [float(word.outline[:, 0].min()) for word in cut_words(line, orientation)]


def test_words_are_as_wide_as_their_characters() -> None:
    line = ReadLine(box(100, 50, 700, 90), "ill MMM ill")
    first, second, third = cut_words(line, 0)
    assert [w.text for w in (first, second, third)] == ["ill", "MMM", "ill"]
    assert extent(first.outline)[0] == 100 and extent(third.outline)[2] == pytest.approx(700)
    assert extent(first.outline)[1::2] == [50, 90]
    width = [np.ptp(w.outline[:, 0]) for w in (first, second, third)]
    assert width[1] > 2.5 * width[0] and width[0] == pytest.approx(width[2], abs=0.01)
    assert extent(first.outline)[2] < extent(second.outline)[0]


def test_full_width_and_combining_characters() -> None:
    wide, narrow = cut_words(ReadLine(box(0, 0, 300, 20), "漢字 ab"), 0)
    assert np.ptp(wide.outline[:, 0]) > 1.8 * np.ptp(narrow.outline[:, 0])
    plain, marked = cut_words(ReadLine(box(0, 0, 300, 20), "aoa aͤoͤa"), 0)
    assert np.ptp(plain.outline[:, 0]) == pytest.approx(np.ptp(marked.outline[:, 0]), abs=0.01)


@pytest.mark.parametrize(
    ("orientation", "first_is"), [(90, "bottom"), (-90, "top"), (180, "right")]
)
def test_turned_lines_are_cut_along_their_text(orientation: int, first_is: str) -> None:
    """The orientation is the clockwise turn that sets the text upright."""
    outline = box(0, 0, 400, 30) if orientation == 180 else box(0, 0, 30, 400)
    first, last = (extent(w.outline) for w in cut_words(ReadLine(outline, "one two"), orientation))
    ends = {"bottom": first[3] == 400, "top": first[1] == 0, "right": first[2] == 400}
    assert ends[first_is]
    assert first != last


def test_a_tall_line_of_unknown_orientation_runs_down() -> None:
    first, last = cut_words(ReadLine(box(0, 0, 30, 400), "one two"), 0)
    assert extent(first.outline)[1] == 0 and extent(last.outline)[3] == 400


def test_a_narrow_number_does_not() -> None:
    right, _ = axes_of(ReadLine(box(0, 0, 10, 40), "1"), 0)
    assert right.tolist() == [1, 0]


def test_right_to_left() -> None:
    line = ReadLine(box(0, 0, 400, 30), "שלום עולם", right_to_left=True)
    first, last = cut_words(line, 0)
    assert extent(first.outline)[2] == pytest.approx(400) and extent(last.outline)[0] == 0
    found = completed(page_of(ReadRegion((replace(line, right_to_left=False),))))
    assert next(found.lines).right_to_left


def test_words_of_the_other_direction_keep_theirs() -> None:
    assert visual_order(["אב", "one", "two", "גד"], right_to_left=True) == [3, 1, 2, 0]
    assert visual_order(["one", "אב", "גד", "two"], right_to_left=False) == [0, 2, 1, 3]
    assert visual_order(["אב", "12", "גד"], right_to_left=True) == [2, 1, 0]
    assert visual_order(["אב", "one", "12", "two"], right_to_left=True) == [1, 2, 3, 0]


def test_a_region_is_cut_into_lines_of_equal_height() -> None:
    region = ReadRegion(own_text="one two\n\nthree\n", own_outline=box(10, 100, 510, 180))
    [found] = completed(page_of(region)).regions
    assert [extent(line.outline) for line in found.lines] == [
        [10, 100, 510, 140],
        [10, 140, 510, 180],
    ]
    assert [[w.text for w in line.words] for line in found.lines] == [["one", "two"], ["three"]]
    assert found.text == "one two\nthree"


def test_a_turned_region_is_cut_across_its_text() -> None:
    region = ReadRegion(own_text="one\ntwo", own_outline=box(0, 0, 100, 600), orientation=90)
    [found] = completed(page_of(region)).regions
    first, second = (extent(line.outline) for line in found.lines)
    assert first == pytest.approx([0, 0, 50, 600], abs=0.01)
    assert second == pytest.approx([50, 0, 100, 600], abs=0.01)


def test_words_that_are_there_stay_unless_text_would_be_lost() -> None:
    words = (ReadWord("foo", 0.5, box(0, 0, 40, 20)), ReadWord("ba", 0.5, box(60, 0, 90, 20)))
    there = ReadLine(box(0, 0, 100, 20), "foo bax", words=words)
    for text, expected in [("foo ba", "foo ba"), ("foo bar", "foo bar"), ("fo", "foo ba")]:
        page = completed(page_of(ReadRegion((replace(there, text=text),))))
        [line] = page.lines
        assert " ".join(word.text for word in line.words) == expected
        assert [extent(w.outline) for w in line.words] == [extent(w.outline) for w in words]
    page = completed(page_of(ReadRegion((replace(there, text="foo bar baz"),))))
    assert [word.text for word in next(page.lines).words] == ["foo", "bar", "baz"]


def test_text_without_an_outline_gets_one() -> None:
    word = ReadWord("a", 0.5, box(5, 5, 9, 9))
    lines = (
        ReadLine(NO_POINTS, "a", words=(word,)),
        ReadLine(NO_POINTS, "b", baseline=np.array([(0, 100), (200, 100)], dtype=np.float32)),
        ReadLine(NO_POINTS, "c"),
    )
    page = completed(page_of(ReadRegion(lines), ReadRegion(own_text="d")))
    found = [extent(line.outline) for line in page.lines]
    assert found[0] == [5, 5, 9, 9]
    assert found[1][0] == 0 and found[1][2] == 200 and found[1][1] < 100 < found[1][3]
    assert found[3] == [0, 0, 999, 1399]
    assert all(len(region.outline) >= 3 for region in page.regions)


def test_text_becomes_nfc() -> None:
    word = ReadWord("u\u0308", 1.0, box(0, 0, 10, 10), alternatives=(("o\u0308", None),))
    line = ReadLine(box(0, 0, 10, 10), "u\u0308", words=(word,))
    page = completed(page_of(ReadRegion((line,)), ReadRegion(own_text="a\u0308")))
    assert page.text == "ü\n\nä"
    assert next(page.lines).words[0].text == "ü"
    assert next(page.lines).words[0].alternatives == (("ö", None),)


def test_ids_are_kept_unless_xml_forbids_them() -> None:
    cell = ReadRegion(own_text="a", id="1", place=TablePlace("t:1"))
    page = page_of(cell, ReadRegion(own_text="b", id="r"), ReadRegion(own_text="c", id="r"))
    found = completed(replace(page, tables=(ReadTable(box(0, 0, 9, 9), "t:1"),)))
    assert [region.id for region in found.regions] == ["_1", "r", "r_1"]
    assert found.tables[0].id == "t_1" and found.regions[0].place == TablePlace("t_1")
    assert next(found.lines).id == "_1_line_0001"
    assert next(found.lines).words[0].id == "_1_line_0001_word0001"


@given(st.text(max_size=8))
def test_any_text_becomes_an_ncname(text: str) -> None:
    from lxml import etree

    name = ncname(text)
    assert etree.fromstring(f"<{name}/>").tag == name and ":" not in name
    assert ncname(name) == name


@given(
    st.text(min_size=1, max_size=30),
    st.floats(-180, 180),
    st.floats(30, 900),
    st.floats(1, 60),
)
def test_cut_words_keep_the_text_and_the_extent_of_the_line(
    text: str, angle: float, width: float, height: float
) -> None:
    outline = rotate_points(box(0, 0, width, height), -angle)
    line = ReadLine(outline, text)
    page = completed(page_of(ReadRegion((line,), orientation=angle)))
    [found] = page.lines
    expected = " ".join(unicodedata.normalize("NFC", clean_text(text)).split())
    assert " ".join(word.text for word in found.words) == expected
    assert found.words == () or np.isfinite([word.outline for word in found.words]).all()
    if found.words:
        around = np.concatenate([word.outline for word in found.words])
        assert (around.min(axis=0) >= outline.min(axis=0) - 0.1).all()
        assert (around.max(axis=0) <= outline.max(axis=0) + 0.1).all()


def test_a_baseline_is_a_fifth_above_the_lower_edge() -> None:
    line = ReadLine(box(100, 50, 700, 100), "text")
    assert baseline_of(line, 0).tolist() == [[100, 90], [700, 90]]
    assert baseline_of(line, 180) == pytest.approx(np.array([[700, 60], [100, 60]]), abs=0.01)
    slanted = ReadLine(rotate_points(line.outline, 3), "text")
    expected = rotate_points(np.array([(100, 90), (700, 90)], dtype=np.float32), 3)
    assert baseline_of(slanted, 0) == pytest.approx(expected, abs=0.05)


def test_a_baseline_that_is_there_stays() -> None:
    drawn = np.array([(700, 95), (300, 97), (100, 95)], dtype=np.float32)
    line = ReadLine(box(100, 50, 700, 100), "text", baseline=drawn)
    assert baseline_of(line, 0).tolist() == drawn[::-1].tolist()

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Regions, lines, words and glyphs as views of a PAGE-XML tree."""

from __future__ import annotations

import numpy as np
import pytest
from lxml import etree

from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.segments import NAMESPACE, Glyph, TextLine, TextRegion, Word

NS = {"pc": NAMESPACE}
COORDS = '<Coords points="0,0 9,0 9,9 0,9"/>'
SQUARE = np.array([(1, 2), (5, 2), (5, 8), (1, 8)], dtype=np.float32)


def element(text: str) -> etree._Element:
    return xml.parse(text.replace(" ", f' xmlns="{NAMESPACE}" ', 1).encode())


def line(inside: str = COORDS, attributes: str = 'id="l"') -> TextLine:
    return TextLine(element(f"<TextLine {attributes}>{inside}</TextLine>"))


def word(inside: str = COORDS) -> Word:
    return Word(element(f'<Word id="w">{inside}</Word>'))


def glyph(inside: str = COORDS) -> Glyph:
    return Glyph(element(f'<Glyph id="g">{inside}</Glyph>'))


def region(inside: str, attributes: str = 'id="r"') -> TextRegion:
    return TextRegion(element(f"<TextRegion {attributes}>{inside}</TextRegion>"))


def names(parent: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in parent]


def readings(parent: etree._Element) -> list[tuple[str | None, str | None, str | None]]:
    return [
        (e.get("index"), e.get("conf"), e.findtext("pc:Unicode", namespaces=NS))
        for e in parent.iterfind("pc:TextEquiv", NS)
    ]


def test_words_and_glyphs_are_those_of_the_segment_in_document_order() -> None:
    inner = f'<Glyph id="{{}}1">{COORDS}</Glyph><Glyph id="{{}}2">{COORDS}</Glyph>'
    words = "".join(f'<Word id="{i}">{COORDS}{inner.format(i, i)}</Word>' for i in "vw")
    found = line(COORDS + words).words
    assert [w.id for w in found] == ["v", "w"]
    assert [[g.id for g in w.glyphs] for w in found] == [["v1", "v2"], ["w1", "w2"]]


def test_a_segment_without_words_has_none() -> None:
    assert line().words == []
    assert word().glyphs == []


def test_a_word_goes_behind_the_baseline_and_before_the_text() -> None:
    found = line(f'{COORDS}<Baseline points="0,8 9,8"/><TextEquiv/><TextStyle/>')
    added = found.add_word("new", SQUARE)
    assert names(found.element) == ["Coords", "Baseline", "Word", "TextEquiv", "TextStyle"]
    assert (added.id, added.polygon.tolist()) == ("new", SQUARE.tolist())


def test_words_come_one_after_the_other() -> None:
    found = line(f"{COORDS}<TextEquiv/>")
    for number in "123":
        found.add_word(f"w{number}", SQUARE)
    assert [w.id for w in found.words] == ["w1", "w2", "w3"]
    assert names(found.element) == ["Coords", "Word", "Word", "Word", "TextEquiv"]


def test_a_glyph_goes_behind_the_outline_and_before_the_text() -> None:
    found = word(f'<AlternativeImage filename="x"/>{COORDS}<TextEquiv/><TextStyle/><Labels/>')
    found.add_glyph("one", SQUARE)
    found.add_glyph("two", SQUARE)
    assert names(found.element) == [
        "AlternativeImage", "Coords", "Glyph", "Glyph", "TextEquiv", "TextStyle", "Labels",
    ]  # fmt: skip
    assert [g.id for g in found.glyphs] == ["one", "two"]


def test_new_words_and_glyphs_have_no_confidence_of_their_outline() -> None:
    found = word()
    added = found.add_glyph("g", SQUARE)
    assert dict(added.element[0].attrib) == {"points": "1,2 5,2 5,8 1,8"}


def test_text_of_a_word_goes_behind_its_glyphs() -> None:
    found = word(f'{COORDS}<Glyph id="g">{COORDS}</Glyph><TextStyle/><UserDefined/>')
    found.set_text("a", 0.5)
    assert names(found.element) == ["Coords", "Glyph", "TextEquiv", "TextStyle", "UserDefined"]


def test_text_of_a_glyph_goes_behind_its_graphemes() -> None:
    found = glyph(f"{COORDS}<Graphemes/><TextStyle/>")
    found.set_text("a")
    assert names(found.element) == ["Coords", "Graphemes", "TextEquiv", "TextStyle"]


def test_alternatives_are_numbered_after_the_best_reading() -> None:
    found = glyph(f'{COORDS}<TextEquiv index="7"><Unicode>old</Unicode></TextEquiv>')
    found.set_text("a", 0.5, [("o", 0.25), ("\x07e", 1.5)])
    assert readings(found.element) == [("0", "0.5", "a"), ("1", "0.25", "o"), ("2", "1.0", "e")]
    assert (found.text, found.confidence) == ("a", 0.5)


def test_a_single_reading_has_no_number() -> None:
    found = glyph()
    found.set_text("a", 0.5)
    assert readings(found.element) == [(None, "0.5", "a")]


def test_removing_text_removes_all_readings() -> None:
    found = glyph()
    found.set_text("a", 0.5, [("o", 0.25)])
    found.remove_text()
    assert names(found.element) == ["Coords"]
    assert found.text is None


def test_removing_words_leaves_all_else() -> None:
    inside = f'{COORDS}<Baseline points="0,8 9,8"/><Word id="w">{COORDS}</Word><TextEquiv/>'
    found = line(inside)
    found.remove_words()
    assert names(found.element) == ["Coords", "Baseline", "TextEquiv"]


def test_a_baseline_is_a_list_of_points() -> None:
    assert line(f'{COORDS}<Baseline points="0,8 5,7 9,8"/>').baseline.tolist() == [
        [0, 8], [5, 7], [9, 8],
    ]  # fmt: skip


@pytest.mark.parametrize("inside", ["", '<Baseline points=""/>', "<Baseline/>"])
def test_a_line_without_a_baseline_has_one_without_points(inside: str) -> None:
    assert line(COORDS + inside).baseline.shape == (0, 2)


def test_a_new_outline_replaces_the_old_one_and_its_images() -> None:
    found = line(f'<AlternativeImage filename="x"/>{COORDS}<Baseline points="0,8 9,8"/>')
    found.set_polygon(SQUARE)
    assert names(found.element) == ["Coords", "Baseline"]
    assert found.polygon.tolist() == SQUARE.tolist()


def test_a_line_without_an_outline_gets_one_in_its_place() -> None:
    found = line('<Baseline points="0,8 9,8"/><TextEquiv/>')
    found.set_polygon(SQUARE)
    assert names(found.element) == ["Coords", "Baseline", "TextEquiv"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('id="l"', False),
        ('id="l" readingDirection="left-to-right"', False),
        ('id="l" readingDirection="right-to-left"', True),
    ],
)
def test_the_reading_direction_is_that_of_the_line(attributes: str, expected: bool) -> None:
    assert line(COORDS, attributes).right_to_left is expected


def test_lines_from_bottom_to_top_are_read_in_the_opposite_order() -> None:
    lines = f'<TextLine id="a">{COORDS}</TextLine><TextLine id="b">{COORDS}</TextLine>'
    upwards = region(COORDS + lines, 'id="r" textLineOrder="bottom-to-top"')
    assert [found.id for found in upwards.lines_in_reading_order] == ["b", "a"]
    assert [found.id for found in region(COORDS + lines).lines_in_reading_order] == ["a", "b"]


def test_regions_inside_of_each_other_know_how_deep_they_are() -> None:
    cell = f'<TableRegion id="t">{COORDS}<TextRegion id="cell">{COORDS}</TextRegion></TableRegion>'
    outer = region(f'{COORDS}<TextRegion id="inner">{COORDS}{cell}</TextRegion>')
    inner, innermost = (TextRegion(e) for e in outer.element.iterfind(".//pc:TextRegion", NS))
    assert [(r.id, r.depth, r.parent_id) for r in (outer, inner, innermost)] == [
        ("r", 0, ""), ("inner", 1, "r"), ("cell", 2, "inner"),
    ]  # fmt: skip

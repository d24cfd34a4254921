# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-recognize`` on all levels: text, places, and that they agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyclipper
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lettered_lines import Scripted, extent_of, outline_of, paint_line, recognize, rotated
from numpy.typing import NDArray
from painted_pages import NS, blank_page, line, region, run, task

from ocrd_rapid.ocr.recognition.calibration import word_right
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.line_model import LineHead
from ocrd_rapid.ocr.recognition.logical_lines import in_logical_order
from ocrd_rapid.ocr.recognition.visual_order import to_visual
from ocrd_rapid.processors.recognize import RecognizeProcessor
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import text_findings
from ocrd_rapid.workspace.segments import TextLine, TextSegment
from ocrd_rapid.workspace.xml import clean_text

TEXT, X, Y = "ab cde f", 40, 60
EVERYWHERE = "0,0 299,0 299,399 0,399"
LEVELS = ("region", "line", "word", "glyph")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def given_page(folder: Path, text: str = TEXT, rest: str = "", attributes: str = "") -> OpenPage:
    page = blank_page()
    paint_line(page, text, X, Y)
    given = line("l", outline_of(text, X, Y), rest)
    return task(folder, page, region("r", EVERYWHERE, given, attributes=attributes))


def only_line(document: PageDocument) -> TextLine:
    (found,) = document.text_regions()
    (result,) = found.lines
    return result


def bounds(segment: TextSegment) -> list[float]:
    low, high = segment.polygon.min(axis=0), segment.polygon.max(axis=0)
    return [float(low[0]), float(low[1]), float(high[0]), float(high[1])]


# Heads


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        ("blackletter", "ſo", "Fraktur:0.97"),
        ("base", "so", "Antiqua:0.97"),
        ("base", "中", None),
        ("unnamed", "so", None),
    ],
)
def test_the_choice_of_a_head_is_recorded(
    folder: Path, head: str, text: str, expected: str | None
) -> None:
    characters = tuple(RecognizedCharacter(c, 0.9, 0.5) for c in text)
    reading = RecognizedLine(text, 0.9, characters, head, 0.967)
    heads = (LineHead("base", ()), LineHead("blackletter", (), "Fraktur"), LineHead("unnamed", ()))
    style = '<TextStyle fontSize="9"/>'
    given = given_page(folder, rest=style)
    processor = replace(recognize(), recognizer=Scripted(reading, heads=heads))
    found = only_line(run(given, processor)).element.findall("pc:TextStyle", NS)
    assert [(s.get("fontFamily"), s.get("fontSize")) for s in found] == [(expected, "9")]


def test_nothing_is_said_of_types_where_there_was_no_choice(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize()))
    assert found.element.find("pc:TextStyle", NS) is None


# Text


def test_words_are_what_stands_between_blanks(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("word")))
    assert found.text == TEXT
    assert [(w.id, w.text) for w in found.words] == [
        ("l_word0001", "ab"), ("l_word0002", "cde"), ("l_word0003", "f"),
    ]  # fmt: skip
    # The blank beside a word has to be right, too; it is certain here.
    expected = [word_right([0.75] * n, [0.0] * n) for n in (2, 3, 1)]
    assert [w.confidence for w in found.words] == pytest.approx(expected)
    assert [w.glyphs for w in found.words] == [[], [], []]


def test_glyphs_are_the_characters_of_words(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("glyph")))
    assert [[g.text for g in w.glyphs] for w in found.words] == [["a", "b"], [*"cde"], ["f"]]
    assert [g.id for g in found.words[1].glyphs] == [
        "l_word0002_glyph0001", "l_word0002_glyph0002", "l_word0002_glyph0003",
    ]  # fmt: skip
    assert [g.confidence for g in found.words[0].glyphs] == pytest.approx([0.75, 0.75])


def test_no_words_are_made_for_lines(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("line")))
    assert (found.text, found.words) == (TEXT, [])


def test_only_the_region_has_text_on_its_level(folder: Path) -> None:
    old = f'<Word id="w"><Coords points="{outline_of("a", X, Y)}"/></Word>'
    document = run(given_page(folder, rest=old), recognize("region"))
    assert document.text_regions()[0].text == TEXT
    assert (only_line(document).text, only_line(document).words) == (None, [])


# Places


def test_words_lie_around_their_ink(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("word")))
    for word, (first, last) in zip(found.words, [(0, 1), (3, 5), (7, 7)], strict=True):
        left, right = extent_of(TEXT, first, last, X)
        assert bounds(word) == pytest.approx([left, Y, right, Y + 48], abs=1)


def test_glyphs_lie_around_their_ink(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("glyph")))
    for number, glyph in enumerate(found.words[1].glyphs, start=3):
        left, right = extent_of(TEXT, number, number, X)
        begin, _, end, _ = bounds(glyph)
        # They part anywhere in the gap, 12 pixels wide, between their ink.
        assert left - 12 <= begin <= left + 1
        assert right - 1 <= end <= right + 12


@pytest.mark.parametrize(
    ("level", "degrees"),
    [("page", d) for d in (0, 90, 180, -90, 3, -7, 93)] + [("region", d) for d in (90, 180, -90)],
)
def test_places_are_those_of_the_original_image(folder: Path, degrees: int, level: str) -> None:
    page = blank_page()
    paint_line(page, TEXT, X, Y)
    turned, matrix = rotated(page, -degrees)

    def moved(left: float, right: float) -> NDArray[np.float64]:
        corners = [(left, Y, 1), (right, Y, 1), (right, Y + 48, 1), (left, Y + 48, 1)]
        return np.asarray(np.array(corners) @ matrix.T)

    outline = " ".join(f"{x},{y}" for x, y in np.rint(moved(X, X + 24 * len(TEXT))).astype(int))
    attribute = f'orientation="{degrees}"'
    inside = region("r", outline, line("l", outline), attributes=attribute * (level == "region"))
    given = task(folder, turned, inside, attribute * (level == "page"))
    found = only_line(run(given, recognize("glyph")))
    assert [w.text for w in found.words] == TEXT.split()
    for word, (first, last) in zip(found.words, [(0, 1), (3, 5), (7, 7)], strict=True):
        expected = moved(*extent_of(TEXT, first, last, X))
        assert bounds(word) == pytest.approx([*expected.min(axis=0), *expected.max(axis=0)], abs=3)
    for number, glyph in enumerate(found.words[1].glyphs, start=3):
        left, top, right, bottom = bounds(glyph)
        expected = moved(*extent_of(TEXT, number, number, X)).mean(axis=0)
        assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx(expected, abs=7)


# What was there before


def old_words(text: str = "old") -> str:
    equiv = f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>"
    return f'<Word id="l_word0001"><Coords points="{outline_of("a", X, Y)}"/>{equiv}</Word>{equiv}'


@pytest.mark.parametrize("level", LEVELS[1:])
def test_old_words_make_way_for_new_text(folder: Path, level: str) -> None:
    found = only_line(run(given_page(folder, rest=old_words()), recognize(level)))
    assert found.text == TEXT
    assert [w.text for w in found.words] == (TEXT.split() if level != "line" else [])


def test_reading_again_gives_the_same_ids(folder: Path) -> None:
    once = run(given_page(folder), recognize("glyph"))
    twice = run(given_page(folder), recognize("glyph"), recognize("glyph"))
    assert twice.to_bytes() == once.to_bytes()


@pytest.mark.parametrize("level", LEVELS[1:])
def test_words_of_lines_that_are_not_read_stay(folder: Path, level: str) -> None:
    given = given_page(folder, rest=old_words())
    found = only_line(run(given, recognize(level, overwrite=False)))
    assert (found.text, [w.text for w in found.words]) == ("old", ["old"])


@pytest.mark.parametrize("empty", ["", "<TextEquiv><Unicode/></TextEquiv>"])
def test_text_that_is_in_words_only_stays_and_goes_up(folder: Path, empty: str) -> None:
    words = old_words()[: -len("<TextEquiv><Unicode>old</Unicode></TextEquiv>")] + empty
    document = run(given_page(folder, rest=words), recognize("line", overwrite=False))
    found = only_line(document)
    assert (found.text, [w.text for w in found.words]) == ("old", ["old"])
    assert document.text_regions()[0].text == "old"


def test_an_id_that_is_taken_is_not_used_again(folder: Path) -> None:
    page = blank_page()
    paint_line(page, "ab", X, Y)
    taken = region("l_word0001", EVERYWHERE, line("l", outline_of("ab", X, Y)))
    found = only_line(run(task(folder, page, taken), recognize("word")))
    assert [w.id for w in found.words] == ["l_word0001_1"]


def test_a_line_below_the_confidence_has_no_words(folder: Path) -> None:
    given = given_page(folder, rest=old_words())
    found = only_line(run(given, recognize("word", min_confidence=0.9)))
    assert (found.text, found.words) == ("", [])
    assert found.confidence == pytest.approx(0.8125)  # the blanks are certain


# Alternatives


def readings(segment: TextSegment) -> list[tuple[str | None, str | None]]:
    equivs = segment.element.iterfind("pc:TextEquiv", NS)
    return [(e.get("index"), e.findtext("pc:Unicode", namespaces=NS)) for e in equivs]


def test_glyphs_have_as_many_alternatives_as_wanted(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("glyph", alternatives=1)))
    assert readings(found.words[0].glyphs[1]) == [("0", "b"), ("1", "c")]
    assert readings(found.words[0]) == [(None, "ab")]
    assert readings(found) == [(None, TEXT)]


def test_without_alternatives_readings_are_not_numbered(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("glyph")))
    assert readings(found.words[0].glyphs[1]) == [(None, "b")]


def test_alternatives_are_of_glyphs_alone(folder: Path) -> None:
    found = only_line(run(given_page(folder), recognize("word", alternatives=3)))
    assert readings(found.words[0]) == [(None, "ab")]


# Directions


def from_right_to_left(text: str) -> RecognizedLine:
    """Return a line as the recognizer gives it, its signs at equal distances from left to right."""
    visual = to_visual(text)
    places = np.linspace(0.05, 0.95, len(visual))
    others = {"(": (("[", 0.2),)}
    characters = tuple(
        RecognizedCharacter(c, 0.5, float(p), others.get(c, ()))
        for c, p in zip(visual, places, strict=True)
    )
    return in_logical_order(RecognizedLine(visual, 0.5, characters))


def test_words_from_right_to_left_have_the_order_of_the_text(folder: Path) -> None:
    text = "אבג Ab 12 (דה)"
    reader = replace(
        recognize("glyph", alternatives=1), recognizer=Scripted(from_right_to_left(text))
    )
    document = run(given_page(folder), reader)
    found = only_line(document)
    assert found.text == text
    assert [(w.id, w.text) for w in found.words] == [
        ("l_word0001", "אבג"), ("l_word0002", "Ab"), ("l_word0003", "12"), ("l_word0004", "(דה)"),
    ]  # fmt: skip
    assert document.text_regions()[0].element.get("readingDirection") == "right-to-left"
    assert list(text_findings(document, "page", strict=True)) == []
    # On the page, the Latin word and its number are from left to right.
    lefts = [bounds(word)[0] for word in found.words]
    assert lefts[3] < lefts[1] < lefts[2] < lefts[0]
    glyphs = found.words[3].glyphs
    assert [g.text for g in glyphs] == [*"(דה)"]
    # The last, as printed the first, is a mirrored bracket, and so is what else it may be.
    assert [bounds(g)[0] for g in glyphs] == sorted((bounds(g)[0] for g in glyphs), reverse=True)
    assert [text for text, _ in glyphs[-1].readings] == [")", "]"]


def test_the_direction_in_the_page_is_that_of_the_text_read(folder: Path) -> None:
    given = given_page(folder, attributes='readingDirection="right-to-left"')
    only_line(given.document).set_right_to_left(True)
    document = run(given, recognize("word"))
    found = only_line(document)
    assert not found.right_to_left
    assert [w.text for w in found.words] == TEXT.split()
    assert document.text_regions()[0].element.get("readingDirection") is None


# Anything that is read, on any outline


def processor(level: str, *lines: RecognizedLine) -> RecognizeProcessor:
    return replace(recognize(level), recognizer=Scripted(*lines))  # type: ignore[arg-type]


def read(*texts: str) -> RecognizedLine:
    places = np.linspace(0.05, 0.95, len(texts))
    characters = tuple(
        RecognizedCharacter(t, 0.5, float(p)) for t, p in zip(texts, places, strict=True)
    )
    return RecognizedLine("".join(texts), 0.5, characters)


@pytest.mark.parametrize("level", LEVELS[1:])
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a", "\u00a0", "b"], "a b"),
        (["a", " ", "\u3000", "b"], "a b"),
        (["a", "\x07", "b"], "ab"),
        (["a", " ", "\x1b", " ", "b"], "a b"),
        (["漢", "字"], "漢字"),
        (["\x00"], ""),
    ],
)
def test_white_space_and_control_characters_are_the_same_on_all_levels(
    folder: Path, level: str, texts: list[str], expected: str
) -> None:
    document = run(given_page(folder), processor(level, read(*texts)))
    found = only_line(document)
    assert (found.text, document.text_regions()[0].text) == (expected, expected)
    assert [w.text for w in found.words] == (expected.split() if level != "line" else [])


def check_agreement(document: PageDocument) -> None:
    """Check what core's validator does: text joined, outlines inside of each other."""
    for found in document.text_regions():
        if found.lines:
            assert found.text == "\n".join(x.text or "" for x in found.lines).strip()
        for inner in found.lines:
            assert inner.text == " ".join(w.text or "" for w in inner.words)
            for word in inner.words:
                check_inside(word, inner)
                assert word.text == "".join(g.text or "" for g in word.glyphs)
                for glyph in word.glyphs:
                    check_inside(glyph, word)
    identifiers = [e.get("id") for e in document.root.iter() if e.get("id")]
    assert len({*identifiers}) == len(identifiers)


def check_inside(child: TextSegment, parent: TextSegment) -> None:
    """Check that an outline has four corners and an area, and is inside of its parent's."""
    assert len(child.polygon) >= 4
    fine = 1000  # clipper counts in integers
    inner, outer = ((fine * s.polygon).astype(int).tolist() for s in (child, parent))
    assert pyclipper.Area(inner) != 0
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(outer, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    clipper = pyclipper.Pyclipper()
    clipper.AddPath(inner, pyclipper.PT_SUBJECT, True)
    clipper.AddPaths(offset.Execute(1.5 * fine), pyclipper.PT_CLIP, True)
    rest = clipper.Execute(pyclipper.CT_DIFFERENCE, pyclipper.PFT_NONZERO, pyclipper.PFT_NONZERO)
    # The tips of sharp corners are rounded away: half a pixel's area is nothing.
    assert sum(abs(pyclipper.Area(path)) for path in rest) < 0.5 * fine**2


def star(radii: list[float]) -> str:
    """Return an outline about the middle of the page that does not cross itself."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    x = 150 + 140 * np.array(radii) * np.cos(angles)
    y = 200 + 60 * np.array(radii) * np.sin(angles)
    return " ".join(f"{round(a)},{round(b)}" for a, b in zip(x, y, strict=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.floats(0.1, 1), min_size=4, max_size=24),
    st.lists(st.sampled_from(["a", "b", " ", "\u00a0", "ch", "\x07", "é"]), max_size=30),
    st.sampled_from([0, 90, 180, -90, 5]),
)
def test_whatever_is_read_all_levels_agree(
    folder: Path, radii: list[float], texts: list[str], degrees: int
) -> None:
    inside = region("r", EVERYWHERE, line("l", star(radii)))
    given_task = task(folder, blank_page(), inside, f'orientation="{degrees}"')
    document = run(given_task, processor("glyph", read(*texts)))
    check_agreement(document)
    assert only_line(document).text == " ".join(clean_text("".join(texts)).split())

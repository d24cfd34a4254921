# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages in many scripts: what is printed, what the ground truth says, how a reading is judged."""

from __future__ import annotations

import struct
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from lxml import etree
from PIL import Image, features
from typeset_text import FONT_FOLDERS

from ocrd_rapid.evaluation.page_errors import evaluate_page
from ocrd_rapid.evaluation.texts import Line, Page, read_page
from ocrd_rapid.workspace import page_checks
from ocrd_rapid.workspace.page import PageDocument

pytest.importorskip("fontTools")
if not features.check("raqm"):
    pytest.skip("Pillow is built without Raqm", allow_module_level=True)

import script_lines
import script_pages
import script_quality
import script_sentences
from fontTools.ttLib import TTFont
from script_fonts import Face, read_faces
from script_lines import Chunk, ScriptType
from typeset_sheet import Frame, Region, Sheet

NAMES = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}
#: Has Latin, Cyrillic, Greek, Hebrew and Arabic letters.
FONT = "DejaVuSans.ttf"
TEXTS = {
    "deu": ["Die Wörter stehen in Reihen beieinander.", "Das Zeitwort folgt später am Ende."],
    "rus": ["Длинное предложение о погоде и книгах.", "Второе предложение короче первого."],
    "ita": ["La frase italiana parla di libri antichi.", "Una seconda frase è più corta."],
    "grc": ["Ἐν ἀρχῇ ἦν ὁ λόγος καὶ ὁ λόγος ἦν πρὸς τὸν θεόν."],
    "eng": ["The gloss of an entry has some words, as any gloss."],
    "ara": ["هذا نص عربي طويل عن الكتب القديمة", "استخدم برنامج GIMP في سنة 1998 لهذا الغرض"],
    "heb": ["זהו משפט ארוך על ספרים ישנים ועל מזג האוויר", "משפט שני קצר יותר מן הראשון"],
}


@cache
def face() -> Face:
    """Return the font of the tests, or skip them."""
    file = next((file for folder in FONT_FOLDERS for file in folder.rglob(FONT)), None)
    found = read_faces(file.parent) if file else []
    fitting = [face for face in found if file and face.path.name == FONT]
    if not fitting:
        pytest.skip(f"{FONT} is not in {' or '.join(map(str, FONT_FOLDERS))}")
    return fitting[0]


def library() -> script_pages.Library:
    writings = ("latin", "cyrillic", "greek", "arabic", "hebrew")
    return script_pages.Library(Path(), (), dict(TEXTS), {name: [[face()]] for name in writings})


def read(scan: Path) -> tuple[PageDocument, list[etree._Element]]:
    path = scan.with_suffix(".page.xml")
    document = PageDocument.read(path)
    assert [*page_checks.schema_findings(document, path.read_bytes(), "page")] == []
    return document, etree.parse(path).getroot().findall(".//p:TextLine", NAMES)


def text_of(line: etree._Element) -> str:
    return str(line.findtext("p:TextEquiv/p:Unicode", namespaces=NAMES))


@pytest.mark.parametrize(("language", "script"), [
    ("rus", "Cyrl"), ("grc", "Grek"), ("ara", "Arab"), ("heb", "Hebr"),
])  # fmt: skip
def test_truth_of_a_page_has_the_ink_the_text_the_script_and_the_direction(
    language: str, script: str, tmp_path: Path
) -> None:
    scan = script_pages.make_page(tmp_path, language, 0, library())
    document, lines = read(scan)
    ink = cv2.imread(str(scan), cv2.IMREAD_GRAYSCALE) < 120
    assert ink.shape == (document.height, document.width)
    total = ink.sum()
    for region in document.text_regions():
        for line in region.lines:
            (left, top), (right, bottom) = np.min(line.polygon, 0), np.max(line.polygon, 0)
            box = np.s_[int(top) - 1 : int(bottom) + 2, int(left) - 1 : int(right) + 2]
            assert ink[box].any()
            ink[box] = False
    assert ink.sum() < 0.001 * total
    direction = "left-to-right" if language in ("rus", "grc") else "right-to-left"
    assert {line.get("readingDirection") for line in lines} == {direction}
    assert {str(line.get("primaryScript")).split()[0] for line in lines} == {script}
    # The words are those of the sentences in their order, which begins anywhere.
    words = " ".join(map(text_of, lines[1:])).split()
    endless = " ".join(TEXTS[language] * 40)
    assert len(words) > 100
    assert " ".join(words[:60]) in endless


def test_justified_lines_reach_both_edges_and_others_begin_at_theirs(tmp_path: Path) -> None:
    for language, seed in (("rus", 0), ("heb", 0), ("heb", 1)):
        sheet = Sheet(800, 2000, 150, np.random.default_rng(0))
        region = Region("paragraph")
        kind = ScriptType("Hebr" if language == "heb" else "Cyrl", face(), face(), 26,
                          right_to_left=language == "heb")  # fmt: skip
        frame = Frame(60, 60, 740, 1900)
        text = " ".join(TEXTS[language] * 4)
        script_lines.fill(sheet, region, text, kind, frame, justified=seed == 0)
        inner = region.lines[:-1]
        assert len(inner) > 3
        lefts, rights = [line.box[0] for line in inner], [line.box[2] for line in inner]
        begins, ends = (rights, lefts) if language == "heb" else (lefts, rights)
        edge, other = (740, 60) if language == "heb" else (60, 740)
        assert max(abs(x - edge) for x in begins) < 6
        if seed == 0:
            assert max(abs(x - other) for x in ends) < 6
        else:
            assert max(abs(x - other) for x in ends) > 20


def test_latin_word_in_a_line_from_right_to_left_stands_where_unicode_puts_it() -> None:
    sheet = Sheet(900, 200, 150, np.random.default_rng(0))
    kind = ScriptType("Hebr", face(), face(), 40, right_to_left=True)
    region = Region("paragraph")
    script_lines.fill(sheet, region, "ספר abc", kind, Frame(40, 40, 860, 180), justified=True)
    alone = Sheet(900, 200, 150, np.random.default_rng(0))
    left, _, right, _ = alone.ink("abc", 40, 100, face().at(40), "ltr")
    printed, expected = (np.asarray(each._image) < 128 for each in (sheet, alone))
    first = int(np.flatnonzero(printed.any(0))[0])
    width = int(right - left) - 2
    rows = [np.flatnonzero(each.any(1)) for each in (printed, expected)]
    start = int(np.flatnonzero(expected.any(0))[0])
    # Both have the same baseline, and b is as high as anything else.
    shift = int(rows[0][0]) - int(rows[1][0])
    word = np.roll(expected, (shift, first - start), (0, 1))
    same = (word == printed)[:, first : first + width]
    assert same.mean() > 0.98
    assert set(region.lines[0].scripts) == {"Hebr", "Latn"}


@pytest.mark.parametrize(
    "kind",
    [
        "grammar-deu-rus",
        "vocabulary-rus-deu",
        "brackets-rus-eng",
        "numbers-heb",
        "quotation-ita-grc",
        "newspaper-ara",
    ],
)
def test_mixed_pages_have_several_scripts_in_a_line(kind: str, tmp_path: Path) -> None:
    _, lines = read(script_pages.make_page(tmp_path, kind, 1, library()))
    found = [script_lines.scripts_of(text_of(line)) for line in lines]
    assert sum(len(scripts) > 1 for scripts in found) >= 3
    assert {str(line.get("secondaryScript")).split()[0] for line in lines} >= {"Latn"} or (
        {str(line.get("primaryScript")).split()[0] for line in lines} >= {"Latn"}
    )


def test_columns_of_a_page_from_right_to_left_begin_at_the_right(tmp_path: Path) -> None:
    document, _ = read(script_pages.make_page(tmp_path, "newspaper-ara", 0, library()))
    middles = [float(np.mean(region.polygon[:, 0])) for region in document.text_regions()[1:]]
    half = document.width / 2
    turn = next(i for i, x in enumerate(middles) if x < half)
    assert turn > 0
    assert all(x > half for x in middles[:turn])
    assert all(x < half for x in middles[turn:])


def test_pages_are_the_same_every_time(tmp_path: Path) -> None:
    one, other, worn = (
        script_pages.make_page(tmp_path / folder, "rus", seed, library())
        for folder, seed in (("a", 0), ("b", 0), ("a", 1))
    )
    for suffix in (".png", ".page.xml"):
        assert one.with_suffix(suffix).read_bytes() == other.with_suffix(suffix).read_bytes()
    with Image.open(one) as clean, Image.open(worn) as scan:
        assert [round(image.info["dpi"][0]) for image in (clean, scan)] == [300, 200]


def test_fonts_with_capitals_for_small_letters_are_not_judged_by(tmp_path: Path) -> None:
    assert script_pages.has_small_letters(face())
    font = TTFont(face().path)
    for table in font["cmap"].tables:
        table.cmap |= {code + 32: name for code, name in table.cmap.items() if 65 <= code <= 90}
    font.save(tmp_path / "capitals.ttf")
    assert not script_pages.has_small_letters(replace(face(), path=tmp_path / "capitals.ttf"))


@pytest.mark.parametrize(("text", "code", "expected"), [
    ("два слова", "Cyrl", ["два", "слова"]),
    ("中文，很好。", "Hani", ["中", "文，", "很", "好。"]),
    ("เก็บไว้", "Thai", ["เก็", "บ", "ไว้"]),
    ("ខ្មែរ", "Khmr", ["ខ្មែ", "រ"]),
    ("བོད་ཡིག", "Tibt", ["བོད་", "ཡིག"]),
])  # fmt: skip
def test_lines_break_where_the_script_allows(text: str, code: str, expected: list[str]) -> None:
    found = script_lines.chunks(text, code)
    assert [chunk.text for chunk in found] == expected
    assert script_lines.joined(found) == text
    assert found[0] == Chunk(expected[0], True)


def catalogue(path: Path, *messages: str) -> None:
    """Write messages as a compiled catalogue of GNU gettext, after its empty first one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [b"", *(message.encode() for message in messages)]
    table, start = b"", 28 + 16 * len(texts)
    for text in texts:
        table += struct.pack("<2I", len(text), start)
        start += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
    path.write_bytes(head + table + table + b"".join(text + b"\0" for text in texts))


def test_sentences_are_those_that_no_training_text_has(tmp_path: Path) -> None:
    place = "usr/share/locale/pl/LC_MESSAGES/x.mo"
    good = [f"Zdanie numer {n} jest dość długie i ładne." for n in range(12)]
    learnt = "To zdanie jest także w tekstach do nauki."
    bad = ["Plik %s nie istnieje w tym katalogu", "Это предложение написано кириллицей", "Krótkie"]
    catalogue(tmp_path / "vlc-l10n" / place, *good, learnt, *bad)
    catalogue(tmp_path / "evince-common" / place, learnt)
    judged = script_sentences.LANGUAGES["pol"]
    found = script_sentences.read_sentences(judged, tmp_path)
    assert set(good) <= set(found)
    assert not {learnt, *bad} & set(found)
    # Letters that no sentence has are put into words.
    assert set("".join(found)) >= set(judged.letters + judged.letters.upper())
    assert found == script_sentences.read_sentences(judged, tmp_path)


def test_language_without_translations_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="has no translations into lb/de"):
        script_sentences.read_sentences(script_sentences.LANGUAGES["ltz"], tmp_path)


@pytest.mark.parametrize(("text", "messages", "expected"), [
    ("አማርኛ ጽሑፍ ነው", "", "–"),
    ("h7C '1", "", "missed"),
    ("h7C '1", "note: text in Ethiopic script, which no installed model or head reads", "given"),
    ("h7C '1", "note: text in a script that no installed model reads", "given"),
    ("h7C '1", "note: text in Thai script, which no installed model or head reads", "wrong name"),
    ("አማርኛ ጽሑፍ ነው", "text in Thai script, which no installed model or head reads", "false"),
])  # fmt: skip
def test_warnings_are_judged_by_what_is_read(text: str, messages: str, expected: str) -> None:
    truth = Page((Line("1", "አማርኛ ጽሑፍ ነው"),))
    result = evaluate_page("p", truth, Page((Line("1", text),)))
    reading = script_quality.Reading((result,), messages, 1.0)
    assert script_quality.warning(reading, "Ethi") == expected
    assert reading.script_share == (text[0] == "አ")


def test_reading_of_the_truth_has_no_error(tmp_path: Path) -> None:
    scan = script_pages.make_page(tmp_path, "heb", 1, library())
    page = read_page(scan.with_suffix(".page.xml"))
    reading = script_quality.Reading((evaluate_page("p", page, page),), "", 1.0)
    assert (reading.page_error, reading.line_error, reading.script_share) == (0, 0, 1)
    assert script_quality.warning(reading, "Hebr") == "–"


@pytest.mark.models
def test_ocr_is_judged_by_what_it_writes_and_says(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_pages, "_HEIGHT", 160)
    scans = [script_pages.make_page(tmp_path, "deu", seed, library()) for seed in (0, 1)]
    command = Path(sys.executable).with_name("ocrd-rapid")
    reading = script_quality.read_with_ocr(scans, command, tmp_path / "out")
    assert [result.page for result in reading.results] == ["deu-0", "deu-1"]
    assert 0 <= reading.line_error < 0.05
    assert reading.script_share == 1
    assert script_quality.warning(reading, "Latn") == "–"

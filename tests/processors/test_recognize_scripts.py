# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The scripts of lines and words in PAGE-XML, and what is said of those that nothing reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from lettered_lines import Scripted, recognize
from painted_pages import blank_page, line, region, run, task

from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from ocrd_rapid.processors.recognize import RecognizeProcessor
from ocrd_rapid.runtime.processor import OpenPage


def read(text: str, *runs: ScriptRun) -> RecognizedLine:
    places = np.linspace(0.05, 0.95, len(text))
    characters = tuple(
        RecognizedCharacter(c, 0.9, float(p)) for c, p in zip(text, places, strict=True)
    )
    return RecognizedLine(text, 0.9, characters, runs=runs)


LATIN = ScriptRun("Latn", 0.0, 0.55, 40)
CYRILLIC = ScriptRun("Cyrl", 0.6, 1.0, 20)
ETHIOPIC = ScriptRun("Ethi", 0.0, 1.0, 60, 0.99, is_read=False)


def two_lines(folder: Path) -> OpenPage:
    places = ["20,20 280,20 280,60 20,60", "20,80 280,80 280,120 20,120"]
    lines = [line(f"l{i}", points) for i, points in enumerate(places)]
    return task(folder, blank_page(), region("r", "20,20 280,20 280,120 20,120", *lines))


def processor(*lines: RecognizedLine, level: str = "line") -> RecognizeProcessor:
    return replace(recognize(level), recognizer=Scripted(*lines))  # type: ignore[arg-type]


def test_regions_lines_and_words_have_their_scripts(tmp_path: Path) -> None:
    lines = read("ein buch слово", LATIN, CYRILLIC), read("ja ja", replace(LATIN, end=1.0))
    document = run(two_lines(tmp_path), processor(*lines, level="word"))
    [found] = document.text_regions()
    both = {"primaryScript": "Latn - Latin", "secondaryScript": "Cyrl - Cyrillic"}
    for element in (found.element, found.lines[0].element):
        assert {name: element.get(name) for name in both} == both
    assert found.lines[1].element.get("primaryScript") == "Latn - Latin"
    assert found.lines[1].element.get("secondaryScript") is None
    # A word says so only if it differs from its line.
    assert [word.element.get("primaryScript") for word in found.lines[0].words] == [
        None,
        None,
        "Cyrl - Cyrillic",
    ]
    page = page_from(document)
    assert page.regions[0].scripts == ("Latn", "Cyrl")
    assert [each.scripts for each in page.lines] == [("Latn", "Cyrl"), ("Latn",)]
    assert [word.script for word in next(page.lines).words] == ["", "", "Cyrl"]


def test_old_scripts_are_removed_where_none_is_known(tmp_path: Path) -> None:
    given = two_lines(tmp_path)
    document = run(given, processor(read("слово", CYRILLIC), read("ja", LATIN)))
    document = run(given, processor(read("1"), read("2")))
    [found] = document.text_regions()
    for element in (found.element, *(each.element for each in found.lines)):
        assert element.get("primaryScript") is None


def test_a_script_that_nothing_reads_is_a_remark_on_the_page(tmp_path: Path) -> None:
    page = two_lines(tmp_path)
    processor(read("xxx", ETHIOPIC), read("ja", LATIN)).process(page)
    [remark] = page.remarks
    assert remark.what == "have text in Ethiopic script, which no installed model or head reads"
    assert "resmgr list-available --language amh" in remark.then
    assert remark.of_text


def test_nothing_is_said_of_what_is_read(tmp_path: Path) -> None:
    page = two_lines(tmp_path)
    processor(read("слово", CYRILLIC), read("ja", LATIN)).process(page)
    assert page.remarks == []

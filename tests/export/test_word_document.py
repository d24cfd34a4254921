# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""DOCX, as python-docx and LibreOffice read it."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from read_pages import BOOK, cell, page, region, text_in, written

from ocrd_rapid.errors import MissingExtraError
from ocrd_rapid.export.line_joining import clean
from ocrd_rapid.ocr.page_model import ReadDocument, TablePlace

docx = pytest.importorskip("docx", reason="python-docx is not installed")


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def texts(book: Any) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in book.paragraphs if p.text]


def test_headings_paragraphs_footnotes_and_captions_have_styles() -> None:
    assert texts(opened(written("docx", BOOK))) == [
        ("Heading 1", "Erstes Buch"),
        ("Heading 2", "1. Kapitel"),
        ("Normal", "Hier ſteht der Anfang *) einer Geſchichte, die uͤber die Seite geht. [Oder?]"),
        ("Footnote Text", "*) Ende 1_2."),
        ("Caption", "Abb. 1"),
        ("Normal", "שלום עולם"),
        ("Heading 3", "Ende #"),
    ]


@settings(max_examples=25)
@given(st.text(), st.text())
@example("a\x00\x0c\ufffe", "<b>&amp;]]>")
def test_any_text_is_kept(paragraph: str, in_cell: str) -> None:
    book = opened(written("docx", [page(region(None, paragraph), cell(in_cell, 0, 0))]))
    cells = [c.text for table in book.tables for c in table._cells]
    assert [t for _, t in texts(book)] == [clean(paragraph)] * bool(clean(paragraph))
    assert cells == [clean(in_cell)] * bool(clean(in_cell))


def test_page_furniture_and_lines_are_kept_on_request() -> None:
    book = opened(written("docx", BOOK, furniture=True, paragraphs=False, modern_spelling=True))
    found = texts(book)
    assert ("Page Furniture", "— 12 —") in found and ("Page Furniture", "Erstes Buch.") in found
    assert ("Normal", "Hier steht der An-\nfang *) einer Ge-\nschichte, die über") in found


def test_tables_are_tables() -> None:
    table, *more = opened(written("docx", BOOK)).tables
    assert more == []
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["Jahr", "fl.|kr.", "fl.|kr."],
        ["1788", "* 5", "30"],
    ]


def test_rows_and_columns_may_be_spanned() -> None:
    wide = cell("a", 0, 0, rows=2, columns=2)
    spanned = page(wide, cell("b", 0, 2), cell("c", 1, 2), cell("d", 2, 1))
    (table,) = opened(written("docx", [spanned])).tables
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["a", "a", "b"],
        ["a", "a", "c"],
        ["", "d", ""],
    ]


def test_a_page_begins_with_a_page_break_but_none_for_empty_pages() -> None:
    pages = [
        page(),
        page(region("heading", "A"), region("paragraph", "b."), number=2),
        page(number=3),
        page(cell("c", 0, 0), region("paragraph", "D."), number=4),
    ]
    found = opened(written("docx", pages))
    breaks = [p.paragraph_format.page_break_before for p in found.paragraphs]
    assert breaks == [None, None, True, None, None]
    assert [p.text for p in found.paragraphs] == ["A", "b.", "", "", "D."]


def test_two_tables_stay_two() -> None:
    other = replace(cell("b", 0, 0), place=TablePlace("u", 0, 0))
    assert len(opened(written("docx", [page(cell("a", 0, 0), other)])).tables) == 2


def test_text_from_right_to_left_is_set_so() -> None:
    made = written("docx", [page(region(None, "שלום"), cell("ערך", 0, 0), cell("א", 0, 1))])
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        body = parts.read("word/document.xml").decode()
    assert body.count("<w:bidi/>") == body.count("<w:rtl/>") == 3
    assert body.count("<w:bidiVisual") == 1


# What the file says of itself


def test_title_author_language_and_date() -> None:
    document = ReadDocument(
        "scan", title="Die \x07Räuber", author="Schiller", subject="Drama", keywords="a, b",
        languages=("de-Latf",), created="1781-01-02T03:04:05Z",
    )  # fmt: skip
    book = opened(written("docx", BOOK, document, generator="ocrd-rapid <1>"))
    found = book.core_properties
    assert (found.title, found.author, found.subject) == ("Die Räuber", "Schiller", "Drama")
    assert (found.keywords, found.language, found.comments) == ("a, b", "de-Latf", "")
    assert found.created.replace(tzinfo=None) == datetime(1781, 1, 2, 3, 4, 5)
    assert 'w:lang w:val="de-Latf"' in book.styles.element.xml


@pytest.mark.parametrize(
    ("languages", "attribute"),
    [((), ("val", "x-none")), (("he",), ("bidi", "he")), (("zh-Hant",), ("eastAsia", "zh-Hant"))],
)
def test_the_language_is_that_of_the_pages(
    languages: tuple[str, ...], attribute: tuple[str, str]
) -> None:
    made = page(region(None, "a"), languages=languages)
    styles = opened(written("docx", [made])).styles.element
    (language,) = styles.xpath("w:docDefaults//w:lang")
    name, tag = attribute
    assert language.get(docx.oxml.ns.qn(f"w:{name}")) == tag


def test_without_a_title_the_name_is_one_and_nothing_is_left_of_the_template() -> None:
    data = written("docx", BOOK, ReadDocument("Band 1" + "x" * 300), generator="me & you")
    found = opened(data).core_properties
    assert found.title.startswith("Band 1") and len(found.title) == 255
    assert (found.author, found.created, found.modified) == ("", None, None)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = parts.namelist()
        assert b"<Application>me &amp; you</Application>" in parts.read("docProps/app.xml")
        assert (
            b'compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"'
            in (parts.read("word/settings.xml"))
        )
    assert not any("thumbnail" in name or "Effects" in name for name in names)


def test_the_same_pages_give_the_same_file_whatever_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = written("docx", BOOK)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(4e9))
    assert written("docx", BOOK) == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "946684800")
    dated = written("docx", BOOK)
    assert opened(dated).core_properties.modified.year == 2000
    with zipfile.ZipFile(io.BytesIO(dated)) as parts:
        assert {i.date_time for i in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_an_empty_document_is_one() -> None:
    assert opened(written("docx", [page()])).paragraphs == []


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r"ocrd-rapid\[docx\]"):
        written("docx", BOOK)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_shows_the_text_of_markdown(tmp_path: Path) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    (tmp_path / "book.docx").write_bytes(written("docx", BOOK))
    subprocess.run(
        [
            "soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to", "txt:Text (encoded):UTF8", "--outdir", tmp_path, tmp_path / "book.docx",
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    reader = markdown_it.MarkdownIt("commonmark").enable("table")
    shown = [
        "".join(child.content for child in token.children)
        for token in reader.parse(text_in("md", *BOOK))
        if token.type == "inline"
    ]
    found = (tmp_path / "book.txt").read_text("utf-8-sig").split()
    assert found == " ".join(shown).split()

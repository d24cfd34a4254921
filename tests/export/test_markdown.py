# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Markdown, read by a parser of CommonMark that is not ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from read_pages import BOOK, cell, page, region, text_in

from ocrd_rapid.export.line_joining import clean
from ocrd_rapid.ocr.page_model import ReadPage

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")

#: What has a meaning in Markdown, and what it depends on.
MARKUP = st.text(st.sampled_from("\\`*_[]()<>~|$&#;!+-=:.0a1 äא\"'^{}@/"), min_size=1)
#: Lines that any text may have.
LINES = st.lists(st.one_of(st.text(), MARKUP).map(clean).filter(bool), min_size=1, max_size=4)


def tokens(source: str) -> list[Any]:
    reader = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return list(reader.parse(source))


def shown(source: str) -> list[str]:
    """Return the text of each paragraph, heading and cell that a renderer shows."""
    return [
        "".join("\n" if "break" in c.type else c.content for c in token.children if is_text(c))
        for token in tokens(source)
        if token.type == "inline"
    ]


def is_text(token: Any) -> bool:
    assert token.type in ("text", "text_special", "softbreak", "hardbreak", "em_open", "em_close")
    return True


def kinds(source: str) -> list[str]:
    return [token.tag for token in tokens(source) if token.nesting == 1 or token.tag == "hr"]


@given(LINES)
@example(["---"])
@example(["1. a", "2) b", "- c", "+ d", "# e", "> f", "g", "===", "```", "~~~"])
@example(["a", "| - |", ":-", "-", "="])
@example(["[a]: b", "![c](d)", "<b>", "&amp; & &#65; &x", "a\\"])
@pytest.mark.parametrize("kind", ["paragraph", "caption"])
def test_lines_are_shown_as_they_are(kind: str, lines: list[str]) -> None:
    source = text_in("md", page(region(kind, *lines)), paragraphs=False)
    assert shown(source) == ["\n".join(lines)]
    assert kinds(source) == ["p"]


@given(LINES)
@example(["a #"])
@example(["##"])
@example(["\\#"])
def test_headings_are_shown_as_they_are(lines: list[str]) -> None:
    source = text_in("md", page(region("heading", *lines)), paragraphs=False)
    assert shown(source) == [" ".join(lines)]
    assert kinds(source) == ["h1"]


@given(LINES, LINES)
def test_tables_are_shown_as_they_are(head: list[str], body: list[str]) -> None:
    cells = [cell(text, 0, i) for i, text in enumerate(head)]
    cells += [cell(text, 1, i) for i, text in enumerate(body)]
    width = max(len(head), len(body))
    source = text_in("md", page(*cells))
    assert shown(source) == [
        text for row in (head, body) for text in [*row, *[""] * (width - len(row))]
    ]
    assert kinds(source)[0] in ("table", "div")


def test_the_text_that_is_shown_is_that_of_txt() -> None:
    source = text_in("md", *BOOK, furniture=True)
    text = text_in("txt", *BOOK, paragraphs=True)
    assert " ".join(shown(source)).split() == text.split()


def test_lines_and_page_furniture_are_kept_on_request() -> None:
    source = text_in("md", *BOOK, paragraphs=False, furniture=True, modern_spelling=True)
    assert "Hier steht der An-\\\nfang \\*) einer Ge-\\\nschichte, die über\n" in source
    assert "\n— 12 —\n" in source and "\nErstes Buch.\n" in source


def test_a_page_alone_has_no_comment() -> None:
    assert text_in("md", BOOK[1]).startswith("die Seite geht.")
    assert "<!--" not in text_in("md", BOOK[1])


@pytest.mark.parametrize(
    ("label", "comment"),
    [
        ("--> <b>", "<!-- page 2 (b) -->"),
        ("xii", "<!-- page 2 (xii) -->"),
        ("2", "<!-- page 2 -->"),
    ],
)
def test_no_label_ends_the_comment(label: str, comment: str) -> None:
    blank: ReadPage = page(number=2, label=label)
    source = text_in("md", page(region("paragraph", "a")), blank)
    assert shown(source) == ["a"]
    assert source.splitlines()[-1] == comment


def test_a_document_without_text_is_empty() -> None:
    assert text_in("md", page()) == ""

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Markdown: CommonMark with the tables of GitHub Flavored Markdown.

What would be read as markup is escaped, so that the text of the rendered document is that of the
pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..ocr.page_model import ReadDocument, ReadPage
from .cell_grid import TextGrid
from .export_options import ExportOptions, Media
from .text_flow import FlowChoices, FlowPart, FlowText, PageStart, flow

#: Markup within a line: of CommonMark, and of tables, strikethrough and formulas.
_INLINE = re.compile(r"[\\`*_\[<~|$]|&(?=#?\w+;)")

#: Markup at the beginning of a line: quotations, headings, lists, rules, underlines of headings.
_LINE_START = re.compile(r">|#{1,6}(?= |$)|[-+](?= |$)|[-=:](?=[-=: ]*$)")
_NUMBERED = re.compile(r"[0-9]{1,9}(?=[.)](?: |$))")

#: A number sign at the end of a heading, which would be left out.
_HEADING_END = re.compile(r"#$")

_RULE = "---"
_TURNED, _TURNED_END = '<div dir="rtl">', "</div>"

#: What a comment of HTML may hold.
_NOT_IN_COMMENTS = re.compile(r"[^\w ./()\[\]]+")


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document as Markdown.

    Headings have level 1 to 3, footnotes are set off by rules, and a comment says where a page
    begins, if there are several. Text that runs from right to left is in an element of HTML that
    says so.
    """
    choices = FlowChoices.of(options, paragraphs=True, furniture=False)
    before = ""
    for block in _blocks(flow(pages, choices), numbered=document.page_count > 1):
        out.write(f"{before}{block}\n".encode())
        before = "\n"


def _blocks(parts: Iterable[FlowPart], *, numbered: bool) -> Iterator[str]:
    """Yield the blocks of a document, between which there are empty lines."""
    notes = turned = False
    for part in parts:
        if isinstance(part, PageStart):
            if notes:
                yield _RULE
                notes = False
            if numbered:
                yield _comment(part)
            continue
        if part.right_to_left != turned:
            yield _TURNED if part.right_to_left else _TURNED_END
            turned = part.right_to_left
        is_note = isinstance(part, FlowText) and part.kind == "footnote"
        if is_note != notes:
            yield _RULE
            notes = is_note
        yield _table(part) if isinstance(part, TextGrid) else _text(part)
    if turned:
        yield _TURNED_END


def _comment(start: PageStart) -> str:
    printed = _NOT_IN_COMMENTS.sub(" ", start.printed).strip()
    known = f" ({printed})" if printed and printed != str(start.number) else ""
    return f"<!-- page {start.number}{known} -->"


def _text(part: FlowText) -> str:
    if part.kind == "heading":
        text = _HEADING_END.sub(r"\\#", _within_line(" ".join(part.lines)))
        return f"{'#' * part.level} {text}"
    text = "\\\n".join(escaped(line) for line in part.lines)
    return f"*{text}*" if part.kind == "caption" else text


def _table(table: TextGrid) -> str:
    """Return a table, whose first row is its head."""
    rows = [[_within_line(text) for text in row] for row in table.rows]
    rows.insert(1, ["---"] * table.column_count)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def escaped(text: str) -> str:
    """Return a line of text as Markdown that shows it.

    Args:
        text: text in one line, without white space at its ends.
    """
    text = _within_line(text)
    numbered = _NUMBERED.match(text)
    if numbered:
        return f"{numbered[0]}\\{text[numbered.end() :]}"
    return f"\\{text}" if _LINE_START.match(text) else text


def _within_line(text: str) -> str:
    """Return text with markup escaped that does not depend on the beginning of a line."""
    return _INLINE.sub(r"\\\g<0>", text)

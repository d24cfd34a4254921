# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The view to correct as a file: what may be corrected, and where it was read."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import html

from ocrd_rapid.cli import export
from ocrd_rapid.workspace.ground_truth import LineState, set_ground_truth
from ocrd_rapid.workspace.page import PageDocument

from .conftest import LINES, hash_of


def exported(book: Path, *options: str) -> Result:
    arguments = ["-w", str(book), "-o", str(book.parent / "book.html"), *options]
    return CliRunner().invoke(export.command, arguments, standalone_mode=False)


def viewed(book: Path, *options: str) -> html.HtmlElement:
    done = exported(book, "-I", "OCR", *options)
    assert done.exception is None
    return html.document_fromstring((book.parent / "book.html").read_bytes())


def change(book: Path, **attributes: str) -> PageDocument:
    """Return the first page, and write it back when it has these attributes in its region."""
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    region = document.text_regions()[0]
    for name, value in attributes.items():
        region.element.set(name, value)
    path.write_bytes(document.to_bytes())
    return document


def test_pages_say_where_they_were_read(book: Path) -> None:
    root = viewed(book, "--correct")
    [main] = root.xpath("//main")
    assert (main.get("data-group"), main.get("data-document")) == ("OCR", "book")
    sections = root.xpath("//section[@data-sha256]")
    assert [(s.get("data-page-id"), s.get("data-sha256")) for s in sections] == [
        (f"P_{number}", hash_of(book, number)) for number in (1, 2)
    ]
    assert [e.get("data-text") for e in root.xpath("//*[@data-line]")] == [*LINES.values()] * 2
    assert root.xpath("//*[@data-state or @data-turn]") == []


def test_a_view_that_only_shows_has_nothing_of_it(book: Path) -> None:
    root = viewed(book)
    assert root.xpath("//*[@data-text or @data-sha256 or @id='save' or @data-group]") == []
    assert b"localStorage" not in (book.parent / "book.html").read_bytes()


def test_only_scripts_whose_hash_is_known_run(book: Path) -> None:
    root = viewed(book, "--correct")
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    allowed = re.findall(r"script-src ([^;]*);", policy)[0].split()
    source = (book.parent / "book.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    assert allowed == [f"'sha256-{base64.b64encode(d).decode()}'" for d in digests]
    assert len(allowed) == 3 and "connect-src" not in policy and "default-src 'none'" in policy


def test_what_was_corrected_before_and_how_lines_lie(book: Path) -> None:
    document = change(book, orientation="-90")
    set_ground_truth(document.text_regions()[0].lines[1], 'am "Feld" <b>', LineState.CORRECTED)
    (book / "OCR" / "OCR_1.xml").write_bytes(document.to_bytes())
    lines = viewed(book, "--correct").xpath("//section[1]//*[@data-line]")
    assert [line.get("data-turn") for line in lines] == ["270"] * 3
    assert [line.get("data-state") for line in lines] == [None, "corrected", None]
    assert lines[1].get("data-text") == 'am "Feld" <b>'


def test_lines_that_cannot_be_told_apart_are_only_shown(book: Path) -> None:
    path = book / "OCR" / "OCR_1.xml"
    path.write_bytes(path.read_bytes().replace(b'id="l2"', b'id="l1"'))
    lines = viewed(book, "--correct").xpath("//section[1]//*[@data-text]")
    assert [line.get("data-text") for line in lines] == ["::~"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-I", "OCR", "-f", "txt"), "--correct requires the format html"),
        ((), "--correct requires a workspace"),
    ],
)
def test_where_nothing_can_be_corrected(book: Path, options: tuple[str, ...], said: str) -> None:
    files = [] if options else [str(book / "OCR" / "OCR_1.xml")]
    arguments = [*options, "--correct", "-o", str(book.parent / "x.html"), *files]
    if options:
        arguments = ["-w", str(book), *arguments]
    done = CliRunner().invoke(export.command, arguments, standalone_mode=False)
    assert said in str(done.exception)
    assert not (book.parent / "x.html").exists()

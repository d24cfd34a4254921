# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Formats for readers: the whole of a small book (`read_pages.BOOK`), character by character."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from read_pages import BOOK, written

GOLDEN = Path(__file__).parents[1] / "assets" / "flow"


@pytest.mark.parametrize(
    ("name", "golden", "options"),
    [
        ("txt", "lines.txt", {}),
        ("txt", "paragraphs.txt", {"paragraphs": True, "modern_spelling": True}),
        ("txt", "whole-words.txt", {"join_hyphens": True}),
        ("md", "book.md", {}),
        ("md", "all.md", {"furniture": True, "paragraphs": False}),
    ],
)
def test_texts(name: str, golden: str, options: dict[str, Any]) -> None:
    assert written(name, BOOK, **options) == (GOLDEN / golden).read_bytes()


def test_the_body_of_a_word_document() -> None:
    pytest.importorskip("docx", reason="python-docx is not installed")
    with zipfile.ZipFile(io.BytesIO(written("docx", BOOK))) as parts:
        body = deepcopy(etree.fromstring(parts.read("word/document.xml"))[0])
    etree.indent(body)
    etree.cleanup_namespaces(body)
    found = etree.tostring(body, encoding="unicode") + "\n"
    assert found == (GOLDEN / "body.xml").read_text("utf-8")

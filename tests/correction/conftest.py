# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A book of two pages that was read, and corrections of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from read_books import LINES, make_read_book, read_page_xml

__all__ = ["LINES", "corrections", "hash_of", "page_xml", "saved"]

page_xml = read_page_xml


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace whose two pages have the lines `LINES`."""
    return make_read_book(tmp_path / "book")


def hash_of(book: Path, number: int, group: str = "OCR") -> str:
    [path] = (book / group).glob(f"*_{number}.xml")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def corrections(
    book: Path, *lines: tuple[int, str, str, str], group: str = "OCR", **others: Any
) -> dict[str, Any]:
    """Return corrections: of each line the page, its ID, its new text, and its state."""
    pages: dict[int, list[dict[str, str]]] = {}
    for number, name, new, state in lines:
        entry = {"id": name, "old": LINES.get(name, ""), "new": new, "state": state}
        pages.setdefault(number, []).append(entry)
    return {
        "format": "ocrd-rapid corrections", "version": 1, "group": group,
        "pages": [
            {"id": f"P_{number}", "sha256": hash_of(book, number, group), "lines": found}
            for number, found in pages.items()
        ],
        **others,
    }  # fmt: skip


def saved(folder: Path, value: Any, name: str = "corrections.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path

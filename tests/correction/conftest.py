# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A book of two pages that was read, and corrections of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

LINES = {"l1": "cin Haus", "l2": "am Fcld", "l3": "::~"}


def page_xml(number: int) -> bytes:
    document = PageDocument.for_image(
        f"IMG/{number}.png", 600, 400, "test", created="2026-11-30T00:00:00"
    )
    document.pcgts_id = f"OCR_{number}"

    def corners(x: int, y: int, width: int, height: int) -> Any:
        import numpy as np

        points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        return np.array(points, dtype=np.float32)

    region = document.add_region("r", corners(0, 0, 599, 399))
    for row, (name, text) in enumerate(LINES.items()):
        line = region.add_line(name, corners(5, 10 + 40 * row, 590, 30), 0.9)
        for column, word in enumerate(text.split()):
            place = corners(10 + 100 * column, 12 + 40 * row, 80, 26)
            line.add_word(f"{name}w{column}", place).set_text(word, 0.6)
        line.set_text(text, 0.6)
    region.set_text("\n".join(LINES.values()), 0.6)
    document.append_to_reading_order(["r"])
    return document.to_bytes()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace whose two pages have the lines `LINES`."""
    directory = tmp_path / "book"
    workspace = Workspace.create(directory=directory)
    for number in (1, 2):
        path = workspace.path_to_write(f"IMG/{number}.png")
        Image.new("L", (600, 400), 200 + number).save(path)
        workspace.write_file(f"OCR/OCR_{number}.xml", page_xml(number))
        for group, name, kind, at in (
            ("IMG", f"IMG_{number}", "image/png", f"IMG/{number}.png"),
            ("OCR", f"OCR_{number}", MIMETYPE_PAGE, f"OCR/OCR_{number}.xml"),
        ):
            workspace.mets.add_file(MetsFile(name, group, f"P_{number}", kind, at))
    workspace.save()
    return directory


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

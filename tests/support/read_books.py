# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Books that were read: workspaces whose pages have lines with text and words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

LINES = {"l1": "cin Haus", "l2": "am Fcld", "l3": "::~"}


def corners(x: int, y: int, width: int, height: int) -> NDArray[np.float32]:
    points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return np.array(points, dtype=np.float32)


def read_page_xml(number: int, lines: Mapping[str, str] = LINES, confidence: float = 0.6) -> bytes:
    """Return the PAGE-XML of a page of 600 x 400 pixels, with lines below each other."""
    document = PageDocument.for_image(
        f"IMG/{number}.png", 600, 400, "test", created="2026-11-30T00:00:00"
    )
    document.pcgts_id = f"OCR_{number}"
    region = document.add_region("r", corners(0, 0, 599, 399))
    for row, (name, text) in enumerate(lines.items()):
        line = region.add_line(name, corners(5, 10 + 40 * row, 590, 30), 0.9)
        for column, word in enumerate(text.split()):
            place = corners(10 + 100 * column, 12 + 40 * row, 80, 26)
            line.add_word(f"{name}w{column}", place).set_text(word, confidence)
        line.set_text(text, confidence)
    region.set_text("\n".join(lines.values()), confidence)
    document.append_to_reading_order(["r"])
    return document.to_bytes()


def make_read_book(
    directory: Path, pages: int = 2, lines: Mapping[str, str] = LINES, confidence: float = 0.6
) -> Path:
    """Make a workspace whose pages P_1, P_2, … in the group OCR have lines, and return it."""
    workspace = Workspace.create(directory=directory)
    for number in range(1, pages + 1):
        path = workspace.path_to_write(f"IMG/{number}.png")
        Image.new("L", (600, 400), 200 + number % 50).save(path)
        content = read_page_xml(number, lines, confidence)
        workspace.write_file(f"OCR/OCR_{number}.xml", content)
        for group, name, kind, at in (
            ("IMG", f"IMG_{number}", "image/png", f"IMG/{number}.png"),
            ("OCR", f"OCR_{number}", MIMETYPE_PAGE, f"OCR/OCR_{number}.xml"),
        ):
            workspace.mets.add_file(MetsFile(name, group, f"P_{number}", kind, at))
    workspace.save()
    return directory

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text that a page had, among the text that was recognized on it."""

from __future__ import annotations

import numpy as np

from ocrd_rapid.conversion.merged_text import merged, with_shown
from ocrd_rapid.export.page_xml import fill, page_from
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion
from ocrd_rapid.workspace.page import PageDocument


def region(text: str, left: float, top: float, right: float, bottom: float) -> ReadRegion:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    line = ReadLine(np.array(corners, dtype=np.float32), text, 1.0, id="line")
    return ReadRegion((line,), id="region")


def page(*regions: ReadRegion) -> ReadPage:
    return ReadPage(1000, 1400, regions)


#: Two columns, the left one in two parts.
COLUMNS = page(
    region("a", 100, 200, 480, 500),
    region("b", 100, 600, 480, 1200),
    region("c", 520, 200, 900, 1200),
)


def order(own: ReadPage, recognized: ReadPage = COLUMNS) -> str:
    return " ".join(r.text for r in merged(recognized, own).regions)


def test_a_header_comes_first_and_a_page_number_last() -> None:
    own = page(region("head", 100, 50, 900, 90), region("17", 880, 1300, 900, 1330))
    assert order(own) == "head a b c 17"


def test_a_stamp_comes_where_it_stands() -> None:
    assert order(page(region("stamp", 200, 520, 400, 560))) == "a stamp b c"
    assert order(page(region("right", 600, 100, 700, 150))) == "a b right c"


def test_beside_all_columns_the_height_decides() -> None:
    assert order(page(region("margin", 920, 550, 990, 580))) == "a margin b c"


def test_empty_pages_and_empty_text() -> None:
    header = page(region("head", 0, 0, 10, 10))
    assert order(header, page()) == "head"
    assert order(page(region(" ", 0, 0, 10, 10))) == "a b c"
    assert order(page(ReadRegion(own_text="nowhere"))) == "a b c nowhere"


def test_what_a_page_shows_as_text_is_still_known_in_page_xml() -> None:
    both = merged(COLUMNS, page(region("head", 100, 50, 900, 90)))
    document = PageDocument.for_image("a.png", 1000, 1400, "test")
    fill(document, both)
    again = with_shown(page_from(PageDocument.parse(document.to_bytes())))
    assert [(r.text, r.shown) for r in again.regions] == [
        ("head", True), ("a", False), ("b", False), ("c", False),
    ]  # fmt: skip

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages without text lines: one warning for all of them, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest
from painted_pages import EVERYWHERE, box, classify, detect, letter_page, line, recognize, region
from toys import run_chain, saved, with_groups

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.segments import NAMESPACE
from ocrd_rapid.workspace.workspace import Workspace

RECOGNIZE, CLASSIFY = "ocrd-rapid-recognize", "ocrd-rapid-classify"


@pytest.fixture
def book(tmp_path: Path) -> Workspace:
    """Return a workspace of five images."""
    workspace = Workspace.create(directory=tmp_path / "book")
    for number in range(1, 6):
        path = workspace.path_to_write(f"IMG/{number}.png")
        cv2.imwrite(str(path), letter_page())
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "IMG", f"P_{number}", "image/png", f"IMG/{number}.png")
        )
    workspace.save()
    return workspace


def give_page(workspace: Workspace, number: int, body: str) -> None:
    """Add PAGE-XML of a page to the group of the images."""
    text = (
        f'<PcGts xmlns="{NAMESPACE}"><Page imageFilename="IMG/{number}.png" imageWidth="300"'
        f' imageHeight="400">{body}</Page></PcGts>'
    )
    workspace.write_file(f"IMG/{number}.xml", text.encode())
    name = f"IMG_{number}_PAGE"
    entry = MetsFile(name, "IMG", f"P_{number}", MIMETYPE_PAGE, f"IMG/{number}.xml")
    workspace.mets.add_file(entry)
    workspace.save()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


A_LINE = box(50, 30)

SAID = {
    RECOGNIZE: "no text was read",
    CLASSIFY: "they are unchanged",
}
REMEDY = "unless they are empty, detect their lines first with ocrd-rapid-detect"


@pytest.mark.parametrize(
    ("executable", "processor"), [(RECOGNIZE, recognize()), (CLASSIFY, classify())]
)
def test_images_where_detection_was_forgotten(
    book: Workspace, caplog: pytest.LogCaptureFixture, executable: str, processor: Any
) -> None:
    run_chain(book, (with_groups(executable=executable), processor))
    assert warnings(caplog) == [
        f"{executable}: 5 of 5 pages have no text lines (P_1, P_2, P_3 and 2 more):"
        f" {SAID[executable]}; {REMEDY}"
    ]


@pytest.mark.parametrize(
    ("executable", "processor"), [(RECOGNIZE, recognize()), (CLASSIFY, classify())]
)
def test_regions_without_lines(
    book: Workspace, caplog: pytest.LogCaptureFixture, executable: str, processor: Any
) -> None:
    for number in (1, 3, 4, 5):
        give_page(book, number, region("r", EVERYWHERE, line("l", A_LINE)))
    give_page(book, 2, region("r", EVERYWHERE))
    run_chain(saved(book), (with_groups(executable=executable), processor))
    assert warnings(caplog) == [
        f"{executable}: 1 of 5 pages have no text lines (P_2): {SAID[executable]}; {REMEDY}"
    ]


def test_nothing_is_said_of_pages_where_detection_found_nothing(
    book: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    cv2.imwrite(str(book.directory / "IMG" / "2.png"), letter_page() * 0 + 255)
    steps = ("IMG", "SEG", "ocrd-rapid-detect"), ("SEG", "ORI", CLASSIFY), ("ORI", "OCR", RECOGNIZE)
    made = (detect(), classify(), recognize())
    run_chain(
        book,
        *[(with_groups(i, o, executable=e), p) for (i, o, e), p in zip(steps, made, strict=True)],
    )
    assert warnings(caplog) == []


def test_text_that_other_regions_cover_is_told(
    book: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    graphic = region("g", EVERYWHERE).replace("TextRegion", "GraphicRegion")
    give_page(book, 2, graphic)
    run_chain(saved(book), (with_groups("IMG", "SEG", executable="ocrd-rapid-detect"), detect()))
    (said,) = warnings(caplog)
    assert "P_2" in said
    assert "have text only inside tables, graphics" in said
    assert "-P overwrite_segments true" in said

# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""All processors on outlines that leave the page, however far, and on those of nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from painted_pages import (
    EVERYWHERE,
    box,
    classify,
    detect,
    letter_page,
    line,
    recognize,
    region,
    task,
    texts,
)

from ocrd_rapid.runtime.processor import OpenPage, Processor
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace


def run(folder: Path, body: str, *processors: Processor) -> PageDocument:
    """Return the page as processors leave it that read it from a workspace."""
    images = task(folder, letter_page(), body).images
    workspace = Workspace.create(directory=folder)
    document = workspace.read_page(MetsFile("P", "GT", "P_1", MIMETYPE_PAGE, "page.xml"))
    for processor in processors:
        processor.process(OpenPage("P_1", document, images))
    return document


@pytest.mark.parametrize("far", ["1e4", "1e9", str(2**63), "1e18", "1e38", "1e200"])
def test_a_line_that_leaves_the_page_is_read_as_if_it_ended_there(tmp_path: Path, far: str) -> None:
    outline = f"44,24 {far},24 {far},48 44,48"
    body = region(
        "r", f"0,0 {far},0 {far},{far} 0,{far}", line("l", outline), line("m", box(50, 70))
    )
    document = run(tmp_path, body, classify(), recognize())
    assert texts(document) == [["a", "b"]]
    assert "1e" not in document.to_bytes().decode()


@pytest.mark.parametrize("far", ["1e9", "1e18", "1e38"])
def test_lines_are_found_in_a_region_that_leaves_the_page(tmp_path: Path, far: str) -> None:
    body = region("r", f"-{far},-{far} {far},-{far} {far},{far} -{far},{far}")
    assert texts(run(tmp_path, body, detect("region"), recognize())) == [list("abcdef")]


@pytest.mark.parametrize("points", ["400,10 500,10 500,30 400,30", "5,5", "5,5 50,50 5,5", ""])
def test_a_line_of_no_area_on_the_page_is_left_unread(
    tmp_path: Path, points: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = region("r", EVERYWHERE, line("l", points), line("m", box(50, 70)))
    document = run(tmp_path, body, classify("line"), recognize())
    assert texts(document) == [[None, "b"]]
    assert "line l is not read: it has neither outline nor baseline" in caplog.text


@pytest.mark.parametrize("border", ["5,5 5,5 5,5 5,5", "0,50 299,50", "900,0 999,0 999,99 900,99"])
def test_a_border_without_area_hides_nothing(tmp_path: Path, border: str) -> None:
    body = f'<Border><Coords points="{border}"/></Border>'
    document = run(tmp_path, body, detect(), recognize())
    assert texts(document) == [list("abc"), list("def")]


def test_the_lines_of_cells_of_transkribus_are_read(tmp_path: Path) -> None:
    cells = "".join(
        f'<TableCell id="c{n}" row="{n}" col="0">{line(f"l{n}", box(50, 30 + 40 * n))}</TableCell>'
        for n in range(3)
    )
    body = f'<TableRegion id="t"><Coords points="{EVERYWHERE}"/>{cells}</TableRegion>'
    assert texts(run(tmp_path, body, recognize())) == [["a"], ["b"], ["c"]]
